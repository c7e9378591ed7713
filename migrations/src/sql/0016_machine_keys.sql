-- API keys: what kind of machine has one, how long a replaced key goes on, and when a key was last used.

-- kind: INTEGRATION, AGENT. overlap_hours: of a key that replaces another, for how long after its approval the other still works.
ALTER TABLE qm.api_key ADD COLUMN kind text NOT NULL DEFAULT 'INTEGRATION', ADD COLUMN overlap_hours integer, ADD COLUMN last_used_at timestamptz;
COMMENT ON COLUMN qm.api_key.last_used_at IS 'To the minute: written at most once in one, by whoever lets the key in.';

CREATE INDEX api_key_replaces ON qm.api_key (tenant_id, replaces_id) WHERE replaces_id IS NOT NULL; -- is a replacement of this key proposed already
