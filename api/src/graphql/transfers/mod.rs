//! Transfers between locations.

mod mutation;

pub use mutation::TransferMutation;

use super::adjustments::StockDocumentOrder;
use super::id::{Id, uuids};
use super::loaders::one;
use super::money::{Quantity, quantity};
use super::page::{BY_PLACE, count, part, window};
use super::preview::CanKey;
use super::related::{MaybeRelated, Related};
use super::scalar::{Date, DateTime};
use super::session;
use crate::{connection, loads, payload, previewed, viewer_can};
use async_graphql::{ComplexObject, Context, Enum, ID, InputObject, Object, Result, SimpleObject};
use quartermaster_domain::shared::{ItemId, LocationId, MemberId, TransferId};
use quartermaster_domain::transfers::queries::{
    self, ORDERS, TransferFilter as Filter, TransferLineRecord, TransferRecord,
};
use quartermaster_domain::transfers::{self, TransferCommand};
use std::sync::Arc;
use uuid::Uuid;

/// The states of a transfer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "transfers::TransferStatus")]
pub enum TransferStatus {
    /// Waiting to be approved; only for a moment.
    Requested,
    /// Waits to be picked or shipped.
    Approved,
    /// Its stock is promised at the sender and being picked.
    Picking,
    /// On its way.
    InTransit,
    /// Something arrived.
    PartiallyReceived,
    /// Everything that was shipped arrived.
    Received,
    /// Not everything that was shipped arrived.
    Discrepant,
    /// Done.
    Closed,
    /// Called off before it was shipped.
    Cancelled,
}

/// Stock that goes from one location to another (X12 943, 944).
#[derive(SimpleObject, Clone)]
#[graphql(complex)]
pub struct Transfer {
    /// Opaque; begins with `trf_`.
    pub id: ID,
    /// The tenant's own number.
    number: String,
    /// Its state.
    status: TransferStatus,
    /// The sender.
    from_location: MaybeRelated<LocationId>,
    /// The sender's id.
    from_location_id: ID,
    /// The receiver.
    to_location: MaybeRelated<LocationId>,
    /// The receiver's id.
    to_location_id: ID,
    /// Who asked for it.
    requester: Related<MemberId>,
    /// When it is wanted.
    expected_on: Option<Date>,
    /// When it left.
    shipped_at: Option<DateTime>,
    /// For people.
    note: Option<String>,
    /// Why it was called off, or how its difference was settled.
    reason: Option<String>,
    /// The row's version, for `expectedVersion`.
    version: i32,
    /// When it was made.
    created_at: DateTime,
    /// When it was last written.
    updated_at: DateTime,
    /// What you could do to it now, and why not.
    viewer_can: Related<CanKey<TransferRecord>>,
    #[graphql(skip)]
    record: Arc<TransferRecord>,
}

impl From<TransferRecord> for Transfer {
    fn from(r: TransferRecord) -> Self {
        let r = Arc::new(r);
        Self {
            id: ID(TransferId(r.id).to_string()),
            number: r.number.clone(),
            status: r.status.into(),
            from_location_id: ID(LocationId(r.from).to_string()),
            from_location: MaybeRelated(Some(LocationId(r.from))),
            to_location_id: ID(LocationId(r.to).to_string()),
            to_location: MaybeRelated(Some(LocationId(r.to))),
            requester: Related(MemberId(r.requester)),
            expected_on: r.expected_on.map(Date),
            shipped_at: r.shipped_at.map(DateTime),
            note: r.note.clone(),
            reason: r.reason.clone(),
            version: r.version,
            created_at: DateTime(r.created_at),
            updated_at: DateTime(r.updated_at),
            viewer_can: Related(CanKey(r.clone())),
            record: r,
        }
    }
}

viewer_can!(
    /// What you could do to a transfer now.
    TransferViewerCan, TransferCommand;
    /// Promise its stock at the sender, and pick it.
    pick = Pick,
    /// Send it.
    ship = Ship,
    /// Take it in.
    receive = Receive,
    /// Settle its difference.
    close = Settle,
    /// Call it off.
    cancel = Cancel,
);
previewed!(TransferRecord, TransferCommand, TransferViewerCan, |r| (
    r.id, r.version
));

#[ComplexObject]
impl Transfer {
    /// Its lines, by line number.
    async fn lines(
        &self,
        ctx: &Context<'_>,
        first: Option<i32>,
        after: Option<String>,
        last: Option<i32>,
        before: Option<String>,
    ) -> Result<TransferLineConnection> {
        let w = window(first, after, last, before, BY_PLACE)?;
        let lines = one(ctx, TransferLinesKey(self.record.id)).await?.unwrap_or_default();
        let lines = lines
            .into_iter()
            .map(|l| TransferLine {
                line_number: l.number,
                item_id: ID(ItemId(l.item).to_string()),
                item: Related(ItemId(l.item)),
                lot: l.lot,
                quantity: quantity(l.quantity, &l.unit),
                reserved_quantity: quantity(l.reserved, &l.unit),
                shipped_quantity: quantity(l.shipped, &l.unit),
                received_quantity: quantity(l.received, &l.unit),
                damaged_quantity: quantity(l.damaged, &l.unit),
                missing_quantity: quantity(l.lost, &l.unit),
            })
            .collect();
        let (page, total) = part(lines, self.record.id, &w);
        Ok(TransferLineConnection::of(page, total))
    }
}

/// A line of a transfer, in base units.
#[derive(SimpleObject, Clone)]
pub struct TransferLine {
    /// Counted from 1.
    line_number: i32,
    /// What.
    item: Related<ItemId>,
    /// The item's id.
    item_id: ID,
    /// Empty for none.
    lot: String,
    /// How much is wanted.
    quantity: Quantity,
    /// How much is promised at the sender and not sent yet.
    reserved_quantity: Quantity,
    /// How much was sent.
    shipped_quantity: Quantity,
    /// How much arrived, damaged or not.
    received_quantity: Quantity,
    /// How much of that was damaged.
    damaged_quantity: Quantity,
    /// How much did not arrive: the difference on record.
    missing_quantity: Quantity,
}

connection!(TransferConnection, TransferEdge, Transfer);
connection!(TransferLineConnection, TransferLineEdge, TransferLine);
payload!(
    /// A transfer after a mutation.
    TransferPayload, transfer: Transfer, TransferId
);

loads!(TransferId => Transfer, queries::transfers_by_ids);

/// Asks for the lines of a transfer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct TransferLinesKey(Uuid);

loads!(TransferLinesKey => Vec<TransferLineRecord>, queries::lines_of);

/// Which transfers are wanted; all conditions together.
#[derive(InputObject, Default)]
pub struct TransferFilter {
    /// One of these ids.
    ids: Option<Vec<Id<TransferId>>>,
    /// One of these states.
    statuses: Option<Vec<TransferStatus>>,
    /// From one of these locations.
    from_location_ids: Option<Vec<Id<LocationId>>>,
    /// To one of these locations.
    to_location_ids: Option<Vec<Id<LocationId>>>,
}

/// Queries about transfers.
#[derive(Default)]
pub struct TransferQuery;

#[Object]
impl TransferQuery {
    /// A transfer by its id.
    async fn transfer(&self, ctx: &Context<'_>, id: Id<TransferId>) -> Result<Option<Transfer>> {
        one(ctx, id.0).await
    }

    /// Transfers, newest first unless asked otherwise.
    #[allow(clippy::too_many_arguments)]
    async fn transfers(
        &self,
        ctx: &Context<'_>,
        filter: Option<TransferFilter>,
        #[graphql(default)] order_by: StockDocumentOrder,
        first: Option<i32>,
        after: Option<String>,
        last: Option<i32>,
        before: Option<String>,
    ) -> Result<TransferConnection> {
        let s = session(ctx)?;
        let order = ORDERS[order_by as usize];
        let window = window(first, after, last, before, order)?;
        let f = filter.unwrap_or_default();
        let filter = Arc::new(Filter {
            ids: uuids(f.ids),
            statuses: f.statuses.map(|s| s.into_iter().map(Into::into).collect()),
            from: uuids(f.from_location_ids),
            to: uuids(f.to_location_ids),
        });
        let page = s.read(queries::transfers(&s.db, &s.op, &filter, order, &window).await)?;
        let total = count(s, move |db, op| {
            let filter = filter.clone();
            async move { queries::count_transfers(&db, &op, &filter).await }
        });
        Ok(TransferConnection::of(page, total))
    }
}
