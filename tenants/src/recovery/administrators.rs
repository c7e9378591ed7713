//! Who is left of a tenant's administrators.

use crate::error::{Error, Result};
use crate::policy::{Duty, Level, Policy, RoleRef};
use crate::tx::{Flight, TenantTx, params};
use chrono::{DateTime, Utc};
use std::sync::Arc;
use tokio_postgres::Row;
use uuid::Uuid;

/// The roles of people who may act: whoever is inactive, a machine, or not a person yet is left out.
const ROLES: &str = "SELECT r.role, a.person_id, r.valid_from, r.valid_until, a.valid_until AS account_until FROM qm.role_assignment r JOIN qm.account a ON a.tenant_id = r.tenant_id AND a.id = r.account_id \
    WHERE r.tenant_id = $1 AND r.state = 'APPROVED' AND a.status = 'ACTIVE' AND a.kind IN ('HUMAN', 'OPERATOR') AND a.person_id IS NOT NULL";
const POLICY: &str =
    "SELECT s.policy_version, s.policy_digest FROM qm.tenant_setting s WHERE s.tenant_id = $1 AND s.id = $1";

/// Who may grant roles, by the policy in force.
pub(super) struct Administrators {
    /// The tenant's policy.
    pub policy: Arc<Policy>,
    roles: Vec<(Uuid, RoleRef)>,
}

impl Administrators {
    /// As they are now, behind the locks of the act.
    pub(super) async fn read(tx: &mut TenantTx<'_>) -> Result<Self> {
        let tenant = tx.op().tenant.0;
        let mut flight = Flight::new();
        let (policy, roles) = (
            flight.rows(POLICY, params![tenant]),
            flight.rows(ROLES, params![tenant]),
        );
        let landing = tx.fly(flight).await?;
        let row = landing.optional(policy).ok_or(Error::Inactive)?;
        let now = tx.clock().await?;
        let mut held = Vec::new();
        for role in landing.get(roles) {
            if in_force(role, now)? {
                held.push((
                    role.try_get("person_id")?,
                    RoleRef::from(role.try_get::<_, &str>("role")?),
                ));
            }
        }
        let policy = tx
            .policy(row.try_get("policy_version")?, row.try_get("policy_digest")?)
            .await?;
        Ok(Self { policy, roles: held })
    }

    /// Is there anybody who may do this duty, apart from this person?
    pub(super) fn any(&self, duty: Duty, apart_from: Uuid) -> bool {
        self.roles
            .iter()
            .any(|(person, role)| *person != apart_from && self.policy.may(role, duty, Level::ZERO))
    }
}

fn in_force(row: &Row, now: DateTime<Utc>) -> Result<bool> {
    let time = |column| row.try_get::<_, Option<DateTime<Utc>>>(column);
    let ended = |u: DateTime<Utc>| u <= now;
    Ok(time("valid_from")?.is_none_or(|f| f <= now)
        && !time("valid_until")?.is_some_and(ended)
        && !time("account_until")?.is_some_and(ended))
}
