//! Edit the draft of an order: whoever edits is a maker (H-16).

use super::create::{NewOrder, draft, item_ids};
use super::header_data;
use super::repo;
use super::status::OrderCommand;
use crate::shared::PurchaseOrderId;
use quartermaster_tenants::event::Event;
use quartermaster_tenants::policy::{Duty, duty};
use quartermaster_tenants::{Flight, Op, Outcome, Result, TenantTx, Tenants};

/// Replaces header and lines of a draft.
///
/// # Errors
/// Refusals of the input, of authority, version, state, segregation of duties.
pub async fn update(
    db: &Tenants,
    op: &Op,
    id: PurchaseOrderId,
    input: &NewOrder,
    expected_version: Option<i32>,
) -> Result<Outcome> {
    let mut tx = TenantTx::begin(db, op).await?;
    let current = repo::load_for_update(&mut tx, id).await?;
    let before = current.trail.version;
    let mut reads = Flight::new();
    let basis = repo::PriceBasis {
        on: Some(input.ordered_on.unwrap_or(current.ordered_on)),
        currency: input.currency.as_deref(),
    };
    let at = repo::references(
        op,
        input.supplier,
        input.location,
        item_ids(&input.lines),
        basis,
        &mut reads,
    );
    let (mut facts, landing) = tx
        .facts(current.subject().of_supplier(input.supplier), &[Duty::PoCreate], reads)
        .await?;
    let edited = facts.authorize::<duty::PoCreate>(&current.standing(OrderCommand::Update, expected_version))?;
    let mut order = draft(
        id,
        op,
        input,
        &repo::read_references(&landing, &at, input.ordered_on.unwrap_or(current.ordered_on))?,
        current.ordered_on,
    )?;
    (order.revision, order.round, order.buyer, order.trail) =
        (current.revision, current.round, current.buyer, current.trail);
    order.trail.touch();
    tx.record(
        Event::new("purchase-order-updated", "PURCHASE_ORDER", id, header_data(&order))
            .at_location(order.location)
            .of_act(edited.act()),
        &mut order.trail,
    )?;
    let mut writes = Flight::new();
    repo::update(&tx, edited, &order, before, &mut writes)?;
    repo::replace_lines(op, &order, &mut writes);
    repo::commit(tx, &order, writes).await
}
