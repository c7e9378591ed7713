//! Cancel an import: who uploaded it ends it before its file is read to the end, and its draft is taken back at once.

use super::{fail, repo, start};
use crate::shared::ImportId;
use quartermaster_tenants::error::Code;
use quartermaster_tenants::event::Event;
use quartermaster_tenants::{Flight, Op, Outcome, Refusal, Result, TenantTx, Tenants};

/// Reading → Cancelled, also when nobody reads it any more. An upload that is still under way is refused with its next lines.
///
/// # Errors
/// Refusals of authority, version, state; of an import of somebody else.
pub async fn cancel(db: &Tenants, op: &Op, id: ImportId, expected_version: Option<i32>) -> Result<Outcome> {
    let mut tx = TenantTx::begin(db, op).await?;
    let mut flight = Flight::new();
    let held = repo::lock(op, id.0, &mut flight);
    let landing = tx.fly(flight).await?;
    let row = landing
        .optional(held)
        .ok_or_else(|| Refusal::not_found(&["id"], "import"))?;
    let mut job = repo::read(row)?;
    let draft = fail::draft(&mut tx, &job).await?;
    let subject = job.subject(job.change.unwrap_or(job.id));
    let document = subject.document;
    let (mut facts, _) = tx.facts(subject, &[job.kind.duty()], Flight::new()).await?;
    let act = start::check(&mut facts, &tx, job.kind, document, &job.standing(expected_version))?;
    if job.account != op.account {
        let message = "Only who uploaded a file can cancel its import.";
        return Err(Refusal::new(Code::Forbidden, &["id"], message).into());
    }
    job.cancel();
    job.trail.touch();
    let event = Event::new(job.state.event(), "IMPORT", job.id, job.data());
    tx.record(event.of_act(act), &mut job.trail)?;
    let mut writes = Flight::new();
    fail::take_back(&mut tx, draft, "Its import was cancelled.", &mut writes).await?;
    repo::update(&tx, &job, &mut writes)?;
    let outcome = Outcome::done(job.id, job.trail.version);
    tx.commit(writes, outcome).await
}
