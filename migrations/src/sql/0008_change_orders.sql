-- Changes of released orders (UBL OrderChange): proposed, approved, effective as the order's next revision.

CREATE TABLE qm.change_order (
  tenant_id uuid NOT NULL, id uuid NOT NULL, order_id uuid NOT NULL, revision integer NOT NULL, status text NOT NULL, reason text NOT NULL, decision_reason text,
  changes jsonb NOT NULL, proposed jsonb NOT NULL, net_before numeric(20,4) NOT NULL, net_after numeric(20,4) NOT NULL, currency text NOT NULL,
  round integer NOT NULL, required_level smallint NOT NULL, approvals smallint NOT NULL, creator_account_id uuid NOT NULL,
  version integer NOT NULL, event_sequence integer NOT NULL, event_hash bytea NOT NULL, created_at timestamptz NOT NULL, updated_at timestamptz NOT NULL,
  CONSTRAINT change_order_pkey PRIMARY KEY (tenant_id, id),
  CONSTRAINT change_order_order_fkey FOREIGN KEY (tenant_id, order_id) REFERENCES qm.purchase_order (tenant_id, id));
CREATE INDEX change_order_order ON qm.change_order (tenant_id, order_id, id); -- the changes of an order
CREATE UNIQUE INDEX change_order_open_key ON qm.change_order (tenant_id, order_id) WHERE status = 'IN_APPROVAL'; -- at most one is open
COMMENT ON COLUMN qm.change_order.changes IS 'the readable difference: line, field, before, after';
COMMENT ON COLUMN qm.change_order.proposed IS 'the lines that change, as they would be';
