//! The node.

use super::line::{BY_NUMBER, ReceiptLineConnection, ReceiptLineCountKey, ReceiptLinesKey};
use crate::connection;
use crate::graphql::discrepancies::{DiscrepanciesKey, Discrepancy};
use crate::graphql::loaders::one;
use crate::graphql::page::{counted, window};
use crate::graphql::preview::CanKey;
use crate::graphql::purchasing::PurchaseOrder;
use crate::graphql::related::Related;
use crate::graphql::scalar::{Date, DateTime};
use crate::loads;
use async_graphql::{ComplexObject, Context, Enum, ID, Result, SimpleObject};
use quartermaster_domain::receiving;
use quartermaster_domain::receiving::queries::{self, ReceiptRecord};
use quartermaster_domain::shared::{Cursor, LocationId, MemberId, Page, PurchaseOrderId, ReceiptId, SupplierId};
use std::sync::Arc;

/// The states of a receipt.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "receiving::ReceiptStatus")]
pub enum ReceiptStatus {
    /// The goods are being counted.
    Open,
    /// Taken into stock; what came differs from what was ordered, and somebody is to decide.
    Discrepant,
    /// Taken into stock, nothing left to decide.
    Accepted,
    /// Taken back.
    Reversed,
    /// Given up before anything was taken into stock.
    Cancelled,
}

/// Goods that came (UBL ReceiptAdvice).
#[derive(SimpleObject, Clone)]
#[graphql(complex)]
pub struct Receipt {
    /// Opaque; begins with `rcp_`.
    pub id: ID,
    /// The tenant's own number.
    number: String,
    /// Its state.
    status: ReceiptStatus,
    /// The row's version, for `expectedVersion`.
    version: i32,
    /// Who delivered.
    supplier: Related<SupplierId>,
    /// The supplier's id.
    supplier_id: ID,
    /// Where.
    location: Related<LocationId>,
    /// The location's id.
    location_id: ID,
    /// Who opened it.
    receiver: Related<MemberId>,
    /// The receiver's id.
    receiver_id: ID,
    /// The receiver does not see what was ordered while it is open.
    blind: bool,
    /// Business date.
    received_on: Date,
    /// The number on the supplier's paper.
    delivery_note: Option<String>,
    /// Why it was cancelled or reversed.
    reason: Option<String>,
    /// When it was opened.
    created_at: DateTime,
    /// When it was last written.
    updated_at: DateTime,
    /// What you could do to it now, and why not.
    viewer_can: Related<CanKey<ReceiptRecord>>,
    #[graphql(skip)]
    record: Arc<ReceiptRecord>,
}

impl From<ReceiptRecord> for Receipt {
    fn from(r: ReceiptRecord) -> Self {
        let r = Arc::new(r);
        Self {
            id: ID(ReceiptId(r.id).to_string()),
            number: r.number.clone(),
            status: r.status.into(),
            version: r.version,
            supplier_id: ID(SupplierId(r.supplier).to_string()),
            supplier: Related(SupplierId(r.supplier)),
            location_id: ID(LocationId(r.location).to_string()),
            location: Related(LocationId(r.location)),
            receiver_id: ID(MemberId(r.receiver).to_string()),
            receiver: Related(MemberId(r.receiver)),
            blind: r.blind,
            received_on: Date(r.received_on),
            delivery_note: r.delivery_note.clone(),
            reason: r.reason.clone(),
            created_at: DateTime(r.created_at),
            updated_at: DateTime(r.updated_at),
            viewer_can: Related(CanKey(r.clone())),
            record: r,
        }
    }
}

#[ComplexObject]
impl Receipt {
    /// The orders that it is against: at most 50.
    async fn purchase_orders(&self, ctx: &Context<'_>) -> Result<Vec<PurchaseOrder>> {
        let orders = self.record.orders.iter().map(|o| one(ctx, PurchaseOrderId(*o)));
        let found = futures::future::try_join_all(orders).await?;
        Ok(found.into_iter().flatten().collect())
    }

    /// What differs from the orders.
    async fn discrepancies(&self, ctx: &Context<'_>) -> Result<Vec<Discrepancy>> {
        Ok(one(ctx, DiscrepanciesKey(self.record.id)).await?.unwrap_or_default())
    }

    /// Its lines, by line number.
    async fn lines(
        &self,
        ctx: &Context<'_>,
        first: Option<i32>,
        after: Option<String>,
        last: Option<i32>,
        before: Option<String>,
    ) -> Result<ReceiptLineConnection> {
        let w = window(first, after, last, before, BY_NUMBER)?;
        let bound = |c: &Option<Cursor>, none| c.as_ref().map_or(none, |c| c.value.parse().unwrap_or(none));
        let key = ReceiptLinesKey {
            receipt: self.record.id,
            after: bound(&w.after, i32::MIN),
            before: bound(&w.before, i32::MAX),
            limit: w.limit + 1,
            from_back: w.from_back,
        };
        let mut lines = one(ctx, key).await?.unwrap_or_default();
        let more = lines.len() as i64 > w.limit;
        if more {
            let extra = if w.from_back { 0 } else { lines.len() - 1 };
            lines.remove(extra);
        }
        let (has_next, has_previous) = if w.from_back {
            (w.before.is_some(), more)
        } else {
            (more, w.after.is_some())
        };
        let rows = lines
            .into_iter()
            .map(|l| {
                let cursor = Cursor {
                    tag: BY_NUMBER.tag,
                    value: l.number.to_string().into(),
                    id: l.receipt,
                };
                (l, cursor)
            })
            .collect();
        let total = counted(ctx, ReceiptLineCountKey(self.record.id))?;
        let page = Page {
            rows,
            has_next,
            has_previous,
        };
        Ok(ReceiptLineConnection::of(page, total))
    }
}

connection!(ReceiptConnection, ReceiptEdge, Receipt);

loads!(ReceiptId => Receipt, queries::receipts_by_ids);
