//! Mutations of tenants: by their partner, and of what a tenant changes of itself.

use super::node::{BrandingInput, PartnerTenant, Tenant, TenantKind};
use super::partner;
use crate::graphql::error::{UserError, fault};
use crate::graphql::id::Id;
use crate::graphql::locations::LocationKind;
use crate::graphql::scalar::{CountryCode, CurrencyCode, Decimal};
use crate::graphql::session;
use crate::perform;
use async_graphql::{Context, Enum, ID, InputObject, Object, Result, SimpleObject};
use quartermaster_domain::shared::{NetworkId, TenantId};
use quartermaster_tenants::Outcome;
use quartermaster_tenants::directory::{self, FirstLocation, Founder, FounderRole, NewTenant, TenantChange};
use quartermaster_tenants::settings::Settings;

/// A verb of a partner to its end, as `perform!` does it for members of tenants.
macro_rules! of_partner {
    ($above:expr, $verb:expr) => {{
        let mut attempts = quartermaster_tenants::tx::Attempts::default();
        loop {
            let result = $verb.await;
            if let Some(end) = $above.op.settle(&mut attempts, $above.directory, result).await {
                break end.map_err(|e| $crate::graphql::error::fault(e, $above.op.request_id))?;
            }
        }
    }};
}
pub(in crate::graphql) use of_partner;

/// One of a tenant's first administrators.
#[derive(InputObject)]
pub struct FounderInput {
    /// `iss` of the person's tokens.
    issuer: String,
    /// `sub` of the person's tokens.
    subject: String,
    /// What the person is called.
    display_name: String,
    /// For messages.
    email: Option<String>,
    /// What the person begins with.
    role: FounderRoleInput,
}

/// What a founder begins with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(name = "FounderRole", remote = "FounderRole")]
pub enum FounderRoleInput {
    /// Proposes access, policy, keys.
    SecurityAdmin,
    /// Approves them.
    TenantAdmin,
}

/// A first location.
#[derive(InputObject)]
pub struct FirstLocationInput {
    /// Unique in the tenant.
    code: String,
    /// What people read.
    name: String,
    /// What kind of place.
    kind: LocationKind,
}

/// A tenant under the partner.
#[derive(InputObject)]
pub struct TenantCreateInput {
    /// Short; unique under the partner.
    code: String,
    /// What people read.
    name: String,
    /// What it is in its network.
    kind: TenantKind,
    /// Its network, for a franchisor and a franchisee.
    network_id: Option<Id<NetworkId>>,
    /// BCP 47.
    #[graphql(default = "en")]
    locale: String,
    /// IANA.
    #[graphql(default = "UTC")]
    time_zone: String,
    /// ISO 3166-1.
    country_code: CountryCode,
    /// ISO 4217.
    currency_code: CurrencyCode,
    /// Four rising limits; 500, 5,000, 50,000 and 500,000 when not given.
    approval_limits: Option<Vec<Decimal>>,
    /// An approved order is released at once.
    #[graphql(default)]
    release_on_approval: bool,
    /// At least two security administrators and two other tenant administrators.
    founders: Vec<FounderInput>,
    /// A first location.
    location: Option<FirstLocationInput>,
    /// How it looks; its name alone when not given.
    branding: Option<BrandingInput>,
}

impl TenantCreateInput {
    fn read(self) -> Result<NewTenant, quartermaster_tenants::Refusal> {
        let mut settings = Settings {
            currency: self.currency_code.into(),
            release_on_approval: self.release_on_approval,
            ..Settings::default()
        };
        if let Some(limits) = self.approval_limits {
            let limits: Vec<_> = limits.into_iter().map(|l| l.0).collect();
            settings.approval_limits = limits.try_into().map_err(|_| {
                quartermaster_tenants::Refusal::invalid(&["approvalLimits"], "There are exactly four limits.")
            })?;
        }
        let founder = |f: FounderInput| Founder {
            issuer: f.issuer,
            subject: f.subject,
            display_name: f.display_name,
            email: f.email,
            role: f.role.into(),
        };
        Ok(NewTenant {
            code: self.code,
            name: self.name,
            kind: self.kind.into(),
            network: self.network_id.map(|n| n.uuid()),
            locale: self.locale,
            time_zone: self.time_zone,
            country: self.country_code.into(),
            settings,
            founders: self.founders.into_iter().map(founder).collect(),
            location: self.location.map(|l| FirstLocation {
                code: l.code,
                name: l.name,
                kind: quartermaster_domain::locations::LocationKind::from(l.kind)
                    .as_str()
                    .to_owned(),
            }),
            branding: self.branding.map(Into::into),
        })
    }
}

/// A franchise network.
#[derive(InputObject)]
pub struct NetworkCreateInput {
    /// Short; unique under the partner.
    code: String,
    /// What people read.
    name: String,
}

/// A tenant, and why.
#[derive(InputObject)]
pub struct TenantStatusInput {
    /// The tenant.
    id: Id<TenantId>,
    /// Why; people read it.
    reason: String,
}

/// What a tenant may ask for in a minute, and why.
#[derive(InputObject)]
pub struct TenantQuotaSetInput {
    /// The tenant.
    id: Id<TenantId>,
    /// In points: one for a request and one for each hundred fields that it could read. Null: what the deployment allows.
    points_per_minute: Option<i32>,
    /// Why; people read it.
    reason: String,
}

/// Changes of what one administrator may change alone; what is not given stays.
#[derive(InputObject)]
pub struct TenantUpdateInput {
    /// BCP 47.
    locale: Option<String>,
    /// IANA.
    time_zone: Option<String>,
    /// How it looks.
    branding: Option<BrandingInput>,
    /// All host names of its branding.
    hosts: Option<Vec<String>>,
    /// The version that you have read; a stale one is refused with `CONFLICT`.
    expected_version: Option<i32>,
}

/// What became of a mutation above tenants.
pub struct PartnerPayload(Outcome);

/// What became of a mutation above tenants.
#[Object]
impl PartnerPayload {
    /// The tenant that it is about.
    async fn tenant(&self, ctx: &Context<'_>) -> Result<Option<PartnerTenant>> {
        let a = partner(ctx)?;
        let Some(id) = self.0.document else { return Ok(None) };
        let found = directory::tenant(a.directory, a.op, id).await;
        Ok(found.map_err(|e| fault(e, a.op.request_id))?.map(Into::into))
    }
    /// Why nothing was done; empty when it was.
    async fn user_errors(&self) -> Vec<UserError> {
        self.0.refusals.iter().cloned().map(Into::into).collect()
    }
}

/// What became of a new network.
#[derive(SimpleObject)]
pub struct NetworkPayload {
    /// The network; begins with `net_`.
    network_id: Option<ID>,
    /// Why nothing was done; empty when it was.
    user_errors: Vec<UserError>,
}

/// The tenant after a change of itself.
pub struct TenantPayload(Outcome);

/// The tenant after a change of itself.
#[Object]
impl TenantPayload {
    /// The tenant as it is now.
    async fn tenant(&self, ctx: &Context<'_>) -> Result<Option<Tenant>> {
        let s = session(ctx)?;
        Ok(Some(s.read(directory::own(&s.db, &s.op).await)?.into()))
    }
    /// Why nothing was done; empty when it was.
    async fn user_errors(&self) -> Vec<UserError> {
        self.0.refusals.iter().cloned().map(Into::into).collect()
    }
}

/// Mutations of tenants.
#[derive(Default)]
pub struct TenancyMutation;

#[Object]
impl TenancyMutation {
    /// Creates a franchise network. The same again answers the same.
    async fn network_create(&self, ctx: &Context<'_>, input: NetworkCreateInput) -> Result<NetworkPayload> {
        let a = partner(ctx)?;
        let done: Outcome = of_partner!(
            a,
            directory::network_create(a.directory, a.db, a.op, &input.code, &input.name)
        );
        Ok(NetworkPayload {
            network_id: done.document.map(|n| ID(NetworkId(n).to_string())),
            user_errors: done.refusals.into_iter().map(Into::into).collect(),
        })
    }

    /// Creates a tenant that is ready to work, with its founders: all or nothing. The same again answers the same.
    async fn tenant_create(&self, ctx: &Context<'_>, input: TenantCreateInput) -> Result<PartnerPayload> {
        let a = partner(ctx)?;
        let new = match input.read() {
            Ok(new) => new,
            Err(refusal) => {
                let refused = || std::future::ready(Err::<Outcome, _>(refusal.clone().into()));
                return Ok(PartnerPayload(of_partner!(a, refused())));
            }
        };
        Ok(PartnerPayload(of_partner!(
            a,
            directory::tenant_create(a.directory, a.db, a.op, &new)
        )))
    }

    /// Nobody works in the tenant until it is resumed.
    async fn tenant_suspend(&self, ctx: &Context<'_>, input: TenantStatusInput) -> Result<PartnerPayload> {
        let a = partner(ctx)?;
        Ok(PartnerPayload(of_partner!(
            a,
            directory::suspend(a.directory, a.db, a.op, input.id.0, &input.reason)
        )))
    }

    /// People work in the tenant again.
    async fn tenant_resume(&self, ctx: &Context<'_>, input: TenantStatusInput) -> Result<PartnerPayload> {
        let a = partner(ctx)?;
        Ok(PartnerPayload(of_partner!(
            a,
            directory::resume(a.directory, a.db, a.op, input.id.0, &input.reason)
        )))
    }

    /// Closes the tenant for good; its data stays.
    async fn tenant_close(&self, ctx: &Context<'_>, input: TenantStatusInput) -> Result<PartnerPayload> {
        let a = partner(ctx)?;
        Ok(PartnerPayload(of_partner!(
            a,
            directory::close(a.directory, a.db, a.op, input.id.0, &input.reason)
        )))
    }

    /// Agrees with a tenant on how much it may ask for in a minute. Servers know it within a minute.
    async fn tenant_quota_set(&self, ctx: &Context<'_>, input: TenantQuotaSetInput) -> Result<PartnerPayload> {
        let a = partner(ctx)?;
        let (id, points) = (input.id.0, input.points_per_minute);
        Ok(PartnerPayload(of_partner!(
            a,
            directory::quota_set(a.directory, a.db, a.op, id, points, &input.reason)
        )))
    }

    /// Changes the tenant's language, time zone, branding and host names.
    async fn tenant_update(&self, ctx: &Context<'_>, input: TenantUpdateInput) -> Result<TenantPayload> {
        let (s, version) = (session(ctx)?, input.expected_version);
        let change = TenantChange {
            locale: input.locale,
            time_zone: input.time_zone,
            branding: input.branding.map(Into::into),
            hosts: input.hosts,
        };
        Ok(TenantPayload(perform!(
            s,
            directory::update(&s.db, &s.op, &change, version)
        )))
    }
}
