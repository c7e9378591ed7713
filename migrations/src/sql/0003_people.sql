-- People: the tenant's own chain of events, invitations, and what the directory answers to serving code.

-- The tenant is a document like others: its events (created, suspended, settings published) are one chain.
ALTER TABLE qm.tenant_setting ADD COLUMN event_sequence integer NOT NULL DEFAULT 0, ADD COLUMN event_hash bytea NOT NULL DEFAULT '';

-- An account waits for its person: whoever accepts with a verified login and the invitation's token. Only its hash is kept.
-- status: PENDING, ACCEPTED, REVOKED; a pending one ends by the clock.
CREATE TABLE qm.invitation (
  tenant_id uuid NOT NULL, id uuid NOT NULL, account_id uuid NOT NULL, token_hash bytea NOT NULL, status text NOT NULL, expires_at timestamptz NOT NULL,
  version integer NOT NULL, event_sequence integer NOT NULL, event_hash bytea NOT NULL, created_at timestamptz NOT NULL, updated_at timestamptz NOT NULL,
  CONSTRAINT invitation_pkey PRIMARY KEY (tenant_id, id),
  CONSTRAINT invitation_account_fkey FOREIGN KEY (tenant_id, account_id) REFERENCES qm.account (tenant_id, id));
CREATE INDEX invitation_account ON qm.invitation (tenant_id, account_id); -- the invitations of one member

CREATE INDEX tenant_partner ON qm.tenant (partner_id, id); -- a partner's list of tenants
