//! Who still uses what of the API is deprecated: the counts of each day, by account and client.

use crate::act::may;
use crate::error::Result;
use crate::listing::{Listing, Order, Page, Window};
use crate::op::Op;
use crate::policy::Duty;
use crate::tx::{TenantTx, Tenants};
use chrono::{DateTime, NaiveDate, Utc};
use tokio_postgres::Row;
use uuid::Uuid;

/// What is counted together.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Use {
    /// The tenant.
    pub tenant: Uuid,
    /// Who used it.
    pub account: Uuid,
    /// What was used: its coordinate in the schema.
    pub coordinate: String,
    /// With which program, as it calls itself.
    pub client: String,
}

/// The count of a day.
#[derive(Debug, Clone)]
pub struct UseRecord {
    /// What was used.
    pub coordinate: String,
    /// Who used it.
    pub account: Uuid,
    /// With which program.
    pub client: String,
    /// On which day, in UTC.
    pub used_on: NaiveDate,
    /// How often.
    pub uses: i64,
    /// When last.
    pub last_at: DateTime<Utc>,
}

/// Which counts are wanted; all conditions together.
#[derive(Debug, Clone, Default)]
pub struct UseFilter {
    /// Of these coordinates.
    pub coordinates: Option<Vec<String>>,
    /// By these accounts.
    pub accounts: Option<Vec<Uuid>>,
    /// On or after this day.
    pub from: Option<NaiveDate>,
}

/// Newest day first.
pub const NEWEST: Order = Order::descending("newest", "t.used_on", "date");

/// Oldest day first.
pub const OLDEST: Order = Order::ascending("oldest", "t.used_on", "date");

const COLUMNS: &str = "t.*";
const RECORD: &str = "SELECT qm.count_deprecated_uses($1, $2, $3, $4, $5)";

/// Adds to the counts of today, of all tenants of a process by one statement.
///
/// # Errors
/// What the database said; nothing is counted then.
pub async fn record(db: &Tenants, uses: &[(Use, i64)]) -> Result<()> {
    let tenants: Vec<Uuid> = uses.iter().map(|(u, _)| u.tenant).collect();
    let coordinates: Vec<&str> = uses.iter().map(|(u, _)| u.coordinate.as_str()).collect();
    let accounts: Vec<Uuid> = uses.iter().map(|(u, _)| u.account).collect();
    let clients: Vec<&str> = uses.iter().map(|(u, _)| u.client.as_str()).collect();
    let counts: Vec<i64> = uses.iter().map(|(_, n)| *n).collect();
    let conn = db.connection().await?;
    conn.execute(RECORD, &[&tenants, &coordinates, &accounts, &clients, &counts])
        .await?;
    Ok(())
}

fn listing(op: &Op, filter: &UseFilter) -> Listing {
    let mut list = Listing::new(COLUMNS, "qm.deprecated_use t", op.tenant.0);
    list.filter_some("t.coordinate = ANY(?)", filter.coordinates.clone())
        .filter_some("t.account_id = ANY(?)", filter.accounts.clone())
        .filter_some("t.used_on >= ?", filter.from);
    list
}

/// A page of counts. For holders of AUD.READ.
///
/// # Errors
/// `FORBIDDEN` for everybody else; what the database said.
pub async fn uses(db: &Tenants, op: &Op, filter: &UseFilter, order: Order, window: &Window) -> Result<Page<UseRecord>> {
    let mut tx = TenantTx::read(db, op).await?;
    may(&mut tx, Duty::AudRead).await?;
    listing(op, filter).read(&mut tx, order, window, read).await
}

/// How many there are.
///
/// # Errors
/// As [`uses`].
pub async fn count_uses(db: &Tenants, op: &Op, filter: &UseFilter) -> Result<i64> {
    let mut tx = TenantTx::read(db, op).await?;
    may(&mut tx, Duty::AudRead).await?;
    listing(op, filter).total(&mut tx).await
}

fn read(row: &Row) -> Result<UseRecord> {
    Ok(UseRecord {
        coordinate: row.try_get("coordinate")?,
        account: row.try_get("account_id")?,
        client: row.try_get("client")?,
        used_on: row.try_get("used_on")?,
        uses: row.try_get("uses")?,
        last_at: row.try_get("last_at")?,
    })
}
