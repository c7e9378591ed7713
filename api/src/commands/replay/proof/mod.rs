//! The proof: what the API says of each tenant, against what the files say.
//!
//! | what | file |
//! |---|---|
//! | ordered, received, returned: counts, and money to the cent | `documents.rs` |
//! | stock by store and item, and that it is the sum of its ledger | `stock.rs` |
//! | one event for each transition | `events.rs` |
//! | what is printed | `table.rs` |

mod documents;
mod events;
mod stock;
mod table;

use super::client::{CallError, text};
use super::live::Scene;
use super::order::lost;
use futures::{StreamExt, TryStreamExt, stream};
use quartermaster_demo::Expectation;
use quartermaster_demo::expectation::{Difference, Sums};
use quartermaster_demo::plan::{Function, TenantPlan};
use rust_decimal::Decimal;
use serde_json::Value;
use std::collections::HashSet;

pub use table::{grouped, table};

/// So many tenants are proved at a time.
const AT_ONCE: usize = 4;

/// A tenant, what the API says of it, and where that is not what the files say.
pub struct Proved {
    /// The tenant's name.
    pub name: String,
    /// By the API.
    pub found: Sums,
    /// Against the files, the ledger and the events. Empty is the proof.
    pub differences: Vec<Difference>,
}

/// Proves every tenant of the plan.
///
/// # Errors
/// A call failed: then nothing is proved and nothing refuted.
pub async fn prove(scene: Scene<'_>, expectation: &Expectation) -> Result<Vec<Proved>, CallError> {
    let mut planned = HashSet::new();
    for document in scene.plan.documents().flatten() {
        planned.insert(document.key.as_str().to_owned());
    }
    let planned = &planned;
    stream::iter(&scene.plan.tenants)
        .map(|tenant| one(scene, expectation, tenant, planned))
        .buffered(AT_ONCE)
        .try_collect()
        .await
}

async fn one(
    scene: Scene<'_>,
    expectation: &Expectation,
    tenant: &TenantPlan,
    planned: &HashSet<String>,
) -> Result<Proved, CallError> {
    let code = &tenant.entry.code;
    let place = scene.world.place(code).ok_or_else(|| lost("tenant", code))?;
    let somebody = |function, what| tenant.office(function).next().ok_or_else(|| lost(what, code));
    let reader = place.caller(somebody(Function::Approver, "approver of")?);
    let auditor = place.caller(somebody(Function::Auditor, "auditor of")?);
    let is_planned = |reference: &str| planned.contains(reference);
    let mut found = Sums::default();
    documents::orders(scene.client, reader, is_planned, &mut found).await?;
    documents::returns(scene.client, reader, is_planned, &mut found).await?;
    let kept = stock::by_place(scene.client, reader, place).await?;
    found.stock = kept.stock;

    let expected = expectation.tenants.get(code).cloned().unwrap_or_default();
    let mut differences = expected.differences(&found);
    differences.extend(kept.elsewhere);
    differences.extend(stock::against_ledger(scene.client, reader).await?);
    differences.extend(events::against_transitions(scene.client, auditor, &expected).await?);
    Ok(Proved {
        name: tenant.entry.name.clone(),
        found,
        differences,
    })
}

/// A decimal of an answer.
fn decimal(value: &Value) -> Result<Decimal, CallError> {
    let shown = text(value);
    let parsed = shown.parse();
    parsed.map_err(|_| CallError::strange(&format!("“{shown}” is no decimal")))
}

/// A difference, if there is one.
fn compare(what: impl Into<String>, expected: u64, found: u64) -> Option<Difference> {
    (expected != found).then(|| Difference {
        what: what.into(),
        expected: expected.to_string(),
        found: found.to_string(),
    })
}
