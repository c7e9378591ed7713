//! What a role would put into one hand: the same answer before a grant is proposed, when it is, and when it is approved.

use super::Member;
use crate::act::{Conflict, DutyRefusal, Subject};
use crate::error::{Code, Detail, Error, Refusal, Result};
use crate::op::{AccountKind, Op};
use crate::policy::{Duty, Policy, RoleRef, StandardRole, StaticConflict, Tier, is_machine_kind, ssod_conflicts};
use crate::tx::{Flight, Rows, TenantTx, Tenants, params};
use chrono::{DateTime, Utc};
use std::collections::HashMap;
use tokio_postgres::Row;
use uuid::Uuid;

/// Roles approved and not ended, over all active accounts of the person: own, operator, machines that he answers for. A role
/// that begins later counts: it would meet the new one then.
const HELD: &str = "SELECT r.id, r.role, r.account_id FROM qm.role_assignment r JOIN qm.account a ON a.tenant_id = r.tenant_id AND a.id = r.account_id \
    WHERE r.tenant_id = $1 AND r.state = 'APPROVED' AND (r.valid_until IS NULL OR r.valid_until > clock_timestamp()) \
    AND (a.id = $2 OR (a.status = 'ACTIVE' AND (a.person_id = $3 OR a.sponsor_person_id = $3)))";

/// The same of many persons: `n` counts the accounts from 1.
const HELD_OF_MANY: &str = "SELECT u.n, r.account_id, r.role FROM unnest($2::uuid[], $3::uuid[]) WITH ORDINALITY u (account, person, n) \
    JOIN qm.account a ON a.tenant_id = $1 AND (a.id = u.account OR (a.status = 'ACTIVE' AND (a.person_id = u.person OR a.sponsor_person_id = u.person))) \
    JOIN qm.role_assignment r ON r.tenant_id = a.tenant_id AND r.account_id = a.id AND r.state = 'APPROVED' AND (r.valid_until IS NULL OR r.valid_until > clock_timestamp())";

const OWN_KIND: &str = "SELECT p.roles -> $2::text ->> 'account_kind' AS kind FROM qm.policy_version p JOIN qm.tenant_setting s ON s.tenant_id = p.tenant_id AND s.policy_version = p.version \
    WHERE p.tenant_id = $1 AND s.id = $1";

/// A static rule that a role would break, and the roles through which the other duty is held.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StaticConflictView {
    /// Rule id, such as `S-07`.
    pub rule: String,
    /// Whether it can be lifted at all.
    pub mandatory: bool,
    /// One duty of the rule.
    pub duty_a: &'static str,
    /// The other.
    pub duty_b: &'static str,
    /// The roles through which the two are held, the new one among them.
    pub held_through: Vec<String>,
}

pub(crate) fn read_roles(op: &Op, member: &Member, reads: &mut Flight) -> Rows {
    reads.rows(HELD, params![op.tenant.0, member.id, member.beneficiary()])
}

/// The roles of many members, each an account and the person behind it.
pub(crate) fn read_roles_of_many(op: &Op, accounts: Vec<Uuid>, persons: Vec<Option<Uuid>>, reads: &mut Flight) -> Rows {
    reads.rows(HELD_OF_MANY, params![op.tenant.0, accounts, persons])
}

/// What it brought: the roles of each member by its place, from 1, each with the account that has it.
pub(crate) fn roles_by_place(rows: &[Row]) -> Result<HashMap<i64, Vec<(Uuid, RoleRef)>>> {
    let mut of: HashMap<i64, Vec<(Uuid, RoleRef)>> = HashMap::new();
    for row in rows {
        let role = RoleRef::from(row.try_get::<_, &str>("role")?);
        of.entry(row.try_get("n")?)
            .or_default()
            .push((row.try_get("account_id")?, role));
    }
    Ok(of)
}

pub(crate) fn roles(rows: &[Row], but: Option<Uuid>) -> Result<Vec<RoleRef>> {
    let mut out = Vec::with_capacity(rows.len());
    for row in rows {
        if Some(row.try_get::<_, Uuid>("id")?) != but {
            out.push(RoleRef::from(row.try_get::<_, &str>("role")?));
        }
    }
    Ok(out)
}

/// The same over the person's other accounts alone: for one whose own roles end in the same act.
pub(crate) fn roles_of_others(rows: &[Row], own: Uuid) -> Result<Vec<RoleRef>> {
    let mut out = Vec::new();
    for row in rows {
        if row.try_get::<_, Uuid>("account_id")? != own {
            out.push(RoleRef::from(row.try_get::<_, &str>("role")?));
        }
    }
    Ok(out)
}

/// The conflicts of a role with what is held already and in itself, in table order.
pub(crate) fn conflicts(policy: &Policy, held: &[RoleRef], role: &RoleRef) -> Vec<StaticConflictView> {
    let found = ssod_conflicts(policy, policy.duties_of_all(held), policy.duties_of(role));
    found.into_iter().map(|c| view(policy, held, role, c)).collect()
}

fn view(policy: &Policy, held: &[RoleRef], role: &RoleRef, c: StaticConflict) -> StaticConflictView {
    let through = |r: &&RoleRef| {
        let duties = policy.duties_of(r);
        duties.contains(c.a) || duties.contains(c.b)
    };
    let mut held_through: Vec<String> = held
        .iter()
        .chain(std::iter::once(role))
        .filter(through)
        .map(|r| r.as_str().to_owned())
        .collect();
    held_through.sort_unstable();
    held_through.dedup();
    StaticConflictView {
        rule: c.rule,
        mandatory: c.tier == Tier::Mandatory,
        duty_a: c.a.code(),
        duty_b: c.b.code(),
        held_through,
    }
}

/// One refusal for each conflict, in table order: the first names the rule of the refusal.
pub(crate) fn refusals(found: Vec<StaticConflictView>, duty: Duty, subject: &Subject) -> Vec<Refusal> {
    let refusal = |c: StaticConflictView| {
        let message = format!(
            "The same person would hold {} and {} (SoD rule {}), through {}.",
            c.duty_a,
            c.duty_b,
            c.rule,
            c.held_through.join(", ")
        );
        let mut refusal = Refusal::new(Code::SegregationOfDuties, &["role"], message);
        refusal.detail = Detail::Duties(Box::new(DutyRefusal {
            rule: c.rule,
            tier: if c.mandatory { "mandatory" } else { "default" }.to_owned(),
            duty: duty.code().to_owned(),
            level: 0,
            state: "PENDING".to_owned(),
            conflicts_with: Conflict {
                duty: c.duty_b.to_owned(),
                document: None,
                at: None,
                person_display: "another person".to_owned(),
                relation: "held".to_owned(),
                via: "subject".to_owned(),
            },
            exception_possible: !c.mandatory,
            subject: subject.clone(),
        }));
        refusal
    };
    found.into_iter().map(refusal).collect()
}

/// Adds the statement that says who holds a role of the tenant's own: `human`, `integration`, `agent`.
pub(crate) fn read_own_kind(op: &Op, role: &str, reads: &mut Flight) -> Rows {
    reads.rows(OWN_KIND, params![op.tenant.0, role.to_owned()])
}

/// Reads what it said; none for a role that is not the tenant's own.
pub(crate) fn own_kind(row: Option<&Row>) -> Result<Option<String>> {
    Ok(row.map(|row| row.try_get("kind")).transpose()?.flatten())
}

/// Is there such a role for such an account? A tenant's roles, its own among them, and for an operator the partner's.
pub(crate) fn role_fits(
    policy: &Policy,
    role: &RoleRef,
    own_kind: Option<&str>,
    account: AccountKind,
) -> Result<(), Refusal> {
    let unknown = || Refusal::invalid(&["role"], "There is no such role.");
    if !policy.roles().any(|r| r == *role) {
        return Err(unknown());
    }
    let standard = StandardRole::find(role.as_str());
    let at_level = match standard.as_ref().map_or("tenant", |s| s.level) {
        "tenant" => true,
        "partner" => account == AccountKind::Operator && role.as_str() == "msp_operator",
        _ => false,
    };
    if !at_level {
        return Err(Refusal::invalid(
            &["role"],
            "This role is not assigned to members of a tenant.",
        ));
    }
    let held_by = standard
        .map_or(own_kind, |s| Some(s.account_kind))
        .ok_or_else(unknown)?;
    if is_machine_kind(held_by) != account.is_machine() {
        return Err(Refusal::invalid(
            &["role"],
            "People hold roles of people, machines those of machines.",
        ));
    }
    Ok(())
}

const MEMBER: &str = "SELECT id, person_id, sponsor_person_id, kind, status, version, event_sequence, event_hash FROM qm.account WHERE tenant_id = $1 AND id = $2";

/// What a grant of this role to this member would be refused for: the same answer as the grant.
///
/// # Errors
/// Refusals for ids and roles that are none; what the database said.
pub async fn sod_conflicts(db: &Tenants, op: &Op, member: Uuid, role: &str) -> Result<Vec<StaticConflictView>> {
    let mut tx = TenantTx::read(db, op).await?;
    let policy = crate::act::policy_of(&mut tx).await?;
    let mut reads = Flight::new();
    let found = reads.rows(MEMBER, params![op.tenant.0, member]);
    let landing = tx.fly(reads).await?;
    let row = landing
        .optional(found)
        .ok_or_else(|| Refusal::not_found(&["memberId"], "member"))?;
    let member = super::repo::member(row)?;
    let role = RoleRef::from(role);
    let mut reads = Flight::new();
    let held = read_roles(op, &member, &mut reads);
    let own = read_own_kind(op, role.as_str(), &mut reads);
    let landing = tx.fly(reads).await?;
    let own = own_kind(landing.optional(own))?;
    role_fits(&policy, &role, own.as_deref(), member.kind)?;
    Ok(conflicts(&policy, &roles(landing.get(held), None)?, &role))
}

/// When dates are given, they make sense.
pub(crate) fn check_dates(
    from: Option<DateTime<Utc>>,
    until: Option<DateTime<Utc>>,
    now: DateTime<Utc>,
) -> Result<(), Error> {
    if until.is_some_and(|u| u <= now) || matches!((from, until), (Some(f), Some(u)) if u <= f) {
        return Err(Refusal::invalid(&["validUntil"], "The role would end before it begins.").into());
    }
    Ok(())
}
