//! What happened: one row for each business event is the audit entry and the outbox entry at once.
//!
//! A document's events are a chain: each holds the hash of the one before it, over everything but the relay's column
//! `published_at`. The document's row keeps the end of its chain ([`Trail`]), so that writing an event reads nothing.

use crate::error::{Error, Result};
use crate::op::Op;
use crate::tx::{Flight, params};
use chrono::{DateTime, Utc};
use serde_json::Value;
use sha2::{Digest, Sha256};
use tokio_postgres::Row;
use uuid::Uuid;

/// The end of a document's chain of events, with its version: four columns of every document's row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trail {
    /// Rises at every write (the optimistic version).
    pub version: i32,
    /// The sequence number of the last event.
    pub sequence: i32,
    /// Its hash; empty before the first.
    pub hash: Vec<u8>,
}

impl Trail {
    /// Of a document that does not exist yet.
    #[must_use]
    pub fn new() -> Self {
        Self {
            version: 0,
            sequence: 0,
            hash: Vec::new(),
        }
    }

    /// Reads the columns `version`, `event_sequence`, `event_hash`.
    ///
    /// # Errors
    /// A column is missing.
    pub fn from_row(row: &Row) -> Result<Self> {
        Ok(Self {
            version: row.try_get("version")?,
            sequence: row.try_get("event_sequence")?,
            hash: row.try_get("event_hash")?,
        })
    }

    /// One more write.
    pub fn touch(&mut self) {
        self.version += 1;
    }
}

impl Default for Trail {
    fn default() -> Self {
        Self::new()
    }
}

/// One thing that happened to a document, before it is put into the document's chain.
#[derive(Debug, Clone)]
pub struct Event {
    kind: &'static str,
    document_kind: &'static str,
    document: Uuid,
    data: Value,
    by_system: bool,
    location: Option<Uuid>,
    act: Option<Uuid>,
    classification: &'static str,
}

impl Event {
    /// An event of a document. `data` holds ids, words and figures; never names of people, secrets or bank data.
    pub fn new(kind: &'static str, document_kind: &'static str, document: impl Into<Uuid>, data: Value) -> Self {
        Self {
            kind,
            document_kind,
            document: document.into(),
            data,
            by_system: false,
            location: None,
            act: None,
            classification: "INTERNAL",
        }
    }

    /// A system act (6.10): done by a published rule; whoever caused it stays on it as the invoker.
    #[must_use]
    pub fn by_system(mut self) -> Self {
        self.by_system = true;
        self
    }

    /// The place it happened at: members limited to other locations do not see it.
    #[must_use]
    pub fn at_location(mut self, location: Uuid) -> Self {
        self.location = Some(location);
        self
    }

    /// What kind of document it is about.
    pub(crate) fn document_kind(&self) -> &'static str {
        self.document_kind
    }

    /// The act it belongs to.
    #[must_use]
    pub fn of_act(mut self, act: Uuid) -> Self {
        self.act = Some(act);
        self
    }
}

/// A row of the event table, in the form that its hash covers.
#[derive(Debug, Clone)]
pub struct Entry {
    /// UUIDv7, in the order of recording.
    pub id: Uuid,
    /// Type, in kebab case.
    pub kind: String,
    /// Kind of the document.
    pub document_kind: String,
    /// The document.
    pub document: Uuid,
    /// The document's version after what happened.
    pub document_version: i32,
    /// 1, 2, 3 … within the document.
    pub sequence: i32,
    /// The transaction's time.
    pub at: DateTime<Utc>,
    /// The act it belongs to.
    pub act: Uuid,
    /// The account that acted; none for a system act.
    pub account: Option<Uuid>,
    /// The person of the account.
    pub person: Option<Uuid>,
    /// A machine's sponsor, or a system act's invoker.
    pub on_behalf_of: Option<Uuid>,
    /// The request.
    pub request: Uuid,
    /// The event that caused a system act.
    pub causation: Option<Uuid>,
    /// The place it happened at.
    pub location: Option<Uuid>,
    /// JSON text, byte for byte.
    pub data: String,
    /// Hash of the document's event before it.
    pub previous_hash: Vec<u8>,
}

impl Entry {
    /// SHA-256 over every column but `published_at`, each part behind its length.
    #[must_use]
    pub fn hash(&self) -> Vec<u8> {
        let mut h = Sha256::new();
        let mut part = |bytes: &[u8]| {
            h.update((bytes.len() as u64).to_be_bytes());
            h.update(bytes);
        };
        let optional = |id: Option<Uuid>| id.map(|i| i.as_bytes().to_vec()).unwrap_or_default();
        part(&self.previous_hash);
        part(self.id.as_bytes());
        part(self.kind.as_bytes());
        part(self.document_kind.as_bytes());
        part(self.document.as_bytes());
        part(&self.document_version.to_be_bytes());
        part(&self.sequence.to_be_bytes());
        part(&self.at.timestamp_micros().to_be_bytes());
        part(self.act.as_bytes());
        part(&optional(self.account));
        part(&optional(self.person));
        part(&optional(self.on_behalf_of));
        part(self.request.as_bytes());
        part(&optional(self.causation));
        part(&optional(self.location));
        part(self.data.as_bytes());
        h.finalize().to_vec()
    }
}

/// Collects the events of a transaction and writes them with one statement.
#[derive(Debug, Default)]
pub(crate) struct Recorder {
    entries: Vec<(Entry, Vec<u8>, &'static str)>,
    last_by_person: Option<Uuid>,
}

const INSERT: &str = "INSERT INTO qm.event AS e (tenant_id, id, type, type_version, document_kind, document_id, document_version, sequence, at, act_id, \
    account_id, person_id, on_behalf_of, request_id, causation_id, classification, location_id, data, previous_hash, hash) \
    SELECT $1, u.id, u.type, 1, u.document_kind, u.document_id, u.document_version, u.sequence, $2, u.act_id, \
    u.account_id, u.person_id, u.on_behalf_of, $3, u.causation_id, u.classification, u.location_id, u.data::json, u.previous_hash, u.hash \
    FROM unnest($4::uuid[], $5::text[], $6::text[], $7::uuid[], $8::int[], $9::int[], $10::uuid[], $11::uuid[], $12::uuid[], $13::uuid[], $14::uuid[], $15::text[], $16::uuid[], $17::text[], $18::bytea[], $19::bytea[]) \
    u (id, type, document_kind, document_id, document_version, sequence, act_id, account_id, person_id, on_behalf_of, causation_id, classification, location_id, data, previous_hash, hash) \
    RETURNING e.id";

impl Recorder {
    /// Puts an event into its document's chain.
    pub(crate) fn push(&mut self, event: Event, trail: &mut Trail, op: &Op, now: DateTime<Utc>) -> Uuid {
        trail.sequence += 1;
        let system = event.by_system;
        let entry = Entry {
            id: Uuid::now_v7(),
            kind: event.kind.to_owned(),
            document_kind: event.document_kind.to_owned(),
            document: event.document,
            document_version: trail.version,
            sequence: trail.sequence,
            // What the database keeps is microseconds; the hash must not know more.
            at: DateTime::from_timestamp_micros(now.timestamp_micros()).unwrap_or(now),
            act: event.act.unwrap_or(op.request_id),
            account: Some(op.account).filter(|a| !system && !a.is_nil()),
            person: if system { None } else { op.person },
            on_behalf_of: if system { op.person.or(op.sponsor) } else { op.sponsor },
            request: op.request_id,
            causation: if system { self.last_by_person } else { None },
            location: event.location,
            data: event.data.to_string(),
            previous_hash: std::mem::take(&mut trail.hash),
        };
        let id = entry.id;
        if !system {
            self.last_by_person = Some(id);
        }
        let hash = entry.hash();
        trail.hash.clone_from(&hash);
        self.entries.push((entry, hash, event.classification));
        id
    }

    /// Adds the one statement that writes all events of the transaction.
    pub(crate) fn write(&mut self, flight: &mut Flight, op: &Op, now: DateTime<Utc>) -> Result<()> {
        let entries = std::mem::take(&mut self.entries);
        if entries.is_empty() {
            return Ok(());
        }
        let count = u64::try_from(entries.len()).map_err(Error::internal)?;
        macro_rules! column {
            ($f:expr) => {
                entries.iter().map($f).collect::<Vec<_>>()
            };
        }
        flight.exec(
            INSERT,
            params![
                op.tenant.0,
                now,
                op.request_id,
                column!(|(e, _, _)| e.id),
                column!(|(e, _, _)| e.kind.clone()),
                column!(|(e, _, _)| e.document_kind.clone()),
                column!(|(e, _, _)| e.document),
                column!(|(e, _, _)| e.document_version),
                column!(|(e, _, _)| e.sequence),
                column!(|(e, _, _)| e.act),
                column!(|(e, _, _)| e.account),
                column!(|(e, _, _)| e.person),
                column!(|(e, _, _)| e.on_behalf_of),
                column!(|(e, _, _)| e.causation),
                column!(|(_, _, c)| *c),
                column!(|(e, _, _)| e.location),
                column!(|(e, _, _)| e.data.clone()),
                column!(|(e, _, _)| e.previous_hash.clone()),
                column!(|(_, h, _)| h.clone()),
            ],
            count,
        );
        Ok(())
    }
}
