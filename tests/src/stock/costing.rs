//! Moving average cost over receipts, a return, transfers and a reversal: the figures are worked out by hand.

use crate::duties::Company;
use crate::world::Person;
use rust_decimal::Decimal;
use serde_json::{Value, json};

struct Trade {
    company: Company,
    buyer: Person,
    approver: Person,
    receiver: Person,
    controller: Person,
    second: Value,
}

impl Trade {
    async fn open() -> Self {
        let company = Company::open().await;
        let admin = company.person(&["tenant_admin"]).await;
        let place = json!({ "code": "L2", "name": "Second", "kind": "STORE", "timeZone": "UTC" });
        let second = admin.does("locationCreate", "location { id }", place).await["location"]["id"].clone();
        Self {
            buyer: company.person(&["buyer"]).await,
            approver: company.person(&["approver_l2"]).await,
            receiver: company.person(&["receiver"]).await,
            controller: company.person(&["inventory_controller"]).await,
            second,
            company,
        }
    }

    /// So many of the first item are ordered at a price and arrive: the receipt.
    async fn bought(&self, at: &Value, quantity: &str, price: &str) -> Value {
        let mut input = self.company.order(true);
        input["order"]["locationId"] = at.clone();
        input["order"]["lines"].as_array_mut().unwrap().truncate(1);
        input["order"]["lines"][0]["quantity"] = json!(quantity);
        input["order"]["lines"][0]["unitPrice"] = json!(price);
        let order = self.company.order_of(&self.buyer, input).await;
        self.approver
            .does("purchaseOrderApprove", "", json!({ "id": order }))
            .await;
        let came = json!({ "orderIds": [order], "lines": [{ "orderLineNumber": 1, "quantity": quantity }] });
        let made = self.receiver.does("receiptCreate", "receipt { id }", came).await;
        made["receipt"]["id"].clone()
    }

    async fn moved(&self, from: &Value, to: &Value, quantity: &str) {
        let lines = json!([{ "itemId": self.company.item(0), "quantity": quantity }]);
        let input = json!({ "fromLocationId": from, "toLocationId": to, "lines": lines });
        let made = self.controller.does("transferCreate", "transfer { id }", input).await;
        let transfer = made["transfer"]["id"].clone();
        let (shipper, taker) = (
            self.company.person(&["receiver"]).await,
            self.company.person(&["receiver"]).await,
        );
        shipper.does("transferShip", "", json!({ "id": transfer })).await;
        let all = json!({ "id": transfer, "lines": [{ "lineNumber": 1, "quantity": quantity }] });
        taker.does("transferReceive", "", all).await;
    }

    /// Quantity, average and value at a store; the ledger agrees.
    async fn stands(&self, at: &Value, quantity: &str, average: &str, value: &str) {
        let ask = "query($item: ID!, $at: ID!) { inventoryPositions(filter: { itemIds: [$item], locationIds: [$at] }) { nodes { \
            onHand { value } averageCost { amount } value { amount } } } }";
        let asked = json!({ "item": self.company.item(0), "at": at });
        let found = self.controller.run(ask, asked).await["nodes"][0].clone();
        let number = |v: &Value| v.as_str().expect("a number").parse::<Decimal>().expect("a number");
        assert_eq!(
            [
                number(&found["onHand"]["value"]),
                number(&found["averageCost"]["amount"]),
                number(&found["value"]["amount"])
            ],
            [quantity, average, value].map(|n| n.parse::<Decimal>().unwrap()),
            "{found:#}"
        );
        let proof = self.controller.sees("{ stockIntegrity { ok } }").await;
        assert_eq!(proof["ok"], true, "{proof:#}");
    }
}

#[tokio::test]
async fn the_average_follows_receipts_returns_transfers_and_reversals_as_worked_out_by_hand() {
    let t = Trade::open().await;
    let (here, there) = (t.company.location(), t.second.clone());
    t.bought(&here, "100", "10").await;
    t.stands(&here, "100", "10", "1000").await;
    // (1000 + 50 × 13) / 150
    let second = t.bought(&here, "50", "13").await;
    t.stands(&here, "150", "11", "1650").await;

    // What goes back to the supplier goes at the average, whatever it is credited at.
    let back = json!({ "supplierId": t.company.supplier(), "locationId": here, "reason": "Stale", "submit": true,
        "lines": [{ "receiptId": second, "receiptLineNumber": 1, "quantity": "30" }] });
    let made = t
        .buyer
        .does(
            "supplierReturnCreate",
            "supplierReturn { id netAmount { amount } }",
            back,
        )
        .await["supplierReturn"]
        .clone();
    assert_eq!(made["netAmount"]["amount"], "390");
    t.approver
        .does("supplierReturnApprove", "", json!({ "id": made["id"] }))
        .await;
    let shipper = t.company.person(&["receiver"]).await;
    shipper
        .does("supplierReturnShip", "", json!({ "id": made["id"] }))
        .await;
    t.stands(&here, "120", "11", "1320").await;

    // (1320 + 30 × 15.4) / 150
    t.bought(&here, "30", "15.4").await;
    t.stands(&here, "150", "11.88", "1782").await;
    // A transfer carries the sender's average.
    t.moved(&here, &there, "50").await;
    t.stands(&here, "100", "11.88", "1188").await;
    t.stands(&there, "50", "11.88", "594").await;
    // (594 + 25 × 9) / 75
    t.bought(&there, "25", "9").await;
    t.stands(&there, "75", "10.92", "819").await;
    // (1188 + 15 × 10.92) / 115 = 1351.8 / 115 = 11.754782608…, kept with six decimals
    t.moved(&there, &here, "15").await;
    t.stands(&here, "115", "11.754783", "1351.8").await;
    t.stands(&there, "60", "10.92", "655.2").await;
    // (1351.800045 + 10 × 20) / 125 = 12.41440036; taken back, it is as if it had never come.
    let mistaken = t.bought(&here, "10", "20").await;
    t.stands(&here, "125", "12.4144", "1551.8").await;
    let reverser = t.company.person(&["receiver"]).await;
    reverser
        .does("receiptReverse", "", json!({ "id": mistaken, "reason": "Wrong store" }))
        .await;
    t.stands(&here, "115", "11.754783", "1351.8").await;
    let ask = "query($id: ID!) { stockMovements(filter: { documentIds: [$id] }, orderBy: AT_ASC) { nodes { quantity { value } unitCost { amount } reason } } }";
    let ledger = t.controller.run(ask, json!({ "id": mistaken })).await["nodes"].clone();
    let both: Vec<(&Value, &Value)> = ledger
        .as_array()
        .unwrap()
        .iter()
        .map(|m| (&m["quantity"]["value"], &m["unitCost"]["amount"]))
        .collect();
    assert_eq!(
        both,
        [(&json!("10"), &json!("20")), (&json!("-10"), &json!("20"))],
        "both stay, and are nothing together"
    );
}

#[tokio::test]
async fn a_found_piece_that_is_taken_back_leaves_at_the_cost_that_it_came_at() {
    let t = Trade::open().await;
    let here = t.company.location();
    t.bought(&here, "100", "10").await;
    let (maker, approver, other) = (
        t.company.person(&["inventory_controller"]).await,
        t.company.person(&["approver_l4"]).await,
        t.company.person(&["approver_l4"]).await,
    );
    let found = t.company.adjusted(0, &maker).await;
    approver.does("adjustmentApprove", "", json!({ "id": found })).await;
    t.stands(&here, "200", "25", "5000").await;
    other
        .does(
            "adjustmentReverse",
            "",
            json!({ "id": found, "reason": "Counted twice" }),
        )
        .await;
    t.stands(&here, "100", "10", "1000").await;
    // What is lost goes at the average, and nobody writes another cost beside it.
    let lost = |line: Value| json!({ "locationId": here, "reason": "THEFT", "submit": true, "lines": [line] });
    let dear = json!({ "itemId": t.company.item(0), "quantity": "-10", "unitCost": "99" });
    let refused = maker.cannot("adjustmentCreate", lost(dear)).await;
    assert_eq!(
        (&refused["code"], &refused["field"]),
        (&json!("INVALID_INPUT"), &json!(["lines", "0", "unitCost"]))
    );
    let plain = json!({ "itemId": t.company.item(0), "quantity": "-10" });
    let lost = maker.does("adjustmentCreate", "adjustment { id }", lost(plain)).await["adjustment"]["id"].clone();
    approver.does("adjustmentApprove", "", json!({ "id": lost })).await;
    t.stands(&here, "90", "10", "900").await;
}
