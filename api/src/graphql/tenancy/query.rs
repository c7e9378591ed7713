//! Queries above tenants, and about one's own.

use super::node::{PartnerTenantConnection, Tenant, TenantBranding, TenantKind, TenantStatus, Viewer};
use super::{directory, partner};
use crate::graphql::error::fault;
use crate::graphql::id::{Id, uuids};
use crate::graphql::page::window;
use crate::graphql::session;
use async_graphql::{Context, Enum, ID, InputObject, Object, Result};
use quartermaster_domain::shared::{LocationId, MemberId, TenantId};
use quartermaster_tenants::directory::{self as tenancy, PartnerOp, PlatformOp, TenantFilter, TenantOrder};
use quartermaster_tenants::op::LocationScope;
use std::sync::Arc;
use uuid::Uuid;

/// Which of the partner's tenants are wanted; all conditions together.
#[derive(InputObject, Default)]
pub struct PartnerTenantFilterInput {
    /// One of these ids.
    ids: Option<Vec<Id<TenantId>>>,
    /// With one of these codes.
    codes: Option<Vec<String>>,
    /// Of one of these kinds.
    kinds: Option<Vec<TenantKind>>,
    /// In one of these states.
    statuses: Option<Vec<TenantStatus>>,
}

impl From<PartnerTenantFilterInput> for TenantFilter {
    fn from(f: PartnerTenantFilterInput) -> Self {
        let kind = |kind| tenancy::TenantKind::from(kind).as_str();
        Self {
            ids: uuids(f.ids),
            codes: f.codes,
            kinds: f.kinds.map(|k| k.into_iter().map(kind).collect()),
            statuses: f.statuses.map(|s| s.into_iter().map(TenantStatus::word).collect()),
        }
    }
}

/// The orders in which a partner's tenants can be listed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "TenantOrder")]
pub enum PartnerTenantOrder {
    /// By code.
    CodeAsc,
    /// By code, last first.
    CodeDesc,
    /// The first made first.
    CreatedAsc,
    /// The last made first.
    CreatedDesc,
}

/// Queries above tenants, and about one's own.
#[derive(Default)]
pub struct TenancyQuery;

#[Object]
impl TenancyQuery {
    /// How the tenant of this host name looks. Public.
    async fn branding(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Such as `orders.example.com`.")] host: String,
    ) -> Result<Option<TenantBranding>> {
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

    /// The partner's tenants, by code unless asked otherwise. For people of a partner.
    #[expect(clippy::too_many_arguments, reason = "the arguments of a connection")]
    async fn partner_tenants(
        &self,
        ctx: &Context<'_>,
        filter: Option<PartnerTenantFilterInput>,
        order_by: Option<PartnerTenantOrder>,
        first: Option<i32>,
        after: Option<String>,
        last: Option<i32>,
        before: Option<String>,
    ) -> Result<PartnerTenantConnection> {
        let a = partner(ctx)?;
        let order = order_by.map(TenantOrder::from).unwrap_or_default().order();
        let window = window(first, after, last, before, order)?;
        let filter = Arc::new(TenantFilter::from(filter.unwrap_or_default()));
        let page = a.read(tenancy::tenants(a.directory, a.op, &filter, order, &window).await)?;
        let total = a.count(move |directory, op| {
            let filter = filter.clone();
            async move { tenancy::count_tenants(&directory, &op, &filter).await }
        });
        Ok(PartnerTenantConnection::of(page, total))
    }
}
