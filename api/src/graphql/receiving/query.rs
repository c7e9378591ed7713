//! Queries.

use super::receipt::{Receipt, ReceiptConnection, ReceiptStatus};
use crate::graphql::error::coded;
use crate::graphql::id::{Id, uuids};
use crate::graphql::loaders::one;
use crate::graphql::page::{count, window};
use crate::graphql::scalar::{Date, DateTime};
use crate::graphql::session;
use async_graphql::{Context, Enum, InputObject, Object, Result};
use quartermaster_domain::receiving::queries::{self, ORDERS};
use quartermaster_domain::shared::{LocationId, PurchaseOrderId, ReceiptId, SupplierId};
use std::sync::Arc;

/// Which receipts are wanted; all conditions together.
#[derive(InputObject, Default)]
pub struct ReceiptFilter {
    /// One of these ids.
    ids: Option<Vec<Id<ReceiptId>>>,
    /// One of these states.
    statuses: Option<Vec<ReceiptStatus>>,
    /// One of these suppliers.
    supplier_ids: Option<Vec<Id<SupplierId>>>,
    /// One of these locations.
    location_ids: Option<Vec<Id<LocationId>>>,
    /// Against one of these orders.
    purchase_order_ids: Option<Vec<Id<PurchaseOrderId>>>,
    /// One of these numbers.
    numbers: Option<Vec<String>>,
    /// Received on or after.
    received_from: Option<Date>,
    /// Received on or before.
    received_to: Option<Date>,
    /// Changed at or after: for synchronization.
    updated_since: Option<DateTime>,
}

impl From<ReceiptFilter> for queries::ReceiptFilter {
    fn from(f: ReceiptFilter) -> Self {
        Self {
            ids: uuids(f.ids),
            statuses: f.statuses.map(|s| s.into_iter().map(Into::into).collect()),
            suppliers: uuids(f.supplier_ids),
            locations: uuids(f.location_ids),
            orders: uuids(f.purchase_order_ids),
            numbers: f.numbers,
            received: (f.received_from.map(|d| d.0), f.received_to.map(|d| d.0)),
            updated_since: f.updated_since.map(|t| t.0),
        }
    }
}

/// The orders in which receipts can be listed; ties are broken by id.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum, Default)]
pub enum ReceiptOrder {
    /// Newest first.
    #[default]
    CreatedAtDesc,
    /// Oldest first.
    CreatedAtAsc,
    /// By business date, last first.
    ReceivedOnDesc,
    /// By business date.
    ReceivedOnAsc,
    /// Last changed first.
    UpdatedAtDesc,
    /// Last changed last.
    UpdatedAtAsc,
}

/// Queries about receipts.
#[derive(Default)]
pub struct ReceivingQuery;

#[Object]
impl ReceivingQuery {
    /// A receipt by its id.
    async fn receipt(&self, ctx: &Context<'_>, id: Id<ReceiptId>) -> Result<Option<Receipt>> {
        one(ctx, id.0).await
    }

    /// Receipts, newest first unless asked otherwise.
    #[allow(clippy::too_many_arguments)]
    async fn receipts(
        &self,
        ctx: &Context<'_>,
        filter: Option<ReceiptFilter>,
        #[graphql(default)] order_by: ReceiptOrder,
        first: Option<i32>,
        after: Option<String>,
        last: Option<i32>,
        before: Option<String>,
    ) -> Result<ReceiptConnection> {
        let s = session(ctx)?;
        let order = *ORDERS
            .get(order_by as usize)
            .ok_or_else(|| coded("INTERNAL", "order"))?;
        let window = window(first, after, last, before, order)?;
        let filter = Arc::new(queries::ReceiptFilter::from(filter.unwrap_or_default()));
        let page = s.read(queries::receipts(&s.db, &s.op, &filter, order, &window).await)?;
        let total = count(s, move |db, op| {
            let filter = filter.clone();
            async move { queries::count_receipts(&db, &op, &filter).await }
        });
        Ok(ReceiptConnection::of(page, total))
    }
}
