//! A company of its own, and the documents that its people make: all of it through the API.

use crate::database::fixture::{Shop, strict};
use crate::world::{Person, World, order_input};
use quartermaster_tenants::id::encode;
use quartermaster_tenants::settings::Settings;
use serde_json::{Value, json};
use uuid::Uuid;

pub struct Company {
    pub world: World,
    pub shop: Shop,
}

impl Company {
    /// Every order of it needs an approver.
    pub async fn open() -> Self {
        Self::with(strict()).await
    }

    pub async fn with(settings: Settings) -> Self {
        let world = World::start().await;
        let shop = world.shop(&settings).await;
        Self { world, shop }
    }

    /// Whose orders need two approvers of the top level.
    pub async fn of_two_approvals() -> Self {
        let approval_limits = [0, 1, 2, 3].map(rust_decimal::Decimal::from);
        Self::with(Settings {
            approval_limits,
            ..strict()
        })
        .await
    }

    pub async fn person(&self, roles: &[&str]) -> Person {
        self.world.member(&self.shop, roles).await
    }

    /// The same person in another job: what he did stays his.
    pub async fn now_holds(&self, person: &Person, role: &str) {
        let sql = "UPDATE qm.role_assignment SET role = $3 WHERE tenant_id = $1 AND account_id = $2";
        let params: [&(dyn tokio_postgres::types::ToSql + Sync); 3] = [&self.shop.tenant.0, &person.op.account, &role];
        self.world.owner.execute(sql, &params).await.expect("another role");
    }

    pub fn member(person: &Person) -> Value {
        json!(encode("mem", person.op.account))
    }

    pub fn supplier(&self) -> Value {
        json!(encode("sup", self.shop.supplier))
    }

    pub fn location(&self) -> Value {
        json!(encode("loc", self.shop.location))
    }

    pub fn item(&self, n: usize) -> Value {
        json!(encode("itm", self.shop.items[n]))
    }

    /// How much was recorded in the tenant.
    pub async fn events(&self) -> i64 {
        let sql = "SELECT count(*) FROM qm.event WHERE tenant_id = $1 AND document_kind <> 'REFUSAL'";
        let row = self.world.owner.query_one(sql, &[&self.shop.tenant.0]).await;
        row.expect("events").get(0)
    }

    pub fn order(&self, submit: bool) -> Value {
        order_input(&self.shop, submit)["input"].clone()
    }

    /// An order in approval: ten of each item at 2.50.
    pub async fn ordered(&self, by: &Person) -> Value {
        self.order_of(by, self.order(true)).await
    }

    pub async fn order_of(&self, by: &Person, input: Value) -> Value {
        let made = by.does("purchaseOrderCreate", "purchaseOrder { id }", input).await;
        made["purchaseOrder"]["id"].clone()
    }

    /// An order that another agreed to; the tenant's rule releases it at once.
    pub async fn released(&self, by: &Person, approver: &Person) -> Value {
        let order = self.ordered(by).await;
        approver.does("purchaseOrderApprove", "", json!({ "id": order })).await;
        order
    }

    /// The same by people who do nothing else.
    pub async fn some_released(&self) -> Value {
        let (buyer, approver) = (self.person(&["buyer"]).await, self.person(&["approver_l2"]).await);
        self.released(&buyer, &approver).await
    }

    /// All ten of an order's first item.
    pub fn delivery(order: &Value) -> Value {
        json!({ "orderIds": [order], "lines": [{ "orderLineNumber": 1, "quantity": "10" }] })
    }

    pub async fn received(&self, order: &Value, by: &Person) -> Value {
        let made = by.does("receiptCreate", "receipt { id }", Self::delivery(order)).await;
        made["receipt"]["id"].clone()
    }

    /// A proposed change of a released order.
    pub async fn changed(&self, order: &Value, by: &Person) -> Value {
        let input =
            json!({ "purchaseOrderId": order, "reason": "More", "lines": [{ "lineNumber": 1, "quantity": "11" }] });
        let made = by.does("changeOrderCreate", "changeOrder { id }", input).await;
        made["changeOrder"]["id"].clone()
    }

    /// One more of an item, for nothing to speak of.
    pub fn adjustment(&self, item: usize) -> Value {
        json!({ "locationId": self.location(), "reason": "FOUND", "submit": true,
            "lines": [{ "itemId": self.item(item), "quantity": "100", "unitCost": "40" }] })
    }

    pub async fn adjusted(&self, item: usize, by: &Person) -> Value {
        let made = by
            .does("adjustmentCreate", "adjustment { id }", self.adjustment(item))
            .await;
        made["adjustment"]["id"].clone()
    }

    /// A reorder point of an item, in approval.
    pub async fn reorder_point(&self, item: usize, quantity: &str, by: &Person) -> Value {
        let line = json!({ "itemId": self.item(item), "locationId": self.location(), "reorderPoint": quantity, "safetyStock": "0" });
        let input = json!({ "lines": [line] });
        let made = by
            .does("replenishmentPolicyPropose", "replenishmentPolicy { id }", input)
            .await;
        made["replenishmentPolicy"]["id"].clone()
    }

    /// Settings that one person edited and another published: the rule.
    pub async fn published(&self, settings: Value) -> Value {
        let (editor, publisher) = (
            self.person(&["security_admin"]).await,
            self.person(&["tenant_admin"]).await,
        );
        let edit = json!({ "settings": settings });
        let rule = editor.does("workflowRuleEdit", "workflowRule { id }", edit).await["workflowRule"]["id"].clone();
        publisher.does("workflowRulePublish", "", json!({ "id": rule })).await;
        rule
    }

    /// A hundred of an item, put on the shelf by people who do nothing else.
    pub async fn stocked(&self, item: usize) {
        let (maker, approver) = (
            self.person(&["inventory_controller"]).await,
            self.person(&["approver_l4"]).await,
        );
        let id = self.adjusted(item, &maker).await;
        approver.does("adjustmentApprove", "", json!({ "id": id })).await;
    }

    /// A count under way over a hundred of the first item; nobody has counted yet.
    pub async fn counting(&self, planner: &Person, tolerance: &str) -> Value {
        self.stocked(0).await;
        let input = json!({ "locationId": self.location(), "blind": false, "tolerancePercent": tolerance });
        let made = planner.does("stockCountPlan", "stockCount { id }", input).await;
        let count = made["stockCount"]["id"].clone();
        planner.does("stockCountStart", "", json!({ "id": count })).await;
        count
    }

    pub fn counted(&self, count: &Value, quantity: &str) -> Value {
        json!({ "id": count, "lines": [{ "itemId": self.item(0), "quantity": quantity }] })
    }

    /// A pass of a count that found twenty too few.
    pub async fn passed(&self, count: &Value, by: &Person) {
        by.does("stockCountEnter", "", self.counted(count, "80")).await;
        by.does("stockCountSubmit", "", json!({ "id": count })).await;
    }

    /// A transfer of five of the first item to a second store.
    pub async fn transfer(&self, by: &Person) -> Value {
        self.stocked(0).await;
        let admin = self.person(&["tenant_admin"]).await;
        let input = json!({ "code": Uuid::now_v7().simple().to_string(), "name": "Second", "kind": "STORE", "timeZone": "UTC" });
        let second = admin.does("locationCreate", "location { id }", input).await["location"]["id"].clone();
        let input = json!({ "fromLocationId": self.location(), "toLocationId": second, "lines": [{ "itemId": self.item(0), "quantity": "5" }] });
        let made = by.does("transferCreate", "transfer { id }", input).await;
        made["transfer"]["id"].clone()
    }

    pub fn all_arrived(transfer: &Value) -> Value {
        json!({ "id": transfer, "lines": [{ "lineNumber": 1, "quantity": "5" }], "complete": true })
    }

    /// A return of two of a received order, in approval.
    pub async fn returned(&self, by: &Person) -> Value {
        let order = self.some_released().await;
        let receipt = self.received(&order, &self.person(&["receiver"]).await).await;
        let input = json!({ "supplierId": self.supplier(), "locationId": self.location(), "reason": "Stale", "submit": true,
            "lines": [{ "receiptId": receipt, "receiptLineNumber": 1, "quantity": "2" }] });
        let made = by.does("supplierReturnCreate", "supplierReturn { id }", input).await;
        made["supplierReturn"]["id"].clone()
    }

    /// A supplier that waits for approval, and the change behind it.
    pub async fn proposed_supplier(&self, by: &Person) -> (Value, Value) {
        let input = json!({ "code": "ACME", "legalName": "Acme Ltd", "currencyCode": "USD" });
        let made = by.does("supplierCreate", "supplier { id } change { id }", input).await;
        (made["supplier"]["id"].clone(), made["change"]["id"].clone())
    }

    /// An order to another supplier than the company's first.
    pub fn order_to(&self, supplier: &Value) -> Value {
        let mut input = self.order(true);
        input["order"]["supplierId"] = supplier.clone();
        input
    }

    /// A role that waits for approval.
    pub async fn proposed_role(&self, by: &Person, of: &Person, role: &str) -> Value {
        let input = json!({ "memberId": Self::member(of), "role": role });
        let made = by.does("roleAssignmentPropose", "roleAssignment { id }", input).await;
        made["roleAssignment"]["id"].clone()
    }
}
