//! The SQL of change documents: one statement for each table, whatever the number of records.

use super::change::{Action, Change, ChangeKind, ChangeStatus};
use super::master::{Line, Master};
use quartermaster_tenants::event::{Event, Trail};
use quartermaster_tenants::tx::{Flight, Rows, TenantTx};
use quartermaster_tenants::{Op, Refusal, Result, params};
use serde_json::json;
use tokio_postgres::Row;
use uuid::Uuid;

const LOCK: &str = "SELECT c.* FROM qm.master_change c WHERE c.tenant_id = $1 AND c.id = $2 AND c.kind = $3 FOR UPDATE";
const SUPPLIERS: &str = "SELECT DISTINCT l.supplier_id FROM qm.master_change_line l WHERE l.tenant_id = $1 AND l.id = $2 AND l.supplier_id IS NOT NULL";
const INSERT: &str = "INSERT INTO qm.master_change (tenant_id, id, kind, status, action, target_id, name, line_count, proposer_account_id, round, version, event_sequence, event_hash, created_at, updated_at) \
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, 1, $10, $11, $12, $13, $13)";
const UPDATE: &str = "UPDATE qm.master_change c SET status = $3, line_count = $4, decider_account_id = $5, reason = $6, version = $7, event_sequence = $8, event_hash = $9, updated_at = $10 \
    WHERE c.tenant_id = $1 AND c.id = $2";
const INSERT_LINES: &str = "INSERT INTO qm.master_change_line AS l (tenant_id, id, line_number, target_id, supplier_id, action, record, differences) \
    SELECT c.tenant_id, c.id, $3 + u.n::int, u.target_id, u.supplier_id, u.action, u.record, u.differences \
    FROM qm.master_change c, unnest($4::uuid[], $5::uuid[], $6::text[], $7::jsonb[], $8::jsonb[]) WITH ORDINALITY u (target_id, supplier_id, action, record, differences, n) \
    WHERE c.tenant_id = $1 AND c.id = $2";

pub(crate) fn read(row: &Row) -> Result<Change> {
    Ok(Change {
        id: row.try_get("id")?,
        kind: ChangeKind::parse(row.try_get("kind")?)?,
        status: ChangeStatus::parse(row.try_get("status")?)?,
        action: Action::parse(row.try_get("action")?)?,
        target: row.try_get("target_id")?,
        name: row.try_get("name")?,
        line_count: row.try_get("line_count")?,
        proposer: row.try_get("proposer_account_id")?,
        decider: row.try_get("decider_account_id")?,
        reason: row.try_get("reason")?,
        trail: Trail::from_row(row)?,
    })
}

/// Adds the statement that locks a change.
pub(crate) fn lock(op: &Op, kind: ChangeKind, id: Uuid, flight: &mut Flight) -> Rows {
    flight.rows(LOCK, params![op.tenant.0, id, kind.as_str()])
}

/// Locks a change, and reads which suppliers its lines are about.
pub(crate) async fn load_for_update(tx: &mut TenantTx<'_>, kind: ChangeKind, id: Uuid) -> Result<(Change, Vec<Uuid>)> {
    let mut flight = Flight::new();
    let header = lock(tx.op(), kind, id, &mut flight);
    let suppliers = flight.rows(SUPPLIERS, params![tx.op().tenant.0, id]);
    let landing = tx.fly(flight).await?;
    let row = landing
        .optional(header)
        .ok_or_else(|| Refusal::not_found(&["id"], "change"))?;
    let suppliers = landing
        .get(suppliers)
        .iter()
        .map(|r| Ok(r.try_get(0)?))
        .collect::<Result<_>>()?;
    Ok((read(row)?, suppliers))
}

/// Writes a new change. Its act was signed before.
pub(crate) fn insert(tx: &TenantTx<'_>, change: &Change, writes: &mut Flight) -> Result<()> {
    writes.exec(
        INSERT,
        params![
            tx.op().tenant.0,
            change.id,
            change.kind.as_str(),
            change.status.as_str(),
            change.action.as_str(),
            change.target,
            change.name.clone(),
            change.line_count,
            change.proposer,
            change.trail.version,
            change.trail.sequence,
            change.trail.hash.clone(),
            tx.now()?,
        ],
        1,
    );
    Ok(())
}

/// Writes a change as it is now. Its act was signed before.
pub(crate) fn update(tx: &TenantTx<'_>, change: &Change, writes: &mut Flight) -> Result<()> {
    writes.exec(
        UPDATE,
        params![
            tx.op().tenant.0,
            change.id,
            change.status.as_str(),
            change.line_count,
            change.decider,
            change.reason.clone(),
            change.trail.version,
            change.trail.sequence,
            change.trail.hash.clone(),
            tx.now()?,
        ],
        1,
    );
    Ok(())
}

/// Adds lines behind the `before` that it has, and the rows of records that are new, each with its event.
pub(crate) fn insert_lines<M: Master>(
    tx: &mut TenantTx<'_>,
    change: &Change,
    act: Uuid,
    before: i32,
    lines: &[Line],
    writes: &mut Flight,
) -> Result<()> {
    if lines.is_empty() {
        return Ok(());
    }
    let tenant = tx.op().tenant.0;
    writes.exec(
        INSERT_LINES,
        params![
            tenant,
            change.id,
            before,
            lines.iter().map(|l| l.target).collect::<Vec<_>>(),
            lines.iter().map(|l| l.supplier).collect::<Vec<_>>(),
            lines.iter().map(|l| l.action.as_str()).collect::<Vec<_>>(),
            lines.iter().map(|l| l.record.clone()).collect::<Vec<_>>(),
            lines.iter().map(|l| l.differences.clone()).collect::<Vec<_>>(),
        ],
        lines.len() as u64,
    );
    let (Some(sql), Some(document)) = (M::WRITE, M::DOCUMENT) else {
        return Ok(());
    };
    // By number, so that a chunk of an import reads its own lines and not all that came before.
    let numbered = lines.iter().zip(before + 1..);
    let new: Vec<(i32, Uuid)> = numbered.filter(|(l, _)| l.insert).map(|(l, n)| (n, l.target)).collect();
    if new.is_empty() {
        return Ok(());
    }
    let mut trails = Vec::with_capacity(new.len());
    for (_, target) in &new {
        let mut trail = Trail::new();
        trail.touch();
        let data = json!({ "status": "PENDING_APPROVAL", "changeId": change.id });
        tx.record(Event::new(M::CREATED, document, *target, data).of_act(act), &mut trail)?;
        trails.push(trail);
    }
    let numbers: Vec<i32> = new.iter().map(|(n, _)| *n).collect();
    let statuses = vec!["PENDING_APPROVAL".to_owned(); new.len()];
    write_records(tx, change, sql, (numbers, statuses, &trails), writes)
}

/// Adds [`Master::WRITE`]: lines by number, the status of each record, and the end of its chain.
pub(super) fn write_records(
    tx: &TenantTx<'_>,
    change: &Change,
    sql: &'static str,
    (lines, statuses, trails): (Vec<i32>, Vec<String>, &[Trail]),
    writes: &mut Flight,
) -> Result<()> {
    let count = lines.len() as u64;
    let mut params = params![tx.op().tenant.0, change.id, lines, statuses];
    params.extend(trail_params(trails));
    params.push(Box::new(tx.now()?));
    writes.exec(sql, params, count);
    Ok(())
}

/// Versions, sequences and hashes as three arrays.
pub(crate) fn trail_params(trails: &[Trail]) -> Vec<quartermaster_tenants::tx::Param> {
    params![
        trails.iter().map(|t| t.version).collect::<Vec<_>>(),
        trails.iter().map(|t| t.sequence).collect::<Vec<_>>(),
        trails.iter().map(|t| t.hash.clone()).collect::<Vec<_>>(),
    ]
}
