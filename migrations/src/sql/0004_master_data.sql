-- Master data: suppliers with sites, contacts and bank details, items with categories, agreed prices, changes by two people, imports.

ALTER TABLE qm.supplier ADD COLUMN hold_reason text;
CREATE INDEX purchase_order_supplier_status ON qm.purchase_order (tenant_id, supplier_id, status); -- is there open business with this supplier; orders of a supplier
CREATE INDEX item_category ON qm.item (tenant_id, category_id) WHERE category_id IS NOT NULL; -- the items of a category

CREATE TABLE qm.supplier_site (
  tenant_id uuid NOT NULL, id uuid NOT NULL, code text NOT NULL, name text NOT NULL, gln text, street text, city text, postal_code text, subdivision text, country text,
  CONSTRAINT supplier_site_pkey PRIMARY KEY (tenant_id, id, code),
  CONSTRAINT supplier_site_supplier_fkey FOREIGN KEY (tenant_id, id) REFERENCES qm.supplier (tenant_id, id));
COMMENT ON COLUMN qm.supplier_site.id IS 'the supplier''s';

CREATE TABLE qm.supplier_contact (
  tenant_id uuid NOT NULL, id uuid NOT NULL, line_number integer NOT NULL, name text NOT NULL, role text, email text, phone text,
  CONSTRAINT supplier_contact_pkey PRIMARY KEY (tenant_id, id, line_number),
  CONSTRAINT supplier_contact_supplier_fkey FOREIGN KEY (tenant_id, id) REFERENCES qm.supplier (tenant_id, id));
COMMENT ON COLUMN qm.supplier_contact.id IS 'the supplier''s';

-- Bank details in force, and their proposed changes. sealed is AES-256-GCM (nonce, text, tag); nothing reads it back but the payment hand-off to come.
CREATE TABLE qm.supplier_bank (
  tenant_id uuid NOT NULL, id uuid NOT NULL, change_id uuid NOT NULL, sealed bytea NOT NULL, key_id text NOT NULL, mask text NOT NULL, country text NOT NULL, updated_at timestamptz NOT NULL,
  CONSTRAINT supplier_bank_pkey PRIMARY KEY (tenant_id, id),
  CONSTRAINT supplier_bank_supplier_fkey FOREIGN KEY (tenant_id, id) REFERENCES qm.supplier (tenant_id, id));
COMMENT ON COLUMN qm.supplier_bank.id IS 'the supplier''s';

CREATE TABLE qm.supplier_bank_change (
  tenant_id uuid NOT NULL, id uuid NOT NULL, supplier_id uuid NOT NULL, status text NOT NULL, sealed bytea NOT NULL, key_id text NOT NULL, mask text NOT NULL, country text NOT NULL,
  proposer_account_id uuid NOT NULL, decider_account_id uuid, verified_by text, reason text, round integer NOT NULL,
  version integer NOT NULL, event_sequence integer NOT NULL, event_hash bytea NOT NULL, created_at timestamptz NOT NULL, updated_at timestamptz NOT NULL,
  CONSTRAINT supplier_bank_change_pkey PRIMARY KEY (tenant_id, id),
  CONSTRAINT supplier_bank_change_supplier_fkey FOREIGN KEY (tenant_id, supplier_id) REFERENCES qm.supplier (tenant_id, id));
CREATE INDEX supplier_bank_change_supplier ON qm.supplier_bank_change (tenant_id, supplier_id, id); -- the changes of a supplier's bank details
COMMENT ON COLUMN qm.supplier_bank_change.verified_by IS 'the second route by which the details were checked';

CREATE TABLE qm.category (
  tenant_id uuid NOT NULL, id uuid NOT NULL, code text NOT NULL, name text NOT NULL, parent_id uuid,
  version integer NOT NULL, event_sequence integer NOT NULL, event_hash bytea NOT NULL, created_at timestamptz NOT NULL, updated_at timestamptz NOT NULL,
  CONSTRAINT category_pkey PRIMARY KEY (tenant_id, id),
  CONSTRAINT category_code_key UNIQUE (tenant_id, code));
CREATE INDEX category_parent ON qm.category (tenant_id, parent_id); -- the children of a category

-- What one person proposes and another approves: kind SUPPLIER_CHANGE, ITEM_CHANGE, PRICE_LIST; status DRAFT (still being read), PENDING, APPROVED, REJECTED, WITHDRAWN.
CREATE TABLE qm.master_change (
  tenant_id uuid NOT NULL, id uuid NOT NULL, kind text NOT NULL, status text NOT NULL, action text NOT NULL, target_id uuid, name text, line_count integer NOT NULL,
  proposer_account_id uuid NOT NULL, decider_account_id uuid, reason text, round integer NOT NULL,
  version integer NOT NULL, event_sequence integer NOT NULL, event_hash bytea NOT NULL, created_at timestamptz NOT NULL, updated_at timestamptz NOT NULL,
  CONSTRAINT master_change_pkey PRIMARY KEY (tenant_id, id));
CREATE INDEX master_change_kind ON qm.master_change (tenant_id, kind, id); -- changes of one kind, newest first
CREATE INDEX master_change_target ON qm.master_change (tenant_id, target_id, id) WHERE target_id IS NOT NULL; -- the changes of one record
COMMENT ON COLUMN qm.master_change.action IS 'CREATE, UPDATE, CLOSE, ACTIVATE, DEACTIVATE, PRICES, IMPORT';

CREATE TABLE qm.master_change_line (
  tenant_id uuid NOT NULL, id uuid NOT NULL, line_number integer NOT NULL, target_id uuid NOT NULL, supplier_id uuid, action text NOT NULL, record jsonb NOT NULL, differences jsonb NOT NULL,
  CONSTRAINT master_change_line_pkey PRIMARY KEY (tenant_id, id, line_number),
  CONSTRAINT master_change_line_change_fkey FOREIGN KEY (tenant_id, id) REFERENCES qm.master_change (tenant_id, id));
CREATE INDEX master_change_line_target ON qm.master_change_line (tenant_id, target_id); -- what is pending for a record
COMMENT ON COLUMN qm.master_change_line.id IS 'the change''s';

-- What a supplier offers of an item. preference: 1 is the first choice.
CREATE TABLE qm.supplier_item (
  tenant_id uuid NOT NULL, id uuid NOT NULL, supplier_id uuid NOT NULL, item_id uuid NOT NULL, supplier_sku text,
  minimum_quantity numeric(18,6) NOT NULL, order_multiple numeric(18,6) NOT NULL, lead_time_days integer, preference smallint, change_id uuid NOT NULL, updated_at timestamptz NOT NULL,
  CONSTRAINT supplier_item_pkey PRIMARY KEY (tenant_id, id),
  CONSTRAINT supplier_item_place_key UNIQUE (tenant_id, supplier_id, item_id),
  CONSTRAINT supplier_item_supplier_fkey FOREIGN KEY (tenant_id, supplier_id) REFERENCES qm.supplier (tenant_id, id),
  CONSTRAINT supplier_item_item_fkey FOREIGN KEY (tenant_id, item_id) REFERENCES qm.item (tenant_id, id));
CREATE INDEX supplier_item_item ON qm.supplier_item (tenant_id, item_id); -- who supplies an item
COMMENT ON COLUMN qm.supplier_item.minimum_quantity IS 'in base units, as order_multiple; 0 is none';

-- Approved prices. id is made of supplier, item, unit, break, currency and first day, so that the same price is the same row.
CREATE TABLE qm.supplier_price (
  tenant_id uuid NOT NULL, id uuid NOT NULL, supplier_id uuid NOT NULL, item_id uuid NOT NULL, unit text NOT NULL, minimum_quantity numeric(18,6) NOT NULL,
  currency text NOT NULL, valid_from date NOT NULL, valid_to date, price numeric(18,4) NOT NULL, change_id uuid NOT NULL, updated_at timestamptz NOT NULL,
  CONSTRAINT supplier_price_pkey PRIMARY KEY (tenant_id, id),
  CONSTRAINT supplier_price_supplier_fkey FOREIGN KEY (tenant_id, supplier_id) REFERENCES qm.supplier (tenant_id, id),
  CONSTRAINT supplier_price_item_fkey FOREIGN KEY (tenant_id, item_id) REFERENCES qm.item (tenant_id, id));
CREATE INDEX supplier_price_item ON qm.supplier_price (tenant_id, supplier_id, item_id, valid_from); -- the price of an order line on a day

-- A bulk import. state: READING, PROPOSED (waits for its change to be approved), APPLIED, CHECKED (dry run), FAILED.
CREATE TABLE qm.import_job (
  tenant_id uuid NOT NULL, id uuid NOT NULL, kind text NOT NULL, state text NOT NULL, dry_run boolean NOT NULL, on_invalid_gtin text NOT NULL, name text NOT NULL, change_id uuid,
  account_id uuid NOT NULL, header text NOT NULL, lines integer NOT NULL, created integer NOT NULL, updated integer NOT NULL, unchanged integer NOT NULL, refused integer NOT NULL,
  file_digest bytea NOT NULL, version integer NOT NULL, created_at timestamptz NOT NULL, updated_at timestamptz NOT NULL,
  CONSTRAINT import_job_pkey PRIMARY KEY (tenant_id, id));
COMMENT ON COLUMN qm.import_job.file_digest IS 'SHA-256 of what has been read: of the whole file once it is no more READING';

CREATE TABLE qm.import_refusal (
  tenant_id uuid NOT NULL, id uuid NOT NULL, line_number integer NOT NULL, part integer NOT NULL, field text NOT NULL, code text NOT NULL, reason text NOT NULL, raw text NOT NULL,
  CONSTRAINT import_refusal_pkey PRIMARY KEY (tenant_id, id, line_number, part),
  CONSTRAINT import_refusal_job_fkey FOREIGN KEY (tenant_id, id) REFERENCES qm.import_job (tenant_id, id));
COMMENT ON COLUMN qm.import_refusal.id IS 'the job''s; raw is the line of the file, as CSV, with the first refusal of a line only';
