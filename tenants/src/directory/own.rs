//! What a tenant sees and changes of its own row in the directory: its name and place, its branding, its harmless settings.

use super::Branding;
use crate::act::{Standing, Subject};
use crate::error::{Code, Refusal, Result};
use crate::event::{Event, Trail};
use crate::id::TenantId;
use crate::input::{Refusals, locale, required_text, time_zone};
use crate::op::Op;
use crate::policy::{ControlState, DocumentKind, Duty, duty};
use crate::settings::Settings;
use crate::tx::{Flight, Outcome, TenantTx, Tenants, params};
use serde_json::json;

/// A tenant, as its members see it.
#[derive(Debug, Clone)]
pub struct OwnTenant {
    /// The tenant.
    pub id: TenantId,
    /// Its code under its partner.
    pub code: String,
    /// Its name.
    pub name: String,
    /// RETAILER, FRANCHISOR, FRANCHISEE.
    pub kind: String,
    /// ACTIVE, SUSPENDED, CLOSED.
    pub status: String,
    /// BCP 47.
    pub locale: String,
    /// IANA.
    pub time_zone: String,
    /// ISO 3166-1.
    pub country: String,
    /// Rises at every write of its settings.
    pub version: i32,
    /// What two people decided.
    pub settings: Settings,
    /// The version of its segregation policy.
    pub policy_version: i32,
    /// How it looks.
    pub branding: Branding,
    /// The host names of its branding.
    pub hosts: Vec<String>,
}

/// Changes of a tenant's harmless settings; what is not given stays.
#[derive(Debug, Clone, Default)]
pub struct TenantChange {
    /// BCP 47.
    pub locale: Option<String>,
    /// IANA.
    pub time_zone: Option<String>,
    /// How it looks.
    pub branding: Option<Branding>,
    /// All host names of its branding.
    pub hosts: Option<Vec<String>>,
}

const OWN: &str = "SELECT t.code, t.name AS tenant_name, t.kind, s.status, t.locale, t.time_zone, t.country, s.version, s.settings, s.policy_version, \
    coalesce(b.name, t.name) AS name, b.primary_colour, b.secondary_colour, b.logo_url, b.support_email, b.support_phone, b.support_url, \
    ARRAY(SELECT h.host FROM qm.host h WHERE h.branding_id = t.id ORDER BY h.host) AS hosts \
    FROM qm.tenant t JOIN qm.tenant_setting s ON s.tenant_id = t.id AND s.id = t.id LEFT JOIN qm.branding b ON b.id = t.id WHERE t.id = $1";
const LOCK: &str =
    "SELECT version, event_sequence, event_hash FROM qm.tenant_setting WHERE tenant_id = $1 AND id = $1 FOR UPDATE";
const ZONE: &str = "SELECT 1 AS one FROM pg_catalog.pg_timezone_names z WHERE z.name = $1 LIMIT 1";
const PLACE: &str = "UPDATE qm.tenant SET locale = coalesce($2, locale), time_zone = coalesce($3, time_zone), version = version + 1, updated_at = $4 WHERE id = $1";
const TRAIL: &str = "UPDATE qm.tenant_setting SET version = $2, event_sequence = $3, event_hash = $4, updated_at = $5 WHERE tenant_id = $1 AND id = $1";
const LOOK: &str = "UPDATE qm.branding SET name = $2, primary_colour = $3, secondary_colour = $4, logo_url = $5, support_email = $6, support_phone = $7, support_url = $8, \
    version = version + 1, updated_at = $9 WHERE id = $1";
const NO_HOSTS: &str = "DELETE FROM qm.host WHERE branding_id = $1 AND host <> ALL($2)";
const HOSTS: &str = "INSERT INTO qm.host (host, branding_id) SELECT u.host, $1 FROM unnest($2::text[]) u (host) WHERE NOT EXISTS (SELECT 1 FROM qm.host h WHERE h.branding_id = $1 AND h.host = u.host)";

/// The tenant of the caller.
///
/// # Errors
/// What the database said.
pub async fn own(db: &Tenants, op: &Op) -> Result<OwnTenant> {
    let mut tx = TenantTx::read(db, op).await?;
    let mut reads = Flight::new();
    let row = reads.rows(OWN, params![op.tenant.0]);
    let landing = tx.fly(reads).await?;
    let r = landing.one(row)?;
    Ok(OwnTenant {
        id: op.tenant,
        code: r.try_get("code")?,
        name: r.try_get("tenant_name")?,
        kind: r.try_get("kind")?,
        status: r.try_get("status")?,
        locale: r.try_get("locale")?,
        time_zone: r.try_get("time_zone")?,
        country: r.try_get("country")?,
        version: r.try_get("version")?,
        settings: serde_json::from_value(r.try_get("settings")?).map_err(crate::Error::internal)?,
        policy_version: r.try_get("policy_version")?,
        branding: Branding {
            name: r.try_get("name")?,
            primary_colour: r.try_get("primary_colour")?,
            secondary_colour: r.try_get("secondary_colour")?,
            logo_url: r.try_get("logo_url")?,
            support_email: r.try_get("support_email")?,
            support_phone: r.try_get("support_phone")?,
            support_url: r.try_get("support_url")?,
        },
        hosts: r.try_get("hosts")?,
    })
}

/// Changes what one administrator may change alone: language, time zone, looks (6.10).
///
/// # Errors
/// Refusals of authority, version and input; a host name that shows another branding.
pub async fn update(db: &Tenants, op: &Op, change: &TenantChange, expected_version: Option<i32>) -> Result<Outcome> {
    let mut tx = TenantTx::begin(db, op).await?;
    let mut reads = Flight::new();
    let row = reads.rows(LOCK, params![op.tenant.0]);
    let zone = reads.rows(ZONE, params![change.time_zone.clone()]);
    let landing = tx.fly(reads).await?;
    let mut trail = Trail::from_row(landing.one(row)?)?;
    let before = trail.version;
    let subject = Subject::new(DocumentKind::TenantSetting, op.tenant);
    let (mut facts, _) = tx.facts(subject, &[Duty::TenConfig], Flight::new()).await?;
    let standing = Standing {
        state: "OPEN".to_owned(),
        control: Some(ControlState::Open),
        permits: true,
        versions: expected_version.map(|expected| (expected, before)),
        ..Standing::default()
    };
    let configured = facts.authorize::<duty::TenConfig>(&standing)?;
    let zone_known = change.time_zone.is_none() || landing.optional(zone).is_some();
    let checked = checked(change, zone_known)?;

    trail.touch();
    let data = json!({ "locale": checked.locale, "timeZone": checked.time_zone, "branding": checked.branding, "hosts": checked.hosts });
    tx.record(
        Event::new("tenant-updated", "TENANT", op.tenant, data).of_act(configured.act()),
        &mut trail,
    )?;
    let now = tx.now()?;
    let mut writes = Flight::new();
    configured.sign(&tx, op.tenant, before, &mut writes)?;
    let place = params![op.tenant.0, checked.locale, checked.time_zone, now];
    let end = params![op.tenant.0, trail.version, trail.sequence, trail.hash, now];
    writes.exec(PLACE, place, 1).exec(TRAIL, end, 1);
    if let Some(b) = checked.branding {
        let look = params![
            op.tenant.0,
            b.name,
            b.primary_colour,
            b.secondary_colour,
            b.logo_url,
            b.support_email,
            b.support_phone,
            b.support_url,
            now
        ];
        writes.exec(LOOK, look, 1);
    }
    if let Some(hosts) = checked.hosts {
        writes.exec_any(NO_HOSTS, params![op.tenant.0, hosts.clone()]);
        writes.exec_any(HOSTS, params![op.tenant.0, hosts]);
    }
    match tx.commit(writes, Outcome::done(op.tenant, trail.version)).await {
        Err(crate::Error::Contended(what)) if what.contains("host_pkey") => {
            let message = "One of these host names shows the branding of somebody else.";
            Err(Refusal::new(Code::Duplicate, &["hosts"], message).into())
        }
        other => other,
    }
}

fn checked(change: &TenantChange, zone_known: bool) -> Result<TenantChange, Vec<Refusal>> {
    let mut refusals = Refusals::default();
    let mut out = change.clone();
    if let Some(value) = &change.locale {
        refusals.take(locale(&["locale"], value));
    }
    if let Some(value) = &change.time_zone {
        refusals.take(time_zone(&["timeZone"], value));
        if !zone_known {
            let message = "The IANA database has no such time zone.";
            refusals.push(Refusal::new(Code::UnknownCode, &["timeZone"], message));
        }
    }
    if let Some(branding) = &change.branding {
        refusals.take(required_text(&["branding", "name"], &branding.name, 200));
        match branding.checked(&["branding"]) {
            Ok(good) => out.branding = Some(good),
            Err(found) => refusals.0.extend(found),
        }
    }
    if let Some(hosts) = &mut out.hosts {
        for host in hosts.iter_mut() {
            *host = host.trim().to_ascii_lowercase();
        }
        hosts.sort_unstable();
        hosts.dedup();
        if hosts.len() > 20 {
            refusals.push(Refusal::new(
                Code::TooLarge,
                &["hosts"],
                "At most 20 host names are allowed.",
            ));
        }
        if hosts.iter().any(|h| !is_host(h)) {
            refusals.push(Refusal::invalid(
                &["hosts"],
                "A host name has letters, digits, hyphens and dots.",
            ));
        }
    }
    refusals.finish()?;
    Ok(out)
}

/// RFC 1123: labels of letters, digits and inner hyphens.
fn is_host(host: &str) -> bool {
    let label = |l: &str| {
        (1..=63).contains(&l.len())
            && !l.starts_with('-')
            && !l.ends_with('-')
            && l.chars().all(|c| c.is_ascii_alphanumeric() || c == '-')
    };
    host.len() <= 253 && host.split('.').all(label)
}
