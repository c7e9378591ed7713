//! One event for each transition that the documents went through.

use super::compare;
use crate::commands::replay::client::{CallError, Caller, Client};
use quartermaster_demo::expectation::{Difference, Sums};
use serde_json::json;

const COUNTS: &str = "query Events { eventCounts { type count } }";

/// Types of events, and how many there must be when all is lived.
fn transitions(expected: &Sums) -> [(&'static str, u64); 12] {
    let (orders, returns) = (expected.orders, expected.returns);
    [
        ("purchase-order-created", orders),
        ("purchase-order-submitted", orders),
        ("purchase-order-approved", orders),
        ("purchase-order-released", orders),
        ("purchase-order-received", orders),
        ("receipt-opened", orders),
        ("goods-received", orders),
        ("receipt-accepted", orders),
        ("supplier-return-created", returns),
        ("supplier-return-submitted", returns),
        ("supplier-return-approved", returns),
        ("supplier-return-shipped", returns),
    ]
}

/// Where the audit log has other numbers than the documents.
///
/// # Errors
/// A call failed.
pub async fn against_transitions(
    client: &Client,
    auditor: Caller<'_>,
    expected: &Sums,
) -> Result<Vec<Difference>, CallError> {
    let answer = client.ask(auditor, COUNTS, json!({})).await?;
    let Some(counts) = answer["eventCounts"].as_array() else {
        return Err(CallError::strange("no counts of events"));
    };
    let found = |kind: &str| {
        let count = counts.iter().find(|count| count["type"] == kind);
        count.and_then(|count| count["count"].as_u64()).unwrap_or(0)
    };
    let all = transitions(expected).into_iter();
    Ok(all
        .filter_map(|(kind, count)| compare(format!("events {kind}"), count, found(kind)))
        .collect())
}
