//! Agreed prices and supplier items.

use super::id::{Id, uuids};
use super::master_changes::PriceListPayload;
use super::money::{Money, money};
use super::page::{count, window};
use super::related::Related;
use super::scalar::{CurrencyCode, Date, DateTime, Decimal, UnitCode};
use super::session;
use crate::{connection, perform};
use async_graphql::{Context, Enum, ID, InputObject, Object, Result, SimpleObject};
use quartermaster_domain::pricing::queries::{self, ORDERS, PriceFilter, PriceRecord, SupplierItemRecord};
use quartermaster_domain::pricing::{self, NewPrice, NewPriceList};
use quartermaster_domain::shared::{ItemId, PriceListId, SupplierId, SupplierItemId};
use std::sync::Arc;

/// An approved price.
#[derive(SimpleObject, Clone)]
pub struct SupplierPrice {
    /// Who sells.
    supplier: Related<SupplierId>,
    /// What.
    item: Related<ItemId>,
    /// For one unit, up to four decimals.
    price: Money,
    /// UN/ECE Rec 20.
    unit_code: UnitCode,
    /// From this quantity on; 0 is any.
    minimum_quantity: Decimal,
    /// First day.
    valid_from: Option<Date>,
    /// Last day.
    valid_to: Option<Date>,
    /// The price list that was approved.
    price_list: Related<PriceListId>,
    /// The price list's id.
    price_list_id: ID,
    /// When.
    updated_at: DateTime,
}

impl From<PriceRecord> for SupplierPrice {
    fn from(r: PriceRecord) -> Self {
        Self {
            supplier: Related(SupplierId(r.supplier)),
            item: Related(ItemId(r.item)),
            price: money(r.price, &r.currency),
            unit_code: r.unit.into(),
            minimum_quantity: Decimal(r.minimum_quantity),
            valid_from: r.valid_from.map(Date),
            valid_to: r.valid_to.map(Date),
            price_list_id: ID(PriceListId(r.change).to_string()),
            price_list: Related(PriceListId(r.change)),
            updated_at: DateTime(r.updated_at),
        }
    }
}

/// What a supplier offers of an item.
#[derive(SimpleObject, Clone)]
pub struct SupplierItem {
    /// Opaque; begins with `spi_`.
    pub id: ID,
    /// Who sells.
    supplier: Related<SupplierId>,
    /// What.
    item: Related<ItemId>,
    /// The supplier's own number of it.
    supplier_sku: Option<String>,
    /// Least quantity of an order line, in base units; 0 is none.
    minimum_quantity: Decimal,
    /// An order line is a multiple of this, in base units; 0 is none.
    order_multiple: Decimal,
    /// Days from order to delivery.
    lead_time_days: Option<i32>,
    /// 1 is the first choice.
    preference: Option<i32>,
}

impl From<SupplierItemRecord> for SupplierItem {
    fn from(r: SupplierItemRecord) -> Self {
        Self {
            id: ID(SupplierItemId(r.id).to_string()),
            supplier: Related(SupplierId(r.supplier)),
            item: Related(ItemId(r.item)),
            supplier_sku: r.supplier_sku,
            minimum_quantity: Decimal(r.minimum_quantity),
            order_multiple: Decimal(r.order_multiple),
            lead_time_days: r.lead_time_days,
            preference: r.preference.map(i32::from),
        }
    }
}

connection!(SupplierPriceConnection, SupplierPriceEdge, SupplierPrice);
connection!(SupplierItemConnection, SupplierItemEdge, SupplierItem);

/// Which prices are wanted; all conditions together.
#[derive(InputObject, Default)]
pub struct SupplierPriceFilter {
    /// Of these suppliers.
    supplier_ids: Option<Vec<Id<SupplierId>>>,
    /// Of these items.
    item_ids: Option<Vec<Id<ItemId>>>,
    /// In force on this day.
    on: Option<Date>,
}

/// Which supplier items are wanted; all conditions together.
#[derive(InputObject, Default)]
pub struct SupplierItemFilter {
    /// Of these suppliers.
    supplier_ids: Option<Vec<Id<SupplierId>>>,
    /// Of these items.
    item_ids: Option<Vec<Id<ItemId>>>,
}

/// The orders in which prices and supplier items can be listed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum, Default)]
pub enum PricingOrder {
    /// By id.
    #[default]
    IdAsc,
    /// By id, last first.
    IdDesc,
}

/// A price of a price list.
#[derive(InputObject)]
pub struct PriceInput {
    /// What.
    item_id: Id<ItemId>,
    /// For one unit, up to four decimals.
    price: Decimal,
    /// The item's base unit when not given.
    unit_code: Option<UnitCode>,
    /// From this quantity on; any when not given.
    minimum_quantity: Option<Decimal>,
    /// First day; the list's when not given.
    valid_from: Option<Date>,
    /// Last day; the list's when not given.
    valid_to: Option<Date>,
    /// The supplier's own number of the item.
    supplier_sku: Option<String>,
    /// Least quantity of an order line, in base units.
    minimum_order_quantity: Option<Decimal>,
    /// An order line is a multiple of this, in base units.
    order_multiple: Option<Decimal>,
    /// Days from order to delivery.
    lead_time_days: Option<i32>,
    /// 1 is the first choice.
    preference: Option<i32>,
}

/// Prices of a supplier to be approved together.
#[derive(InputObject)]
pub struct PriceListProposeInput {
    /// Whose prices.
    supplier_id: Id<SupplierId>,
    /// What people call the list.
    name: Option<String>,
    /// The supplier's currency when not given.
    currency_code: Option<CurrencyCode>,
    /// First day of its prices.
    valid_from: Option<Date>,
    /// Last day of its prices.
    valid_to: Option<Date>,
    /// 1 to 10,000 prices; more come by import.
    lines: Vec<PriceInput>,
}

/// Queries about prices.
#[derive(Default)]
pub struct PricingQuery;

#[Object]
impl PricingQuery {
    /// Approved prices.
    #[allow(clippy::too_many_arguments)]
    async fn supplier_prices(
        &self,
        ctx: &Context<'_>,
        filter: Option<SupplierPriceFilter>,
        #[graphql(default)] order_by: PricingOrder,
        first: Option<i32>,
        after: Option<String>,
        last: Option<i32>,
        before: Option<String>,
    ) -> Result<SupplierPriceConnection> {
        let s = session(ctx)?;
        let order = ORDERS[order_by as usize];
        let window = window(first, after, last, before, order)?;
        let f = filter.unwrap_or_default();
        let filter = Arc::new(PriceFilter {
            suppliers: uuids(f.supplier_ids),
            items: uuids(f.item_ids),
            on: f.on.map(|d| d.0),
        });
        let page = s.read(queries::prices(&s.db, &s.op, &filter, order, &window).await)?;
        let total = count(s, move |db, op| {
            let filter = filter.clone();
            async move { queries::count_prices(&db, &op, &filter).await }
        });
        Ok(SupplierPriceConnection::of(page, total))
    }

    /// What suppliers offer of items.
    #[allow(clippy::too_many_arguments)]
    async fn supplier_items(
        &self,
        ctx: &Context<'_>,
        filter: Option<SupplierItemFilter>,
        #[graphql(default)] order_by: PricingOrder,
        first: Option<i32>,
        after: Option<String>,
        last: Option<i32>,
        before: Option<String>,
    ) -> Result<SupplierItemConnection> {
        let s = session(ctx)?;
        let order = ORDERS[order_by as usize];
        let window = window(first, after, last, before, order)?;
        let f = filter.unwrap_or_default();
        let filter = Arc::new(PriceFilter {
            suppliers: uuids(f.supplier_ids),
            items: uuids(f.item_ids),
            on: None,
        });
        let page = s.read(queries::supplier_items(&s.db, &s.op, &filter, order, &window).await)?;
        let total = count(s, move |db, op| {
            let filter = filter.clone();
            async move { queries::count_supplier_items(&db, &op, &filter).await }
        });
        Ok(SupplierItemConnection::of(page, total))
    }
}

/// Mutations of prices.
#[derive(Default)]
pub struct PricingMutation;

#[Object]
impl PricingMutation {
    /// Proposes prices and terms of a supplier. They are in force when another person has approved them.
    async fn price_list_propose(&self, ctx: &Context<'_>, input: PriceListProposeInput) -> Result<PriceListPayload> {
        let s = session(ctx)?;
        let line = |l: PriceInput| NewPrice {
            item: l.item_id.uuid(),
            unit: l.unit_code.map(String::from),
            minimum_quantity: l.minimum_quantity.map(|q| q.0),
            price: l.price.0,
            valid_from: l.valid_from.map(|d| d.0),
            valid_to: l.valid_to.map(|d| d.0),
            supplier_sku: l.supplier_sku,
            minimum_order_quantity: l.minimum_order_quantity.map(|q| q.0),
            order_multiple: l.order_multiple.map(|q| q.0),
            lead_time_days: l.lead_time_days,
            preference: l.preference.map(|p| i16::try_from(p).unwrap_or(-1)),
        };
        let new = NewPriceList {
            supplier: input.supplier_id.uuid(),
            name: input.name,
            currency: input.currency_code.map(String::from),
            valid_from: input.valid_from.map(|d| d.0),
            valid_to: input.valid_to.map(|d| d.0),
            lines: input.lines.into_iter().map(line).collect(),
        };
        Ok(perform!(s, pricing::propose(&s.db, &s.op, &new)).into())
    }
}
