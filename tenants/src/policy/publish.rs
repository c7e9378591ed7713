//! The gate that a draft policy passes before it is published (section 7.5). What needs the database (simulation over the
//! last 90 days, four eyes on the document itself) is checked by the publishing act.

use std::collections::HashSet;

use uuid::Uuid;

use super::compile::{Policy, PolicyError};
use super::golden::{self, Case};
use super::models::Model;
use super::roles::{RoleRef, is_machine_kind};
use super::rows::{DsodRow, PolicyRows, SsodRow};
use super::static_rules::{StaticConflict, ssod_conflicts};
use super::vocabulary::{Duty, DutyKind, Tier};
use super::{DutySet, Relation};

/// The roles that a person has in the tenant, through all accounts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HeldRoles {
    /// The person, of the surviving record.
    pub person: Uuid,
    /// The roles of the assignments in force.
    pub roles: Vec<RoleRef>,
}

/// A draft that is about to be published.
#[derive(Debug)]
pub struct Publication<'a> {
    /// The draft.
    pub draft: &'a PolicyRows,
    /// What is in force until then.
    pub in_force: &'a Policy,
    /// Who publishes.
    pub publisher: Uuid,
    /// The roles of the publisher.
    pub publisher_roles: &'a [RoleRef],
    /// Everybody who edited the draft.
    pub editors: &'a [Uuid],
    /// The assignments in force.
    pub people: &'a [HeldRoles],
    /// Table and engine have disagreed under the draft's digest before.
    pub frozen: bool,
}

/// Why a draft is not published.
#[derive(Debug, thiserror::Error)]
pub enum GateRefusal {
    /// It is no policy at all.
    #[error(transparent)]
    NotAPolicy(#[from] PolicyError),
    /// A mandatory row is missing or changed.
    #[error("mandatory rule {0} is missing or changed")]
    Mandatory(String),
    /// A duty without its allow row.
    #[error("duty {0} lacks its allow row")]
    AllowRow(Duty),
    /// A role that nobody could hold without breaking a rule.
    #[error("role `{role}` holds both duties of rule {}", conflict.rule)]
    Role {
        /// The role.
        role: RoleRef,
        /// The rule and its duties.
        conflict: StaticConflict,
    },
    /// A machine role with a duty of kind approver, admin or custodian.
    #[error("machine role `{role}` holds {duty}")]
    MachineRole {
        /// The role.
        role: RoleRef,
        /// The duty.
        duty: Duty,
    },
    /// Somebody would break a mandatory rule the moment the draft is in force.
    #[error("a person in force holds both duties of mandatory rule {}", conflict.rule)]
    Assignment {
        /// The person.
        person: Uuid,
        /// The rule and its duties.
        conflict: StaticConflict,
    },
    /// A deny row that no golden case reaches.
    #[error("no golden case reaches the row `{0}`")]
    Unreached(String),
    /// Compiled twice, the tables differ.
    #[error("the draft compiles to different tables")]
    NotReproducible,
    /// Table and engine disagreed.
    #[error("publishing under this digest is frozen: table and engine disagreed")]
    Frozen,
    /// ADM-04.
    #[error("whoever edited a policy does not publish it")]
    PublisherIsEditor,
    /// The publisher would gain.
    #[error("the draft widens role `{0}`, which the publisher holds")]
    PublisherGains(RoleRef),
}

/// Says all that speaks against publishing a draft.
///
/// # Errors
/// Every refusal there is, in the order of the design.
pub async fn publish_gate(publication: &Publication<'_>) -> Result<(), Vec<GateRefusal>> {
    let draft = publication.draft;
    let mut refusals = mandatory_rows(draft);
    if publication.editors.contains(&publication.publisher) {
        refusals.push(GateRefusal::PublisherIsEditor);
    }
    if publication.frozen {
        refusals.push(GateRefusal::Frozen);
    }
    let (policy, again) = match (Policy::compile(draft).await, Policy::compile_fully(draft).await) {
        (Ok(policy), Ok(again)) => (policy, again),
        (Err(PolicyError::DutyRow(duty)), _) => {
            refusals.push(GateRefusal::AllowRow(duty));
            return Err(refusals);
        }
        (Err(error), _) | (_, Err(error)) => {
            refusals.push(error.into());
            return Err(refusals);
        }
    };
    if policy.tables != again.tables || policy.digest != again.digest {
        refusals.push(GateRefusal::NotReproducible);
    }
    refusals.extend(allow_rows(&policy));
    refusals.extend(roles(&policy, draft));
    refusals.extend(assignments(&policy, publication.people));
    refusals.extend(unreached(&policy));
    let gains = |role: &&RoleRef| Duty::acting().any(|duty| widened(publication.in_force, &policy, role, duty));
    refusals.extend(
        publication
            .publisher_roles
            .iter()
            .filter(gains)
            .cloned()
            .map(GateRefusal::PublisherGains),
    );
    if refusals.is_empty() { Ok(()) } else { Err(refusals) }
}

fn mandatory_rows(draft: &PolicyRows) -> Vec<GateRefusal> {
    let standard = PolicyRows::standard();
    let mandatory = Tier::Mandatory.code();
    let once = |count: usize| count == 1;
    let ssod = standard.ssod.iter().filter(|row: &&SsodRow| row.tier == mandatory);
    let ssod = ssod
        .filter(|row| !once(draft.ssod.iter().filter(|mine| mine == row).count()))
        .map(|row| &row.rule);
    let dsod = standard.dsod.iter().filter(|row: &&DsodRow| row.tier == mandatory);
    let dsod = dsod
        .filter(|row| !once(draft.dsod.iter().filter(|mine| mine == row).count()))
        .map(|row| &row.rule);
    ssod.chain(dsod).cloned().map(GateRefusal::Mandatory).collect()
}

/// Duties that are not allowed even to hands that have done and hold nothing, or not on their own document.
fn allow_rows(policy: &Policy) -> Vec<GateRefusal> {
    let allowed = |duty: Duty| {
        let (code, here) = (duty.code(), Relation::Document.code());
        policy.opens(duty, duty.document())
            && policy
                .shards
                .ask(Model::Dsod, duty, &["*", code, code, here, "disjoint"])
                .unwrap_or(false)
            && policy
                .shards
                .ask(Model::Ssod, duty, &["*", code, code])
                .unwrap_or(false)
    };
    Duty::acting()
        .filter(|duty| !allowed(*duty))
        .map(GateRefusal::AllowRow)
        .collect()
}

fn roles(policy: &Policy, draft: &PolicyRows) -> Vec<GateRefusal> {
    let mut refusals = Vec::new();
    for row in &draft.roles {
        let role = RoleRef::from(row.role.as_str());
        let duties = policy.duties_of(&role);
        let conflicts = ssod_conflicts(policy, DutySet::EMPTY, duties).into_iter();
        refusals.extend(conflicts.map(|conflict| GateRefusal::Role {
            role: role.clone(),
            conflict,
        }));
        if is_machine_kind(&row.account_kind) {
            let human = |duty: &Duty| matches!(duty.kind(), DutyKind::Approver | DutyKind::Admin | DutyKind::Custodian);
            let duties = duties.iter().filter(human);
            refusals.extend(duties.map(|duty| GateRefusal::MachineRole {
                role: role.clone(),
                duty,
            }));
        }
    }
    refusals
}

fn assignments(policy: &Policy, people: &[HeldRoles]) -> Vec<GateRefusal> {
    let mut refusals = Vec::new();
    for held in people {
        let duties = policy.duties_of_all(&held.roles);
        let conflicts = ssod_conflicts(policy, DutySet::EMPTY, duties).into_iter();
        let mandatory = conflicts.filter(|conflict| conflict.tier == Tier::Mandatory);
        refusals.extend(mandatory.map(|conflict| GateRefusal::Assignment {
            person: held.person,
            conflict,
        }));
    }
    refusals
}

/// Deny rows that no golden case asks about, or whose golden case is not denied by them.
fn unreached(policy: &Policy) -> Vec<GateRefusal> {
    let golden: HashSet<&str> = golden::lines().collect();
    let cases = Case::of_rules(&policy.ssod, &policy.dsod).into_iter();
    let missing = cases.filter(|case| !golden.contains(case.line().as_str()) || !denied(policy, case));
    missing.map(|case| GateRefusal::Unreached(case.line())).collect()
}

/// Whether the tables name the case's rule.
pub(super) fn denied(policy: &Policy, case: &Case) -> bool {
    match case.relation {
        Some(relation) => {
            let place = policy.relations.iter().position(|(known, _)| *known == relation);
            let rules = place.map_or(&[][..], |place| policy.tables.dsod(place, case.duty, case.opposite));
            rules.iter().any(|rule| {
                policy
                    .dsod
                    .get(usize::from(*rule))
                    .is_some_and(|rule| rule.id == case.rule)
            })
        }
        None => {
            let rules = policy.tables.ssod(case.duty, case.opposite);
            rules.iter().any(|rule| {
                policy
                    .ssod
                    .get(usize::from(*rule))
                    .is_some_and(|rule| rule.id == case.rule)
            })
        }
    }
}

/// Whether a role carries a duty at a level that it did not carry before.
fn widened(before: &Policy, after: &Policy, role: &RoleRef, duty: Duty) -> bool {
    let levels = |policy: &Policy| policy.role(role).map_or(0, |role| policy.tables.levels(role, duty));
    levels(after) & !levels(before) != 0
}
