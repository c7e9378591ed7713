-- Fills the product's own tables with as many orders for each tenant as bench.orders says. Run as the owner of the schema.
--
-- Two orders of each tenant were lived through the API before: one released, one received as well. Their rows are copied with new
-- ids, other suppliers, items and locations, and earlier times; nine of ten copies are received. The ledger agrees with the
-- positions. What is not carried over: the hashes that chain the events are those of the pattern, so the audit of a copy does not
-- verify; idempotency keys, which live for a day.
SET work_mem = '256MB';

CREATE TEMP TABLE pattern AS
  SELECT o.tenant_id, o.id AS order_id, o.created_at, r.id AS receipt_id
  FROM qm.purchase_order o LEFT JOIN qm.receipt_order r ON r.tenant_id = o.tenant_id AND r.order_id = o.id;
CREATE TEMP TABLE supplier AS SELECT tenant_id, id, row_number() OVER (PARTITION BY tenant_id ORDER BY id) - 1 AS place FROM qm.supplier;
CREATE TEMP TABLE location AS SELECT tenant_id, id, row_number() OVER (PARTITION BY tenant_id ORDER BY id) - 1 AS place FROM qm.location;
CREATE TEMP TABLE item AS SELECT tenant_id, id, row_number() OVER (PARTITION BY tenant_id ORDER BY id) - 1 AS place FROM qm.item;

-- Which copies there are: one order a minute, the newest a minute before the patterns.
CREATE TEMP TABLE copy AS
  SELECT p.tenant_id, p.order_id AS order_of, p.receipt_id AS receipt_of, n, n * interval '1 minute' AS earlier,
    pg_temp.v7(p.created_at - n * interval '1 minute') AS order_id,
    CASE WHEN p.receipt_id IS NOT NULL THEN pg_temp.v7(p.created_at - n * interval '1 minute' + interval '1 second') END AS receipt_id,
    s.id AS supplier_id, l.id AS location_id
  FROM pattern p
  JOIN generate_series(1, current_setting('bench.orders')::int) n ON (n % 10 = 0) = (p.receipt_id IS NULL)
  JOIN supplier s ON s.tenant_id = p.tenant_id AND s.place = n * 7919 % 100
  JOIN location l ON l.tenant_id = p.tenant_id AND l.place = (n + n / 10) % 20;
CREATE TEMP TABLE copy_line AS
  SELECT c.tenant_id, c.order_id, line, i.id AS item_id
  FROM copy c CROSS JOIN generate_series(1, 10) line
  JOIN item i ON i.tenant_id = c.tenant_id AND i.place = (c.n * 31 + line * 101) % current_setting('bench.items')::int;
CREATE TEMP TABLE document AS
  SELECT tenant_id, order_of AS pattern_id, order_id AS id, order_id, supplier_id, location_id, earlier FROM copy
  UNION ALL SELECT tenant_id, receipt_of, receipt_id, order_id, supplier_id, location_id, earlier FROM copy WHERE receipt_id IS NOT NULL;
CREATE TEMP TABLE copy_items AS SELECT tenant_id, order_id, array_agg(item_id ORDER BY line) AS ids FROM copy_line GROUP BY 1, 2;
ANALYZE copy;
ANALYZE copy_line;
ANALYZE document;
ANALYZE copy_items;

SELECT pg_temp.copy_rows('qm.purchase_order', '{"id": "c.order_id", "number": "t.number || ''-'' || c.n", "supplier_id": "c.supplier_id", "location_id": "c.location_id",
    "created_at": "t.created_at - c.earlier", "updated_at": "t.updated_at - c.earlier", "ordered_on": "(t.created_at - c.earlier)::date"}',
  'qm.purchase_order t JOIN copy c ON c.tenant_id = t.tenant_id AND c.order_of = t.id ORDER BY c.order_id');
SELECT pg_temp.copy_rows('qm.purchase_order_line', '{"id": "c.order_id", "item_id": "i.item_id"}',
  'qm.purchase_order_line t JOIN copy c ON c.tenant_id = t.tenant_id AND c.order_of = t.id
   JOIN copy_line i ON i.tenant_id = c.tenant_id AND i.order_id = c.order_id AND i.line = t.line_number ORDER BY c.order_id, t.line_number');
SELECT pg_temp.copy_rows('qm.receipt', '{"id": "c.receipt_id", "number": "t.number || ''-'' || c.n", "supplier_id": "c.supplier_id", "location_id": "c.location_id",
    "created_at": "t.created_at - c.earlier", "updated_at": "t.updated_at - c.earlier", "received_on": "(t.created_at - c.earlier)::date"}',
  'qm.receipt t JOIN copy c ON c.tenant_id = t.tenant_id AND c.receipt_of = t.id ORDER BY c.receipt_id');
SELECT pg_temp.copy_rows('qm.receipt_order', '{"id": "c.receipt_id", "order_id": "c.order_id"}',
  'qm.receipt_order t JOIN copy c ON c.tenant_id = t.tenant_id AND c.receipt_of = t.id');
SELECT pg_temp.copy_rows('qm.receipt_line', '{"id": "c.receipt_id", "order_id": "c.order_id", "item_id": "i.item_id"}',
  'qm.receipt_line t JOIN copy c ON c.tenant_id = t.tenant_id AND c.receipt_of = t.id
   JOIN copy_line i ON i.tenant_id = c.tenant_id AND i.order_id = c.order_id AND i.line = t.order_line_number ORDER BY c.receipt_id, t.line_number');
SELECT pg_temp.copy_rows('qm.event', '{"id": "pg_temp.v7(t.at - d.earlier)", "document_id": "d.id", "at": "t.at - d.earlier", "published_at": "t.at - d.earlier",
    "location_id": "CASE WHEN t.location_id IS NOT NULL THEN d.location_id END"}',
  'qm.event t JOIN document d ON d.tenant_id = t.tenant_id AND d.pattern_id = t.document_id ORDER BY d.id');
SELECT pg_temp.copy_rows('qm.authz_hand', '{"document_id": "d.id", "at": "t.at - d.earlier", "supplier_id": "CASE WHEN t.supplier_id IS NOT NULL THEN d.supplier_id END",
    "location_id": "CASE WHEN t.location_id IS NOT NULL THEN d.location_id END", "item_ids": "CASE WHEN t.item_ids IS NOT NULL THEN i.ids END"}',
  'qm.authz_hand t JOIN document d ON d.tenant_id = t.tenant_id AND d.pattern_id = t.document_id
   JOIN copy_items i ON i.tenant_id = d.tenant_id AND i.order_id = d.order_id ORDER BY d.id');
SELECT pg_temp.copy_rows('qm.authz_link', '{"document_id": "d.id", "ancestor_id": "a.id"}',
  'qm.authz_link t JOIN document d ON d.tenant_id = t.tenant_id AND d.pattern_id = t.document_id
   JOIN document a ON a.tenant_id = t.tenant_id AND a.pattern_id = t.ancestor_id AND a.order_id = d.order_id');

-- A position for each item at each location, opened with 100 and raised by the copies.
CREATE TEMP TABLE raised AS
  SELECT c.tenant_id, i.item_id, c.location_id, sum(l.quantity) AS quantity, count(*) AS receipts
  FROM copy c JOIN copy_line i ON i.tenant_id = c.tenant_id AND i.order_id = c.order_id
  JOIN qm.receipt_line l ON l.tenant_id = c.tenant_id AND l.id = c.receipt_of AND l.order_line_number = i.line GROUP BY 1, 2, 3;
CREATE TEMP TABLE opening AS
  SELECT l.tenant_id, l.id AS location_id, p.receipt_id AS receipt_of, pg_temp.v7(p.created_at - interval '30 days') AS receipt_id
  FROM location l JOIN pattern p ON p.tenant_id = l.tenant_id AND p.receipt_id IS NOT NULL;
ANALYZE raised;
SELECT pg_temp.copy_rows('qm.stock_position', '{"id": "pg_temp.v7(t.updated_at - interval ''30 days'')", "item_id": "i.id", "location_id": "l.id",
    "quantity": "100 + coalesce(r.quantity, 0)", "version": "1 + coalesce(r.receipts, 0)", "event_sequence": "0", "event_hash": "''''"}',
  '(SELECT DISTINCT ON (p.tenant_id) p.* FROM qm.stock_position p ORDER BY p.tenant_id, p.id) t
   JOIN item i ON i.tenant_id = t.tenant_id JOIN location l ON l.tenant_id = t.tenant_id
   LEFT JOIN raised r ON r.tenant_id = t.tenant_id AND r.item_id = i.id AND r.location_id = l.id
   WHERE NOT EXISTS (SELECT FROM qm.stock_position h WHERE h.tenant_id = t.tenant_id AND h.item_id = i.id AND h.location_id = l.id)');
UPDATE qm.stock_position p SET quantity = p.quantity + 100 + coalesce(r.quantity, 0), version = p.version + 1 + coalesce(r.receipts, 0)
  FROM qm.stock_movement m JOIN qm.stock_position h ON h.tenant_id = m.tenant_id AND h.id = m.position_id
  LEFT JOIN raised r ON r.tenant_id = h.tenant_id AND r.item_id = h.item_id AND r.location_id = h.location_id
  WHERE p.tenant_id = h.tenant_id AND p.id = h.id;
ANALYZE qm.stock_position;
SELECT pg_temp.copy_rows('qm.receipt', '{"id": "o.receipt_id", "number": "t.number || ''-L'' || o.receipt_id", "location_id": "o.location_id", "created_at": "t.created_at - interval ''30 days''"}',
  'qm.receipt t JOIN opening o ON o.tenant_id = t.tenant_id AND o.receipt_of = t.id');
SELECT pg_temp.copy_rows('qm.stock_movement', '{"document_id": "o.receipt_id", "sequence": "row_number() OVER (PARTITION BY o.receipt_id)", "position_id": "p.id", "quantity": "100",
    "document_line": "NULL", "at": "t.at - interval ''30 days''"}',
  'qm.stock_movement t JOIN opening o ON o.tenant_id = t.tenant_id AND o.receipt_of = t.document_id
   JOIN qm.stock_position p ON p.tenant_id = o.tenant_id AND p.location_id = o.location_id WHERE t.sequence = 1');
SELECT pg_temp.copy_rows('qm.stock_movement', '{"document_id": "c.receipt_id", "position_id": "p.id", "at": "t.at - c.earlier"}',
  'qm.stock_movement t JOIN copy c ON c.tenant_id = t.tenant_id AND c.receipt_of = t.document_id
   JOIN copy_line i ON i.tenant_id = c.tenant_id AND i.order_id = c.order_id AND i.line = t.document_line
   JOIN qm.stock_position p ON p.tenant_id = c.tenant_id AND p.item_id = i.item_id AND p.location_id = c.location_id ORDER BY c.receipt_id, t.sequence');
RESET work_mem;
