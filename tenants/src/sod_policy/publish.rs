//! Bring a draft into force.

use super::draft::{PolicyDraft, PolicyStatus};
use super::repo;
use crate::error::{Code, Error, Refusal, Result};
use crate::event::Event;
use crate::id::SodPolicyId;
use crate::op::Op;
use crate::policy::{Duty, GateRefusal, HeldRoles, Policy, PolicyRows, Publication, RoleRef, duty, publish_gate};
use crate::tx::{Flight, Outcome, TenantTx, Tenants, params};
use std::collections::BTreeMap;
use std::sync::Arc;
use tokio_postgres::Row;
use uuid::Uuid;

/// Roles approved and not ended, on active accounts: those that begin later count too.
const PEOPLE: &str = "SELECT a.person_id, a.sponsor_person_id, r.role FROM qm.role_assignment r JOIN qm.account a ON a.tenant_id = r.tenant_id AND a.id = r.account_id \
    WHERE r.tenant_id = $1 AND r.state = 'APPROVED' AND a.status = 'ACTIVE' AND (r.valid_until IS NULL OR r.valid_until > clock_timestamp())";
const EDITORS: &str =
    "SELECT h.person_id FROM qm.authz_hand h WHERE h.tenant_id = $1 AND h.document_id = $2 AND h.duty = 'POL.EDIT'";
const VERSION: &str =
    "SELECT policy_version, policy_digest FROM qm.tenant_setting WHERE tenant_id = $1 AND id = $1 FOR UPDATE";
const INSERT: &str = "INSERT INTO qm.policy_version (tenant_id, id, version, digest, rules_off, roles, published_at) VALUES ($1, $2, $3, $4, $5, $6, $7)";
const IN_FORCE: &str = "UPDATE qm.tenant_setting s SET policy_version = $2, policy_digest = $3 WHERE s.tenant_id = $1 AND s.id = $1 AND s.policy_version = $2 - 1";

/// Pending → Published: every act that begins later is decided by it.
///
/// # Errors
/// Refusals of authority, version, state, segregation of duties (ADM-04); another policy published meanwhile; all that the gate
/// says against the draft.
pub async fn publish(db: &Tenants, op: &Op, id: SodPolicyId, expected_version: Option<i32>) -> Result<Outcome> {
    let mut tx = TenantTx::begin_publishing(db, op).await?;
    let mut draft = repo::load_for_update(&mut tx, id).await?;
    let before = draft.trail.version;
    let mut reads = Flight::new();
    let people = reads.rows(PEOPLE, params![op.tenant.0]);
    let editors = reads.rows(EDITORS, params![op.tenant.0, id.0]);
    let version = reads.rows(VERSION, params![op.tenant.0]);
    let (mut facts, landing) = tx.facts(draft.subject(), &[Duty::PolPublish], reads).await?;
    let published = facts.authorize::<duty::PolPublish>(&draft.standing(expected_version))?;

    let current: i32 = landing.one(version)?.try_get("policy_version")?;
    if current != draft.base_version {
        let message = "Another policy was published since this was drafted. Draft it again from the one in force.";
        return Err(Refusal::new(Code::Conflict, &["id"], message).into());
    }
    let digest: Vec<u8> = landing.one(version)?.try_get("policy_digest")?;
    let in_force = tx.policy(current, digest).await?;
    let rows = draft.tailoring.rows()?;
    let editors = landing.get(editors).iter().map(|r| Ok(r.try_get(0)?));
    let gate = Gate {
        draft: rows.clone(),
        in_force,
        publisher: op.person.unwrap_or_default(),
        editors: editors.collect::<Result<_>>()?,
        people: held(landing.get(people))?,
        frozen: db.policies.is_frozen(&rows.digest().map_err(Error::internal)?),
    };
    gate.pass().await?;
    let policy = db.policies.compiled(&rows).await.map_err(Error::internal)?;

    draft.status = PolicyStatus::Published;
    draft.policy_version = Some(current + 1);
    draft.trail.touch();
    let event = Event::new("sod-policy-published", "SOD_POLICY", id, draft.data());
    tx.record(event.of_act(published.act()), &mut draft.trail)?;
    let mut writes = Flight::new();
    bring_into_force(&tx, &draft, current + 1, &policy, &mut writes)?;
    repo::update(&tx, published, &draft, before, &mut writes)?;
    tx.commit(writes, Outcome::done(id, draft.trail.version)).await
}

fn bring_into_force(
    tx: &TenantTx<'_>,
    draft: &PolicyDraft,
    version: i32,
    policy: &Policy,
    writes: &mut Flight,
) -> Result<()> {
    let (tenant, digest) = (tx.op().tenant.0, policy.digest().0.to_vec());
    let roles = serde_json::to_value(&draft.tailoring.roles).map_err(Error::internal)?;
    let rules_off = draft.tailoring.rules_off.clone();
    let row = params![tenant, draft.id.0, version, digest.clone(), rules_off, roles, tx.now()?];
    writes.exec(INSERT, row, 1);
    writes.exec(IN_FORCE, params![tenant, version, digest], 1);
    Ok(())
}

/// The roles of each person over all accounts: own, and of machines that he answers for.
fn held(rows: &[Row]) -> Result<Vec<HeldRoles>> {
    let mut by_person: BTreeMap<Uuid, Vec<RoleRef>> = BTreeMap::new();
    for row in rows {
        let role = RoleRef::from(row.try_get::<_, &str>("role")?);
        let behind: [Option<Uuid>; 2] = [row.try_get("person_id")?, row.try_get("sponsor_person_id")?];
        for person in behind.into_iter().flatten() {
            by_person.entry(person).or_default().push(role.clone());
        }
    }
    let of = |(person, roles)| HeldRoles { person, roles };
    Ok(by_person.into_iter().map(of).collect())
}

/// What the gate asks for, owned: it compiles the draft twice, away from the serving threads.
struct Gate {
    draft: PolicyRows,
    in_force: Arc<Policy>,
    publisher: Uuid,
    editors: Vec<Uuid>,
    people: Vec<HeldRoles>,
    frozen: bool,
}

impl Gate {
    async fn pass(self) -> Result<()> {
        let ask = move || {
            let own = self.people.iter().find(|h| h.person == self.publisher);
            futures::executor::block_on(publish_gate(&Publication {
                draft: &self.draft,
                in_force: &self.in_force,
                publisher: self.publisher,
                publisher_roles: own.map_or(&[], |h| h.roles.as_slice()),
                editors: &self.editors,
                people: &self.people,
                frozen: self.frozen,
            }))
        };
        let answer = tokio::task::spawn_blocking(ask).await.map_err(Error::internal)?;
        answer.map_err(|refusals| refusals.iter().map(refusal).collect::<Vec<_>>().into())
    }
}

fn refusal(refusal: &GateRefusal) -> Refusal {
    let code = match refusal {
        GateRefusal::PublisherIsEditor | GateRefusal::PublisherGains(_) => Code::Forbidden,
        _ => Code::InvalidInput,
    };
    Refusal::new(code, &["id"], format!("This policy is not published: {refusal}."))
}
