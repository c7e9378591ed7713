//! What can be asked about agreed prices and supplier items.

use super::price::ALWAYS;
use crate::shared::{Listing, Order, Page, Window};
use chrono::{DateTime, NaiveDate, Utc};
use quartermaster_tenants::{Op, Result, TenantTx, Tenants};
use rust_decimal::Decimal;
use tokio_postgres::Row;
use uuid::Uuid;

/// An approved price.
#[derive(Debug, Clone)]
pub struct PriceRecord {
    /// Its id.
    pub id: Uuid,
    /// Who sells.
    pub supplier: Uuid,
    /// What.
    pub item: Uuid,
    /// UN/ECE Rec 20.
    pub unit: String,
    /// From this quantity on.
    pub minimum_quantity: Decimal,
    /// ISO 4217.
    pub currency: String,
    /// First day.
    pub valid_from: Option<NaiveDate>,
    /// Last day.
    pub valid_to: Option<NaiveDate>,
    /// For one unit.
    pub price: Decimal,
    /// The price list that was approved.
    pub change: Uuid,
    /// When.
    pub updated_at: DateTime<Utc>,
}

/// What a supplier offers of an item.
#[derive(Debug, Clone)]
pub struct SupplierItemRecord {
    /// Its id.
    pub id: Uuid,
    /// Who.
    pub supplier: Uuid,
    /// What.
    pub item: Uuid,
    /// The supplier's own number of it.
    pub supplier_sku: Option<String>,
    /// Least quantity of an order line, in base units; 0 is none.
    pub minimum_quantity: Decimal,
    /// In base units; 0 is none.
    pub order_multiple: Decimal,
    /// Days from order to delivery.
    pub lead_time_days: Option<i32>,
    /// 1 is the first choice.
    pub preference: Option<i16>,
}

/// Which prices or supplier items; all conditions together.
#[derive(Debug, Clone, Default)]
pub struct PriceFilter {
    /// Of these suppliers.
    pub suppliers: Option<Vec<Uuid>>,
    /// Of these items.
    pub items: Option<Vec<Uuid>>,
    /// In force on this day (prices only).
    pub on: Option<NaiveDate>,
}

/// The orders of both lists.
pub const ORDERS: [Order; 2] = [
    Order::ascending("id-asc", "t.id", "uuid"),
    Order::descending("id-desc", "t.id", "uuid"),
];

fn prices_of(op: &Op, filter: &PriceFilter) -> Listing {
    let mut list = Listing::new(
        "t.id, t.supplier_id, t.item_id, t.unit, t.minimum_quantity, t.currency, t.valid_from, t.valid_to, t.price, t.change_id, t.updated_at",
        "qm.supplier_price t",
        op.tenant.0,
    );
    list.filter_some("t.supplier_id = ANY(?)", filter.suppliers.clone())
        .filter_some("t.item_id = ANY(?)", filter.items.clone())
        .filter_some("t.valid_from <= ?", filter.on)
        .filter_some("(t.valid_to IS NULL OR t.valid_to >= ?)", filter.on);
    list
}

fn items_of(op: &Op, filter: &PriceFilter) -> Listing {
    let mut list = Listing::new(
        "t.id, t.supplier_id, t.item_id, t.supplier_sku, t.minimum_quantity, t.order_multiple, t.lead_time_days, t.preference",
        "qm.supplier_item t",
        op.tenant.0,
    );
    list.filter_some("t.supplier_id = ANY(?)", filter.suppliers.clone())
        .filter_some("t.item_id = ANY(?)", filter.items.clone());
    list
}

/// A page of prices.
///
/// # Errors
/// What the database said.
pub async fn prices(
    db: &Tenants,
    op: &Op,
    filter: &PriceFilter,
    order: Order,
    window: &Window,
) -> Result<Page<PriceRecord>> {
    prices_of(op, filter)
        .read(&mut TenantTx::read(db, op).await?, order, window, read_price)
        .await
}

/// How many there are.
///
/// # Errors
/// What the database said.
pub async fn count_prices(db: &Tenants, op: &Op, filter: &PriceFilter) -> Result<i64> {
    prices_of(op, filter).total(&mut TenantTx::read(db, op).await?).await
}

/// A page of supplier items.
///
/// # Errors
/// What the database said.
pub async fn supplier_items(
    db: &Tenants,
    op: &Op,
    filter: &PriceFilter,
    order: Order,
    window: &Window,
) -> Result<Page<SupplierItemRecord>> {
    let tx = &mut TenantTx::read(db, op).await?;
    items_of(op, filter).read(tx, order, window, read_supplier_item).await
}

fn read_supplier_item(row: &Row) -> Result<SupplierItemRecord> {
    Ok(SupplierItemRecord {
        id: row.try_get("id")?,
        supplier: row.try_get("supplier_id")?,
        item: row.try_get("item_id")?,
        supplier_sku: row.try_get("supplier_sku")?,
        minimum_quantity: row.try_get("minimum_quantity")?,
        order_multiple: row.try_get("order_multiple")?,
        lead_time_days: row.try_get("lead_time_days")?,
        preference: row.try_get("preference")?,
    })
}

/// How many there are.
///
/// # Errors
/// What the database said.
pub async fn count_supplier_items(db: &Tenants, op: &Op, filter: &PriceFilter) -> Result<i64> {
    items_of(op, filter).total(&mut TenantTx::read(db, op).await?).await
}

fn read_price(row: &Row) -> Result<PriceRecord> {
    Ok(PriceRecord {
        id: row.try_get("id")?,
        supplier: row.try_get("supplier_id")?,
        item: row.try_get("item_id")?,
        unit: row.try_get("unit")?,
        minimum_quantity: row.try_get("minimum_quantity")?,
        currency: row.try_get("currency")?,
        valid_from: Some(row.try_get::<_, NaiveDate>("valid_from")?).filter(|d| *d != ALWAYS),
        valid_to: row.try_get("valid_to")?,
        price: row.try_get("price")?,
        change: row.try_get("change_id")?,
        updated_at: row.try_get("updated_at")?,
    })
}
