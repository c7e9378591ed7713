//! One purchase order: made and submitted by the store's buyer, approved by the office, released by the tenant's rule, received
//! at the store by a third.

use super::client::{CallError, text};
use super::live::Scene;
use super::world::Place;
use quartermaster_demo::Plan;
use quartermaster_demo::plan::{Document, Function, IdempotencyKey};
use serde_json::{Value, json};

const CREATE: &str = "mutation OrderCreate($input: PurchaseOrderCreateInput!) { purchaseOrderCreate(input: $input) { purchaseOrder { id status } userErrors { code message field } } }";
const APPROVE: &str = "mutation OrderApprove($input: PurchaseOrderApproveInput!) { purchaseOrderApprove(input: $input) { purchaseOrder { id status } userErrors { code message field } } }";
const RECEIVE: &str = "mutation ReceiptCreate($input: ReceiptCreateInput!) { receiptCreate(input: $input) { receipt { id status } userErrors { code message field } } }";

/// Lives it; answers the order's id and, behind a space, the receipt's.
///
/// # Errors
/// What the first step said that did not go through.
pub async fn live(scene: Scene<'_>, document: &Document) -> Result<String, CallError> {
    let Scene { plan, world, client } = scene;
    let place = world
        .place(&document.tenant)
        .ok_or_else(|| lost("tenant", &document.tenant))?;
    let hands = plan.hands(document).ok_or_else(|| lost("people", &document.store))?;
    let key = |step: &str| IdempotencyKey::of(&plan.digest, &document.key, step);

    let input = json!({ "order": {
        "supplierId": found(place.suppliers.get(&document.vendor), "supplier", &document.vendor)?,
        "locationId": found(place.locations.get(&document.store), "location", &document.store)?,
        "currencyCode": plan.description.currency,
        "orderedOn": document.date,
        "reference": document.key.as_str(),
        "lines": lines(plan, place, document)?,
    }, "submit": true });
    let made = client
        .act(
            place.caller(hands.maker),
            key("purchaseOrderCreate"),
            CREATE,
            json!({ "input": input }),
        )
        .await?;
    let id = text(&made["purchaseOrder"]["id"]);

    // An amount above the highest limit needs both approvers.
    let office = plan.tenant_of(&document.store);
    let second = office
        .into_iter()
        .flat_map(|tenant| tenant.office(Function::Approver))
        .find(|person| person.subject != hands.approver.subject);
    for (step, approver) in [
        ("purchaseOrderApprove", Some(hands.approver)),
        ("purchaseOrderApprove-2", second),
    ] {
        let Some(approver) = approver else { continue };
        let approved = client
            .act(
                place.caller(approver),
                key(step),
                APPROVE,
                json!({ "input": { "id": id } }),
            )
            .await?;
        // A repeat after a kill finds an order that has gone further.
        if text(&approved["purchaseOrder"]["status"]) != "IN_APPROVAL" {
            break;
        }
    }

    let input = json!({
        "orderIds": [id],
        "receivedOn": document.date,
        "lines": document.lines.iter().map(|line| json!({ "orderLineNumber": line.number, "quantity": line.quantity.to_string() })).collect::<Value>(),
    });
    let received = client
        .act(
            place.caller(hands.custodian),
            key("receiptCreate"),
            RECEIVE,
            json!({ "input": input }),
        )
        .await?;
    Ok(format!("{id} {}", text(&received["receipt"]["id"])))
}

/// The lines of a document as inputs. A price is said where it is not the supplier's agreed one.
fn lines(plan: &Plan, place: &Place, document: &Document) -> Result<Value, CallError> {
    let agreed = |item: &str| plan.items.get(item).map(|item| item.list_price).unwrap_or_default();
    document
        .lines
        .iter()
        .map(|line| {
            let price = line.unit_price;
            let other = price.is_zero() || price != agreed(&line.item);
            Ok(json!({
                "lineNumber": line.number,
                "itemId": found(place.items.get(&line.item), "item", &line.item)?,
                "quantity": line.quantity.to_string(),
                "unitPrice": other.then(|| price.to_string()),
            }))
        })
        .collect()
}

/// An id that the set-up must have given.
pub(super) fn found<'a>(id: Option<&'a String>, what: &str, number: &str) -> Result<&'a str, CallError> {
    id.map(String::as_str).ok_or_else(|| lost(what, number))
}

pub(super) fn lost(what: &str, number: &str) -> CallError {
    CallError::Fault {
        code: "NOT_SET_UP".to_owned(),
        message: format!("the set-up has no {what} {number}"),
    }
}
