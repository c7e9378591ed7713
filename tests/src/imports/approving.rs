//! Good lines are proposed as one change, and somebody else approves all of it at once.

use super::{Desk, ITEMS, LOCATIONS, PRICES, SUPPLIERS, approval_refused, approve, counts, imported, shown};
use serde_json::{Value, json};

/// Brings a file of two new records into force: proposed by somebody who may approve, but not what he proposed himself.
async fn in_force(desk: &Desk, path: &str, file: &'static str, rule: &str) {
    let roles = ["category_manager", "supplier_approver", "pricing_manager"];
    let both = desk.world.member(&desk.shop, &roles).await;
    let import = imported(&both, path, file).await;
    assert_eq!((&import["state"], counts(&import)), (&json!("PROPOSED"), [2, 0, 0, 0]));
    let waiting = shown(&desk.approver, &import).await;
    assert_eq!(waiting["change"]["status"], "PENDING");
    let own = approval_refused(&both, &import).await;
    assert_eq!(own["rule"], rule, "{own}");
    approve(&desk.approver, &import).await;
    assert_eq!(shown(&both, &import).await["state"], "APPLIED");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn items_of_a_file_wait_for_another_person_and_come_into_force_together() {
    let desk = Desk::open().await;
    in_force(&desk, "items?name=spring.csv", ITEMS, "VND-09").await;
    let items = "query { items(filter: { skus: [\"A-100\", \"A-200\"] }) { nodes { sku name description status regulated packs { unitCode baseQuantity } gtins { gtin unitCode } } } }";
    let items = desk.steward.run(items, json!({})).await;
    assert_eq!(
        items["nodes"],
        json!([
            { "sku": "A-100", "name": "Vodka 0.75 l", "description": null, "status": "ACTIVE", "regulated": true, "packs": [{ "unitCode": "CS", "baseQuantity": "12" }],
              "gtins": [{ "gtin": "00036000291452", "unitCode": "EA" }, { "gtin": "10614141000415", "unitCode": "CS" }] },
            { "sku": "A-200", "name": "Gin \"dry\"", "description": "two lines of text", "status": "ACTIVE", "regulated": false, "packs": [],
              "gtins": [{ "gtin": "00000096385074", "unitCode": "EA" }] },
        ])
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn suppliers_of_a_file_wait_for_another_person_and_come_into_force_together() {
    let desk = Desk::open().await;
    in_force(&desk, "suppliers", SUPPLIERS, "VND-01").await;
    let suppliers = "query { suppliers(filter: { codes: [\"ACME\", \"BOLT\"] }) { nodes { code legalName status currencyCode taxId gln paymentTermsDays leadTimeDays incoterm contacts { name email } } } }";
    let suppliers = desk.steward.run(suppliers, json!({})).await;
    assert_eq!(
        suppliers["nodes"],
        json!([
            { "code": "ACME", "legalName": "Acme Foods Ltd", "status": "ACTIVE", "currencyCode": "USD", "taxId": "12-3456789", "gln": "9506000117843", "paymentTermsDays": 30,
              "leadTimeDays": 5, "incoterm": "DAP", "contacts": [{ "name": "Ann Li", "email": "ann@acme.example" }] },
            { "code": "BOLT", "legalName": "Bolt, Sons & Co", "status": "ACTIVE", "currencyCode": "EUR", "taxId": null, "gln": null, "paymentTermsDays": null,
              "leadTimeDays": null, "incoterm": null, "contacts": [] },
        ])
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn prices_of_a_file_wait_for_another_person_and_come_into_force_together() {
    let desk = Desk::open().await;
    in_force(&desk, "prices", PRICES, "P2P-27").await;
    let prices = desk
        .steward
        .run(
            "query { supplierPrices { nodes { price { amount currencyCode } validFrom validTo minimumQuantity } } }",
            json!({}),
        )
        .await;
    let mut amounts: Vec<&str> = prices["nodes"]
        .as_array()
        .unwrap()
        .iter()
        .map(|p| p["price"]["amount"].as_str().unwrap())
        .collect();
    amounts.sort_unstable();
    assert_eq!(amounts, ["101.94", "2.5"]);
    let terms = desk
        .steward
        .run(
            "query { supplierItems { nodes { supplierSku minimumQuantity orderMultiple leadTimeDays preference } } }",
            json!({}),
        )
        .await;
    assert!(terms.to_string().contains("\"V0\""), "{terms}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn locations_of_a_file_are_in_force_at_once() {
    let desk = Desk::open().await;
    let import = imported(&desk.admin, "locations", LOCATIONS).await;
    assert_eq!((&import["state"], counts(&import)), (&json!("APPLIED"), [2, 0, 0, 0]));
    assert_eq!(import["change"], Value::Null);
    let locations =
        "query { locations(filter: { codes: [\"S001\", \"W001\"] }) { nodes { code name kind status gln timeZone } } }";
    let locations = desk.admin.run(locations, json!({})).await;
    assert_eq!(
        locations["nodes"],
        json!([
            { "code": "S001", "name": "Store 1", "kind": "STORE", "status": "ACTIVE", "gln": "9506000117843", "timeZone": "America/Chicago" },
            { "code": "W001", "name": "Warehouse", "kind": "WAREHOUSE", "status": "ACTIVE", "gln": null, "timeZone": "UTC" },
        ])
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_same_file_again_changes_nothing_before_and_after_its_approval() {
    let desk = Desk::open().await;
    for (kind, file) in [("suppliers", SUPPLIERS), ("items", ITEMS), ("prices", PRICES)] {
        let first = imported(&desk.steward, kind, file).await;
        for _ in 0..2 {
            let again = imported(&desk.steward, kind, file).await;
            assert_eq!(
                (&again["state"], counts(&again)),
                (&json!("UNCHANGED"), [0, 0, 2, 0]),
                "{kind}"
            );
            assert_eq!(again["change"], Value::Null, "{kind}");
            if shown(&desk.steward, &first).await["state"] == "PROPOSED" {
                approve(&desk.approver, &first).await;
            }
        }
    }
    imported(&desk.admin, "locations", LOCATIONS).await;
    let again = imported(&desk.admin, "locations", LOCATIONS).await;
    assert_eq!((&again["state"], counts(&again)), (&json!("UNCHANGED"), [0, 0, 2, 0]));
}
