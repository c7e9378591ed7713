//! Start an import: who may not import learns it before the file is read.

use super::chunk::Reading;
use super::claims::Claims;
use super::import::Upload;
use super::job::{Counts, ImportKind, ImportState, Job};
use super::repo;
use crate::shared::text;
use quartermaster_tenants::act::{Facts, Standing};
use quartermaster_tenants::event::{Event, Trail};
use quartermaster_tenants::policy::{DutyType, duty};
use quartermaster_tenants::{Flight, Op, Outcome, Result, TenantTx, Tenants};
use uuid::Uuid;

/// New → Reading.
pub(super) async fn start(db: &Tenants, op: &Op, upload: &Upload, header: String) -> Result<Reading> {
    let mut tx = TenantTx::begin(db, op).await?;
    let mut job = Job {
        id: Uuid::now_v7(),
        kind: upload.kind,
        state: ImportState::Reading,
        dry_run: upload.dry_run,
        on_invalid_gtin: upload.on_invalid_gtin,
        name: text(&["name"], &upload.name, 200)?,
        change: None,
        account: op.account,
        header,
        counts: Counts::default(),
        failure: None,
        digest: Vec::new(),
        begins: Vec::new(),
        trail: Trail::new(),
    };
    let change = Uuid::now_v7();
    let subject = job.subject(change);
    let document = subject.document;
    let (mut facts, _) = tx.facts(subject, &[job.kind.duty()], Flight::new()).await?;
    let act = check(&mut facts, &tx, job.kind, document, &Standing::new_document())?;
    job.trail.touch();
    let event = Event::new(job.state.event(), "IMPORT", job.id, job.data()).of_act(act);
    tx.record(event, &mut job.trail)?;
    let mut writes = Flight::new();
    repo::insert(&tx, &job, &mut writes)?;
    let outcome = Outcome::done(job.id, job.trail.version);
    tx.commit(writes, outcome).await?;
    Ok(Reading {
        job,
        change,
        claims: Claims::default(),
    })
}

/// May these hands import this at all? Nothing is proposed by it, so no hand is left.
pub(super) fn check(
    facts: &mut Facts,
    tx: &TenantTx<'_>,
    kind: ImportKind,
    document: Uuid,
    standing: &Standing,
) -> Result<Uuid> {
    fn with<D: DutyType>(facts: &mut Facts, tx: &TenantTx<'_>, document: Uuid, standing: &Standing) -> Result<Uuid> {
        let authorized = facts.authorize::<D>(standing)?;
        let act = authorized.act();
        let version = authorized.version().unwrap_or_default();
        authorized.check(tx, document, version)?;
        Ok(act)
    }
    match kind {
        ImportKind::Suppliers => with::<duty::SupPropose>(facts, tx, document, standing),
        ImportKind::Items => with::<duty::ItemPropose>(facts, tx, document, standing),
        ImportKind::Prices => with::<duty::PricePropose>(facts, tx, document, standing),
        ImportKind::Locations => with::<duty::TenConfig>(facts, tx, document, standing),
    }
}
