-- How much a tenant may ask for in a minute, where its partner agreed on something else than the deployment's own limit.
ALTER TABLE qm.tenant ADD COLUMN points_per_minute integer;
ALTER TABLE qm.tenant ADD CONSTRAINT tenant_points_per_minute_check CHECK (points_per_minute BETWEEN 1 AND 100000000);

-- Asked for once a minute by each server that the tenant's people talk to.
CREATE FUNCTION qm.find_quota(wanted uuid) RETURNS integer
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog AS $$ SELECT t.points_per_minute FROM qm.tenant t WHERE t.id = wanted $$;
REVOKE EXECUTE ON FUNCTION qm.find_quota(uuid) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION qm.find_quota(uuid) TO quartermaster_app;

-- What each server has charged whom, as the others need to know it: one row for a server, written once a second, worth nothing after a crash.
CREATE UNLOGGED TABLE qm.server_spending (
  id uuid NOT NULL, at timestamptz NOT NULL, spent jsonb NOT NULL,
  CONSTRAINT server_spending_pkey PRIMARY KEY (id));
ALTER TABLE qm.server_spending ENABLE ROW LEVEL SECURITY;
COMMENT ON COLUMN qm.server_spending.spent IS 'points since the server began, by the name of the bucket';

-- Says what this server has charged, and answers with what the others say. Servers that said nothing for a minute have ended.
CREATE FUNCTION qm.tell_spent(server uuid, told jsonb) RETURNS TABLE (other uuid, spent jsonb)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog AS $$
BEGIN
  INSERT INTO qm.server_spending AS s (id, at, spent) VALUES (server, clock_timestamp(), told)
    ON CONFLICT (id) DO UPDATE SET at = excluded.at, spent = excluded.spent;
  DELETE FROM qm.server_spending s WHERE s.at < clock_timestamp() - interval '1 minute';
  RETURN QUERY SELECT s.id, s.spent FROM qm.server_spending s WHERE s.id <> server;
END $$;
REVOKE EXECUTE ON FUNCTION qm.tell_spent(uuid, jsonb) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION qm.tell_spent(uuid, jsonb) TO quartermaster_app;
