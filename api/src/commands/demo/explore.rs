//! A few documents that wait for somebody: a draft, an order in approval, a delivery that was short.

use crate::commands::replay::Lived;
use crate::commands::replay::client::{CallError, Client, text};
use crate::commands::replay::setup::{Stage, one_more};
use crate::commands::replay::world::Place;
use quartermaster_demo::Plan;
use quartermaster_demo::description::TenantKind;
use quartermaster_demo::plan::{Function, IdempotencyKey, Person, TenantPlan};
use serde_json::{Value, json};

const CREATE: &str = "mutation OrderCreate($input: PurchaseOrderCreateInput!) { purchaseOrderCreate(input: $input) { purchaseOrder { id number } userErrors { code message field } } }";
const APPROVE: &str = "mutation OrderApprove($input: PurchaseOrderApproveInput!) { purchaseOrderApprove(input: $input) { purchaseOrder { id } userErrors { code message field } } }";
const RECEIVE: &str = "mutation ReceiptCreate($input: ReceiptCreateInput!) { receiptCreate(input: $input) { receipt { id number } userErrors { code message field } } }";

/// What was left open, and in whose house.
pub struct Open {
    /// Position of the tenant in the plan.
    pub tenant: usize,
    /// A franchisee's owner: buys and approves, but never the same order.
    pub owner: Person,
    /// An order that the owner made and submitted.
    pub own_order: String,
    /// The same, as people read it.
    pub own_number: String,
}

type Failed = Box<dyn std::error::Error + Send + Sync>;

/// The journal's word for the documents: a later start makes no others.
const LEFT: &str = "demo/open documents";

/// Makes them; a later start finds them.
pub async fn leave_open(issuer: &str, lived: &mut Lived) -> Result<Open, Failed> {
    let plan = &lived.plan;
    let at = plan
        .tenants
        .iter()
        .position(|tenant| tenant.entry.kind == TenantKind::Franchisee)
        .unwrap_or(0);
    let tenant = plan.tenants.get(at).ok_or("a world without tenants")?;
    let place = lived.world.place(&tenant.entry.code).ok_or("a tenant without ids")?;
    let subject = format!("{}.owner", tenant.entry.code);
    let owner = Person {
        email: format!("{subject}@{}.example", plan.description.partner.code),
        subject,
        display_name: "Ottilie Dunmore".to_owned(),
        function: Function::Buyer,
        store: None,
    };
    let known = lived.journal.note(LEFT).and_then(|note| note.split_once(' '));
    let (own_order, own_number) = match known {
        Some((id, number)) => (id.to_owned(), number.to_owned()),
        None => {
            let stage = Stage::new(plan, &lived.client, &lived.partner, issuer, &mut lived.journal);
            one_more(&stage, tenant, place, &owner, "franchise_owner").await?;
            let client = &lived.client;
            let own = documents(
                Desk {
                    plan,
                    client,
                    tenant,
                    place,
                },
                &owner,
            )
            .await?;
            lived.journal.done(LEFT, &format!("{} {}", own.0, own.1))?;
            own
        }
    };
    Ok(Open {
        tenant: at,
        owner,
        own_order,
        own_number,
    })
}

/// A draft, an order in approval, a delivery that was short; answers id and number of the owner's own order.
async fn documents(desk: Desk<'_>, owner: &Person) -> Result<(String, String), Failed> {
    let tenant = desk.tenant;
    let office = tenant.office(Function::Approver).next().ok_or("no approver")?;
    let store = tenant.stores.first().ok_or("no store")?;
    let buyer = tenant.at_store(&store.number, Function::Buyer).ok_or("no buyer")?;
    let receiver = tenant
        .at_store(&store.number, Function::Receiver)
        .ok_or("no receiver")?;

    let own = desk
        .order(owner, "own", "Christmas stock, made by the owner", true)
        .await?;
    desk.order(buyer, "draft", "A draft: not submitted yet", false).await?;
    let short = desk.order(buyer, "short", "One case did not come", true).await?;
    let id = text(&short["id"]);
    desk.act(office, "short/approve", APPROVE, json!({ "id": id })).await?;
    let lines = json!([
        { "orderLineNumber": 1, "quantity": "10", "final": true },
        { "orderLineNumber": 2, "quantity": "12", "damagedQuantity": "2" },
    ]);
    desk.act(
        receiver,
        "short/receive",
        RECEIVE,
        json!({ "orderIds": [id], "lines": lines }),
    )
    .await?;
    Ok((text(&own["id"]), text(&own["number"])))
}

/// The desk at which a tenant's people make documents.
struct Desk<'a> {
    plan: &'a Plan,
    client: &'a Client,
    tenant: &'a TenantPlan,
    place: &'a Place,
}

impl Desk<'_> {
    /// Two lines of twelve from the tenant's first vendor.
    async fn order(&self, person: &Person, step: &str, note: &str, submit: bool) -> Result<Value, Failed> {
        let vendor = self.tenant.vendors.first().ok_or("no vendor")?;
        let store = self.tenant.stores.first().ok_or("no store")?;
        let items = self
            .tenant
            .items
            .iter()
            .filter_map(|number| self.plan.items.get(number));
        let lines: Vec<Value> = items
            .filter(|item| item.vendor == *vendor)
            .cycle()
            .take(2)
            .map(|item| json!({ "itemId": self.place.items.get(&item.number), "quantity": "12", "unitPrice": item.list_price.to_string() }))
            .collect();
        let order = json!({
            "supplierId": self.place.suppliers.get(vendor),
            "locationId": self.place.locations.get(&store.number),
            "note": note,
            "lines": lines,
        });
        let made = self
            .act(person, step, CREATE, json!({ "order": order, "submit": submit }))
            .await?;
        Ok(made["purchaseOrder"].clone())
    }

    async fn act(&self, person: &Person, step: &str, document: &str, input: Value) -> Result<Value, CallError> {
        let key = IdempotencyKey::of_setup(&self.plan.digest, "open documents", step);
        let variables = json!({ "input": input });
        self.client
            .act(self.place.caller(person), key, document, variables)
            .await
    }
}
