//! Queries.

use super::discrepancy::{Discrepancy, DiscrepancyConnection, DiscrepancyKind, DiscrepancyStatus};
use crate::graphql::error::coded;
use crate::graphql::id::{Id, uuids};
use crate::graphql::loaders::one;
use crate::graphql::page::{count, window};
use crate::graphql::scalar::{Date, DateTime};
use crate::graphql::session;
use async_graphql::{Context, Enum, InputObject, Object, Result};
use quartermaster_domain::discrepancies::queries::{self, ORDERS};
use quartermaster_domain::shared::{DiscrepancyId, LocationId, MemberId, PurchaseOrderId, ReceiptId, SupplierId};
use std::sync::Arc;

/// Which discrepancies are wanted; all conditions together.
#[derive(InputObject, Default)]
pub struct DiscrepancyFilter {
    /// One of these ids.
    ids: Option<Vec<Id<DiscrepancyId>>>,
    /// One of these states.
    statuses: Option<Vec<DiscrepancyStatus>>,
    /// One of these kinds.
    kinds: Option<Vec<DiscrepancyKind>>,
    /// With one of these suppliers.
    supplier_ids: Option<Vec<Id<SupplierId>>>,
    /// At one of these locations.
    location_ids: Option<Vec<Id<LocationId>>>,
    /// On one of these receipts.
    receipt_ids: Option<Vec<Id<ReceiptId>>>,
    /// About one of these orders.
    purchase_order_ids: Option<Vec<Id<PurchaseOrderId>>>,
    /// To be settled by one of these members.
    owner_ids: Option<Vec<Id<MemberId>>>,
    /// Due on or before.
    due_until: Option<Date>,
    /// Changed at or after: for synchronization.
    updated_since: Option<DateTime>,
}

impl From<DiscrepancyFilter> for queries::DiscrepancyFilter {
    fn from(f: DiscrepancyFilter) -> Self {
        Self {
            ids: uuids(f.ids),
            statuses: f.statuses.map(|s| s.into_iter().map(Into::into).collect()),
            kinds: f.kinds.map(|s| s.into_iter().map(Into::into).collect()),
            suppliers: uuids(f.supplier_ids),
            locations: uuids(f.location_ids),
            receipts: uuids(f.receipt_ids),
            orders: uuids(f.purchase_order_ids),
            owners: uuids(f.owner_ids),
            due_until: f.due_until.map(|d| d.0),
            updated_since: f.updated_since.map(|t| t.0),
        }
    }
}

/// The orders in which discrepancies can be listed; ties are broken by id.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum, Default)]
pub enum DiscrepancyOrder {
    /// Newest first.
    #[default]
    CreatedAtDesc,
    /// Oldest first.
    CreatedAtAsc,
    /// The most urgent first.
    DueOnAsc,
    /// Last changed last.
    UpdatedAtAsc,
}

/// Queries about discrepancies.
#[derive(Default)]
pub struct DiscrepancyQuery;

#[Object]
impl DiscrepancyQuery {
    /// A discrepancy by its id.
    async fn discrepancy(&self, ctx: &Context<'_>, id: Id<DiscrepancyId>) -> Result<Option<Discrepancy>> {
        one(ctx, id.0).await
    }

    /// Discrepancies, newest first unless asked otherwise.
    #[allow(clippy::too_many_arguments)]
    async fn discrepancies(
        &self,
        ctx: &Context<'_>,
        filter: Option<DiscrepancyFilter>,
        #[graphql(default)] order_by: DiscrepancyOrder,
        first: Option<i32>,
        after: Option<String>,
        last: Option<i32>,
        before: Option<String>,
    ) -> Result<DiscrepancyConnection> {
        let s = session(ctx)?;
        let order = *ORDERS
            .get(order_by as usize)
            .ok_or_else(|| coded("INTERNAL", "order"))?;
        let window = window(first, after, last, before, order)?;
        let filter = Arc::new(queries::DiscrepancyFilter::from(filter.unwrap_or_default()));
        let page = s.read(queries::discrepancies(&s.db, &s.op, &filter, order, &window).await)?;
        let total = count(s, move |db, op| {
            let filter = filter.clone();
            async move { queries::count_discrepancies(&db, &op, &filter).await }
        });
        Ok(DiscrepancyConnection::of(page, total))
    }
}
