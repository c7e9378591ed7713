//! The audit log: what happened, who did it, on whose behalf, and the proof that nobody changed it.

use super::document_kind::{ActorKind, DocumentKind};
use super::error::coded;
use super::node::{Node, load};
use super::page::{count, window};
use super::related::MaybeRelated;
use super::scalar::DateTime;
use super::session;
use crate::connection;
use async_graphql::{ComplexObject, Context, Enum, ID, InputObject, Json, Object, Result, SimpleObject};
use quartermaster_domain::evidence;
use quartermaster_tenants::audit::{self, EventFilter, EventRecord, NEWEST, OLDEST};
use quartermaster_tenants::id::{AnyId, EventId, MemberId, encode};
use std::sync::Arc;

/// Something that happened to a document: the audit entry, and what subscribers are sent.
#[derive(SimpleObject, Clone)]
#[graphql(name = "Event", complex)]
pub struct AuditEvent {
    /// Opaque; begins with `evt_`.
    pub id: ID,
    /// In kebab case, such as `purchase-order-approved`.
    r#type: String,
    /// The kind of the document.
    document_kind: DocumentKind,
    /// The document's id.
    document_id: ID,
    /// Its version after what happened.
    document_version: i32,
    /// 1, 2, 3 … within the document.
    sequence: i32,
    /// When, by the database's clock.
    at: DateTime,
    /// The act it belongs to.
    act_id: ID,
    /// Who acted; none for a system act.
    actor: MaybeRelated<MemberId>,
    /// The actor's id.
    actor_id: Option<ID>,
    /// What people call it.
    #[graphql(deprecation = "Use `actor { displayName }`. Deprecated on 2026-11-26, withdrawn on 2027-11-30.")]
    actor_display: Option<String>,
    /// What kind of somebody it is.
    actor_kind: ActorKind,
    /// The person behind a machine or a system act.
    on_behalf_of: Option<ID>,
    /// The event that caused a system act.
    causation_id: Option<ID>,
    /// The request it came with.
    correlation_id: ID,
    /// Ids, words and figures.
    data: Json<serde_json::Value>,
    /// SHA-256, in hexadecimal, over everything above and the hash before it.
    hash: String,
}

impl From<EventRecord> for AuditEvent {
    fn from(r: EventRecord) -> Self {
        let e = r.entry;
        Self {
            id: ID(EventId(e.id).to_string()),
            r#type: e.kind,
            document_id: ID(encode(r.document_kind.prefix(), e.document)),
            document_kind: r.document_kind.into(),
            document_version: e.document_version,
            sequence: e.sequence,
            at: DateTime(e.at),
            act_id: ID(encode("act", e.act)),
            actor: MaybeRelated(e.account.map(MemberId)),
            actor_id: e.account.map(|a| ID(encode("mem", a))),
            actor_display: r.actor,
            actor_kind: ActorKind::of(r.actor_kind, e.person),
            on_behalf_of: e.on_behalf_of.map(|p| ID(encode("per", p))),
            causation_id: e.causation.map(|c| ID(EventId(c).to_string())),
            correlation_id: ID(e.request.to_string()),
            data: Json(serde_json::from_str(&e.data).unwrap_or_default()),
            hash: r.hash.iter().map(|b| format!("{b:02x}")).collect(),
        }
    }
}

#[ComplexObject]
impl AuditEvent {
    /// The document as it is now; null when you may not see it.
    async fn document(&self, ctx: &Context<'_>) -> Result<Option<Node>> {
        load(ctx, &self.document_id).await
    }
}

connection!(EventConnection, EventEdge, AuditEvent);

/// The proof that nobody changed the log.
#[derive(SimpleObject)]
#[graphql(complex)]
pub struct AuditIntegrity {
    /// Events looked at.
    event_count: i64,
    /// Documents whose chains they form.
    document_count: i64,
    /// Events that do not fit: changed, missing before them, or out of order. Empty when all is well.
    broken: Vec<ID>,
}

#[ComplexObject]
impl AuditIntegrity {
    /// Documents whose state says that somebody agreed, while no hand of another person than their makers did; the first 100.
    /// Empty when all is well.
    async fn unexplained(&self, ctx: &Context<'_>) -> Result<Vec<ID>> {
        let s = session(ctx)?;
        let found = s.read(evidence::unexplained(&s.db, &s.op).await)?;
        Ok(found.iter().map(|id| ID(id.to_string())).collect())
    }
}

/// How often something happened.
#[derive(SimpleObject)]
pub struct EventCount {
    /// In kebab case, such as `purchase-order-approved`.
    r#type: String,
    /// How many events of the type there are.
    count: i64,
}

/// Which events are wanted; all conditions together.
#[derive(InputObject, Default)]
#[graphql(name = "EventFilter")]
pub struct EventFilterInput {
    /// Of these documents, of any type.
    document_ids: Option<Vec<ID>>,
    /// Of this document and of all that derives from it: of an order, its changes, receipts, discrepancies and returns. With the
    /// times and the requests that they came with, this is its whole way.
    chain_of: Option<ID>,
    /// Of these kinds of documents.
    document_kinds: Option<Vec<DocumentKind>>,
    /// Of these types, such as `purchase-order-approved`.
    types: Option<Vec<String>>,
    /// At or after.
    from: Option<DateTime>,
    /// Before.
    until: Option<DateTime>,
}

impl EventFilterInput {
    fn read(self) -> Result<EventFilter> {
        let ids = |ids: Vec<ID>| {
            ids.iter()
                .map(|id| id.parse::<AnyId>().map(|a| a.id))
                .collect::<std::result::Result<Vec<_>, _>>()
        };
        let documents = self.document_ids.map(ids).transpose();
        let bad = |e: <AnyId as std::str::FromStr>::Err| coded("BAD_USER_INPUT", e.to_string());
        let chain_of = self.chain_of.map(|id| id.parse::<AnyId>().map(|a| a.id));
        Ok(EventFilter {
            documents: documents.map_err(bad)?,
            chain_of: chain_of.transpose().map_err(bad)?,
            document_kinds: self.document_kinds.map(|k| k.into_iter().map(Into::into).collect()),
            types: self.types,
            accounts: None,
            from: self.from.map(|t| t.0),
            until: self.until.map(|t| t.0),
        })
    }
}

/// The orders in which events can be listed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum, Default)]
pub enum EventOrder {
    /// Newest first.
    #[default]
    Newest,
    /// Oldest first.
    Oldest,
}

/// Queries of the audit log.
#[derive(Default)]
pub struct AuditQuery;

#[Object]
impl AuditQuery {
    /// The audit log, newest first. For holders of AUD.READ.
    #[allow(clippy::too_many_arguments)]
    async fn events(
        &self,
        ctx: &Context<'_>,
        filter: Option<EventFilterInput>,
        #[graphql(default)] order_by: EventOrder,
        first: Option<i32>,
        after: Option<String>,
        last: Option<i32>,
        before: Option<String>,
    ) -> Result<EventConnection> {
        let s = session(ctx)?;
        let order = if order_by == EventOrder::Newest { NEWEST } else { OLDEST };
        let window = window(first, after, last, before, order)?;
        let filter = Arc::new(filter.unwrap_or_default().read()?);
        let page = s.read(audit::events(&s.db, &s.op, &filter, order, &window).await)?;
        let total = count(s, move |db, op| {
            let filter = filter.clone();
            async move { audit::count_events(&db, &op, &filter).await }
        });
        Ok(EventConnection::of(page, total))
    }

    /// How many events of each type there are: what an auditor compares with the documents. For holders of AUD.READ.
    async fn event_counts(&self, ctx: &Context<'_>, filter: Option<EventFilterInput>) -> Result<Vec<EventCount>> {
        let s = session(ctx)?;
        let filter = filter.unwrap_or_default().read()?;
        let found = s.read(audit::count_events_by_type(&s.db, &s.op, &filter).await)?;
        let count = |(r#type, count)| EventCount { r#type, count };
        Ok(found.into_iter().map(count).collect())
    }

    /// Computes every hash of the log again. For holders of AUD.READ.
    async fn audit_integrity(&self, ctx: &Context<'_>) -> Result<AuditIntegrity> {
        let s = session(ctx)?;
        let found = s.read(audit::integrity(&s.db, &s.op).await)?;
        Ok(AuditIntegrity {
            event_count: found.events,
            document_count: found.documents,
            broken: found.broken.into_iter().map(|id| ID(EventId(id).to_string())).collect(),
        })
    }
}
