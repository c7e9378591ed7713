//! What can be asked about changes: what waits for approval, and what a change would do.

use super::change::{Action, Change, ChangeCommand, ChangeKind, ChangeStatus};
use super::master::Difference;
use super::repo;
use crate::shared::{Listing, Order, Page, Window, found};
use chrono::{DateTime, Utc};
use quartermaster_tenants::act::{Asked, Subject};
use quartermaster_tenants::{Error, Flight, Op, Result, TenantTx, Tenants, params};
use std::collections::HashMap;
use tokio_postgres::Row;
use uuid::Uuid;

/// A change, as it is read.
#[derive(Debug, Clone)]
pub struct ChangeRecord {
    /// The document.
    pub change: Change,
    /// When it was proposed.
    pub created_at: DateTime<Utc>,
    /// When it was last written.
    pub updated_at: DateTime<Utc>,
}

impl ChangeRecord {
    /// What a command on it would be about, and where it stands for it: for asking before doing.
    #[must_use]
    pub fn asked(&self) -> (Subject, Vec<(ChangeCommand, Asked)>) {
        let of = |command: ChangeCommand| {
            let standing = self.change.standing(command, None);
            let duty = self.change.kind.duty(command);
            (command, Asked { duty, standing })
        };
        let supplier = self.change.target.filter(|_| self.change.kind != ChangeKind::Item);
        let subject = self.change.subject().of_suppliers(supplier.into_iter().collect());
        (subject, ChangeCommand::ALL.into_iter().map(of).collect())
    }
}

/// One record of a change.
#[derive(Debug, Clone)]
pub struct ChangeLineRecord {
    /// Its place in the change.
    pub number: i32,
    /// The supplier, item or price that it is about.
    pub target: Uuid,
    /// What it does.
    pub action: Action,
    /// In which fields, readably.
    pub differences: Vec<Difference>,
}

/// Which changes; all conditions together.
#[derive(Debug, Clone, Default)]
pub struct ChangeFilter {
    /// Of this kind.
    pub kind: Option<ChangeKind>,
    /// With one of these ids.
    pub ids: Option<Vec<Uuid>>,
    /// In one of these states.
    pub statuses: Option<Vec<ChangeStatus>>,
    /// About one of these records.
    pub targets: Option<Vec<Uuid>>,
}

/// The orders in which the list can be asked for.
pub const ORDERS: [Order; 2] = [
    Order::descending("created-desc", "t.id", "uuid"),
    Order::ascending("created-asc", "t.id", "uuid"),
];

const LINES: &str = "SELECT w.n, l.line_number, l.target_id, l.action, l.differences FROM unnest($2::uuid[], $3::int[], $4::bigint[]) WITH ORDINALITY w (id, after, most, n) \
    CROSS JOIN LATERAL (SELECT x.* FROM qm.master_change_line x WHERE x.tenant_id = $1 AND x.id = w.id AND x.line_number > w.after ORDER BY x.line_number LIMIT w.most) l ORDER BY w.n, l.line_number";
const BY_IDS: &str = "SELECT c.* FROM qm.master_change c WHERE c.tenant_id = $1 AND c.id = ANY($2)";

fn listing(op: &Op, filter: &ChangeFilter) -> Listing {
    let mut list = Listing::new("t.*", "qm.master_change t", op.tenant.0);
    list.filter_some("t.kind = ?", filter.kind.map(ChangeKind::as_str))
        .filter_some("t.id = ANY(?)", filter.ids.clone())
        .filter_some(
            "t.status = ANY(?)",
            filter
                .statuses
                .as_ref()
                .map(|s| s.iter().map(|s| s.as_str()).collect::<Vec<_>>()),
        )
        .filter_some("t.target_id = ANY(?)", filter.targets.clone());
    list
}

/// A page of changes.
///
/// # Errors
/// What the database said.
pub async fn changes(
    db: &Tenants,
    op: &Op,
    filter: &ChangeFilter,
    order: Order,
    window: &Window,
) -> Result<Page<ChangeRecord>> {
    listing(op, filter)
        .read(&mut TenantTx::read(db, op).await?, order, window, read)
        .await
}

/// How many there are.
///
/// # Errors
/// What the database said.
pub async fn count_changes(db: &Tenants, op: &Op, filter: &ChangeFilter) -> Result<i64> {
    listing(op, filter).total(&mut TenantTx::read(db, op).await?).await
}

/// The changes with these ids.
///
/// # Errors
/// What the database said.
pub async fn changes_by_ids(db: &Tenants, op: &Op, ids: &[Uuid]) -> Result<HashMap<Uuid, ChangeRecord>> {
    found(db, op, BY_IDS, params![op.tenant.0, ids.to_vec()], |r| {
        read(r).map(|c| (c.change.id, c))
    })
    .await
}

/// Lines of several changes, each behind a number and at most so many, in the order of the windows.
///
/// # Errors
/// What the database said.
pub async fn change_lines(db: &Tenants, op: &Op, windows: &[(Uuid, i32, i64)]) -> Result<Vec<Vec<ChangeLineRecord>>> {
    let mut tx = TenantTx::read(db, op).await?;
    let mut flight = Flight::new();
    let ids: Vec<Uuid> = windows.iter().map(|w| w.0).collect();
    let after: Vec<i32> = windows.iter().map(|w| w.1).collect();
    let most: Vec<i64> = windows.iter().map(|w| w.2).collect();
    let rows = flight.rows(LINES, params![op.tenant.0, ids, after, most]);
    let landing = tx.fly(flight).await?;
    let mut out: Vec<Vec<ChangeLineRecord>> = windows.iter().map(|_| Vec::new()).collect();
    for row in landing.get(rows) {
        let action: &str = row.try_get("action")?;
        let line = ChangeLineRecord {
            number: row.try_get("line_number")?,
            target: row.try_get("target_id")?,
            action: Action::parse(action)?,
            differences: serde_json::from_value(row.try_get("differences")?).map_err(Error::internal)?,
        };
        let n: i64 = row.try_get("n")?;
        let at = usize::try_from(n - 1).map_err(Error::internal)?;
        if let Some(lines) = out.get_mut(at) {
            lines.push(line);
        }
    }
    Ok(out)
}

fn read(row: &Row) -> Result<ChangeRecord> {
    Ok(ChangeRecord {
        change: repo::read(row)?,
        created_at: row.try_get("created_at")?,
        updated_at: row.try_get("updated_at")?,
    })
}
