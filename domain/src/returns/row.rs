//! Rows into returns.

use super::line::ReturnLine;
use super::status::ReturnStatus;
use super::supplier_return::SupplierReturn;
use crate::inventory::StockStatus;
use crate::shared::Currency;
use quartermaster_tenants::event::Trail;
use quartermaster_tenants::policy::Level;
use quartermaster_tenants::{Error, Result};
use tokio_postgres::Row;
use uuid::Uuid;

/// A return of its header and its lines.
///
/// # Errors
/// A column that is not as expected.
pub fn read(row: &Row, lines: &[Row]) -> Result<SupplierReturn> {
    let word: &str = row.try_get("status")?;
    let level: Option<i16> = row.try_get("required_level")?;
    Ok(SupplierReturn {
        id: row.try_get::<_, Uuid>("id")?.into(),
        supplier: row.try_get("supplier_id")?,
        location: row.try_get("location_id")?,
        status: ReturnStatus::parse(word).ok_or_else(|| Error::internal(format!("return status {word}")))?,
        currency: Currency::parse(&[], row.try_get("currency")?)?,
        returned_on: row.try_get("returned_on")?,
        authorisation: row.try_get("authorisation_number")?,
        reason: row.try_get("reason")?,
        decision_reason: row.try_get("decision_reason")?,
        lines: lines.iter().map(line).collect::<Result<_>>()?,
        required_level: level.and_then(|l| Level::new(u8::try_from(l).ok()?)),
        approvals: row.try_get("approvals")?,
        maker: row.try_get("maker_account_id")?,
        discrepancy: row.try_get("discrepancy_id")?,
        shipped_on: row.try_get("shipped_on")?,
        tracking: row.try_get("tracking_number")?,
        trail: Trail::from_row(row)?,
    })
}

/// A line of a return.
///
/// # Errors
/// A column that is not as expected.
pub fn line(row: &Row) -> Result<ReturnLine> {
    let word: &str = row.try_get("stock_status")?;
    let receipt: Option<Uuid> = row.try_get("receipt_id")?;
    let order: Option<Uuid> = row.try_get("order_id")?;
    Ok(ReturnLine {
        number: row.try_get("line_number")?,
        item: row.try_get("item_id")?,
        quantity: row.try_get("quantity")?,
        unit: row.try_get("unit")?,
        base_per_unit: row.try_get("base_per_unit")?,
        unit_price: row.try_get("unit_price")?,
        net: row.try_get("net_amount")?,
        lot: row.try_get("lot")?,
        stock_status: StockStatus::parse(word)?,
        reason: row.try_get("reason")?,
        receipt: receipt.zip(row.try_get("receipt_line_number")?),
        order: order.zip(row.try_get("order_line_number")?),
        unit_cost: row.try_get("unit_cost")?,
    })
}
