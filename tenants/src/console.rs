//! A connection as the owner of the schema, which row level security does not bind: for commands at the console, and for nothing
//! that serves.

use crate::error::{Error, Result};
use chrono::{DateTime, Utc};
use std::time::Duration;
use tokio_postgres::{Client, NoTls};

/// Values are written the same on each machine and in each time zone; and no scan of a whole table, where an index will do.
const SESSION: &str =
    "-c TimeZone=UTC -c DateStyle=ISO -c bytea_output=hex -c IntervalStyle=iso_8601 -c enable_seqscan=off -c jit=off";

const CLOCK: &str = "SELECT clock_timestamp()";

/// What time it is at the database.
///
/// # Errors
/// What the database said.
pub async fn time(owner: &Client) -> Result<DateTime<Utc>> {
    Ok(owner.query_one(CLOCK, &[]).await?.try_get(0)?)
}

/// Connects as the owner. Whatever the connection was doing is taken back when the client is dropped or its process ends.
///
/// # Errors
/// [`Error::Unavailable`]: no address, or nobody there who lets us in.
pub async fn connect(owner_url: &str) -> Result<Client> {
    let unavailable = |e: tokio_postgres::Error| Error::Unavailable(e.to_string());
    let mut config: tokio_postgres::Config = owner_url.parse().map_err(unavailable)?;
    config
        .options(SESSION)
        .application_name("quartermaster console")
        .connect_timeout(Duration::from_secs(5));
    let (client, connection) = config.connect(NoTls).await.map_err(unavailable)?;
    tokio::spawn(async move {
        if let Err(error) = connection.await {
            tracing::warn!(%error, "the console's connection ended");
        }
    });
    Ok(client)
}
