//! Who proposes suppliers, items and prices, who approves them, and who then buys.

use super::company::Company;
use super::pair::{Pair, pair};
use serde_json::json;

pub async fn who_proposed_a_supplier_does_not_approve_it() -> (Company, Pair) {
    let company = Company::open().await;
    let (same, other) = (
        company.person(&["category_manager", "supplier_approver"]).await,
        company.person(&["supplier_approver"]).await,
    );
    let (_, change) = company.proposed_supplier(&same).await;
    (
        company,
        pair(same, other, "supplierChangeApprove", json!({ "id": change })),
    )
}

pub async fn who_entered_bank_details_does_not_verify_them() -> (Company, Pair) {
    let company = Company::open().await;
    let (same, other) = (
        company.person(&["supplier_steward"]).await,
        company.person(&["supplier_approver"]).await,
    );
    let input = json!({ "supplierId": company.supplier(), "account": "DE89370400440532013000", "accountHolder": "Acme Ltd", "countryCode": "DE" });
    let made = same
        .does("supplierBankChangePropose", "supplierBankChange { id }", input)
        .await;
    // A static rule keeps both duties from one person at one time: he changed his job.
    company.now_holds(&same, "supplier_approver").await;
    let input = json!({ "id": made["supplierBankChange"]["id"], "verifiedBy": "Called the number of the contract" });
    (company, pair(same, other, "supplierBankChangeVerify", input))
}

pub async fn who_proposed_a_supplier_does_not_approve_an_order_to_it() -> (Company, Pair) {
    let company = Company::open().await;
    let (same, other) = (
        company.person(&["category_manager", "approver_l2"]).await,
        company.person(&["approver_l2"]).await,
    );
    let (supplier, change) = company.proposed_supplier(&same).await;
    let approver = company.person(&["supplier_approver"]).await;
    approver
        .does("supplierChangeApprove", "", json!({ "id": change }))
        .await;
    let buyer = company.person(&["buyer"]).await;
    let order = company.order_of(&buyer, company.order_to(&supplier)).await;
    (
        company,
        pair(same, other, "purchaseOrderApprove", json!({ "id": order })),
    )
}

pub async fn who_approved_a_supplier_does_not_buy_from_it() -> (Company, Pair) {
    let company = Company::open().await;
    let (same, other) = (
        company.person(&["supplier_approver", "buyer"]).await,
        company.person(&["buyer"]).await,
    );
    let steward = company.person(&["supplier_steward"]).await;
    let (supplier, change) = company.proposed_supplier(&steward).await;
    same.does("supplierChangeApprove", "", json!({ "id": change })).await;
    let input = company.order_to(&supplier);
    (company, pair(same, other, "purchaseOrderCreate", input))
}

pub async fn who_proposed_an_item_does_not_approve_it() -> (Company, Pair) {
    let company = Company::open().await;
    let (same, other) = (
        company.person(&["category_manager", "pricing_manager"]).await,
        company.person(&["pricing_manager"]).await,
    );
    let input = json!({ "sku": "NEW-1", "name": "New", "baseUnitCode": "EA" });
    let made = same.does("itemCreate", "change { id }", input).await;
    let input = json!({ "id": made["change"]["id"] });
    (company, pair(same, other, "itemChangeApprove", input))
}

pub async fn who_proposed_prices_does_not_approve_them() -> (Company, Pair) {
    let company = Company::open().await;
    let (same, other) = (
        company.person(&["category_manager", "pricing_manager"]).await,
        company.person(&["pricing_manager"]).await,
    );
    let input = json!({ "supplierId": company.supplier(), "lines": [{ "itemId": company.item(0), "price": "2.4" }] });
    let made = same.does("priceListPropose", "priceList { id }", input).await;
    let input = json!({ "id": made["priceList"]["id"] });
    (company, pair(same, other, "priceListApprove", input))
}
