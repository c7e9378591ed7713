//! Reading what happened: the audit log of a tenant, and the proof that nobody changed it.

use crate::act::may;
use crate::error::Result;
use crate::event::Entry;
use crate::id::TenantId;
use crate::listing::{Listing, Order, Page, Window};
use crate::op::{AccountKind, Op};
use crate::policy::Duty;
use crate::recorded_kind::RecordedKind;
use crate::tx::{Flight, TenantTx, Tenants, params};
use chrono::{DateTime, Utc};
use sha2::{Digest, Sha256};
use tokio_postgres::{Client, Row};
use uuid::Uuid;

/// Which events are wanted; all conditions together.
#[derive(Debug, Clone, Default)]
pub struct EventFilter {
    /// Of these documents.
    pub documents: Option<Vec<Uuid>>,
    /// Of this document and of all that derives from it.
    pub chain_of: Option<Uuid>,
    /// Of these kinds of documents.
    pub document_kinds: Option<Vec<RecordedKind>>,
    /// Of these types.
    pub types: Option<Vec<String>>,
    /// Done by these accounts.
    pub accounts: Option<Vec<Uuid>>,
    /// At or after.
    pub from: Option<DateTime<Utc>>,
    /// Before.
    pub until: Option<DateTime<Utc>>,
}

/// Newest first.
pub const NEWEST: Order = Order::descending("newest", "t.id", "uuid");

/// Oldest first.
pub const OLDEST: Order = Order::ascending("oldest", "t.id", "uuid");

const COLUMNS: &str = "t.id, t.type, t.document_kind, t.document_id, t.document_version, t.sequence, t.at, t.act_id, t.account_id, t.person_id, \
    t.on_behalf_of, t.request_id, t.causation_id, t.location_id, t.data::text AS data, t.previous_hash, t.hash, \
    (SELECT a.display_name FROM qm.account a WHERE a.tenant_id = t.tenant_id AND a.id = t.account_id) AS actor, \
    (SELECT a.kind FROM qm.account a WHERE a.tenant_id = t.tenant_id AND a.id = t.account_id) AS actor_kind";

/// An event as the audit shows it.
#[derive(Debug, Clone)]
pub struct EventRecord {
    /// The row.
    pub entry: Entry,
    /// Its hash as stored.
    pub hash: Vec<u8>,
    /// What the acting account is called; none for a system act.
    pub actor: Option<String>,
    /// What kind of document it is about.
    pub document_kind: RecordedKind,
    /// What kind of account acted; none for a system act, and for people above the tenant.
    pub actor_kind: Option<AccountKind>,
}

fn listing(op: &Op, filter: &EventFilter) -> Listing {
    let words = |kinds: &Vec<RecordedKind>| kinds.iter().map(|k| k.as_str()).collect::<Vec<_>>();
    let mut list = Listing::new(COLUMNS, "qm.event t", op.tenant.0);
    list.filter_some(
        "(t.location_id IS NULL OR t.location_id = ANY(?))",
        op.locations.as_param().map(<[Uuid]>::to_vec),
    )
    .filter_some("t.document_id = ANY(?)", filter.documents.clone())
    .filter_some(
        "t.document_id = ANY(ARRAY(SELECT ?::uuid UNION ALL SELECT l.document_id FROM qm.authz_link l WHERE l.tenant_id = $1 AND l.ancestor_id = ?))",
        filter.chain_of,
    )
    .filter_some("t.document_kind = ANY(?)", filter.document_kinds.as_ref().map(words))
    .filter_some("t.type = ANY(?)", filter.types.clone())
    .filter_some("t.account_id = ANY(?)", filter.accounts.clone())
    .filter_some("t.at >= ?", filter.from)
    .filter_some("t.at < ?", filter.until);
    list
}

/// A page of the audit log. For holders of AUD.READ.
///
/// # Errors
/// `FORBIDDEN` for everybody else; what the database said.
pub async fn events(
    db: &Tenants,
    op: &Op,
    filter: &EventFilter,
    order: Order,
    window: &Window,
) -> Result<Page<EventRecord>> {
    let mut tx = TenantTx::read(db, op).await?;
    may(&mut tx, Duty::AudRead).await?;
    listing(op, filter).read(&mut tx, order, window, read).await
}

/// How many there are.
///
/// # Errors
/// As [`events`].
pub async fn count_events(db: &Tenants, op: &Op, filter: &EventFilter) -> Result<i64> {
    let mut tx = TenantTx::read(db, op).await?;
    may(&mut tx, Duty::AudRead).await?;
    listing(op, filter).total(&mut tx).await
}

/// How many there are of each type, by type.
///
/// # Errors
/// As [`events`].
pub async fn count_events_by_type(db: &Tenants, op: &Op, filter: &EventFilter) -> Result<Vec<(String, i64)>> {
    let mut tx = TenantTx::read(db, op).await?;
    may(&mut tx, Duty::AudRead).await?;
    let mut flight = Flight::new();
    let counts = listing(op, filter).count_by("t.type", &mut flight);
    let landing = tx.fly(flight).await?;
    let rows = landing.get(counts).iter();
    rows.map(|row| Ok((row.try_get(0)?, row.try_get(1)?))).collect()
}

/// The proof that nobody changed the log.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Integrity {
    /// Events looked at.
    pub events: i64,
    /// Documents whose chains they form.
    pub documents: i64,
    /// Events that do not fit: changed, missing before them, or out of order.
    pub broken: Vec<Uuid>,
}

const CHAIN: &str = "SELECT t.id, t.type, t.document_kind, t.document_id, t.document_version, t.sequence, t.at, t.act_id, t.account_id, t.person_id, \
    t.on_behalf_of, t.request_id, t.causation_id, t.location_id, t.data::text AS data, t.previous_hash, t.hash \
    FROM qm.event t WHERE t.tenant_id = $1 AND (t.document_id, t.sequence) > ($2, $3) ORDER BY t.document_id, t.sequence LIMIT 2000";

/// Walks every document's chain and computes every hash again. For holders of AUD.READ.
///
/// # Errors
/// `FORBIDDEN` for everybody else; what the database said.
pub async fn integrity(db: &Tenants, op: &Op) -> Result<Integrity> {
    let mut tx = TenantTx::read(db, op).await?;
    may(&mut tx, Duty::AudRead).await?;
    let mut walk = Walk::default();
    loop {
        let mut flight = Flight::new();
        let rows = flight.rows(CHAIN, params![op.tenant.0, walk.document, walk.sequence]);
        let landing = tx.fly(flight).await?;
        if !walk.along(landing.get(rows))? {
            return Ok(walk.end().0);
        }
    }
}

/// The same walk by the console, in whatever transaction its connection has, and besides a digest over the last hash of each
/// chain: equal digests are equal histories.
///
/// # Errors
/// What the database said.
pub async fn verify(owner: &Client, tenant: TenantId) -> Result<(Integrity, String)> {
    let mut walk = Walk::default();
    loop {
        let rows = owner.query(CHAIN, &[&tenant.0, &walk.document, &walk.sequence]).await?;
        if !walk.along(&rows)? {
            return Ok(walk.end());
        }
    }
}

/// A walk along the chains of a tenant, in the order of [`CHAIN`].
#[derive(Default)]
struct Walk {
    found: Integrity,
    document: Uuid,
    sequence: i32,
    hash: Vec<u8>,
    heads: Sha256,
}

impl Walk {
    /// A page further; `false` when there was nothing more.
    fn along(&mut self, rows: &[Row]) -> Result<bool> {
        for row in rows {
            let (found, stored): (Entry, Vec<u8>) = (entry(row)?, row.try_get("hash")?);
            if found.document != self.document {
                self.heads.update(&self.hash);
                (self.document, self.sequence) = (found.document, 0);
                self.hash.clear();
                self.found.documents += 1;
            }
            let follows = found.sequence == self.sequence + 1 && found.previous_hash == self.hash;
            if !(follows && found.hash() == stored) {
                self.found.broken.push(found.id);
            }
            (self.sequence, self.hash) = (found.sequence, stored);
            self.found.events += 1;
        }
        Ok(!rows.is_empty())
    }

    fn end(mut self) -> (Integrity, String) {
        self.heads.update(&self.hash);
        (self.found, hex::encode(self.heads.finalize()))
    }
}

fn read(row: &Row) -> Result<EventRecord> {
    let entry = entry(row)?;
    Ok(EventRecord {
        document_kind: RecordedKind::read(&entry.document_kind)?,
        entry,
        hash: row.try_get("hash")?,
        actor: row.try_get("actor")?,
        actor_kind: row.try_get::<_, Option<&str>>("actor_kind")?.map(AccountKind::parse),
    })
}

fn entry(row: &Row) -> Result<Entry> {
    Ok(Entry {
        id: row.try_get("id")?,
        kind: row.try_get("type")?,
        document_kind: row.try_get("document_kind")?,
        document: row.try_get("document_id")?,
        document_version: row.try_get("document_version")?,
        sequence: row.try_get("sequence")?,
        at: row.try_get("at")?,
        act: row.try_get("act_id")?,
        account: row.try_get("account_id")?,
        person: row.try_get("person_id")?,
        on_behalf_of: row.try_get("on_behalf_of")?,
        request: row.try_get("request_id")?,
        causation: row.try_get("causation_id")?,
        location: row.try_get("location_id")?,
        data: row.try_get("data")?,
        previous_hash: row.try_get("previous_hash")?,
    })
}
