//! Reorder points: by two people, told once for each crossing, seen on the position.

use crate::database::fixture::strict;
use crate::duties::Company;
use crate::world::Person;
use quartermaster_tenants::settings::Settings;
use rust_decimal::dec;
use serde_json::{Value, json};

/// A company whose stock moves without approval, and the three people whose work this is.
struct Shelves {
    company: Company,
    controller: Person,
    planner: Person,
    manager: Person,
}

async fn shelves() -> Shelves {
    let company = Company::with(Settings {
        approval_limits: [dec!(1000000); 4],
        ..strict()
    })
    .await;
    Shelves {
        controller: company.person(&["inventory_controller"]).await,
        planner: company.person(&["inventory_controller"]).await,
        manager: company.person(&["inventory_manager"]).await,
        company,
    }
}

impl Shelves {
    fn line(&self, item: usize, reorder_point: &str, safety_stock: &str) -> Value {
        json!({ "itemId": self.company.item(item), "locationId": self.company.location(),
            "reorderPoint": reorder_point, "safetyStock": safety_stock })
    }

    async fn proposed(&self, by: &Person, lines: Value) -> Value {
        let input = json!({ "lines": lines });
        let made = by.does("replenishmentPolicyPropose", "replenishmentPolicy { id }", input);
        made.await["replenishmentPolicy"]["id"].clone()
    }

    /// From now on this is the reorder point of an item.
    async fn reordered_at(&self, item: usize, reorder_point: &str) {
        let id = self.company.reorder_point(item, reorder_point, &self.planner).await;
        self.manager
            .does("replenishmentPolicyApprove", "", json!({ "id": id }))
            .await;
    }

    async fn moved(&self, item: usize, quantity: i64) {
        let mut input = self.company.adjustment(item);
        input["lines"][0]["quantity"] = json!(quantity.to_string());
        if quantity < 0 {
            input["reason"] = json!("DAMAGE");
            input["lines"][0]["unitCost"] = Value::Null;
        }
        self.controller.does("adjustmentCreate", "", input).await;
    }

    /// What was recorded of a type, oldest first.
    async fn told(&self, kind: &str) -> Vec<Value> {
        let sql = "SELECT data FROM qm.event WHERE tenant_id = $1 AND type = $2 ORDER BY id";
        let tenant = self.company.shop.tenant.0;
        let rows = self.company.world.owner.query(sql, &[&tenant, &kind]).await;
        rows.expect("events").iter().map(|r| r.get(0)).collect()
    }

    async fn warnings(&self) -> usize {
        self.told("inventory-below-threshold").await.len()
    }

    /// Reorder point and safety stock on the positions, by item.
    async fn shown(&self, by: &Person) -> Vec<(Value, Value)> {
        let query =
            "{ inventoryPositions(orderBy: ITEM_ASC) { nodes { reorderPoint { value unit } safetyStock { value } } } }";
        let found = by.sees(query).await;
        let nodes = found["nodes"].as_array().expect("positions");
        let of = |n: &Value| (n["reorderPoint"]["value"].clone(), n["safetyStock"]["value"].clone());
        nodes.iter().map(of).collect()
    }
}

#[tokio::test]
async fn falling_below_a_threshold_is_told_once_for_each_crossing() {
    let s = shelves().await;
    s.moved(0, 20).await;
    s.reordered_at(0, "10").await;
    for (quantity, told) in [(-5, 0), (-6, 1), (-1, 1), (4, 1), (-4, 2)] {
        s.moved(0, quantity).await;
        assert_eq!(s.warnings().await, told, "{quantity}");
    }
}

#[tokio::test]
async fn a_reorder_point_above_what_is_there_is_told_at_once_and_only_once() {
    let s = shelves().await;
    s.moved(0, 8).await;
    s.reordered_at(0, "10").await;
    let told = s.told("inventory-below-threshold").await;
    assert_eq!(told.len(), 1, "there are eight");
    assert_eq!(told[0]["itemId"], s.company.item(0));
    s.moved(0, -1).await;
    s.reordered_at(0, "12").await;
    assert_eq!(s.warnings().await, 1, "it was below already");
    s.reordered_at(0, "7").await;
    assert_eq!(s.warnings().await, 1, "seven are enough");
    s.moved(0, -1).await;
    assert_eq!(s.warnings().await, 2, "a new crossing");
    s.reordered_at(1, "3").await;
    assert_eq!(s.warnings().await, 3, "there was never any of it");
}

#[tokio::test]
async fn what_one_proposes_another_approves_and_the_position_shows() {
    let s = shelves().await;
    s.moved(0, 50).await;
    s.moved(1, 50).await;
    let lines = json!([s.line(0, "10.5", "4"), s.line(1, "0", "0")]);
    let id = s.proposed(&s.planner, lines).await;
    assert_eq!(
        s.shown(&s.manager).await[0],
        (Value::Null, Value::Null),
        "not in force yet"
    );
    let ask = "query($id: ID!) { replenishmentPolicy(id: $id) { status version lineCount proposer { id } decider { id } \
        lines(first: 1) { totalCount nodes { item { sku } location { code } reorderPoint { value unit } safetyStock { value } } } \
        viewerCan { approve { allowed refusal { code } } withdraw { allowed } } } }";
    let seen = s.planner.run(ask, json!({ "id": id })).await;
    assert_eq!((&seen["status"], &seen["lineCount"]), (&json!("PENDING"), &json!(2)));
    assert_eq!(seen["lines"]["totalCount"], 2);
    let line = &seen["lines"]["nodes"][0];
    assert_eq!(line["reorderPoint"], json!({ "value": "10.5", "unit": "EA" }));
    assert_eq!(
        (&line["item"]["sku"], &line["location"]["code"]),
        (&json!("SKU0"), &json!("L1"))
    );
    assert_eq!(seen["viewerCan"]["approve"]["refusal"]["code"], "FORBIDDEN");
    assert_eq!(seen["viewerCan"]["withdraw"]["allowed"], true);

    let approved = s
        .manager
        .does(
            "replenishmentPolicyApprove",
            "replenishmentPolicy { status version }",
            json!({ "id": id, "expectedVersion": 1 }),
        )
        .await;
    assert_eq!(
        approved["replenishmentPolicy"],
        json!({ "status": "APPROVED", "version": 2 })
    );
    let shown = s.shown(&s.planner).await;
    assert_eq!(shown[0], (json!("10.5"), json!("4")));
    assert_eq!(shown[1], (json!("0"), json!("0")));
    let list = "{ replenishmentPolicies(filter: { statuses: [APPROVED] }) { totalCount nodes { decider { id } } } }";
    let listed = s.planner.sees(list).await;
    assert_eq!(listed["totalCount"], 1);
    assert_eq!(listed["nodes"][0]["decider"]["id"], Company::member(&s.manager));
    for kind in ["replenishment-policy-proposed", "replenishment-policy-approved"] {
        assert_eq!(s.told(kind).await.len(), 1, "{kind}");
    }
}

#[tokio::test]
async fn what_is_rejected_or_withdrawn_changes_nothing_and_is_decided_for_good() {
    let s = shelves().await;
    s.moved(0, 5).await;
    let id = s.company.reorder_point(0, "10", &s.planner).await;
    let stale = json!({ "id": id, "reason": "Too high", "expectedVersion": 7 });
    let refused = s.manager.cannot("replenishmentPolicyReject", stale).await;
    assert_eq!(
        (&refused["code"], &refused["currentVersion"]),
        (&json!("CONFLICT"), &json!(1))
    );
    let silent = json!({ "id": id, "reason": " " });
    assert_eq!(
        s.manager.cannot("replenishmentPolicyReject", silent).await["code"],
        "REQUIRED"
    );
    let why = |id: &Value| json!({ "id": id, "reason": "Too high" });
    s.manager.does("replenishmentPolicyReject", "", why(&id)).await;
    let other = s.company.reorder_point(0, "10", &s.planner).await;
    s.planner.does("replenishmentPolicyWithdraw", "", why(&other)).await;
    for (id, state) in [(&id, "REJECTED"), (&other, "WITHDRAWN")] {
        let refused = s
            .manager
            .cannot("replenishmentPolicyApprove", json!({ "id": id }))
            .await;
        assert_eq!(
            (&refused["code"], &refused["state"]),
            (&json!("INVALID_STATE"), &json!(state))
        );
    }
    assert_eq!(s.warnings().await, 0);
    assert_eq!(s.shown(&s.manager).await[0], (Value::Null, Value::Null));
    for kind in ["replenishment-policy-rejected", "replenishment-policy-withdrawn"] {
        assert_eq!(s.told(kind).await[0]["reason"], "Too high");
    }
}

async fn second_store(s: &Shelves) -> (Person, Value) {
    let admin = s.company.person(&["tenant_admin"]).await;
    let input = json!({ "code": "L2", "name": "Second", "kind": "STORE", "timeZone": "UTC" });
    let made = admin.does("locationCreate", "location { id }", input).await;
    (admin, made["location"]["id"].clone())
}

#[tokio::test]
async fn what_is_wrong_with_a_policy_is_told_with_its_place() {
    let s = shelves().await;
    let (admin, second) = second_store(&s).await;
    let waiting =
        json!([{ "itemId": s.company.item(0), "locationId": second, "reorderPoint": "1", "safetyStock": "0" }]);
    let waiting = s.proposed(&s.planner, waiting).await;
    admin.does("locationClose", "", json!({ "id": second })).await;
    let lines = json!([
        s.line(0, "10", "11"),
        { "itemId": s.company.item(1), "locationId": second, "reorderPoint": "1", "safetyStock": "0" },
        s.line(0, "5", "0"),
        s.line(2, "-1", "-2"),
    ]);
    let tried = s
        .planner
        .tries("replenishmentPolicyPropose", "", json!({ "lines": lines }))
        .await;
    let errors = tried["userErrors"].as_array().expect("errors");
    let told: Vec<(String, String)> = errors
        .iter()
        .map(|e| {
            let path = e["field"].as_array().expect("field").iter();
            let path: Vec<&str> = path.filter_map(Value::as_str).collect();
            (e["code"].as_str().unwrap_or_default().to_owned(), path.join("."))
        })
        .collect();
    let expected = [
        ("INVALID_INPUT", "lines.0.safetyStock"),
        ("INACTIVE", "lines.1.locationId"),
        ("DUPLICATE", "lines.2.itemId"),
        ("INVALID_INPUT", "lines.3.reorderPoint"),
        ("INVALID_INPUT", "lines.3.safetyStock"),
    ];
    assert_eq!(told, expected.map(|(code, path)| (code.to_owned(), path.to_owned())));
    // What was good when it was proposed need not be so when it is approved.
    let refused = s
        .manager
        .cannot("replenishmentPolicyApprove", json!({ "id": waiting }))
        .await;
    assert_eq!(
        (&refused["code"], &refused["field"]),
        (&json!("INACTIVE"), &json!(["id"]))
    );
}

#[tokio::test]
async fn a_member_of_one_store_sees_and_decides_only_what_lies_wholly_in_it() {
    let s = shelves().await;
    s.moved(0, 50).await;
    let (_, second) = second_store(&s).await;
    let near = s.company.reorder_point(0, "10", &s.planner).await;
    let there = json!({ "itemId": s.company.item(0), "locationId": second, "reorderPoint": "10", "safetyStock": "0" });
    let both = s.proposed(&s.planner, json!([s.line(1, "5", "0"), there])).await;
    let clerk = s.company.person(&["inventory_manager"]).await;
    let editor = s.company.person(&["inventory_controller"]).await;
    let security = s.company.person(&["security_admin"]).await;
    for person in [&clerk, &editor] {
        let input = json!({ "id": Company::member(person), "locationIds": [s.company.location()] });
        security.does("memberSetLocations", "", input).await;
    }
    let listed = clerk
        .sees("{ replenishmentPolicies { totalCount nodes { id } } }")
        .await;
    assert_eq!(listed, json!({ "totalCount": 1, "nodes": [{ "id": near }] }));
    let node = clerk
        .run("query($id: ID!) { node(id: $id) { id } }", json!({ "id": both }))
        .await;
    assert_eq!(node, Value::Null);
    for command in ["replenishmentPolicyApprove", "replenishmentPolicyReject"] {
        let mut input = json!({ "id": both });
        if command.ends_with("Reject") {
            input["reason"] = json!("No");
        }
        assert_eq!(clerk.cannot(command, input).await["code"], "NOT_FOUND", "{command}");
    }
    let far = editor
        .cannot("replenishmentPolicyPropose", json!({ "lines": [there] }))
        .await;
    assert_eq!(
        (&far["code"], &far["field"]),
        (&json!("NOT_FOUND"), &json!(["lines", "0", "locationId"]))
    );
    clerk
        .does("replenishmentPolicyApprove", "", json!({ "id": near }))
        .await;
    s.manager
        .does("replenishmentPolicyApprove", "", json!({ "id": both }))
        .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn stock_that_falls_while_its_reorder_point_is_approved_is_told_once() {
    let s = shelves().await;
    for item in 0..8 {
        s.moved(item, 20).await;
    }
    let rounds = (0..8).map(|item| {
        let s = &s;
        async move {
            let id = s.company.reorder_point(item, "15", &s.planner).await;
            let approved = s.manager.does("replenishmentPolicyApprove", "", json!({ "id": id }));
            futures::future::join(approved, s.moved(item, -10)).await;
        }
    });
    futures::future::join_all(rounds).await;
    let mut told: Vec<String> = s
        .told("inventory-below-threshold")
        .await
        .iter()
        .map(|d| d["itemId"].to_string())
        .collect();
    told.sort_unstable();
    told.dedup();
    assert_eq!((told.len(), s.warnings().await), (8, 8));
}
