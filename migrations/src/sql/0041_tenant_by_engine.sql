-- Citus carries SET LOCAL to its workers and set_config not; its text is parsed each time, which everywhere else buys nothing.
-- A server with Citus has its settings in every session.
CREATE OR REPLACE FUNCTION qm.set_tenant(tenant uuid) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  IF current_setting('citus.shard_count', true) IS NULL THEN
    PERFORM pg_catalog.set_config('app.tenant_id', tenant::text, true);
  ELSE
    EXECUTE format('SET LOCAL app.tenant_id = %L', tenant);
  END IF;
END $$;
