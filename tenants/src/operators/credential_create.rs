//! Make an operator's credential for the one tenant of his assignment.

use super::assignment::AssignmentCommand;
use super::credential::{Credential, KIND};
use super::{own_side, repo};
use crate::act::above;
use crate::directory::{Directory, PartnerOp, founding_op};
use crate::error::{Code, Error, Refusal, Result};
use crate::event::{Event, Trail};
use crate::id::{OperatorAssignmentId, OperatorCredentialId};
use crate::identity::operator_credential::OperatorCredential;
use crate::input::required_text;
use crate::op::{AccountKind, Op};
use crate::tx::{Flight, Outcome, TenantTx, Tenants, params};
use chrono::{DateTime, TimeDelta, Utc};
use serde_json::json;

/// A credential, as an operator asks for it.
#[derive(Debug, Clone)]
pub struct NewCredential {
    /// His assignment.
    pub assignment: OperatorAssignmentId,
    /// What he is going to do; people of the tenant read it.
    pub purpose: String,
    /// How long it lives.
    pub minutes: i32,
}

/// A credential that was made; its secret is in no other place.
#[derive(Debug)]
pub struct Issued {
    /// What it came to, about the assignment.
    pub outcome: Outcome,
    /// The text to present as a bearer credential.
    pub secret: Option<String>,
    /// Its id.
    pub id: Option<OperatorCredentialId>,
    /// When it ends by itself.
    pub expires_at: Option<DateTime<Utc>>,
}

/// What the outcome names besides the assignment.
const CREDENTIAL: &str = "credential";
const EXPIRES_AT: &str = "expiresAt";

/// What an idempotent repeat shows: all but the secret, which is kept nowhere.
impl From<Outcome> for Issued {
    fn from(outcome: Outcome) -> Self {
        let expires_at = outcome.also.get(EXPIRES_AT).cloned();
        Self {
            id: outcome.id(CREDENTIAL).map(OperatorCredentialId),
            expires_at: expires_at.and_then(|at| serde_json::from_value(at).ok()),
            outcome,
            secret: None,
        }
    }
}

/// The shortest and the longest life, in minutes.
const MINUTES: std::ops::RangeInclusive<i32> = 15..=60;

const ACCOUNT: &str = "SELECT a.status, a.valid_until FROM qm.account a WHERE a.tenant_id = $1 AND a.id = $2";

/// → open. It ends after its minutes, and with the assignment.
///
/// # Errors
/// `NOT_FOUND` for an assignment of somebody else, an administrator's wish included; refusals of state and input.
pub async fn credential_create(
    directory: &Directory,
    db: &Tenants,
    by: &PartnerOp,
    new: &NewCredential,
) -> Result<Issued> {
    let purpose = required_text(&["purpose"], &new.purpose, 500)?;
    if !MINUTES.contains(&new.minutes) {
        let message = format!(
            "A credential lives for {} to {} minutes.",
            MINUTES.start(),
            MINUTES.end()
        );
        return Err(Refusal::invalid(&["minutes"], message).into());
    }
    let directory_tx = by.begin_on_own(directory).await?;
    let unknown = || Error::from(Refusal::not_found(&["assignmentId"], "operator assignment"));
    let place = match own_side::place(&directory_tx, by, new.assignment).await {
        Err(Error::Refused(_)) => return Err(unknown()),
        other => other?,
    };
    if place.person != by.person {
        return Err(unknown());
    }
    let op = Op {
        account: place.account,
        kind: AccountKind::Operator,
        ..founding_op(by, place.tenant)
    };
    let mut tx = TenantTx::begin(db, &op).await?;
    let assignment = repo::lock(&mut tx, new.assignment.0).await?;
    above::tenant_is_active(&mut tx, "assignmentId").await?;
    let now = tx.clock().await?;
    assignment.standing(AssignmentCommand::CredentialCreate, None).check()?;
    if !assignment.in_force(now) || !account_is_active(&mut tx, &op).await? {
        let message = "The assignment has ended, or the tenant has stopped its account.";
        return Err(Refusal::new(Code::Inactive, &["assignmentId"], message).into());
    }

    let id = OperatorCredentialId::fresh();
    let (secret, hash) = OperatorCredential::generate(place.tenant.0, id.0).map_err(Error::internal)?;
    let mut credential = Credential {
        id: id.0,
        assignment: assignment.id,
        account: assignment.account,
        purpose,
        expires_at: (now + TimeDelta::minutes(new.minutes.into())).min(assignment.valid_until),
        revoked_at: None,
        first_used_at: None,
        trail: Trail::new(),
    };
    credential.trail.touch();
    let event = Event::new("operator-credential-created", KIND, id, credential.data());
    tx.record(event, &mut credential.trail)?;
    let mut writes = Flight::new();
    repo::insert_credential(&tx, &credential, hash.as_bytes(), &mut writes)?;
    let data = json!({ "operatorAssignmentId": new.assignment.to_string(), "operatorCredentialId": id.to_string() });
    directory_tx
        .record(by, "operator-credential-created", Some(place.tenant), data)
        .await?;
    let done = Outcome::done(assignment.id, assignment.trail.version)
        .with(CREDENTIAL, id.0)
        .with(EXPIRES_AT, credential.expires_at);
    let outcome = tx.commit(writes, done).await?;
    let outcome = directory_tx.finish(by, outcome).await?;
    Ok(Issued {
        secret: Some(secret),
        ..Issued::from(outcome)
    })
}

async fn account_is_active(tx: &mut TenantTx<'_>, op: &Op) -> Result<bool> {
    let mut reads = Flight::new();
    let row = reads.rows(ACCOUNT, params![op.tenant.0, op.account]);
    let landing = tx.fly(reads).await?;
    let Some(row) = landing.optional(row) else {
        return Ok(false);
    };
    let until: Option<DateTime<Utc>> = row.try_get("valid_until")?;
    let now = tx.now()?;
    Ok(row.try_get::<_, &str>("status")? == "ACTIVE" && until.is_none_or(|u| now < u))
}
