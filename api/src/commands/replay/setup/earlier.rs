//! Files that an earlier process had under way when it was killed: they are let end, and what waits is approved, before the
//! same file goes up again.

use super::masters::Kind;
use super::{SetupError, Stage, failed, somebody};
use crate::commands::replay::client::{CallError, text};
use crate::commands::replay::say;
use crate::commands::replay::world::Place;
use quartermaster_demo::plan::TenantPlan;
use serde_json::{Value, json};
use std::time::Duration;

const JOBS: &str = "query Imports($kind: ImportKind!) { importJobs(first: 50, filter: { kinds: [$kind] }) { nodes { state change { \
    ... on SupplierChange { id } ... on ItemChange { id } ... on PriceList { id } } } } }";

/// How often and how many times it is asked whether an upload has ended: a little longer than the product lets one be silent.
const PAUSE: Duration = Duration::from_secs(2);
const TIMES: usize = 90;

/// Lets what is under way end, and approves what waits.
pub(super) async fn settle(
    stage: &Stage<'_>,
    tenant: &TenantPlan,
    place: &Place,
    kind: &Kind,
) -> Result<(), SetupError> {
    let code = &tenant.entry.code;
    let asking = place.caller(somebody(tenant, kind.importer)?);
    let what = || failed(format!("earlier {} of {code}", kind.name));
    for time in 0..TIMES {
        let variables = json!({ "kind": kind.name.to_uppercase() });
        let answer = stage.client.ask(asking, JOBS, variables).await.map_err(what())?;
        let Some(jobs) = answer["importJobs"]["nodes"].as_array() else {
            return Err(what()(CallError::strange("imports without a list")));
        };
        let stands = |job: &&Value, state: &str| job["state"] == state;
        for job in jobs.iter().filter(|job| stands(job, "PROPOSED")) {
            super::masters::approve(stage, tenant, place, kind, &text(&job["change"]["id"])).await?;
        }
        if !jobs.iter().any(|job| stands(&job, "READING")) {
            return Ok(());
        }
        if time == 0 {
            say(&format!(
                "  {code}: waits for {} that a killed process left, two minutes at most",
                kind.name
            ));
        }
        tokio::time::sleep(PAUSE).await;
    }
    Err(what()(CallError::Silent("an upload does not end".to_owned())))
}
