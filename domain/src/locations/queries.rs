//! What can be asked about locations and regions.

use super::location::{Location, LocationKind, LocationStatus};
use crate::shared::{Listing, Order, Page, Window, found};
use chrono::{DateTime, Utc};
use quartermaster_tenants::tx::Param;
use quartermaster_tenants::{Op, Result, TenantTx, Tenants, params};
use std::collections::HashMap;
use tokio_postgres::Row;
use uuid::Uuid;

/// A location, as it is read.
#[derive(Debug, Clone)]
pub struct LocationRecord {
    /// Its id.
    pub id: Uuid,
    /// Where it stands.
    pub status: LocationStatus,
    /// Its content.
    pub location: Location,
    /// Rises at every write.
    pub version: i32,
    /// When it was last written.
    pub updated_at: DateTime<Utc>,
}

/// As much of a location as most lists show of it.
#[derive(Debug, Clone)]
pub struct LocationBrief {
    /// Its id.
    pub id: Uuid,
    /// The tenant's own code of it.
    pub code: String,
    /// What people call it.
    pub name: String,
    /// What kind of place.
    pub kind: LocationKind,
    /// Where it stands.
    pub status: LocationStatus,
}

/// A region, as it is read.
#[derive(Debug, Clone)]
pub struct RegionRecord {
    /// Its id.
    pub id: Uuid,
    /// Unique in the tenant.
    pub code: String,
    /// What people call it.
    pub name: String,
    /// The one above.
    pub parent: Option<Uuid>,
    /// Rises at every write.
    pub version: i32,
}

/// Which locations; all conditions together, inside what the caller may see.
#[derive(Debug, Clone, Default)]
pub struct LocationFilter {
    /// With one of these codes.
    pub codes: Option<Vec<String>>,
    /// Of one of these kinds.
    pub kinds: Option<Vec<LocationKind>>,
    /// Directly in one of these regions.
    pub regions: Option<Vec<Uuid>>,
    /// In one of these states.
    pub statuses: Option<Vec<LocationStatus>>,
}

/// The orders of both lists.
pub const ORDERS: [Order; 2] = [
    Order::ascending("code-asc", "t.code", "text"),
    Order::descending("code-desc", "t.code", "text"),
];

const COLUMNS: &str = "t.id, t.code, t.name, t.kind, t.region_id, t.gln, t.street, t.city, t.postal_code, t.subdivision, t.country, t.time_zone, t.status, t.version, t.updated_at";
const BY_IDS: &str = "SELECT t.id, t.code, t.name, t.kind, t.region_id, t.gln, t.street, t.city, t.postal_code, t.subdivision, t.country, t.time_zone, t.status, t.version, t.updated_at \
    FROM qm.location t WHERE t.tenant_id = $1 AND t.id = ANY($2) AND ($3::uuid[] IS NULL OR t.id = ANY($3))";
const BRIEFLY_BY_IDS: &str = "SELECT t.id, t.code, t.name, t.kind, t.status \
    FROM qm.location t WHERE t.tenant_id = $1 AND t.id = ANY($2) AND ($3::uuid[] IS NULL OR t.id = ANY($3))";
const REGIONS: &str =
    "SELECT t.id, t.code, t.name, t.parent_id, t.version FROM qm.region t WHERE t.tenant_id = $1 AND t.id = ANY($2)";

fn listing(op: &Op, filter: &LocationFilter) -> Listing {
    let mut list = Listing::new(COLUMNS, "qm.location t", op.tenant.0);
    list.filter_some("t.id = ANY(?)", op.locations.as_param().map(<[Uuid]>::to_vec))
        .filter_some("t.code = ANY(?)", filter.codes.clone())
        .filter_some(
            "t.kind = ANY(?)",
            filter
                .kinds
                .as_ref()
                .map(|k| k.iter().map(|k| k.as_str()).collect::<Vec<_>>()),
        )
        .filter_some("t.region_id = ANY(?)", filter.regions.clone())
        .filter_some(
            "t.status = ANY(?)",
            filter
                .statuses
                .as_ref()
                .map(|s| s.iter().map(|s| s.as_str()).collect::<Vec<_>>()),
        );
    list
}

/// A page of locations.
///
/// # Errors
/// What the database said.
pub async fn locations(
    db: &Tenants,
    op: &Op,
    filter: &LocationFilter,
    order: Order,
    window: &Window,
) -> Result<Page<LocationRecord>> {
    listing(op, filter)
        .read(&mut TenantTx::read(db, op).await?, order, window, read)
        .await
}

/// How many there are.
///
/// # Errors
/// What the database said.
pub async fn count_locations(db: &Tenants, op: &Op, filter: &LocationFilter) -> Result<i64> {
    listing(op, filter).total(&mut TenantTx::read(db, op).await?).await
}

/// The locations with these ids that the caller may see.
///
/// # Errors
/// What the database said.
pub async fn locations_by_ids(db: &Tenants, op: &Op, ids: &[Uuid]) -> Result<HashMap<Uuid, LocationRecord>> {
    found(db, op, BY_IDS, seen(op, ids), |row| read(row).map(|l| (l.id, l))).await
}

/// The same, briefly.
///
/// # Errors
/// What the database said.
pub async fn locations_briefly(db: &Tenants, op: &Op, ids: &[Uuid]) -> Result<HashMap<Uuid, LocationBrief>> {
    found(db, op, BRIEFLY_BY_IDS, seen(op, ids), |row| {
        read_brief(row).map(|l| (l.id, l))
    })
    .await
}

/// The parameters of both: of these ids those that the caller may see.
fn seen(op: &Op, ids: &[Uuid]) -> Vec<Param> {
    params![op.tenant.0, ids.to_vec(), op.locations.as_param().map(<[Uuid]>::to_vec)]
}

/// A page of regions.
///
/// # Errors
/// What the database said.
pub async fn regions(db: &Tenants, op: &Op, order: Order, window: &Window) -> Result<Page<RegionRecord>> {
    let tx = &mut TenantTx::read(db, op).await?;
    Listing::new(
        "t.id, t.code, t.name, t.parent_id, t.version",
        "qm.region t",
        op.tenant.0,
    )
    .read(tx, order, window, read_region)
    .await
}

/// The regions with these ids.
///
/// # Errors
/// What the database said.
pub async fn regions_by_ids(db: &Tenants, op: &Op, ids: &[Uuid]) -> Result<HashMap<Uuid, RegionRecord>> {
    let params = params![op.tenant.0, ids.to_vec()];
    found(db, op, REGIONS, params, |row| read_region(row).map(|r| (r.id, r))).await
}

fn read_region(row: &Row) -> Result<RegionRecord> {
    Ok(RegionRecord {
        id: row.try_get("id")?,
        code: row.try_get("code")?,
        name: row.try_get("name")?,
        parent: row.try_get("parent_id")?,
        version: row.try_get("version")?,
    })
}

/// Reads a location by place, in the order of [`COLUMNS`].
fn read(row: &Row) -> Result<LocationRecord> {
    let (kind, status): (&str, &str) = (row.try_get(3)?, row.try_get(12)?);
    Ok(LocationRecord {
        id: row.try_get(0)?,
        status: LocationStatus::parse(status)?,
        location: Location {
            code: row.try_get(1)?,
            name: row.try_get(2)?,
            kind: LocationKind::parse(kind)?,
            region: row.try_get(4)?,
            gln: row.try_get(5)?,
            street: row.try_get(6)?,
            city: row.try_get(7)?,
            postal_code: row.try_get(8)?,
            subdivision: row.try_get(9)?,
            country: row.try_get(10)?,
            time_zone: row.try_get(11)?,
        },
        version: row.try_get(13)?,
        updated_at: row.try_get(14)?,
    })
}

/// Reads one of which id, code, name, kind and status were asked for, in this order.
pub(crate) fn read_brief(row: &Row) -> Result<LocationBrief> {
    Ok(LocationBrief {
        id: row.try_get(0)?,
        code: row.try_get(1)?,
        name: row.try_get(2)?,
        kind: LocationKind::parse(row.try_get(3)?)?,
        status: LocationStatus::parse(row.try_get(4)?)?,
    })
}
