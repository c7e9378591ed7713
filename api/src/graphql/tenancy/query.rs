//! Queries above tenants, and about one's own.

use super::node::{PartnerTenantPage, Tenant, TenantBranding, Viewer};
use super::{directory, partner};
use crate::graphql::error::fault;
use crate::graphql::id::Id;
use crate::graphql::session;
use async_graphql::{Context, ID, Object, Result};
use quartermaster_domain::shared::{LocationId, MemberId, TenantId};
use quartermaster_tenants::directory::{self as tenancy, PartnerOp, PlatformOp};
use quartermaster_tenants::op::LocationScope;
use uuid::Uuid;

/// Queries above tenants, and about one's own.
#[derive(Default)]
pub struct TenancyQuery;

#[Object]
impl TenancyQuery {
    /// How the tenant of this host name looks. Public.
    async fn branding(&self, ctx: &Context<'_>, host: String) -> Result<Option<TenantBranding>> {
        let found = directory(ctx)?.branding(&host).await;
        Ok(found.map_err(|e| fault(e, Uuid::now_v7()))?.map(Into::into))
    }

    /// Who asks.
    async fn viewer(&self, ctx: &Context<'_>) -> Result<Viewer> {
        if let Some(op) = ctx.data_opt::<PartnerOp>() {
            return Ok(Viewer {
                member_id: None,
                tenant_id: None,
                partner_id: Some(ID(op.partner.to_string())),
                display_name: op.display_name.clone(),
                roles: op.roles.clone(),
                location_ids: None,
            });
        }
        if ctx.data_opt::<PlatformOp>().is_some() {
            return Ok(Viewer {
                member_id: None,
                tenant_id: None,
                partner_id: None,
                display_name: "Platform".to_owned(),
                roles: Vec::new(),
                location_ids: None,
            });
        }
        let op = &session(ctx)?.op;
        Ok(Viewer {
            member_id: Some(ID(MemberId(op.account).to_string())),
            tenant_id: Some(ID(op.tenant.to_string())),
            partner_id: None,
            display_name: op.display_name.clone(),
            roles: op.roles.clone(),
            location_ids: match &op.locations {
                LocationScope::All => None,
                LocationScope::Only(ids) => Some(ids.iter().map(|l| ID(LocationId(*l).to_string())).collect()),
            },
        })
    }

    /// The caller's own tenant.
    async fn tenant(&self, ctx: &Context<'_>) -> Result<Tenant> {
        let s = session(ctx)?;
        Ok(s.read(tenancy::own(&s.db, &s.op).await)?.into())
    }

    /// The partner's tenants, by id. For people of a partner.
    async fn partner_tenants(
        &self,
        ctx: &Context<'_>,
        #[graphql(default = 50, validator(minimum = 0, maximum = 250))] first: i32,
        after: Option<Id<TenantId>>,
    ) -> Result<PartnerTenantPage> {
        let a = partner(ctx)?;
        let first = u64::try_from(first).unwrap_or(0);
        let found = tenancy::tenants(a.directory, a.op, first, after.map(|a| a.uuid())).await;
        let (rows, total) = found.map_err(|e| fault(e, a.op.request_id))?;
        Ok(PartnerTenantPage {
            nodes: rows.into_iter().map(Into::into).collect(),
            total_count: i64::try_from(total).unwrap_or(i64::MAX),
        })
    }
}
