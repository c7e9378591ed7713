//! Ask for a transfer. It is approved at once, as a system act: no duty of the tables approves transfers.

use super::status::TransferStatus;
use super::transfer::{Transfer, TransferLine};
use super::{event, repo};
use crate::inventory::references::{self, EnteredLine};
use crate::shared::{Refusals, TransferId, line_field, quantity, text};
use chrono::NaiveDate;
use quartermaster_tenants::act::{Standing, Subject};
use quartermaster_tenants::event::Trail;
use quartermaster_tenants::policy::{DocumentKind, Duty, duty};
use quartermaster_tenants::{Flight, Op, Outcome, Refusal, Result, TenantTx, Tenants};
use rust_decimal::Decimal;
use uuid::Uuid;

/// A transfer as people enter it.
#[derive(Debug, Clone)]
pub struct NewTransfer {
    /// The sender.
    pub from: Uuid,
    /// The receiver.
    pub to: Uuid,
    /// When it is wanted.
    pub expected_on: Option<NaiveDate>,
    /// For people.
    pub note: Option<String>,
    /// At least one, at most 10,000.
    pub lines: Vec<EnteredLine>,
}

/// Requested → Approved.
///
/// # Errors
/// Refusals of the input, of authority, of segregation of duties.
pub async fn create(db: &Tenants, op: &Op, input: &NewTransfer) -> Result<Outcome> {
    references::some_lines(input.lines.len())?;
    let mut tx = TenantTx::begin(db, op).await?;
    let id = TransferId::fresh();
    let mut reads = Flight::new();
    let items = input.lines.iter().map(|l| l.item).collect();
    let at = references::references(op, vec![input.from, input.to], items, &mut reads);
    let subject = Subject::new(DocumentKind::Transfer, id).at(input.to);
    let (mut facts, landing) = tx.facts(subject, &[Duty::TrfCreate], reads).await?;
    let found = references::read(&landing, &at)?;
    let created = facts.authorize::<duty::TrfCreate>(&Standing::new_document())?;
    let mut transfer = draft(id, op, input, &found, facts.now.date_naive())?;
    transfer.trail.touch();
    let requested = event("transfer-requested", &transfer, transfer.to).of_act(created.act());
    tx.record(requested, &mut transfer.trail)?;
    transfer.status = TransferStatus::Approved;
    let approved = event("transfer-approved", &transfer, transfer.to).by_system();
    tx.record(approved, &mut transfer.trail)?;
    let number = tx.number("TRANSFER", &facts.settings).await?;
    let mut writes = Flight::new();
    repo::insert(&tx, created, &transfer, &number, &mut writes)?;
    tx.commit(writes, Outcome::done(id, transfer.trail.version)).await
}

fn draft(
    id: TransferId,
    op: &Op,
    input: &NewTransfer,
    found: &references::References,
    today: NaiveDate,
) -> Result<Transfer, Vec<Refusal>> {
    let mut refusals = Refusals::default();
    let from = refusals.take(found.any_location(&["fromLocationId"], input.from));
    let to = refusals.take(found.any_location(&["toLocationId"], input.to));
    if from == Some(false) && to == Some(false) {
        refusals.push(Refusal::not_found(&["toLocationId"], "location"));
    }
    if input.from == input.to {
        refusals.push(Refusal::invalid(
            &["toLocationId"],
            "Sender and receiver are the same location.",
        ));
    }
    if input.expected_on.is_some_and(|d| d < today) {
        let message = "The transfer is expected before it is asked for.";
        refusals.push(Refusal::invalid(&["expectedOn"], message));
    }
    let note = input.note.as_deref().map(|n| text(&["note"], n, 2000)).transpose();
    let note = refusals.take(note).flatten();
    let mut lines = Vec::with_capacity(input.lines.len());
    for (i, entered) in input.lines.iter().enumerate() {
        let wanted = quantity(&[], entered.quantity).map_err(|r| r.under(&line_field("lines", i, "quantity")));
        refusals.take(wanted);
        match found.line(i, input.to, entered) {
            Err(wrong) => refusals.0.extend(wrong),
            Ok((place, quantity)) => lines.push(TransferLine {
                number: i32::try_from(i + 1).unwrap_or(i32::MAX),
                item: place.item,
                lot: place.lot,
                quantity,
                reserved: Decimal::ZERO,
                shipped: Decimal::ZERO,
                received: Decimal::ZERO,
                damaged: Decimal::ZERO,
                lost: Decimal::ZERO,
            }),
        }
    }
    refusals.finish()?;
    Ok(Transfer {
        id,
        from: input.from,
        to: input.to,
        status: TransferStatus::Requested,
        expected_on: input.expected_on,
        note,
        reason: None,
        requester: op.account,
        lines,
        trail: Trail::new(),
    })
}
