//! The database, as the serving role sees it.

use super::ailment::Ailment;
use super::findings::Findings;
use crate::auth::Door;
use crate::clock::Clock;
use crate::config::Config;
use crate::http::health::clock_is_off;
use quartermaster_tenants::checkup::{self, Server};
use quartermaster_tenants::directory::Directory;
use quartermaster_tenants::wire::{self, WireError};
use quartermaster_tenants::{Error, Tenants, tx};

pub(super) async fn look(config: &Config, found: &mut Findings) {
    let url = config.database_app_url.as_str();
    match wire::asked(url).and_then(|asked| asked.tls()) {
        Ok(_) => found.looked(&[Ailment::DatabaseAuthority]),
        Err(e @ WireError::Root(..)) => return found.found(Ailment::DatabaseAuthority, format!("{e}.")),
        // The configuration's own findings say so.
        Err(_) => return,
    }
    let db = match Tenants::new(url, 1) {
        Ok(db) => db,
        Err(e) => return found.found(Ailment::DatabaseUnreachable, e.to_string()),
    };
    let problems = match tx::problems(&db).await {
        Ok(problems) => problems,
        Err(e) => return unreachable(&e, found),
    };
    found.looked(&[
        Ailment::DatabaseTls,
        Ailment::DatabaseUnreachable,
        Ailment::PostgresTooOld,
        Ailment::NotMigrated,
        Ailment::RoleSuperuser,
        Ailment::RoleBypassesRls,
        Ailment::RoleOwnsTables,
    ]);
    for problem in problems {
        let known = Ailment::ALL.iter().find(|a| a.code() == problem.code);
        found.found(known.copied().unwrap_or(Ailment::DatabaseUnreachable), problem.sentence);
    }
    clock(config, &db, found).await;
    match checkup::server(url).await {
        Ok(server) => self::server(config, &server, found),
        Err(e) => found.found(Ailment::DatabaseUnreachable, e.to_string()),
    }
    let issuer = match Directory::new(url, 1).await {
        Ok(directory) => Door::new(config, db, directory).err().map(|e| e.to_string()),
        Err(e) => Some(e.to_string()),
    };
    found.say(Ailment::IssuerKey, issuer);
}

fn unreachable(e: &Error, found: &mut Findings) {
    let sentence = e.to_string();
    let ailment = if sentence.contains("TLS") || sentence.contains("certificate") {
        Ailment::DatabaseTls
    } else {
        Ailment::DatabaseUnreachable
    };
    found.found(ailment, sentence);
}

async fn clock(config: &Config, db: &Tenants, found: &mut Findings) {
    let off = match tx::database_time(db).await {
        Ok(at) => clock_is_off(Clock::ahead_by(config.clock_offset()), at)
            .then(|| format!("The database says {}.", at.to_rfc3339())),
        Err(e) => Some(format!("The database does not say its time: {e}")),
    };
    found.say(Ailment::ClockDiffers, off);
}

fn server(config: &Config, server: &Server, found: &mut Findings) {
    found.say(
        Ailment::Encoding,
        (server.encoding != "UTF8").then(|| format!("The database's encoding is {}.", server.encoding)),
    );
    found.say(
        Ailment::FsyncOff,
        (!server.syncs).then(|| "fsync or full_page_writes is off.".to_owned()),
    );
    found.say(
        Ailment::CommitNotDurable,
        (!server.commits_durably).then(|| "synchronous_commit is off.".to_owned()),
    );
    found.say(
        Ailment::AutovacuumOff,
        (!server.vacuums).then(|| "autovacuum is off.".to_owned()),
    );
    // One more for the relay, while somebody subscribes.
    let wanted = config.database_connections as u64 + u64::from(config.directory_connections) + 1;
    found.say(
        Ailment::PoolTooLarge,
        (wanted > server.connections).then(|| {
            format!(
                "This server may take {wanted} connections; the database has {} for everybody.",
                server.connections
            )
        }),
    );
}
