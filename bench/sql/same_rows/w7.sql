\set t random(1, :tenants)
\set s random(1, 100)
\set l random(1, 20)
\set b random(0, 99)
\set i0 (1 + ((:b * 7 + 0 * :tenth + random(0, :tenth - 1)) % :item_count))
\set i1 (1 + ((:b * 7 + 1 * :tenth + random(0, :tenth - 1)) % :item_count))
\set i2 (1 + ((:b * 7 + 2 * :tenth + random(0, :tenth - 1)) % :item_count))
\set i3 (1 + ((:b * 7 + 3 * :tenth + random(0, :tenth - 1)) % :item_count))
\set i4 (1 + ((:b * 7 + 4 * :tenth + random(0, :tenth - 1)) % :item_count))
\set i5 (1 + ((:b * 7 + 5 * :tenth + random(0, :tenth - 1)) % :item_count))
\set i6 (1 + ((:b * 7 + 6 * :tenth + random(0, :tenth - 1)) % :item_count))
\set i7 (1 + ((:b * 7 + 7 * :tenth + random(0, :tenth - 1)) % :item_count))
\set i8 (1 + ((:b * 7 + 8 * :tenth + random(0, :tenth - 1)) % :item_count))
\set i9 (1 + ((:b * 7 + 9 * :tenth + random(0, :tenth - 1)) % :item_count))
-- W3 create and submit
begin;
select t.tenant_id as tenant, qm.set_tenant(t.tenant_id) as nothing, reference.v7() as po, reference.v7() as rc, s.id as supplier, l.id as location, (select array_agg(i.id) from reference.item_of i where i.tenant_id = t.tenant_id and i.n = any(array[:i0,:i1,:i2,:i3,:i4,:i5,:i6,:i7,:i8,:i9]::int[])) as items from reference.tenant_of t join reference.supplier_of s on s.tenant_id = t.tenant_id and s.n = :s join reference.location_of l on l.tenant_id = t.tenant_id and l.n = :l where t.n = :t \gset
@copy qm.purchase_order {"id": ":po::uuid", "number": "'PO-' || right(:po::text, 12)", "supplier_id": ":supplier::uuid", "location_id": ":location::uuid", "status": "'IN_APPROVAL'", "approvals": "0", "version": "1", "event_sequence": "2", "created_at": "now()", "updated_at": "now()"} reference.w7_purchase_order t where t.tenant_id = :tenant::uuid
@copy qm.purchase_order_line {"id": ":po::uuid", "item_id": "(:items::uuid[])[t.line_number]", "received_quantity": "0", "is_open": "true"} reference.w7_purchase_order_line t where t.tenant_id = :tenant::uuid
@copy qm.event {"id": "reference.v7()", "document_id": ":po::uuid", "at": "now()", "published_at": "null", "location_id": "case when t.location_id is not null then :location::uuid end"} reference.w7_event t where t.tenant_id = :tenant::uuid and t.step = 3
@copy qm.authz_hand {"document_id": ":po::uuid", "at": "now()", "supplier_id": "case when t.supplier_id is not null then :supplier::uuid end", "location_id": "case when t.location_id is not null then :location::uuid end", "item_ids": "case when t.item_ids is not null then :items::uuid[] end"} reference.w7_authz_hand t where t.tenant_id = :tenant::uuid and t.step = 3
@copy qm.idempotency {"key": "reference.v7()::text", "at": "now()"} reference.w7_idempotency t where t.tenant_id = :tenant::uuid and t.step = 3
commit;
-- W4 approve, released by the tenant's setting
begin;
select qm.set_tenant(:tenant::uuid);
update qm.purchase_order o set status = 'RELEASED', approvals = 1, version = o.version + 1, event_sequence = 4, event_hash = t.event_hash, updated_at = now() from reference.w7_purchase_order t where t.tenant_id = :tenant::uuid and o.tenant_id = :tenant::uuid and o.id = :po::uuid;
@copy qm.event {"id": "reference.v7()", "document_id": ":po::uuid", "at": "now()", "published_at": "null", "location_id": "case when t.location_id is not null then :location::uuid end"} reference.w7_event t where t.tenant_id = :tenant::uuid and t.step = 4
@copy qm.authz_hand {"document_id": ":po::uuid", "at": "now()", "supplier_id": "case when t.supplier_id is not null then :supplier::uuid end", "location_id": "case when t.location_id is not null then :location::uuid end", "item_ids": "case when t.item_ids is not null then :items::uuid[] end"} reference.w7_authz_hand t where t.tenant_id = :tenant::uuid and t.step = 4
@copy qm.idempotency {"key": "reference.v7()::text", "at": "now()"} reference.w7_idempotency t where t.tenant_id = :tenant::uuid and t.step = 4
commit;
-- W5 receive
begin;
select qm.set_tenant(:tenant::uuid);
@copy qm.receipt {"id": ":rc::uuid", "number": "'RC-' || right(:rc::text, 12)", "supplier_id": ":supplier::uuid", "location_id": ":location::uuid", "created_at": "now()", "updated_at": "now()"} reference.w7_receipt t where t.tenant_id = :tenant::uuid
@copy qm.receipt_order {"id": ":rc::uuid", "order_id": ":po::uuid"} reference.w7_receipt_order t where t.tenant_id = :tenant::uuid
@copy qm.receipt_line {"id": ":rc::uuid", "order_id": ":po::uuid", "item_id": "(:items::uuid[])[t.order_line_number]"} reference.w7_receipt_line t where t.tenant_id = :tenant::uuid
update qm.purchase_order o set status = t.status, version = t.version, event_sequence = t.event_sequence, event_hash = t.event_hash, updated_at = now() from reference.w7_purchase_order t where t.tenant_id = :tenant::uuid and o.tenant_id = :tenant::uuid and o.id = :po::uuid;
update qm.purchase_order_line l set received_quantity = l.quantity, is_open = false where l.tenant_id = :tenant::uuid and l.id = :po::uuid;
select p.id from qm.stock_position p where p.tenant_id = :tenant::uuid and p.item_id = any(:items::uuid[]) and p.location_id = :location::uuid order by p.item_id for update of p;
update qm.stock_position p set quantity = p.quantity + l.quantity, version = p.version + 1, updated_at = now() from qm.purchase_order_line l where l.tenant_id = :tenant::uuid and l.id = :po::uuid and p.tenant_id = :tenant::uuid and p.item_id = l.item_id and p.location_id = :location::uuid;
@copy qm.stock_movement {"document_id": ":rc::uuid", "position_id": "p.id", "at": "now()"} reference.w7_stock_movement t join qm.stock_position p on p.tenant_id = :tenant::uuid and p.item_id = (:items::uuid[])[t.document_line] and p.location_id = :location::uuid where t.tenant_id = :tenant::uuid
@copy qm.event {"id": "reference.v7()", "document_id": "case t.document_kind when 'RECEIPT' then :rc::uuid else :po::uuid end", "at": "now()", "published_at": "null", "location_id": "case when t.location_id is not null then :location::uuid end"} reference.w7_event t where t.tenant_id = :tenant::uuid and t.step = 5
@copy qm.authz_hand {"document_id": ":rc::uuid", "at": "now()", "supplier_id": "case when t.supplier_id is not null then :supplier::uuid end", "location_id": "case when t.location_id is not null then :location::uuid end", "item_ids": "case when t.item_ids is not null then :items::uuid[] end"} reference.w7_authz_hand t where t.tenant_id = :tenant::uuid and t.step = 5
@copy qm.authz_link {"document_id": ":rc::uuid", "ancestor_id": ":po::uuid"} reference.w7_authz_link t where t.tenant_id = :tenant::uuid
@copy qm.idempotency {"key": "reference.v7()::text", "at": "now()"} reference.w7_idempotency t where t.tenant_id = :tenant::uuid and t.step = 5
commit;
