-- Idempotency keys of a partner's people: what each was used for, over all of the partner's tenants. The outcome is null while a
-- mutation of several transactions is under way; a repeat completes it.
CREATE TABLE qm.partner_idempotency (
  partner_id uuid NOT NULL, person_id uuid NOT NULL, key text NOT NULL, fingerprint bytea NOT NULL, outcome jsonb, at timestamptz NOT NULL,
  CONSTRAINT partner_idempotency_pkey PRIMARY KEY (partner_id, person_id, key),
  CONSTRAINT partner_idempotency_partner_fkey FOREIGN KEY (partner_id) REFERENCES qm.partner (id));
CREATE INDEX partner_idempotency_at ON qm.partner_idempotency (at); -- forgetting keys older than a day
ALTER TABLE qm.partner_idempotency ENABLE ROW LEVEL SECURITY;
CREATE POLICY by_partner ON qm.partner_idempotency USING (partner_id = nullif(current_setting('app.partner_id', true), '')::uuid)
  WITH CHECK (partner_id = nullif(current_setting('app.partner_id', true), '')::uuid);
GRANT SELECT, INSERT, UPDATE ON qm.partner_idempotency TO quartermaster_app;

-- The worker forgets them with those of tenants.
CREATE FUNCTION qm.forget_partner_idempotency(before timestamptz, most integer) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog AS $$
DECLARE gone bigint; BEGIN
  DELETE FROM qm.partner_idempotency i USING (SELECT x.partner_id, x.person_id, x.key FROM qm.partner_idempotency x WHERE x.at < before LIMIT most) old
   WHERE i.partner_id = old.partner_id AND i.person_id = old.person_id AND i.key = old.key;
  GET DIAGNOSTICS gone = ROW_COUNT;
  RETURN gone; END $$;
REVOKE EXECUTE ON FUNCTION qm.forget_partner_idempotency(timestamptz, integer) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION qm.forget_partner_idempotency(timestamptz, integer) TO quartermaster_relay;
