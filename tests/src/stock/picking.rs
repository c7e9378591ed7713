//! Picking: what is promised to a transfer is nobody else's, until it is shipped or called off.

use crate::database::fixture::strict;
use crate::duties::Company;
use crate::world::Person;
use futures::future::join_all;
use quartermaster_tenants::settings::{NegativeStock, Settings};
use rust_decimal::Decimal;
use serde_json::{Value, json};

/// A store with a hundred of its first item at 40, a second store, and people of both.
struct Stores {
    company: Company,
    second: Value,
    controller: Person,
    picker: Person,
    receiver: Person,
}

async fn stores(settings: Settings) -> Stores {
    let company = Company::with(settings).await;
    company.stocked(0).await;
    let admin = company.person(&["tenant_admin"]).await;
    let input = json!({ "code": "L2", "name": "Second", "kind": "STORE", "timeZone": "UTC" });
    let second = admin.does("locationCreate", "location { id }", input).await["location"]["id"].clone();
    Stores {
        second,
        controller: company.person(&["inventory_controller"]).await,
        picker: company.person(&["receiver"]).await,
        receiver: company.person(&["receiver"]).await,
        company,
    }
}

impl Stores {
    async fn transfer(&self, quantity: &str) -> Value {
        let lines = json!([{ "itemId": self.company.item(0), "quantity": quantity }]);
        let input = json!({ "fromLocationId": self.company.location(), "toLocationId": self.second, "lines": lines });
        let made = self.controller.does("transferCreate", "transfer { id }", input).await;
        made["transfer"]["id"].clone()
    }

    /// Asks for it, and picks it.
    async fn picked(&self, quantity: &str) -> Value {
        let transfer = self.transfer(quantity).await;
        self.pick(&transfer).await;
        transfer
    }

    async fn pick(&self, transfer: &Value) {
        self.picker.does("transferPick", "", json!({ "id": transfer })).await;
    }

    /// On hand, allocated, available, in transit at a store, by its position; the availability of the item says the same.
    async fn figures(&self, location: &Value) -> [String; 4] {
        let ask = "query($item: ID!, $at: ID!) { inventoryPositions(filter: { itemIds: [$item], locationIds: [$at] }) { nodes { \
            onHand { value } allocated { value } available { value } inTransit { value } } } }";
        let at = json!({ "item": self.company.item(0), "at": location });
        let page = self.controller.run(ask, at.clone()).await;
        let position = &page["nodes"][0];
        let of = |name: &str| position[name]["value"].as_str().expect("a quantity").to_owned();
        let figures = [of("onHand"), of("allocated"), of("available"), of("inTransit")];
        let ask = "query($item: ID!, $at: ID!) { inventoryAvailability(itemId: $item, locationIds: [$at], on: \"2030-01-01\") { \
            onHand allocated available } }";
        let promises = self.controller.run(ask, at).await;
        // Where nothing lies yet, nothing can be promised.
        let Some(promise) = promises.as_array().expect("a list").first() else {
            assert_eq!(figures[..3], ["0"; 3]);
            return figures;
        };
        let same = ["onHand", "allocated", "available"].map(|name| promise[name].as_str().expect("a number"));
        assert_eq!(same, [&figures[0], &figures[1], &figures[2]], "{promise:#}");
        figures
    }

    async fn here(&self) -> [String; 4] {
        self.figures(&self.company.location()).await
    }

    async fn proof(&self) -> Value {
        let ask =
            "{ stockIntegrity { ok differing differences { quantity ledgerQuantity allocated reservedQuantity } } }";
        self.controller.sees(ask).await
    }

    async fn proven(&self) {
        let proof = self.proof().await;
        assert_eq!(proof["ok"], true, "{proof:#}");
    }

    async fn status(&self, transfer: &Value) -> Value {
        let ask = "query($id: ID!) { transfer(id: $id) { status lines { nodes { quantity { value } reservedQuantity { value } shippedQuantity { value } } } } }";
        self.controller.run(ask, json!({ "id": transfer })).await
    }

    async fn events(&self, transfer: &Value) -> Vec<String> {
        let (_, id) = quartermaster_tenants::id::decode(transfer.as_str().expect("an id")).expect("an id");
        let sql = "SELECT type FROM qm.event WHERE tenant_id = $1 AND document_id = $2 ORDER BY sequence";
        let params: [&(dyn tokio_postgres::types::ToSql + Sync); 2] = [&self.company.shop.tenant.0, &id];
        let rows = self.company.world.owner.query(sql, &params).await.expect("events");
        rows.iter().map(|r| r.get(0)).collect()
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn stock_is_promised_when_it_is_picked_and_leaves_when_it_is_shipped() {
    let s = stores(strict()).await;
    let transfer = s.transfer("20").await;
    assert_eq!(s.here().await, ["100", "0", "100", "0"]);
    s.pick(&transfer).await;
    assert_eq!(s.here().await, ["100", "20", "80", "0"]);
    let picking = s.status(&transfer).await;
    assert_eq!(picking["status"], "PICKING");
    assert_eq!(picking["lines"]["nodes"][0]["reservedQuantity"]["value"], "20");
    s.proven().await;
    let again = s.picker.cannot("transferPick", json!({ "id": transfer })).await;
    assert_eq!(again["code"], "INVALID_STATE");
    s.picker.does("transferShip", "", json!({ "id": transfer })).await;
    assert_eq!(s.here().await, ["80", "0", "80", "0"]);
    assert_eq!(s.figures(&s.second).await, ["0", "0", "0", "20"]);
    s.proven().await;
    let all = json!({ "id": transfer, "lines": [{ "lineNumber": 1, "quantity": "20" }] });
    s.receiver.does("transferReceive", "", all).await;
    assert_eq!(s.figures(&s.second).await, ["20", "0", "20", "0"]);
    let steps = [
        "requested",
        "approved",
        "picking-started",
        "shipped",
        "received",
        "closed",
    ];
    assert_eq!(s.events(&transfer).await, steps.map(|step| format!("transfer-{step}")));
    s.proven().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn more_than_is_available_is_not_promised_and_nobody_takes_what_is() {
    let s = stores(strict()).await;
    let first = s.picked("60").await;
    let second = s.transfer("60").await;
    let short = s.picker.cannot("transferPick", json!({ "id": second })).await;
    assert_eq!(
        (&short["code"], &short["field"]),
        (&json!("INSUFFICIENT_STOCK"), &json!(["id"]))
    );
    assert!(
        short["message"]
            .as_str()
            .expect("a sentence")
            .contains("60 of them promised, 20 fewer"),
        "{short:#}"
    );
    assert_eq!(s.status(&second).await["status"], "APPROVED");
    let short = s.picker.cannot("transferShip", json!({ "id": second })).await;
    assert_eq!(short["code"], "INSUFFICIENT_STOCK");

    let mut broken = s.company.adjustment(0);
    broken["reason"] = json!("DAMAGE");
    broken["lines"] = json!([{ "itemId": s.company.item(0), "quantity": "-50" }]);
    let made = s
        .controller
        .does("adjustmentCreate", "adjustment { id status }", broken)
        .await;
    assert_eq!(made["adjustment"]["status"], "IN_APPROVAL");
    let broken = json!({ "id": made["adjustment"]["id"] });
    let approver = s.company.person(&["approver_l4"]).await;
    assert_eq!(
        approver.cannot("adjustmentApprove", broken.clone()).await["code"],
        "INSUFFICIENT_STOCK"
    );
    assert_eq!(s.here().await, ["100", "60", "40", "0"]);
    s.proven().await;

    s.controller
        .does("transferCancel", "", json!({ "id": first, "reason": "Not now" }))
        .await;
    assert_eq!(s.here().await, ["100", "0", "100", "0"]);
    approver.does("adjustmentApprove", "", broken).await;
    assert_eq!(s.here().await, ["50", "0", "50", "0"]);
    s.proven().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_picked_and_is_not_shipped_is_available_again() {
    let s = stores(strict()).await;
    let transfer = s.picked("20").await;
    let other = s.picked("80").await;
    let some = json!({ "id": transfer, "lines": [{ "lineNumber": 1, "quantity": "5" }] });
    s.picker.does("transferShip", "", some).await;
    assert_eq!(s.here().await, ["95", "80", "15", "0"]);
    // The rest of the stock is promised to the other transfer, and it takes what it was promised.
    let unpicked = s.transfer("16").await;
    assert_eq!(
        s.picker.cannot("transferShip", json!({ "id": unpicked })).await["code"],
        "INSUFFICIENT_STOCK"
    );
    s.picker.does("transferShip", "", json!({ "id": other })).await;
    assert_eq!(s.here().await, ["15", "0", "15", "0"]);
    s.proven().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_ships_without_having_picked_does_both_at_once_for_what_he_ships() {
    let s = stores(strict()).await;
    let transfer = s.transfer("150").await;
    let some = json!({ "id": transfer, "lines": [{ "lineNumber": 1, "quantity": "100" }] });
    s.picker.does("transferShip", "", some).await;
    assert_eq!(s.here().await, ["0", "0", "0", "0"]);
    let steps = ["requested", "approved", "picking-started", "shipped"];
    assert_eq!(s.events(&transfer).await, steps.map(|step| format!("transfer-{step}")));
    let shipped = &s.status(&transfer).await["lines"]["nodes"][0];
    assert_eq!(
        (
            &shipped["reservedQuantity"]["value"],
            &shipped["shippedQuantity"]["value"]
        ),
        (&json!("0"), &json!("100"))
    );
    s.proven().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_tenant_that_flags_negative_stock_promises_more_than_there_is_and_is_told() {
    let flag = Settings {
        negative_stock: NegativeStock::Flag,
        ..strict()
    };
    let s = stores(flag).await;
    s.picked("150").await;
    assert_eq!(s.here().await, ["100", "150", "-50", "0"]);
    let sql = "SELECT count(*), min((data->>'allocated')::numeric) FROM qm.event WHERE tenant_id = $1 AND type = 'inventory-negative-detected'";
    let told = s
        .company
        .world
        .owner
        .query_one(sql, &[&s.company.shop.tenant.0])
        .await
        .expect("events");
    assert_eq!(
        (told.get::<_, i64>(0), told.get::<_, Decimal>(1)),
        (1, Decimal::from(150))
    );
    s.proven().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn sixty_four_who_pick_one_each_of_fifty_get_exactly_fifty() {
    let s = stores(strict()).await;
    s.picked("50").await;
    let mut transfers = Vec::new();
    for _ in 0..64 {
        transfers.push(s.transfer("1").await);
    }
    let mut pickers = Vec::new();
    for _ in 0..8 {
        pickers.push(s.company.person(&["receiver"]).await);
    }
    let picks = transfers.iter().enumerate().map(|(n, transfer)| {
        let picker = &pickers[n % pickers.len()];
        async move { picker.tries("transferPick", "", json!({ "id": transfer })).await }
    });
    let answers = join_all(picks).await;
    let refused: Vec<&Value> = answers
        .iter()
        .flat_map(|a| a["userErrors"].as_array().expect("errors"))
        .collect();
    assert_eq!(refused.len(), 14, "{refused:#?}");
    assert!(
        refused.iter().all(|e| e["code"] == "INSUFFICIENT_STOCK"),
        "{refused:#?}"
    );
    assert_eq!(s.here().await, ["100", "100", "0", "0"]);
    s.proven().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_proof_finds_a_promise_that_no_transfer_holds() {
    let s = stores(strict()).await;
    s.picked("20").await;
    s.proven().await;
    let sql = "UPDATE qm.stock_position SET allocated = allocated + 1 WHERE tenant_id = $1 AND allocated > 0";
    let broken = s.company.world.owner.execute(sql, &[&s.company.shop.tenant.0]).await;
    assert_eq!(broken.expect("a position"), 1);
    let proof = s.proof().await;
    assert_eq!((&proof["ok"], &proof["differing"]), (&json!(false), &json!(1)));
    let found = json!([{ "quantity": "100", "ledgerQuantity": "100", "allocated": "21", "reservedQuantity": "20" }]);
    assert_eq!(proof["differences"], found);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_picked_a_transfer_has_had_its_goods_and_does_not_receive_them() {
    let s = stores(strict()).await;
    let transfer = s.transfer("20").await;
    let ask = "query($id: ID!) { transfer(id: $id) { viewerCan { pick { allowed } ship { allowed } } } }";
    let can = async |who: &Person| {
        let seen = who.run(ask, json!({ "id": transfer })).await["viewerCan"].clone();
        (seen["pick"]["allowed"].clone(), seen["ship"]["allowed"].clone())
    };
    assert_eq!(can(&s.controller).await, (json!(false), json!(false)));
    assert_eq!(can(&s.picker).await, (json!(true), json!(true)));
    assert_eq!(
        s.controller.cannot("transferPick", json!({ "id": transfer })).await["code"],
        "FORBIDDEN"
    );
    s.pick(&transfer).await;
    assert_eq!(can(&s.picker).await, (json!(false), json!(true)));
    let shipper = s.company.person(&["receiver"]).await;
    shipper.does("transferShip", "", json!({ "id": transfer })).await;
    let all = json!({ "id": transfer, "lines": [{ "lineNumber": 1, "quantity": "20" }] });
    assert_eq!(s.picker.cannot("transferReceive", all.clone()).await["rule"], "INV-05");
    s.receiver.does("transferReceive", "", all).await;
}
