//! Who exports what: what he reads in lists, and nothing else.

use super::exported;
use crate::database::fixture::strict;
use crate::imports::{Desk, ITEMS, LOCATIONS, PRICES, SUPPLIERS, imported};
use reqwest::Method;
use serde_json::Value;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_export_is_a_file_with_a_name_and_the_columns_of_the_import() {
    let desk = Desk::open().await;
    // Every member reads these lists.
    let clerk = desk.world.member(&desk.shop, &[]).await;
    for (kind, import) in [
        ("suppliers", SUPPLIERS),
        ("items", ITEMS),
        ("prices", PRICES),
        ("locations", LOCATIONS),
    ] {
        let path = format!("/v1/exports/{kind}");
        let response = clerk.rest(Method::GET, &path).send().await.unwrap();
        let header = |name: &str| response.headers()[name].to_str().unwrap().to_owned();
        assert_eq!(header("content-type"), "text/csv; charset=utf-8; header=present");
        assert_eq!(
            header("content-disposition"),
            format!("attachment; filename=\"{kind}.csv\"")
        );
        assert_eq!(
            (header("cache-control").as_str(), header("transfer-encoding").as_str()),
            ("no-store", "chunked")
        );
        let file = response.text().await.unwrap();
        let columns = file.lines().next().unwrap().split(',').collect::<Vec<_>>();
        let known = import.lines().next().unwrap().split(',');
        assert!(
            known.clone().count() > 10 && known.clone().all(|c| columns.contains(&c)),
            "{columns:?}"
        );
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nobody_exports_what_he_does_not_see() {
    let desk = Desk::open().await;
    imported(&desk.admin, "locations", LOCATIONS).await;
    let (tenant, supplier) = (desk.shop.tenant.0, desk.shop.supplier);
    let manager = desk.world.member(&desk.shop, &["store_manager"]).await;
    let sql = format!(
        "UPDATE qm.account SET all_locations = false WHERE tenant_id = '{tenant}' AND id = '{0}'; \
         INSERT INTO qm.account_location (tenant_id, id, location_id) SELECT l.tenant_id, '{0}', l.id FROM qm.location l WHERE l.tenant_id = '{tenant}' AND l.code = 'S001'; \
         INSERT INTO qm.supplier_bank (tenant_id, id, change_id, sealed, key_id, mask, country, updated_at) \
         VALUES ('{tenant}', '{supplier}', '{supplier}', '\\x00', 'k', 'DE····3000', 'DE', statement_timestamp())",
        manager.op.account
    );
    desk.world.owner.batch_execute(&sql).await.unwrap();
    let own = exported(&manager, "locations").await;
    assert_eq!(
        own.lines()
            .skip(1)
            .filter_map(|l| l.split(',').next())
            .collect::<Vec<_>>(),
        ["S001"]
    );
    let suppliers = exported(&desk.steward, "suppliers").await;
    assert!(
        suppliers.contains("\r\nS1,") && !suppliers.contains("3000"),
        "{suppliers}"
    );

    let elsewhere = desk.world.shop(&strict()).await;
    let stranger = desk.world.member(&elsewhere, &["tenant_admin"]).await;
    assert!(!exported(&stranger, "locations").await.contains("S001"));
    assert_eq!(exported(&stranger, "suppliers").await.lines().count(), 2);
    let url = desk.world.url().replace("/graphql", "/v1/exports/items");
    let nobody = desk.world.http.get(url).send().await.unwrap();
    assert_eq!(nobody.status(), 401);
    assert!(nobody.headers().contains_key("www-authenticate"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_no_export_is_refused_with_a_code() {
    let desk = Desk::open().await;
    for (method, path, status, code) in [
        (Method::GET, "orders", 404, "NOT_FOUND"),
        (Method::GET, "supplier_bank", 404, "NOT_FOUND"),
        (Method::GET, "items?status=DRAFT", 400, "BAD_USER_INPUT"),
        (Method::POST, "items", 405, "BAD_USER_INPUT"),
    ] {
        let asked = desk.steward.rest(method, &format!("/v1/exports/{path}"));
        let answer = asked.send().await.unwrap();
        assert_eq!(answer.status(), status, "{path}");
        let answer: Value = answer.json().await.unwrap();
        assert_eq!(answer["errors"][0]["extensions"]["code"], code, "{path} {answer}");
    }
}
