//! Tenants, branding and the viewer as they are read.

use crate::connection;
use crate::graphql::scalar::{CountryCode, CurrencyCode, DateTime, Decimal};
use async_graphql::{Enum, ID, InputObject, SimpleObject};
use quartermaster_domain::shared::{NetworkId, TenantId};
use quartermaster_tenants::directory::{self, Branding, OwnTenant, TenantRecord};

/// How a tenant looks.
#[derive(SimpleObject, Clone)]
pub struct TenantBranding {
    /// The name that people read.
    pub name: String,
    /// `#rrggbb`.
    pub primary_colour: Option<String>,
    /// `#rrggbb`.
    pub secondary_colour: Option<String>,
    /// An https address.
    pub logo_url: Option<String>,
    /// Where people ask for help.
    pub support_email: Option<String>,
    /// Where people ask for help.
    pub support_phone: Option<String>,
    /// An https address.
    pub support_url: Option<String>,
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
    pub name: String,
    /// `#rrggbb`.
    pub primary_colour: Option<String>,
    /// `#rrggbb`.
    pub secondary_colour: Option<String>,
    /// An https address.
    pub logo_url: Option<String>,
    /// Where people ask for help.
    pub support_email: Option<String>,
    /// Where people ask for help.
    pub support_phone: Option<String>,
    /// An https address.
    pub support_url: Option<String>,
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

pub(super) fn kind(word: &str) -> TenantKind {
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

pub(super) fn status(word: &str) -> TenantStatus {
    match word {
        "ACTIVE" => TenantStatus::Active,
        "SUSPENDED" => TenantStatus::Suspended,
        _ => TenantStatus::Closed,
    }
}

impl TenantStatus {
    pub(super) fn word(self) -> &'static str {
        match self {
            Self::Active => "ACTIVE",
            Self::Suspended => "SUSPENDED",
            Self::Closed => "CLOSED",
        }
    }
}

/// The tenant of the caller.
#[derive(SimpleObject, Clone)]
pub struct Tenant {
    /// Opaque; begins with `ten_`.
    pub id: ID,
    /// Its code under its partner.
    pub code: String,
    /// Its name.
    pub name: String,
    /// What it is in its network.
    pub kind: TenantKind,
    /// Its state.
    pub status: TenantStatus,
    /// BCP 47.
    pub locale: String,
    /// IANA.
    pub time_zone: String,
    /// ISO 3166-1.
    pub country_code: CountryCode,
    /// Its currency.
    pub currency_code: CurrencyCode,
    /// Four rising limits: an amount's level is the number of limits that it exceeds.
    pub approval_limits: Vec<Decimal>,
    /// The version of its segregation policy.
    pub policy_version: i32,
    /// How it looks.
    pub branding: TenantBranding,
    /// The host names of its branding.
    pub hosts: Vec<String>,
    /// Rises at every write of its settings; for `expectedVersion`.
    pub version: i32,
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
    pub id: ID,
    /// Its code.
    pub code: String,
    /// Its name.
    pub name: String,
    /// What it is in its network.
    pub kind: TenantKind,
    /// Its network.
    pub network_id: Option<ID>,
    /// Its state.
    pub status: TenantStatus,
    /// When it was created.
    pub created_at: DateTime,
    /// What its people and machines may ask for in a minute, in points; null: what the deployment allows.
    pub points_per_minute: Option<i32>,
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
            points_per_minute: t.points_per_minute,
        }
    }
}

connection!(PartnerTenantConnection, PartnerTenantEdge, PartnerTenant);

/// Who asks.
#[derive(SimpleObject)]
pub struct Viewer {
    /// The account in the tenant; null for somebody of a partner or of the platform.
    pub member_id: Option<ID>,
    /// The tenant; null for somebody of a partner or of the platform.
    pub tenant_id: Option<ID>,
    /// The partner, for its people.
    pub partner_id: Option<ID>,
    /// What the viewer is called.
    pub display_name: String,
    /// Roles in force, by name.
    pub roles: Vec<String>,
    /// The locations that the viewer is limited to; null: everywhere.
    pub location_ids: Option<Vec<ID>>,
}
