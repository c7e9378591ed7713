-- A partner's operators: what the partner sees of its own side, one proposal and one admission for a person at a time, the
-- first use of a credential. Administrators for a tenant that has none left. People of the platform.

-- Evidence of the first use; who reads the audit sees when a credential that was made was also used.
ALTER TABLE qm.operator_session ADD COLUMN first_used_at timestamptz;

CREATE UNIQUE INDEX operator_assignment_pending_key ON qm.operator_assignment (tenant_id, person_id) WHERE status = 'PENDING'; -- one proposal for a person at a time
CREATE UNIQUE INDEX operator_assignment_admitted_key ON qm.operator_assignment (tenant_id, person_id) WHERE status = 'ADMITTED'; -- one admission of a person at a time
CREATE INDEX operator_assignment_partner ON qm.operator_assignment (partner_id, id); -- a partner's list of its operators in all its tenants

-- An administrator for a tenant whose own can grant no roles any more: proposed by the partner, approved by an administrator of
-- the tenant or, where none is left, by two people of the platform; the partner reviews that. status: PENDING, APPROVED, WITHDRAWN.
CREATE TABLE qm.administrator_recovery (
  tenant_id uuid NOT NULL, id uuid NOT NULL, partner_id uuid NOT NULL, person_id uuid NOT NULL, display_name text NOT NULL, email text, role text NOT NULL, reason text NOT NULL,
  status text NOT NULL, account_id uuid NOT NULL, role_assignment_id uuid NOT NULL, proposer_person_id uuid NOT NULL, decider_account_id uuid,
  first_platform_person_id uuid, second_platform_person_id uuid, decided_at timestamptz, reviewer_person_id uuid, review_note text, reviewed_at timestamptz,
  version integer NOT NULL, event_sequence integer NOT NULL, event_hash bytea NOT NULL, created_at timestamptz NOT NULL, updated_at timestamptz NOT NULL,
  CONSTRAINT administrator_recovery_pkey PRIMARY KEY (tenant_id, id));
CREATE UNIQUE INDEX administrator_recovery_pending_key ON qm.administrator_recovery (tenant_id, role) WHERE status = 'PENDING'; -- one proposal for a role at a time
COMMENT ON COLUMN qm.administrator_recovery.account_id IS 'Of an account that is there, or that the approval makes; as the role assignment.';

-- A partner reads, and only reads, the assignments of its own people.
CREATE POLICY by_partner ON qm.operator_assignment FOR SELECT USING (partner_id = nullif(current_setting('app.partner_id', true), '')::uuid);

-- Is this one of the platform's people? They belong to no partner and to no tenant.
CREATE FUNCTION qm.is_platform(of_person uuid) RETURNS boolean
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog AS $$
BEGIN RETURN EXISTS (SELECT 1 FROM qm.person p WHERE p.id = of_person AND p.platform AND p.merged_into IS NULL); END $$;
REVOKE EXECUTE ON FUNCTION qm.is_platform(uuid) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION qm.is_platform(uuid) TO quartermaster_app;
