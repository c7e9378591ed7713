//! Rows into aggregates.

use super::line::OrderLine;
use super::purchase_order::PurchaseOrder;
use super::status::OrderStatus;
use crate::shared::Currency;
use quartermaster_tenants::event::Trail;
use quartermaster_tenants::policy::Level;
use quartermaster_tenants::{Error, Result};
use tokio_postgres::Row;
use uuid::Uuid;

/// An order of its header and its lines.
///
/// # Errors
/// A column that is not as expected.
pub fn order(header: &Row, lines: &[Row]) -> Result<PurchaseOrder> {
    let status = |word: &str| OrderStatus::parse(word).ok_or_else(|| Error::internal(format!("order status {word}")));
    Ok(PurchaseOrder {
        id: header.try_get::<_, Uuid>("id")?.into(),
        supplier: header.try_get("supplier_id")?,
        location: header.try_get("location_id")?,
        status: status(header.try_get("status")?)?,
        held_from: header
            .try_get::<_, Option<&str>>("held_from")?
            .map(status)
            .transpose()?,
        currency: Currency::parse(&[], header.try_get("currency")?)?,
        ordered_on: header.try_get("ordered_on")?,
        expected_on: header.try_get("expected_on")?,
        note: header.try_get("note")?,
        reference: header.try_get("reference")?,
        lines: lines.iter().map(line).collect::<Result<_>>()?,
        revision: header.try_get("revision")?,
        round: header.try_get("round")?,
        required_level: header
            .try_get::<_, Option<i16>>("required_level")?
            .and_then(|l| Level::new(u8::try_from(l).ok()?)),
        approvals: header.try_get("approvals")?,
        buyer: header.try_get("buyer_account_id")?,
        reason: header.try_get("reason")?,
        trail: Trail::from_row(header)?,
    })
}

/// A line of an order.
///
/// # Errors
/// A column that is not as expected.
pub fn line(row: &Row) -> Result<OrderLine> {
    Ok(OrderLine {
        number: row.try_get("line_number")?,
        item: row.try_get("item_id")?,
        quantity: row.try_get("quantity")?,
        unit: row.try_get("unit")?,
        base_per_unit: row.try_get("base_per_unit")?,
        unit_price: row.try_get("unit_price")?,
        tax_rate: row.try_get("tax_rate")?,
        net: row.try_get("net_amount")?,
        tax: row.try_get("tax_amount")?,
        expected_on: row.try_get("expected_on")?,
        received: row.try_get("received_quantity")?,
        returned: row.try_get("returned_quantity")?,
        closed: row.try_get("closed_quantity")?,
        is_open: row.try_get("is_open")?,
    })
}
