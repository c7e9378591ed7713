//! Of what was answered nothing is lost, and nothing was done twice: asked through the API, and of the events at the database.

use super::Address;
use super::crew::{Act, Crew, Cycle};
use crate::database::fixture;
use serde_json::{Value, json};
use std::collections::BTreeSet;

const FIGURES: &str =
    "{ purchaseOrders(first: 0) { totalCount } receipts(first: 0) { totalCount } stockIntegrity { ok movements } }";
const AUDIT: &str = "{ auditIntegrity { broken unexplained } eventCounts { type count } }";
const ORDERS: &str = "query($after: String) { purchaseOrders(first: 250, after: $after) { pageInfo { hasNextPage endCursor } nodes { id status } } }";
const STOCK: &str = "{ inventoryPositions(first: 50) { nodes { onHand { value } } } }";
const TWICE: &str = "SELECT count(*) FROM (SELECT 1 FROM qm.event WHERE tenant_id = $1 GROUP BY document_id, type HAVING count(*) > 1) twice";
/// One of each for each order.
const TRANSITIONS: [&str; 9] = [
    "goods-received",
    "purchase-order-approved",
    "purchase-order-created",
    "purchase-order-received",
    "purchase-order-released",
    "purchase-order-submitted",
    "receipt-accepted",
    "receipt-line-recorded",
    "receipt-opened",
];

/// One act in so many is said again although its first answer came, or although that was proven before.
const SAMPLE: usize = 8;

/// Proves a tenant in which nothing is under way and these cycles are all that was ever done, the first of them `proven` before. All that
/// is there is looked at each time. Said again is every act that was repeated since; one for each request would grow with all that was done.
pub async fn prove(at: &Address, owner_url: &str, crew: &Crew, cycles: &[Cycle], proven: usize) {
    let (before, since) = cycles.split_at(proven);
    for (n, act) in acts(since).enumerate() {
        if act.attempts > 1 || n % SAMPLE == 0 {
            act.repeat(at).await;
        }
    }
    for act in acts(before).filter(|act| act.attempts > 1).step_by(SAMPLE) {
        act.repeat(at).await;
    }
    let (buyer, auditor) = (crew.buyer.at(&at.get()), crew.auditor.at(&at.get()));
    let count = cycles.len();
    let found = &buyer.ask(FIGURES, json!({})).await["data"];
    assert_eq!(found["purchaseOrders"]["totalCount"], count, "orders: {found:#}");
    assert_eq!(found["receipts"]["totalCount"], count, "receipts: {found:#}");
    assert_eq!(
        found["stockIntegrity"],
        json!({ "ok": true, "movements": count * 10 }),
        "the ledger"
    );
    let stock = buyer.run(STOCK, json!({})).await;
    let stock = stock["nodes"].as_array().expect("positions");
    assert!(stock.len() == 10 || count == 0);
    for position in stock {
        assert_eq!(position["onHand"]["value"], (count * 10).to_string(), "the shelf");
    }

    let acknowledged: BTreeSet<&str> = cycles.iter().filter_map(|cycle| cycle.order().as_str()).collect();
    assert_eq!(acknowledged.len(), count, "two answers named one order");
    let (mut kept, mut after) = (BTreeSet::new(), Value::Null);
    loop {
        let page = buyer.run(ORDERS, json!({ "after": after })).await;
        for order in page["nodes"].as_array().expect("orders") {
            assert_eq!(order["status"], "RECEIVED", "{order}");
            kept.insert(order["id"].as_str().expect("an id").to_owned());
        }
        if page["pageInfo"]["hasNextPage"] == false {
            break;
        }
        after = page["pageInfo"]["endCursor"].clone();
    }
    assert!(
        kept.iter().map(String::as_str).eq(acknowledged),
        "acknowledged orders are not those that are there"
    );

    let audit = &auditor.ask(AUDIT, json!({})).await["data"];
    assert_eq!(audit["auditIntegrity"]["broken"], json!([]), "the chains of events");
    // The crew's own roles were written by hand.
    let unexplained = audit["auditIntegrity"]["unexplained"].as_array().expect("documents");
    let role = |id: &Value| id.as_str().is_some_and(|id| id.starts_with("rla_"));
    assert!(
        unexplained.iter().all(role),
        "states that nobody agreed to: {unexplained:?}"
    );
    let each: Vec<Value> = TRANSITIONS
        .iter()
        .filter(|_| count > 0)
        .map(|kind| json!({ "type": kind, "count": count }))
        .collect();
    assert_eq!(audit["eventCounts"], json!(each), "one event for each transition");
    let owner = fixture::client(owner_url).await;
    let twice: i64 = owner.query_one(TWICE, &[&crew.tenant.0]).await.expect("a count").get(0);
    assert_eq!(twice, 0, "documents went through a transition twice");
}

fn acts(cycles: &[Cycle]) -> impl Iterator<Item = &Act> {
    cycles.iter().flat_map(|cycle| &cycle.acts)
}
