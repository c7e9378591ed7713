//! The node and its lines.

use crate::connection;
use crate::graphql::loaders::{Batch, LoadError, one};
use crate::graphql::money::{Money, Quantity, money, quantity};
use crate::graphql::preview::CanKey;
use crate::graphql::related::{MaybeRelated, Related};
use crate::graphql::scalar::{CurrencyCode, Date, DateTime, Decimal};
use crate::loads;
use async_graphql::dataloader::Loader;
use async_graphql::{ComplexObject, Context, Enum, ID, Result, SimpleObject};
use quartermaster_domain::inventory::StockStatus;
use quartermaster_domain::returns::queries::{self, ReturnRecord};
use quartermaster_domain::returns::{self, ReturnLine};
use quartermaster_domain::shared::{
    DiscrepancyId, ItemId, LocationId, MemberId, PurchaseOrderId, ReceiptId, SupplierId, SupplierReturnId,
};
use std::collections::HashMap;
use std::sync::Arc;
use uuid::Uuid;

/// The states of a return.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "returns::ReturnStatus")]
pub enum SupplierReturnStatus {
    /// Being written.
    Draft,
    /// Waiting for approval.
    InApproval,
    /// May leave.
    Approved,
    /// Left; a credit is expected.
    Shipped,
    /// Nothing more is expected.
    Closed,
    /// Refused by an approver.
    Rejected,
    /// Withdrawn before it left.
    Cancelled,
}

/// A line of a return.
#[derive(SimpleObject, Clone)]
pub struct SupplierReturnLine {
    /// Unique in the return.
    line_number: i32,
    /// What goes back.
    item: Related<ItemId>,
    /// The item's id.
    item_id: ID,
    /// How much.
    quantity: Quantity,
    /// The price of one unit that is expected back.
    unit_price: Money,
    /// Quantity × price, rounded to the currency.
    net_amount: Money,
    /// Its lot.
    lot: Option<String>,
    /// It leaves from quarantine, not from what is available.
    from_quarantine: bool,
    /// Why, if not as the whole return.
    reason: Option<String>,
    /// The receipt that it came with.
    receipt: MaybeRelated<ReceiptId>,
    /// The receipt's id.
    receipt_id: Option<ID>,
    /// Its line.
    receipt_line_number: Option<i32>,
    /// The order that it was ordered with.
    purchase_order: MaybeRelated<PurchaseOrderId>,
    /// The purchase order's id.
    purchase_order_id: Option<ID>,
    /// Its line.
    order_line_number: Option<i32>,
    /// What one base unit left stock at, in the tenant's currency; null before it left.
    unit_cost: Option<Decimal>,
}

fn line(l: ReturnLine, currency: &str) -> SupplierReturnLine {
    SupplierReturnLine {
        line_number: l.number,
        item_id: ID(ItemId(l.item).to_string()),
        item: Related(ItemId(l.item)),
        quantity: quantity(l.quantity, &l.unit),
        unit_price: money(l.unit_price, currency),
        net_amount: money(l.net, currency),
        from_quarantine: l.stock_status != StockStatus::Available,
        lot: (!l.lot.is_empty()).then_some(l.lot),
        reason: l.reason,
        receipt_id: l.receipt.map(|r| ID(ReceiptId(r.0).to_string())),
        receipt: MaybeRelated(l.receipt.map(|r| ReceiptId(r.0))),
        receipt_line_number: l.receipt.map(|r| r.1),
        purchase_order_id: l.order.map(|o| ID(PurchaseOrderId(o.0).to_string())),
        purchase_order: MaybeRelated(l.order.map(|o| PurchaseOrderId(o.0))),
        order_line_number: l.order.map(|o| o.1),
        unit_cost: l.unit_cost.map(Decimal),
    }
}

/// Goods that go back to a supplier, for a credit.
#[derive(SimpleObject, Clone)]
#[graphql(complex)]
pub struct SupplierReturn {
    /// Opaque; begins with `rtv_`.
    pub id: ID,
    /// The tenant's own number.
    number: String,
    /// Its state.
    status: SupplierReturnStatus,
    /// The row's version, for `expectedVersion`.
    version: i32,
    /// Who gets the goods.
    supplier: Related<SupplierId>,
    /// The supplier's id.
    supplier_id: ID,
    /// From where.
    location: Related<LocationId>,
    /// The location's id.
    location_id: ID,
    /// Who made it.
    maker: Related<MemberId>,
    /// The maker's id.
    maker_id: ID,
    /// The discrepancy that it settles.
    discrepancy: MaybeRelated<DiscrepancyId>,
    /// The discrepancy's id.
    discrepancy_id: Option<ID>,
    /// The currency of its prices.
    currency_code: CurrencyCode,
    /// The credit that is expected.
    net_amount: Money,
    /// Business date.
    returned_on: Date,
    /// The number that the supplier gave for it.
    authorisation_number: Option<String>,
    /// Why goods go back.
    reason: String,
    /// Why it was refused or withdrawn.
    decision_reason: Option<String>,
    /// The amount level, 0 to 4, that it was submitted at.
    required_level: Option<i32>,
    /// Approvals so far.
    approvals: i32,
    /// When it left.
    shipped_on: Option<Date>,
    /// The carrier's number.
    tracking_number: Option<String>,
    /// When it was made.
    created_at: DateTime,
    /// When it was last written.
    updated_at: DateTime,
    /// What you could do to it now, and why not.
    viewer_can: Related<CanKey<ReturnRecord>>,
    #[graphql(skip)]
    record: Arc<ReturnRecord>,
}

impl From<ReturnRecord> for SupplierReturn {
    fn from(r: ReturnRecord) -> Self {
        let r = Arc::new(r);
        let h = &r.header;
        Self {
            id: ID(h.id.to_string()),
            number: r.number.clone(),
            status: h.status.into(),
            version: h.trail.version,
            supplier_id: ID(SupplierId(h.supplier).to_string()),
            supplier: Related(SupplierId(h.supplier)),
            location_id: ID(LocationId(h.location).to_string()),
            location: Related(LocationId(h.location)),
            maker_id: ID(MemberId(h.maker).to_string()),
            maker: Related(MemberId(h.maker)),
            discrepancy_id: h.discrepancy.map(|d| ID(DiscrepancyId(d).to_string())),
            discrepancy: MaybeRelated(h.discrepancy.map(DiscrepancyId)),
            currency_code: h.currency.code().into(),
            net_amount: money(r.net, h.currency.code()),
            returned_on: Date(h.returned_on),
            authorisation_number: h.authorisation.clone(),
            reason: h.reason.clone(),
            decision_reason: h.decision_reason.clone(),
            required_level: h.required_level.map(|l| i32::from(l.get())),
            approvals: i32::from(h.approvals),
            shipped_on: h.shipped_on.map(Date),
            tracking_number: h.tracking.clone(),
            created_at: DateTime(r.created_at),
            updated_at: DateTime(r.updated_at),
            viewer_can: Related(CanKey(r.clone())),
            record: r,
        }
    }
}

#[ComplexObject]
impl SupplierReturn {
    /// What goes back: at most 1,000 lines.
    async fn lines(&self, ctx: &Context<'_>) -> Result<Vec<SupplierReturnLine>> {
        let lines = one(ctx, ReturnLinesKey(self.record.header.id.0)).await?;
        let currency = self.record.header.currency.code();
        Ok(lines
            .unwrap_or_default()
            .into_iter()
            .map(|l| line(l, currency))
            .collect())
    }
}

connection!(SupplierReturnConnection, SupplierReturnEdge, SupplierReturn);
impl Loader<SupplierReturnId> for Batch {
    type Value = SupplierReturn;
    type Error = LoadError;
    async fn load(&self, keys: &[SupplierReturnId]) -> Result<HashMap<SupplierReturnId, SupplierReturn>, LoadError> {
        let ids: Vec<Uuid> = keys.iter().map(|k| k.0).collect();
        let found = queries::returns_by_ids(&self.session.db, &self.session.op, &ids).await?;
        Ok(found
            .into_iter()
            .map(|(id, r)| (SupplierReturnId(id), r.into()))
            .collect())
    }
}

/// Asks for the lines of a return.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct ReturnLinesKey(Uuid);

loads!(ReturnLinesKey => Vec<ReturnLine>, queries::lines_of);
