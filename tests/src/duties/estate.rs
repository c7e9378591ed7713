//! A company that has one document of each type, made by the people whose work it is.

use super::company::Company;
use crate::imports::imported;
use crate::operators::land::{at_partner, operator_id, partner_person};
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// The id of one document of each type, by the id's prefix.
pub async fn one_of_each(company: &Company) -> BTreeMap<String, String> {
    let mut estate = BTreeMap::new();
    let mut keep = |id: &Value| {
        let id = id.as_str().unwrap_or_else(|| panic!("no id: {id}")).to_owned();
        let prefix = id.split('_').next().unwrap_or_default().to_owned();
        estate.entry(prefix).or_insert(id);
    };
    // First what comes from above the tenant: later it has administrators of its own.
    let (recovery, operator) = from_above(company).await;
    keep(&recovery);
    keep(&operator);
    let shop = [company.supplier(), company.location(), company.item(0)];
    shop.iter().for_each(&mut keep);

    let (buyer, receiver) = (company.person(&["buyer"]).await, company.person(&["receiver"]).await);
    keep(&company.ordered(&buyer).await);
    let released = company.some_released().await;
    keep(&company.changed(&released, &buyer).await);
    let delivered = company.some_released().await;
    let receipt = company.received(&delivered, &receiver).await;
    keep(&receipt);
    let smells =
        json!({ "receiptId": receipt, "receiptLineNumber": 1, "kind": "QUALITY", "quantity": "2", "reason": "Smells" });
    let raised = receiver.does("discrepancyRaise", "discrepancy { id }", smells).await;
    keep(&raised["discrepancy"]["id"]);
    keep(&company.returned(&buyer).await);

    let controller = company.person(&["inventory_controller"]).await;
    keep(&company.adjusted(5, &controller).await);
    keep(&company.counting(&controller, "0").await);
    keep(&company.transfer(&controller).await);
    keep(&company.reorder_point(0, "10", &controller).await);

    let manager = company.person(&["category_manager"]).await;
    keep(&company.proposed_supplier(&manager).await.1);
    let item = json!({ "sku": "NEW-1", "name": "New", "baseUnitCode": "EA" });
    keep(&manager.does("itemCreate", "change { id }", item).await["change"]["id"]);
    keep(&imported(&manager, "items", "sku,name,base_unit\nNEW-2,New,EA\n").await["id"]);
    let prices = json!({ "supplierId": company.supplier(), "lines": [{ "itemId": company.item(0), "price": "2.4" }] });
    keep(&manager.does("priceListPropose", "priceList { id }", prices).await["priceList"]["id"]);
    let steward = company.person(&["supplier_steward"]).await;
    let bank = json!({ "supplierId": company.supplier(), "account": "DE89370400440532013000", "accountHolder": "Acme Ltd", "countryCode": "DE" });
    let bank = steward
        .does("supplierBankChangePropose", "supplierBankChange { id }", bank)
        .await;
    keep(&bank["supplierBankChange"]["id"]);

    let admin = company.person(&["tenant_admin"]).await;
    let named = json!({ "code": "C1", "name": "First" });
    keep(&admin.does("categoryCreate", "category { id }", named.clone()).await["category"]["id"]);
    keep(&admin.does("regionCreate", "region { id }", named).await["region"]["id"]);
    keep(&admin.sees("{ tenant { id } }").await["id"]);

    let security = company.person(&["security_admin"]).await;
    let clerk = company.person(&[]).await;
    keep(&Company::member(&clerk));
    keep(&company.proposed_role(&security, &clerk, "requester").await);
    let limits = json!({ "settings": { "approvalLimits": ["1000", "5000", "50000", "500000"] } });
    let rule = security.does("workflowRuleEdit", "workflowRule { id }", limits).await;
    keep(&rule["workflowRule"]["id"]);
    let policy = json!({ "rulesOff": ["ADM-18"] });
    let draft = security.does("sodPolicyEdit", "sodPolicyDraft { id }", policy).await;
    keep(&draft["sodPolicyDraft"]["id"]);
    let till = json!({ "name": "Till", "kind": "INTEGRATION", "role": "integration_client", "ownerId": Company::member(&clerk) });
    keep(&security.does("apiKeyPropose", "apiKey { id }", till).await["apiKey"]["id"]);
    let newcomer = json!({ "email": "ada@example.com", "displayName": "Ada" });
    keep(&security.does("memberInvite", "invitation { id }", newcomer).await["invitation"]["id"]);
    estate
}

/// A proposed administrator and a proposed operator, of a partner's administrator.
async fn from_above(company: &Company) -> (Value, Value) {
    let (world, shop) = (&company.world, &company.shop);
    let (_, subject) = partner_person(world, shop, "partner_admin").await;
    let ada = at_partner(world, shop, &subject).await;
    let (_, heir) = world.stranger().await;
    let administrator = json!({ "tenantId": shop.tenant.to_string(), "issuer": world.issuer(), "subject": heir, "displayName": "New",
        "role": "SECURITY_ADMIN", "reason": "All have left" });
    let proposed = ada
        .does(
            "administratorRecoveryPropose",
            "administratorRecovery { id }",
            administrator,
        )
        .await;
    let (person, _) = partner_person(world, shop, "msp_operator").await;
    let operator = json!({ "tenantId": shop.tenant.to_string(), "operatorId": operator_id(person), "validUntil": "2099-01-01T00:00:00Z", "purpose": "Orders" });
    let assigned = ada
        .does("operatorAssignmentPropose", "operatorAssignment { id }", operator)
        .await;
    (
        proposed["administratorRecovery"]["id"].clone(),
        assigned["operatorAssignment"]["id"].clone(),
    )
}
