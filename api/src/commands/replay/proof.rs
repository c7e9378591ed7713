//! What the API says of a tenant when all is lived, in the shape of what the files say.

use super::client::{CallError, Caller, Client, text};
use quartermaster_demo::expectation::Sums;
use rust_decimal::Decimal;
use serde_json::{Value, json};

const ORDERS: &str = "query Orders($after: String) { purchaseOrders(first: 20, after: $after, orderBy: CREATED_AT_ASC) { \
    pageInfo { hasNextPage endCursor } nodes { id reference netAmount { amount } lines(first: 100) { \
    pageInfo { hasNextPage endCursor } nodes { quantity { value } receivedQuantity { value } unitPrice { amount } } } } } }";
const ORDER_LINES: &str = "query OrderLines($id: ID!, $after: String) { purchaseOrder(id: $id) { lines(first: 250, after: $after) { \
    pageInfo { hasNextPage endCursor } nodes { quantity { value } receivedQuantity { value } unitPrice { amount } } } } }";

const RETURNS: &str = "query Returns($after: String) { supplierReturns(first: 20, after: $after) { \
    pageInfo { hasNextPage endCursor } nodes { status authorisationNumber netAmount { amount } lines { quantity { value } } } } }";

/// One tenant's orders: what was ordered and what came, added up from what the API answers line by line.
///
/// Orders that the replay did not make (their reference is no key of the plan) do not count.
///
/// # Errors
/// A call failed, or answered what is no amount.
pub async fn orders(
    client: &Client,
    caller: Caller<'_>,
    planned: impl Fn(&str) -> bool,
    sums: &mut Sums,
) -> Result<(), CallError> {
    let mut after = Value::Null;
    loop {
        let page = client.ask(caller, ORDERS, json!({ "after": after })).await?;
        let page = &page["purchaseOrders"];
        for order in nodes(page) {
            if !planned(order["reference"].as_str().unwrap_or_default()) {
                continue;
            }
            sums.orders += 1;
            sums.ordered += decimal(&order["netAmount"]["amount"])?;
            add_lines(sums, &order["lines"])?;
            let mut more = next(&order["lines"]);
            while let Some(cursor) = more {
                let rest = client
                    .ask(caller, ORDER_LINES, json!({ "id": order["id"], "after": cursor }))
                    .await?;
                let lines = &rest["purchaseOrder"]["lines"];
                add_lines(sums, lines)?;
                more = next(lines);
            }
        }
        match next(page) {
            Some(cursor) => after = cursor,
            None => return Ok(()),
        }
    }
}

fn add_lines(sums: &mut Sums, lines: &Value) -> Result<(), CallError> {
    for line in nodes(lines) {
        let received = decimal(&line["receivedQuantity"]["value"])?;
        sums.order_lines += 1;
        sums.bottles_ordered += whole(decimal(&line["quantity"]["value"])?)?;
        sums.received += cents(received * decimal(&line["unitPrice"]["amount"])?);
    }
    Ok(())
}

/// One tenant's supplier returns that left.
///
/// # Errors
/// A call failed, or answered what is no amount.
pub async fn returns(
    client: &Client,
    caller: Caller<'_>,
    planned: impl Fn(&str) -> bool,
    sums: &mut Sums,
) -> Result<(), CallError> {
    let mut after = Value::Null;
    loop {
        let page = client.ask(caller, RETURNS, json!({ "after": after })).await?;
        let page = &page["supplierReturns"];
        for document in nodes(page) {
            let left = ["SHIPPED", "CLOSED"].contains(&document["status"].as_str().unwrap_or_default());
            if !left || !planned(document["authorisationNumber"].as_str().unwrap_or_default()) {
                continue;
            }
            sums.returns += 1;
            sums.returned += decimal(&document["netAmount"]["amount"])?;
            for line in document["lines"].as_array().into_iter().flatten() {
                sums.return_lines += 1;
                sums.bottles_returned += whole(decimal(&line["quantity"]["value"])?)?;
            }
        }
        match next(page) {
            Some(cursor) => after = cursor,
            None => return Ok(()),
        }
    }
}

/// The nodes of a connection.
pub(super) fn nodes(connection: &Value) -> impl Iterator<Item = &Value> {
    connection["nodes"].as_array().into_iter().flatten()
}

/// The cursor of the next page, if there is one.
pub(super) fn next(connection: &Value) -> Option<Value> {
    let info = &connection["pageInfo"];
    (info["hasNextPage"] == true).then(|| info["endCursor"].clone())
}

/// Half up, as amounts on invoices are rounded.
pub(super) fn cents(amount: Decimal) -> Decimal {
    amount.round_dp_with_strategy(2, rust_decimal::RoundingStrategy::MidpointAwayFromZero)
}

/// A decimal of an answer.
pub(super) fn decimal(value: &Value) -> Result<Decimal, CallError> {
    let shown = text(value);
    shown.parse().map_err(|_| strange(&format!("“{shown}” is no decimal")))
}

/// A whole number of base units.
pub(super) fn whole(quantity: Decimal) -> Result<i64, CallError> {
    i64::try_from(quantity).map_err(|_| strange(&format!("{quantity} is no whole quantity")))
}

fn strange(what: &str) -> CallError {
    CallError::Fault {
        code: "UNEXPECTED".to_owned(),
        message: format!("the API answered what the proof does not understand: {what}"),
    }
}
