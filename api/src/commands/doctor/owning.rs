//! The database, as its owner sees it.

use super::ailment::Ailment;
use super::findings::Findings;
use crate::config::Config;
use quartermaster_domain::sealing;
use quartermaster_tenants::checkup;
use quartermaster_tenants::identity::token::{HttpConfig, KeyProbe};
use quartermaster_tenants::wire;

pub(super) async fn look(config: &Config, found: &mut Findings) {
    let url = config.database_owner_url.as_str();
    if url.is_empty() {
        return found.found(Ailment::OwnerUnreachable, "DATABASE_OWNER_URL is missing.");
    }
    let catalogue = match checkup::catalogue(url).await {
        Ok(catalogue) => catalogue,
        Err(e) => return found.found(Ailment::OwnerUnreachable, e.to_string()),
    };
    found.looked(&[Ailment::OwnerUnreachable]);
    if !schema(url, found).await {
        return;
    }
    let named = |tables: &[String], what: &str| (!tables.is_empty()).then(|| format!("{what}: {}.", tables.join(", ")));
    found.say(
        Ailment::RowSecurityMissing,
        named(&catalogue.unsecured, "Without row level security or its policy"),
    );
    found.say(
        Ailment::RightsMissing,
        named(&catalogue.unreadable, "quartermaster_app may not read"),
    );
    found.say(
        Ailment::EvidenceWritable,
        named(&catalogue.writable, "quartermaster_app may change"),
    );
    keys(config, found).await;
    issuers(config, found).await;
    match checkup::keys_left(url).await {
        Ok(left) => found.say(
            Ailment::WorkerIdle,
            left.then(|| {
                "There are idempotency keys of more than 26 hours ago; the worker forgets them after 25.".to_owned()
            }),
        ),
        Err(e) => found.found(Ailment::OwnerUnreachable, e.to_string()),
    }
}

/// How far the schema is. False when nothing that follows can be looked at.
async fn schema(url: &str, found: &mut Findings) -> bool {
    let url = match wire::for_sqlx(url) {
        Ok(url) => url,
        Err(e) => {
            found.found(Ailment::OwnerUnreachable, e.to_string());
            return false;
        }
    };
    let steps = match quartermaster_migrations::applied(&url).await {
        Ok(steps) => steps,
        Err(e) => {
            found.found(Ailment::OwnerUnreachable, e.to_string());
            return false;
        }
    };
    found.say(
        Ailment::SchemaAhead,
        (!steps.unknown.is_empty()).then(|| format!("Steps of a newer version: {}.", steps.unknown.join(", "))),
    );
    found.say(
        Ailment::SchemaBehind,
        (!steps.missing.is_empty()).then(|| format!("Steps that are not applied: {}.", steps.missing.join(", "))),
    );
    steps.missing.is_empty()
}

async fn keys(config: &Config, found: &mut Findings) {
    let (Ok(Ok(ring)), Ok(in_use)) = (
        config.master_keys().map(|keys| keys.ring()),
        sealing::in_use(&config.database_owner_url).await,
    ) else {
        return;
    };
    found.looked(&[Ailment::DataKeyUnknown, Ailment::DataKeyPrevious]);
    for key in in_use {
        let needed = format!(
            "Key {} is needed for {} tenants' keys and {} fields",
            key.key, key.tenant_keys, key.fields
        );
        match ring.find(&key.key) {
            None => found.found(Ailment::DataKeyUnknown, format!("{needed}, and is not configured.")),
            Some(known) if known.id() != ring.current().id() || key.fields > 0 => {
                found.found(Ailment::DataKeyPrevious, format!("{needed}."));
            }
            Some(_) => {}
        }
    }
}

async fn issuers(config: &Config, found: &mut Findings) {
    let Ok(issuers) = checkup::issuers(&config.database_owner_url).await else {
        return;
    };
    found.looked(&[Ailment::IssuerUnreachable]);
    let probe = KeyProbe::new(HttpConfig {
        allow_loopback: config.loopback_issuers(),
        ..HttpConfig::default()
    });
    for (issuer, keys) in issuers {
        if let Err(why) = probe.ask(&issuer, keys.as_deref()).await {
            found.found(Ailment::IssuerUnreachable, format!("{issuer}: {why}."));
        }
    }
}
