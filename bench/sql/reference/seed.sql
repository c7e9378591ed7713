-- For each of bench.tenants 100 suppliers, bench.items, 20 locations, and bench.orders of 10 lines, nine of ten received.
INSERT INTO reference.tenant SELECT t, 'tenant ' || t FROM generate_series(1, current_setting('bench.tenants')::int) t;
INSERT INTO reference.supplier (id, tenant_id, code, name)
  SELECT t * 1000 + s, t, 'S' || s, 'Supplier ' || s FROM generate_series(1, current_setting('bench.tenants')::int) t, generate_series(1, 100) s;
INSERT INTO reference.item (id, tenant_id, sku, name)
  SELECT t * 10000 + i, t, 'SKU-' || i, 'Item number ' || i FROM generate_series(1, current_setting('bench.tenants')::int) t, generate_series(1, current_setting('bench.items')::int) i;
INSERT INTO reference.location (id, tenant_id, code, name)
  SELECT t * 100 + l, t, 'L' || l, 'Location ' || l FROM generate_series(1, current_setting('bench.tenants')::int) t, generate_series(1, 20) l;
INSERT INTO reference.purchase_order (id, tenant_id, supplier_id, status, total, created_at, approved_at, received_at)
  SELECT (n - 1) * current_setting('bench.tenants')::int + t, t, t * 1000 + 1 + (n * 7919 % 100),
         CASE WHEN n % 10 = 0 THEN 'approved' ELSE 'received' END, 137.50,
         now() - n * interval '1 minute', now(), CASE WHEN n % 10 = 0 THEN NULL ELSE now() END
  FROM generate_series(1, current_setting('bench.orders')::int) n, generate_series(1, current_setting('bench.tenants')::int) t;
INSERT INTO reference.po_line (tenant_id, po_id, line_no, item_id, quantity, unit_price, received_qty)
  SELECT p.tenant_id, p.id, l, p.tenant_id * 10000 + 1 + ((p.id * 31 + l * 101) % current_setting('bench.items')::int), l, 2.5,
         CASE WHEN p.status = 'received' THEN l ELSE 0 END
  FROM reference.purchase_order p, generate_series(1, 10) l ORDER BY p.id, l;
INSERT INTO reference.approval (tenant_id, po_id, approved_by) SELECT tenant_id, id, 'seed' FROM reference.purchase_order;
INSERT INTO reference.stock_ledger (tenant_id, item_id, location_id, po_line_id, qty_delta, unit_cost)
  SELECT l.tenant_id, l.item_id, l.tenant_id * 100 + 1 + (l.po_id % 20), l.id, l.quantity, l.unit_price
  FROM reference.po_line l WHERE l.received_qty > 0 ORDER BY l.id;
INSERT INTO reference.stock_position (tenant_id, item_id, location_id, on_hand)
  SELECT t, t * 10000 + i, t * 100 + l, 100 + coalesce(s.raised, 0)
  FROM generate_series(1, current_setting('bench.tenants')::int) t CROSS JOIN generate_series(1, current_setting('bench.items')::int) i CROSS JOIN generate_series(1, 20) l
  LEFT JOIN (SELECT item_id, location_id, sum(qty_delta) AS raised FROM reference.stock_ledger GROUP BY 1, 2) s ON s.item_id = t * 10000 + i AND s.location_id = t * 100 + l;
SELECT setval(pg_get_serial_sequence('reference.' || t, 'id'), 1000000000) FROM unnest(ARRAY['supplier','item','location','purchase_order']) t;
