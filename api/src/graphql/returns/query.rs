//! Queries.

use super::supplier_return::{SupplierReturn, SupplierReturnConnection, SupplierReturnStatus};
use crate::graphql::error::coded;
use crate::graphql::id::{Id, uuids};
use crate::graphql::loaders::one;
use crate::graphql::page::{count, window};
use crate::graphql::scalar::{Date, DateTime};
use crate::graphql::session;
use async_graphql::{Context, Enum, InputObject, Object, Result};
use quartermaster_domain::returns::queries::{self, ORDERS, ReturnFilter};
use quartermaster_domain::shared::{LocationId, SupplierId, SupplierReturnId};
use std::sync::Arc;

/// Which returns are wanted; all conditions together.
#[derive(InputObject, Default)]
pub struct SupplierReturnFilter {
    /// One of these ids.
    ids: Option<Vec<Id<SupplierReturnId>>>,
    /// One of these states.
    statuses: Option<Vec<SupplierReturnStatus>>,
    /// To one of these suppliers.
    supplier_ids: Option<Vec<Id<SupplierId>>>,
    /// From one of these locations.
    location_ids: Option<Vec<Id<LocationId>>>,
    /// One of these numbers.
    numbers: Option<Vec<String>>,
    /// Returned on or after.
    returned_from: Option<Date>,
    /// Returned on or before.
    returned_to: Option<Date>,
    /// Changed at or after: for synchronization.
    updated_since: Option<DateTime>,
}

impl From<SupplierReturnFilter> for ReturnFilter {
    fn from(f: SupplierReturnFilter) -> Self {
        Self {
            ids: uuids(f.ids),
            statuses: f.statuses.map(|s| s.into_iter().map(Into::into).collect()),
            suppliers: uuids(f.supplier_ids),
            locations: uuids(f.location_ids),
            numbers: f.numbers,
            returned: (f.returned_from.map(|d| d.0), f.returned_to.map(|d| d.0)),
            updated_since: f.updated_since.map(|t| t.0),
        }
    }
}

/// The orders in which returns can be listed; ties are broken by id.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum, Default)]
pub enum SupplierReturnOrder {
    /// Newest first.
    #[default]
    CreatedAtDesc,
    /// Oldest first.
    CreatedAtAsc,
    /// Last changed last.
    UpdatedAtAsc,
}

/// Queries about returns.
#[derive(Default)]
pub struct SupplierReturnQuery;

#[Object]
impl SupplierReturnQuery {
    /// A return by its id.
    async fn supplier_return(&self, ctx: &Context<'_>, id: Id<SupplierReturnId>) -> Result<Option<SupplierReturn>> {
        one(ctx, id.0).await
    }

    /// Returns, newest first unless asked otherwise.
    #[allow(clippy::too_many_arguments)]
    async fn supplier_returns(
        &self,
        ctx: &Context<'_>,
        filter: Option<SupplierReturnFilter>,
        #[graphql(default)] order_by: SupplierReturnOrder,
        first: Option<i32>,
        after: Option<String>,
        last: Option<i32>,
        before: Option<String>,
    ) -> Result<SupplierReturnConnection> {
        let s = session(ctx)?;
        let order = *ORDERS
            .get(order_by as usize)
            .ok_or_else(|| coded("INTERNAL", "order"))?;
        let window = window(first, after, last, before, order)?;
        let filter = Arc::new(ReturnFilter::from(filter.unwrap_or_default()));
        let page = s.read(queries::returns(&s.db, &s.op, &filter, order, &window).await)?;
        let total = count(s, move |db, op| {
            let filter = filter.clone();
            async move { queries::count_returns(&db, &op, &filter).await }
        });
        Ok(SupplierReturnConnection::of(page, total))
    }
}
