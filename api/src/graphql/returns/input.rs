//! Inputs.

use crate::graphql::id::Id;
use crate::graphql::scalar::{CurrencyCode, Date, Decimal, UnitCode};
use crate::{command_input, reason_input};
use async_graphql::InputObject;
use quartermaster_domain::returns::{NewReturn, NewReturnLine};
use quartermaster_domain::shared::{DiscrepancyId, ItemId, LocationId, ReceiptId, SupplierId, SupplierReturnId};

/// What goes back: of a receipt line, or free.
#[derive(InputObject)]
pub struct SupplierReturnLineInput {
    /// What goes back; that of the receipt line when not given.
    item_id: Option<Id<ItemId>>,
    /// How much, above zero.
    quantity: Decimal,
    /// That of the receipt line, else the item's base unit, when not given.
    unit_code: Option<UnitCode>,
    /// The price of one unit, up to four decimals; the order's when not given.
    unit_price: Option<Decimal>,
    /// For items tracked by lot; that of the receipt line when not given.
    lot: Option<String>,
    /// From quarantine, not from what is available.
    #[graphql(default)]
    from_quarantine: bool,
    /// Why, if not as the whole return.
    reason: Option<String>,
    /// The receipt that it came with.
    receipt_id: Option<Id<ReceiptId>>,
    /// Its line.
    receipt_line_number: Option<i32>,
}

/// A new return.
#[derive(InputObject)]
pub struct SupplierReturnCreateInput {
    /// Who gets the goods.
    supplier_id: Id<SupplierId>,
    /// From where.
    location_id: Id<LocationId>,
    /// The supplier's currency when not given.
    currency_code: Option<CurrencyCode>,
    /// Business date; today when not given.
    returned_on: Option<Date>,
    /// The number that the supplier gave for it.
    authorisation_number: Option<String>,
    /// Why goods go back; people read it.
    reason: String,
    /// The discrepancy that it settles.
    discrepancy_id: Option<Id<DiscrepancyId>>,
    /// At least one, at most 1,000.
    lines: Vec<SupplierReturnLineInput>,
    /// Ask for approval at once, as a step of its own.
    #[graphql(default)]
    pub(super) submit: bool,
}

impl From<SupplierReturnLineInput> for NewReturnLine {
    fn from(l: SupplierReturnLineInput) -> Self {
        Self {
            item: l.item_id.map(|id| id.uuid()),
            quantity: l.quantity.0,
            unit: l.unit_code.map(String::from),
            unit_price: l.unit_price.map(|p| p.0),
            lot: l.lot,
            from_quarantine: l.from_quarantine,
            reason: l.reason,
            receipt: l
                .receipt_id
                .map(|id| (id.uuid(), l.receipt_line_number.unwrap_or_default())),
        }
    }
}

impl From<SupplierReturnCreateInput> for NewReturn {
    fn from(i: SupplierReturnCreateInput) -> Self {
        Self {
            supplier: i.supplier_id.uuid(),
            location: i.location_id.uuid(),
            currency: i.currency_code.map(String::from),
            returned_on: i.returned_on.map(|d| d.0),
            authorisation: i.authorisation_number,
            reason: i.reason,
            discrepancy: i.discrepancy_id.map(|id| id.uuid()),
            lines: i.lines.into_iter().map(Into::into).collect(),
        }
    }
}

/// A return that leaves.
#[derive(InputObject)]
pub struct SupplierReturnShipInput {
    /// The return.
    pub(super) id: Id<SupplierReturnId>,
    /// The carrier's number.
    pub(super) tracking_number: Option<String>,
    /// The version that you have read.
    pub(super) expected_version: Option<i32>,
}

command_input!(SupplierReturnId;
    /// The draft to submit.
    SupplierReturnSubmitInput,
    /// The return to approve.
    SupplierReturnApproveInput,
);
reason_input!(SupplierReturnId;
    /// The return to refuse.
    SupplierReturnRejectInput,
    /// The return to withdraw.
    SupplierReturnCancelInput,
);
