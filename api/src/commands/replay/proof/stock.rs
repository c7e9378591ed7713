//! What is on hand, and that it is the sum of its movements.

use super::{compare, decimal};
use crate::commands::replay::client::{CallError, Caller, Client, text};
use crate::commands::replay::world::Place;
use quartermaster_demo::expectation::{Difference, Stock};
use serde_json::{Value, json};
use std::collections::HashMap;

const POSITIONS: &str = "query Stock($after: String) { page: inventoryPositions(first: 250, after: $after, orderBy: LOCATION_ASC) { \
    pageInfo { hasNextPage endCursor } nodes { itemId locationId onHand { value } quarantined { value } inTransit { value } } } }";
const INTEGRITY: &str = "query Ledger { stockIntegrity { differing } }";

/// Stock by store and item, in whatever state; what is nothing is left out.
///
/// # Errors
/// A call failed, or answered what is no quantity.
pub async fn by_place(client: &Client, caller: Caller<'_>, place: &Place) -> Result<Stock, CallError> {
    let (stores, items) = (numbers(&place.locations), numbers(&place.items));
    let mut stock = Stock::new();
    let each = |position: &Value| {
        let mut quantity = decimal(&position["onHand"]["value"])?;
        for more in ["quarantined", "inTransit"] {
            quantity += decimal(&position[more]["value"])?;
        }
        if !quantity.is_zero() {
            let store = number(&stores, &position["locationId"]);
            let item = number(&items, &position["itemId"]);
            // What is no whole number of bottles differs from every expectation.
            let bottles = i64::try_from(quantity).ok().filter(|_| quantity.is_integer());
            stock
                .entry(store)
                .or_default()
                .insert(item, bottles.unwrap_or(i64::MIN));
        }
        Ok(())
    };
    client.pages(caller, POSITIONS, json!({}), each).await?;
    Ok(stock)
}

/// Whether positions and ledger say the same.
///
/// # Errors
/// A call failed.
pub async fn against_ledger(client: &Client, caller: Caller<'_>) -> Result<Option<Difference>, CallError> {
    let answer = client.ask(caller, INTEGRITY, json!({})).await?;
    let Some(differing) = answer["stockIntegrity"]["differing"].as_u64() else {
        return Err(CallError::strange("a proof of stock without a number"));
    };
    let what = "positions that are not the sum of their movements";
    Ok(compare(what, 0, differing))
}

/// Numbers of the files by ids.
fn numbers(ids: &std::collections::BTreeMap<String, String>) -> HashMap<&str, &str> {
    ids.iter().map(|(number, id)| (id.as_str(), number.as_str())).collect()
}

/// The number of an id; one that the world does not know is told as it is.
fn number(numbers: &HashMap<&str, &str>, id: &Value) -> String {
    let id = text(id);
    numbers
        .get(id.as_str())
        .map_or(id.clone(), |number| (*number).to_owned())
}
