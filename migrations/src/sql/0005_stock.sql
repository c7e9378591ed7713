-- Stock in depth: thresholds, adjustments, counts, transfers.

ALTER TABLE qm.stock_position ADD COLUMN event_sequence integer NOT NULL DEFAULT 0;
ALTER TABLE qm.stock_position ADD COLUMN event_hash bytea NOT NULL DEFAULT '';

-- Below this much available stock of an item at a location somebody is told, once for each crossing.
CREATE TABLE qm.stock_threshold (
  tenant_id uuid NOT NULL, id uuid NOT NULL, item_id uuid NOT NULL, location_id uuid NOT NULL,
  reorder_point numeric(18,6) NOT NULL, safety_stock numeric(18,6) NOT NULL, is_below boolean NOT NULL,
  version integer NOT NULL, event_sequence integer NOT NULL, event_hash bytea NOT NULL, created_at timestamptz NOT NULL, updated_at timestamptz NOT NULL,
  CONSTRAINT stock_threshold_pkey PRIMARY KEY (tenant_id, id),
  CONSTRAINT stock_threshold_place_key UNIQUE (tenant_id, item_id, location_id),
  CONSTRAINT stock_threshold_item_fkey FOREIGN KEY (tenant_id, item_id) REFERENCES qm.item (tenant_id, id),
  CONSTRAINT stock_threshold_location_fkey FOREIGN KEY (tenant_id, location_id) REFERENCES qm.location (tenant_id, id));
COMMENT ON COLUMN qm.stock_threshold.reorder_point IS 'in base units';
