//! Queries.

use super::policy::{ReplenishmentPolicy, ReplenishmentPolicyConnection, ReplenishmentPolicyStatus};
use crate::graphql::id::{Id, uuids};
use crate::graphql::loaders::one;
use crate::graphql::page::{count, window};
use crate::graphql::session;
use async_graphql::{Context, Enum, InputObject, Object, Result};
use quartermaster_domain::replenishment::queries::{self, ORDERS, PolicyFilter};
use quartermaster_domain::shared::{ItemId, LocationId, ReplenishmentPolicyId};
use std::sync::Arc;

/// Which replenishment policies are wanted; all conditions together.
#[derive(InputObject, Default)]
pub struct ReplenishmentPolicyFilter {
    /// One of these ids.
    ids: Option<Vec<Id<ReplenishmentPolicyId>>>,
    /// One of these states.
    statuses: Option<Vec<ReplenishmentPolicyStatus>>,
    /// With a line at one of these locations.
    location_ids: Option<Vec<Id<LocationId>>>,
    /// With a line of one of these items.
    item_ids: Option<Vec<Id<ItemId>>>,
}

/// The orders in which replenishment policies can be listed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum, Default)]
pub enum ReplenishmentPolicyOrder {
    /// Newest first.
    #[default]
    CreatedAtDesc,
    /// Oldest first.
    CreatedAtAsc,
}

/// Queries about replenishment policies.
#[derive(Default)]
pub struct ReplenishmentQuery;

#[Object]
impl ReplenishmentQuery {
    /// A replenishment policy by its id.
    async fn replenishment_policy(
        &self,
        ctx: &Context<'_>,
        id: Id<ReplenishmentPolicyId>,
    ) -> Result<Option<ReplenishmentPolicy>> {
        one(ctx, id.0).await
    }

    /// Replenishment policies, newest first unless asked otherwise: those whose locations you all see.
    #[allow(clippy::too_many_arguments)]
    async fn replenishment_policies(
        &self,
        ctx: &Context<'_>,
        filter: Option<ReplenishmentPolicyFilter>,
        #[graphql(default)] order_by: ReplenishmentPolicyOrder,
        first: Option<i32>,
        after: Option<String>,
        last: Option<i32>,
        before: Option<String>,
    ) -> Result<ReplenishmentPolicyConnection> {
        let s = session(ctx)?;
        let order = ORDERS[order_by as usize];
        let window = window(first, after, last, before, order)?;
        let f = filter.unwrap_or_default();
        let filter = Arc::new(PolicyFilter {
            ids: uuids(f.ids),
            statuses: f.statuses.map(|s| s.into_iter().map(Into::into).collect()),
            locations: uuids(f.location_ids),
            items: uuids(f.item_ids),
        });
        let page = s.read(queries::policies(&s.db, &s.op, &filter, order, &window).await)?;
        let total = count(s, move |db, op| {
            let filter = filter.clone();
            async move { queries::count_policies(&db, &op, &filter).await }
        });
        Ok(ReplenishmentPolicyConnection::of(page, total))
    }
}
