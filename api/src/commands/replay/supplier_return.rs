//! One return to a supplier: made by the store's buyer, approved by the office, shipped by the store's receiver.

use super::client::{CallError, text};
use super::live::Scene;
use super::order::{found, lost};
use quartermaster_demo::plan::{Document, Function, IdempotencyKey};
use serde_json::{Value, json};

const CREATE: &str = "mutation ReturnCreate($input: SupplierReturnCreateInput!) { supplierReturnCreate(input: $input) { supplierReturn { id status } userErrors { code message field } } }";
const APPROVE: &str = "mutation ReturnApprove($input: SupplierReturnApproveInput!) { supplierReturnApprove(input: $input) { supplierReturn { id status } userErrors { code message field } } }";
const SHIP: &str = "mutation ReturnShip($input: SupplierReturnShipInput!) { supplierReturnShip(input: $input) { supplierReturn { id status } userErrors { code message field } } }";

/// Lives it; answers the return's id.
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

    let lines = document.lines.iter().map(|line| {
        Ok(json!({
            "itemId": found(place.items.get(&line.item), "item", &line.item)?,
            "quantity": line.quantity.to_string(),
            "unitPrice": line.unit_price.to_string(),
        }))
    });
    let input = json!({
        "supplierId": found(place.suppliers.get(&document.vendor), "supplier", &document.vendor)?,
        "locationId": found(place.locations.get(&document.store), "location", &document.store)?,
        "currencyCode": plan.description.currency,
        "returnedOn": document.date,
        "authorisationNumber": document.key.as_str(),
        "reason": "Sent back by the store",
        "lines": lines.collect::<Result<Value, CallError>>()?,
        "submit": true,
    });
    let made = client
        .act(
            place.caller(hands.maker),
            key("supplierReturnCreate"),
            CREATE,
            json!({ "input": input }),
        )
        .await?;
    let id = text(&made["supplierReturn"]["id"]);
    let input = json!({ "input": { "id": id } });
    let second = plan
        .tenant_of(&document.store)
        .into_iter()
        .flat_map(|tenant| tenant.office(Function::Approver))
        .find(|person| person.subject != hands.approver.subject);
    for (step, approver) in [
        ("supplierReturnApprove", Some(hands.approver)),
        ("supplierReturnApprove-2", second),
    ] {
        let Some(approver) = approver else { continue };
        let approved = client
            .act(place.caller(approver), key(step), APPROVE, input.clone())
            .await?;
        if text(&approved["supplierReturn"]["status"]) != "IN_APPROVAL" {
            break;
        }
    }
    client
        .act(place.caller(hands.custodian), key("supplierReturnShip"), SHIP, input)
        .await?;
    Ok(id)
}
