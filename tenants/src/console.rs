//! A connection as the owner of the schema, which row level security does not bind: for commands at the console, and for nothing
//! that serves.

use crate::error::Result;
use crate::wire::connect_as;
use tokio_postgres::Client;

/// Values are written the same on each machine and in each time zone; and no scan of a whole table, where an index will do.
const SESSION: &str =
    "-c TimeZone=UTC -c DateStyle=ISO -c bytea_output=hex -c IntervalStyle=iso_8601 -c enable_seqscan=off -c jit=off";

/// Connects as the owner. Whatever the connection was doing is taken back when the client is dropped or its process ends.
///
/// # Errors
/// [`crate::Error::Unavailable`]: no address, or nobody there who lets us in.
pub async fn connect(owner_url: &str) -> Result<Client> {
    connect_as("quartermaster console", owner_url, SESSION).await
}
