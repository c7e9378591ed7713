-- Items by a part of their text, by name, and suppliers by the key of another system: at a million of them as at a thousand.

-- Row level security keeps a condition like ILIKE away from every index, since its operator might tell about rows that are not the
-- caller's. So the look-up is a function that reads as the owner, of the transaction's own tenant and no other. It is planned for each
-- pattern, and by bitmaps alone: whatever else would hope to meet enough items on its way through the list.
CREATE FUNCTION qm.items_holding(pattern text, most integer) RETURNS SETOF uuid
LANGUAGE plpgsql STABLE SECURITY DEFINER ROWS 100 SET search_path = pg_catalog SET enable_indexscan = off SET enable_indexonlyscan = off AS $$
BEGIN
  RETURN QUERY EXECUTE 'SELECT i.id FROM qm.item i WHERE i.tenant_id = $1 AND (i.sku || '' '' || i.name) ILIKE $2 LIMIT $3'
    USING nullif(current_setting('app.tenant_id', true), '')::uuid, pattern, most;
END $$;
REVOKE EXECUTE ON FUNCTION qm.items_holding(text, integer) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION qm.items_holding(text, integer) TO quartermaster_app;

-- Both extensions come with PostgreSQL's contrib and are trusted: a database's owner may create them. Where they are not
-- installed the look-up reads all items of the tenant: slower, and just as right.
DO $$
DECLARE trigrams text; keys text;
BEGIN
  IF (SELECT count(*) FROM pg_available_extensions WHERE name IN ('pg_trgm', 'btree_gin')) = 2 THEN
    CREATE SCHEMA IF NOT EXISTS qm_text;
    CREATE EXTENSION IF NOT EXISTS pg_trgm WITH SCHEMA qm_text;
    CREATE EXTENSION IF NOT EXISTS btree_gin WITH SCHEMA qm_text;
    SELECT e.extnamespace::regnamespace::text INTO trigrams FROM pg_extension e WHERE e.extname = 'pg_trgm';
    SELECT e.extnamespace::regnamespace::text INTO keys FROM pg_extension e WHERE e.extname = 'btree_gin';
    -- the items whose SKU or name holds a text
    EXECUTE format('CREATE INDEX item_text ON qm.item USING gin (tenant_id %s.uuid_ops, (sku || '' '' || name) %s.gin_trgm_ops)', keys, trigrams);
  END IF;
END $$;

CREATE INDEX item_name ON qm.item (tenant_id, name, id); -- pages of items by name
CREATE INDEX supplier_external_key ON qm.supplier (tenant_id, external_key) WHERE external_key IS NOT NULL; -- the supplier that another system calls so
