//! Discrepancies: what came otherwise than it should.

use super::error::coded;
use super::id::{Id, uuids};
use super::loaders::{Batch, LoadError, one};
use super::money::{Money, Quantity, money, quantity};
use super::page::{count, window};
use super::payload::about;
use super::receiving::Receipt;
use super::scalar::{Date, DateTime, Decimal};
use super::session;
use crate::{connection, payload, perform};
use async_graphql::dataloader::Loader;
use async_graphql::{ComplexObject, Context, Enum, ID, InputObject, Object, Result, SimpleObject};
use quartermaster_domain::discrepancies::queries::{self, DiscrepancyRecord, ORDERS};
use quartermaster_domain::discrepancies::{self, NewDiscrepancy};
use quartermaster_domain::shared::{
    DiscrepancyId, ItemId, LocationId, MemberId, PurchaseOrderId, ReceiptId, SupplierId,
};
use std::collections::HashMap;
use std::sync::Arc;
use uuid::Uuid;

/// What differs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "discrepancies::Kind")]
pub enum DiscrepancyKind {
    /// Less came, and no more is expected.
    Short,
    /// More came than was ordered.
    Over,
    /// Goods are broken.
    Damaged,
    /// Another item came.
    WrongItem,
    /// Nobody ordered it.
    Unordered,
    /// Another lot than announced.
    WrongLot,
    /// The goods are not as good as agreed.
    Quality,
    /// They came late.
    Late,
    /// Papers are missing or wrong.
    Paper,
    /// The price is another one.
    Price,
}

/// Where a discrepancy stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "discrepancies::DiscrepancyStatus")]
pub enum DiscrepancyStatus {
    /// Somebody is to decide.
    Open,
    /// Decided.
    Resolved,
}

/// What was decided.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "discrepancies::Resolution")]
pub enum DiscrepancyResolution {
    /// Taken as it is.
    Accept,
    /// The supplier is asked for compensation.
    Claim,
    /// No more is expected of the order line.
    ShortClose,
    /// The goods go back.
    Return,
    /// The receipt was taken back; only the system decides this.
    Reversed,
}

/// What came otherwise than it should, who settles it, and what was decided.
#[derive(SimpleObject, Clone)]
#[graphql(complex)]
pub struct Discrepancy {
    /// Opaque; begins with `dsc_`.
    pub id: ID,
    /// The tenant's own number.
    number: String,
    /// What differs.
    kind: DiscrepancyKind,
    /// Where it stands.
    status: DiscrepancyStatus,
    /// The row's version, for `expectedVersion`.
    version: i32,
    /// The line of the receipt.
    receipt_line_number: Option<i32>,
    /// The order that asked for something else.
    purchase_order_id: Option<ID>,
    /// Its line.
    order_line_number: Option<i32>,
    /// Who delivered.
    supplier_id: ID,
    /// Where.
    location_id: ID,
    /// The item.
    item_id: Option<ID>,
    /// How much differs.
    quantity: Option<Quantity>,
    /// What it is worth, in the tenant's currency.
    amount: Money,
    /// The amount level, 0 to 4, that settling it asks for.
    required_level: i32,
    /// In the words of who raised it.
    reason: Option<String>,
    /// The member who is to settle it: the order's buyer.
    owner_id: ID,
    /// Until when.
    due_on: Date,
    /// What was decided.
    resolution: Option<DiscrepancyResolution>,
    /// Why.
    resolution_note: Option<String>,
    /// When.
    resolved_at: Option<DateTime>,
    /// Found by comparing, not raised by hand.
    found_by_system: bool,
    /// When it was found.
    created_at: DateTime,
    /// When it was last written.
    updated_at: DateTime,
    #[graphql(skip)]
    receipt: Uuid,
}

impl From<DiscrepancyRecord> for Discrepancy {
    fn from(r: DiscrepancyRecord) -> Self {
        let d = r.discrepancy;
        Self {
            id: ID(d.id.to_string()),
            number: r.number,
            kind: d.kind.into(),
            status: d.status.into(),
            version: d.trail.version,
            receipt_line_number: d.receipt_line,
            purchase_order_id: d.order.map(|o| ID(PurchaseOrderId(o.0).to_string())),
            order_line_number: d.order.map(|o| o.1),
            supplier_id: ID(SupplierId(d.supplier).to_string()),
            location_id: ID(LocationId(d.location).to_string()),
            item_id: d.item.map(|i| ID(ItemId(i).to_string())),
            quantity: d.unit.map(|unit| quantity(d.quantity, &unit)),
            amount: money(d.amount, &r.currency),
            required_level: i32::from(r.level.get()),
            reason: d.reason,
            owner_id: ID(MemberId(d.owner).to_string()),
            due_on: Date(d.due_on),
            resolution: d.resolution.map(Into::into),
            resolution_note: d.resolution_note,
            resolved_at: d.resolved_at.map(DateTime),
            found_by_system: d.found_by_system,
            created_at: DateTime(r.created_at),
            updated_at: DateTime(r.updated_at),
            receipt: d.receipt.0,
        }
    }
}

#[ComplexObject]
impl Discrepancy {
    /// The receipt that it was found on.
    async fn receipt(&self, ctx: &Context<'_>) -> Result<Option<Receipt>> {
        one(ctx, ReceiptId(self.receipt)).await
    }
}

connection!(DiscrepancyConnection, DiscrepancyEdge, Discrepancy);
payload!(
    /// A discrepancy after a mutation.
    DiscrepancyPayload, discrepancy: Discrepancy, DiscrepancyId
);

impl Loader<DiscrepancyId> for Batch {
    type Value = Discrepancy;
    type Error = LoadError;
    async fn load(&self, keys: &[DiscrepancyId]) -> Result<HashMap<DiscrepancyId, Discrepancy>, LoadError> {
        let ids: Vec<Uuid> = keys.iter().map(|k| k.0).collect();
        let found = queries::discrepancies_by_ids(&self.session.db, &self.session.op, &ids).await?;
        Ok(found.into_iter().map(|(id, r)| (DiscrepancyId(id), r.into())).collect())
    }
}

/// Asks for the discrepancies of a receipt.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct DiscrepanciesKey(pub Uuid);

impl Loader<DiscrepanciesKey> for Batch {
    type Value = Vec<Discrepancy>;
    type Error = LoadError;
    async fn load(&self, keys: &[DiscrepanciesKey]) -> Result<HashMap<DiscrepanciesKey, Vec<Discrepancy>>, LoadError> {
        let receipts: Vec<Uuid> = keys.iter().map(|k| k.0).collect();
        let found = queries::discrepancies_of(&self.session.db, &self.session.op, &receipts).await?;
        let nodes = |all: Vec<DiscrepancyRecord>| all.into_iter().map(Into::into).collect();
        Ok(found
            .into_iter()
            .map(|(id, all)| (DiscrepanciesKey(id), nodes(all)))
            .collect())
    }
}

/// Which discrepancies are wanted; all conditions together.
#[derive(InputObject, Default)]
pub struct DiscrepancyFilter {
    /// One of these ids.
    ids: Option<Vec<Id<DiscrepancyId>>>,
    /// One of these states.
    statuses: Option<Vec<DiscrepancyStatus>>,
    /// One of these kinds.
    kinds: Option<Vec<DiscrepancyKind>>,
    /// With one of these suppliers.
    supplier_ids: Option<Vec<Id<SupplierId>>>,
    /// At one of these locations.
    location_ids: Option<Vec<Id<LocationId>>>,
    /// On one of these receipts.
    receipt_ids: Option<Vec<Id<ReceiptId>>>,
    /// About one of these orders.
    purchase_order_ids: Option<Vec<Id<PurchaseOrderId>>>,
    /// To be settled by one of these members.
    owner_ids: Option<Vec<Id<MemberId>>>,
    /// Due on or before.
    due_until: Option<Date>,
    /// Changed at or after: for synchronization.
    updated_since: Option<DateTime>,
}

impl From<DiscrepancyFilter> for queries::DiscrepancyFilter {
    fn from(f: DiscrepancyFilter) -> Self {
        Self {
            ids: uuids(f.ids),
            statuses: f.statuses.map(|s| s.into_iter().map(Into::into).collect()),
            kinds: f.kinds.map(|s| s.into_iter().map(Into::into).collect()),
            suppliers: uuids(f.supplier_ids),
            locations: uuids(f.location_ids),
            receipts: uuids(f.receipt_ids),
            orders: uuids(f.purchase_order_ids),
            owners: uuids(f.owner_ids),
            due_until: f.due_until.map(|d| d.0),
            updated_since: f.updated_since.map(|t| t.0),
        }
    }
}

/// The orders in which discrepancies can be listed; ties are broken by id.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum, Default)]
pub enum DiscrepancyOrder {
    /// Newest first.
    #[default]
    CreatedAtDesc,
    /// Oldest first.
    CreatedAtAsc,
    /// The most urgent first.
    DueOnAsc,
    /// Last changed last.
    UpdatedAtAsc,
}

/// Queries about discrepancies.
#[derive(Default)]
pub struct DiscrepancyQuery;

#[Object]
impl DiscrepancyQuery {
    /// A discrepancy by its id.
    async fn discrepancy(&self, ctx: &Context<'_>, id: Id<DiscrepancyId>) -> Result<Option<Discrepancy>> {
        one(ctx, id.0).await
    }

    /// Discrepancies, newest first unless asked otherwise.
    #[allow(clippy::too_many_arguments)]
    async fn discrepancies(
        &self,
        ctx: &Context<'_>,
        filter: Option<DiscrepancyFilter>,
        #[graphql(default)] order_by: DiscrepancyOrder,
        first: Option<i32>,
        after: Option<String>,
        last: Option<i32>,
        before: Option<String>,
    ) -> Result<DiscrepancyConnection> {
        let s = session(ctx)?;
        let order = *ORDERS
            .get(order_by as usize)
            .ok_or_else(|| coded("INTERNAL", "order"))?;
        let window = window(first, after, last, before, order)?;
        let filter = Arc::new(queries::DiscrepancyFilter::from(filter.unwrap_or_default()));
        let page = s.read(queries::discrepancies(&s.db, &s.op, &filter, order, &window).await)?;
        let total = count(s, move |db, op| {
            let filter = filter.clone();
            async move { queries::count_discrepancies(&db, &op, &filter).await }
        });
        Ok(DiscrepancyConnection::of(page, total))
    }
}

/// A discrepancy raised by hand.
#[derive(InputObject)]
pub struct DiscrepancyRaiseInput {
    /// The receipt: its goods are in stock.
    receipt_id: Id<ReceiptId>,
    /// The line of the receipt; not needed for papers and dates.
    receipt_line_number: Option<i32>,
    /// What differs.
    kind: DiscrepancyKind,
    /// How much, in the line's unit; the line's quantity when not given.
    quantity: Option<Decimal>,
    /// What it is worth, in the tenant's currency; the quantity at the line's cost when not given.
    amount: Option<Decimal>,
    /// What is wrong; people read it.
    reason: String,
    /// Until when it is to be settled; a week when not given.
    due_on: Option<Date>,
}

/// A decision about a discrepancy.
#[derive(InputObject)]
pub struct DiscrepancyResolveInput {
    /// The discrepancy.
    id: Id<DiscrepancyId>,
    /// What becomes of it.
    resolution: DiscrepancyResolution,
    /// Why; people read it.
    note: Option<String>,
    /// The version that you have read.
    expected_version: Option<i32>,
}

/// Mutations of discrepancies.
#[derive(Default)]
pub struct DiscrepancyMutation;

#[Object]
impl DiscrepancyMutation {
    /// Says that something differs on a receipt that is in stock.
    async fn discrepancy_raise(&self, ctx: &Context<'_>, input: DiscrepancyRaiseInput) -> Result<DiscrepancyPayload> {
        let s = session(ctx)?;
        let new = NewDiscrepancy {
            receipt: input.receipt_id.0,
            line: input.receipt_line_number,
            kind: input.kind.into(),
            quantity: input.quantity.map(|q| q.0),
            amount: input.amount.map(|a| a.0),
            reason: input.reason,
            due_on: input.due_on.map(|d| d.0),
        };
        Ok(perform!(s, discrepancies::raise(&s.db, &s.op, &new)).into())
    }

    /// Decides what becomes of a discrepancy: by somebody with authority for its amount who neither raised it nor received.
    async fn discrepancy_resolve(
        &self,
        ctx: &Context<'_>,
        input: DiscrepancyResolveInput,
    ) -> Result<DiscrepancyPayload> {
        let (s, id, version) = (session(ctx)?, input.id.0, input.expected_version);
        let (resolution, note) = (input.resolution.into(), input.note);
        let outcome = perform!(
            s,
            discrepancies::resolve(&s.db, &s.op, id, resolution, note.as_deref(), version)
        );
        Ok(about(id, outcome).into())
    }
}
