//! Let a partner's operator into the tenant.

use super::assignment::{AssignmentCommand, OperatorAssignment};
use super::ending::{Attached, because};
use super::{ROLE, repo};
use crate::act::Subject;
use crate::error::{Code, Refusal, Result};
use crate::event::{Event, Trail};
use crate::id::OperatorAssignmentId;
use crate::members::conflicts;
use crate::members::given::Given;
use crate::members::{Member, MemberStatus};
use crate::op::{AccountKind, Op};
use crate::policy::{Duty, Policy, RoleRef, duty};
use crate::tx::{Flight, Outcome, TenantTx, Tenants};
use chrono::{DateTime, Utc};

/// What an admission is decided on besides authority; asked for its preview too.
pub(super) struct Admission {
    /// The account that the operator has in the tenant, or that is made for him.
    pub account: AccountKind,
    /// The person's roles through other accounts: his own ends with what it was admitted for.
    pub elsewhere: Vec<RoleRef>,
    /// The end that the partner proposed.
    pub valid_until: DateTime<Utc>,
}

impl Admission {
    pub(super) fn check(&self, policy: &Policy, now: DateTime<Utc>, subject: &Subject) -> Result<(), Vec<Refusal>> {
        if self.account != AccountKind::Operator {
            let message = "This person is a member of the tenant in his own right. Reject the assignment.";
            return Err(vec![Refusal::new(Code::Duplicate, &["id"], message)]);
        }
        let role = RoleRef::from(ROLE);
        conflicts::role_fits(policy, &role, None, self.account).map_err(|r| vec![r])?;
        let broken = conflicts::conflicts(policy, &self.elsewhere, &role);
        if !broken.is_empty() {
            return Err(conflicts::refusals(broken, Duty::TenOperatorAdmit, subject));
        }
        if self.valid_until <= now {
            let message = "The assignment would have ended already. Reject it.";
            return Err(vec![Refusal::invalid(&["id"], message)]);
        }
        Ok(())
    }
}

/// Pending → Admitted: the account is made, or woken, and has the role until the date. An assignment of the same operator that
/// is still in force ends with it, and so do all roles and credentials under it: an admission begins anew.
///
/// # Errors
/// Refusals of authority, version and state; ADM-15, ADM-16; every static rule that the role would break; `DUPLICATE` for a
/// person who is a member in his own right.
pub async fn admit(db: &Tenants, op: &Op, id: OperatorAssignmentId, expected_version: Option<i32>) -> Result<Outcome> {
    let mut tx = TenantTx::begin(db, op).await?;
    let (mut assignment, mut attached) = repo::lock_with_attached(&mut tx, id.0).await?;
    let before = assignment.trail.version;
    let member = home(&mut assignment, &attached);
    let mut reads = Flight::new();
    let held = conflicts::read_roles(op, &member, &mut reads);
    let subject = assignment.subject().benefiting(assignment.person);
    let (mut facts, landing) = tx.facts(subject.clone(), &[Duty::TenOperatorAdmit], reads).await?;
    let standing = assignment.standing(AssignmentCommand::Admit, expected_version);
    let admitted = facts.authorize::<duty::TenOperatorAdmit>(&standing)?;

    let admission = Admission {
        account: member.kind,
        elsewhere: conflicts::roles_of_others(landing.get(held), member.id)?,
        valid_until: assignment.valid_until,
    };
    admission.check(facts.policy(), facts.now, &subject)?;
    assignment.admit(op.account, facts.now);

    let (act, mut writes) = (admitted.act(), Flight::new());
    attached.end(&mut tx, act, id.0, &mut writes)?;
    attached.replace_earlier(&mut tx, act, id.0, &mut writes)?;
    let event = Event::new(
        "operator-assignment-admitted",
        "OPERATOR_ASSIGNMENT",
        id,
        assignment.data(),
    );
    tx.record(event.of_act(act), &mut assignment.trail)?;
    let given = Given {
        exists: attached.household.account.is_some(),
        member,
        display_name: &assignment.display_name,
        email: None,
        valid_until: Some(assignment.valid_until),
        role: ROLE,
        role_assignment: assignment.role_assignment,
        because: because(id.0),
    };
    given.give(&mut tx, act, &mut writes)?;
    repo::update(&tx, admitted, &assignment, before, &mut writes)?;
    tx.commit(writes, Outcome::done(id, assignment.trail.version)).await
}

/// The account that the operator has from an earlier assignment, else the one that is to be made. A person has one in a tenant.
fn home(assignment: &mut OperatorAssignment, attached: &Attached) -> Member {
    if let Some(account) = &attached.household.account {
        assignment.account = account.id;
        return account.clone();
    }
    Member {
        id: assignment.account,
        person: Some(assignment.person),
        sponsor: None,
        kind: AccountKind::Operator,
        status: MemberStatus::Active,
        trail: Trail::new(),
    }
}
