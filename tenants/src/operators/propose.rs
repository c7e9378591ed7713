//! Propose one of the partner's people as an operator in a tenant.

use super::assignment::{AssignmentStatus, OperatorAssignment};
use super::{own_side, repo};
use crate::act::above::{self, HandAbove};
use crate::directory::{Directory, PartnerOp, founding_op};
use crate::error::{Code, Refusal, Result};
use crate::event::{Event, Trail};
use crate::id::{MemberId, OperatorAssignmentId, PartnerMemberId, RoleAssignmentId, TenantId};
use crate::input::required_text;
use crate::op::AccountKind;
use crate::policy::Duty;
use crate::tx::{Flight, Outcome, TenantTx, Tenants, params};
use chrono::{DateTime, Utc};
use serde_json::json;
use uuid::Uuid;

/// An operator for a tenant, as a partner's administrator proposes him.
#[derive(Debug, Clone)]
pub struct NewOperatorAssignment {
    /// Where.
    pub tenant: TenantId,
    /// Who.
    pub operator: PartnerMemberId,
    /// It ends by itself.
    pub valid_until: DateTime<Utc>,
    /// What for; people of the tenant read it.
    pub purpose: String,
}

const ACCOUNT: &str = "SELECT a.id, a.kind FROM qm.account a WHERE a.tenant_id = $1 AND a.person_id = $2";
const PENDING: &str = "SELECT 1 AS one FROM qm.operator_assignment o WHERE o.tenant_id = $1 AND o.person_id = $2 AND o.status = 'PENDING'";

/// → Pending. It gives nothing before the tenant admits the operator. While one is in force, another proposes its renewal.
///
/// # Errors
/// Refusals of authority and input; `DUPLICATE` for a person who is a member there in his own right, or proposed already.
pub async fn propose(
    directory: &Directory,
    db: &Tenants,
    by: &PartnerOp,
    new: &NewOperatorAssignment,
) -> Result<Outcome> {
    let purpose = required_text(&["purpose"], &new.purpose, 500)?;
    let directory_tx = by.begin(directory, db, Duty::PtnOperatorAssign).await?;
    own_side::own_tenant(&directory_tx, by, new.tenant).await?;
    let display_name = own_side::active_member(&directory_tx, by, new.operator).await?;
    let op = founding_op(by, new.tenant);
    let mut tx = TenantTx::begin(db, &op).await?;
    above::tenant_is_active(&mut tx, "tenantId").await?;
    let now = tx.clock().await?;
    if new.valid_until <= now {
        let message = "The assignment would have ended already.";
        return Err(Refusal::invalid(&["validUntil"], message).into());
    }
    let account = account(&mut tx, new).await?;

    let mut assignment = OperatorAssignment {
        id: OperatorAssignmentId::fresh().0,
        partner: by.partner.0,
        person: new.operator.0,
        display_name,
        status: AssignmentStatus::Pending,
        valid_until: new.valid_until,
        account: account.unwrap_or_else(|| MemberId::fresh().0),
        role_assignment: RoleAssignmentId::fresh().0,
        purpose,
        reason: None,
        proposer: by.person,
        decider: None,
        decided_at: None,
        trail: Trail::new(),
    };
    assignment.trail.touch();
    let hand = HandAbove::of(Duty::PtnOperatorAssign);
    let event = Event::new(
        "operator-assignment-proposed",
        "OPERATOR_ASSIGNMENT",
        assignment.id,
        assignment.data(),
    );
    tx.record(event.of_act(hand.act), &mut assignment.trail)?;
    let mut writes = Flight::new();
    repo::insert(&tx, hand, &assignment, &mut writes)?;
    let data = json!({ "operatorAssignmentId": OperatorAssignmentId(assignment.id).to_string(), "operatorId": new.operator.to_string() });
    directory_tx
        .record(by, "operator-assignment-proposed", Some(new.tenant), data)
        .await?;
    let done = Outcome::done(assignment.id, assignment.trail.version);
    let outcome = tx.commit(writes, done).await?;
    directory_tx.finish(by, outcome).await
}

/// The account that the operator has there from an earlier assignment.
async fn account(tx: &mut TenantTx<'_>, new: &NewOperatorAssignment) -> Result<Option<Uuid>> {
    let mut reads = Flight::new();
    let account = reads.rows(ACCOUNT, params![new.tenant.0, new.operator.0]);
    let pending = reads.rows(PENDING, params![new.tenant.0, new.operator.0]);
    let landing = tx.fly(reads).await?;
    let duplicate = |message: &str| Err(Refusal::new(Code::Duplicate, &["operatorId"], message).into());
    if landing.optional(pending).is_some() {
        return duplicate("This operator is proposed for the tenant already.");
    }
    let Some(row) = landing.optional(account) else {
        return Ok(None);
    };
    if AccountKind::parse(row.try_get("kind")?) != AccountKind::Operator {
        return duplicate("This person is a member of the tenant in his own right.");
    }
    Ok(Some(row.try_get("id")?))
}
