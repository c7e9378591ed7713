//! Looking items and suppliers up, among many.

use super::world;
use crate::database::fixture::{client, scratch, shop};
use quartermaster_domain::items::queries::{self, ItemFilter, ORDERS};
use quartermaster_domain::shared::{Order, Window};
use quartermaster_tenants::id::TenantId;
use quartermaster_tenants::settings::Settings;
use quartermaster_tenants::tx::SESSION;
use quartermaster_tenants::{Op, Tenants};
use tokio_postgres::Client;
use uuid::Uuid;

/// Makes so many items, each with a serial number in its SKU.
async fn many(owner: &Client, tenant: TenantId, name: &str, so_many: i32) {
    owner
        .execute(
            "INSERT INTO qm.item (tenant_id, id, sku, name, base_unit, status, version, event_sequence, event_hash, created_at, updated_at) \
             SELECT $1, gen_random_uuid(), $2 || '-' || lpad(n::text, 6, '0'), $2 || ' No. ' || n, 'EA', 'ACTIVE', 1, 1, '\\x00', now(), now() FROM generate_series(1, $3) n",
            &[&tenant.0, &name, &so_many],
        )
        .await
        .expect("items");
}

fn holding(text: &str) -> ItemFilter {
    ItemFilter {
        search: Some(text.to_owned()),
        ..ItemFilter::default()
    }
}

/// All SKUs that a list holds, read page by page, and how many the list says there are.
async fn skus(db: &Tenants, op: &Op, filter: &ItemFilter, order: Order) -> (Vec<String>, i64) {
    let mut found = Vec::new();
    let mut window = Window::first(250);
    loop {
        let page = queries::items(db, op, filter, order, &window).await.expect("a page");
        window.after = page.rows.last().map(|(_, cursor)| cursor.clone());
        found.extend(page.rows.into_iter().map(|(record, _)| record.item.sku));
        if !page.has_next {
            break;
        }
    }
    (found, queries::count_items(db, op, filter).await.expect("a count"))
}

#[tokio::test]
async fn a_text_is_found_in_sku_and_name_wherever_it_stands_and_as_it_is_written() {
    let w = world().await;
    many(&w.owner, w.shop.tenant, "Pear", 30).await;
    many(&w.owner, w.shop.tenant, "100%_Rye", 3).await;
    for (text, expected) in [
        ("r-00001", 10),
        ("PEAR no. 1", 11),
        ("000007", 1),
        ("100%_", 3),
        ("%_r", 3),
        ("0%0", 0),
        ("pe", 30),
        ("eaR-", 30),
        ("ear\\", 0),
    ] {
        let (found, total) = skus(&w.db, &w.steward, &holding(text), ORDERS[0]).await;
        assert_eq!((found.len(), total), (expected, expected as i64), "{text}: {found:?}");
    }
}

#[tokio::test]
async fn a_text_that_many_items_hold_is_found_in_all_of_them_in_each_order() {
    let w = world().await;
    many(&w.owner, w.shop.tenant, "Plum", 1_100).await;
    many(&w.owner, w.shop.tenant, "Fig", 40).await;
    for order in ORDERS {
        let (found, total) = skus(&w.db, &w.steward, &holding("plum"), order).await;
        assert_eq!((found.len(), total), (1_100, 1_100), "{}", order.tag);
        let mut once = found.clone();
        once.sort();
        once.dedup();
        assert_eq!(once.len(), 1_100, "{}: each once", order.tag);
    }
    let (ascending, _) = skus(&w.db, &w.steward, &holding("plum"), ORDERS[0]).await;
    assert!(ascending.is_sorted());
}

#[tokio::test]
async fn a_text_is_not_found_in_the_items_of_another_tenant() {
    let w = world().await;
    let other = shop(&w.owner, &Settings::default()).await;
    many(&w.owner, other.tenant, "Quince", 5).await;
    many(&w.owner, w.shop.tenant, "Quince", 2).await;
    let (found, total) = skus(&w.db, &w.steward, &holding("quince"), ORDERS[0]).await;
    assert_eq!((found.len(), total), (2, 2), "{found:?}");
}

/// As the owner, since the look-up reads as the owner.
#[tokio::test]
async fn a_text_is_looked_up_by_its_index_and_a_name_is_read_in_its_order() {
    let url = scratch().await;
    quartermaster_migrations::migrate(&url, None).await.expect("migrated");
    let owner = client(&url).await;
    let tenant = TenantId(Uuid::now_v7());
    many(&owner, tenant, "Pear", 5_000).await;
    owner
        .batch_execute("VACUUM (ANALYZE) qm.item")
        .await
        .expect("statistics");
    let look_up = owner
        .query_one(
            "SELECT prosrc, proconfig FROM pg_proc WHERE oid = 'qm.items_holding(text, integer)'::regprocedure",
            &[],
        )
        .await
        .expect("the look-up");
    // It is planned with its values.
    let source: String = look_up.get(0);
    let (_, body) = source.split_once("EXECUTE '").expect("a statement");
    let (body, _) = body.split_once("'\n").expect("its end");
    let body = body
        .replace("''", "'")
        .replace("$1", &format!("'{}'", tenant.0))
        .replace("$2", "'%4711%'")
        .replace("$3", "1001");
    let settings: Vec<String> = look_up.get(1);
    let by_name = "SELECT t.id FROM qm.item t WHERE t.tenant_id = $1 AND (t.name, t.id) > ($2, $3) ORDER BY t.name, t.id LIMIT 51";
    for (settings, statement, types, values, index) in [
        (settings, body.as_str(), "", "", "item_text"),
        (
            vec![],
            by_name,
            "(uuid, text, uuid)",
            "(gen_random_uuid(), 'P', gen_random_uuid())",
            "item_name",
        ),
    ] {
        let ours = format!("app.tenant_id = '{}'", tenant.0);
        for setting in SESSION
            .split("-c ")
            .skip(1)
            .map(str::to_owned)
            .chain(settings)
            .chain([ours])
        {
            owner.batch_execute(&format!("SET {setting}")).await.expect("a setting");
        }
        owner
            .batch_execute(&format!("PREPARE s {types} AS {statement}"))
            .await
            .expect("prepared");
        let plan: Vec<String> = owner
            .query(&format!("EXPLAIN EXECUTE s {values}"), &[])
            .await
            .expect("plan")
            .iter()
            .map(|row| row.get(0))
            .collect();
        let plan = plan.join("\n");
        assert!(plan.contains(index) && !plan.contains("Sort"), "{plan}");
        owner.batch_execute("DEALLOCATE s; RESET ALL").await.expect("forgotten");
    }
}

#[tokio::test]
async fn a_supplier_is_found_by_the_key_of_another_system() {
    use quartermaster_domain::suppliers::queries::{ORDERS, SupplierFilter, suppliers};
    let w = world().await;
    w.owner
        .execute(
            "UPDATE qm.supplier SET external_key = 'LIFNR-0000123456' WHERE tenant_id = $1 AND id = $2",
            &[&w.shop.tenant.0, &w.shop.supplier],
        )
        .await
        .expect("a key");
    let with = |key: &str| SupplierFilter {
        external_keys: Some(vec![key.to_owned()]),
        ..SupplierFilter::default()
    };
    for (key, expected) in [
        ("LIFNR-0000123456", vec![w.shop.supplier]),
        ("LIFNR-0000123457", vec![]),
    ] {
        let page = suppliers(&w.db, &w.steward, &with(key), ORDERS[0], &Window::first(5))
            .await
            .expect("a page");
        let found: Vec<Uuid> = page.rows.iter().map(|(record, _)| record.id).collect();
        assert_eq!(found, expected, "{key}");
    }
}
