-- Whoever moves stock writes its position anew. With room left on the page the new row lies beside the old one and no index is
-- written; without, each of ten positions of a receipt costs an entry in every index. Pages that are full already get room when
-- they are next written anew (VACUUM FULL, or a restore).
ALTER TABLE qm.stock_position SET (fillfactor = 85);

-- The stock of a location is found by stock_position_by_location, that of an item at it by the key of the place.
DROP INDEX qm.stock_position_location;
