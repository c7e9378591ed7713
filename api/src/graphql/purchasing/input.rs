//! Inputs.

use crate::graphql::id::Id;
use crate::graphql::scalar::{CurrencyCode, Date, Decimal, UnitCode};
use crate::{command_input, reason_input};
use async_graphql::InputObject;
use quartermaster_domain::purchasing::{NewLine, NewOrder};
use quartermaster_domain::shared::{ItemId, LocationId, PurchaseOrderId, SupplierId};

/// A line of a new order.
#[derive(InputObject)]
pub struct PurchaseOrderLineInput {
    /// Counted from 1 when not given; unique in the order.
    pub(super) line_number: Option<i32>,
    /// The item.
    pub(super) item_id: Id<ItemId>,
    /// How much, above zero.
    pub(super) quantity: Decimal,
    /// The item's base unit when not given, or the unit of one of its packs.
    pub(super) unit_code: Option<UnitCode>,
    /// Up to four decimals; the supplier's agreed price when not given.
    pub(super) unit_price: Option<Decimal>,
    /// In percent; zero when not given.
    pub(super) tax_rate: Option<Decimal>,
    /// The order's when not given.
    pub(super) expected_on: Option<Date>,
}

/// Header and lines of an order.
#[derive(InputObject)]
pub struct PurchaseOrderDraftInput {
    /// Who is to deliver.
    pub(super) supplier_id: Id<SupplierId>,
    /// Where to.
    pub(super) location_id: Id<LocationId>,
    /// The supplier's currency when not given.
    pub(super) currency_code: Option<CurrencyCode>,
    /// Business date; today when not given.
    pub(super) ordered_on: Option<Date>,
    /// When the goods are wanted.
    pub(super) expected_on: Option<Date>,
    /// For the supplier.
    pub(super) note: Option<String>,
    /// Your own reference.
    pub(super) reference: Option<String>,
    /// At least one, at most 10,000.
    pub(super) lines: Vec<PurchaseOrderLineInput>,
}

impl From<PurchaseOrderLineInput> for NewLine {
    fn from(l: PurchaseOrderLineInput) -> Self {
        Self {
            number: l.line_number,
            item: l.item_id.uuid(),
            quantity: l.quantity.0,
            unit: l.unit_code.map(String::from),
            unit_price: l.unit_price.map(|p| p.0),
            tax_rate: l.tax_rate.map(|t| t.0),
            expected_on: l.expected_on.map(|d| d.0),
        }
    }
}

impl From<PurchaseOrderDraftInput> for NewOrder {
    fn from(i: PurchaseOrderDraftInput) -> Self {
        Self {
            supplier: i.supplier_id.uuid(),
            location: i.location_id.uuid(),
            currency: i.currency_code.map(String::from),
            ordered_on: i.ordered_on.map(|d| d.0),
            expected_on: i.expected_on.map(|d| d.0),
            note: i.note,
            reference: i.reference,
            lines: i.lines.into_iter().map(Into::into).collect(),
        }
    }
}

/// A new order.
#[derive(InputObject)]
pub struct PurchaseOrderCreateInput {
    /// Header and lines.
    pub(super) order: PurchaseOrderDraftInput,
    /// Ask for approval at once, as a step of its own.
    #[graphql(default)]
    pub(super) submit: bool,
}

/// A draft's header and lines anew.
#[derive(InputObject)]
pub struct PurchaseOrderUpdateInput {
    /// The draft.
    pub(super) id: Id<PurchaseOrderId>,
    /// Header and lines, in place of what there is.
    pub(super) order: PurchaseOrderDraftInput,
    /// The version that you have read.
    pub(super) expected_version: Option<i32>,
}

/// Lines of which no more is expected.
#[derive(InputObject)]
pub struct PurchaseOrderShortCloseInput {
    /// The order.
    pub(super) id: Id<PurchaseOrderId>,
    /// The lines.
    pub(super) line_numbers: Vec<i32>,
    /// Why; people read it.
    pub(super) reason: String,
    /// The version that you have read.
    pub(super) expected_version: Option<i32>,
}

command_input!(PurchaseOrderId;
    /// The draft to submit.
    PurchaseOrderSubmitInput,
    /// The order to approve.
    PurchaseOrderApproveInput,
    /// The order to release.
    PurchaseOrderReleaseInput,
    /// The order to go on with.
    PurchaseOrderResumeInput,
);
reason_input!(PurchaseOrderId;
    /// The order to send back.
    PurchaseOrderReturnInput,
    /// The order to refuse.
    PurchaseOrderRejectInput,
    /// The order to withdraw.
    PurchaseOrderCancelInput,
    /// The order to stop.
    PurchaseOrderHoldInput,
);
