//! The lines of an order.

use super::order::PurchaseOrder;
use crate::graphql::loaders::{Batch, LoadError};
use crate::graphql::money::{Money, Quantity, money, quantity};
use crate::graphql::page::{Edge, Rows, window};
use crate::graphql::plan::{Argued, Asked, Have, Plain, Planner, Selection, Wants};
use crate::graphql::related::Related;
use crate::graphql::scalar::{Date, Decimal};
use crate::{connection, loads, plan, plan_connection};
use async_graphql::dataloader::Loader;
use async_graphql::{ID, SimpleObject};
use compact_str::{CompactString, ToCompactString};
use quartermaster_domain::purchasing::queries::{self, LineRecord, LineWindow};
use quartermaster_domain::shared::{Cursor, ItemId, Order, Window};
use std::collections::HashMap;
use std::fmt::Write;
use std::sync::Arc;
use uuid::Uuid;

/// The order of an order's lines.
pub(super) const BY_NUMBER: Order = Order::ascending("line", "line_number", "integer");

/// A line of a purchase order.
#[derive(SimpleObject, Clone)]
pub struct PurchaseOrderLine {
    /// The order's id with the line number: `pol_…_3`.
    id: ID,
    /// Unique in the order.
    line_number: i32,
    /// What is ordered.
    item: Related<ItemId>,
    /// How much is ordered; null while you receive it blind.
    quantity: Option<Quantity>,
    /// Base units in one unit.
    base_units_per_unit: Decimal,
    /// The price of one unit.
    unit_price: Money,
    /// In percent.
    tax_rate: Decimal,
    /// Quantity × price, rounded to the currency; null while you receive it blind.
    net_amount: Option<Money>,
    /// Tax on it; null while you receive it blind.
    tax_amount: Option<Money>,
    /// When it is wanted, if not with the order.
    expected_on: Option<Date>,
    /// Received so far.
    received_quantity: Quantity,
    /// Sent back so far.
    returned_quantity: Quantity,
    /// Short-closed: expected no more.
    closed_quantity: Quantity,
    /// What is neither received nor closed; null while you receive it blind.
    outstanding_quantity: Option<Quantity>,
}

fn line_id(order: Uuid, number: i32) -> String {
    let mut id = String::with_capacity(37);
    quartermaster_tenants::id::push("pol", order, &mut id);
    // Writing to memory does not fail.
    let _ = write!(id, "_{number}");
    id
}

impl PurchaseOrderLine {
    /// A line of an order in this currency.
    fn of(line: &LineRecord, currency: &str) -> Self {
        // None of it is shown of a line that was read briefly.
        let rest = line.rest.unwrap_or_default();
        let outstanding =
            |ordered: rust_decimal::Decimal| (ordered - line.received - rest.closed).max(rust_decimal::Decimal::ZERO);
        Self {
            id: ID(line_id(line.order, line.number)),
            line_number: line.number,
            item: Related(ItemId(line.item)),
            quantity: line.quantity.map(|q| quantity(q, &line.unit)),
            base_units_per_unit: Decimal(rest.base_per_unit),
            unit_price: money(line.unit_price, currency),
            tax_rate: Decimal(rest.tax_rate),
            net_amount: rest.net.map(|net| money(net, currency)),
            tax_amount: rest.tax.map(|tax| money(tax, currency)),
            expected_on: rest.expected_on.map(Date),
            received_quantity: quantity(line.received, &line.unit),
            returned_quantity: quantity(rest.returned, &line.unit),
            closed_quantity: quantity(rest.closed, &line.unit),
            outstanding_quantity: line.quantity.map(|q| quantity(outstanding(q), &line.unit)),
        }
    }
}

connection!(PurchaseOrderLineConnection, PurchaseOrderLineEdge, PurchaseOrderLine);
plan_connection!(PurchaseOrderLineConnection, PurchaseOrderLineEdge);
plan!(PurchaseOrderLine {
    id,
    line_number,
    item,
    quantity,
    unit_price,
    received_quantity,
    base_units_per_unit,
    tax_rate,
    net_amount,
    tax_amount,
    expected_on,
    returned_quantity,
    closed_quantity,
    outstanding_quantity
} briefly 6);

/// Which lines of an order are wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Lines {
    after: i32,
    before: i32,
    limit: i64,
    from_back: bool,
    briefly: bool,
}

impl Lines {
    pub(super) fn within(w: &Window) -> Self {
        let bound = |c: &Option<Cursor>, none| c.as_ref().map_or(none, |c| c.value.parse().unwrap_or(none));
        Self {
            after: bound(&w.after, i32::MIN),
            before: bound(&w.before, i32::MAX),
            limit: w.limit,
            from_back: w.from_back,
            briefly: false,
        }
    }

    /// What is to be loaded: one line more than the page holds, so that "is there more" is known.
    pub(super) fn wanted(self) -> LineWindow {
        LineWindow {
            after: self.after,
            before: self.before,
            limit: self.limit + 1,
            from_back: self.from_back,
            briefly: self.briefly,
        }
    }

    /// The lines of the page among those that were found; whether there are others behind and before them.
    fn page(self, mut lines: Vec<LineRecord>) -> (Vec<LineRecord>, bool, bool) {
        let more = lines.len() as i64 > self.limit;
        if more {
            let extra = if self.from_back { 0 } else { lines.len() - 1 };
            lines.remove(extra);
        }
        let (has_next, has_previous) = if self.from_back {
            (self.before != i32::MAX, more)
        } else {
            (more, self.after != i32::MIN)
        };
        (lines, has_next, has_previous)
    }
}

impl Argued<PurchaseOrder> for Lines {
    fn plan<'a>(planner: &Planner<'_, 'a>, asked: &Asked<'a>) -> Option<(Self, Selection)> {
        let number = |name| planner.argument::<Option<i32>>(asked, name);
        let cursor = |name| planner.argument::<Option<String>>(asked, name);
        let w = window(
            number("first")?,
            cursor("after")?,
            number("last")?,
            cursor("before")?,
            BY_NUMBER,
        )
        .ok()?;
        let selection = PurchaseOrderLineConnection::plan(planner, asked.set)?;
        let briefly = selection.is_brief;
        Some((
            Self {
                briefly,
                ..Self::within(&w)
            },
            selection,
        ))
    }

    fn want<'s>(&self, of: &PurchaseOrder, selection: &'s Selection, wants: &mut Wants<'s>) {
        wants.push(&of.lines_key(*self), selection, true);
    }

    fn write(&self, of: &PurchaseOrder, selection: &Selection, have: &Have, out: &mut Vec<u8>) {
        if let Some(rows) = have.get(&of.lines_key(*self)) {
            rows.write(selection, have, out);
        }
    }
}

/// Lines of one order; equal windows of many orders load together.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct LinesKey {
    pub(super) order: Uuid,
    pub(super) currency: CompactString,
    pub(super) lines: Lines,
}

impl LinesKey {
    /// The page of the lines that were found.
    pub(super) fn rows(&self, found: Vec<LineRecord>) -> Arc<Rows<PurchaseOrderLineEdge>> {
        let (lines, has_next, has_previous) = self.lines.page(found);
        let edge = |line: &LineRecord| {
            let cursor = Cursor {
                tag: BY_NUMBER.tag,
                value: line.number.to_compact_string(),
                id: self.order,
            };
            PurchaseOrderLineEdge::of(cursor, PurchaseOrderLine::of(line, &self.currency))
        };
        Arc::new(Rows::new(lines.iter().map(edge).collect(), has_next, has_previous))
    }
}

impl Loader<LinesKey> for Batch {
    type Value = Arc<Rows<PurchaseOrderLineEdge>>;
    type Error = LoadError;
    async fn load(&self, keys: &[LinesKey]) -> Result<HashMap<LinesKey, Self::Value>, LoadError> {
        let mut windows: HashMap<Lines, Vec<&LinesKey>> = HashMap::new();
        for key in keys {
            windows.entry(key.lines).or_default().push(key);
        }
        let mut out = HashMap::with_capacity(keys.len());
        for (lines, keys) in windows {
            let orders: Vec<Uuid> = keys.iter().map(|k| k.order).collect();
            let (db, op) = (&self.session.db, &self.session.op);
            let mut found = queries::lines_of(db, op, &orders, lines.wanted()).await?;
            for key in keys {
                out.insert(key.clone(), key.rows(found.remove(&key.order).unwrap_or_default()));
            }
        }
        Ok(out)
    }
}

/// Asks how many lines an order has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct LineCountKey(pub(super) Uuid);

loads!(LineCountKey => i64, queries::line_counts);
