//! Partners, tenants, branding, and who the viewer is.

use super::error::{UserError, coded, fault};
use super::id::Id;
use super::scalar::{CountryCode, CurrencyCode, DateTime, Decimal};
use super::session;
use crate::perform;
use async_graphql::{Context, Enum, ID, InputObject, Object, Result, SimpleObject};
use quartermaster_domain::shared::{LocationId, MemberId, NetworkId, TenantId};
use quartermaster_tenants::directory::{
    self, Branding, Directory, FirstLocation, Founder, FounderRole, NewTenant, OwnTenant, PartnerOp, TenantChange,
    TenantRecord,
};
use quartermaster_tenants::settings::Settings;
use quartermaster_tenants::{Error, Outcome, Tenants, op::LocationScope};
use uuid::Uuid;

/// The door to what is above tenants: put into every request, also one without a credential.
#[derive(Clone)]
pub struct Above {
    /// The directory.
    pub directory: Directory,
    /// The pool for tenant data, for provisioning.
    pub db: Tenants,
    /// Who asks for a partner, if somebody does.
    pub partner: Option<PartnerOp>,
    /// The request.
    pub request_id: Uuid,
}

/// The directory of a request.
///
/// # Errors
/// `UNAVAILABLE` where it is not served.
pub fn above<'c>(ctx: &Context<'c>) -> Result<&'c Above> {
    ctx.data_opt::<Above>()
        .ok_or_else(|| coded("UNAVAILABLE", "The directory is not served here."))
}

fn partner<'c>(ctx: &Context<'c>) -> Result<(&'c Above, &'c PartnerOp)> {
    let above = above(ctx)?;
    match &above.partner {
        Some(op) => Ok((above, op)),
        None if ctx.data_opt::<super::Session>().is_some() => {
            Err(coded("FORBIDDEN", "This is for people of a partner."))
        }
        None => Err(coded(
            "UNAUTHENTICATED",
            "This needs an access token of a partner's people.",
        )),
    }
}

/// A verb of a partner to its end: what lost to a concurrent transaction is tried again. Creating is idempotent by code, so no
/// key is remembered.
macro_rules! of_partner {
    ($above:expr, $verb:expr) => {{
        let mut tries = 0;
        loop {
            match $verb.await {
                Err(Error::Contended(_)) if tries < 3 => tries += 1,
                Ok(outcome) => break outcome,
                Err(Error::Refused(refusals)) => break Outcome::refused(refusals),
                Err(other) => return Err(fault(other, $above.request_id)),
            }
        }
    }};
}

/// How a tenant looks.
#[derive(SimpleObject, Clone)]
pub struct TenantBranding {
    /// The name that people read.
    name: String,
    /// `#rrggbb`.
    primary_colour: Option<String>,
    /// `#rrggbb`.
    secondary_colour: Option<String>,
    /// An https address.
    logo_url: Option<String>,
    /// Where people ask for help.
    support_email: Option<String>,
    /// Where people ask for help.
    support_phone: Option<String>,
    /// An https address.
    support_url: Option<String>,
}

impl From<Branding> for TenantBranding {
    fn from(b: Branding) -> Self {
        Self {
            name: b.name,
            primary_colour: b.primary_colour,
            secondary_colour: b.secondary_colour,
            logo_url: b.logo_url,
            support_email: b.support_email,
            support_phone: b.support_phone,
            support_url: b.support_url,
        }
    }
}

/// How a tenant is to look.
#[derive(InputObject, Clone)]
pub struct BrandingInput {
    /// The name that people read.
    name: String,
    /// `#rrggbb`.
    primary_colour: Option<String>,
    /// `#rrggbb`.
    secondary_colour: Option<String>,
    /// An https address.
    logo_url: Option<String>,
    /// Where people ask for help.
    support_email: Option<String>,
    /// Where people ask for help.
    support_phone: Option<String>,
    /// An https address.
    support_url: Option<String>,
}

impl From<BrandingInput> for Branding {
    fn from(b: BrandingInput) -> Self {
        Self {
            name: b.name,
            primary_colour: b.primary_colour,
            secondary_colour: b.secondary_colour,
            logo_url: b.logo_url,
            support_email: b.support_email,
            support_phone: b.support_phone,
            support_url: b.support_url,
        }
    }
}

/// What a tenant is in its network.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "directory::TenantKind")]
pub enum TenantKind {
    /// A brand of its own.
    Retailer,
    /// Leads a network.
    Franchisor,
    /// Belongs to a network that a franchisor leads.
    Franchisee,
}

fn kind(word: &str) -> TenantKind {
    match word {
        "FRANCHISOR" => TenantKind::Franchisor,
        "FRANCHISEE" => TenantKind::Franchisee,
        _ => TenantKind::Retailer,
    }
}

/// The states of a tenant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
pub enum TenantStatus {
    /// People work in it.
    Active,
    /// Nobody works in it until it is resumed.
    Suspended,
    /// For good; its data stays.
    Closed,
}

fn status(word: &str) -> TenantStatus {
    match word {
        "ACTIVE" => TenantStatus::Active,
        "SUSPENDED" => TenantStatus::Suspended,
        _ => TenantStatus::Closed,
    }
}

/// The tenant of the caller.
#[derive(SimpleObject, Clone)]
pub struct Tenant {
    /// Opaque; begins with `ten_`.
    pub id: ID,
    /// Its code under its partner.
    code: String,
    /// Its name.
    name: String,
    /// What it is in its network.
    kind: TenantKind,
    /// Its state.
    status: TenantStatus,
    /// BCP 47.
    locale: String,
    /// IANA.
    time_zone: String,
    /// ISO 3166-1.
    country_code: CountryCode,
    /// Its currency.
    currency_code: CurrencyCode,
    /// Four rising limits: an amount's level is the number of limits that it exceeds.
    approval_limits: Vec<Decimal>,
    /// The version of its segregation policy.
    policy_version: i32,
    /// How it looks.
    branding: TenantBranding,
    /// The host names of its branding.
    hosts: Vec<String>,
    /// Rises at every write of its settings; for `expectedVersion`.
    version: i32,
}

impl From<OwnTenant> for Tenant {
    fn from(t: OwnTenant) -> Self {
        Self {
            id: ID(t.id.to_string()),
            code: t.code,
            name: t.name,
            kind: kind(&t.kind),
            status: status(&t.status),
            locale: t.locale,
            time_zone: t.time_zone,
            country_code: t.country.into(),
            currency_code: t.settings.currency.into(),
            approval_limits: t.settings.approval_limits.into_iter().map(Decimal).collect(),
            policy_version: t.policy_version,
            branding: t.branding.into(),
            hosts: t.hosts,
            version: t.version,
        }
    }
}

/// A tenant as its partner sees it: names and states, no documents.
#[derive(SimpleObject, Clone)]
pub struct PartnerTenant {
    /// Opaque; begins with `ten_`.
    id: ID,
    /// Its code.
    code: String,
    /// Its name.
    name: String,
    /// What it is in its network.
    kind: TenantKind,
    /// Its network.
    network_id: Option<ID>,
    /// Its state.
    status: TenantStatus,
    /// When it was created.
    created_at: DateTime,
}

impl From<TenantRecord> for PartnerTenant {
    fn from(t: TenantRecord) -> Self {
        Self {
            id: ID(TenantId(t.id).to_string()),
            code: t.code,
            name: t.name,
            kind: kind(&t.kind),
            network_id: t.network_id.map(|n| ID(NetworkId(n).to_string())),
            status: status(&t.status),
            created_at: DateTime(t.created_at),
        }
    }
}

/// A part of a partner's tenants.
#[derive(SimpleObject)]
pub struct PartnerTenantPage {
    /// By id.
    nodes: Vec<PartnerTenant>,
    /// How many there are in all.
    total_count: i64,
}

/// Who asks.
#[derive(SimpleObject)]
pub struct Viewer {
    /// The account in the tenant; null for somebody of a partner.
    member_id: Option<ID>,
    /// The tenant; null for somebody of a partner.
    tenant_id: Option<ID>,
    /// The partner, for its people.
    partner_id: Option<ID>,
    /// What the viewer is called.
    display_name: String,
    /// Roles in force, by name.
    roles: Vec<String>,
    /// The locations that the viewer is limited to; null: everywhere.
    location_ids: Option<Vec<ID>>,
}

/// Queries above tenants, and about one's own.
#[derive(Default)]
pub struct TenancyQuery;

#[Object]
impl TenancyQuery {
    /// How the tenant of this host name looks. Public.
    async fn branding(&self, ctx: &Context<'_>, host: String) -> Result<Option<TenantBranding>> {
        let above = above(ctx)?;
        let found = above.directory.branding(&host).await;
        Ok(found.map_err(|e| fault(e, above.request_id))?.map(Into::into))
    }

    /// Who asks.
    async fn viewer(&self, ctx: &Context<'_>) -> Result<Viewer> {
        if let Some(op) = ctx.data_opt::<Above>().and_then(|a| a.partner.as_ref()) {
            return Ok(Viewer {
                member_id: None,
                tenant_id: None,
                partner_id: Some(ID(op.partner.to_string())),
                display_name: op.display_name.clone(),
                roles: op.roles.clone(),
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
        Ok(s.read(directory::own(&s.db, &s.op).await)?.into())
    }

    /// The partner's tenants, by id. For people of a partner.
    async fn partner_tenants(
        &self,
        ctx: &Context<'_>,
        #[graphql(default = 50, validator(minimum = 0, maximum = 250))] first: i32,
        after: Option<Id<TenantId>>,
    ) -> Result<PartnerTenantPage> {
        let (above, op) = partner(ctx)?;
        let first = u64::try_from(first).unwrap_or(0);
        let found = directory::tenants(&above.directory, op, first, after.map(|a| a.uuid())).await;
        let (rows, total) = found.map_err(|e| fault(e, above.request_id))?;
        Ok(PartnerTenantPage {
            nodes: rows.into_iter().map(Into::into).collect(),
            total_count: i64::try_from(total).unwrap_or(i64::MAX),
        })
    }
}

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
    /// `STORE`, `WAREHOUSE` or `DISTRIBUTION_CENTRE`.
    kind: String,
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
            currency: self.currency_code.0,
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
            country: self.country_code.0,
            settings,
            founders: self.founders.into_iter().map(founder).collect(),
            location: self.location.map(|l| FirstLocation {
                code: l.code,
                name: l.name,
                kind: l.kind,
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

#[Object]
impl PartnerPayload {
    /// The tenant that it is about.
    async fn tenant(&self, ctx: &Context<'_>) -> Result<Option<PartnerTenant>> {
        let (above, op) = partner(ctx)?;
        let Some(id) = self.0.document else { return Ok(None) };
        let found = directory::tenant(&above.directory, op, id).await;
        Ok(found.map_err(|e| fault(e, above.request_id))?.map(Into::into))
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
        let (a, op) = partner(ctx)?;
        let done = of_partner!(
            a,
            directory::network_create(&a.directory, &a.db, op, &input.code, &input.name)
        );
        Ok(NetworkPayload {
            network_id: done.document.map(|n| ID(NetworkId(n).to_string())),
            user_errors: done.refusals.into_iter().map(Into::into).collect(),
        })
    }

    /// Creates a tenant that is ready to work, with its founders: all or nothing. The same again answers the same.
    async fn tenant_create(&self, ctx: &Context<'_>, input: TenantCreateInput) -> Result<PartnerPayload> {
        let (a, op) = partner(ctx)?;
        let new = match input.read() {
            Ok(new) => new,
            Err(refusal) => return Ok(PartnerPayload(Outcome::refused(vec![refusal]))),
        };
        Ok(PartnerPayload(of_partner!(
            a,
            directory::tenant_create(&a.directory, &a.db, op, &new)
        )))
    }

    /// Nobody works in the tenant until it is resumed.
    async fn tenant_suspend(&self, ctx: &Context<'_>, input: TenantStatusInput) -> Result<PartnerPayload> {
        let (a, op) = partner(ctx)?;
        Ok(PartnerPayload(of_partner!(
            a,
            directory::suspend(&a.directory, &a.db, op, input.id.0, &input.reason)
        )))
    }

    /// People work in the tenant again.
    async fn tenant_resume(&self, ctx: &Context<'_>, input: TenantStatusInput) -> Result<PartnerPayload> {
        let (a, op) = partner(ctx)?;
        Ok(PartnerPayload(of_partner!(
            a,
            directory::resume(&a.directory, &a.db, op, input.id.0, &input.reason)
        )))
    }

    /// Closes the tenant for good; its data stays.
    async fn tenant_close(&self, ctx: &Context<'_>, input: TenantStatusInput) -> Result<PartnerPayload> {
        let (a, op) = partner(ctx)?;
        Ok(PartnerPayload(of_partner!(
            a,
            directory::close(&a.directory, &a.db, op, input.id.0, &input.reason)
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
