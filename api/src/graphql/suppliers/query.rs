//! Queries.

use super::supplier::{Supplier, SupplierConnection, SupplierStatus};
use crate::graphql::id::{Id, uuids};
use crate::graphql::loaders::one;
use crate::graphql::page::{count, window};
use crate::graphql::plan::Planned;
use crate::graphql::scalar::DateTime;
use crate::graphql::session;
use async_graphql::{Context, Enum, InputObject, Object, Result};
use quartermaster_domain::shared::SupplierId;
use quartermaster_domain::suppliers::queries::{self, ORDERS, SupplierFilter as Filter};
use std::sync::Arc;

/// Which suppliers are wanted; all conditions together.
#[derive(InputObject, Default)]
pub struct SupplierFilter {
    /// With one of these ids.
    ids: Option<Vec<Id<SupplierId>>>,
    /// In one of these states.
    statuses: Option<Vec<SupplierStatus>>,
    /// With one of these codes.
    codes: Option<Vec<String>>,
    /// With one of these keys of another system.
    external_keys: Option<Vec<String>>,
    /// Whose code or name holds this text.
    search: Option<String>,
    /// Changed at or after: for synchronization.
    updated_since: Option<DateTime>,
}

/// The orders in which suppliers can be listed; ties are broken by id.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum, Default)]
pub enum SupplierOrder {
    /// By code.
    #[default]
    CodeAsc,
    /// By code, last first.
    CodeDesc,
    /// By name.
    LegalNameAsc,
    /// By name, last first.
    LegalNameDesc,
    /// Oldest first.
    CreatedAtAsc,
    /// Newest first.
    CreatedAtDesc,
}

/// Queries about suppliers.
#[derive(Default)]
pub struct SupplierQuery;

#[Object]
impl SupplierQuery {
    /// A supplier by its id.
    async fn supplier(&self, ctx: &Context<'_>, id: Id<SupplierId>) -> Result<Option<Planned<Supplier>>> {
        Ok(one(ctx, id.0).await?.map(Planned::of))
    }

    /// Suppliers, by code unless asked otherwise.
    #[allow(clippy::too_many_arguments)]
    async fn suppliers(
        &self,
        ctx: &Context<'_>,
        filter: Option<SupplierFilter>,
        #[graphql(default)] order_by: SupplierOrder,
        first: Option<i32>,
        after: Option<String>,
        last: Option<i32>,
        before: Option<String>,
    ) -> Result<Planned<SupplierConnection>> {
        let s = session(ctx)?;
        let order = ORDERS[order_by as usize];
        let window = window(first, after, last, before, order)?;
        let f = filter.unwrap_or_default();
        let filter = Arc::new(Filter {
            ids: uuids(f.ids),
            statuses: f.statuses.map(|s| s.into_iter().map(Into::into).collect()),
            codes: f.codes,
            external_keys: f.external_keys,
            search: f.search,
            updated_since: f.updated_since.map(|t| t.0),
        });
        let page = s.read(queries::suppliers(&s.db, &s.op, &filter, order, &window).await)?;
        let total = count(s, move |db, op| {
            let filter = filter.clone();
            async move { queries::count_suppliers(&db, &op, &filter).await }
        });
        Ok(Planned::of(SupplierConnection::of(page, total)))
    }
}
