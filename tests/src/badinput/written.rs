//! Inputs that are good: what bad values are put into.

use crate::duties::Company;
use crate::world::Person;
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// What another tenant has.
pub struct Theirs {
    pub supplier: Value,
    pub location: Value,
    pub item: Value,
    pub order: Value,
    pub member: Value,
}

pub struct Written {
    pub company: Company,
    pub theirs: Theirs,
    /// An item that two people took out of use.
    pub inactive: Value,
    inputs: BTreeMap<&'static str, (Person, Value)>,
    /// Commands that the state of their document refuses, whatever is sent with them.
    stuck: BTreeMap<&'static str, (Person, Value)>,
}

impl Written {
    fn of(&self, mutation: &str) -> &(Person, Value) {
        let found = self.inputs.get(mutation).or_else(|| self.stuck.get(mutation));
        found.unwrap_or_else(|| panic!("no input for {mutation}"))
    }

    pub fn input(&self, mutation: &str) -> &Value {
        &self.of(mutation).1
    }

    pub fn person(&self, mutation: &str) -> &Person {
        &self.of(mutation).0
    }

    /// Those that do what they say.
    pub fn good(&self) -> &BTreeMap<&'static str, (Person, Value)> {
        &self.inputs
    }
}

async fn theirs() -> Theirs {
    let company = Company::open().await;
    let buyer = company.person(&["buyer"]).await;
    Theirs {
        supplier: company.supplier(),
        location: company.location(),
        item: company.item(0),
        order: company.ordered(&buyer).await,
        member: Company::member(&buyer),
    }
}

/// A company, its people, and one good input for each mutation that the cases are about.
pub async fn written() -> Written {
    let theirs = theirs().await;
    let company = Company::open().await;
    let (buyer, receiver) = (company.person(&["buyer"]).await, company.person(&["receiver"]).await);
    let (controller, manager) = (
        company.person(&["inventory_controller"]).await,
        company.person(&["category_manager"]).await,
    );
    let (admin, security) = (
        company.person(&["tenant_admin"]).await,
        company.person(&["security_admin"]).await,
    );
    let (steward, clerk) = (company.person(&["supplier_steward"]).await, company.person(&[]).await);

    company.stocked(0).await;
    let place = json!({ "code": "L2", "name": "Second", "kind": "STORE", "timeZone": "UTC" });
    let second = admin.does("locationCreate", "location { id }", place).await["location"]["id"].clone();
    let released = company.some_released().await;
    let receipt = company.received(&company.some_released().await, &receiver).await;
    let another = company.received(&company.some_released().await, &receiver).await;
    let draft = company.order_of(&buyer, company.order(false)).await;
    let unwanted = company.order_of(&buyer, company.order(false)).await;
    let unsent = company.transfer(&controller).await;
    let changed = company.some_released().await;

    let gone = manager
        .does("itemDeactivate", "change { id }", json!({ "id": company.item(9) }))
        .await;
    let pricing = company.person(&["pricing_manager"]).await;
    pricing
        .does("itemChangeApprove", "", json!({ "id": gone["change"]["id"] }))
        .await;

    let mut order = company.order(true);
    order["order"]["lines"].as_array_mut().expect("lines").truncate(3);
    let item = json!({ "itemId": company.item(0), "quantity": "5" });
    let mut inputs = BTreeMap::new();
    let mut add = |name: &'static str, by: &Person, input: Value| {
        inputs.insert(name, (by.clone(), input));
    };
    add("purchaseOrderCreate", &buyer, order);
    add("purchaseOrderSubmit", &buyer, json!({ "id": draft }));
    add(
        "purchaseOrderCancel",
        &buyer,
        json!({ "id": unwanted, "reason": "Not wanted" }),
    );
    add("receiptCreate", &receiver, Company::delivery(&released));
    let more =
        json!({ "purchaseOrderId": changed, "reason": "More", "lines": [{ "lineNumber": 1, "quantity": "11" }] });
    add("changeOrderCreate", &buyer, more);
    add("adjustmentCreate", &controller, company.adjustment(5));
    let point = json!({ "itemId": company.item(0), "locationId": company.location(), "reorderPoint": "10", "safetyStock": "2" });
    add("replenishmentPolicyPropose", &controller, json!({ "lines": [point] }));
    let transfer = json!({ "fromLocationId": company.location(), "toLocationId": second, "lines": [item] });
    add("transferCreate", &controller, transfer);
    let back = json!({ "supplierId": company.supplier(), "locationId": company.location(), "reason": "Stale",
        "lines": [{ "receiptId": receipt, "receiptLineNumber": 1, "quantity": "2" }] });
    add("supplierReturnCreate", &buyer, back);
    let smells =
        json!({ "receiptId": another, "receiptLineNumber": 1, "kind": "QUALITY", "quantity": "2", "reason": "Smells" });
    add("discrepancyRaise", &receiver, smells);
    let new = json!({ "sku": "NEW-1", "name": "New", "baseUnitCode": "EA", "gtins": [{ "gtin": "4006381333931" }],
        "packs": [{ "unitCode": "CS", "level": "CASE", "baseQuantity": "12" }] });
    add("itemCreate", &manager, new);
    let acme = json!({ "code": "ACME", "legalName": "Acme Ltd", "currencyCode": "USD" });
    add("supplierCreate", &manager, acme);
    let prices = json!({ "supplierId": company.supplier(), "lines": [{ "itemId": company.item(0), "price": "2.4", "validFrom": "2026-01-01" }] });
    add("priceListPropose", &manager, prices);
    let bank = json!({ "supplierId": company.supplier(), "account": "DE89370400440532013000", "accountHolder": "Acme Ltd", "countryCode": "DE" });
    add("supplierBankChangePropose", &steward, bank);
    let third = json!({ "code": "L3", "name": "Third", "kind": "STORE", "timeZone": "UTC" });
    add("locationCreate", &admin, third);
    let role = json!({ "memberId": Company::member(&clerk), "role": "requester" });
    add("roleAssignmentPropose", &security, role);
    let issuer = company.world.server.development_issuer().expect("development issuer");
    let member =
        json!({ "displayName": "New", "issuer": issuer.issuer(), "subject": uuid::Uuid::now_v7().to_string() });
    add("memberCreate", &security, member);
    let limits = json!({ "settings": { "approvalLimits": ["1000", "5000", "50000", "500000"] } });
    add("workflowRuleEdit", &security, limits);
    add("sodPolicyEdit", &security, json!({ "rulesOff": ["ADM-18"] }));

    let mut stuck = BTreeMap::new();
    let mut add = |name: &'static str, by: &Person, id: &Value| {
        stuck.insert(name, (by.clone(), json!({ "id": id })));
    };
    add("purchaseOrderRelease", &buyer, &draft);
    add("purchaseOrderResume", &buyer, &draft);
    add("receiptComplete", &receiver, &receipt);
    add("transferReceive", &receiver, &unsent);
    add("supplierRelease", &steward, &company.supplier());
    Written {
        inactive: company.item(9),
        company,
        theirs,
        inputs,
        stuck,
    }
}
