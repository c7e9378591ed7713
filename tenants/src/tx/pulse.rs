//! Whether the database answers: asked again and again through a connection that nothing else uses, so that the answer says nothing of
//! how busy the pool is.

use super::{Problem, SESSION, health};
use crate::error::Error;
use crate::wire::connect_as;
use chrono::{DateTime, Utc};
use std::time::Duration;
use tokio_postgres::Client;

/// Asks the database whether it is there.
pub struct Pulse {
    url: String,
    within: Duration,
    client: Option<Client>,
}

/// It is there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Beat {
    /// Its clock.
    pub at: DateTime<Utc>,
    /// What keeps a server from serving from it.
    pub problems: Vec<Problem>,
}

/// It is not.
#[derive(Debug, thiserror::Error)]
pub enum Missed {
    /// It cannot be reached, or sends everybody away.
    #[error("the database is not there: {0}")]
    Unreachable(String),
    /// It takes connections and says nothing.
    #[error("the database has said nothing for {0:?}")]
    Silent(Duration),
    /// It is there, but has no connection left for this question.
    #[error("the database has no connection left")]
    Full,
}

/// `too_many_connections`
const NO_CONNECTION_LEFT: &str = "53300";
const CLOCK: &str = "SELECT clock_timestamp()";

impl Pulse {
    /// Of the database of this URL, which is to answer within this time.
    #[must_use]
    pub fn of(app_url: &str, within: Duration) -> Self {
        Self {
            url: app_url.to_owned(),
            within,
            client: None,
        }
    }

    /// Asks once.
    ///
    /// # Errors
    /// [`Missed`]
    pub async fn beat(&mut self) -> Result<Beat, Missed> {
        let within = self.within;
        let beat = tokio::time::timeout(within, self.ask()).await;
        let beat = beat.unwrap_or(Err(Missed::Silent(within)));
        if beat.is_err() {
            self.client = None;
        }
        beat
    }

    async fn ask(&mut self) -> Result<Beat, Missed> {
        // A connection that ended says nothing of the database: only a new one that fails does.
        if let Some(client) = &self.client
            && let Ok(beat) = felt(client).await
        {
            return Ok(beat);
        }
        let client = connect_as("quartermaster", &self.url, SESSION).await.map_err(missed)?;
        let beat = felt(&client).await.map_err(missed)?;
        self.client = Some(client);
        Ok(beat)
    }
}

async fn felt(client: &Client) -> Result<Beat, Error> {
    let problems = health::look(client).await?;
    let at = client.query_one(CLOCK, &[]).await?.try_get(0)?;
    Ok(Beat { at, problems })
}

fn missed(error: Error) -> Missed {
    match error {
        Error::Unavailable(what) if what.starts_with(NO_CONNECTION_LEFT) => Missed::Full,
        other => Missed::Unreachable(other.to_string()),
    }
}
