//! Questions of one statement.

use quartermaster_tenants::tx::{Flight, Param};
use quartermaster_tenants::{Op, Result, TenantTx, Tenants};
use tokio_postgres::Row;

/// What one statement finds, each row read so.
///
/// # Errors
/// What the database said; a row that cannot be read.
pub async fn found<T, C: FromIterator<T>>(
    db: &Tenants,
    op: &Op,
    sql: &'static str,
    params: Vec<Param>,
    read: impl Fn(&Row) -> Result<T>,
) -> Result<C> {
    let mut tx = TenantTx::read(db, op).await?;
    let mut flight = Flight::new();
    let rows = flight.rows(sql, params);
    let landing = tx.fly(flight).await?;
    landing.get(rows).iter().map(read).collect()
}
