-- The second reference: pgbench writes the rows of W7 into the product's own tables. Here is what its script draws from: the rows that
-- one cycle of each tenant wrote through the API, by request, and what may be put in their place. Run as the owner of the schema,
-- after the seed.
CREATE FUNCTION reference.v7() RETURNS uuid LANGUAGE plpgsql AS $$
DECLARE random text := replace(gen_random_uuid()::text, '-', ''); BEGIN
  RETURN (lpad(to_hex(floor(extract(epoch FROM now()) * 1000)::bigint), 12, '0') || '7' || substr(random, 14))::uuid;
END $$;

CREATE TABLE reference.tenant_of AS SELECT (row_number() OVER (ORDER BY t.code))::int AS n, t.id AS tenant_id FROM qm.tenant t;
CREATE TABLE reference.supplier_of AS SELECT tenant_id, (row_number() OVER (PARTITION BY tenant_id ORDER BY id))::int AS n, id FROM qm.supplier;
CREATE TABLE reference.location_of AS SELECT tenant_id, (row_number() OVER (PARTITION BY tenant_id ORDER BY id))::int AS n, id FROM qm.location;
CREATE TABLE reference.item_of AS SELECT tenant_id, (row_number() OVER (PARTITION BY tenant_id ORDER BY id))::int AS n, id FROM qm.item;
ALTER TABLE reference.tenant_of ADD PRIMARY KEY (n);
ALTER TABLE reference.supplier_of ADD PRIMARY KEY (tenant_id, n);
ALTER TABLE reference.location_of ADD PRIMARY KEY (tenant_id, n);
ALTER TABLE reference.item_of ADD PRIMARY KEY (tenant_id, n);

-- The lived cycle of each tenant (`pattern` is the seed's), and which request was which.
CREATE TEMP TABLE cycle AS SELECT tenant_id, order_id, receipt_id FROM pattern WHERE receipt_id IS NOT NULL;
CREATE TEMP TABLE request AS
  SELECT e.tenant_id, e.request_id, e.account_id, s.step
  FROM (VALUES ('purchase-order-submitted', 3), ('purchase-order-approved', 4), ('receipt-opened', 5)) s (type, step)
  JOIN qm.event e ON e.type = s.type JOIN cycle c ON c.tenant_id = e.tenant_id AND e.document_id IN (c.order_id, c.receipt_id);

CREATE TABLE reference.w7_purchase_order AS SELECT t.* FROM qm.purchase_order t JOIN cycle c ON c.tenant_id = t.tenant_id AND c.order_id = t.id;
CREATE TABLE reference.w7_purchase_order_line AS SELECT t.* FROM qm.purchase_order_line t JOIN cycle c ON c.tenant_id = t.tenant_id AND c.order_id = t.id;
CREATE TABLE reference.w7_receipt AS SELECT t.* FROM qm.receipt t JOIN cycle c ON c.tenant_id = t.tenant_id AND c.receipt_id = t.id;
CREATE TABLE reference.w7_receipt_order AS SELECT t.* FROM qm.receipt_order t JOIN cycle c ON c.tenant_id = t.tenant_id AND c.receipt_id = t.id;
CREATE TABLE reference.w7_receipt_line AS SELECT t.* FROM qm.receipt_line t JOIN cycle c ON c.tenant_id = t.tenant_id AND c.receipt_id = t.id;
CREATE TABLE reference.w7_stock_movement AS SELECT t.* FROM qm.stock_movement t JOIN cycle c ON c.tenant_id = t.tenant_id AND c.receipt_id = t.document_id;
CREATE TABLE reference.w7_authz_link AS SELECT t.* FROM qm.authz_link t JOIN cycle c ON c.tenant_id = t.tenant_id AND c.receipt_id = t.document_id;
CREATE TABLE reference.w7_event AS
  SELECT t.*, r.step FROM qm.event t JOIN request r ON r.tenant_id = t.tenant_id AND r.request_id = t.request_id
  JOIN cycle c ON c.tenant_id = t.tenant_id AND t.document_id IN (c.order_id, c.receipt_id);
CREATE TABLE reference.w7_authz_hand AS
  SELECT t.*, r.step FROM qm.authz_hand t JOIN request r ON r.tenant_id = t.tenant_id AND r.account_id = t.account_id
  JOIN cycle c ON c.tenant_id = t.tenant_id AND t.document_id IN (c.order_id, c.receipt_id);
CREATE TABLE reference.w7_idempotency AS
  SELECT DISTINCT ON (r.tenant_id, r.step) t.*, r.step FROM qm.idempotency t JOIN request r ON r.tenant_id = t.tenant_id AND r.account_id = t.account_id;
-- Of a thousand tenants each reads its own rows, as pgbench does in its own schema.
DO $$ DECLARE drawn text; BEGIN
  FOR drawn IN SELECT tablename FROM pg_tables WHERE schemaname = 'reference' AND tablename LIKE 'w7\_%' LOOP
    EXECUTE format('CREATE INDEX ON reference.%I (tenant_id)', drawn);
  END LOOP;
END $$;
GRANT SELECT ON ALL TABLES IN SCHEMA reference TO quartermaster_app;
GRANT EXECUTE ON FUNCTION reference.v7() TO quartermaster_app;
