//! Fail an import: its draft is taken back by the system, and the records that it made are drafts again.

use super::job::{ImportState, Job};
use super::repo;
use crate::changes::{self, Change, ChangeStatus};
use chrono::{DateTime, Utc};
use quartermaster_tenants::event::Event;
use quartermaster_tenants::{Flight, Op, Outcome, Result, TenantTx, Tenants};
use uuid::Uuid;

/// Reading → Failed; nothing when it ended otherwise meanwhile, or has moved since `silent_since`.
pub(super) async fn fail(
    db: &Tenants,
    op: &Op,
    id: Uuid,
    why: &str,
    silent_since: Option<DateTime<Utc>>,
) -> Result<()> {
    let mut tx = TenantTx::begin(db, op).await?;
    let mut flight = Flight::new();
    let held = repo::lock(op, id, &mut flight);
    let landing = tx.fly(flight).await?;
    let Some(row) = landing.optional(held) else {
        return Ok(());
    };
    let mut job = repo::read(row)?;
    let moved: DateTime<Utc> = row.try_get("moved_at")?;
    if job.state != ImportState::Reading || silent_since.is_some_and(|since| moved >= since) {
        return Ok(());
    }
    tx.clock().await?;
    let mut writes = Flight::new();
    let draft = draft(&mut tx, &job).await?;
    take_back(&mut tx, draft, why, &mut writes).await?;
    job.fail(why);
    job.trail.touch();
    let event = Event::new(job.state.event(), "IMPORT", job.id, job.data()).by_system();
    tx.record(event, &mut job.trail)?;
    repo::update(&tx, &job, &mut writes)?;
    let outcome = Outcome::done(job.id, job.trail.version);
    tx.commit(writes, outcome).await.map(drop)
}

/// The draft of an import, locked; none when it has none, or when somebody decided about it.
pub(super) async fn draft(tx: &mut TenantTx<'_>, job: &Job) -> Result<Option<Change>> {
    let (Some(kind), Some(change)) = (job.kind.change(), job.change) else {
        return Ok(None);
    };
    let mut flight = Flight::new();
    let held = changes::repo::lock(tx.op(), kind, change, &mut flight);
    let landing = tx.fly(flight).await?;
    let change = landing.optional(held).map(changes::repo::read).transpose()?;
    Ok(change.filter(|c| c.status == ChangeStatus::Draft))
}

/// Takes a draft back, as the system.
pub(super) async fn take_back(
    tx: &mut TenantTx<'_>,
    draft: Option<Change>,
    why: &str,
    writes: &mut Flight,
) -> Result<()> {
    match draft {
        Some(change) => changes::discard(tx, change, why, writes).await,
        None => Ok(()),
    }
}
