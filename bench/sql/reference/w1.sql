\set t random(1, :tenants)
begin;
select set_config('app.tenant_id', (:t)::text, true);
select json_agg(row_to_json(o)) from (
  select p.id, p.status, p.total, p.created_at,
    (select row_to_json(s) from (select s.id, s.code, s.name from reference.supplier s where s.id = p.supplier_id) s) as supplier,
    (select json_agg(row_to_json(l)) from (
      select l.id, l.line_no, l.quantity, l.unit_price, l.received_qty, json_build_object('id', i.id, 'sku', i.sku, 'name', i.name, 'uom', i.uom) as item
      from reference.po_line l join reference.item i on i.id = l.item_id where l.po_id = p.id order by l.line_no limit 10) l) as lines
  from reference.purchase_order p order by p.tenant_id desc, p.id desc limit 50) o;
commit;
