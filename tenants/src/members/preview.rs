//! What approving proposed roles would be refused for, beyond authority and state: for asking before doing.

use super::approve::Grant;
use super::assignment::AssignmentStatus;
use super::queries::AssignmentRecord;
use crate::act::{Preview, policy_of};
use crate::error::{Detail, Refusal, Result};
use crate::op::{AccountKind, Op};
use crate::policy::RoleRef;
use crate::tx::{Flight, TenantTx, Tenants, params};
use std::collections::HashMap;
use uuid::Uuid;

/// [`super::conflicts`]'s roles of many persons: `n` counts the assignments from 1.
const HELD_OF_MANY: &str = "SELECT u.n, r.id, r.role FROM unnest($2::uuid[], $3::uuid[]) WITH ORDINALITY u (account, person, n) \
    JOIN qm.account a ON a.tenant_id = $1 AND (a.id = u.account OR (a.status = 'ACTIVE' AND (a.person_id = u.person OR a.sponsor_person_id = u.person))) \
    JOIN qm.role_assignment r ON r.tenant_id = a.tenant_id AND r.account_id = a.id AND r.state = 'APPROVED' AND (r.valid_until IS NULL OR r.valid_until > clock_timestamp())";
const KINDS: &str = "SELECT a.id, a.kind FROM qm.account a WHERE a.tenant_id = $1 AND a.id = ANY($2)";
const OWN_ROLES: &str = "SELECT p.roles FROM qm.policy_version p JOIN qm.tenant_setting s ON s.tenant_id = p.tenant_id AND s.policy_version = p.version WHERE p.tenant_id = $1 AND s.id = $1";

/// Which of these assignments' approvals would be refused, and how: two flights, whatever their number.
///
/// # Errors
/// What the database said.
pub async fn approvals(db: &Tenants, op: &Op, of: &[&AssignmentRecord]) -> Result<HashMap<Uuid, Preview>> {
    let pending: Vec<&AssignmentRecord> = of
        .iter()
        .copied()
        .filter(|a| a.status == AssignmentStatus::Pending)
        .collect();
    if pending.is_empty() {
        return Ok(HashMap::new());
    }
    let mut tx = TenantTx::read(db, op).await?;
    let policy = policy_of(&mut tx).await?;
    let accounts: Vec<Uuid> = pending.iter().map(|a| a.member).collect();
    let persons: Vec<Option<Uuid>> = pending.iter().map(|a| a.beneficiary).collect();
    let mut reads = Flight::new();
    let held = reads.rows(HELD_OF_MANY, params![op.tenant.0, accounts.clone(), persons]);
    let kinds = reads.rows(KINDS, params![op.tenant.0, accounts]);
    let own = reads.rows(OWN_ROLES, params![op.tenant.0]);
    let landing = tx.fly(reads).await?;
    let own: serde_json::Value = landing.one(own)?.try_get(0)?;
    let mut kind_of = HashMap::new();
    for row in landing.get(kinds) {
        kind_of.insert(row.try_get::<_, Uuid>(0)?, AccountKind::parse(row.try_get(1)?));
    }
    let mut held_of: HashMap<i64, Vec<RoleRef>> = HashMap::new();
    for row in landing.get(held) {
        held_of
            .entry(row.try_get("n")?)
            .or_default()
            .push(RoleRef::from(row.try_get::<_, &str>("role")?));
    }
    let mut out = HashMap::new();
    for (a, n) in pending.into_iter().zip(1_i64..) {
        let grant = Grant {
            role: RoleRef::from(a.role.as_str()),
            own_kind: own[a.role.as_str()]["account_kind"].as_str().map(str::to_owned),
            account: kind_of.get(&a.member).copied().unwrap_or(AccountKind::Agent),
            held: held_of.remove(&n).unwrap_or_default(),
            valid_until: a.valid_until,
        };
        if let Err(refusals) = grant.check(&policy, tx.now()?, &a.asked().0)
            && let Some(first) = refusals.into_iter().next()
        {
            out.insert(a.id, preview(first));
        }
    }
    Ok(out)
}

/// As clients see a refusal before they ask for it: rule and sentence for segregation of duties only.
fn preview(refusal: Refusal) -> Preview {
    let rule = match refusal.detail {
        Detail::Duties(duties) => Some(duties.rule),
        _ => None,
    };
    Preview::Refused {
        code: refusal.code,
        message: rule.is_some().then_some(refusal.message),
        rule,
    }
}
