-- Documents that move stock: adjustments, counts, transfers.

-- A correction of stock by people, each with a reason; value is what it moves, at cost, without sign.
CREATE TABLE qm.adjustment (
  tenant_id uuid NOT NULL, id uuid NOT NULL, number text NOT NULL, location_id uuid NOT NULL, status text NOT NULL, reason text NOT NULL, note text, count_id uuid,
  value numeric(20,4) NOT NULL, required_level smallint, round integer NOT NULL, maker_account_id uuid NOT NULL, poster_person_id uuid, refusal text,
  version integer NOT NULL, event_sequence integer NOT NULL, event_hash bytea NOT NULL, created_at timestamptz NOT NULL, updated_at timestamptz NOT NULL,
  CONSTRAINT adjustment_pkey PRIMARY KEY (tenant_id, id),
  CONSTRAINT adjustment_number_key UNIQUE (tenant_id, number),
  CONSTRAINT adjustment_location_fkey FOREIGN KEY (tenant_id, location_id) REFERENCES qm.location (tenant_id, id));
CREATE INDEX adjustment_location ON qm.adjustment (tenant_id, location_id, id); -- the adjustments of a location
CREATE INDEX adjustment_waiting ON qm.adjustment (tenant_id, status, id) WHERE status IN ('DRAFT', 'IN_APPROVAL'); -- what waits for somebody

CREATE TABLE qm.adjustment_line (
  tenant_id uuid NOT NULL, id uuid NOT NULL, line_number integer NOT NULL, item_id uuid NOT NULL, lot text NOT NULL, stock_status text NOT NULL,
  quantity numeric(18,6) NOT NULL, unit_cost numeric(20,6), moved_cost numeric(20,6),
  CONSTRAINT adjustment_line_pkey PRIMARY KEY (tenant_id, id, line_number),
  CONSTRAINT adjustment_line_adjustment_fkey FOREIGN KEY (tenant_id, id) REFERENCES qm.adjustment (tenant_id, id),
  CONSTRAINT adjustment_line_item_fkey FOREIGN KEY (tenant_id, item_id) REFERENCES qm.item (tenant_id, id));
COMMENT ON COLUMN qm.adjustment_line.id IS 'the adjustment''s; quantities are signed and in base units';

-- A count of a location's stock, or of some items of it. pass 2 and later are recounts.
CREATE TABLE qm.stock_count (
  tenant_id uuid NOT NULL, id uuid NOT NULL, number text NOT NULL, location_id uuid NOT NULL, status text NOT NULL, blind boolean NOT NULL, tolerance_percent numeric(7,4) NOT NULL,
  item_ids uuid[], note text, pass integer NOT NULL, round integer NOT NULL, value numeric(20,4) NOT NULL, required_level smallint, planner_account_id uuid NOT NULL, started_at timestamptz, reason text,
  version integer NOT NULL, event_sequence integer NOT NULL, event_hash bytea NOT NULL, created_at timestamptz NOT NULL, updated_at timestamptz NOT NULL,
  CONSTRAINT stock_count_pkey PRIMARY KEY (tenant_id, id),
  CONSTRAINT stock_count_number_key UNIQUE (tenant_id, number),
  CONSTRAINT stock_count_location_fkey FOREIGN KEY (tenant_id, location_id) REFERENCES qm.location (tenant_id, id));
CREATE INDEX stock_count_location ON qm.stock_count (tenant_id, location_id, id); -- the counts of a location
CREATE INDEX stock_count_open ON qm.stock_count (tenant_id, location_id) WHERE status IN ('IN_PROGRESS', 'RECOUNT_ASKED'); -- is this stock being counted?
COMMENT ON COLUMN qm.stock_count.item_ids IS 'what is counted; null for everything at the location';

-- A place that is counted. expected is the position when the last quantity was entered: snapshot and all movements until then.
CREATE TABLE qm.stock_count_line (
  tenant_id uuid NOT NULL, id uuid NOT NULL, item_id uuid NOT NULL, lot text NOT NULL, stock_status text NOT NULL,
  snapshot_quantity numeric(20,6) NOT NULL, snapshot_version integer NOT NULL, asked boolean NOT NULL,
  counted_quantity numeric(20,6), expected_quantity numeric(20,6), unit_cost numeric(20,6), previous_variance numeric(20,6), counted_at timestamptz,
  CONSTRAINT stock_count_line_pkey PRIMARY KEY (tenant_id, id, item_id, lot, stock_status),
  CONSTRAINT stock_count_line_count_fkey FOREIGN KEY (tenant_id, id) REFERENCES qm.stock_count (tenant_id, id),
  CONSTRAINT stock_count_line_item_fkey FOREIGN KEY (tenant_id, item_id) REFERENCES qm.item (tenant_id, id));
COMMENT ON COLUMN qm.stock_count_line.id IS 'the count''s; snapshot_version is the position''s, its place in the ledger; asked: to be counted in this pass';

-- What each counter entered: several add up.
CREATE TABLE qm.stock_count_entry (
  tenant_id uuid NOT NULL, id uuid NOT NULL, count_id uuid NOT NULL, pass integer NOT NULL, item_id uuid NOT NULL, lot text NOT NULL, stock_status text NOT NULL,
  quantity numeric(20,6) NOT NULL, account_id uuid NOT NULL, person_id uuid, at timestamptz NOT NULL,
  CONSTRAINT stock_count_entry_pkey PRIMARY KEY (tenant_id, id),
  CONSTRAINT stock_count_entry_count_fkey FOREIGN KEY (tenant_id, count_id) REFERENCES qm.stock_count (tenant_id, id));
CREATE INDEX stock_count_entry_count ON qm.stock_count_entry (tenant_id, count_id, pass); -- who entered lines of a pass

-- Stock sent from one location to another. Between shipping and receiving it lies IN_TRANSIT at the location it goes to.
CREATE TABLE qm.transfer (
  tenant_id uuid NOT NULL, id uuid NOT NULL, number text NOT NULL, from_location_id uuid NOT NULL, to_location_id uuid NOT NULL, status text NOT NULL, expected_on date, note text, reason text,
  requester_account_id uuid NOT NULL, shipped_at timestamptz,
  version integer NOT NULL, event_sequence integer NOT NULL, event_hash bytea NOT NULL, created_at timestamptz NOT NULL, updated_at timestamptz NOT NULL,
  CONSTRAINT transfer_pkey PRIMARY KEY (tenant_id, id),
  CONSTRAINT transfer_number_key UNIQUE (tenant_id, number),
  CONSTRAINT transfer_from_fkey FOREIGN KEY (tenant_id, from_location_id) REFERENCES qm.location (tenant_id, id),
  CONSTRAINT transfer_to_fkey FOREIGN KEY (tenant_id, to_location_id) REFERENCES qm.location (tenant_id, id));
CREATE INDEX transfer_from ON qm.transfer (tenant_id, from_location_id, id); -- what leaves a location
CREATE INDEX transfer_to ON qm.transfer (tenant_id, to_location_id, id); -- what comes to a location

CREATE TABLE qm.transfer_line (
  tenant_id uuid NOT NULL, id uuid NOT NULL, line_number integer NOT NULL, item_id uuid NOT NULL, lot text NOT NULL,
  quantity numeric(18,6) NOT NULL, shipped_quantity numeric(18,6) NOT NULL, received_quantity numeric(18,6) NOT NULL, damaged_quantity numeric(18,6) NOT NULL, lost_quantity numeric(18,6) NOT NULL,
  CONSTRAINT transfer_line_pkey PRIMARY KEY (tenant_id, id, line_number),
  CONSTRAINT transfer_line_transfer_fkey FOREIGN KEY (tenant_id, id) REFERENCES qm.transfer (tenant_id, id),
  CONSTRAINT transfer_line_item_fkey FOREIGN KEY (tenant_id, item_id) REFERENCES qm.item (tenant_id, id));
COMMENT ON COLUMN qm.transfer_line.id IS 'the transfer''s; quantities are in base units; received contains damaged; lost is the difference on record';
