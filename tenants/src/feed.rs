//! What happened just now, over all tenants: read by the relay's role, which sees events and nothing else. It says that
//! something changed, not what it looks like: whoever is told reads the document as themselves.

use crate::error::Result;
use crate::wire::connect;
use chrono::{DateTime, TimeDelta, Utc};
use std::collections::BTreeSet;
use tokio_postgres::{Client, Row};
use uuid::Uuid;

/// An event, without its content.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Happened {
    /// Its id, by time.
    pub id: Uuid,
    /// Whose it is.
    pub tenant: Uuid,
    /// What happened, such as `purchase-order-approved`.
    pub kind: String,
    /// What kind of document it happened to, such as `PURCHASE_ORDER`.
    pub document_kind: String,
    /// Which document.
    pub document: Uuid,
    /// The document's version since.
    pub version: i32,
    /// Where, if the document belongs to one location.
    pub location: Option<Uuid>,
    /// The act it belongs to.
    pub act: Uuid,
    /// When.
    pub at: DateTime<Utc>,
}

/// The most events of one statement.
const PAGE: i64 = 5_000;
/// Ids are made before the commit, by clocks of several machines: each look goes back this far for what was under way at the
/// last one.
const OVERLAP: TimeDelta = TimeDelta::seconds(2);
/// How far a deep look goes back: longer than [`crate::tx::LONGEST_RECORDED`], after which nothing that was recorded can be
/// committed, with room for the commit itself and for clocks that differ.
const DEPTH: TimeDelta = TimeDelta::seconds(90);
/// One look in so many is a deep one.
const DEEP_EVERY: u32 = 8;

const NEWEST: &str = "SELECT id FROM qm.event WHERE published_at IS NULL ORDER BY id DESC LIMIT 1";
const SINCE: &str = "SELECT id FROM qm.event WHERE published_at IS NULL AND id > $1 ORDER BY id LIMIT $2";
const THESE: &str = "SELECT id, tenant_id, type, document_kind, document_id, document_version, location_id, act_id, at FROM qm.event \
    WHERE published_at IS NULL AND id = ANY($1) ORDER BY id";
const FORGET: [&str; 2] = [
    "SELECT qm.forget_idempotency(clock_timestamp() - interval '25 hours', $1)",
    "SELECT qm.forget_partner_idempotency(clock_timestamp() - interval '25 hours', $1)",
];

/// Reads the events of all tenants, each once, also those that were committed long after their ids were made.
pub struct Feed {
    client: Client,
    newest: Uuid,
    seen: BTreeSet<Uuid>,
    looks: u32,
}

impl Feed {
    /// A feed that begins now, through the relay's role.
    ///
    /// # Errors
    /// No connection.
    pub async fn open(relay_url: &str) -> Result<Self> {
        let client = connect(relay_url).await?;
        let newest = client.query_opt(NEWEST, &[]).await?;
        let newest = newest.map(|r| r.try_get(0)).transpose()?.unwrap_or(Uuid::nil());
        let mut feed = Self {
            client,
            newest,
            seen: BTreeSet::new(),
            looks: 0,
        };
        let (ids, newest) = feed.unseen(DEPTH).await?;
        feed.told(ids, newest);
        Ok(feed)
    }

    /// Goes on through a new connection where the old one ended: what was committed meanwhile is told with the next looks.
    ///
    /// # Errors
    /// No connection.
    pub async fn reconnect(&mut self, relay_url: &str) -> Result<()> {
        self.client = connect(relay_url).await?;
        // What was under way when the connection ended may have older ids than the last look goes back for.
        self.looks = DEEP_EVERY - 1;
        Ok(())
    }

    /// What was committed since the last look.
    ///
    /// # Errors
    /// The connection is gone: [`Self::reconnect`].
    pub async fn look(&mut self) -> Result<Vec<Happened>> {
        self.looks = self.looks.wrapping_add(1);
        let deep = self.looks.is_multiple_of(DEEP_EVERY);
        let (ids, newest) = self.unseen(if deep { DEPTH } else { OVERLAP }).await?;
        let mut out = Vec::with_capacity(ids.len());
        for page in ids.chunks(PAGE as usize) {
            for row in self.client.query(THESE, &[&page]).await? {
                out.push(read(&row)?);
            }
        }
        self.told(ids, newest);
        Ok(out)
    }

    /// Only what was read to its end is behind us: whatever breaks before that is read again.
    fn told(&mut self, ids: Vec<Uuid>, newest: Uuid) {
        self.newest = newest;
        self.seen.extend(ids);
        self.seen = self.seen.split_off(&earlier(newest, DEPTH));
    }

    /// The ids of the events of this long ago and later that were not there before, and the newest of all.
    async fn unseen(&self, back: TimeDelta) -> Result<(Vec<Uuid>, Uuid)> {
        let (mut from, mut newest, mut out) = (earlier(self.newest, back), self.newest, Vec::new());
        loop {
            let rows = self.client.query(SINCE, &[&from, &PAGE]).await?;
            for row in &rows {
                let id: Uuid = row.try_get(0)?;
                from = id;
                if !self.seen.contains(&id) {
                    out.push(id);
                }
            }
            // A machine whose clock is ahead must not hide what the others write.
            newest = newest.max(from.min(Uuid::now_v7()));
            if (rows.len() as i64) < PAGE {
                return Ok((out, newest));
            }
        }
    }
}

fn read(row: &Row) -> Result<Happened> {
    Ok(Happened {
        id: row.try_get(0)?,
        tenant: row.try_get(1)?,
        kind: row.try_get(2)?,
        document_kind: row.try_get(3)?,
        document: row.try_get(4)?,
        version: row.try_get(5)?,
        location: row.try_get(6)?,
        act: row.try_get(7)?,
        at: row.try_get(8)?,
    })
}

/// The least UUIDv7 that is this much older: its first 48 bits are milliseconds (RFC 9562 section 5.7).
fn earlier(id: Uuid, by: TimeDelta) -> Uuid {
    let millis = (id.as_u128() >> 80).saturating_sub(u128::try_from(by.num_milliseconds()).unwrap_or(0));
    Uuid::from_u128(millis << 80)
}

/// Forgets up to `most` idempotency keys that are older than 25 hours, and says how many those were.
///
/// # Errors
/// No connection.
pub async fn forget_keys(relay_url: &str, most: i32) -> Result<i64> {
    let client = connect(relay_url).await?;
    let mut forgotten = 0;
    for forget in FORGET {
        forgotten += client.query_one(forget, &[&most]).await?.try_get::<_, i64>(0)?;
    }
    Ok(forgotten)
}

/// Can the relay's role read events, and nothing that it should not?
///
/// # Errors
/// No connection, or no right to read events.
pub async fn reachable(relay_url: &str) -> Result<()> {
    connect(relay_url).await?.query_opt(NEWEST, &[]).await?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::{OVERLAP, earlier};
    use uuid::Uuid;

    #[test]
    fn the_overlap_is_that_many_milliseconds_of_the_id() {
        let id: Uuid = "01890a5d-ac96-774b-bcce-b302099a8057".parse().unwrap();
        assert_eq!(earlier(id, OVERLAP).to_string(), "01890a5d-a4c6-0000-0000-000000000000");
        assert_eq!(earlier(Uuid::nil(), OVERLAP), Uuid::nil());
    }
}
