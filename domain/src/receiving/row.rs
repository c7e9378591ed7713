//! Rows into receipts.

use super::receipt::{Receipt, ReceiptLine};
use super::status::ReceiptStatus;
use quartermaster_tenants::event::Trail;
use quartermaster_tenants::{Error, Result};
use tokio_postgres::Row;
use uuid::Uuid;

/// A receipt of its header, its orders and its lines.
///
/// # Errors
/// A column that is not as expected.
pub fn receipt(header: &Row, orders: &[Row], lines: &[Row]) -> Result<Receipt> {
    Ok(Receipt {
        id: header.try_get::<_, Uuid>("id")?.into(),
        supplier: header.try_get("supplier_id")?,
        location: header.try_get("location_id")?,
        status: status(header)?,
        blind: header.try_get("blind")?,
        received_on: header.try_get("received_on")?,
        delivery_note: header.try_get("delivery_note")?,
        reason: header.try_get("reason")?,
        receiver: header.try_get("receiver_account_id")?,
        orders: orders
            .iter()
            .map(|r| Ok(r.try_get("order_id")?))
            .collect::<Result<_>>()?,
        lines: lines.iter().map(line).collect::<Result<_>>()?,
        trail: Trail::from_row(header)?,
    })
}

/// The state in a row.
///
/// # Errors
/// An unknown word.
pub fn status(row: &Row) -> Result<ReceiptStatus> {
    let word: &str = row.try_get("status")?;
    ReceiptStatus::parse(word).ok_or_else(|| Error::internal(format!("receipt status {word}")))
}

/// A line of a receipt.
///
/// # Errors
/// A column that is not as expected.
pub fn line(row: &Row) -> Result<ReceiptLine> {
    let order: Option<Uuid> = row.try_get("order_id")?;
    Ok(ReceiptLine {
        number: row.try_get("line_number")?,
        order: order.zip(row.try_get("order_line_number")?),
        item: row.try_get("item_id")?,
        quantity: row.try_get("quantity")?,
        damaged: row.try_get("damaged_quantity")?,
        unit: row.try_get("unit")?,
        base_per_unit: row.try_get("base_per_unit")?,
        unit_cost: row.try_get("unit_cost")?,
        lot: row.try_get("lot")?,
        expires_on: row.try_get("expires_on")?,
        is_final: row.try_get("is_final")?,
        entered: usize::try_from(row.try_get::<_, i32>("line_number")? - 1).unwrap_or_default(),
    })
}
