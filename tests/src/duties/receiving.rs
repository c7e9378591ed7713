//! Who receives, who settles, who sends back.

use super::company::Company;
use super::ordering::is_related;
use super::pair::{Pair, pair};
use serde_json::json;

pub async fn who_created_an_order_does_not_receive_it() -> (Company, Pair) {
    let company = Company::open().await;
    let (same, other) = (
        company.person(&["buyer", "receiver"]).await,
        company.person(&["receiver"]).await,
    );
    let order = company.released(&same, &company.person(&["approver_l2"]).await).await;
    (company, pair(same, other, "receiptCreate", Company::delivery(&order)))
}

pub async fn who_approved_an_order_does_not_receive_it() -> (Company, Pair) {
    let company = Company::open().await;
    let (same, other) = (
        company.person(&["approver_l2", "receiver"]).await,
        company.person(&["receiver"]).await,
    );
    let order = company.released(&company.person(&["buyer"]).await, &same).await;
    (company, pair(same, other, "receiptCreate", Company::delivery(&order)))
}

pub async fn who_changed_an_order_does_not_receive_it() -> (Company, Pair) {
    let company = Company::open().await;
    let (same, other) = (
        company.person(&["buyer", "receiver"]).await,
        company.person(&["receiver"]).await,
    );
    let order = company.some_released().await;
    company.changed(&order, &same).await;
    (company, pair(same, other, "receiptCreate", Company::delivery(&order)))
}

pub async fn who_received_does_not_take_back() -> (Company, Pair) {
    let company = Company::open().await;
    let (same, other) = (company.person(&["receiver"]).await, company.person(&["receiver"]).await);
    let order = company.some_released().await;
    let receipt = company.received(&order, &same).await;
    let input = json!({ "id": receipt, "reason": "Wrong shop" });
    (company, pair(same, other, "receiptReverse", input))
}

fn smells(receipt: &serde_json::Value) -> serde_json::Value {
    json!({ "receiptId": receipt, "receiptLineNumber": 1, "kind": "QUALITY", "quantity": "2", "reason": "Smells" })
}

pub async fn who_raised_a_discrepancy_does_not_settle_it() -> (Company, Pair) {
    let company = Company::open().await;
    let (same, other) = (
        company.person(&["requester", "approver_l2"]).await,
        company.person(&["approver_l2"]).await,
    );
    let order = company.some_released().await;
    let receipt = company.received(&order, &company.person(&["receiver"]).await).await;
    let made = same
        .does("discrepancyRaise", "discrepancy { id }", smells(&receipt))
        .await;
    let input = json!({ "id": made["discrepancy"]["id"], "resolution": "ACCEPT" });
    (company, pair(same, other, "discrepancyResolve", input))
}

pub async fn who_received_does_not_settle_a_discrepancy() -> (Company, Pair) {
    let company = Company::open().await;
    let (same, other) = (
        company.person(&["receiver", "approver_l2"]).await,
        company.person(&["approver_l2"]).await,
    );
    let order = company.some_released().await;
    let receipt = company.received(&order, &same).await;
    // Raised by somebody else: it is the chain that relates the receiver to it.
    let raiser = company.person(&["requester"]).await;
    let made = raiser
        .does("discrepancyRaise", "discrepancy { id }", smells(&receipt))
        .await;
    let input = json!({ "id": made["discrepancy"]["id"], "resolution": "ACCEPT" });
    (company, pair(same, other, "discrepancyResolve", input))
}

pub async fn who_made_a_return_does_not_approve_it() -> (Company, Pair) {
    let company = Company::open().await;
    let (same, other) = (
        company.person(&["buyer", "approver_l2"]).await,
        company.person(&["approver_l2"]).await,
    );
    let goods = company.returned(&same).await;
    (
        company,
        pair(same, other, "supplierReturnApprove", json!({ "id": goods })),
    )
}

pub async fn who_made_a_return_does_not_ship_it() -> (Company, Pair) {
    let company = Company::open().await;
    let (same, other) = (
        company.person(&["store_manager"]).await,
        company.person(&["store_manager"]).await,
    );
    let goods = company.returned(&same).await;
    let approver = company.person(&["approver_l2"]).await;
    approver.does("supplierReturnApprove", "", json!({ "id": goods })).await;
    (company, pair(same, other, "supplierReturnShip", json!({ "id": goods })))
}

pub async fn a_related_party_does_not_receive() -> (Company, Pair) {
    let company = Company::open().await;
    let (same, other) = (company.person(&["receiver"]).await, company.person(&["receiver"]).await);
    is_related(&company, &same).await;
    let order = company.some_released().await;
    (company, pair(same, other, "receiptCreate", Company::delivery(&order)))
}
