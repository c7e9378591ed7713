//! Queries.

use super::item::{Item, ItemConnection, ItemStatus};
use crate::graphql::id::{Id, uuids};
use crate::graphql::loaders::one;
use crate::graphql::page::{count, window};
use crate::graphql::plan::Planned;
use crate::graphql::scalar::{DateTime, Gtin};
use crate::graphql::session;
use async_graphql::{Context, Enum, InputObject, Object, Result};
use quartermaster_domain::items::queries::{self, ORDERS};
use quartermaster_domain::shared::{CategoryId, ItemId};
use std::sync::Arc;

/// Which items are wanted; all conditions together.
#[derive(InputObject, Default)]
pub struct ItemFilter {
    /// With one of these ids.
    ids: Option<Vec<Id<ItemId>>>,
    /// In one of these states.
    statuses: Option<Vec<ItemStatus>>,
    /// With one of these SKUs.
    skus: Option<Vec<String>>,
    /// With one of these GTINs, however many digits they are written with.
    gtins: Option<Vec<Gtin>>,
    /// Directly in one of these categories.
    category_ids: Option<Vec<Id<CategoryId>>>,
    /// Whose SKU or name holds this text.
    search: Option<String>,
    /// Changed at or after: for synchronization.
    updated_since: Option<DateTime>,
}

/// The orders in which items can be listed; ties are broken by id.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum, Default)]
pub enum ItemOrder {
    /// By SKU.
    #[default]
    SkuAsc,
    /// By SKU, last first.
    SkuDesc,
    /// By name.
    NameAsc,
    /// By name, last first.
    NameDesc,
    /// Oldest first.
    CreatedAtAsc,
    /// Newest first.
    CreatedAtDesc,
}

/// Queries about items.
#[derive(Default)]
pub struct ItemQuery;

#[Object]
impl ItemQuery {
    /// An item by its id.
    async fn item(&self, ctx: &Context<'_>, id: Id<ItemId>) -> Result<Option<Planned<Item>>> {
        Ok(one(ctx, id.0).await?.map(Planned::of))
    }

    /// Items, by SKU unless asked otherwise.
    #[allow(clippy::too_many_arguments)]
    async fn items(
        &self,
        ctx: &Context<'_>,
        filter: Option<ItemFilter>,
        #[graphql(default)] order_by: ItemOrder,
        first: Option<i32>,
        after: Option<String>,
        last: Option<i32>,
        before: Option<String>,
    ) -> Result<Planned<ItemConnection>> {
        let s = session(ctx)?;
        let order = ORDERS[order_by as usize];
        let window = window(first, after, last, before, order)?;
        let f = filter.unwrap_or_default();
        let filter = Arc::new(queries::ItemFilter {
            ids: uuids(f.ids),
            statuses: f.statuses.map(|s| s.into_iter().map(Into::into).collect()),
            skus: f.skus,
            gtins: f
                .gtins
                .map(|g| g.into_iter().map(|g| format!("{:0>14}", g.0)).collect()),
            categories: uuids(f.category_ids),
            search: f.search,
            updated_since: f.updated_since.map(|t| t.0),
        });
        let page = s.read(queries::items(&s.db, &s.op, &filter, order, &window).await)?;
        let total = count(s, move |db, op| {
            let filter = filter.clone();
            async move { queries::count_items(&db, &op, &filter).await }
        });
        Ok(Planned::of(ItemConnection::of(page, total)))
    }
}
