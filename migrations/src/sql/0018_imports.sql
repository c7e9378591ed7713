-- Imports in full: what was left out of lines that went in, why an import failed, its own chain of events.
-- state: READING, PROPOSED (a change was proposed: its own status says more), APPLIED (locations), UNCHANGED, CHECKED (dry run), FAILED.

ALTER TABLE qm.import_job ADD COLUMN omitted integer NOT NULL DEFAULT 0, ADD COLUMN failure text,
  ADD COLUMN event_sequence integer NOT NULL DEFAULT 0, ADD COLUMN event_hash bytea NOT NULL DEFAULT '';
COMMENT ON COLUMN qm.import_job.omitted IS 'GTINs that were left out of lines that went in';
CREATE INDEX import_job_reading ON qm.import_job (tenant_id, updated_at) WHERE state = 'READING'; -- uploads that broke off

ALTER TABLE qm.import_refusal ADD COLUMN omitted boolean NOT NULL DEFAULT false;
COMMENT ON COLUMN qm.import_refusal.omitted IS 'the value was left out and the line went in; it is no refused line, and raw is empty';
