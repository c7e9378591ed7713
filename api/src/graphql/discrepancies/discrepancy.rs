//! The node.

use crate::graphql::loaders::{Batch, LoadError, one};
use crate::graphql::money::{Money, Quantity, money, quantity};
use crate::graphql::preview::CanKey;
use crate::graphql::receiving::Receipt;
use crate::graphql::related::{MaybeRelated, Related};
use crate::graphql::scalar::{Date, DateTime};
use crate::{connection, loads, previewed, viewer_can};
use async_graphql::dataloader::Loader;
use async_graphql::{ComplexObject, Context, Enum, ID, Result, SimpleObject};
use quartermaster_domain::discrepancies::queries::{self, DiscrepancyRecord};
use quartermaster_domain::discrepancies::{self, DiscrepancyCommand};
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
    purchase_order: MaybeRelated<PurchaseOrderId>,
    /// The purchase order's id.
    purchase_order_id: Option<ID>,
    /// Its line.
    order_line_number: Option<i32>,
    /// Who delivered.
    supplier: Related<SupplierId>,
    /// The supplier's id.
    supplier_id: ID,
    /// Where.
    location: Related<LocationId>,
    /// The location's id.
    location_id: ID,
    /// The item.
    item: MaybeRelated<ItemId>,
    /// The item's id.
    item_id: Option<ID>,
    /// How much differs.
    quantity: Option<Quantity>,
    /// What it is worth, in the tenant's currency.
    amount: Money,
    /// The amount level, 0 to 4, that settling it asks for.
    required_level: i32,
    /// In the words of who raised it, or of the system that found it.
    reason: Option<String>,
    /// The member who is to settle it: the order's buyer.
    owner: Related<MemberId>,
    /// The owner's id.
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
    /// What you could do to it now, and why not.
    viewer_can: Related<CanKey<DiscrepancyRecord>>,
    #[graphql(skip)]
    receipt: Uuid,
}

viewer_can!(
    /// What you could do to a discrepancy now.
    DiscrepancyViewerCan, DiscrepancyCommand;
    /// Decide how it is settled.
    resolve = Resolve,
);
previewed!(DiscrepancyRecord, DiscrepancyCommand, DiscrepancyViewerCan, |r| (
    r.discrepancy.id.0,
    r.discrepancy.trail.version
));

impl From<DiscrepancyRecord> for Discrepancy {
    fn from(r: DiscrepancyRecord) -> Self {
        let can = Related(CanKey(Arc::new(r.clone())));
        let d = r.discrepancy;
        Self {
            id: ID(d.id.to_string()),
            number: r.number,
            kind: d.kind.into(),
            status: d.status.into(),
            version: d.trail.version,
            receipt_line_number: d.receipt_line,
            purchase_order_id: d.order.map(|o| ID(PurchaseOrderId(o.0).to_string())),
            purchase_order: MaybeRelated(d.order.map(|o| PurchaseOrderId(o.0))),
            order_line_number: d.order.map(|o| o.1),
            supplier_id: ID(SupplierId(d.supplier).to_string()),
            supplier: Related(SupplierId(d.supplier)),
            location_id: ID(LocationId(d.location).to_string()),
            location: Related(LocationId(d.location)),
            item_id: d.item.map(|i| ID(ItemId(i).to_string())),
            item: MaybeRelated(d.item.map(ItemId)),
            quantity: d.unit.map(|unit| quantity(d.quantity, &unit)),
            amount: money(d.amount, &r.currency),
            required_level: i32::from(r.level.get()),
            reason: d.reason,
            owner_id: ID(MemberId(d.owner).to_string()),
            owner: Related(MemberId(d.owner)),
            due_on: Date(d.due_on),
            resolution: d.resolution.map(Into::into),
            resolution_note: d.resolution_note,
            resolved_at: d.resolved_at.map(DateTime),
            found_by_system: d.found_by_system,
            created_at: DateTime(r.created_at),
            updated_at: DateTime(r.updated_at),
            viewer_can: can,
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
loads!(DiscrepancyId => Discrepancy, queries::discrepancies_by_ids);

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
