//! The lines of a receipt.

use crate::connection;
use crate::graphql::loaders::{Batch, LoadError};
use crate::graphql::money::{Quantity, quantity};
use crate::graphql::related::{MaybeRelated, Related};
use crate::graphql::scalar::{Date, Decimal};
use crate::loads;
use async_graphql::dataloader::Loader;
use async_graphql::{ID, SimpleObject};
use quartermaster_domain::receiving::queries::{self, ReceiptLineRecord};
use quartermaster_domain::shared::{ItemId, Order, PurchaseOrderId};
use std::collections::HashMap;
use uuid::Uuid;

/// The order of a receipt's lines.
pub(super) const BY_NUMBER: Order = Order::ascending("line", "line_number", "integer");

/// A line of a receipt.
#[derive(SimpleObject, Clone)]
pub struct ReceiptLine {
    /// The receipt's id with the line number: `rcl_…_3`.
    id: ID,
    /// Unique in the receipt.
    line_number: i32,
    /// The order that it came for.
    purchase_order: MaybeRelated<PurchaseOrderId>,
    /// The purchase order's id.
    purchase_order_id: Option<ID>,
    /// The line of that order.
    order_line_number: Option<i32>,
    /// What came.
    item: Related<ItemId>,
    /// The item's id.
    item_id: ID,
    /// How much came, damaged goods among it.
    quantity: Quantity,
    /// How much of it is damaged.
    damaged_quantity: Quantity,
    /// Base units in one unit.
    base_units_per_unit: Decimal,
    /// What one base unit costs, in the tenant's currency; null while a blind receipt is open.
    unit_cost: Option<Decimal>,
    /// Its lot.
    lot: Option<String>,
    /// Best before.
    expires_on: Option<Date>,
    /// Nothing more is expected for the order line.
    #[graphql(name = "final")]
    is_final: bool,
    /// What the order line asked for; null while it is received blind.
    ordered_quantity: Option<Quantity>,
}

impl From<ReceiptLineRecord> for ReceiptLine {
    fn from(l: ReceiptLineRecord) -> Self {
        Self {
            id: ID(format!(
                "{}_{}",
                quartermaster_tenants::id::encode("rcl", l.receipt),
                l.number
            )),
            line_number: l.number,
            purchase_order_id: l.order.map(|o| ID(PurchaseOrderId(o).to_string())),
            purchase_order: MaybeRelated(l.order.map(PurchaseOrderId)),
            order_line_number: l.order_line,
            item_id: ID(ItemId(l.item).to_string()),
            item: Related(ItemId(l.item)),
            quantity: quantity(l.quantity, &l.unit),
            damaged_quantity: quantity(l.damaged, &l.unit),
            base_units_per_unit: Decimal(l.base_per_unit),
            unit_cost: l.unit_cost.map(Decimal),
            lot: l.lot,
            expires_on: l.expires_on.map(Date),
            is_final: l.is_final,
            ordered_quantity: l.ordered.map(|(value, unit)| quantity(value, &unit)),
        }
    }
}

connection!(ReceiptLineConnection, ReceiptLineEdge, ReceiptLine);

/// Lines of one receipt; equal windows of many receipts load together.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct ReceiptLinesKey {
    pub(super) receipt: Uuid,
    pub(super) after: i32,
    pub(super) before: i32,
    pub(super) limit: i64,
    pub(super) from_back: bool,
}

impl Loader<ReceiptLinesKey> for Batch {
    type Value = Vec<ReceiptLineRecord>;
    type Error = LoadError;
    async fn load(
        &self,
        keys: &[ReceiptLinesKey],
    ) -> Result<HashMap<ReceiptLinesKey, Vec<ReceiptLineRecord>>, LoadError> {
        let mut windows: HashMap<(i32, i32, i64, bool), Vec<Uuid>> = HashMap::new();
        for k in keys {
            let window = (k.after, k.before, k.limit, k.from_back);
            windows.entry(window).or_default().push(k.receipt);
        }
        let (db, op) = (&self.session.db, &self.session.op);
        let mut out = HashMap::with_capacity(keys.len());
        for ((after, before, limit, from_back), receipts) in windows {
            let found = queries::lines_of(db, op, &receipts, after, before, limit, from_back).await?;
            for (receipt, lines) in found {
                let key = ReceiptLinesKey {
                    receipt,
                    after,
                    before,
                    limit,
                    from_back,
                };
                out.insert(key, lines);
            }
        }
        Ok(out)
    }
}

/// Asks how many lines a receipt has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct ReceiptLineCountKey(pub(super) Uuid);

loads!(ReceiptLineCountKey => i64, queries::line_counts);
