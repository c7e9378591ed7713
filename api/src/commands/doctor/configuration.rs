//! What can be seen without asking anybody.

use super::ailment::Ailment;
use super::findings::Findings;
use crate::config::{Config, ConfigError, Environment};
use quartermaster_tenants::wire::{self, SslMode};

pub(super) fn look(config: &Config, found: &mut Findings) {
    found.looked(&[
        Ailment::Configuration,
        Ailment::DevelopmentIssuer,
        Ailment::LoopbackIssuers,
        Ailment::ClockMoved,
        Ailment::CorsOrigin,
        Ailment::CollectorAddress,
        Ailment::IntrospectionOpen,
        Ailment::DataKeyMissing,
        Ailment::DataKeyUnusable,
        Ailment::DatabaseUrl,
        Ailment::DatabasePlain,
        Ailment::DatabaseUnverified,
    ]);
    if let Err(ConfigError::Refused(sentences)) = config.check() {
        for sentence in sentences {
            found.found(ailment(&sentence), sentence);
        }
    }
    if let Err(ConfigError::Refused(sentences)) = config.master_keys()
        && config.data_key_file.is_some()
    {
        sentences
            .into_iter()
            .for_each(|s| found.found(Ailment::DataKeyUnusable, s));
    }
    if config.environment == Environment::Production {
        if config.introspection() {
            found.found(Ailment::IntrospectionOpen, "introspection is on.");
        }
        if config.graphiql() {
            found.found(Ailment::IntrospectionOpen, "graphiql is on.");
        }
        for (name, url) in config.database_urls() {
            if wire::asked(url).is_ok_and(|asked| asked.mode == SslMode::Require) {
                found.found(
                    Ailment::DatabaseUnverified,
                    format!("{name} is encrypted, with whoever answers (sslmode=require)."),
                );
            }
        }
    }
}

/// Which ailment a refusal of the configuration is: each names its setting.
fn ailment(sentence: &str) -> Ailment {
    let named = [
        ("database_plain", Ailment::DatabasePlain),
        ("development_issuer", Ailment::DevelopmentIssuer),
        ("loopback_issuers", Ailment::LoopbackIssuers),
        ("clock_offset_seconds", Ailment::ClockMoved),
        ("cors_origins", Ailment::CorsOrigin),
        ("otlp_endpoint", Ailment::CollectorAddress),
        ("Production needs data_key", Ailment::DataKeyMissing),
        ("data_key", Ailment::DataKeyUnusable),
        ("DATABASE_", Ailment::DatabaseUrl),
    ];
    named
        .into_iter()
        .find(|(name, _)| sentence.contains(name))
        .map_or(Ailment::Configuration, |(_, ailment)| ailment)
}
