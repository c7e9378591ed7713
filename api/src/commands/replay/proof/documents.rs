//! Orders and returns of a tenant, added up from what the API answers line by line.

use super::decimal;
use crate::commands::replay::client::{CallError, Caller, Client, next, nodes, text};
use quartermaster_demo::expectation::Sums;
use rust_decimal::Decimal;
use serde_json::{Value, json};

const ORDERS: &str = "query Orders($after: String) { page: purchaseOrders(first: 100, after: $after, orderBy: CREATED_AT_ASC) { \
    pageInfo { hasNextPage endCursor } nodes { id reference netAmount { amount } lines(first: 20) { \
    pageInfo { hasNextPage endCursor } nodes { quantity { value } receivedQuantity { value } unitPrice { amount } } } } } }";
const ORDER_LINES: &str = "query OrderLines($id: ID!, $after: String) { purchaseOrder(id: $id) { lines(first: 250, after: $after) { \
    pageInfo { hasNextPage endCursor } nodes { quantity { value } receivedQuantity { value } unitPrice { amount } } } } }";

const RETURNS: &str = "query Returns($after: String) { page: supplierReturns(first: 100, after: $after) { \
    pageInfo { hasNextPage endCursor } nodes { status authorisationNumber netAmount { amount } lines { quantity { value } } } } }";

/// What was ordered, and what came.
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
    let mut long = Vec::new();
    let each = |order: &Value| {
        if !planned(order["reference"].as_str().unwrap_or_default()) {
            return Ok(());
        }
        sums.orders += 1;
        sums.ordered += decimal(&order["netAmount"]["amount"])?;
        let lines = &order["lines"];
        long.extend(next(lines).map(|cursor| (order["id"].clone(), cursor.clone())));
        add_lines(sums, lines)
    };
    client.pages(caller, ORDERS, json!({}), each).await?;
    for (id, mut cursor) in long {
        loop {
            let variables = json!({ "id": id, "after": cursor });
            let rest = client.ask(caller, ORDER_LINES, variables).await?;
            let lines = &rest["purchaseOrder"]["lines"];
            add_lines(sums, lines)?;
            match next(lines) {
                Some(more) => cursor = more.clone(),
                None => break,
            }
        }
    }
    Ok(())
}

fn add_lines(sums: &mut Sums, lines: &Value) -> Result<(), CallError> {
    for line in nodes(lines) {
        let received = decimal(&line["receivedQuantity"]["value"])?;
        sums.order_lines += 1;
        sums.bottles_ordered += whole(&line["quantity"]["value"])?;
        sums.received += cents(received * decimal(&line["unitPrice"]["amount"])?);
    }
    Ok(())
}

/// What went back to suppliers.
///
/// # Errors
/// A call failed, or answered what is no amount.
pub async fn returns(
    client: &Client,
    caller: Caller<'_>,
    planned: impl Fn(&str) -> bool,
    sums: &mut Sums,
) -> Result<(), CallError> {
    let each = |document: &Value| {
        let left = ["SHIPPED", "CLOSED"].contains(&document["status"].as_str().unwrap_or_default());
        if !left || !planned(document["authorisationNumber"].as_str().unwrap_or_default()) {
            return Ok(());
        }
        sums.returns += 1;
        sums.returned += decimal(&document["netAmount"]["amount"])?;
        for line in document["lines"].as_array().into_iter().flatten() {
            sums.return_lines += 1;
            sums.bottles_returned += whole(&line["quantity"]["value"])?;
        }
        Ok(())
    };
    client.pages(caller, RETURNS, json!({}), each).await
}

/// Half up, as amounts on invoices are rounded.
fn cents(amount: Decimal) -> Decimal {
    amount.round_dp_with_strategy(2, rust_decimal::RoundingStrategy::MidpointAwayFromZero)
}

/// A whole number of base units.
fn whole(value: &Value) -> Result<i64, CallError> {
    let quantity = decimal(value)?;
    let whole = i64::try_from(quantity).ok().filter(|_| quantity.is_integer());
    whole.ok_or_else(|| CallError::strange(&format!("{} is no whole quantity", text(value))))
}
