//! The lines of an order.

use crate::connection;
use crate::graphql::loaders::{Batch, LoadError};
use crate::graphql::money::{Money, Quantity, money, quantity};
use crate::graphql::related::Related;
use crate::graphql::scalar::{Date, Decimal};
use async_graphql::dataloader::Loader;
use async_graphql::{ComplexObject, ID, SimpleObject};
use quartermaster_domain::purchasing::queries::{self, LineRecord};
use quartermaster_domain::shared::{ItemId, Order};
use std::collections::HashMap;
use std::sync::Arc;
use uuid::Uuid;

/// The order of an order's lines.
pub(super) const BY_NUMBER: Order = Order {
    tag: "line",
    column: "line_number",
    cast: "integer",
    descending: false,
};

/// A line of a purchase order.
#[derive(SimpleObject, Clone)]
#[graphql(complex)]
pub struct PurchaseOrderLine {
    /// The order's id with the line number: `pol_…_3`.
    id: ID,
    /// Unique in the order.
    line_number: i32,
    /// What is ordered.
    item: Related<ItemId>,
    /// How much is ordered.
    quantity: Quantity,
    /// Base units in one unit.
    base_units_per_unit: Decimal,
    /// The price of one unit.
    unit_price: Money,
    /// In percent.
    tax_rate: Decimal,
    /// Quantity × price, rounded to the currency.
    net_amount: Money,
    /// Tax on it.
    tax_amount: Money,
    /// When it is wanted, if not with the order.
    expected_on: Option<Date>,
    /// Received so far.
    received_quantity: Quantity,
    /// Sent back so far.
    returned_quantity: Quantity,
    /// Short-closed: expected no more.
    closed_quantity: Quantity,
    #[graphql(skip)]
    record: Arc<LineRecord>,
}

/// A line with its order's currency.
pub struct LineOfOrder {
    pub(super) line: LineRecord,
    pub(super) currency: String,
}

impl From<LineOfOrder> for PurchaseOrderLine {
    fn from(LineOfOrder { line, currency }: LineOfOrder) -> Self {
        Self {
            id: ID(format!(
                "{}_{}",
                quartermaster_tenants::id::encode("pol", line.order),
                line.number
            )),
            line_number: line.number,
            item: Related(ItemId(line.item)),
            quantity: quantity(line.quantity, &line.unit),
            base_units_per_unit: Decimal(line.base_per_unit),
            unit_price: money(line.unit_price, &currency),
            tax_rate: Decimal(line.tax_rate),
            net_amount: money(line.net, &currency),
            tax_amount: money(line.tax, &currency),
            expected_on: line.expected_on.map(Date),
            received_quantity: quantity(line.received, &line.unit),
            returned_quantity: quantity(line.returned, &line.unit),
            closed_quantity: quantity(line.closed, &line.unit),
            record: Arc::new(line),
        }
    }
}

#[ComplexObject]
impl PurchaseOrderLine {
    /// What is neither received nor closed.
    async fn outstanding_quantity(&self) -> Quantity {
        let l = &self.record;
        quantity(
            (l.quantity - l.received - l.closed).max(rust_decimal::Decimal::ZERO),
            &l.unit,
        )
    }
}

connection!(PurchaseOrderLineConnection, PurchaseOrderLineEdge, PurchaseOrderLine);

/// Lines of one order; equal windows of many orders load together.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct LinesKey {
    pub(super) order: Uuid,
    pub(super) after: i32,
    pub(super) before: i32,
    pub(super) limit: i64,
    pub(super) from_back: bool,
}

impl Loader<LinesKey> for Batch {
    type Value = Vec<LineRecord>;
    type Error = LoadError;
    async fn load(&self, keys: &[LinesKey]) -> Result<HashMap<LinesKey, Vec<LineRecord>>, LoadError> {
        let mut windows: HashMap<(i32, i32, i64, bool), Vec<Uuid>> = HashMap::new();
        for k in keys {
            windows
                .entry((k.after, k.before, k.limit, k.from_back))
                .or_default()
                .push(k.order);
        }
        let mut out = HashMap::with_capacity(keys.len());
        for ((after, before, limit, from_back), orders) in windows {
            let found = queries::lines_of(
                &self.session.db,
                &self.session.op,
                &orders,
                after,
                before,
                limit,
                from_back,
            )
            .await?;
            out.extend(found.into_iter().map(|(order, lines)| {
                (
                    LinesKey {
                        order,
                        after,
                        before,
                        limit,
                        from_back,
                    },
                    lines,
                )
            }));
        }
        Ok(out)
    }
}

/// Asks how many lines an order has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct LineCountKey(pub(super) Uuid);

impl Loader<LineCountKey> for Batch {
    type Value = i64;
    type Error = LoadError;
    async fn load(&self, keys: &[LineCountKey]) -> Result<HashMap<LineCountKey, i64>, LoadError> {
        let ids: Vec<Uuid> = keys.iter().map(|k| k.0).collect();
        let found = queries::line_counts(&self.session.db, &self.session.op, &ids).await?;
        Ok(found.into_iter().map(|(id, n)| (LineCountKey(id), n)).collect())
    }
}
