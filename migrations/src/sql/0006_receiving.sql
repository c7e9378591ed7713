-- Receiving in depth: lines that end an order line, discrepancies, returns to suppliers.

ALTER TABLE qm.receipt_line ADD COLUMN is_final boolean NOT NULL DEFAULT false;
COMMENT ON COLUMN qm.receipt_line.is_final IS 'the receiver expects no more of the order line';
CREATE INDEX receipt_line_item ON qm.receipt_line (tenant_id, item_id); -- the receipts of an item

CREATE TABLE qm.discrepancy (
  tenant_id uuid NOT NULL, id uuid NOT NULL, number text NOT NULL, receipt_id uuid NOT NULL, receipt_line_number integer, order_id uuid, order_line_number integer,
  supplier_id uuid NOT NULL, location_id uuid NOT NULL, item_id uuid, kind text NOT NULL, quantity numeric(18,6) NOT NULL, unit text, amount numeric(20,4) NOT NULL,
  reason text, owner_account_id uuid NOT NULL, due_on date NOT NULL, status text NOT NULL, resolution text, resolution_note text, resolved_at timestamptz, found_by_system boolean NOT NULL,
  version integer NOT NULL, event_sequence integer NOT NULL, event_hash bytea NOT NULL, created_at timestamptz NOT NULL, updated_at timestamptz NOT NULL,
  CONSTRAINT discrepancy_pkey PRIMARY KEY (tenant_id, id),
  CONSTRAINT discrepancy_number_key UNIQUE (tenant_id, number),
  CONSTRAINT discrepancy_receipt_fkey FOREIGN KEY (tenant_id, receipt_id) REFERENCES qm.receipt (tenant_id, id),
  CONSTRAINT discrepancy_order_fkey FOREIGN KEY (tenant_id, order_id) REFERENCES qm.purchase_order (tenant_id, id),
  CONSTRAINT discrepancy_supplier_fkey FOREIGN KEY (tenant_id, supplier_id) REFERENCES qm.supplier (tenant_id, id),
  CONSTRAINT discrepancy_location_fkey FOREIGN KEY (tenant_id, location_id) REFERENCES qm.location (tenant_id, id),
  CONSTRAINT discrepancy_item_fkey FOREIGN KEY (tenant_id, item_id) REFERENCES qm.item (tenant_id, id));
COMMENT ON COLUMN qm.discrepancy.amount IS 'what is in dispute, in the tenant''s currency';
CREATE INDEX discrepancy_receipt ON qm.discrepancy (tenant_id, receipt_id); -- the discrepancies of a receipt
CREATE INDEX discrepancy_order ON qm.discrepancy (tenant_id, order_id); -- the discrepancies of an order
CREATE INDEX discrepancy_open ON qm.discrepancy (tenant_id, owner_account_id, due_on) WHERE status = 'OPEN'; -- somebody's queue

CREATE TABLE qm.supplier_return (
  tenant_id uuid NOT NULL, id uuid NOT NULL, number text NOT NULL, supplier_id uuid NOT NULL, location_id uuid NOT NULL, status text NOT NULL, currency text NOT NULL,
  returned_on date NOT NULL, authorisation_number text, reason text NOT NULL, decision_reason text, net_amount numeric(20,4) NOT NULL, round integer NOT NULL, required_level smallint,
  approvals smallint NOT NULL, maker_account_id uuid NOT NULL, discrepancy_id uuid, shipped_on date, tracking_number text,
  version integer NOT NULL, event_sequence integer NOT NULL, event_hash bytea NOT NULL, created_at timestamptz NOT NULL, updated_at timestamptz NOT NULL,
  CONSTRAINT supplier_return_pkey PRIMARY KEY (tenant_id, id),
  CONSTRAINT supplier_return_number_key UNIQUE (tenant_id, number),
  CONSTRAINT supplier_return_supplier_fkey FOREIGN KEY (tenant_id, supplier_id) REFERENCES qm.supplier (tenant_id, id),
  CONSTRAINT supplier_return_location_fkey FOREIGN KEY (tenant_id, location_id) REFERENCES qm.location (tenant_id, id),
  CONSTRAINT supplier_return_discrepancy_fkey FOREIGN KEY (tenant_id, discrepancy_id) REFERENCES qm.discrepancy (tenant_id, id));
COMMENT ON COLUMN qm.supplier_return.net_amount IS 'the credit that is expected: the lines at their prices';
CREATE INDEX supplier_return_supplier ON qm.supplier_return (tenant_id, supplier_id); -- the returns to a supplier

CREATE TABLE qm.supplier_return_line (
  tenant_id uuid NOT NULL, id uuid NOT NULL, line_number integer NOT NULL, item_id uuid NOT NULL, quantity numeric(18,6) NOT NULL, unit text NOT NULL, base_per_unit numeric(18,6) NOT NULL,
  unit_price numeric(18,4) NOT NULL, net_amount numeric(20,4) NOT NULL, lot text NOT NULL, stock_status text NOT NULL, reason text, receipt_id uuid, receipt_line_number integer,
  order_id uuid, order_line_number integer, unit_cost numeric(20,6),
  CONSTRAINT supplier_return_line_pkey PRIMARY KEY (tenant_id, id, line_number),
  CONSTRAINT supplier_return_line_return_fkey FOREIGN KEY (tenant_id, id) REFERENCES qm.supplier_return (tenant_id, id),
  CONSTRAINT supplier_return_line_item_fkey FOREIGN KEY (tenant_id, item_id) REFERENCES qm.item (tenant_id, id),
  CONSTRAINT supplier_return_line_receipt_fkey FOREIGN KEY (tenant_id, receipt_id) REFERENCES qm.receipt (tenant_id, id),
  CONSTRAINT supplier_return_line_order_fkey FOREIGN KEY (tenant_id, order_id) REFERENCES qm.purchase_order (tenant_id, id));
COMMENT ON COLUMN qm.supplier_return_line.unit_cost IS 'what one base unit left stock at';
CREATE INDEX supplier_return_line_receipt ON qm.supplier_return_line (tenant_id, receipt_id); -- what of a receipt went back

-- Lines of an open receipt are entered again when somebody counts again.
GRANT DELETE ON qm.receipt_line TO quartermaster_app;
