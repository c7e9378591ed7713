//! Propose an administrator for a tenant that has none left.

use super::administrators::Administrators;
use super::proposal::{AdministratorRole, Recovery, RecoveryStatus};
use super::repo;
use crate::act::Standing;
use crate::act::above::{self, HandAbove};
use crate::directory::{Directory, PartnerOp, founding_op};
use crate::error::{Code, Error, Refusal, Result};
use crate::event::Trail;
use crate::id::{AdministratorRecoveryId, MemberId, RoleAssignmentId, TenantId};
use crate::input::{Refusals, optional_text, required_text};
use crate::members::given::Household;
use crate::members::{Member, MemberStatus, conflicts};
use crate::op::AccountKind;
use crate::operators::own_side::own_tenant;
use crate::policy::{Duty, Policy, RoleRef};
use crate::tx::{Flight, Outcome, TenantTx, Tenants, params};
use serde_json::json;
use uuid::Uuid;

/// An administrator, as a partner's administrator proposes one.
#[derive(Debug, Clone)]
pub struct NewRecovery {
    /// Where.
    pub tenant: TenantId,
    /// `iss` of the person's tokens.
    pub issuer: String,
    /// `sub` of the person's tokens, byte for byte.
    pub subject: String,
    /// What the person is called there.
    pub display_name: String,
    /// For messages.
    pub email: Option<String>,
    /// As what.
    pub role: AdministratorRole,
    /// Why nobody is left; people of the tenant and of the platform read it.
    pub reason: String,
}

const PENDING: &str =
    "SELECT 1 AS one FROM qm.administrator_recovery r WHERE r.tenant_id = $1 AND r.role = $2 AND r.status = 'PENDING'";

/// → Pending, in the hand of the partner's administrator as the proposal of a role.
///
/// # Errors
/// Refusals of authority and input; `INVALID_STATE` as long as the tenant has somebody for this; static rules that the role would
/// break.
pub async fn propose(directory: &Directory, db: &Tenants, by: &PartnerOp, new: &NewRecovery) -> Result<Outcome> {
    let mut refusals = Refusals::default();
    let display_name = refusals.take(required_text(&["displayName"], &new.display_name, 200));
    let email = refusals.take(optional_text(&["email"], new.email.as_deref(), 320));
    let reason = refusals.take(required_text(&["reason"], &new.reason, 500));
    refusals.take(required_text(&["subject"], &new.subject, 255));
    refusals.finish()?;
    let directory_tx = by.begin(directory, db, Duty::PtnTenantCreate).await?;
    own_tenant(&directory_tx, by, new.tenant).await?;
    let person = person(directory, by, new).await?;
    let op = founding_op(by, new.tenant);
    let mut tx = TenantTx::begin(db, &op).await?;
    above::tenant_is_active(&mut tx, "tenantId").await?;
    let household = repo::household(&mut tx, person).await?;
    let administrators = Administrators::read(&mut tx).await?;
    if administrators.any(new.role.duty(), Uuid::nil()) {
        let message = format!(
            "People of the tenant may do this still: the role {} is theirs to grant.",
            new.role.as_str()
        );
        return Err(Refusal::new(Code::InvalidState, &["role"], message).into());
    }
    let mut recovery = Recovery {
        tenant: new.tenant,
        id: AdministratorRecoveryId::fresh().0,
        partner: by.partner.0,
        person,
        display_name: display_name.unwrap_or_default(),
        email: email.flatten(),
        role: new.role,
        reason: reason.unwrap_or_default(),
        status: RecoveryStatus::Pending,
        account: MemberId::fresh().0,
        role_assignment: RoleAssignmentId::fresh().0,
        proposer: by.person,
        decider: None,
        platform: [None, None],
        decided_at: None,
        review: None,
        trail: Trail::new(),
    };
    let policy = &administrators.policy;
    obeys_the_rules(&mut tx, policy, &recovery).await?;
    let candidate = Candidate::of(&recovery, &household);
    candidate.check(&mut tx, policy, &recovery, "subject").await?;
    not_proposed(&mut tx, &recovery).await?;

    let (hand, mut writes) = (HandAbove::of(Duty::RoleGrant), Flight::new());
    recovery.trail.touch();
    repo::record(&mut tx, "administrator-recovery-proposed", &mut recovery, hand.act)?;
    repo::insert(&tx, hand, &recovery, &mut writes)?;
    let data = json!({ "administratorRecoveryId": AdministratorRecoveryId(recovery.id).to_string(), "role": new.role.as_str() });
    directory_tx
        .record(by, "administrator-recovery-proposed", Some(new.tenant), data)
        .await?;
    let done = Outcome::done(recovery.id, recovery.trail.version);
    let outcome = tx.commit(writes, done).await?;
    directory_tx.finish(by, outcome).await
}

async fn person(directory: &Directory, by: &PartnerOp, new: &NewRecovery) -> Result<Uuid> {
    let issuer = directory.find_issuer(&new.issuer).await?;
    let of_tenant = |i: &crate::directory::FoundIssuer| match (i.partner, i.tenant) {
        (_, Some(tenant)) => tenant == new.tenant.0,
        (partner, None) => partner.is_none_or(|p| p == by.partner.0),
    };
    let Some(issuer) = issuer.filter(of_tenant) else {
        let message = "This issuer is not known, or does not speak for people of this tenant.";
        return Err(Refusal::invalid(&["issuer"], message).into());
    };
    directory.ensure_person(issuer.id, &new.subject).await
}

/// As with founders: whoever proposes an administrator is not the administrator (ADM-01).
async fn obeys_the_rules(tx: &mut TenantTx<'_>, policy: &Policy, recovery: &Recovery) -> Result<()> {
    let (subject, standing) = (recovery.subject(), Standing::new_document());
    let prior = above::earlier_hands(tx, &subject, Duty::RoleGrant).await?;
    let checked = above::check_rules(tx, policy, &subject, Duty::RoleGrant, &standing, prior);
    checked.map_err(|error| match error {
        Error::Refused(refusals) => {
            let at_subject = |r: Refusal| r.under(&["subject".to_owned()]);
            Error::Refused(refusals.into_iter().map(at_subject).collect())
        }
        other => other,
    })
}

/// Who is to have the role, as the tenant knows him.
pub(super) struct Candidate {
    /// The account that is there, or that is to be made.
    pub member: Member,
    /// Is it there?
    pub exists: bool,
}

impl Candidate {
    pub(super) fn of(recovery: &Recovery, household: &Household) -> Self {
        Self {
            member: repo::member(recovery, household.account.clone()),
            exists: household.account.is_some(),
        }
    }

    /// May the person have the role there? Asked when it is proposed, and again when it is approved.
    pub(super) async fn check(
        &self,
        tx: &mut TenantTx<'_>,
        policy: &Policy,
        recovery: &Recovery,
        field: &str,
    ) -> Result<()> {
        let mut reads = Flight::new();
        let held = conflicts::read_roles(tx.op(), &self.member, &mut reads);
        let landing = tx.fly(reads).await?;
        let held = conflicts::roles(landing.get(held), None)?;
        Ok(self.may_have_it(policy, recovery, &held, field)?)
    }

    /// The same of roles that were read.
    pub(super) fn may_have_it(
        &self,
        policy: &Policy,
        recovery: &Recovery,
        held: &[RoleRef],
        field: &str,
    ) -> Result<(), Vec<Refusal>> {
        let stopped = self.member.status != MemberStatus::Active || self.member.kind != AccountKind::Human;
        if self.exists && stopped {
            let message = "This person's account in the tenant is stopped, or an operator's. Propose another person.";
            return Err(vec![Refusal::new(Code::Inactive, &[field], message)]);
        }
        let broken = conflicts::conflicts(policy, held, &RoleRef::from(recovery.role.as_str()));
        if broken.is_empty() {
            return Ok(());
        }
        Err(conflicts::refusals(broken, Duty::RoleGrant, &recovery.subject()))
    }
}

async fn not_proposed(tx: &mut TenantTx<'_>, recovery: &Recovery) -> Result<()> {
    let mut reads = Flight::new();
    let pending = reads.rows(PENDING, params![tx.op().tenant.0, recovery.role.as_str()]);
    if tx.fly(reads).await?.optional(pending).is_some() {
        let message = "Somebody is proposed for this role already. Withdraw that first.";
        return Err(Refusal::new(Code::Duplicate, &["role"], message).into());
    }
    Ok(())
}
