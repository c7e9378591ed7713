//! Draft a policy.

use super::draft::{PolicyDraft, PolicyStatus};
use super::repo;
use crate::act::{CustomRoleBody, Standing, Subject, Tailoring};
use crate::error::{Code, Refusal, Result};
use crate::event::{Event, Trail};
use crate::id::SodPolicyId;
use crate::input::{Refusals, optional_text, required_text};
use crate::op::Op;
use crate::policy::{DocumentKind, Duty, Level, PolicyError, PolicyRows, duty};
use crate::tx::{Flight, Outcome, TenantTx, Tenants, params};
use std::collections::HashMap;

/// A draft as it is entered: the whole tailoring.
#[derive(Debug, Clone, Default)]
pub struct PolicyEdit {
    /// Default rules that are not to apply, and roles besides the standard ones.
    pub tailoring: Tailoring,
    /// Why, for the second person.
    pub note: Option<String>,
}

/// The most roles that a tenant defines.
const MOST_ROLES: usize = 100;

const VERSION: &str = "SELECT policy_version FROM qm.tenant_setting WHERE tenant_id = $1 AND id = $1";

/// Makes a draft that waits for a second person.
///
/// # Errors
/// Refusals of authority; a rule that is unknown or mandatory, a role that is malformed or names unknown duties.
pub async fn edit(db: &Tenants, op: &Op, input: &PolicyEdit) -> Result<Outcome> {
    let mut tx = TenantTx::begin(db, op).await?;
    let id = SodPolicyId::fresh();
    let mut reads = Flight::new();
    let version = reads.rows(VERSION, params![op.tenant.0]);
    let subject = Subject::new(DocumentKind::SodPolicy, id);
    let (mut facts, landing) = tx.facts(subject, &[Duty::PolEdit], reads).await?;
    let edited = facts.authorize::<duty::PolEdit>(&Standing::new_document())?;

    let note = optional_text(&["note"], input.note.as_deref(), 500)?;
    let mut draft = PolicyDraft {
        id,
        status: PolicyStatus::Pending,
        tailoring: checked(&input.tailoring)?,
        base_version: landing.one(version)?.try_get(0)?,
        policy_version: None,
        reason: None,
        trail: Trail::new(),
    };
    draft.trail.touch();
    let event = Event::new("sod-policy-edited", "SOD_POLICY", id, draft.data());
    tx.record(event.of_act(edited.act()), &mut draft.trail)?;
    let mut writes = Flight::new();
    repo::insert(&tx, edited, &draft, note, &mut writes)?;
    tx.commit(writes, Outcome::done(id, draft.trail.version)).await
}

fn checked(tailoring: &Tailoring) -> Result<Tailoring, Vec<Refusal>> {
    let mut found = Refusals::default();
    let mut tailoring = tailoring.clone();
    found.0.extend(rule_problems(&tailoring.rules_off));
    tailoring.rules_off.sort_unstable();
    tailoring.rules_off.dedup();
    if tailoring.roles.len() > MOST_ROLES {
        let message = format!("A tenant defines at most {MOST_ROLES} roles.");
        found.push(Refusal::new(Code::TooLarge, &["roles"], message));
    }
    for (name, role) in &mut tailoring.roles {
        if let Some(title) = found.take(required_text(&["roles", name, "title"], &role.title, 100)) {
            role.title = title;
        }
        found.0.extend(role_problems(name, role));
    }
    if found.0.is_empty()
        && let Err(error) = tailoring.checked_rows()
    {
        let message = format!("This is no policy: {error}.");
        found.push(match &error {
            PolicyError::RoleName(name) => Refusal::invalid(&["roles", name, "name"], message),
            _ => Refusal::invalid(&["roles"], message),
        });
    }
    found.finish()?;
    Ok(tailoring)
}

/// Rules that are none, or that nobody switches off.
fn rule_problems(rules_off: &[String]) -> Vec<Refusal> {
    let rows = PolicyRows::standard();
    let dynamic = rows.dsod.iter().map(|r| (r.rule.as_str(), r.tier.as_str()));
    let tiers: HashMap<&str, &str> = (rows.ssod.iter().map(|r| (r.rule.as_str(), r.tier.as_str())))
        .chain(dynamic)
        .collect();
    let problem = |(i, rule): (usize, &String)| {
        let place = i.to_string();
        let field = ["rulesOff", place.as_str()];
        match tiers.get(rule.as_str()).copied() {
            Some("default") => None,
            Some(_) => Some(Refusal::invalid(
                &field,
                "This rule is mandatory: nobody switches it off.",
            )),
            None => Some(Refusal::new(Code::UnknownCode, &field, "There is no such rule.")),
        }
    };
    rules_off.iter().enumerate().filter_map(problem).collect()
}

fn role_problems(name: &str, role: &CustomRoleBody) -> Vec<Refusal> {
    let mut found = Vec::new();
    if !matches!(role.account_kind.as_str(), "human" | "integration" | "agent") {
        let message = "A role is held by people, integrations or agents.";
        found.push(Refusal::invalid(&["roles", name, "accountKind"], message));
    }
    for (code, level) in &role.grants {
        let known = code.parse::<Duty>().is_ok_and(|duty| Duty::acting().any(|d| d == duty));
        if !known || Level::new(*level).is_none() {
            let message = "A grant names a duty of the tables and a level from 0 to 4.";
            found.push(Refusal::invalid(&["roles", name, "grants", code], message));
        }
    }
    if role.grants.is_empty() {
        let message = "A role has at least one duty.";
        found.push(Refusal::new(Code::Required, &["roles", name, "grants"], message));
    }
    found
}
