//! Acts of people above a tenant – its partner's, the platform's – on documents inside it.
//!
//! They have no account there, so [`super::Facts`] cannot be read for them and no `Authorized` is theirs: whether they may is
//! decided above, in the directory, and their hand is written here. The tenant's rules meet it like any other, and are asked about
//! it like about any other.

use super::authorized::Signs;
use super::facts::{Asking, Standing};
use super::history::{ask_prior, read_prior};
use super::lock::TAKE_LOCKS;
use super::reask::reask;
use super::refusal::explained;
use super::{Preview, Subject};
use crate::error::{Code, Error, Refusal, Result};
use crate::policy::{self, Decision, Duty, Hand, Policy, PriorHand, Via};
use crate::tx::{Flight, TenantTx, params};
use uuid::Uuid;

const STATUS: &str = "SELECT s.status FROM qm.tenant_setting s WHERE s.tenant_id = $1 AND s.id = $1";
const HAND: &str = "INSERT INTO qm.authz_hand AS h (tenant_id, document_id, sequence, act_id, duty, round, person_id, via, policy_version, at) \
    SELECT s.tenant_id, $2, 1 + (SELECT coalesce(max(x.sequence), 0) FROM qm.authz_hand x WHERE x.tenant_id = $1 AND x.document_id = $2), $3, $4, $5, $6, 'actor', s.policy_version, $7 \
    FROM qm.tenant_setting s WHERE s.tenant_id = $1 AND s.id = $1 RETURNING h.sequence";

/// Takes the locks of an act on `subject`, as [`TenantTx::facts`] does, and reads the transaction's time after them.
pub(crate) async fn lock(tx: &mut TenantTx<'_>, subject: &Subject) -> Result<()> {
    let op = tx.op();
    let persons: Vec<Uuid> = op.hands().into_iter().map(|(person, _)| person).collect();
    let (keys, modes) = subject.locks(op.tenant, &persons).arrays();
    let mut flight = Flight::new();
    flight.rows(TAKE_LOCKS, params![keys, modes]);
    tx.fly(flight).await?;
    tx.clock().await?;
    Ok(())
}

/// Nothing begins in a tenant where nobody works.
pub(crate) async fn tenant_is_active(tx: &mut TenantTx<'_>, field: &str) -> Result<()> {
    let mut flight = Flight::new();
    let status = flight.rows(STATUS, params![tx.op().tenant.0]);
    let landing = tx.fly(flight).await?;
    let status: String = landing.optional(status).ok_or(Error::Inactive)?.try_get(0)?;
    if status == "ACTIVE" {
        return Ok(());
    }
    let message = format!("The tenant is {}.", status.to_lowercase());
    Err(Refusal::new(Code::Inactive, &[field], message).into())
}

/// The hand of the person above on a document of the tenant.
#[derive(Debug, Clone, Copy)]
pub(crate) struct HandAbove {
    /// What is done.
    pub duty: Duty,
    /// The act that the hand and the events share.
    pub act: Uuid,
}

impl HandAbove {
    /// On an act of this duty.
    pub(crate) fn of(duty: Duty) -> Self {
        Self {
            duty,
            act: Uuid::now_v7(),
        }
    }
}

impl Signs for HandAbove {
    fn sign(self, tx: &TenantTx<'_>, document: Uuid, _: i32, writes: &mut Flight) -> Result<()> {
        let (op, first_round) = (tx.op(), 1);
        let row = params![
            op.tenant.0,
            document,
            self.act,
            self.duty.code(),
            first_round,
            op.person,
            tx.now()?
        ];
        writes.exec(HAND, row, 1);
        Ok(())
    }
}

/// What the person above did on the document before, and what he gains by it.
pub(crate) async fn earlier_hands(tx: &mut TenantTx<'_>, subject: &Subject, duty: Duty) -> Result<Vec<PriorHand>> {
    let op = tx.op();
    let persons: Vec<Uuid> = op.hands().into_iter().map(|(person, _)| person).collect();
    let mut reads = Flight::new();
    let prior = ask_prior(op, &persons, subject, &[duty], &mut reads);
    let landing = tx.fly(reads).await?;
    read_prior(landing.get(prior), subject, tx.now()?)
}

/// Step 7 of a decision (6.3) for a person above: the dynamic rules of the tenant's policy, asked of live Casbin again. There is no
/// step 8: nobody above holds duties of the tenant.
///
/// # Errors
/// A refusal that names rule and earlier act; a fault when the compiled tables and live Casbin disagree.
pub(crate) fn check_rules(
    tx: &TenantTx<'_>,
    policy: &Policy,
    subject: &Subject,
    duty: Duty,
    standing: &Standing,
    prior: Vec<PriorHand>,
) -> Result<()> {
    let asking = Asking {
        duty,
        subject,
        standing,
        machine: false,
        now: tx.now()?,
    };
    let hand = |(person, via): (Uuid, &str)| Hand {
        person,
        via: via.parse().unwrap_or(Via::Actor),
    };
    let hands = tx.op().hands().into_iter().map(hand).collect();
    let question = asking.question(hands, Vec::new(), prior, Vec::new())?;
    let (asked, refused) = match policy::decide_rules(policy, &question) {
        Decision::Allowed(asked) => (asked, None),
        Decision::Refused(refusal) => (refusal.asked.clone(), Some(refusal)),
        _ => return Err(Error::internal("the policy could not be asked")),
    };
    reask(&tx.db().policies, policy, &asked)?;
    match refused {
        Some(refusal) => Err(explained(*refusal, subject, standing).into()),
        None => Ok(()),
    }
}

/// Where two people above decide, one counts once: a second act of the same duty by the same person breaks `rule`.
pub(crate) fn check_counts_once(
    policy: &Policy,
    rule: &str,
    subject: &Subject,
    duty: Duty,
    standing: &Standing,
    prior: &[PriorHand],
) -> Result<()> {
    match prior.iter().find(|hand| hand.duty == duty && hand.same_document) {
        Some(before) => Err(explained(policy::twice(policy, rule, duty, before), subject, standing).into()),
        None => Ok(()),
    }
}

/// What an act from above would answer, of what its checks say.
pub(crate) fn previewed(checked: Result<()>) -> Result<Preview> {
    match checked {
        Ok(()) => Ok(Preview::Allowed),
        Err(Error::Refused(refusals)) => {
            let first = refusals.into_iter().next();
            Ok(Preview::of(
                first.ok_or_else(|| Error::internal("refused for nothing"))?,
            ))
        }
        Err(other) => Err(other),
    }
}
