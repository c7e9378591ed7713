-- Who still uses what of the API is deprecated: counted by servers, written a few times a minute, read by the tenant's auditors.
CREATE TABLE qm.deprecated_use (
  tenant_id uuid NOT NULL, id uuid NOT NULL, coordinate text NOT NULL, account_id uuid NOT NULL, client text NOT NULL, used_on date NOT NULL, uses bigint NOT NULL, last_at timestamptz NOT NULL,
  CONSTRAINT deprecated_use_pkey PRIMARY KEY (tenant_id, id),
  CONSTRAINT deprecated_use_count_key UNIQUE (tenant_id, used_on, coordinate, account_id, client), -- what is counted together; and the list by day
  CONSTRAINT deprecated_use_account_fkey FOREIGN KEY (tenant_id, account_id) REFERENCES qm.account (tenant_id, id));

-- One statement for all tenants of a process: it can add counts, and nothing else.
CREATE FUNCTION qm.count_deprecated_uses(tenants uuid[], coordinates text[], accounts uuid[], clients text[], uses bigint[]) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog AS $$
BEGIN
  INSERT INTO qm.deprecated_use AS d (tenant_id, id, coordinate, account_id, client, used_on, uses, last_at)
  SELECT u.tenant, gen_random_uuid(), u.coordinate, u.account, u.client, (clock_timestamp() AT TIME ZONE 'UTC')::date, u.n, clock_timestamp()
    FROM unnest(tenants, coordinates, accounts, clients, uses) u (tenant, coordinate, account, client, n)
    JOIN qm.account a ON a.tenant_id = u.tenant AND a.id = u.account -- one that went away meanwhile does not lose the others
   ORDER BY u.tenant, u.coordinate, u.account, u.client -- so that two processes do not wait for each other in a circle
  ON CONFLICT (tenant_id, used_on, coordinate, account_id, client) DO UPDATE SET uses = d.uses + excluded.uses, last_at = excluded.last_at;
END $$;
REVOKE EXECUTE ON FUNCTION qm.count_deprecated_uses(uuid[], text[], uuid[], text[], bigint[]) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION qm.count_deprecated_uses(uuid[], text[], uuid[], text[], bigint[]) TO quartermaster_app;
