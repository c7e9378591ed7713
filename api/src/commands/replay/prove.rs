//! The proof: what the API and the ledger say of each tenant, against what the files say.

use super::behind;
use super::client::CallError;
use super::live::Scene;
use super::proof;
use super::setup::{SetupError, Stage};
use super::table::Proved;
use futures::{StreamExt, TryStreamExt, stream};
use quartermaster_demo::Expectation;
use quartermaster_demo::expectation::{Difference, Sums};
use quartermaster_demo::plan::{Function, TenantPlan};
use std::collections::{BTreeMap, HashSet};

/// Why nothing could be proved.
#[derive(Debug, thiserror::Error)]
pub enum ProveError {
    /// The API failed.
    #[error(transparent)]
    Call(#[from] CallError),
    /// Nobody to ask as.
    #[error(transparent)]
    Person(#[from] SetupError),
    /// The database failed.
    #[error(transparent)]
    Database(#[from] quartermaster_tenants::Error),
}

/// So many tenants are proved at a time.
const AT_ONCE: usize = 4;

/// Proves every tenant of the plan.
///
/// # Errors
/// [`ProveError`]: then nothing is proved and nothing refuted.
pub async fn prove(stage: &Stage<'_>, scene: Scene<'_>, expectation: &Expectation) -> Result<Vec<Proved>, ProveError> {
    let mut planned = HashSet::new();
    for document in scene.plan.documents().flatten() {
        planned.insert(document.key.as_str().to_owned());
    }
    let planned = &planned;
    stream::iter(&scene.plan.tenants)
        .map(|tenant| one(stage, scene, expectation, tenant, planned))
        .buffered(AT_ONCE)
        .try_collect()
        .await
}

async fn one(
    stage: &Stage<'_>,
    scene: Scene<'_>,
    expectation: &Expectation,
    tenant: &TenantPlan,
    planned: &HashSet<String>,
) -> Result<Proved, ProveError> {
    let code = &tenant.entry.code;
    let place = scene
        .world
        .place(code)
        .ok_or_else(|| super::order::lost("tenant", code))?;
    let reader = tenant
        .office(Function::Approver)
        .next()
        .ok_or_else(|| super::order::lost("approver of", code))?;
    let caller = place.caller(reader);
    let mut found = Sums::default();
    proof::orders(
        scene.client,
        caller,
        |reference| planned.contains(reference),
        &mut found,
    )
    .await?;
    proof::returns(scene.client, caller, |number| planned.contains(number), &mut found).await?;
    let op = stage.member(reader, place).await?;
    let behind = behind::read(stage.db, &op).await?;
    found.stock = behind.stock;

    let expected = expectation.tenants.get(code).cloned().unwrap_or_default();
    let mut differences = expected.differences(&found);
    let mut compare = |what: &str, expected: u64, found: u64| {
        if expected != found {
            differences.push(Difference {
                what: what.to_owned(),
                expected: expected.to_string(),
                found: found.to_string(),
            });
        }
    };
    compare(
        "positions that are not the sum of their movements",
        0,
        behind.broken_positions,
    );
    for (kind, count) in transitions(&expected) {
        let found = behind.events.get(kind).copied().unwrap_or(0);
        compare(&format!("events {kind}"), count, found);
    }
    Ok(Proved {
        name: tenant.entry.name.clone(),
        found,
        differences,
    })
}

/// One event for each transition that the documents went through.
fn transitions(expected: &Sums) -> BTreeMap<&'static str, u64> {
    [
        ("purchase-order-created", expected.orders),
        ("purchase-order-submitted", expected.orders),
        ("purchase-order-approved", expected.orders),
        ("purchase-order-released", expected.orders),
        ("purchase-order-received", expected.orders),
        ("receipt-opened", expected.orders),
        ("goods-received", expected.orders),
        ("receipt-accepted", expected.orders),
        ("supplier-return-created", expected.returns),
        ("supplier-return-submitted", expected.returns),
        ("supplier-return-approved", expected.returns),
        ("supplier-return-shipped", expected.returns),
    ]
    .into()
}
