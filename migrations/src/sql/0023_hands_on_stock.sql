-- The relation "stock N d" asks for a few duties of a person at a location: without the duty in the index it read every hand of a
-- receiver there, of a month, for each receipt.
CREATE INDEX authz_hand_stock_duty ON qm.authz_hand (tenant_id, person_id, location_id, duty, at) WHERE item_ids IS NOT NULL; -- relation "stock N d"
DROP INDEX qm.authz_hand_stock;
