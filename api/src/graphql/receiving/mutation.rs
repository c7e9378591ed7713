//! Mutations: one for each transition, and one for a whole delivery.

use super::input::{
    ReceiptCancelInput, ReceiptCompleteInput, ReceiptCreateInput, ReceiptOpenInput, ReceiptRecordLinesInput,
    ReceiptReverseInput,
};
use super::receipt::Receipt;
use crate::graphql::payload::about;
use crate::graphql::session;
use crate::{payload, perform};
use async_graphql::{Context, Object, Result};
use quartermaster_domain::receiving::queries::ReceiptRecord;
use quartermaster_domain::receiving::{self, EnteredLine, NewReceipt};
use quartermaster_domain::shared::ReceiptId;

payload!(
    /// A receipt after a mutation.
    ReceiptPayload, receipt: Receipt, ReceiptId, ReceiptRecord
);

/// Mutations of receipts.
#[derive(Default)]
pub struct ReceivingMutation;

#[Object]
impl ReceivingMutation {
    /// Opens a receipt against orders; nothing moves yet.
    async fn receipt_open(&self, ctx: &Context<'_>, input: ReceiptOpenInput) -> Result<ReceiptPayload> {
        let s = session(ctx)?;
        let new = NewReceipt::from(input);
        Ok(perform!(s, receiving::open(&s.db, &s.op, &new)).into())
    }

    /// Opens, fills and completes a receipt at once; each step keeps its own audit entry.
    async fn receipt_create(&self, ctx: &Context<'_>, input: ReceiptCreateInput) -> Result<ReceiptPayload> {
        let s = session(ctx)?;
        let (new, lines): (NewReceipt, Vec<EnteredLine>) = input.into();
        Ok(perform!(s, receiving::create(&s.db, &s.op, &new, &lines)).into())
    }

    /// Adds lines to an open receipt, or replaces those that it has.
    async fn receipt_record_lines(&self, ctx: &Context<'_>, input: ReceiptRecordLinesInput) -> Result<ReceiptPayload> {
        let (s, id, version, replace) = (session(ctx)?, input.id.0, input.expected_version, input.replace);
        let lines: Vec<EnteredLine> = input.lines.into_iter().map(Into::into).collect();
        let outcome = perform!(s, receiving::record_lines(&s.db, &s.op, id, &lines, replace, version));
        Ok(about(id, outcome).into())
    }

    /// Takes what came into stock and compares it with the orders.
    async fn receipt_complete(&self, ctx: &Context<'_>, input: ReceiptCompleteInput) -> Result<ReceiptPayload> {
        let (s, id, version) = (session(ctx)?, input.id.0, input.expected_version);
        Ok(about(id, perform!(s, receiving::complete(&s.db, &s.op, id, version))).into())
    }

    /// Gives up a receipt of which nothing was taken into stock.
    async fn receipt_cancel(&self, ctx: &Context<'_>, input: ReceiptCancelInput) -> Result<ReceiptPayload> {
        let (s, id, version) = (session(ctx)?, input.id.0, input.expected_version);
        let outcome = perform!(s, receiving::cancel(&s.db, &s.op, id, &input.reason, version));
        Ok(about(id, outcome).into())
    }

    /// Takes a receipt back, by another person than who received: what came leaves stock, the orders expect it anew.
    async fn receipt_reverse(&self, ctx: &Context<'_>, input: ReceiptReverseInput) -> Result<ReceiptPayload> {
        let (s, id, version) = (session(ctx)?, input.id.0, input.expected_version);
        let outcome = perform!(s, receiving::reverse(&s.db, &s.op, id, &input.reason, version));
        Ok(about(id, outcome).into())
    }
}
