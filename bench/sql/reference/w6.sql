\set t random(1, :tenants)
\set item (:t * 10000 + random(1, :item_count))
begin;
select set_config('app.tenant_id', (:t)::text, true);
select json_agg(row_to_json(x)) from (
  select p.on_hand, l.id, l.code, l.name from reference.stock_position p join reference.location l on l.id = p.location_id where p.item_id = :item) x;
commit;
