//! Create a tenant under the partner: all or nothing, and the same again answers the same.
//!
//! The directory's row comes first, as PROVISIONING: it exists for nobody. One transaction inside the tenant then writes all
//! that makes it ready to work and turns the row ACTIVE. Whatever stops in between leaves a row that a repeat completes.

use super::provision::provision;
use super::{Branding, Directory, DirectoryTx, PartnerOp, entities};
use crate::error::{Code, Error, Refusal, Result};
use crate::id::{NetworkId, TenantId};
use crate::input::{Refusals, code, country, locale, optional_text, required_text, time_zone};
use crate::policy::Duty;
use crate::settings::Settings;
use crate::tx::{Outcome, Tenants};
use sea_orm::ActiveValue::Set;
use sea_orm::sea_query::OnConflict;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QuerySelect};
use serde::{Deserialize, Serialize};
use serde_json::json;
use sha2::{Digest, Sha256};
use uuid::Uuid;

/// What a tenant is in its network.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum TenantKind {
    /// A brand of its own.
    Retailer,
    /// Leads a network.
    Franchisor,
    /// Belongs to a network that a franchisor leads.
    Franchisee,
}

impl TenantKind {
    /// The word in the database.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Retailer => "RETAILER",
            Self::Franchisor => "FRANCHISOR",
            Self::Franchisee => "FRANCHISEE",
        }
    }
}

/// What a founder begins with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum FounderRole {
    /// Proposes access, policy, keys.
    SecurityAdmin,
    /// Approves them.
    TenantAdmin,
}

impl FounderRole {
    /// The role.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::SecurityAdmin => "security_admin",
            Self::TenantAdmin => "tenant_admin",
        }
    }
}

/// One of the first administrators.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Founder {
    /// `iss` of the person's tokens.
    pub issuer: String,
    /// `sub` of the person's tokens.
    pub subject: String,
    /// What the person is called.
    pub display_name: String,
    /// For messages.
    pub email: Option<String>,
    /// What the person begins with.
    pub role: FounderRole,
}

/// A first location, if the tenant is to begin with one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FirstLocation {
    /// Unique in the tenant.
    pub code: String,
    /// What people read.
    pub name: String,
    /// `STORE`, `WAREHOUSE` or `DISTRIBUTION_CENTRE`.
    pub kind: String,
}

/// A tenant, as a partner's administrator enters it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NewTenant {
    /// Short; unique under the partner.
    pub code: String,
    /// What people read.
    pub name: String,
    /// What it is in its network.
    pub kind: TenantKind,
    /// Its network, for a franchisor and a franchisee.
    pub network: Option<Uuid>,
    /// BCP 47.
    pub locale: String,
    /// IANA.
    pub time_zone: String,
    /// ISO 3166-1.
    pub country: String,
    /// Currency, limits, tolerances, numbering: later changed by two people of the tenant.
    pub settings: Settings,
    /// At least two security administrators and two other tenant administrators.
    pub founders: Vec<Founder>,
    /// Optional.
    pub location: Option<FirstLocation>,
    /// How it looks; its name alone when not given.
    pub branding: Option<Branding>,
}

/// Most founders: what is more than a handful is added by the tenant itself.
const MOST_FOUNDERS: usize = 20;

/// Creates a tenant with its founders.
///
/// # Errors
/// Refusals of authority and input; `DUPLICATE` for a code that another request used.
pub async fn tenant_create(directory: &Directory, db: &Tenants, op: &PartnerOp, new: &NewTenant) -> Result<Outcome> {
    let new = checked(new)?;
    let digest = Sha256::digest(serde_json::to_vec(&new).map_err(Error::internal)?).to_vec();
    let tx = op.begin(directory, db, Duty::PtnTenantCreate).await?;
    zone_exists(&tx, &new.time_zone).await?;
    let persons = persons(directory, op, &new.founders).await?;
    in_network(&tx, &new).await?;
    let (tenant, made) = claim(&tx, op, &new, digest).await?;
    if made {
        let data = json!({ "code": new.code, "name": new.name, "kind": new.kind.as_str() });
        tx.record(op, "tenant-created", Some(tenant), data).await?;
    }
    tx.finish_first(op).await?;
    let outcome = provision(db, op, tenant, &new, &persons).await?;
    op.remember(directory, outcome).await
}

const ZONE: &str = "SELECT 1 AS one FROM pg_catalog.pg_timezone_names z WHERE z.name = $1 LIMIT 1";

/// Asked before the code is claimed: what was refused claims nothing.
async fn zone_exists(tx: &DirectoryTx, zone: &str) -> Result<()> {
    if tx.rows(ZONE, vec![zone.into()]).await?.is_empty() {
        let message = "The IANA database has no such time zone.";
        return Err(Refusal::new(Code::UnknownCode, &["timeZone"], message).into());
    }
    Ok(())
}

/// The directory's row of this code: made now, or made before by the same request.
#[expect(clippy::disallowed_methods, reason = "inside DirectoryTx, which is of one partner")]
async fn claim(tx: &DirectoryTx, op: &PartnerOp, new: &NewTenant, digest: Vec<u8>) -> Result<(TenantId, bool)> {
    use entities::tenant::{ActiveModel, Column, Entity};
    let row = ActiveModel {
        id: Set(TenantId::fresh().0),
        partner_id: Set(op.partner.0),
        network_id: Set(new.network),
        code: Set(new.code.clone()),
        name: Set(new.name.clone()),
        kind: Set(new.kind.as_str().to_owned()),
        status: Set("PROVISIONING".to_owned()),
        currency: Set(new.settings.currency.clone()),
        locale: Set(new.locale.clone()),
        time_zone: Set(new.time_zone.clone()),
        country: Set(new.country.clone()),
        version: Set(1),
        created_at: Set(tx.now()),
        updated_at: Set(tx.now()),
        request_digest: Set(digest.clone()),
        points_per_minute: Set(None),
    };
    let made = Entity::insert(row)
        .on_conflict(
            OnConflict::columns([Column::PartnerId, Column::Code])
                .do_nothing()
                .to_owned(),
        )
        .exec_without_returning(tx.orm())
        .await?;
    let found = Entity::find()
        .filter(Column::PartnerId.eq(op.partner.0))
        .filter(Column::Code.eq(&new.code))
        .one(tx.orm())
        .await?
        .ok_or_else(|| Error::internal("the tenant was not made"))?;
    if found.request_digest != digest {
        let message = "A tenant with this code exists, made by another request.";
        return Err(Refusal::new(Code::Duplicate, &["code"], message).into());
    }
    Ok((TenantId(found.id), made == 1))
}

/// A franchisor leads its network alone; a franchisee's network has one that leads it. The network's row is locked, so that two
/// cannot begin to lead at once.
#[expect(clippy::disallowed_methods, reason = "inside DirectoryTx, which is of one partner")]
async fn in_network(tx: &DirectoryTx, new: &NewTenant) -> Result<()> {
    let Some(network) = new.network else { return Ok(()) };
    let locked = entities::network::Entity::find_by_id(network)
        .lock_exclusive()
        .one(tx.orm())
        .await?;
    if locked.is_none() {
        return Err(Refusal::not_found(&["networkId"], "network").into());
    }
    use entities::tenant::{Column, Entity};
    let leader = Entity::find()
        .filter(Column::NetworkId.eq(network))
        .filter(Column::Kind.eq("FRANCHISOR"))
        .filter(Column::Status.ne("CLOSED"))
        .one(tx.orm())
        .await?;
    match (new.kind, leader) {
        (TenantKind::Franchisee, None) => {
            let message = "A franchisee belongs to a network that a franchisor leads; this network has none yet.";
            Err(Refusal::invalid(&["networkId"], message).into())
        }
        (TenantKind::Franchisor, Some(leader)) if leader.code != new.code => Err(Refusal::new(
            Code::Duplicate,
            &["networkId"],
            "This network is led by another franchisor.",
        )
        .into()),
        _ => Ok(()),
    }
}

/// The founders' persons, made where a login was never seen.
async fn persons(directory: &Directory, op: &PartnerOp, founders: &[Founder]) -> Result<Vec<Uuid>> {
    let mut found = Vec::with_capacity(founders.len());
    let mut refusals = Refusals::default();
    for (n, founder) in founders.iter().enumerate() {
        let at = |field: &str| crate::input::line_field("founders", n, field);
        let issuer = directory.find_issuer(&founder.issuer).await?;
        let speaks = issuer
            .filter(|i| i.tenant.is_none() && i.partner.is_none_or(|p| p == op.partner.0))
            .map(|i| i.id);
        let Some(issuer) = speaks else {
            let message = "This issuer is not known, or does not speak for people of this tenant.";
            refusals.push(Refusal::invalid(&[], message).under(&at("issuer")));
            continue;
        };
        let person = directory.ensure_person(issuer, &founder.subject).await?;
        if person == op.person {
            let message = "Who creates a tenant is none of its founders.";
            refusals.push(Refusal::invalid(&[], message).under(&at("subject")));
        }
        if found.contains(&person) {
            let message = "Each founder is another person.";
            refusals.push(Refusal::new(Code::Duplicate, &[], message).under(&at("subject")));
        }
        found.push(person);
    }
    refusals.finish()?;
    Ok(found)
}

/// What was entered, trimmed and checked; all that is wrong with it at once.
fn checked(new: &NewTenant) -> Result<NewTenant, Vec<Refusal>> {
    let mut refusals = Refusals(new.settings.problems());
    let mut out = new.clone();
    macro_rules! take {
        ($into:expr, $from:expr) => {
            if let Some(value) = refusals.take($from) {
                $into = value;
            }
        };
    }
    take!(out.code, code(&["code"], &new.code));
    take!(out.name, required_text(&["name"], &new.name, 200));
    take!(out.locale, locale(&["locale"], &new.locale));
    take!(out.time_zone, time_zone(&["timeZone"], &new.time_zone));
    take!(out.country, country(&["countryCode"], &new.country));
    match (new.kind, new.network.map(NetworkId)) {
        (TenantKind::Retailer, Some(_)) => {
            refusals.push(Refusal::invalid(&["networkId"], "A retailer belongs to no network."));
        }
        (TenantKind::Franchisor | TenantKind::Franchisee, None) => {
            let message = "A franchisor and a franchisee belong to a network.";
            refusals.push(Refusal::new(Code::Required, &["networkId"], message));
        }
        _ => {}
    }
    if let Some(location) = &mut out.location {
        take!(location.code, code(&["location", "code"], &location.code));
        take!(location.name, required_text(&["location", "name"], &location.name, 200));
        if !["STORE", "WAREHOUSE", "DISTRIBUTION_CENTRE"].contains(&location.kind.as_str()) {
            refusals.push(Refusal::invalid(
                &["location", "kind"],
                "There is no such kind of location.",
            ));
        }
    }
    if let Some(branding) = &new.branding {
        match branding.checked(&["branding"]) {
            Ok(good) => out.branding = Some(good),
            Err(found) => refusals.0.extend(found),
        }
    }
    founders(&mut out.founders, &mut refusals);
    refusals.finish()?;
    Ok(out)
}

fn founders(founders: &mut [Founder], refusals: &mut Refusals) {
    let count = |role| founders.iter().filter(|f| f.role == role).count();
    if count(FounderRole::SecurityAdmin) < 2 || count(FounderRole::TenantAdmin) < 2 {
        let message = "A tenant begins with at least two security administrators and two other tenant administrators.";
        refusals.push(Refusal::new(Code::Required, &["founders"], message));
    }
    if founders.len() > MOST_FOUNDERS {
        let message = format!("At most {MOST_FOUNDERS} founders are allowed.");
        refusals.push(Refusal::new(Code::TooLarge, &["founders"], message));
    }
    for (n, founder) in founders.iter_mut().enumerate() {
        let n = n.to_string();
        let name = required_text(&["founders", &n, "displayName"], &founder.display_name, 200);
        let email = optional_text(&["founders", &n, "email"], founder.email.as_deref(), 320);
        let subject = required_text(&["founders", &n, "subject"], &founder.subject, 255);
        founder.display_name = refusals.take(name).unwrap_or_default();
        founder.email = refusals.take(email).flatten();
        // A subject is compared byte for byte: it is checked, not trimmed.
        refusals.take(subject);
    }
}
