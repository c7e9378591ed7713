//! What can be asked about items and categories.

use super::item::{Item, ItemGtin, ItemStatus, Pack};
use crate::shared::{Listing, Order, Page, Window, found};
use crate::suppliers::queries::containing;
use chrono::{DateTime, Utc};
use quartermaster_tenants::{Error, Flight, Op, Result, TenantTx, Tenants, params};
use std::collections::HashMap;
use tokio_postgres::Row;
use uuid::Uuid;

/// An item, as it is read.
#[derive(Debug, Clone)]
pub struct ItemRecord {
    /// Its id.
    pub id: Uuid,
    /// Where it stands.
    pub status: ItemStatus,
    /// Its content, without packs and GTINs: see [`packs_and_gtins`].
    pub item: Item,
    /// Rises at every write.
    pub version: i32,
    /// When it was made.
    pub created_at: DateTime<Utc>,
    /// When it was last written.
    pub updated_at: DateTime<Utc>,
}

/// As much of an item as most lists show of it.
#[derive(Debug, Clone)]
pub struct ItemBrief {
    /// Its id.
    pub id: Uuid,
    /// The tenant's own number of it.
    pub sku: String,
    /// What people call it.
    pub name: String,
    /// Where it stands.
    pub status: ItemStatus,
    /// What stock is counted in.
    pub base_unit: String,
}

/// A category, as it is read.
#[derive(Debug, Clone)]
pub struct CategoryRecord {
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

const COLUMNS: &str = "t.id, t.sku, t.name, t.description, t.category_id, t.base_unit, t.status, t.lot_tracked, t.expiry_tracked, t.serial_tracked, t.regulated, t.version, t.created_at, t.updated_at";
const BY_IDS: &str = "SELECT t.id, t.sku, t.name, t.description, t.category_id, t.base_unit, t.status, t.lot_tracked, t.expiry_tracked, t.serial_tracked, t.regulated, t.version, t.created_at, t.updated_at \
    FROM qm.item t WHERE t.tenant_id = $1 AND t.id = ANY($2)";
const BRIEFLY_BY_IDS: &str =
    "SELECT t.id, t.sku, t.name, t.status, t.base_unit FROM qm.item t WHERE t.tenant_id = $1 AND t.id = ANY($2)";
const HOLDING: &str = "SELECT h.id FROM qm.items_holding($1, $2) h (id)";
const DETAILS: &str = "SELECT s.id, \
    (SELECT coalesce(jsonb_agg(jsonb_build_object('unit', p.unit, 'level', p.level, 'quantity', trim_scale(p.base_quantity)::text) ORDER BY p.base_quantity, p.unit), '[]') FROM qm.item_pack p WHERE p.tenant_id = $1 AND p.id = s.id) AS packs, \
    (SELECT coalesce(jsonb_agg(jsonb_build_object('gtin', g.gtin, 'unit', g.unit) ORDER BY g.gtin), '[]') FROM qm.item_gtin g WHERE g.tenant_id = $1 AND g.item_id = s.id) AS gtins \
    FROM qm.item s WHERE s.tenant_id = $1 AND s.id = ANY($2)";
const CATEGORIES: &str =
    "SELECT c.id, c.code, c.name, c.parent_id, c.version FROM qm.category c WHERE c.tenant_id = $1 AND c.id = ANY($2)";

/// Which items; all conditions together.
#[derive(Debug, Clone, Default)]
pub struct ItemFilter {
    /// With one of these ids.
    pub ids: Option<Vec<Uuid>>,
    /// In one of these states.
    pub statuses: Option<Vec<ItemStatus>>,
    /// With one of these SKUs.
    pub skus: Option<Vec<String>>,
    /// With one of these GTINs, as 14 digits.
    pub gtins: Option<Vec<String>>,
    /// Directly in one of these categories.
    pub categories: Option<Vec<Uuid>>,
    /// Whose SKU or name holds this text.
    pub search: Option<String>,
    /// Changed at or after: for synchronization.
    pub updated_since: Option<DateTime<Utc>>,
}

/// Which categories.
#[derive(Debug, Clone, Default)]
pub struct CategoryFilter {
    /// With one of these codes.
    pub codes: Option<Vec<String>>,
    /// Directly under one of these.
    pub parents: Option<Vec<Uuid>>,
    /// At the top only.
    pub roots: bool,
}

/// The orders in which items can be asked for.
pub const ORDERS: [Order; 6] = [
    Order::ascending("sku-asc", "t.sku", "text"),
    Order::descending("sku-desc", "t.sku", "text"),
    Order::ascending("name-asc", "t.name", "text"),
    Order::descending("name-desc", "t.name", "text"),
    Order::ascending("created-asc", "t.id", "uuid"),
    Order::descending("created-desc", "t.id", "uuid"),
];

/// The orders in which categories can be asked for.
pub const CATEGORY_ORDERS: [Order; 2] = [
    Order::ascending("code-asc", "t.code", "text"),
    Order::descending("code-desc", "t.code", "text"),
];

fn listing(op: &Op, filter: &ItemFilter) -> Listing {
    let mut list = Listing::new(COLUMNS, "qm.item t", op.tenant.0);
    list.filter_some("t.id = ANY(?)", filter.ids.clone())
        .filter_some(
            "t.status = ANY(?)",
            filter
                .statuses
                .as_ref()
                .map(|s| s.iter().map(|s| s.as_str()).collect::<Vec<_>>()),
        )
        .filter_some("t.sku = ANY(?)", filter.skus.clone())
        .filter_some(
            "t.id IN (SELECT g.item_id FROM qm.item_gtin g WHERE g.tenant_id = $1 AND g.gtin = ANY(?))",
            filter.gtins.clone(),
        )
        .filter_some("t.category_id = ANY(?)", filter.categories.clone())
        .filter_some("t.updated_at >= ?", filter.updated_since);
    list
}

/// The most items that a text is looked up for. One that more items hold is soon met again and again on the way through the list.
const FEW: usize = 1_000;

/// The list with a text in its filter. A text that few items hold is looked up by itself: no order of a list leads to it.
async fn searched(tx: &mut TenantTx<'_>, op: &Op, filter: &ItemFilter) -> Result<Listing> {
    let mut list = listing(op, filter);
    let Some(text) = filter.search.as_deref() else {
        return Ok(list);
    };
    if has_trigram(text) {
        let mut flight = Flight::new();
        let most = i32::try_from(FEW + 1).map_err(Error::internal)?;
        let rows = flight.rows(HOLDING, params![containing(text), most]);
        let landing = tx.fly(flight).await?;
        let found = landing.get(rows);
        if found.len() <= FEW {
            let ids = found.iter().map(|r| Ok(r.try_get(0)?)).collect::<Result<Vec<Uuid>>>()?;
            list.filter("t.id = ANY(?)", ids);
            return Ok(list);
        }
    }
    list.filter("(t.sku || ' ' || t.name) ILIKE ?", containing(text));
    Ok(list)
}

/// Has it three letters or digits in a row? The index knows texts by those.
fn has_trigram(text: &str) -> bool {
    text.split(|c: char| !c.is_alphanumeric())
        .any(|word| word.chars().count() >= 3)
}

fn category_listing(op: &Op, filter: &CategoryFilter) -> Listing {
    let mut list = Listing::new(
        "t.id, t.code, t.name, t.parent_id, t.version",
        "qm.category t",
        op.tenant.0,
    );
    list.filter_some("t.code = ANY(?)", filter.codes.clone())
        .filter_some("t.parent_id = ANY(?)", filter.parents.clone())
        .filter_some("(t.parent_id IS NULL) = ?", filter.roots.then_some(true));
    list
}

/// A page of items.
///
/// # Errors
/// What the database said.
pub async fn items(
    db: &Tenants,
    op: &Op,
    filter: &ItemFilter,
    order: Order,
    window: &Window,
) -> Result<Page<ItemRecord>> {
    let mut tx = TenantTx::read(db, op).await?;
    let list = searched(&mut tx, op, filter).await?;
    list.read(&mut tx, order, window, read).await
}

/// How many there are.
///
/// # Errors
/// What the database said.
pub async fn count_items(db: &Tenants, op: &Op, filter: &ItemFilter) -> Result<i64> {
    let mut tx = TenantTx::read(db, op).await?;
    searched(&mut tx, op, filter).await?.total(&mut tx).await
}

/// The items with these ids, each beside its id: hundreds are asked for at once, and a map of them would be made for another.
///
/// # Errors
/// What the database said.
pub async fn items_by_ids(db: &Tenants, op: &Op, ids: &[Uuid]) -> Result<Vec<(Uuid, ItemRecord)>> {
    let params = params![op.tenant.0, ids.to_vec()];
    found(db, op, BY_IDS, params, |row| read(row).map(|i| (i.id, i))).await
}

/// The same, briefly.
///
/// # Errors
/// What the database said.
pub async fn items_briefly(db: &Tenants, op: &Op, ids: &[Uuid]) -> Result<Vec<(Uuid, ItemBrief)>> {
    let params = params![op.tenant.0, ids.to_vec()];
    found(db, op, BRIEFLY_BY_IDS, params, |row| read_brief(row).map(|i| (i.id, i))).await
}

/// Packs and GTINs of these items.
///
/// # Errors
/// What the database said.
pub async fn packs_and_gtins(db: &Tenants, op: &Op, ids: &[Uuid]) -> Result<HashMap<Uuid, (Vec<Pack>, Vec<ItemGtin>)>> {
    let read = |row: &Row| {
        let packs = serde_json::from_value(row.try_get("packs")?).map_err(Error::internal)?;
        let gtins = serde_json::from_value(row.try_get("gtins")?).map_err(Error::internal)?;
        Ok((row.try_get("id")?, (packs, gtins)))
    };
    found(db, op, DETAILS, params![op.tenant.0, ids.to_vec()], read).await
}

/// A page of categories.
///
/// # Errors
/// What the database said.
pub async fn categories(
    db: &Tenants,
    op: &Op,
    filter: &CategoryFilter,
    order: Order,
    window: &Window,
) -> Result<Page<CategoryRecord>> {
    category_listing(op, filter)
        .read(&mut TenantTx::read(db, op).await?, order, window, read_category)
        .await
}

/// How many there are.
///
/// # Errors
/// What the database said.
pub async fn count_categories(db: &Tenants, op: &Op, filter: &CategoryFilter) -> Result<i64> {
    category_listing(op, filter)
        .total(&mut TenantTx::read(db, op).await?)
        .await
}

/// The categories with these ids.
///
/// # Errors
/// What the database said.
pub async fn categories_by_ids(db: &Tenants, op: &Op, ids: &[Uuid]) -> Result<HashMap<Uuid, CategoryRecord>> {
    let params = params![op.tenant.0, ids.to_vec()];
    found(db, op, CATEGORIES, params, |row| read_category(row).map(|c| (c.id, c))).await
}

fn read_category(row: &Row) -> Result<CategoryRecord> {
    Ok(CategoryRecord {
        id: row.try_get("id")?,
        code: row.try_get("code")?,
        name: row.try_get("name")?,
        parent: row.try_get("parent_id")?,
        version: row.try_get("version")?,
    })
}

fn read(row: &Row) -> Result<ItemRecord> {
    read_from(row, 0)
}

fn read_brief(row: &Row) -> Result<ItemBrief> {
    Ok(ItemBrief {
        id: row.try_get(0)?,
        sku: row.try_get(1)?,
        name: row.try_get(2)?,
        status: ItemStatus::parse(row.try_get(3)?)?,
        base_unit: row.try_get(4)?,
    })
}

/// Reads an item by place, in the order of [`COLUMNS`] from the column `at` on: a page of orders shows hundreds of items.
pub(crate) fn read_from(row: &Row, at: usize) -> Result<ItemRecord> {
    Ok(ItemRecord {
        id: row.try_get(at)?,
        status: ItemStatus::parse(row.try_get(at + 6)?)?,
        item: Item {
            sku: row.try_get(at + 1)?,
            name: row.try_get(at + 2)?,
            description: row.try_get(at + 3)?,
            category_id: row.try_get(at + 4)?,
            base_unit: row.try_get(at + 5)?,
            lot_tracked: row.try_get(at + 7)?,
            expiry_tracked: row.try_get(at + 8)?,
            serial_tracked: row.try_get(at + 9)?,
            regulated: row.try_get(at + 10)?,
            packs: vec![],
            gtins: vec![],
        },
        version: row.try_get(at + 11)?,
        created_at: row.try_get(at + 12)?,
        updated_at: row.try_get(at + 13)?,
    })
}
