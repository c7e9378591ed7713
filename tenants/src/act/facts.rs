//! The facts of an act, read in one flight after its locks, and the decision over them.

use super::authorized::Authorized;
use super::refusal::{Conflict, DutyRefusal};
use super::subject::Subject;
use super::tailoring::Tailoring;
use crate::error::{Code, Detail, Error, Refusal, Result};
use crate::op::Op;
use crate::policy::{
    AskedQuestions, ControlState, Decision, Digest, DocumentKind, Duty, DutySet, DutyType, Hand,
    Held, Level, Policy, PriorHand, Question, Relation, RoleRef, SodRefusal, Tier, Via, decide,
};
use crate::settings::Settings;
use crate::tx::{Flight, Landing, TenantTx, params};
use chrono::{DateTime, Utc};
use std::sync::Arc;
use tokio_postgres::Row;
use uuid::Uuid;

const TAKE_LOCKS: &str = "SELECT qm.take_locks($1, $2)";

const CONTEXT: &str = "SELECT clock_timestamp() AS now, s.status AS tenant_status, s.settings, s.policy_version, s.policy_digest, a.status, a.valid_until, \
    a.version AS account_version, a.person_id, a.sponsor_person_id \
    FROM qm.tenant_setting s JOIN qm.account a ON a.tenant_id = s.tenant_id AND a.id = $2 WHERE s.tenant_id = $1 AND s.id = $1";

/// Roles in force over all accounts of the hands' persons, own, sponsored, operator: what they hold for the static rules.
pub(super) const HELD: &str = "SELECT a.id, a.person_id, a.sponsor_person_id, a.status, a.valid_until AS account_until, r.role, r.valid_from, r.valid_until \
    FROM qm.account a LEFT JOIN qm.role_assignment r ON r.tenant_id = a.tenant_id AND r.account_id = a.id AND r.state = 'APPROVED' \
    WHERE a.tenant_id = $1 AND (a.id = $2 OR a.person_id = ANY($3) OR a.sponsor_person_id = ANY($3))";

/// Earlier hands of these persons on related documents: the same one, its chain, its supplier, its stock; and party facts.
pub(super) const PRIOR: &str = "WITH near AS ( \
      SELECT $3::uuid AS id, $4::bool AS is_order \
      UNION SELECT u.id, u.is_order FROM unnest($5::uuid[], $6::bool[]) u (id, is_order) \
      UNION SELECT l.ancestor_id, l.ancestor_is_order FROM qm.authz_link l WHERE l.tenant_id = $1 AND (l.document_id = $3 OR l.document_id = ANY($5)) \
      UNION SELECT l.document_id, l.document_is_order FROM qm.authz_link l WHERE l.tenant_id = $1 AND l.ancestor_id = $3), \
    related AS ( \
      SELECT n.id FROM near n \
      UNION SELECT l.document_id FROM qm.authz_link l JOIN near n ON n.is_order AND n.id = l.ancestor_id WHERE l.tenant_id = $1 \
      UNION SELECT l.ancestor_id FROM qm.authz_link l JOIN near n ON n.is_order AND n.id = l.document_id WHERE l.tenant_id = $1) \
    SELECT h.document_id, h.sequence, h.duty, h.round, h.person_id, h.via, h.at, true AS chain, \
      coalesce(h.supplier_id = $7, false) AS supplier, coalesce(h.location_id = $8 AND h.item_ids && $9::uuid[], false) AS stock \
      FROM qm.authz_hand h WHERE h.tenant_id = $1 AND h.person_id = ANY($2) AND h.document_id IN (SELECT r.id FROM related r) \
    UNION ALL SELECT h.document_id, h.sequence, h.duty, h.round, h.person_id, h.via, h.at, false, true, false \
      FROM qm.authz_hand h WHERE h.tenant_id = $1 AND h.person_id = ANY($2) AND h.supplier_id = $7 AND h.duty = ANY($10) \
    UNION ALL SELECT h.document_id, h.sequence, h.duty, h.round, h.person_id, h.via, h.at, false, false, true \
      FROM qm.authz_hand h WHERE h.tenant_id = $1 AND h.person_id = ANY($2) AND h.location_id = $8 AND h.item_ids && $9::uuid[] AND h.at > statement_timestamp() - interval '31 days' AND h.duty = ANY($11) \
    UNION ALL SELECT p.supplier_id, 0, 'SUPPLIER.PARTY', 1, p.person_id, 'subject', p.since, false, true, false \
      FROM qm.supplier_party p WHERE p.tenant_id = $1 AND p.person_id = ANY($2) AND p.supplier_id = $7";

const POLICY: &str =
    "SELECT rules_off, roles FROM qm.policy_version WHERE tenant_id = $1 AND version = $2";

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
}

/// What an act is decided on: read after its locks, so that nothing in it can change before the commit.
pub struct Facts {
    /// The act's one time.
    pub now: DateTime<Utc>,
    /// The tenant's published settings.
    pub settings: Settings,
    pub(super) policy: Arc<Policy>,
    pub(super) policy_version: i32,
    pub(super) subject: Subject,
    tx: Uuid,
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
    pub async fn facts(
        &mut self,
        subject: Subject,
        duties: &[Duty],
        own: Flight,
    ) -> Result<(Facts, Landing)> {
        let op = self.op();
        let persons: Vec<Uuid> = op.hands().into_iter().map(|(p, _)| p).collect();
        let (keys, modes) = subject.locks(op.tenant, &persons).arrays();
        let mut flight = Flight::new();
        flight.rows(TAKE_LOCKS, params![keys, modes]);
        let context = flight.rows(CONTEXT, params![op.tenant.0, op.account]);
        let held = flight.rows(HELD, params![op.tenant.0, op.account, persons.clone()]);
        let prior = flight.rows(PRIOR, prior_params(op, &persons, &subject, duties));
        let first_own = flight.len();
        let flight = flight.append(own);
        let landing = self.fly(flight).await?;
        let row = landing.optional(context).ok_or(Error::Inactive)?;
        let now = self.set_now(row.try_get("now")?);
        if row.try_get::<_, &str>("tenant_status")? != "ACTIVE" {
            return Err(Error::Inactive);
        }
        let policy = self
            .policy(
                row.try_get("policy_version")?,
                row.try_get("policy_digest")?,
            )
            .await?;
        let settings = serde_json::from_value(row.try_get("settings")?).map_err(Error::internal)?;
        let until: Option<DateTime<Utc>> = row.try_get("valid_until")?;
        let account_active =
            row.try_get::<_, &str>("status")? == "ACTIVE" && until.is_none_or(|u| now < u);
        let (roles, held_duties) = read_held(op, &policy, landing.get(held), &persons, now)?;
        let sponsor_active = op
            .sponsor
            .is_none_or(|s| landing_has_active_person(landing.get(held), s, now));
        let facts = Facts {
            now,
            settings,
            policy_version: row.try_get("policy_version")?,
            policy,
            tx: self.id,
            hands: op
                .hands()
                .into_iter()
                .map(|(person, via)| Hand {
                    person,
                    via: via.parse().unwrap_or(Via::Actor),
                })
                .collect(),
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
            return Err(Error::internal(
                "the tenant's policy has another digest than its rows",
            ));
        }
        Ok(policy)
    }
}

pub(super) fn prior_params(
    op: &Op,
    persons: &[Uuid],
    subject: &Subject,
    duties: &[Duty],
) -> Vec<crate::tx::Param> {
    let is_order: Vec<bool> = subject
        .parents
        .iter()
        .map(|p| subject.parent_orders.contains(p))
        .collect();
    let supplier_duties = opposites(duties, |r| matches!(r, Relation::Supplier { .. }));
    let stock_duties = opposites(duties, |r| matches!(r, Relation::Stock { .. }));
    params![
        op.tenant.0,
        persons.to_vec(),
        subject.document,
        subject.kind == DocumentKind::PurchaseOrder.code(),
        subject.parents.clone(),
        is_order,
        subject.supplier,
        subject.location,
        subject.items.clone(),
        supplier_duties,
        stock_duties,
    ]
}

/// The duties that stand against any of `duties` in a rule of the standard tables with such a relation. A tenant may switch
/// rules off but not add any, so this is never too few.
fn opposites(duties: &[Duty], wanted: impl Fn(Relation) -> bool) -> Vec<&'static str> {
    let mut found: Vec<&'static str> = crate::policy::standard_rules()
        .iter()
        .filter(|rule| wanted(rule.relation))
        .flat_map(|rule| {
            let there = if duties.contains(&rule.a) {
                rule.b.clone()
            } else {
                vec![]
            };
            let back = if rule.b.iter().any(|b| duties.contains(b)) {
                vec![rule.a]
            } else {
                vec![]
            };
            there.into_iter().chain(back)
        })
        .map(Duty::code)
        .collect();
    found.sort_unstable();
    found.dedup();
    found
}

fn landing_has_active_person(rows: &[Row], person: Uuid, now: DateTime<Utc>) -> bool {
    rows.iter().any(|r| {
        r.try_get::<_, Option<Uuid>>("person_id").ok().flatten() == Some(person)
            && r.try_get::<_, &str>("status").is_ok_and(|s| s == "ACTIVE")
            && r.try_get::<_, Option<DateTime<Utc>>>("account_until")
                .ok()
                .flatten()
                .is_none_or(|u| now < u)
    })
}

/// The acting account's own roles in force, and for each person behind it the duties held over all accounts.
pub(super) fn read_held(
    op: &Op,
    policy: &Policy,
    rows: &[Row],
    persons: &[Uuid],
    now: DateTime<Utc>,
) -> Result<(Vec<RoleRef>, Vec<Held>)> {
    let mut roles = Vec::new();
    let mut held: Vec<Held> = persons
        .iter()
        .map(|p| Held {
            person: *p,
            duties: DutySet::EMPTY,
        })
        .collect();
    for row in rows {
        let Some(role) = row.try_get::<_, Option<&str>>("role")? else {
            continue;
        };
        let role = RoleRef::from(role);
        let from: Option<DateTime<Utc>> = row.try_get("valid_from")?;
        let until: Option<DateTime<Utc>> = row.try_get("valid_until")?;
        let account_until: Option<DateTime<Utc>> = row.try_get("account_until")?;
        let in_force = from.is_none_or(|f| f <= now)
            && until.is_none_or(|u| now < u)
            && account_until.is_none_or(|u| now < u);
        if !in_force || row.try_get::<_, &str>("status")? != "ACTIVE" {
            continue;
        }
        let behind = [
            row.try_get::<_, Option<Uuid>>("person_id")?,
            row.try_get::<_, Option<Uuid>>("sponsor_person_id")?,
        ];
        for h in &mut held {
            if behind.contains(&Some(h.person)) {
                h.duties = h.duties.union(policy.duties_of(&role));
            }
        }
        if row.try_get::<_, Uuid>("id")? == op.account {
            roles.push(role);
        }
    }
    Ok((roles, held))
}

pub(super) fn read_prior(
    rows: &[Row],
    subject: &Subject,
    now: DateTime<Utc>,
) -> Result<Vec<PriorHand>> {
    let mut prior = Vec::with_capacity(rows.len());
    for row in rows {
        let document: Uuid = row.try_get("document_id")?;
        prior.push(PriorHand {
            person: row.try_get("person_id")?,
            via: row
                .try_get::<_, &str>("via")?
                .parse()
                .map_err(Error::internal)?,
            duty: row
                .try_get::<_, &str>("duty")?
                .parse()
                .map_err(Error::internal)?,
            document_id: document,
            same_document: document == subject.document,
            round: row.try_get("round")?,
            same_chain: row.try_get("chain")?,
            same_supplier: row.try_get("supplier")?,
            same_stock: row.try_get("stock")?,
            at: row.try_get("at")?,
            sequence: row.try_get("sequence")?,
        });
    }
    prior.extend(subject.beneficiaries.iter().map(|person| PriorHand {
        person: *person,
        via: Via::Subject,
        duty: Duty::RoleBenefit,
        document_id: subject.document,
        same_document: true,
        round: subject.round,
        same_chain: true,
        same_supplier: false,
        same_stock: false,
        at: now,
        sequence: 0,
    }));
    Ok(prior)
}

impl Facts {
    /// Decides, asks live Casbin the same again, and gives the value that the repository's writes demand. Acts that were
    /// authorized earlier in the transaction count.
    ///
    /// # Errors
    /// The first refusal in the order of 6.3: authority, version, state, segregation of duties. A fault when the compiled
    /// tables and live Casbin disagree.
    pub fn authorize<D: DutyType>(&mut self, standing: &Standing) -> Result<Authorized<D>> {
        let question = self.question(D::DUTY, standing)?;
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
            Decision::Allowed(asked) => self.reask(asked)?,
            Decision::Refused(refusal) => self.reask(&refusal.asked)?,
            Decision::Forbidden => {
                return Err(Refusal::new(
                    Code::Forbidden,
                    &[],
                    "You have no role that may do this.",
                )
                .into());
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
            Decision::Refused(refusal) if standing.permits => Err(self.explain(*refusal, standing)),
            Decision::Allowed(_) if standing.permits => Ok(self.allow::<D>(standing)),
            _ => Err(wrong_state(standing)),
        }
    }

    fn reask(&self, asked: &AskedQuestions) -> Result<()> {
        self.policy.reask(asked).map_err(|disagreement| {
            tracing::error!(%disagreement, digest = %self.policy.digest(), "compiled policy and live engine disagree");
            Error::internal(disagreement)
        })
    }

    fn explain(&self, refusal: SodRefusal, standing: &Standing) -> Error {
        let conflict = &refusal.conflict;
        let detail = DutyRefusal {
            rule: refusal.rule.clone(),
            tier: refusal.tier.code().to_owned(),
            duty: refusal.duty.code().to_owned(),
            level: standing.level.get(),
            state: standing
                .control
                .map(|c| c.code().to_owned())
                .unwrap_or_default(),
            conflicts_with: Conflict {
                duty: conflict.duty.code().to_owned(),
                document: conflict.document,
                at: conflict.at,
                person_display: if refusal.own_via == Via::Actor {
                    "you"
                } else {
                    "another person"
                }
                .to_owned(),
                relation: conflict
                    .relation
                    .map_or_else(|| "held".to_owned(), |r| r.to_string()),
                via: conflict.via.code().to_owned(),
            },
            exception_possible: refusal.tier == Tier::Default,
            subject: self.subject.clone(),
        };
        let mut r = Refusal::new(Code::SegregationOfDuties, &[], refusal.message);
        r.detail = Detail::Duties(Box::new(detail));
        r.into()
    }

    fn question(&self, duty: Duty, standing: &Standing) -> Result<Question> {
        Ok(Question {
            duty,
            document: self.subject.kind.parse().map_err(Error::internal)?,
            state: standing.control,
            hands: self.hands.clone(),
            machine: self.machine,
            roles: self.roles.clone(),
            required_level: standing.level,
            round: self.subject.round,
            now: self.now,
            prior: self.prior.clone(),
            held: self.held.clone(),
            exceptions: Vec::new(),
            account_active: self.account_active,
            sponsor_active: self.sponsor_active,
            visible: true,
            side_ok: true,
            invoker_ok: true,
        })
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
