//! What stands around the server: the relay's role, the port.

use super::ailment::Ailment;
use super::findings::Findings;
use crate::config::Config;
use quartermaster_tenants::{checkup, feed};
use std::time::Duration;

/// For whoever has the port.
const PATIENCE: Duration = Duration::from_secs(2);

pub(super) async fn look(config: &Config, found: &mut Findings) {
    relay(config, found).await;
    let taken = match tokio::net::TcpListener::bind(config.listen).await {
        Ok(_) => None,
        Err(_) if ours(config).await => None,
        Err(e) => Some(format!("{} cannot be listened on ({e}).", config.listen)),
    };
    found.say(Ailment::PortTaken, taken);
}

async fn relay(config: &Config, found: &mut Findings) {
    let url = config.database_relay_url.as_str();
    if url.is_empty() {
        return found.found(Ailment::RelayUnreachable, "DATABASE_RELAY_URL is missing.");
    }
    if let Err(e) = feed::reachable(url).await {
        return found.found(Ailment::RelayUnreachable, format!("Events cannot be read: {e}"));
    }
    found.looked(&[Ailment::RelayUnreachable]);
    match checkup::sees_more(url).await {
        Ok(tables) => found.say(
            Ailment::RelayUnsafe,
            (!tables.is_empty()).then(|| format!("It may also read {}.", tables.join(", "))),
        ),
        Err(e) => found.found(Ailment::RelayUnreachable, e.to_string()),
    }
}

/// Who listens there may be no HTTP server at all, and never answer.
async fn ours(config: &Config) -> bool {
    let Ok(client) = reqwest::Client::builder().timeout(PATIENCE).no_proxy().build() else {
        return false;
    };
    match client.get(format!("http://{}/healthz", config.listen)).send().await {
        Ok(answer) => answer.text().await.is_ok_and(|t| t == "alive\n"),
        Err(_) => false,
    }
}
