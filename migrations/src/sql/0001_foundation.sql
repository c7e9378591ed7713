-- The foundation: roles' rights, the tenant setting, the directory, people, duties, events.
-- Rules for tables: ARCHITECTURE.md, "The database". Every constraint is named; nothing is dropped here.

CREATE SCHEMA qm;
GRANT USAGE ON SCHEMA qm TO quartermaster_app, quartermaster_relay;

-- The one place where a transaction gets its tenant. EXECUTE, because a SET LOCAL reaches every node.
CREATE FUNCTION qm.set_tenant(tenant uuid) RETURNS void LANGUAGE plpgsql AS $$
BEGIN EXECUTE format('SET LOCAL app.tenant_id = %L', tenant); END $$;

CREATE FUNCTION qm.set_partner(partner uuid) RETURNS void LANGUAGE plpgsql AS $$
BEGIN EXECUTE format('SET LOCAL app.partner_id = %L', partner); END $$;

-- All locks of an act, sorted by key so that two acts never wait for each other in a circle.
-- A null second array means every key shared.
CREATE FUNCTION qm.take_locks(keys bigint[], exclusive boolean[]) RETURNS void LANGUAGE plpgsql AS $$
DECLARE k bigint; x boolean;
BEGIN
  FOR k, x IN SELECT u.key, bool_or(u.x) FROM unnest(keys, exclusive) u (key, x) GROUP BY u.key ORDER BY u.key LOOP
    IF x THEN PERFORM pg_catalog.pg_advisory_xact_lock(k); ELSE PERFORM pg_catalog.pg_advisory_xact_lock_shared(k); END IF;
  END LOOP;
END $$;

-- Directory ---------------------------------------------------------------------------------------

CREATE TABLE qm.partner (
  id uuid NOT NULL, code text NOT NULL, name text NOT NULL, created_at timestamptz NOT NULL,
  CONSTRAINT partner_pkey PRIMARY KEY (id), CONSTRAINT partner_code_key UNIQUE (code));

CREATE TABLE qm.network (
  id uuid NOT NULL, partner_id uuid NOT NULL, code text NOT NULL, name text NOT NULL, created_at timestamptz NOT NULL,
  CONSTRAINT network_pkey PRIMARY KEY (id),
  CONSTRAINT network_partner_code_key UNIQUE (partner_id, code),
  CONSTRAINT network_partner_fkey FOREIGN KEY (partner_id) REFERENCES qm.partner (id));

-- kind: RETAILER, FRANCHISOR, FRANCHISEE. status: PROVISIONING (exists for nobody), ACTIVE, SUSPENDED, CLOSED.
CREATE TABLE qm.tenant (
  id uuid NOT NULL, partner_id uuid NOT NULL, network_id uuid, code text NOT NULL, name text NOT NULL, kind text NOT NULL, status text NOT NULL,
  currency text NOT NULL, locale text NOT NULL, time_zone text NOT NULL, country text NOT NULL, version integer NOT NULL,
  created_at timestamptz NOT NULL, updated_at timestamptz NOT NULL, request_digest bytea NOT NULL,
  CONSTRAINT tenant_pkey PRIMARY KEY (id),
  CONSTRAINT tenant_partner_code_key UNIQUE (partner_id, code),
  CONSTRAINT tenant_partner_fkey FOREIGN KEY (partner_id) REFERENCES qm.partner (id),
  CONSTRAINT tenant_network_fkey FOREIGN KEY (network_id) REFERENCES qm.network (id));

CREATE TABLE qm.branding (
  id uuid NOT NULL, name text NOT NULL, primary_colour text, secondary_colour text, logo_url text, support_email text, support_phone text, support_url text,
  version integer NOT NULL, updated_at timestamptz NOT NULL,
  CONSTRAINT branding_pkey PRIMARY KEY (id),
  CONSTRAINT branding_tenant_fkey FOREIGN KEY (id) REFERENCES qm.tenant (id));
COMMENT ON TABLE qm.branding IS 'id is the tenant''s. Public by host name, and nothing else is.';

CREATE TABLE qm.host (
  host text NOT NULL, branding_id uuid NOT NULL,
  CONSTRAINT host_pkey PRIMARY KEY (host),
  CONSTRAINT host_branding_fkey FOREIGN KEY (branding_id) REFERENCES qm.branding (id));
CREATE INDEX host_branding ON qm.host (branding_id); -- the hosts of one branding

-- A natural person, above all tenants: an id, and nothing that identifies. Names live with the accounts.
CREATE TABLE qm.person (
  id uuid NOT NULL, merged_into uuid, platform boolean NOT NULL DEFAULT false, created_at timestamptz NOT NULL,
  CONSTRAINT person_pkey PRIMARY KEY (id),
  CONSTRAINT person_merged_into_fkey FOREIGN KEY (merged_into) REFERENCES qm.person (id));

-- An OpenID issuer, bound to the platform, to one partner or to one tenant: it cannot speak for another.
CREATE TABLE qm.issuer (
  id uuid NOT NULL, issuer text NOT NULL, partner_id uuid, bound_tenant_id uuid, algorithms text[] NOT NULL, jwks_url text, status text NOT NULL, created_at timestamptz NOT NULL,
  CONSTRAINT issuer_pkey PRIMARY KEY (id), CONSTRAINT issuer_issuer_key UNIQUE (issuer),
  CONSTRAINT issuer_partner_fkey FOREIGN KEY (partner_id) REFERENCES qm.partner (id),
  CONSTRAINT issuer_tenant_fkey FOREIGN KEY (bound_tenant_id) REFERENCES qm.tenant (id));

-- The same verified subject of the same issuer is the same person.
CREATE TABLE qm.login (
  issuer_id uuid NOT NULL, subject text NOT NULL, person_id uuid NOT NULL, created_at timestamptz NOT NULL,
  CONSTRAINT login_pkey PRIMARY KEY (issuer_id, subject),
  CONSTRAINT login_issuer_fkey FOREIGN KEY (issuer_id) REFERENCES qm.issuer (id),
  CONSTRAINT login_person_fkey FOREIGN KEY (person_id) REFERENCES qm.person (id));
CREATE INDEX login_person ON qm.login (person_id); -- the logins of one person

-- People of a partner: partner_admin, msp_operator.
CREATE TABLE qm.partner_member (
  partner_id uuid NOT NULL, person_id uuid NOT NULL, display_name text NOT NULL, roles text[] NOT NULL, status text NOT NULL, created_at timestamptz NOT NULL,
  CONSTRAINT partner_member_pkey PRIMARY KEY (partner_id, person_id),
  CONSTRAINT partner_member_partner_fkey FOREIGN KEY (partner_id) REFERENCES qm.partner (id),
  CONSTRAINT partner_member_person_fkey FOREIGN KEY (person_id) REFERENCES qm.person (id));

-- Which tenants a person has an account in: what a log-in page asks before there is a tenant.
CREATE TABLE qm.person_tenant (
  person_id uuid NOT NULL, member_tenant_id uuid NOT NULL,
  CONSTRAINT person_tenant_pkey PRIMARY KEY (person_id, member_tenant_id),
  CONSTRAINT person_tenant_person_fkey FOREIGN KEY (person_id) REFERENCES qm.person (id),
  CONSTRAINT person_tenant_tenant_fkey FOREIGN KEY (member_tenant_id) REFERENCES qm.tenant (id));

-- What a partner did, above tenants (tenant creation, operators): the directory's own audit.
CREATE TABLE qm.directory_event (
  id uuid NOT NULL, partner_id uuid, subject_tenant_id uuid, type text NOT NULL, at timestamptz NOT NULL, person_id uuid, request_id uuid NOT NULL, data json NOT NULL,
  CONSTRAINT directory_event_pkey PRIMARY KEY (id));
CREATE INDEX directory_event_partner ON qm.directory_event (partner_id, id); -- a partner's own history

-- Tenant: accounts and roles ----------------------------------------------------------------------

-- A person's or machine's login in one tenant. kind: HUMAN, INTEGRATION, AGENT, OPERATOR. A machine has a sponsor.
CREATE TABLE qm.account (
  tenant_id uuid NOT NULL, id uuid NOT NULL, person_id uuid, sponsor_person_id uuid, kind text NOT NULL, status text NOT NULL,
  display_name text NOT NULL, email text, all_locations boolean NOT NULL, valid_until timestamptz,
  version integer NOT NULL, event_sequence integer NOT NULL, event_hash bytea NOT NULL, created_at timestamptz NOT NULL, updated_at timestamptz NOT NULL,
  CONSTRAINT account_pkey PRIMARY KEY (tenant_id, id));
CREATE UNIQUE INDEX account_person_key ON qm.account (tenant_id, person_id); -- who is this person here
CREATE INDEX account_sponsor ON qm.account (tenant_id, sponsor_person_id) WHERE sponsor_person_id IS NOT NULL; -- duties that a person holds through machines

-- One way of having a role: proposed by one, approved by another (state PENDING, APPROVED, REJECTED, REMOVED).
CREATE TABLE qm.role_assignment (
  tenant_id uuid NOT NULL, id uuid NOT NULL, account_id uuid NOT NULL, role text NOT NULL, state text NOT NULL,
  valid_from timestamptz, valid_until timestamptz, removal_requested boolean NOT NULL DEFAULT false, founding boolean NOT NULL DEFAULT false,
  round integer NOT NULL, version integer NOT NULL, event_sequence integer NOT NULL, event_hash bytea NOT NULL, created_at timestamptz NOT NULL, updated_at timestamptz NOT NULL,
  CONSTRAINT role_assignment_pkey PRIMARY KEY (tenant_id, id),
  CONSTRAINT role_assignment_account_fkey FOREIGN KEY (tenant_id, account_id) REFERENCES qm.account (tenant_id, id));
CREATE INDEX role_assignment_account ON qm.role_assignment (tenant_id, account_id); -- the roles of an account: facts of every act
CREATE INDEX role_assignment_role ON qm.role_assignment (tenant_id, role) WHERE state = 'APPROVED'; -- who else may act: eligible actors

-- Settings that two people decide (6.10), as one current row; earlier ones are the WORKFLOW_RULE documents.
CREATE TABLE qm.tenant_setting (
  tenant_id uuid NOT NULL, id uuid NOT NULL, status text NOT NULL, settings jsonb NOT NULL, rule_id uuid, publisher_person_id uuid,
  policy_version integer NOT NULL, policy_digest bytea NOT NULL, version integer NOT NULL, updated_at timestamptz NOT NULL,
  CONSTRAINT tenant_setting_pkey PRIMARY KEY (tenant_id, id));
COMMENT ON TABLE qm.tenant_setting IS 'id is the tenant''s. status is the tenant''s own copy of the directory''s, so that one statement reads all an act needs.';

CREATE TABLE qm.policy_version (
  tenant_id uuid NOT NULL, id uuid NOT NULL, version integer NOT NULL, digest bytea NOT NULL, rules_off text[] NOT NULL, roles jsonb NOT NULL, published_at timestamptz NOT NULL,
  CONSTRAINT policy_version_pkey PRIMARY KEY (tenant_id, id),
  CONSTRAINT policy_version_version_key UNIQUE (tenant_id, version));

CREATE TABLE qm.location (
  tenant_id uuid NOT NULL, id uuid NOT NULL, code text NOT NULL, name text NOT NULL, kind text NOT NULL, status text NOT NULL, region_id uuid, gln text,
  street text, city text, postal_code text, subdivision text, country text, time_zone text NOT NULL,
  version integer NOT NULL, event_sequence integer NOT NULL, event_hash bytea NOT NULL, created_at timestamptz NOT NULL, updated_at timestamptz NOT NULL,
  CONSTRAINT location_pkey PRIMARY KEY (tenant_id, id),
  CONSTRAINT location_code_key UNIQUE (tenant_id, code));

CREATE TABLE qm.region (
  tenant_id uuid NOT NULL, id uuid NOT NULL, code text NOT NULL, name text NOT NULL, parent_id uuid,
  version integer NOT NULL, event_sequence integer NOT NULL, event_hash bytea NOT NULL, created_at timestamptz NOT NULL, updated_at timestamptz NOT NULL,
  CONSTRAINT region_pkey PRIMARY KEY (tenant_id, id),
  CONSTRAINT region_code_key UNIQUE (tenant_id, code));

CREATE TABLE qm.account_location (
  tenant_id uuid NOT NULL, id uuid NOT NULL, location_id uuid NOT NULL,
  CONSTRAINT account_location_pkey PRIMARY KEY (tenant_id, id, location_id),
  CONSTRAINT account_location_account_fkey FOREIGN KEY (tenant_id, id) REFERENCES qm.account (tenant_id, id),
  CONSTRAINT account_location_location_fkey FOREIGN KEY (tenant_id, location_id) REFERENCES qm.location (tenant_id, id));
COMMENT ON COLUMN qm.account_location.id IS 'the account''s';

-- Duties: hands and derivation links --------------------------------------------------------------

-- One row for each person behind an act. Never changed, never deleted (no serving role may).
CREATE TABLE qm.authz_hand (
  tenant_id uuid NOT NULL, document_id uuid NOT NULL, sequence integer NOT NULL, act_id uuid NOT NULL, duty text NOT NULL, round integer NOT NULL,
  person_id uuid NOT NULL, via text NOT NULL, account_id uuid, delegation_id uuid, exception_id uuid, policy_version integer NOT NULL, at timestamptz NOT NULL,
  supplier_id uuid, location_id uuid, item_ids uuid[],
  CONSTRAINT authz_hand_pkey PRIMARY KEY (tenant_id, document_id, sequence));
CREATE INDEX authz_hand_supplier ON qm.authz_hand (tenant_id, person_id, supplier_id, duty, at) WHERE supplier_id IS NOT NULL; -- relation "supplier N d"
CREATE INDEX authz_hand_stock ON qm.authz_hand (tenant_id, person_id, location_id, at) WHERE item_ids IS NOT NULL; -- relation "stock N d"

-- ancestor_id is every document that document_id derives from, near and far; the kinds tell the anchors (orders).
CREATE TABLE qm.authz_link (
  tenant_id uuid NOT NULL, document_id uuid NOT NULL, ancestor_id uuid NOT NULL, document_is_order boolean NOT NULL, ancestor_is_order boolean NOT NULL,
  CONSTRAINT authz_link_pkey PRIMARY KEY (tenant_id, document_id, ancestor_id));
CREATE INDEX authz_link_ancestor ON qm.authz_link (tenant_id, ancestor_id); -- descendants

-- A natural person who is, owns or acts for a supplier (SUPPLIER.PARTY).
CREATE TABLE qm.supplier_party (
  tenant_id uuid NOT NULL, supplier_id uuid NOT NULL, person_id uuid NOT NULL, since timestamptz NOT NULL,
  CONSTRAINT supplier_party_pkey PRIMARY KEY (tenant_id, supplier_id, person_id));

-- What happened: audit entry and outbox entry in one row ------------------------------------------

CREATE TABLE qm.event (
  tenant_id uuid NOT NULL, id uuid NOT NULL, type text NOT NULL, type_version integer NOT NULL, document_kind text NOT NULL, document_id uuid NOT NULL,
  document_version integer NOT NULL, sequence integer NOT NULL, at timestamptz NOT NULL, act_id uuid NOT NULL, account_id uuid, person_id uuid, on_behalf_of uuid,
  request_id uuid NOT NULL, causation_id uuid, classification text NOT NULL, location_id uuid, data json NOT NULL, previous_hash bytea NOT NULL, hash bytea NOT NULL, published_at timestamptz,
  CONSTRAINT event_pkey PRIMARY KEY (tenant_id, id),
  CONSTRAINT event_document_sequence_key UNIQUE (tenant_id, document_id, sequence));
CREATE INDEX event_unpublished ON qm.event (id) WHERE published_at IS NULL; -- the relay's candidates, over all tenants

CREATE TABLE qm.idempotency (
  tenant_id uuid NOT NULL, account_id uuid NOT NULL, key text NOT NULL, fingerprint bytea NOT NULL, outcome jsonb NOT NULL, at timestamptz NOT NULL,
  CONSTRAINT idempotency_pkey PRIMARY KEY (tenant_id, account_id, key));
CREATE INDEX idempotency_at ON qm.idempotency (tenant_id, at); -- forgetting keys older than a day

CREATE TABLE qm.number_counter (
  tenant_id uuid NOT NULL, document_kind text NOT NULL, period text NOT NULL, next bigint NOT NULL,
  CONSTRAINT number_counter_pkey PRIMARY KEY (tenant_id, document_kind, period));
COMMENT ON TABLE qm.number_counter IS 'Taken last in a transaction, so that writers hardly wait. period is empty unless the pattern restarts.';

-- Rights -------------------------------------------------------------------------------------------

-- Directory look-ups that come before there is a tenant: exact keys in, one answer out.
CREATE FUNCTION qm.find_issuer(wanted text) RETURNS TABLE (id uuid, issuer text, partner_id uuid, bound_tenant_id uuid, algorithms text[], jwks_url text)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog AS $$
BEGIN RETURN QUERY SELECT i.id, i.issuer, i.partner_id, i.bound_tenant_id, i.algorithms, i.jwks_url FROM qm.issuer i WHERE i.issuer = wanted AND i.status = 'ACTIVE'; END $$;

-- Person of a login, merges followed; null person for a subject never seen.
CREATE FUNCTION qm.find_login(of_issuer uuid, of_subject text) RETURNS uuid
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog AS $$
DECLARE p uuid; q uuid; BEGIN
  SELECT l.person_id INTO p FROM qm.login l WHERE l.issuer_id = of_issuer AND l.subject = of_subject;
  LOOP SELECT x.merged_into INTO q FROM qm.person x WHERE x.id = p; EXIT WHEN q IS NULL; p := q; END LOOP;
  RETURN p; END $$;

-- The person of a login, made when the subject was never seen. Safe against two at once.
CREATE FUNCTION qm.ensure_person(of_issuer uuid, of_subject text, new_person uuid, seen_at timestamptz) RETURNS uuid
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog AS $$
DECLARE p uuid; BEGIN
  p := qm.find_login(of_issuer, of_subject);
  IF p IS NOT NULL THEN RETURN p; END IF;
  PERFORM pg_advisory_xact_lock(hashtextextended(of_issuer::text || of_subject, 7));
  p := qm.find_login(of_issuer, of_subject);
  IF p IS NOT NULL THEN RETURN p; END IF;
  INSERT INTO qm.person (id, created_at) VALUES (new_person, seen_at);
  INSERT INTO qm.login (issuer_id, subject, person_id, created_at) VALUES (of_issuer, of_subject, new_person, seen_at);
  RETURN new_person; END $$;

CREATE FUNCTION qm.tenants_of(of_person uuid) RETURNS TABLE (id uuid, code text, name text, partner_id uuid)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog AS $$
BEGIN RETURN QUERY SELECT t.id, t.code, t.name, t.partner_id FROM qm.person_tenant m JOIN qm.tenant t ON t.id = m.member_tenant_id
  WHERE m.person_id = of_person AND t.status <> 'PROVISIONING'; END $$;

CREATE FUNCTION qm.partners_of(of_person uuid) RETURNS TABLE (id uuid, display_name text, roles text[])
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog AS $$
BEGIN RETURN QUERY SELECT m.partner_id, m.display_name, m.roles FROM qm.partner_member m WHERE m.person_id = of_person AND m.status = 'ACTIVE'; END $$;

CREATE FUNCTION qm.find_branding(of_host text) RETURNS TABLE (name text, primary_colour text, secondary_colour text, logo_url text, support_email text, support_phone text, support_url text)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog AS $$
BEGIN RETURN QUERY SELECT b.name, b.primary_colour, b.secondary_colour, b.logo_url, b.support_email, b.support_phone, b.support_url
  FROM qm.host h JOIN qm.branding b ON b.id = h.branding_id JOIN qm.tenant t ON t.id = b.id WHERE h.host = lower(of_host) AND t.status IN ('ACTIVE', 'SUSPENDED'); END $$;

-- The tenant of an id that a verified credential names; its partner decides whether an issuer may speak for it.
CREATE FUNCTION qm.find_tenant(wanted uuid) RETURNS TABLE (id uuid, partner_id uuid, status text)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog AS $$
BEGIN RETURN QUERY SELECT t.id, t.partner_id, t.status FROM qm.tenant t WHERE t.id = wanted AND t.status <> 'PROVISIONING'; END $$;

REVOKE EXECUTE ON ALL FUNCTIONS IN SCHEMA qm FROM PUBLIC;
GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA qm TO quartermaster_app;

-- Directory policies: a partner sees its own, a tenant its own row.
DO $$
DECLARE t text;
BEGIN
  FOREACH t IN ARRAY ARRAY['partner','network','tenant','branding','host','person','issuer','login','partner_member','person_tenant','directory_event'] LOOP
    EXECUTE format('ALTER TABLE qm.%I ENABLE ROW LEVEL SECURITY', t);
  END LOOP;
  FOREACH t IN ARRAY ARRAY['network','partner_member','directory_event'] LOOP
    EXECUTE format($p$CREATE POLICY by_partner ON qm.%I USING (partner_id = nullif(current_setting('app.partner_id', true), '')::uuid) WITH CHECK (partner_id = nullif(current_setting('app.partner_id', true), '')::uuid)$p$, t);
  END LOOP;
END $$;
CREATE POLICY by_partner ON qm.partner USING (id = nullif(current_setting('app.partner_id', true), '')::uuid);
CREATE POLICY by_partner ON qm.tenant USING (partner_id = nullif(current_setting('app.partner_id', true), '')::uuid) WITH CHECK (partner_id = nullif(current_setting('app.partner_id', true), '')::uuid);
CREATE POLICY by_tenant ON qm.tenant USING (id = nullif(current_setting('app.tenant_id', true), '')::uuid) WITH CHECK (id = nullif(current_setting('app.tenant_id', true), '')::uuid);
CREATE POLICY by_tenant ON qm.branding USING (id = nullif(current_setting('app.tenant_id', true), '')::uuid) WITH CHECK (id = nullif(current_setting('app.tenant_id', true), '')::uuid);
CREATE POLICY by_tenant ON qm.host USING (branding_id = nullif(current_setting('app.tenant_id', true), '')::uuid) WITH CHECK (branding_id = nullif(current_setting('app.tenant_id', true), '')::uuid);
CREATE POLICY by_tenant ON qm.issuer USING (bound_tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid) WITH CHECK (bound_tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);
CREATE POLICY by_partner ON qm.issuer USING (partner_id = nullif(current_setting('app.partner_id', true), '')::uuid) WITH CHECK (partner_id = nullif(current_setting('app.partner_id', true), '')::uuid);
CREATE POLICY by_tenant ON qm.person_tenant USING (member_tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid) WITH CHECK (member_tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);

GRANT SELECT ON qm.partner TO quartermaster_app;
GRANT SELECT, INSERT, UPDATE ON qm.network, qm.tenant, qm.branding, qm.issuer, qm.partner_member TO quartermaster_app;
GRANT SELECT, INSERT, DELETE ON qm.host, qm.person_tenant TO quartermaster_app;
GRANT SELECT, INSERT ON qm.directory_event TO quartermaster_app;
