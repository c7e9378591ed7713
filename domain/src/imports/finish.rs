//! Finish an import: its change waits for another person from now on.

use super::chunk::Reading;
use super::job::ImportKind;
use super::repo::{self, Held};
use crate::changes::Batch;
use crate::items::Item;
use crate::pricing::Price;
use crate::suppliers::Supplier;
use quartermaster_tenants::event::Event;
use quartermaster_tenants::{Error, Flight, Op, Outcome, Result, TenantTx, Tenants};

/// An end that loses to concurrent transactions is tried this often.
const TRIES: u32 = 5;

/// Reading → Proposed, Applied, Unchanged or Checked. The idempotency key gets its answer here.
pub(super) async fn finish(db: &Tenants, op: &Op, reading: &Reading) -> Result<Outcome> {
    let mut attempts = 0;
    loop {
        attempts += 1;
        match once(db, op, reading).await {
            Err(Error::Contended(_)) if attempts < TRIES => {}
            end => return end,
        }
    }
}

async fn once(db: &Tenants, op: &Op, reading: &Reading) -> Result<Outcome> {
    let mut tx = TenantTx::begin(db, op).await?;
    let mut flight = Flight::new();
    let held = Held::of(op, reading, &mut flight);
    let landing = tx.fly(flight).await?;
    let change = held.change(&landing, reading)?;
    let mut job = reading.job.clone();
    let mut writes = Flight::new();
    if let Some(change) = change.filter(|_| job.change.is_some()) {
        let (mut facts, _) = tx.facts(change.subject(), &[job.kind.duty()], Flight::new()).await?;
        let mut batch = Batch { change, stored: true };
        match job.kind {
            ImportKind::Suppliers => batch.add::<Supplier>(&mut tx, &mut facts, &[], true, &mut writes)?,
            ImportKind::Items => batch.add::<Item>(&mut tx, &mut facts, &[], true, &mut writes)?,
            ImportKind::Prices => batch.add::<Price>(&mut tx, &mut facts, &[], true, &mut writes)?,
            ImportKind::Locations => {}
        }
    } else {
        tx.clock().await?;
    }
    job.end();
    job.trail.touch();
    let event = Event::new(job.state.event(), "IMPORT", job.id, job.data());
    tx.record(event, &mut job.trail)?;
    repo::update(&tx, &job, &mut writes)?;
    let outcome = Outcome::done(job.id, job.trail.version);
    tx.commit(writes, outcome).await
}
