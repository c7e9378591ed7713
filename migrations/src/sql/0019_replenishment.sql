-- Replenishment policies: reorder points and safety stocks that one person proposes and another approves. What was approved stands in stock_threshold.

CREATE TABLE qm.replenishment_policy (
  tenant_id uuid NOT NULL, id uuid NOT NULL, status text NOT NULL, note text, location_ids uuid[] NOT NULL, line_count integer NOT NULL,
  proposer_account_id uuid NOT NULL, decider_account_id uuid, reason text,
  version integer NOT NULL, event_sequence integer NOT NULL, event_hash bytea NOT NULL, created_at timestamptz NOT NULL, updated_at timestamptz NOT NULL,
  CONSTRAINT replenishment_policy_pkey PRIMARY KEY (tenant_id, id));
CREATE INDEX replenishment_policy_waiting ON qm.replenishment_policy (tenant_id, id) WHERE status = 'PENDING'; -- what waits for somebody
COMMENT ON COLUMN qm.replenishment_policy.location_ids IS 'all locations of its lines, each once: who does not see all of them does not see it';

CREATE TABLE qm.replenishment_policy_line (
  tenant_id uuid NOT NULL, id uuid NOT NULL, line_number integer NOT NULL, item_id uuid NOT NULL, location_id uuid NOT NULL,
  reorder_point numeric(18,6) NOT NULL, safety_stock numeric(18,6) NOT NULL,
  CONSTRAINT replenishment_policy_line_pkey PRIMARY KEY (tenant_id, id, line_number),
  CONSTRAINT replenishment_policy_line_place_key UNIQUE (tenant_id, id, item_id, location_id),
  CONSTRAINT replenishment_policy_line_policy_fkey FOREIGN KEY (tenant_id, id) REFERENCES qm.replenishment_policy (tenant_id, id),
  CONSTRAINT replenishment_policy_line_item_fkey FOREIGN KEY (tenant_id, item_id) REFERENCES qm.item (tenant_id, id),
  CONSTRAINT replenishment_policy_line_location_fkey FOREIGN KEY (tenant_id, location_id) REFERENCES qm.location (tenant_id, id));
CREATE INDEX replenishment_policy_line_item ON qm.replenishment_policy_line (tenant_id, item_id, id); -- the policies of an item
COMMENT ON COLUMN qm.replenishment_policy_line.id IS 'the policy''s; quantities are in base units';
