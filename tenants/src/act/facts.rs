//! The facts of an act, read in one flight after its locks, and the decision over them.

use super::authorized::Authorized;
use super::history::{BASIS, ask_prior, has_active_person, read_held, read_prior};
use super::lock::TAKE_LOCKS;
use super::reask::reask;
use super::refusal::explained;
use super::subject::Subject;
use super::tailoring::Tailoring;
use crate::error::{Code, Detail, Error, Refusal, Result};
use crate::policy::{
    AskedQuestions, ControlState, Decision, Digest, Duty, DutyType, Hand, Held, Level, Policy, PolicyCache, PriorHand,
    Question, RoleRef, Via, decide,
};
use crate::settings::Settings;
use crate::tx::{Flight, Landing, TenantTx, params};
use chrono::{DateTime, Utc};
use std::sync::Arc;
use uuid::Uuid;

const CONTEXT: &str = "SELECT clock_timestamp() AS now, s.settings, s.policy_version, s.policy_digest \
    FROM qm.tenant_setting s JOIN qm.account a ON a.tenant_id = s.tenant_id AND a.id = $2 WHERE s.tenant_id = $1 AND s.id = $1";

const POLICY: &str = "SELECT rules_off, roles FROM qm.policy_version WHERE tenant_id = $1 AND version = $2";

/// Where a document stands, for one command: what the order of refusals (6.3) needs to know.
#[derive(Debug, Clone, Default)]
pub struct Standing {
    /// The document's own state, in the words of its machine.
    pub state: String,
    /// Its control state; `None` allows no duty.
    pub control: Option<ControlState>,
    /// Does the document's machine allow the command in this state?
    pub permits: bool,
    /// The commands that the machine allows in this state.
    pub allowed: Vec<String>,
    /// The level that the amount asks for.
    pub level: Level,
    /// The version that the caller has seen, if he says so, and the version as it is.
    pub versions: Option<(i32, i32)>,
}

impl Standing {
    /// Of a document that does not exist yet.
    #[must_use]
    pub fn new_document() -> Self {
        Self {
            state: "NEW".to_owned(),
            control: Some(ControlState::New),
            permits: true,
            ..Self::default()
        }
    }

    /// Version and state alone, for acts from above the tenant: nobody there has an account that [`Facts`] could be read for.
    pub(crate) fn check(&self) -> Result<()> {
        match self.versions {
            Some((expected, current)) if expected != current => Err(stale(current)),
            _ if !self.permits => Err(wrong_state(self)),
            _ => Ok(()),
        }
    }
}

/// What an act is decided on: read after its locks, so that nothing in it can change before the commit.
pub struct Facts {
    /// The act's one time.
    pub now: DateTime<Utc>,
    /// The tenant's published settings.
    pub settings: Settings,
    pub(super) policy: Arc<Policy>,
    pub(super) policies: Arc<PolicyCache>,
    pub(super) policy_version: i32,
    pub(super) subject: Subject,
    tx: Uuid,
    /// What live Casbin was asked for this transaction, and answered as the tables did.
    confirmed: AskedQuestions,
    hands: Vec<Hand>,
    roles: Vec<RoleRef>,
    held: Vec<Held>,
    prior: Vec<PriorHand>,
    machine: bool,
    account_active: bool,
    sponsor_active: bool,
    key_scope: Option<Vec<String>>,
}

impl TenantTx<'_> {
    /// Takes the locks of an act on `subject` and reads what it is decided on, together with `own` statements that are to run
    /// after the locks. `duties` are all that the use case will ask for.
    ///
    /// # Errors
    /// What the database said; [`Error::Inactive`] for an account or tenant that may not act any more.
    pub async fn facts(&mut self, subject: Subject, duties: &[Duty], own: Flight) -> Result<(Facts, Landing)> {
        let op = self.op();
        let mut hands: Vec<Hand> = op
            .hands()
            .into_iter()
            .map(|(person, via)| Hand {
                person,
                via: via.parse().unwrap_or(Via::Actor),
            })
            .collect();
        for person in &subject.together {
            if hands.iter().all(|h| h.person != *person) {
                hands.push(Hand {
                    person: *person,
                    via: Via::Actor,
                });
            }
        }
        let persons: Vec<Uuid> = hands.iter().map(|h| h.person).collect();
        let (keys, modes) = subject.locks(op.tenant, &persons).arrays();
        let mut flight = Flight::new();
        flight.rows(TAKE_LOCKS, params![keys, modes]);
        let basis = flight.rows(BASIS, params![op.tenant.0, op.account, persons.clone()]);
        let prior = ask_prior(op, &persons, &subject, duties, &mut flight);
        let first_own = flight.len();
        let flight = flight.append(own);
        let landing = self.fly(flight).await?;
        let basis = landing.get(basis);
        let own = basis
            .iter()
            .find(|r| r.try_get("id").is_ok_and(|id: Uuid| id == op.account));
        let row = own.ok_or(Error::Inactive)?;
        let now = self.set_now(row.try_get("now")?);
        if row.try_get::<_, &str>("tenant_status")? != "ACTIVE" {
            return Err(Error::Inactive);
        }
        let policy = self
            .policy(row.try_get("policy_version")?, row.try_get("policy_digest")?)
            .await?;
        let settings = serde_json::from_value(row.try_get("settings")?).map_err(Error::internal)?;
        let until: Option<DateTime<Utc>> = row.try_get("account_until")?;
        let account_active = row.try_get::<_, &str>("status")? == "ACTIVE" && until.is_none_or(|u| now < u);
        let (roles, held_duties) = read_held(op, &policy, basis, &persons, now)?;
        let sponsor_active = op.sponsor.is_none_or(|s| has_active_person(basis, s, now));
        let facts = Facts {
            now,
            settings,
            policy_version: row.try_get("policy_version")?,
            confirmed: AskedQuestions::new(policy.digest()),
            policy,
            policies: self.db().policies.clone(),
            tx: self.id,
            hands,
            roles,
            held: held_duties,
            prior: read_prior(landing.get(prior), &subject, now)?,
            machine: op.kind.is_machine(),
            account_active,
            sponsor_active,
            key_scope: op.key_scope.clone(),
            subject,
        };
        Ok((facts, landing.without_first(first_own)))
    }

    /// The tenant's compiled policy: from the cache by digest, else compiled from its rows.
    pub(crate) async fn policy(&mut self, version: i32, digest: Vec<u8>) -> Result<Arc<Policy>> {
        let known = <[u8; 32]>::try_from(digest.as_slice())
            .ok()
            .and_then(|d| self.db().policies.get(&Digest(d)));
        if let Some(policy) = known {
            return Ok(policy);
        }
        let mut flight = Flight::new();
        let row = flight.rows(POLICY, params![self.op().tenant.0, version]);
        let landing = self.fly(flight).await?;
        let row = landing.one(row)?;
        let tailoring = Tailoring {
            rules_off: row.try_get("rules_off")?,
            roles: serde_json::from_value(row.try_get("roles")?).map_err(Error::internal)?,
        };
        let policy = self
            .db()
            .policies
            .compiled(&tailoring.rows()?)
            .await
            .map_err(Error::internal)?;
        if policy.digest().0.as_slice() != digest.as_slice() {
            return Err(Error::internal("the tenant's policy has another digest than its rows"));
        }
        Ok(policy)
    }
}

/// One question about one document, for acts, previews and eligible actors alike.
pub(super) struct Asking<'a> {
    pub(super) duty: Duty,
    pub(super) subject: &'a Subject,
    pub(super) standing: &'a Standing,
    pub(super) machine: bool,
    pub(super) now: DateTime<Utc>,
}

impl Asking<'_> {
    pub(super) fn question(
        &self,
        hands: Vec<Hand>,
        roles: Vec<RoleRef>,
        prior: Vec<PriorHand>,
        held: Vec<Held>,
    ) -> Result<Question> {
        Ok(Question {
            account_active: true,
            sponsor_active: true,
            visible: true,
            side_ok: true,
            invoker_ok: true,
            duty: self.duty,
            document: self.subject.kind.parse().map_err(Error::internal)?,
            state: self.standing.control,
            hands,
            machine: self.machine,
            roles,
            required_level: self.standing.level,
            round: self.subject.round,
            now: self.now,
            prior,
            held,
            exceptions: Vec::new(),
        })
    }
}

/// The policy, the settings and the time of a transaction that only reads.
pub(super) async fn context(tx: &mut TenantTx<'_>) -> Result<(Arc<Policy>, Settings, DateTime<Utc>)> {
    let op = tx.op();
    let mut flight = Flight::new();
    let row = flight.rows(CONTEXT, params![op.tenant.0, op.account]);
    let landing = tx.fly(flight).await?;
    let row = landing.optional(row).ok_or(Error::Inactive)?;
    let now = tx.set_now(row.try_get("now")?);
    let policy = tx
        .policy(row.try_get("policy_version")?, row.try_get("policy_digest")?)
        .await?;
    Ok((
        policy,
        serde_json::from_value(row.try_get("settings")?).map_err(Error::internal)?,
        now,
    ))
}

/// The tenant's policy, for a transaction that only reads.
pub(crate) async fn policy_of(tx: &mut TenantTx<'_>) -> Result<Arc<Policy>> {
    context(tx).await.map(|(policy, _, _)| policy)
}

impl Facts {
    /// Decides, asks live Casbin the same again, and gives the value that the repository's writes demand. Acts that were
    /// authorized earlier in the transaction count.
    ///
    /// # Errors
    /// The first refusal in the order of 6.3: authority, version, state, segregation of duties. A fault when the compiled
    /// tables and live Casbin disagree.
    pub fn authorize<D: DutyType>(&mut self, standing: &Standing) -> Result<Authorized<D>> {
        let asked = Asking {
            duty: D::DUTY,
            subject: &self.subject,
            standing,
            machine: self.machine,
            now: self.now,
        };
        let mut question = asked.question(
            self.hands.clone(),
            self.roles.clone(),
            self.prior.clone(),
            self.held.clone(),
        )?;
        (question.account_active, question.sponsor_active) = (self.account_active, self.sponsor_active);
        let in_scope = self
            .key_scope
            .as_ref()
            .is_none_or(|scope| scope.iter().any(|d| d == D::DUTY.code()));
        let decision = if in_scope {
            decide(&self.policy, &question)
        } else {
            Decision::Forbidden
        };
        match &decision {
            Decision::Allowed(asked) => self.confirm(asked)?,
            Decision::Refused(refusal) => self.confirm(&refusal.asked)?,
            Decision::Forbidden => {
                return Err(Refusal::new(Code::Forbidden, &[], "You have no role that may do this.").into());
            }
            Decision::NotFound => return Err(Refusal::not_found(&["id"], "document").into()),
            Decision::Internal => return Err(Error::internal("the policy could not be asked")),
            Decision::InvalidState => {}
        }
        if let Some((expected, current)) = standing.versions
            && expected != current
        {
            return Err(stale(current));
        }
        match decision {
            Decision::Refused(refusal) if standing.permits => Err(explained(*refusal, &self.subject, standing).into()),
            Decision::Allowed(_) if standing.permits => Ok(self.allow::<D>(standing)),
            _ => Err(wrong_state(standing)),
        }
    }

    /// Asks live Casbin what decided. What it said of an earlier act of this transaction it says again, since nothing changes an
    /// enforcer: such a question is put once.
    fn confirm(&mut self, decided: &AskedQuestions) -> Result<()> {
        let open = decided.beyond(&self.confirmed);
        if decided.is_empty() || !open.is_empty() {
            reask(&self.policies, &self.policy, &open)?;
        }
        self.confirmed.extend(open);
        Ok(())
    }

    fn allow<D: DutyType>(&mut self, standing: &Standing) -> Authorized<D> {
        let act = Uuid::now_v7();
        for hand in &self.hands {
            self.prior.push(PriorHand {
                person: hand.person,
                via: hand.via,
                duty: D::DUTY,
                document_id: self.subject.document,
                same_document: true,
                round: self.subject.round,
                same_chain: true,
                same_supplier: self.subject.supplier.is_some(),
                same_stock: !self.subject.items.is_empty(),
                at: self.now,
                sequence: i32::MAX,
            });
        }
        Authorized::new(
            self.tx,
            act,
            &self.subject,
            self.hands.clone(),
            self.policy_version,
            self.now,
            standing.versions.map(|v| v.1),
        )
    }

    /// The tenant's policy as this act reads it: what roles are, and what may not be held together.
    #[must_use]
    pub(crate) fn policy(&self) -> &Policy {
        &self.policy
    }

    /// Does the acting account hold a role for this duty at this level? For choices that are no acts themselves.
    #[must_use]
    pub fn holds(&self, duty: Duty, level: Level) -> bool {
        self.policy.has_authority(&self.roles, duty, level)
    }

    /// The level that an amount in the tenant's currency asks for.
    #[must_use]
    pub fn level_of(&self, exposure: rust_decimal::Decimal) -> Level {
        crate::policy::required_level(exposure, &self.settings.approval_limits)
    }
}

fn stale(current: i32) -> Error {
    let mut r = Refusal::new(
        Code::Conflict,
        &["expectedVersion"],
        "The document has changed since you read it.",
    );
    r.detail = Detail::Version { current };
    r.into()
}

fn wrong_state(standing: &Standing) -> Error {
    let message = format!(
        "The document is {}, which does not allow this.",
        standing.state.to_lowercase().replace('_', " ")
    );
    let mut r = Refusal::new(Code::InvalidState, &[], message);
    r.detail = Detail::State {
        state: standing.state.clone(),
        allowed: standing.allowed.clone(),
    };
    r.into()
}
