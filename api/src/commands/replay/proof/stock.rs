//! What is on hand, and that it is the sum of its movements.

use super::{compare, decimal};
use crate::commands::replay::client::{CallError, Caller, Client, text};
use crate::commands::replay::world::Place;
use quartermaster_demo::expectation::{Difference, Stock};
use serde_json::{Value, json};
use std::collections::{BTreeMap, HashMap};

// Store by store: a page of one store's stock adds up that store's positions alone.
const POSITIONS: &str = "query Stock($store: ID!, $after: String) { page: inventoryPositions(first: 250, after: $after, filter: { locationIds: [$store] }) { \
    pageInfo { hasNextPage endCursor } nodes { itemId onHand { value } quarantined { value } inTransit { value } } } }";
const ALL: &str = "query AllStock { inventoryPositions(first: 0) { totalCount } }";
const INTEGRITY: &str = "query Ledger { stockIntegrity { differing } }";

/// What there is, and what lies where the world has no store.
pub struct Found {
    /// By store and item, in whatever state; what is nothing is left out.
    pub stock: Stock,
    /// Positions of the tenant at other places.
    pub elsewhere: Option<Difference>,
}

/// Reads the stock of every store.
///
/// # Errors
/// A call failed, or answered what is no quantity.
pub async fn by_place(client: &Client, caller: Caller<'_>, place: &Place) -> Result<Found, CallError> {
    let items: HashMap<&str, &str> = place
        .items
        .iter()
        .map(|(number, id)| (id.as_str(), number.as_str()))
        .collect();
    let (mut stock, mut positions) = (Stock::new(), 0);
    for (store, id) in &place.locations {
        let mut here = BTreeMap::new();
        let each = |position: &Value| {
            positions += 1;
            let mut quantity = decimal(&position["onHand"]["value"])?;
            for more in ["quarantined", "inTransit"] {
                quantity += decimal(&position[more]["value"])?;
            }
            if !quantity.is_zero() {
                let item = text(&position["itemId"]);
                let item = items
                    .get(item.as_str())
                    .map_or(item.clone(), |number| (*number).to_owned());
                // What is no whole number of bottles differs from every expectation.
                let bottles = i64::try_from(quantity).ok().filter(|_| quantity.is_integer());
                here.insert(item, bottles.unwrap_or(i64::MIN));
            }
            Ok(())
        };
        client.pages(caller, POSITIONS, json!({ "store": id }), each).await?;
        if !here.is_empty() {
            stock.insert(store.clone(), here);
        }
    }
    let answer = client.ask(caller, ALL, json!({})).await?;
    let Some(all) = answer["inventoryPositions"]["totalCount"].as_u64() else {
        return Err(CallError::strange("stock without a count"));
    };
    let elsewhere = compare(
        "positions where the world has no store",
        0,
        all.saturating_sub(positions),
    );
    Ok(Found { stock, elsewhere })
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
