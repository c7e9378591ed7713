//! Mutations.

use super::discrepancy::{Discrepancy, DiscrepancyKind, DiscrepancyResolution};
use crate::graphql::id::Id;
use crate::graphql::payload::about;
use crate::graphql::scalar::{Date, Decimal};
use crate::graphql::session;
use crate::{payload, perform};
use async_graphql::{Context, InputObject, Object, Result};
use quartermaster_domain::discrepancies::{self, NewDiscrepancy};
use quartermaster_domain::shared::{DiscrepancyId, ReceiptId};

payload!(
    /// A discrepancy after a mutation.
    DiscrepancyPayload, discrepancy: Discrepancy, DiscrepancyId
);

/// A discrepancy raised by hand.
#[derive(InputObject)]
pub struct DiscrepancyRaiseInput {
    /// The receipt: its goods are in stock.
    receipt_id: Id<ReceiptId>,
    /// The line of the receipt; not needed for papers and dates.
    receipt_line_number: Option<i32>,
    /// What differs.
    kind: DiscrepancyKind,
    /// How much, in the line's unit; the line's quantity when not given.
    quantity: Option<Decimal>,
    /// What it is worth, in the tenant's currency; the quantity at the line's cost when not given.
    amount: Option<Decimal>,
    /// What is wrong; people read it.
    reason: String,
    /// Until when it is to be settled; a week when not given.
    due_on: Option<Date>,
}

/// A decision about a discrepancy.
#[derive(InputObject)]
pub struct DiscrepancyResolveInput {
    /// The discrepancy.
    pub id: Id<DiscrepancyId>,
    /// What becomes of it.
    pub resolution: DiscrepancyResolution,
    /// Why; people read it.
    pub note: Option<String>,
    /// The version that you have read.
    pub expected_version: Option<i32>,
}

/// Mutations of discrepancies.
#[derive(Default)]
pub struct DiscrepancyMutation;

#[Object]
impl DiscrepancyMutation {
    /// Says that something differs on a receipt that is in stock.
    async fn discrepancy_raise(&self, ctx: &Context<'_>, input: DiscrepancyRaiseInput) -> Result<DiscrepancyPayload> {
        let s = session(ctx)?;
        let new = NewDiscrepancy {
            receipt: input.receipt_id.0,
            line: input.receipt_line_number,
            kind: input.kind.into(),
            quantity: input.quantity.map(|q| q.0),
            amount: input.amount.map(|a| a.0),
            reason: input.reason,
            due_on: input.due_on.map(|d| d.0),
        };
        Ok(perform!(s, discrepancies::raise(&s.db, &s.op, &new)).into())
    }

    /// Decides what becomes of a discrepancy: by somebody with authority for its amount who neither raised it nor received.
    async fn discrepancy_resolve(
        &self,
        ctx: &Context<'_>,
        input: DiscrepancyResolveInput,
    ) -> Result<DiscrepancyPayload> {
        let (s, id, version) = (session(ctx)?, input.id.0, input.expected_version);
        let (resolution, note) = (input.resolution.into(), input.note);
        let outcome = perform!(
            s,
            discrepancies::resolve(&s.db, &s.op, id, resolution, note.as_deref(), version)
        );
        Ok(about(id, outcome).into())
    }
}
