-- Run after each migration: every table with a tenant_id is secured in the one way there is. Idempotent.
DO $$
DECLARE t record; write text;
BEGIN
  FOR t IN
    SELECT c.oid, c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace AND n.nspname = 'qm'
    JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'tenant_id' AND NOT a.attisdropped
    WHERE c.relkind IN ('r', 'p') AND NOT EXISTS (SELECT 1 FROM pg_policy p WHERE p.polrelid = c.oid AND p.polname = 'tenant')
  LOOP
    EXECUTE format('ALTER TABLE qm.%I ENABLE ROW LEVEL SECURITY', t.relname);
    EXECUTE format($p$CREATE POLICY tenant ON qm.%I USING (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid) WITH CHECK (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid)$p$, t.relname);
    -- What is evidence can be written once: no serving role updates or deletes hands, links, ledger or events.
    write := CASE WHEN t.relname = 'deprecated_use' THEN 'SELECT' -- written by qm.count_deprecated_uses alone
                  WHEN t.relname IN ('authz_hand', 'authz_link', 'stock_movement', 'stock_count_entry', 'event', 'policy_version', 'master_change_line', 'replenishment_policy_line', 'import_refusal', 'tenant_key') THEN 'SELECT, INSERT'
                  WHEN t.relname IN ('account_location', 'idempotency', 'purchase_order_line', 'item_gtin', 'item_pack', 'supplier_party', 'supplier_site', 'supplier_contact') THEN 'SELECT, INSERT, UPDATE, DELETE'
                  ELSE 'SELECT, INSERT, UPDATE' END;
    EXECUTE format('GRANT %s ON qm.%I TO quartermaster_app', write, t.relname);
  END LOOP;
END $$;
-- The relay reads the outbox over all tenants and marks what it sent, and can do nothing else.
DO $$
BEGIN
  IF NOT EXISTS (SELECT 1 FROM pg_policies WHERE schemaname = 'qm' AND tablename = 'event' AND policyname = 'relay') THEN
    CREATE POLICY relay ON qm.event TO quartermaster_relay USING (true) WITH CHECK (true);
    GRANT SELECT, UPDATE (published_at) ON qm.event TO quartermaster_relay;
  END IF;
END $$;
