//! Receiving: what came, compared with what was ordered, taken into stock.
//!
//! | document | states | verbs |
//! |---|---|---|
//! | receipt (UBL ReceiptAdvice, X12 861) | Open, Accepted, Discrepant; Reversed, Cancelled | [`open`], [`create`], [`record_lines`], [`complete`], [`cancel`], [`reverse`] |
//!
//! Goods that were ordered and are whole become available; damaged goods, other items and goods that nobody ordered wait in
//! quarantine. Each difference is a discrepancy with an owner ([`crate::discrepancies`]); a receipt without any is Accepted
//! by the system. More than the tolerance is refused while the order's row is locked, so that racing receivers cannot pass it.

mod cancel;
pub mod compare;
mod complete;
mod create;
pub mod item;
pub mod line;
mod line_queries;
mod open;
pub mod queries;
mod receipt;
mod record_lines;
pub mod repo;
mod reverse;
pub(crate) mod row;
mod status;

pub use cancel::cancel;
pub use complete::complete;
pub use create::create;
pub use line::EnteredLine;
pub use open::{NewReceipt, open};
pub use receipt::{Receipt, ReceiptLine};
pub use record_lines::record_lines;
pub use reverse::reverse;
pub use status::{ReceiptCommand, ReceiptStatus};

use quartermaster_tenants::id::encode;
use serde_json::{Value, json};

/// What every event of a receipt says.
fn header_data(receipt: &Receipt) -> Value {
    json!({
        "status": receipt.status.as_str(),
        "supplierId": encode("sup", receipt.supplier),
        "locationId": encode("loc", receipt.location),
        "orderIds": receipt.orders.iter().map(|o| encode("po", *o)).collect::<Vec<_>>(),
        "receivedOn": receipt.received_on,
        "deliveryNote": receipt.delivery_note,
        "blind": receipt.blind,
        "lineCount": receipt.lines.len(),
    })
}

/// The same with what came.
fn lines_data(receipt: &Receipt, lines: &[ReceiptLine]) -> Value {
    let mut data = header_data(receipt);
    let line = |l: &ReceiptLine| {
        json!({
            "lineNumber": l.number,
            "itemId": encode("itm", l.item),
            "orderId": l.order.map(|o| encode("po", o.0)),
            "orderLineNumber": l.order.map(|o| o.1),
            "quantity": l.quantity,
            "damagedQuantity": l.damaged,
            "unit": l.unit,
            "baseQuantity": l.base().normalize(),
            "lot": (!l.lot.is_empty()).then_some(&l.lot),
            "expiresOn": l.expires_on,
        })
    };
    data["lines"] = lines.iter().map(line).collect();
    data
}
