-- 100 suppliers, bench.items and 20 locations for each tenant, as they are once approved. Run as the owner of the schema.
INSERT INTO qm.location (tenant_id, id, code, name, kind, status, country, time_zone, version, event_sequence, event_hash, created_at, updated_at)
  SELECT t.id, pg_temp.v7(t.created_at), 'L' || n, 'Location ' || n, 'STORE', 'ACTIVE', t.country, t.time_zone, 1, 0, '', t.created_at, t.created_at
  FROM qm.tenant t, generate_series(1, 20) n;
INSERT INTO qm.supplier (tenant_id, id, code, legal_name, status, currency, version, event_sequence, event_hash, created_at, updated_at)
  SELECT t.id, pg_temp.v7(t.created_at), 'S' || n, 'Supplier ' || n, 'ACTIVE', t.currency, 1, 0, '', t.created_at, t.created_at
  FROM qm.tenant t, generate_series(1, 100) n;
INSERT INTO qm.item (tenant_id, id, sku, name, base_unit, status, version, event_sequence, event_hash, created_at, updated_at)
  SELECT t.id, pg_temp.v7(t.created_at), 'SKU-' || n, 'Item number ' || n, 'EA', 'ACTIVE', 1, 0, '', t.created_at, t.created_at
  FROM qm.tenant t, generate_series(1, current_setting('bench.items')::int) n;
