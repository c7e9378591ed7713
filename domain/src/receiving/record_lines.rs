//! Enter what came.

use super::line::{Against, EnteredLine, MOST_LINES, check_expiry, price};
use super::receipt::{Receipt, ReceiptLine};
use super::status::ReceiptCommand;
use super::{lines_data, open, repo};
use crate::purchasing::{PurchaseOrder, progress};
use crate::shared::ReceiptId;
use quartermaster_tenants::act::{Authorized, Facts};
use quartermaster_tenants::event::Event;
use quartermaster_tenants::policy::{Duty, duty};
use quartermaster_tenants::{Flight, Op, Outcome, Refusal, Result, TenantTx, Tenants, error::Code};
use uuid::Uuid;

/// Adds lines to an open receipt, or replaces all that it has. What was entered is compared with the orders on completion.
///
/// # Errors
/// Refusals of the input, of authority, version, state, segregation of duties.
pub async fn record_lines(
    db: &Tenants,
    op: &Op,
    id: ReceiptId,
    entered: &[EnteredLine],
    replace: bool,
    expected_version: Option<i32>,
) -> Result<Outcome> {
    let mut tx = TenantTx::begin(db, op).await?;
    let mut flight = Flight::new();
    let rows = repo::lock(op, id, &mut flight);
    let landing = tx.fly(flight).await?;
    let mut receipt = repo::read_locked(&landing, &rows)?;
    let orders = progress::read(&landing, &rows.locked)?;
    let before = receipt.trail.version;
    if replace {
        receipt.lines.clear();
    }
    let mut subject = receipt.subject();
    subject.items = item_ids(entered, &orders);
    let mut reads = Flight::new();
    let at = repo::items(op, &subject.items, &receipt.orders, &mut reads);
    let (mut facts, landing) = tx.facts(subject, &[Duty::RcvRecord], reads).await?;
    let items = repo::read_items(&landing, at)?;
    let lines = Against {
        orders: &orders,
        items: &items,
        first_number: receipt.lines.last().map_or(1, |l| l.number + 1),
    }
    .check(entered);
    receipt.trail.touch();
    let versions = expected_version.map(|e| (e, before));
    let first = receipt.lines.len();
    let recorded = decide(&mut tx, &mut facts, &mut receipt, &orders, lines, versions)?;
    let mut writes = Flight::new();
    if replace {
        repo::delete_lines(op, id, &mut writes);
    }
    repo::insert_lines(op, id, &receipt.lines[first..], &mut writes);
    repo::update(&tx, recorded, &receipt, before, &mut writes)?;
    repo::commit(tx, &receipt, writes).await
}

/// The items that lines speak of, each once: what they name, and what their order lines ask for.
pub(super) fn item_ids(entered: &[EnteredLine], orders: &[PurchaseOrder]) -> Vec<Uuid> {
    let named = |l: &EnteredLine| {
        let ordered = orders
            .iter()
            .filter(|o| l.order.is_none_or(|id| o.id.0 == id))
            .flat_map(|o| o.lines.iter())
            .find(|x| Some(x.number) == l.order_line)
            .map(|x| x.item);
        l.item.or(ordered)
    };
    let mut ids: Vec<Uuid> = entered.iter().take(MOST_LINES + 1).filter_map(named).collect();
    ids.sort_unstable();
    ids.dedup();
    ids
}

/// The act itself, also for a receipt that is opened in the same transaction.
pub(super) fn decide(
    tx: &mut TenantTx<'_>,
    facts: &mut Facts,
    receipt: &mut Receipt,
    orders: &[PurchaseOrder],
    lines: Result<Vec<ReceiptLine>, Vec<Refusal>>,
    versions: Option<(i32, i32)>,
) -> Result<Authorized<duty::RcvRecord>> {
    let mut standing = open::with_orders(receipt.standing(ReceiptCommand::RecordLines, None), orders);
    standing.versions = versions;
    let recorded = facts.authorize::<duty::RcvRecord>(&standing)?;
    let mut lines = lines?;
    check_expiry(&lines, receipt.received_on)?;
    price(&mut lines, orders, &facts.settings)?;
    if receipt.lines.len() + lines.len() > MOST_LINES {
        let message = format!("A receipt has at most {MOST_LINES} lines.");
        return Err(Refusal::new(Code::TooLarge, &["lines"], message).into());
    }
    let data = lines_data(receipt, &lines);
    receipt.lines.extend(lines);
    tx.record(
        Event::new("receipt-line-recorded", "RECEIPT", receipt.id, data)
            .at_location(receipt.location)
            .of_act(recorded.act()),
        &mut receipt.trail,
    )?;
    Ok(recorded)
}
