//! Who adjusts, who counts, who moves.

use super::company::Company;
use super::pair::{Pair, pair};
use serde_json::json;

/// Wide enough that a count of 80 for 100 needs no second pass.
const WIDE: &str = "50";

pub async fn who_proposed_an_adjustment_does_not_approve_it() -> (Company, Pair) {
    let company = Company::open().await;
    let (same, other) = (
        company.person(&["inventory_controller", "inventory_manager"]).await,
        company.person(&["inventory_manager"]).await,
    );
    let id = company.adjusted(0, &same).await;
    (company, pair(same, other, "adjustmentApprove", json!({ "id": id })))
}

pub async fn who_counted_does_not_approve_the_count() -> (Company, Pair) {
    let company = Company::open().await;
    let (same, other) = (
        company.person(&["store_manager", "inventory_manager"]).await,
        company.person(&["inventory_manager"]).await,
    );
    let count = company
        .counting(&company.person(&["inventory_controller"]).await, WIDE)
        .await;
    company.passed(&count, &same).await;
    (company, pair(same, other, "stockCountApprove", json!({ "id": count })))
}

pub async fn who_counted_does_not_approve_an_adjustment_from_it() -> (Company, Pair) {
    let company = Company::open().await;
    let (same, other) = (
        company.person(&["store_manager", "inventory_manager"]).await,
        company.person(&["inventory_manager"]).await,
    );
    let planner = company.person(&["inventory_controller"]).await;
    let count = company.counting(&planner, WIDE).await;
    company.passed(&count, &same).await;
    let mut input = company.adjustment(1);
    input["stockCountId"] = count;
    let made = planner.does("adjustmentCreate", "adjustment { id }", input).await;
    let input = json!({ "id": made["adjustment"]["id"] });
    (company, pair(same, other, "adjustmentApprove", input))
}

pub async fn who_shipped_a_transfer_does_not_receive_it() -> (Company, Pair) {
    let company = Company::open().await;
    let (same, other) = (company.person(&["receiver"]).await, company.person(&["receiver"]).await);
    let transfer = company.transfer(&company.person(&["inventory_controller"]).await).await;
    same.does("transferShip", "", json!({ "id": transfer })).await;
    (
        company,
        pair(same, other, "transferReceive", Company::all_arrived(&transfer)),
    )
}

pub async fn who_asked_for_a_transfer_does_not_receive_it() -> (Company, Pair) {
    let company = Company::open().await;
    let (same, other) = (
        company.person(&["inventory_controller", "receiver"]).await,
        company.person(&["receiver"]).await,
    );
    let transfer = company.transfer(&same).await;
    let shipper = company.person(&["receiver"]).await;
    shipper.does("transferShip", "", json!({ "id": transfer })).await;
    (
        company,
        pair(same, other, "transferReceive", Company::all_arrived(&transfer)),
    )
}

pub async fn who_received_does_not_adjust_the_same_stock() -> (Company, Pair) {
    let company = Company::open().await;
    let (same, other) = (
        company.person(&["store_manager"]).await,
        company.person(&["store_manager"]).await,
    );
    company.received(&company.some_released().await, &same).await;
    // Other stock than he received is his to adjust.
    company.adjusted(5, &same).await;
    let input = company.adjustment(0);
    (company, pair(same, other, "adjustmentCreate", input))
}

pub async fn who_received_does_not_count_the_same_stock() -> (Company, Pair) {
    let company = Company::open().await;
    let (same, other) = (
        company.person(&["store_manager"]).await,
        company.person(&["store_manager"]).await,
    );
    company.received(&company.some_released().await, &same).await;
    let count = company
        .counting(&company.person(&["inventory_controller"]).await, WIDE)
        .await;
    let input = company.counted(&count, "110");
    (company, pair(same, other, "stockCountEnter", input))
}

pub async fn who_adjusted_does_not_count_the_same_stock() -> (Company, Pair) {
    let company = Company::open().await;
    let (same, other) = (
        company.person(&["store_manager"]).await,
        company.person(&["store_manager"]).await,
    );
    company.adjusted(0, &same).await;
    let count = company
        .counting(&company.person(&["inventory_controller"]).await, WIDE)
        .await;
    let input = company.counted(&count, "100");
    (company, pair(same, other, "stockCountEnter", input))
}

pub async fn who_planned_a_count_does_not_approve_it() -> (Company, Pair) {
    let company = Company::open().await;
    let (same, other) = (
        company.person(&["inventory_manager"]).await,
        company.person(&["inventory_manager"]).await,
    );
    let count = company.counting(&same, WIDE).await;
    company.passed(&count, &company.person(&["store_manager"]).await).await;
    (company, pair(same, other, "stockCountApprove", json!({ "id": count })))
}

pub async fn who_proposed_reorder_points_does_not_approve_them() -> (Company, Pair) {
    let company = Company::open().await;
    let (same, other) = (
        company.person(&["inventory_controller", "inventory_manager"]).await,
        company.person(&["inventory_manager"]).await,
    );
    let id = company.reorder_point(0, "10", &same).await;
    (
        company,
        pair(same, other, "replenishmentPolicyApprove", json!({ "id": id })),
    )
}

pub async fn a_recount_is_by_another_person() -> (Company, Pair) {
    let company = Company::open().await;
    let (same, other) = (
        company.person(&["store_manager"]).await,
        company.person(&["store_manager"]).await,
    );
    let count = company
        .counting(&company.person(&["inventory_controller"]).await, "0")
        .await;
    company.passed(&count, &same).await;
    let input = company.counted(&count, "80");
    (company, pair(same, other, "stockCountEnter", input))
}
