-- Stock that is promised before it leaves: a transfer that is being picked reserves its lines at the sender.

ALTER TABLE qm.transfer_line ADD COLUMN reserved_quantity numeric(18,6) NOT NULL DEFAULT 0;
COMMENT ON COLUMN qm.transfer_line.reserved_quantity IS 'promised at the sender, not shipped yet; what is reserved of a position adds up to its allocated quantity';
CREATE INDEX transfer_line_reserved ON qm.transfer_line (tenant_id, item_id) WHERE reserved_quantity <> 0; -- what is promised of items, for the proof that positions say the same
