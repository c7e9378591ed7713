//! Queries.

use super::order::{PurchaseOrder, PurchaseOrderConnection, PurchaseOrderStatus, with_detail};
use crate::graphql::error::coded;
use crate::graphql::id::{Id, uuids};
use crate::graphql::page::{count, window};
use crate::graphql::plan::Planned;
use crate::graphql::scalar::{Date, DateTime};
use crate::graphql::session;
use async_graphql::{Context, Enum, InputObject, Object, Result};
use quartermaster_domain::purchasing::queries::{self, ORDERS, OrderFilter};
use quartermaster_domain::shared::{LocationId, MemberId, PurchaseOrderId, SupplierId};
use std::sync::Arc;

/// Which purchase orders are wanted; all conditions together.
#[derive(InputObject, Default)]
pub struct PurchaseOrderFilter {
    /// One of these ids.
    ids: Option<Vec<Id<PurchaseOrderId>>>,
    /// One of these states.
    statuses: Option<Vec<PurchaseOrderStatus>>,
    /// One of these suppliers.
    supplier_ids: Option<Vec<Id<SupplierId>>>,
    /// One of these locations.
    location_ids: Option<Vec<Id<LocationId>>>,
    /// One of these numbers.
    numbers: Option<Vec<String>>,
    /// Made by one of these members.
    buyer_ids: Option<Vec<Id<MemberId>>>,
    /// Ordered on or after.
    ordered_from: Option<Date>,
    /// Ordered on or before.
    ordered_to: Option<Date>,
    /// Changed at or after: for synchronization.
    updated_since: Option<DateTime>,
}

impl From<PurchaseOrderFilter> for OrderFilter {
    fn from(f: PurchaseOrderFilter) -> Self {
        Self {
            ids: uuids(f.ids),
            statuses: f.statuses.map(|s| s.into_iter().map(Into::into).collect()),
            suppliers: uuids(f.supplier_ids),
            locations: uuids(f.location_ids),
            numbers: f.numbers,
            ordered: (f.ordered_from.map(|d| d.0), f.ordered_to.map(|d| d.0)),
            updated_since: f.updated_since.map(|t| t.0),
            buyers: uuids(f.buyer_ids),
        }
    }
}

/// The orders in which purchase orders can be listed; ties are broken by id.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum, Default)]
pub enum PurchaseOrderOrder {
    /// Newest first.
    #[default]
    CreatedAtDesc,
    /// Oldest first.
    CreatedAtAsc,
    /// By number, last first.
    NumberDesc,
    /// By number.
    NumberAsc,
    /// By business date, last first.
    OrderedOnDesc,
    /// By business date.
    OrderedOnAsc,
    /// Last changed first.
    UpdatedAtDesc,
    /// Last changed last.
    UpdatedAtAsc,
}

/// Queries about purchase orders.
#[derive(Default)]
pub struct PurchasingQuery;

#[Object]
impl PurchasingQuery {
    /// A purchase order by its id.
    async fn purchase_order(
        &self,
        ctx: &Context<'_>,
        id: Id<PurchaseOrderId>,
    ) -> Result<Option<Planned<PurchaseOrder>>> {
        // Large: every field of the root would carry it.
        Box::pin(with_detail(ctx, id.0)).await
    }

    /// Purchase orders, newest first unless asked otherwise.
    #[allow(clippy::too_many_arguments)]
    async fn purchase_orders(
        &self,
        ctx: &Context<'_>,
        filter: Option<PurchaseOrderFilter>,
        #[graphql(default)] order_by: PurchaseOrderOrder,
        first: Option<i32>,
        after: Option<String>,
        last: Option<i32>,
        before: Option<String>,
    ) -> Result<Planned<PurchaseOrderConnection>> {
        let s = session(ctx)?;
        let order = *ORDERS
            .get(order_by as usize)
            .ok_or_else(|| coded("INTERNAL", "order"))?;
        let window = window(first, after, last, before, order)?;
        let filter = Arc::new(OrderFilter::from(filter.unwrap_or_default()));
        let page = s.read(queries::orders(&s.db, &s.op, &filter, order, &window).await)?;
        let total = count(s, move |db, op| {
            let filter = filter.clone();
            async move { queries::count_orders(&db, &op, &filter).await }
        });
        Ok(Planned::of(PurchaseOrderConnection::of(page, total)))
    }
}
