//! Sets the scene as a real partner would: through the API, each step by whom it belongs to.
//!
//! | step | by whom | file |
//! |---|---|---|
//! | the partner with its first administrator and the development issuer | the platform's operator, at the console | `console.rs` |
//! | its network, its tenants with their founders | the partner's administrator | `tenants.rs` |
//! | settings | edited by a security administrator, published by a tenant administrator | `tenants.rs` |
//! | members and their roles, the office first | security administrators, each role approved by a tenant administrator | `people.rs` |
//! | stores, suppliers, items, prices | files, each proposed by one and approved by another | `masters.rs`, what is in them `files.rs`, refused lines `corrections.rs`, uploads of a killed process `earlier.rs` |
//! | the ids that documents name | read back | `ids.rs` |
//!
//! Every step is named by the world's digest, so that a repeat of it answers as the first time; what is done stands in the
//! journal, and the ids in a file beside it. A set-up that was killed goes on where it was.

mod console;
mod corrections;
mod earlier;
mod files;
mod ids;
mod masters;
mod people;
mod tenants;

use super::client::{CallError, Client};
use super::world::{Place, World};
use futures::{StreamExt, TryStreamExt, stream};
use quartermaster_demo::journal::JournalError;
use quartermaster_demo::plan::{Function, IdempotencyKey, Person, TenantPlan};
use quartermaster_demo::{Journal, Plan};
use std::cell::RefCell;
use std::path::Path;

pub use console::partner;

/// So many tenants are set up at a time.
const AT_ONCE: usize = 4;

/// What the set-up works with.
pub struct Stage<'a> {
    /// What is to be lived.
    pub plan: &'a Plan,
    /// How to call.
    pub client: &'a Client,
    /// The partner, as `ptn_…`.
    pub partner: &'a str,
    /// `iss` of everybody's logins.
    pub issuer: &'a str,
    journal: RefCell<&'a mut Journal>,
}

/// Why the scene cannot be set.
#[derive(Debug, thiserror::Error)]
pub enum SetupError {
    /// The API said no, or failed.
    #[error("{what}: {source}")]
    Call {
        /// What was tried.
        what: String,
        /// What it said.
        source: CallError,
    },
    /// The console's one act failed.
    #[error("the partner {code}: {source}")]
    Partner {
        /// Its code.
        code: String,
        /// What the product said.
        source: quartermaster_tenants::Error,
    },
    /// The plan has nobody who could do it.
    #[error("{tenant} has no {function:?}")]
    Nobody {
        /// The tenant's code.
        tenant: String,
        /// What was to be done.
        function: Function,
    },
    /// The journal cannot be kept.
    #[error(transparent)]
    Journal(#[from] JournalError),
    /// The file beside the journal.
    #[error("cannot keep {path}: {why}")]
    File {
        /// The file.
        path: String,
        /// Why.
        why: String,
    },
}

/// Sets the scene, or goes on with what an earlier process set.
///
/// # Errors
/// [`SetupError`]
pub async fn set_up(stage: &Stage<'_>, kept: &Path, told: &mut dyn FnMut(&str)) -> Result<World, SetupError> {
    let file = |why: String| SetupError::File {
        path: kept.display().to_string(),
        why,
    };
    if let Ok(text) = std::fs::read_to_string(kept) {
        return serde_json::from_str(&text).map_err(|e| file(e.to_string()));
    }
    told("Setting up the network and its tenants");
    let mut world = tenants::create(stage).await?;
    told("Setting up settings, edited by one and published by another");
    each(stage.plan, &world, |tenant, place| {
        tenants::configure(stage, tenant, place)
    })
    .await?;
    told("Setting up the people of the offices, each role proposed by one and approved by another");
    each(stage.plan, &world, |tenant, place| people::office(stage, tenant, place)).await?;
    told("Setting up stores, suppliers, items and prices, imported by one and approved by another");
    let imported = each(stage.plan, &world, |tenant, place| {
        masters::import(stage, tenant, place)
    })
    .await?;
    for sentence in imported.iter().flat_map(|(_, sentences)| sentences) {
        told(&format!("  {sentence}"));
    }
    let places = each(stage.plan, &world, |tenant, place| ids::read(stage, tenant, place)).await?;
    world.tenants = places.into_iter().collect();
    told("Setting up the people of the stores");
    each(stage.plan, &world, |tenant, place| people::stores(stage, tenant, place)).await?;
    let text = serde_json::to_string_pretty(&world).map_err(|e| file(e.to_string()))?;
    let unfinished = kept.with_extension("unfinished");
    std::fs::write(&unfinished, text)
        .and_then(|()| std::fs::rename(&unfinished, kept))
        .map_err(|e| file(e.to_string()))?;
    Ok(world)
}

/// One more person of a tenant, with a role of this name; a repeat changes nothing.
///
/// # Errors
/// [`SetupError`]
pub async fn one_more(
    stage: &Stage<'_>,
    tenant: &TenantPlan,
    place: &Place,
    person: &Person,
    role: &str,
) -> Result<(), SetupError> {
    people::employ(stage, tenant, place, &[(person, role)]).await
}

/// The same for every tenant, some at a time; what came of it in the plan's order, with the tenants' codes.
async fn each<'a, T, F>(
    plan: &'a Plan,
    world: &'a World,
    act: impl Fn(&'a TenantPlan, &'a Place) -> F,
) -> Result<Vec<(String, T)>, SetupError>
where
    F: Future<Output = Result<T, SetupError>>,
{
    let tenants = plan.tenants.iter().filter_map(|tenant| {
        let code = &tenant.entry.code;
        Some((code, act(tenant, world.place(code)?)))
    });
    stream::iter(tenants)
        .map(|(code, act)| async move { Ok((code.clone(), act.await?)) })
        .buffered(AT_ONCE)
        .try_collect()
        .await
}

impl<'a> Stage<'a> {
    /// A stage whose steps are noted in this journal.
    pub fn new(
        plan: &'a Plan,
        client: &'a Client,
        partner: &'a str,
        issuer: &'a str,
        journal: &'a mut Journal,
    ) -> Self {
        Self {
            plan,
            client,
            partner,
            issuer,
            journal: RefCell::new(journal),
        }
    }

    /// Does a step unless it is done already; answers what was noted of it.
    async fn once<F>(&self, subject: &str, step: &str, act: F) -> Result<String, SetupError>
    where
        F: Future<Output = Result<String, SetupError>>,
    {
        let name = format!("set-up/{subject}/{step}");
        let known = self.journal.borrow().note(&name).map(str::to_owned);
        if let Some(note) = known {
            return Ok(note);
        }
        let note = act.await?;
        self.journal.borrow_mut().done(&name, &note)?;
        Ok(note)
    }

    /// The name of a call, for ever.
    fn key(&self, subject: &str, step: &str) -> IdempotencyKey {
        IdempotencyKey::of_setup(&self.plan.digest, subject, step)
    }
}

/// Somebody in the office who does this.
fn somebody(tenant: &TenantPlan, function: Function) -> Result<&Person, SetupError> {
    tenant.office(function).next().ok_or_else(|| SetupError::Nobody {
        tenant: tenant.entry.code.clone(),
        function,
    })
}

/// A failed call, with what it was to do.
fn failed(what: impl Into<String>) -> impl FnOnce(CallError) -> SetupError {
    let what = what.into();
    |source| SetupError::Call { what, source }
}
