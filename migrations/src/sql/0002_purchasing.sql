-- Suppliers, items, orders, receipts and stock as the spine needs them.

CREATE TABLE qm.supplier (
  tenant_id uuid NOT NULL, id uuid NOT NULL, code text NOT NULL, legal_name text NOT NULL, status text NOT NULL, ordering_blocked boolean NOT NULL DEFAULT false,
  tax_id text, gln text, currency text NOT NULL, payment_terms_days integer, lead_time_days integer, incoterm text, external_key text,
  version integer NOT NULL, event_sequence integer NOT NULL, event_hash bytea NOT NULL, created_at timestamptz NOT NULL, updated_at timestamptz NOT NULL,
  CONSTRAINT supplier_pkey PRIMARY KEY (tenant_id, id),
  CONSTRAINT supplier_code_key UNIQUE (tenant_id, code));

CREATE TABLE qm.item (
  tenant_id uuid NOT NULL, id uuid NOT NULL, sku text NOT NULL, name text NOT NULL, description text, category_id uuid, base_unit text NOT NULL, status text NOT NULL,
  lot_tracked boolean NOT NULL DEFAULT false, expiry_tracked boolean NOT NULL DEFAULT false, serial_tracked boolean NOT NULL DEFAULT false, regulated boolean NOT NULL DEFAULT false,
  version integer NOT NULL, event_sequence integer NOT NULL, event_hash bytea NOT NULL, created_at timestamptz NOT NULL, updated_at timestamptz NOT NULL,
  CONSTRAINT item_pkey PRIMARY KEY (tenant_id, id),
  CONSTRAINT item_sku_key UNIQUE (tenant_id, sku));

-- Pack hierarchy: how many base units one pack holds. level: EACH, INNER, CASE, PALLET.
CREATE TABLE qm.item_pack (
  tenant_id uuid NOT NULL, id uuid NOT NULL, unit text NOT NULL, level text NOT NULL, base_quantity numeric(18,6) NOT NULL,
  CONSTRAINT item_pack_pkey PRIMARY KEY (tenant_id, id, unit),
  CONSTRAINT item_pack_item_fkey FOREIGN KEY (tenant_id, id) REFERENCES qm.item (tenant_id, id));
COMMENT ON COLUMN qm.item_pack.id IS 'the item''s';

CREATE TABLE qm.item_gtin (
  tenant_id uuid NOT NULL, gtin text NOT NULL, item_id uuid NOT NULL, unit text NOT NULL,
  CONSTRAINT item_gtin_pkey PRIMARY KEY (tenant_id, gtin),
  CONSTRAINT item_gtin_item_fkey FOREIGN KEY (tenant_id, item_id) REFERENCES qm.item (tenant_id, id));
CREATE INDEX item_gtin_item ON qm.item_gtin (tenant_id, item_id); -- the GTINs of an item
COMMENT ON COLUMN qm.item_gtin.gtin IS 'as 14 digits, zeros in front';

CREATE TABLE qm.purchase_order (
  tenant_id uuid NOT NULL, id uuid NOT NULL, number text NOT NULL, supplier_id uuid NOT NULL, location_id uuid NOT NULL, status text NOT NULL, held_from text,
  currency text NOT NULL, ordered_on date NOT NULL, expected_on date, note text, reference text,
  net_amount numeric(20,4) NOT NULL, tax_amount numeric(20,4) NOT NULL, revision integer NOT NULL, round integer NOT NULL,
  required_level smallint, approvals smallint NOT NULL, buyer_account_id uuid NOT NULL, reason text,
  version integer NOT NULL, event_sequence integer NOT NULL, event_hash bytea NOT NULL, created_at timestamptz NOT NULL, updated_at timestamptz NOT NULL,
  CONSTRAINT purchase_order_pkey PRIMARY KEY (tenant_id, id),
  CONSTRAINT purchase_order_number_key UNIQUE (tenant_id, number),
  CONSTRAINT purchase_order_supplier_fkey FOREIGN KEY (tenant_id, supplier_id) REFERENCES qm.supplier (tenant_id, id),
  CONSTRAINT purchase_order_location_fkey FOREIGN KEY (tenant_id, location_id) REFERENCES qm.location (tenant_id, id));
COMMENT ON COLUMN qm.purchase_order.net_amount IS 'sum of the lines, each rounded to the currency';

CREATE TABLE qm.purchase_order_line (
  tenant_id uuid NOT NULL, id uuid NOT NULL, line_number integer NOT NULL, item_id uuid NOT NULL,
  quantity numeric(18,6) NOT NULL, unit text NOT NULL, base_per_unit numeric(18,6) NOT NULL, unit_price numeric(18,4) NOT NULL, tax_rate numeric(7,4) NOT NULL,
  net_amount numeric(20,4) NOT NULL, tax_amount numeric(20,4) NOT NULL, expected_on date,
  received_quantity numeric(18,6) NOT NULL, returned_quantity numeric(18,6) NOT NULL, closed_quantity numeric(18,6) NOT NULL, is_open boolean NOT NULL,
  CONSTRAINT purchase_order_line_pkey PRIMARY KEY (tenant_id, id, line_number),
  CONSTRAINT purchase_order_line_order_fkey FOREIGN KEY (tenant_id, id) REFERENCES qm.purchase_order (tenant_id, id),
  CONSTRAINT purchase_order_line_item_fkey FOREIGN KEY (tenant_id, item_id) REFERENCES qm.item (tenant_id, id));
CREATE INDEX purchase_order_line_open ON qm.purchase_order_line (tenant_id, item_id) WHERE is_open; -- inbound quantity of an item
COMMENT ON COLUMN qm.purchase_order_line.id IS 'the order''s; quantities received, returned and closed are in the line''s own unit';

-- Stock is kept by item, location, lot (empty for none), stock status and owner (nil uuid: the tenant itself).
CREATE TABLE qm.stock_position (
  tenant_id uuid NOT NULL, id uuid NOT NULL, location_id uuid NOT NULL, item_id uuid NOT NULL, lot text NOT NULL, stock_status text NOT NULL, owner_id uuid NOT NULL,
  quantity numeric(20,6) NOT NULL, allocated numeric(20,6) NOT NULL, average_cost numeric(20,6) NOT NULL, version integer NOT NULL, updated_at timestamptz NOT NULL,
  CONSTRAINT stock_position_pkey PRIMARY KEY (tenant_id, id),
  CONSTRAINT stock_position_place_key UNIQUE (tenant_id, item_id, location_id, lot, stock_status, owner_id),
  CONSTRAINT stock_position_location_fkey FOREIGN KEY (tenant_id, location_id) REFERENCES qm.location (tenant_id, id),
  CONSTRAINT stock_position_item_fkey FOREIGN KEY (tenant_id, item_id) REFERENCES qm.item (tenant_id, id));
CREATE INDEX stock_position_location ON qm.stock_position (tenant_id, location_id, item_id); -- the stock of a location
COMMENT ON COLUMN qm.stock_position.stock_status IS 'AVAILABLE, QUARANTINE, IN_TRANSIT';

-- The append-only ledger: the only way to move stock. Keyed by the document that moved it.
CREATE TABLE qm.stock_movement (
  tenant_id uuid NOT NULL, document_id uuid NOT NULL, sequence integer NOT NULL, position_id uuid NOT NULL, quantity numeric(20,6) NOT NULL, unit_cost numeric(20,6) NOT NULL,
  reason text NOT NULL, document_kind text NOT NULL, document_line integer, at timestamptz NOT NULL, act_id uuid NOT NULL,
  CONSTRAINT stock_movement_pkey PRIMARY KEY (tenant_id, document_id, sequence),
  CONSTRAINT stock_movement_position_fkey FOREIGN KEY (tenant_id, position_id) REFERENCES qm.stock_position (tenant_id, id));
CREATE INDEX stock_movement_position ON qm.stock_movement (tenant_id, position_id, at); -- the history of a position; quantity at a past moment

CREATE TABLE qm.receipt (
  tenant_id uuid NOT NULL, id uuid NOT NULL, number text NOT NULL, supplier_id uuid NOT NULL, location_id uuid NOT NULL, status text NOT NULL, blind boolean NOT NULL,
  received_on date NOT NULL, delivery_note text, reason text, receiver_account_id uuid NOT NULL, round integer NOT NULL,
  version integer NOT NULL, event_sequence integer NOT NULL, event_hash bytea NOT NULL, created_at timestamptz NOT NULL, updated_at timestamptz NOT NULL,
  CONSTRAINT receipt_pkey PRIMARY KEY (tenant_id, id),
  CONSTRAINT receipt_number_key UNIQUE (tenant_id, number),
  CONSTRAINT receipt_supplier_fkey FOREIGN KEY (tenant_id, supplier_id) REFERENCES qm.supplier (tenant_id, id),
  CONSTRAINT receipt_location_fkey FOREIGN KEY (tenant_id, location_id) REFERENCES qm.location (tenant_id, id));

CREATE TABLE qm.receipt_order (
  tenant_id uuid NOT NULL, id uuid NOT NULL, order_id uuid NOT NULL,
  CONSTRAINT receipt_order_pkey PRIMARY KEY (tenant_id, id, order_id),
  CONSTRAINT receipt_order_receipt_fkey FOREIGN KEY (tenant_id, id) REFERENCES qm.receipt (tenant_id, id),
  CONSTRAINT receipt_order_order_fkey FOREIGN KEY (tenant_id, order_id) REFERENCES qm.purchase_order (tenant_id, id));
CREATE INDEX receipt_order_order ON qm.receipt_order (tenant_id, order_id); -- the receipts of an order

CREATE TABLE qm.receipt_line (
  tenant_id uuid NOT NULL, id uuid NOT NULL, line_number integer NOT NULL, order_id uuid, order_line_number integer, item_id uuid NOT NULL,
  quantity numeric(18,6) NOT NULL, damaged_quantity numeric(18,6) NOT NULL, unit text NOT NULL, base_per_unit numeric(18,6) NOT NULL, unit_cost numeric(20,6) NOT NULL, lot text NOT NULL, expires_on date,
  CONSTRAINT receipt_line_pkey PRIMARY KEY (tenant_id, id, line_number),
  CONSTRAINT receipt_line_receipt_fkey FOREIGN KEY (tenant_id, id) REFERENCES qm.receipt (tenant_id, id),
  CONSTRAINT receipt_line_item_fkey FOREIGN KEY (tenant_id, item_id) REFERENCES qm.item (tenant_id, id));
COMMENT ON COLUMN qm.receipt_line.unit_cost IS 'for one base unit';
