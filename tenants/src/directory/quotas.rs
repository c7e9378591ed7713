//! How much a tenant may ask for in a minute: agreed by its partner, counted by the servers, who tell each other.

use super::{Directory, PartnerOp};
use crate::error::{Code, Error, Refusal, Result};
use crate::id::TenantId;
use crate::policy::Duty;
use crate::tx::{Outcome, Tenants};
use serde_json::{Value, json};
use std::collections::HashMap;
use uuid::Uuid;

const FIND_QUOTA: &str = "SELECT qm.find_quota($1) AS points";
const TELL_SPENT: &str = "SELECT other, spent FROM qm.tell_spent($1, $2)";
const SET: &str = "UPDATE qm.tenant t SET points_per_minute = $3, version = t.version + 1, updated_at = $4 \
    WHERE t.id = $1 AND t.partner_id = $2 AND t.status <> 'PROVISIONING' RETURNING t.version";

/// The most that can be agreed on.
const MOST: i32 = 100_000_000;

/// Sets what a tenant of the partner may ask for in a minute, in points; `None` for the deployment's own limit. Servers that know
/// another number go on with it for a minute.
///
/// # Errors
/// Refusals of authority and input.
pub async fn quota_set(
    directory: &Directory,
    db: &Tenants,
    op: &PartnerOp,
    tenant: TenantId,
    points: Option<i32>,
    reason: &str,
) -> Result<Outcome> {
    let reason = crate::input::text(&["reason"], reason, 500)?;
    let tx = op.begin(directory, db, Duty::PtnTenantCreate).await?;
    if points.is_some_and(|p| !(1..=MOST).contains(&p)) {
        let message = format!("A quota is between 1 and {MOST} points a minute.");
        return Err(Refusal::new(Code::InvalidInput, &["pointsPerMinute"], message).into());
    }
    let values = vec![tenant.0.into(), op.partner.0.into(), points.into(), tx.now().into()];
    let rows = tx.rows(SET, values).await?;
    let Some(row) = rows.first() else {
        return Err(Refusal::not_found(&["id"], "tenant").into());
    };
    let version: i32 = row.try_get("", "version")?;
    let data = json!({ "pointsPerMinute": points, "reason": reason });
    tx.record(op, "tenant-quota-set", Some(tenant), data).await?;
    let outcome = tx.finish(op, Outcome::done(tenant, version)).await?;
    directory.known.quotas.put(tenant.0, quota(points));
    Ok(outcome)
}

fn quota(points: Option<i32>) -> Option<u32> {
    points.and_then(|p| u32::try_from(p).ok())
}

impl Directory {
    /// What the tenant's partner agreed on, if anything, as it was at most a minute ago. A database that does not answer has agreed on
    /// nothing.
    pub async fn quota_of(&self, tenant: TenantId) -> Option<u32> {
        if let Some(known) = self.known.quotas.get(&tenant.0) {
            return known;
        }
        match self.find_quota(tenant).await {
            Ok(found) => {
                self.known.quotas.put(tenant.0, found);
                found
            }
            Err(error) => {
                tracing::warn!(%error, "a tenant's quota is not known");
                None
            }
        }
    }

    async fn find_quota(&self, tenant: TenantId) -> Result<Option<u32>> {
        let rows = self.ask(FIND_QUOTA, vec![tenant.0.into()]).await?;
        let points = rows.first().map(|row| row.try_get("", "points")).transpose()?;
        Ok(quota(points.flatten()))
    }

    /// Says what this server has charged since it began, by the name of the bucket, and hears what each other server says.
    ///
    /// # Errors
    /// What the database said.
    pub async fn tell_spent(
        &self,
        server: Uuid,
        spent: &HashMap<String, u64>,
    ) -> Result<HashMap<Uuid, HashMap<String, u64>>> {
        let spent = serde_json::to_value(spent).map_err(Error::internal)?;
        let rows = self.ask(TELL_SPENT, vec![server.into(), spent.into()]).await?;
        let mut told = HashMap::with_capacity(rows.len());
        for row in rows {
            let spent: Value = row.try_get("", "spent")?;
            let spent = serde_json::from_value(spent).map_err(Error::internal)?;
            told.insert(row.try_get("", "other")?, spent);
        }
        Ok(told)
    }
}
