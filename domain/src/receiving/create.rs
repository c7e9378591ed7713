//! Open a receipt, enter what came, and take it into stock, in one call: three acts, each with its own hands and events.

use super::line::{Against, EnteredLine};
use super::open::{self, NewReceipt};
use super::{complete, record_lines, repo};
use crate::discrepancies;
use crate::inventory::ledger;
use crate::purchasing::progress;
use quartermaster_tenants::policy::Duty;
use quartermaster_tenants::{Flight, Op, Outcome, Result, TenantTx, Tenants};

/// Receives against orders at once.
///
/// # Errors
/// All that [`super::open`], [`super::record_lines`] and [`super::complete`] refuse; nothing is changed then.
pub async fn create(db: &Tenants, op: &Op, input: &NewReceipt, entered: &[EnteredLine]) -> Result<Outcome> {
    let mut tx = TenantTx::begin(db, op).await?;
    let ids = open::order_ids(input)?;
    let mut flight = Flight::new();
    let rows = progress::lock(op, &ids, &mut flight);
    let named: Vec<_> = record_lines::item_ids(entered, &[]);
    let at = repo::items(op, &named, &ids, &mut flight);
    let landing = tx.fly(flight).await?;
    let items = repo::read_items(&landing, at)?;
    let mut orders = open::orders(input, progress::read(&landing, &rows)?)?;

    let mut receipt = open::draft(op, &orders);
    let lines = Against {
        orders: &orders,
        items: &items,
        first_number: 1,
    }
    .check(entered);
    let mut planned = receipt.clone();
    planned.lines = lines.clone().unwrap_or_default();
    let mut reads = Flight::new();
    let at = ledger::lock(op, planned.movements(&orders).into_iter().map(|m| m.place), &mut reads);
    let (mut facts, landing) = tx.facts(planned.subject(), &[Duty::RcvRecord], reads).await?;
    let mut stock = ledger::read_locked(&landing, &at)?;

    let opened = open::decide(&mut tx, &mut facts, &mut receipt, &orders, input)?;
    let recorded = record_lines::decide(&mut tx, &mut facts, &mut receipt, &orders, lines, None)?;
    let mut writes = Flight::new();
    let posted = complete::decide(
        &mut tx,
        &mut facts,
        &mut receipt,
        &mut orders,
        &mut stock,
        None,
        &mut writes,
    )?;
    let number = tx.number("RECEIPT", &facts.settings).await?;
    open::link_orders(&tx, &receipt, &mut writes);
    repo::insert(&tx, opened, &receipt, &number, &mut writes)?;
    recorded.sign(&tx, receipt.id, receipt.trail.version, &mut writes)?;
    repo::insert_lines(op, receipt.id, &receipt.lines, &mut writes);
    discrepancies::insert_found(&tx, &posted.authorized, &receipt, &posted.found, &mut writes)?;
    posted
        .authorized
        .sign(&tx, receipt.id, receipt.trail.version, &mut writes)?;
    repo::commit(tx, &receipt, writes).await
}
