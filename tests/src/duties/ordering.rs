//! Who orders, who agrees, who changes.

use super::company::Company;
use super::pair::{Pair, pair};
use crate::world::Person;
use serde_json::json;

/// Somebody with both jobs: the jobs are compatible, the two acts on one order are not.
async fn both(company: &Company) -> Person {
    company.person(&["buyer", "approver_l2"]).await
}

pub async fn who_created_an_order_does_not_approve_it() -> (Company, Pair) {
    let company = Company::open().await;
    let (same, other) = (both(&company).await, company.person(&["approver_l2"]).await);
    let order = company.ordered(&same).await;
    (
        company,
        pair(same, other, "purchaseOrderApprove", json!({ "id": order })),
    )
}

pub async fn who_submitted_an_order_does_not_approve_it() -> (Company, Pair) {
    let company = Company::open().await;
    let (same, other) = (both(&company).await, company.person(&["approver_l2"]).await);
    let maker = company.person(&["buyer"]).await;
    let order = company.order_of(&maker, company.order(false)).await;
    same.does("purchaseOrderSubmit", "", json!({ "id": order })).await;
    (
        company,
        pair(same, other, "purchaseOrderApprove", json!({ "id": order })),
    )
}

pub async fn who_proposed_a_change_does_not_approve_it() -> (Company, Pair) {
    let company = Company::open().await;
    let (same, other) = (both(&company).await, company.person(&["approver_l2"]).await);
    let order = company.some_released().await;
    let change = company.changed(&order, &same).await;
    (
        company,
        pair(same, other, "changeOrderApprove", json!({ "id": change })),
    )
}

pub async fn who_created_an_order_does_not_approve_its_change() -> (Company, Pair) {
    let company = Company::open().await;
    let (same, other) = (both(&company).await, company.person(&["approver_l2"]).await);
    let order = company.released(&same, &company.person(&["approver_l2"]).await).await;
    let change = company.changed(&order, &company.person(&["buyer"]).await).await;
    (
        company,
        pair(same, other, "changeOrderApprove", json!({ "id": change })),
    )
}

pub async fn who_approved_an_order_does_not_propose_its_change() -> (Company, Pair) {
    let company = Company::open().await;
    let (same, other) = (both(&company).await, company.person(&["buyer"]).await);
    let order = company.released(&company.person(&["buyer"]).await, &same).await;
    let input = json!({ "purchaseOrderId": order, "reason": "More", "lines": [{ "lineNumber": 1, "quantity": "11" }] });
    (company, pair(same, other, "changeOrderCreate", input))
}

pub async fn the_second_approval_of_an_order_is_a_second_person() -> (Company, Pair) {
    let company = Company::of_two_approvals().await;
    let (same, other) = (
        company.person(&["approver_l4"]).await,
        company.person(&["approver_l4"]).await,
    );
    let order = company.released(&company.person(&["buyer"]).await, &same).await;
    (
        company,
        pair(same, other, "purchaseOrderApprove", json!({ "id": order })),
    )
}

pub async fn the_second_approval_of_a_change_is_a_second_person() -> (Company, Pair) {
    let company = Company::of_two_approvals().await;
    let buyer = company.person(&["buyer"]).await;
    let mut approvers = Vec::new();
    for _ in 0..2 {
        approvers.push(company.person(&["approver_l4"]).await);
    }
    let order = company.released(&buyer, &approvers[0]).await;
    approvers[1]
        .does("purchaseOrderApprove", "", json!({ "id": order }))
        .await;
    let change = company.changed(&order, &buyer).await;
    let (same, other) = (
        company.person(&["approver_l4"]).await,
        company.person(&["approver_l4"]).await,
    );
    same.does("changeOrderApprove", "", json!({ "id": change })).await;
    (
        company,
        pair(same, other, "changeOrderApprove", json!({ "id": change })),
    )
}

/// From now on the person is known to be, own or act for the company's supplier.
pub async fn is_related(company: &Company, person: &Person) {
    let steward = company.person(&["supplier_steward"]).await;
    let input = json!({ "id": company.supplier(), "memberId": Company::member(person) });
    steward.does("supplierPartyAdd", "", input).await;
}

pub async fn a_related_party_does_not_buy() -> (Company, Pair) {
    let company = Company::open().await;
    let (same, other) = (company.person(&["buyer"]).await, company.person(&["buyer"]).await);
    is_related(&company, &same).await;
    let input = company.order(true);
    (company, pair(same, other, "purchaseOrderCreate", input))
}

pub async fn a_related_party_does_not_approve() -> (Company, Pair) {
    let company = Company::open().await;
    let (same, other) = (
        company.person(&["approver_l2"]).await,
        company.person(&["approver_l2"]).await,
    );
    is_related(&company, &same).await;
    let order = company.ordered(&company.person(&["buyer"]).await).await;
    (
        company,
        pair(same, other, "purchaseOrderApprove", json!({ "id": order })),
    )
}
