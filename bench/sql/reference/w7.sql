\set t random(1, :tenants)
\set s (:t * 1000 + random(1, 100))
\set loc (:t * 100 + random(1, 20))
\set b random(0, 99)
\set i0 (:t * 10000 + 1 + ((:b * 7 + 0 * :tenth + random(0, :tenth - 1)) % :item_count))
\set i1 (:t * 10000 + 1 + ((:b * 7 + 1 * :tenth + random(0, :tenth - 1)) % :item_count))
\set i2 (:t * 10000 + 1 + ((:b * 7 + 2 * :tenth + random(0, :tenth - 1)) % :item_count))
\set i3 (:t * 10000 + 1 + ((:b * 7 + 3 * :tenth + random(0, :tenth - 1)) % :item_count))
\set i4 (:t * 10000 + 1 + ((:b * 7 + 4 * :tenth + random(0, :tenth - 1)) % :item_count))
\set i5 (:t * 10000 + 1 + ((:b * 7 + 5 * :tenth + random(0, :tenth - 1)) % :item_count))
\set i6 (:t * 10000 + 1 + ((:b * 7 + 6 * :tenth + random(0, :tenth - 1)) % :item_count))
\set i7 (:t * 10000 + 1 + ((:b * 7 + 7 * :tenth + random(0, :tenth - 1)) % :item_count))
\set i8 (:t * 10000 + 1 + ((:b * 7 + 8 * :tenth + random(0, :tenth - 1)) % :item_count))
\set i9 (:t * 10000 + 1 + ((:b * 7 + 9 * :tenth + random(0, :tenth - 1)) % :item_count))
-- W3 create
begin;
select set_config('app.tenant_id', (:t)::text, true), set_config('app.user_id', 'bench', true);
insert into reference.purchase_order (supplier_id, total) values (:s, 137.5) returning id as po \gset
insert into reference.po_line (po_id, line_no, item_id, quantity, unit_price) select :po, l.n, l.item, l.n, 2.5 from unnest(array[:i0,:i1,:i2,:i3,:i4,:i5,:i6,:i7,:i8,:i9]::bigint[]) with ordinality l (item, n);
commit;
-- W4 approve
begin;
select set_config('app.tenant_id', (:t)::text, true), set_config('app.user_id', 'bench', true);
update reference.purchase_order set status = 'approved', approved_at = now() where id = :po and status = 'draft';
insert into reference.approval (po_id, approved_by) values (:po, 'bench');
commit;
-- W5 receive
begin;
select set_config('app.tenant_id', (:t)::text, true), set_config('app.user_id', 'bench', true);
update reference.purchase_order set status = 'received', received_at = now() where id = :po and status = 'approved';
insert into reference.stock_ledger (item_id, location_id, po_line_id, qty_delta, unit_cost) select item_id, :loc, id, quantity, unit_price from reference.po_line where po_id = :po order by line_no;
insert into reference.stock_position as p (item_id, location_id, on_hand) select item_id, :loc, sum(quantity) from reference.po_line where po_id = :po group by item_id order by item_id on conflict on constraint stock_position_pkey do update set on_hand = p.on_hand + excluded.on_hand;
update reference.po_line set received_qty = quantity where po_id = :po;
commit;
