//! Put a pass forward. Everybody who entered lines of it becomes a hand. What is within the tolerance is reviewed, the rest
//! is counted again by others; a variance that needs no approval is posted at once. All of that are system acts (6.10).

use super::stock_count::{CountCommand, Review};
use super::{event, post, repo};
use crate::inventory::ledger;
use crate::shared::StockCountId;
use quartermaster_tenants::error::Code;
use quartermaster_tenants::policy::{Duty, Level, duty};
use quartermaster_tenants::{Flight, Op, Outcome, Refusal, Result, TenantTx, Tenants};

/// The least level of a variance that nobody can appraise.
const LEVEL_OF_UNKNOWN: u8 = 1;

/// InProgress or RecountAsked → Submitted → Reviewed (and Posted), or RecountAsked.
///
/// # Errors
/// Refusals of authority, version, state, segregation of duties (INV-08, INV-09, DUAL-05), of places not counted yet.
pub async fn submit(db: &Tenants, op: &Op, id: StockCountId, expected_version: Option<i32>) -> Result<Outcome> {
    let mut tx = TenantTx::begin(db, op).await?;
    let (mut count, counters) = repo::load_for_update(&mut tx, id, repo::Lines::All).await?;
    let before = count.trail.version;
    let mut reads = Flight::new();
    let locked = ledger::lock(op, count.varied().map(|l| l.place.clone()), &mut reads);
    let subject = count.subject().together_with(counters);
    let (mut facts, landing) = tx.facts(subject, &[Duty::CntEnter], reads).await?;
    let submitted = facts.authorize::<duty::CntEnter>(&count.standing(CountCommand::Submit, expected_version))?;
    let missing = count.missing();
    if missing > 0 {
        let message = format!("{missing} places were not counted yet; enter zero where nothing lies.");
        return Err(Refusal::new(Code::Required, &["id"], message).into());
    }
    count.trail.touch();
    tx.record(
        event("stock-count-submitted", &count).of_act(submitted.act()),
        &mut count.trail,
    )?;
    let mut writes = Flight::new();
    match count.review() {
        Review::Recount => {
            tx.record(event("stock-recount-requested", &count).by_system(), &mut count.trail)?;
        }
        Review::Settled => {
            let known = facts.level_of(count.value);
            let unknown = count
                .found_without_cost()
                .then(|| Level::new(LEVEL_OF_UNKNOWN))
                .flatten();
            let level = unknown.map_or(known, |u| u.max(known));
            count.required_level = Some(level);
            tx.record(event("stock-count-reviewed", &count).by_system(), &mut count.trail)?;
            if level == Level::ZERO {
                tx.record(event("stock-count-approved", &count).by_system(), &mut count.trail)?;
                let mut stock = ledger::read_locked(&landing, &locked)?;
                post::post(
                    &mut tx,
                    &facts.settings,
                    &mut stock,
                    &mut count,
                    submitted.act(),
                    &mut writes,
                )?;
            }
        }
    }
    repo::update(&tx, submitted, &count, before, &mut writes)?;
    repo::write_lines(&tx, &count, count.lines.iter(), &mut writes)?;
    tx.commit(writes, Outcome::done(id, count.trail.version)).await
}
