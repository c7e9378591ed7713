//! Inputs.

use crate::graphql::id::Id;
use crate::graphql::scalar::{Date, Decimal, UnitCode};
use crate::{command_input, reason_input};
use async_graphql::InputObject;
use quartermaster_domain::receiving::{EnteredLine, NewReceipt};
use quartermaster_domain::shared::{ItemId, PurchaseOrderId, ReceiptId};

/// What came. With `orderLineNumber` it is for that line; with `itemId` alone it is spread over the lines that ask for the item;
/// for none of them it is goods that nobody ordered, which wait in quarantine.
#[derive(InputObject)]
pub struct ReceiptLineInput {
    /// One of the receipt's orders; not needed when there is only one.
    purchase_order_id: Option<Id<PurchaseOrderId>>,
    /// The number of its line.
    order_line_number: Option<i32>,
    /// What came; that of the order line when not given.
    item_id: Option<Id<ItemId>>,
    /// How much came, damaged goods among it. Zero only with `final`: nothing came.
    quantity: Decimal,
    /// How much of it is damaged; it waits in quarantine.
    damaged_quantity: Option<Decimal>,
    /// The unit of the order line, else the item's base unit, when not given.
    unit_code: Option<UnitCode>,
    /// For items tracked by lot.
    lot: Option<String>,
    /// For items tracked by expiry.
    expires_on: Option<Date>,
    /// Nothing more is expected for the order line: what is missing is a discrepancy.
    #[graphql(default, name = "final")]
    is_final: bool,
}

impl From<ReceiptLineInput> for EnteredLine {
    fn from(l: ReceiptLineInput) -> Self {
        Self {
            order: l.purchase_order_id.map(|id| id.uuid()),
            order_line: l.order_line_number,
            item: l.item_id.map(|id| id.uuid()),
            quantity: l.quantity.0,
            damaged: l.damaged_quantity.map(|d| d.0),
            unit: l.unit_code.map(String::from),
            lot: l.lot,
            expires_on: l.expires_on.map(|d| d.0),
            is_final: l.is_final,
        }
    }
}

/// A receipt to be filled later.
#[derive(InputObject)]
pub struct ReceiptOpenInput {
    /// One or more orders of one supplier at one location.
    order_ids: Vec<Id<PurchaseOrderId>>,
    /// Business date; today when not given.
    received_on: Option<Date>,
    /// The number on the supplier's paper.
    delivery_note: Option<String>,
    /// The receiver does not see what was ordered; the tenant may want that always.
    #[graphql(default)]
    blind: bool,
}

impl From<ReceiptOpenInput> for NewReceipt {
    fn from(i: ReceiptOpenInput) -> Self {
        Self {
            orders: i.order_ids.iter().map(Id::uuid).collect(),
            received_on: i.received_on.map(|d| d.0),
            delivery_note: i.delivery_note,
            blind: i.blind,
        }
    }
}

/// A receipt that is opened, filled and completed at once.
#[derive(InputObject)]
pub struct ReceiptCreateInput {
    /// One or more orders of one supplier at one location.
    order_ids: Vec<Id<PurchaseOrderId>>,
    /// Business date; today when not given.
    received_on: Option<Date>,
    /// The number on the supplier's paper.
    delivery_note: Option<String>,
    /// The receiver does not see what was ordered; the tenant may want that always.
    #[graphql(default)]
    blind: bool,
    /// What came.
    lines: Vec<ReceiptLineInput>,
}

impl From<ReceiptCreateInput> for (NewReceipt, Vec<EnteredLine>) {
    fn from(i: ReceiptCreateInput) -> Self {
        let open = ReceiptOpenInput {
            order_ids: i.order_ids,
            received_on: i.received_on,
            delivery_note: i.delivery_note,
            blind: i.blind,
        };
        (open.into(), i.lines.into_iter().map(Into::into).collect())
    }
}

/// Lines of an open receipt.
#[derive(InputObject)]
pub struct ReceiptRecordLinesInput {
    /// The receipt.
    pub(super) id: Id<ReceiptId>,
    /// What came.
    pub(super) lines: Vec<ReceiptLineInput>,
    /// In place of the lines that it has.
    #[graphql(default)]
    pub(super) replace: bool,
    /// The version that you have read.
    pub(super) expected_version: Option<i32>,
}

command_input!(ReceiptId;
    /// The receipt to complete.
    ReceiptCompleteInput,
);
reason_input!(ReceiptId;
    /// The receipt to give up.
    ReceiptCancelInput,
    /// The receipt to take back.
    ReceiptReverseInput,
);
