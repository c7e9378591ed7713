-- Controls of a tenant that two people decide: rules, policies, API keys, a partner's operators.

-- A proposed change of settings, or of a trusted issuer. kind: SETTINGS, ISSUER. status: PENDING, PUBLISHED, REJECTED, WITHDRAWN.
CREATE TABLE qm.workflow_rule (
  tenant_id uuid NOT NULL, id uuid NOT NULL, kind text NOT NULL, status text NOT NULL, content jsonb NOT NULL, changes jsonb NOT NULL, restored_from uuid,
  note text, reason text, editor_account_id uuid NOT NULL, decider_account_id uuid, settings_version integer, decided_at timestamptz,
  version integer NOT NULL, event_sequence integer NOT NULL, event_hash bytea NOT NULL, created_at timestamptz NOT NULL, updated_at timestamptz NOT NULL,
  CONSTRAINT workflow_rule_pkey PRIMARY KEY (tenant_id, id));
CREATE INDEX workflow_rule_status ON qm.workflow_rule (tenant_id, status, id); -- what waits for a second person; the published history
COMMENT ON COLUMN qm.workflow_rule.content IS 'The whole settings as drafted, as they came into force once published; or the issuer.';
COMMENT ON COLUMN qm.workflow_rule.changes IS 'A list of {path, before, after}.';

-- A draft of the tenant's segregation policy. status: PENDING, PUBLISHED, REJECTED.
CREATE TABLE qm.sod_policy (
  tenant_id uuid NOT NULL, id uuid NOT NULL, status text NOT NULL, rules_off text[] NOT NULL, roles jsonb NOT NULL, base_version integer NOT NULL, policy_version integer,
  note text, reason text, editor_account_id uuid NOT NULL, decider_account_id uuid, decided_at timestamptz,
  version integer NOT NULL, event_sequence integer NOT NULL, event_hash bytea NOT NULL, created_at timestamptz NOT NULL, updated_at timestamptz NOT NULL,
  CONSTRAINT sod_policy_pkey PRIMARY KEY (tenant_id, id));
CREATE INDEX sod_policy_status ON qm.sod_policy (tenant_id, status, id); -- drafts that wait for a second person

-- A machine's key. status: PENDING, ACTIVE, REJECTED, REVOKED. Only the secret's hash is kept; account_id is made by the approval.
CREATE TABLE qm.api_key (
  tenant_id uuid NOT NULL, id uuid NOT NULL, name text NOT NULL, status text NOT NULL, role text NOT NULL, scope text[], owner_account_id uuid NOT NULL, owner_person_id uuid NOT NULL,
  account_id uuid NOT NULL, role_assignment_id uuid NOT NULL, secret_hash bytea NOT NULL, expires_at timestamptz, location_ids uuid[], replaces_id uuid, ends_at timestamptz,
  reason text, proposer_account_id uuid NOT NULL, decider_account_id uuid, decided_at timestamptz,
  version integer NOT NULL, event_sequence integer NOT NULL, event_hash bytea NOT NULL, created_at timestamptz NOT NULL, updated_at timestamptz NOT NULL,
  CONSTRAINT api_key_pkey PRIMARY KEY (tenant_id, id));
CREATE INDEX api_key_account ON qm.api_key (tenant_id, account_id); -- the keys of one machine account, old and new
CREATE INDEX api_key_status ON qm.api_key (tenant_id, status, id); -- keys that wait for a second person
COMMENT ON COLUMN qm.api_key.ends_at IS 'After a rotation: when the replaced key stops.';

-- A partner's person in a tenant until a date: proposed by the partner, admitted by the tenant. status: PENDING, ADMITTED, REJECTED, REVOKED.
CREATE TABLE qm.operator_assignment (
  tenant_id uuid NOT NULL, id uuid NOT NULL, partner_id uuid NOT NULL, person_id uuid NOT NULL, display_name text NOT NULL, status text NOT NULL, valid_until timestamptz NOT NULL,
  account_id uuid NOT NULL, role text NOT NULL, role_assignment_id uuid NOT NULL, purpose text NOT NULL, reason text, proposer_person_id uuid NOT NULL, decider_account_id uuid, decided_at timestamptz,
  round integer NOT NULL, version integer NOT NULL, event_sequence integer NOT NULL, event_hash bytea NOT NULL, created_at timestamptz NOT NULL, updated_at timestamptz NOT NULL,
  CONSTRAINT operator_assignment_pkey PRIMARY KEY (tenant_id, id));
CREATE INDEX operator_assignment_person ON qm.operator_assignment (tenant_id, person_id); -- is this person admitted already

-- A short-lived credential of an operator for one tenant. Only its hash is kept.
CREATE TABLE qm.operator_session (
  tenant_id uuid NOT NULL, id uuid NOT NULL, assignment_id uuid NOT NULL, account_id uuid NOT NULL, secret_hash bytea NOT NULL, purpose text NOT NULL,
  expires_at timestamptz NOT NULL, revoked_at timestamptz,
  version integer NOT NULL, event_sequence integer NOT NULL, event_hash bytea NOT NULL, created_at timestamptz NOT NULL, updated_at timestamptz NOT NULL,
  CONSTRAINT operator_session_pkey PRIMARY KEY (tenant_id, id),
  CONSTRAINT operator_session_assignment_fkey FOREIGN KEY (tenant_id, assignment_id) REFERENCES qm.operator_assignment (tenant_id, id));
CREATE INDEX operator_session_assignment ON qm.operator_session (tenant_id, assignment_id); -- the sessions that end with an assignment
