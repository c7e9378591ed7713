-- Files that are sent again at once, and pages of stock that cost the same however much there is.

ALTER TABLE qm.import_job ADD COLUMN begins bytea NOT NULL DEFAULT '';
COMMENT ON COLUMN qm.import_job.begins IS 'SHA-256 of header and first line: the same file sent again by the same account takes the place of one that is still READING';

-- Their columns never change, so that a movement of stock writes none of them.
CREATE INDEX stock_position_by_location ON qm.stock_position (tenant_id, location_id, id); -- all stock by location, page by page
CREATE INDEX stock_position_by_item ON qm.stock_position (tenant_id, item_id, id); -- all stock by item, page by page
