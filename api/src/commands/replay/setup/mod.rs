//! Sets the scene: the partner, its network and tenants, their people with roles given by two, stores, suppliers, items.
//!
//! Everything is named by the world's digest, so that a repeat finds what is there. What it comes to is kept in a file beside the
//! journal; a resumed replay reads that and asks for nothing again.
//!
//! | step | by whom | file |
//! |---|---|---|
//! | partner with its administrator and the development issuer | the platform's operator, at the console | `partner.rs` |
//! | network, tenants with their founders and settings | the partner's administrator | `partner.rs` |
//! | stores, suppliers, items | written directly: the API does not take them yet | `masters.rs` |
//! | members and their roles | security administrators, each role approved by a tenant administrator | `people.rs` |

mod masters;
mod partner;
mod people;

use super::world::{Place, World};
use quartermaster_demo::Plan;
use quartermaster_demo::plan::{IdempotencyKey, Person, TenantPlan};
use quartermaster_tenants::authenticate::{Caller, Denied, authenticate};
use quartermaster_tenants::directory::Directory;
use quartermaster_tenants::id::{PartnerId, TenantId};
use quartermaster_tenants::identity::token::{DevIssuer, IssuerBinding, VerifiedToken};
use quartermaster_tenants::{Error, Op, Outcome, Tenants};
use std::path::Path;
use uuid::Uuid;

/// What the set-up works with.
pub struct Stage<'a> {
    /// What is to be lived.
    pub plan: &'a Plan,
    /// The door to tenant data.
    pub db: &'a Tenants,
    /// What is above tenants.
    pub directory: &'a Directory,
    /// The database as the owner of the schema: for the partner alone.
    pub owner_url: &'a str,
    /// Who says who the people are.
    pub issuer: &'a DevIssuer,
}

/// Why the scene cannot be set.
#[derive(Debug, thiserror::Error)]
pub enum SetupError {
    /// The product said no, or failed.
    #[error("{what}: {source}")]
    Act {
        /// What was tried.
        what: String,
        /// What it said.
        source: Error,
    },
    /// A person that the plan has cannot act.
    #[error("{who} cannot act: {source}")]
    Person {
        /// The subject.
        who: String,
        /// Why.
        source: Denied,
    },
    /// The file beside the journal.
    #[error("cannot keep {path}: {why}")]
    File {
        /// The file.
        path: String,
        /// Why.
        why: String,
    },
}

/// Sets the scene, or reads what an earlier process set.
///
/// # Errors
/// [`SetupError`]
pub async fn set_up(
    stage: &Stage<'_>,
    partner: PartnerId,
    kept: &Path,
    told: &mut dyn FnMut(&str),
) -> Result<World, SetupError> {
    let file = |why: String| SetupError::File {
        path: kept.display().to_string(),
        why,
    };
    if let Ok(text) = std::fs::read_to_string(kept) {
        return serde_json::from_str(&text).map_err(|e| file(e.to_string()));
    }
    told("the network and its tenants");
    let mut world = partner::tenants(stage, partner).await?;
    told("stores, suppliers and items");
    for tenant in &stage.plan.tenants {
        if let Some(place) = world.tenants.get_mut(&tenant.entry.code) {
            masters::write(stage, tenant, place).await?;
        }
    }
    told("people, each role proposed by one and approved by another");
    for tenant in &stage.plan.tenants {
        if let Some(place) = world.tenants.get(&tenant.entry.code) {
            people::employ(stage, tenant, place).await?;
        }
    }
    let text = serde_json::to_string_pretty(&world).map_err(|e| file(e.to_string()))?;
    let unfinished = kept.with_extension("unfinished");
    std::fs::write(&unfinished, text)
        .and_then(|()| std::fs::rename(&unfinished, kept))
        .map_err(|e| file(e.to_string()))?;
    Ok(world)
}

/// The partner of the plan, made by the platform's operator at the console; a repeat answers the same.
///
/// # Errors
/// [`SetupError`]
pub async fn partner(stage: &Stage<'_>) -> Result<PartnerId, SetupError> {
    partner::begin(stage).await
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
    people::one_more(stage, tenant, place, person, role).await
}

impl Stage<'_> {
    /// The person of the plan, as who he is in this place now.
    ///
    /// # Errors
    /// [`SetupError::Person`]
    pub async fn member(&self, person: &Person, place: &Place) -> Result<Op, SetupError> {
        self.op(person, place.tenant.parse().unwrap_or(TenantId(Uuid::nil())))
            .await
    }

    /// The person of the plan, as who he is in this tenant now.
    async fn op(&self, person: &Person, tenant: TenantId) -> Result<Op, SetupError> {
        match self.who(&person.subject, Some(tenant.to_string())).await? {
            Caller::Member(op) => Ok(*op),
            Caller::Partner(_) | Caller::Platform(_) => Err(SetupError::Person {
                who: person.subject.clone(),
                source: Denied::NoAccount,
            }),
        }
    }

    /// Who presents a token of the development issuer for this subject.
    async fn who(&self, subject: &str, side: Option<String>) -> Result<Caller, SetupError> {
        let denied = |source| SetupError::Person {
            who: subject.to_owned(),
            source,
        };
        let issuer = self
            .directory
            .find_issuer(self.issuer.issuer())
            .await
            .map_err(|e| denied(e.into()))?
            .ok_or_else(|| denied(Denied::NoAccount))?;
        let token = VerifiedToken {
            issuer_id: issuer.id,
            issuer: self.issuer.issuer().to_owned(),
            binding: IssuerBinding::Platform,
            subject: subject.to_owned(),
            client_id: "quartermaster-replay".to_owned(),
            expires_at: chrono::DateTime::UNIX_EPOCH,
            issued_at: chrono::DateTime::UNIX_EPOCH,
            jti: String::new(),
            scope: Vec::new(),
            tenant: side,
            claims: serde_json::Map::new(),
        };
        authenticate(
            self.db,
            self.directory,
            &token,
            chrono::TimeDelta::zero(),
            Uuid::now_v7(),
        )
        .await
        .map_err(denied)
    }

    /// The name of a step, for ever.
    fn key(&self, subject: &str, step: &str) -> IdempotencyKey {
        IdempotencyKey::of_setup(&self.plan.digest, subject, step)
    }

    /// An id that is the same whenever it is asked for.
    fn id(&self, subject: &str, kind: &str) -> Uuid {
        self.key(subject, kind).to_string().parse().unwrap_or_default()
    }

    /// The same person in a request that can be repeated.
    fn repeatable(&self, op: &Op, subject: &str, step: &str) -> Op {
        let key = self.key(subject, step).to_string();
        let mut fingerprint = [0; 32];
        for (at, byte) in key.bytes().take(32).enumerate() {
            fingerprint[at] = byte;
        }
        Op {
            request_id: Uuid::now_v7(),
            idempotency: Some(quartermaster_tenants::op::IdempotencyKey { key, fingerprint }),
            ..op.clone()
        }
    }
}

/// Runs a verb to its end, as the API does; answers the id of its document.
macro_rules! act {
    ($stage:expr, $what:expr, $op:expr, $verb:expr) => {{
        let mut attempts = quartermaster_tenants::tx::Attempts::default();
        let end = loop {
            let result = $verb.await;
            if let Some(end) = attempts.settle($stage.db, $op, result).await {
                break end;
            }
        };
        super::document(end, $what)?
    }};
}
use act;

fn document(end: Result<Outcome, Error>, what: &str) -> Result<Uuid, SetupError> {
    let failed = |source| SetupError::Act {
        what: what.to_owned(),
        source,
    };
    let outcome = end.map_err(failed)?;
    if !outcome.refusals.is_empty() {
        return Err(failed(outcome.refusals.into()));
    }
    outcome
        .document
        .ok_or_else(|| failed(Error::internal("no document came of it")))
}
