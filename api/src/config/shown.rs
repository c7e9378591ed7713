//! The configuration as people are shown it: without its secrets.

use super::Config;
use std::fmt::Write as _;

impl Config {
    /// The values as TOML, secrets masked.
    #[must_use]
    pub fn masked(&self) -> String {
        let mut shown = self.clone();
        shown.data_key = shown.data_key.map(|_| "********".to_owned());
        for url in [
            &mut shown.database_app_url,
            &mut shown.database_owner_url,
            &mut shown.database_relay_url,
        ] {
            *url = mask_password(url);
        }
        shown.otlp_endpoint = shown.otlp_endpoint.as_deref().map(mask_password);
        let mut out = String::new();
        let _ = writeln!(out, "{}", toml::to_string_pretty(&shown).unwrap_or_default().trim_end());
        for (name, effective) in [
            ("development_issuer", shown.development_issuer().to_string()),
            ("loopback_issuers", shown.loopback_issuers().to_string()),
            ("graphiql", shown.graphiql().to_string()),
            ("introspection", shown.introspection().to_string()),
            ("log_json", shown.log_json().to_string()),
            ("drain_seconds", shown.drain_seconds().to_string()),
        ] {
            if !out.contains(&format!("\n{name} =")) {
                let _ = writeln!(out, "# {name} = {effective} (by the environment)");
            }
        }
        out
    }
}

/// A database URL, or the `key=value` form of one, without its password.
fn mask_password(text: &str) -> String {
    if let Ok(mut url) = url::Url::parse(text) {
        if url.password().is_some() {
            let _ = url.set_password(Some("********"));
        }
        let pairs: Vec<(String, String)> = url.query_pairs().into_owned().collect();
        if pairs.iter().any(|(k, _)| k == "password") {
            url.query_pairs_mut().clear().extend_pairs(
                pairs
                    .iter()
                    .map(|(k, v)| (k.as_str(), if k == "password" { "********" } else { v.as_str() })),
            );
        }
        return url.into();
    }
    text.split_whitespace()
        .map(|part| {
            if part.starts_with("password=") {
                "password=********"
            } else {
                part
            }
        })
        .collect::<Vec<_>>()
        .join(" ")
}
