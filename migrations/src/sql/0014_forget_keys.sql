-- Idempotency keys are kept for a day and a little; the worker forgets them over all tenants, some at a time.
CREATE FUNCTION qm.forget_idempotency(before timestamptz, most integer) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog AS $$
DECLARE gone bigint; BEGIN
  DELETE FROM qm.idempotency i USING (SELECT x.tenant_id, x.account_id, x.key FROM qm.idempotency x WHERE x.at < before LIMIT most) old
   WHERE i.tenant_id = old.tenant_id AND i.account_id = old.account_id AND i.key = old.key;
  GET DIAGNOSTICS gone = ROW_COUNT;
  RETURN gone; END $$;
REVOKE EXECUTE ON FUNCTION qm.forget_idempotency(timestamptz, integer) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION qm.forget_idempotency(timestamptz, integer) TO quartermaster_relay;
