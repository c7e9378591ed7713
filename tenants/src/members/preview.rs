//! What approving proposed roles would be refused for, beyond authority and state: for asking before doing.

use super::approve::Grant;
use super::assignment::AssignmentStatus;
use super::conflicts;
use super::queries::AssignmentRecord;
use crate::act::{Preview, policy_of};
use crate::error::Result;
use crate::op::{AccountKind, Op};
use crate::policy::RoleRef;
use crate::tx::{Flight, TenantTx, Tenants, params};
use std::collections::HashMap;
use uuid::Uuid;

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
    let held = conflicts::read_roles_of_many(op, accounts.clone(), persons, &mut reads);
    let kinds = reads.rows(KINDS, params![op.tenant.0, accounts]);
    let own = reads.rows(OWN_ROLES, params![op.tenant.0]);
    let landing = tx.fly(reads).await?;
    let own: serde_json::Value = landing.one(own)?.try_get(0)?;
    let mut kind_of = HashMap::new();
    for row in landing.get(kinds) {
        kind_of.insert(row.try_get::<_, Uuid>(0)?, AccountKind::parse(row.try_get(1)?));
    }
    let mut held_of = conflicts::roles_by_place(landing.get(held))?;
    let mut out = HashMap::new();
    for (a, n) in pending.into_iter().zip(1_i64..) {
        let grant = Grant {
            role: RoleRef::from(a.role.as_str()),
            own_kind: own[a.role.as_str()]["account_kind"].as_str().map(str::to_owned),
            account: kind_of.get(&a.member).copied().unwrap_or(AccountKind::Agent),
            held: held_of
                .remove(&n)
                .unwrap_or_default()
                .into_iter()
                .map(|(_, role)| role)
                .collect(),
            valid_until: a.valid_until,
        };
        if let Err(refusals) = grant.check(&policy, tx.now()?, &a.asked().0)
            && let Some(first) = refusals.into_iter().next()
        {
            out.insert(a.id, Preview::of(first));
        }
    }
    Ok(out)
}
