//! Propose a key for a machine, with the person who is to answer for it.

use super::key::{Key, KeyStatus, MachineKind};
use super::repo;
use crate::act::{Facts, Standing};
use crate::error::{Code, Refusal, Result};
use crate::event::{Event, Trail};
use crate::id::{ApiKeyId, MemberId, RoleAssignmentId};
use crate::input::{Refusals, required_text};
use crate::members::{self, Member, MemberStatus, conflicts};
use crate::op::{AccountKind, Op};
use crate::policy::{Duty, DutySet, RoleRef, duty};
use crate::tx::{Flight, Outcome, TenantTx, Tenants};
use chrono::{DateTime, Utc};
use uuid::Uuid;

/// A key, as an administrator proposes it.
#[derive(Debug, Clone)]
pub struct NewKey {
    /// What the machine is called.
    pub name: String,
    /// What kind of machine it is.
    pub kind: MachineKind,
    /// Its one role: of the kind of the machine. A machine with several tasks has several keys.
    pub role: String,
    /// Duties of the role that are enough; all when none.
    pub duties: Option<Vec<String>>,
    /// The member who is to answer for it.
    pub owner: Uuid,
    /// The locations that the machine sees and acts at; everywhere when none.
    pub locations: Option<Vec<Uuid>>,
    /// It ends by itself.
    pub valid_until: Option<DateTime<Utc>>,
}

/// → Pending. It lets nobody in before another person approves it.
///
/// # Errors
/// Refusals of authority and input; every static rule that its role would break in the hand of who answers for it.
pub async fn propose(db: &Tenants, op: &Op, new: &NewKey) -> Result<Outcome> {
    let mut tx = TenantTx::begin(db, op).await?;
    let owner = members::repo::load_member_for_update(&mut tx, new.owner)
        .await
        .map_err(|e| members::repo::at(e, "ownerId"))?;
    let mut key = Key {
        id: ApiKeyId::fresh(),
        name: String::new(),
        status: KeyStatus::Pending,
        kind: new.kind,
        role: new.role.clone(),
        duties: None,
        owner: owner.id,
        owner_person: owner.person,
        machine: MemberId::fresh().0,
        role_assignment: RoleAssignmentId::fresh().0,
        locations: None,
        valid_until: new.valid_until,
        replaces: None,
        overlap_hours: None,
        ends_at: None,
        reason: None,
        trail: Trail::new(),
    };
    let mut reads = Flight::new();
    let known = members::repo::known_locations(op, new.locations.as_deref(), &mut reads);
    let held = conflicts::read_roles(op, &key.member(), &mut reads);
    let role_kind = repo::read_role_kind(op, &new.role, &mut reads);
    let (mut facts, landing) = tx.facts(key.subject(), &[Duty::KeyIssue], reads).await?;
    let proposed = facts.authorize::<duty::KeyIssue>(&Standing::new_document())?;

    let mut refusals = Refusals::default();
    key.name = refusals
        .take(required_text(&["name"], &new.name, 100))
        .unwrap_or_default();
    refusals.take(may_answer(&owner, "ownerId"));
    let role_kind = repo::role_kind(&new.role, landing.optional(role_kind))?;
    let role = refusals.take(role_of(new.kind, &new.role, role_kind.as_deref()));
    if let Some(role) = &role {
        key.duties = refusals.take(narrowed(&facts, role, new.duties.as_deref())).flatten();
    }
    let known = landing.get(known).len();
    key.locations = refusals
        .take(members::checked_locations(new.locations.as_deref(), known))
        .flatten();
    if new.valid_until.is_some_and(|u| u <= facts.now) {
        let message = "The key would have ended already.";
        refusals.push(Refusal::invalid(&["validUntil"], message));
    }
    refusals.finish()?;
    let held = conflicts::roles(landing.get(held), None)?;
    let broken = conflicts::conflicts(facts.policy(), &held, &RoleRef::from(new.role.as_str()));
    if !broken.is_empty() {
        return Err(conflicts::refusals(broken, Duty::KeyIssue, &key.subject()).into());
    }

    key.trail.touch();
    tx.record(
        Event::new("api-key-proposed", "API_KEY", key.id, key.data()).of_act(proposed.act()),
        &mut key.trail,
    )?;
    let mut writes = Flight::new();
    repo::insert(&tx, proposed, &key, key.trail.version, &mut writes)?;
    tx.commit(writes, Outcome::done(key.id, key.trail.version)).await
}

/// Exactly one person of the tenant answers for a machine: no machine does, and nobody who may not act himself.
pub(super) fn may_answer(owner: &Member, field: &str) -> Result<(), Refusal> {
    if owner.kind != AccountKind::Human {
        let message = "A person of the tenant answers for a machine.";
        return Err(Refusal::invalid(&[field], message));
    }
    if owner.status != MemberStatus::Active || owner.person.is_none() {
        let message = "The person who is to answer for the machine is not active.";
        return Err(Refusal::new(Code::Inactive, &[field], message));
    }
    Ok(())
}

/// The role, if machines of this kind hold it.
pub(super) fn role_of(kind: MachineKind, role: &str, held_by: Option<&str>) -> Result<RoleRef, Refusal> {
    match held_by {
        Some(held_by) if held_by == kind.role_kind() => Ok(RoleRef::from(role)),
        Some(_) => {
            let message =
                "Integrations hold roles of integrations, agents those of agents, and neither those of people.";
            Err(Refusal::invalid(&["role"], message))
        }
        None => Err(Refusal::invalid(&["role"], "There is no such role.")),
    }
}

/// Duties of the role, each once.
fn narrowed(facts: &Facts, role: &RoleRef, duties: Option<&[String]>) -> Result<Option<Vec<String>>, Refusal> {
    let Some(wanted) = duties else { return Ok(None) };
    let held: DutySet = facts.policy().duties_of(role);
    let mut kept = wanted.to_vec();
    kept.sort_unstable();
    kept.dedup();
    if kept.is_empty() {
        let message = "A key that is narrowed to duties has at least one.";
        return Err(Refusal::new(Code::Required, &["duties"], message));
    }
    if kept.iter().all(|d| d.parse().is_ok_and(|d: Duty| held.contains(d))) {
        return Ok(Some(kept));
    }
    let message = "The role has no such duty: a key is narrowed to duties of its role.";
    Err(Refusal::invalid(&["duties"], message))
}
