-- Each tenant's key for its sensitive fields, wrapped by a master key of the deployment, which is not in the database. A key seals
-- until it is retired, and opens until it is destroyed: then wrapped is null, and what it sealed is lost for good.
CREATE TABLE qm.tenant_key (
  tenant_id uuid NOT NULL, id uuid NOT NULL, wrapped bytea, master_key_id text NOT NULL, created_at timestamptz NOT NULL, retired_at timestamptz,
  CONSTRAINT tenant_key_pkey PRIMARY KEY (tenant_id, id));
CREATE UNIQUE INDEX tenant_key_live_key ON qm.tenant_key (tenant_id) WHERE retired_at IS NULL; -- the key that seals now: at most one
