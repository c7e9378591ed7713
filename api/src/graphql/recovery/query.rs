//! Queries about proposed administrators.

use super::node::{AdministratorRecovery, AdministratorRecoveryConnection, seen};
use crate::graphql::error::coded;
use crate::graphql::id::Id;
use crate::graphql::page::{count, window};
use crate::graphql::session;
use async_graphql::{Context, Object, Result};
use quartermaster_tenants::Tenants;
use quartermaster_tenants::id::{AdministratorRecoveryId, TenantId};
use quartermaster_tenants::recovery::queries::{self, NEWEST};

/// Queries about proposed administrators.
#[derive(Default)]
pub struct RecoveryQuery;

#[Object]
impl RecoveryQuery {
    /// A proposed administrator by its id. People of the partner and of the platform name the tenant; a member's is his own.
    async fn administrator_recovery(
        &self,
        ctx: &Context<'_>,
        id: Id<AdministratorRecoveryId>,
        #[graphql(desc = "In which tenant, for people of the partner and of the platform.")] tenant_id: Option<
            Id<TenantId>,
        >,
    ) -> Result<Option<AdministratorRecovery>> {
        let tenant = match tenant_id {
            Some(tenant) => tenant.0,
            None if ctx.data_opt::<Tenants>().is_some() => {
                return Err(coded("BAD_USER_INPUT", "Name the tenant."));
            }
            None => session(ctx)?.op.tenant,
        };
        seen(ctx, tenant, id.uuid()).await
    }

    /// The administrators that the partner proposed for the tenant, newest first.
    async fn administrator_recoveries(
        &self,
        ctx: &Context<'_>,
        first: Option<i32>,
        after: Option<String>,
        last: Option<i32>,
        before: Option<String>,
    ) -> Result<AdministratorRecoveryConnection> {
        let s = session(ctx)?;
        let window = window(first, after, last, before, NEWEST)?;
        let page = s.read(queries::recoveries(&s.db, &s.op, &window).await)?;
        let total = count(s, |db, op| async move { queries::count_recoveries(&db, &op).await });
        Ok(AdministratorRecoveryConnection::of(page, total))
    }
}
