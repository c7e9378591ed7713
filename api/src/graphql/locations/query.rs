//! Queries about locations.

use super::location::{Location, LocationConnection, LocationKind, LocationStatus};
use super::region::Region;
use crate::graphql::id::{Id, uuids};
use crate::graphql::loaders::one;
use crate::graphql::page::{count, window};
use crate::graphql::plan::Planned;
use crate::graphql::session;
use async_graphql::{Context, Enum, InputObject, Object, Result};
use quartermaster_domain::locations::queries::{self, ORDERS};
use quartermaster_domain::shared::{LocationId, RegionId};
use std::sync::Arc;

/// Which locations are wanted; all conditions together.
#[derive(InputObject, Default)]
pub struct LocationFilter {
    /// With one of these codes.
    codes: Option<Vec<String>>,
    /// Of one of these kinds.
    kinds: Option<Vec<LocationKind>>,
    /// Directly in one of these regions.
    region_ids: Option<Vec<Id<RegionId>>>,
    /// In one of these states.
    statuses: Option<Vec<LocationStatus>>,
}

/// The orders in which locations can be listed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum, Default)]
pub enum LocationOrder {
    /// By code.
    #[default]
    CodeAsc,
    /// By code, last first.
    CodeDesc,
}

/// Queries about locations.
#[derive(Default)]
pub struct LocationQuery;

#[Object]
impl LocationQuery {
    /// A location by its id.
    async fn location(&self, ctx: &Context<'_>, id: Id<LocationId>) -> Result<Option<Planned<Location>>> {
        Ok(one(ctx, id.0).await?.map(Planned::of))
    }

    /// A region by its id.
    async fn region(&self, ctx: &Context<'_>, id: Id<RegionId>) -> Result<Option<Region>> {
        one(ctx, id.0).await
    }

    /// The locations that you may see, by code unless asked otherwise.
    #[allow(clippy::too_many_arguments)]
    async fn locations(
        &self,
        ctx: &Context<'_>,
        filter: Option<LocationFilter>,
        #[graphql(default)] order_by: LocationOrder,
        first: Option<i32>,
        after: Option<String>,
        last: Option<i32>,
        before: Option<String>,
    ) -> Result<Planned<LocationConnection>> {
        let s = session(ctx)?;
        let order = ORDERS[order_by as usize];
        let window = window(first, after, last, before, order)?;
        let f = filter.unwrap_or_default();
        let filter = Arc::new(queries::LocationFilter {
            codes: f.codes,
            kinds: f.kinds.map(|k| k.into_iter().map(Into::into).collect()),
            regions: uuids(f.region_ids),
            statuses: f.statuses.map(|s| s.into_iter().map(Into::into).collect()),
        });
        let page = s.read(queries::locations(&s.db, &s.op, &filter, order, &window).await)?;
        let total = count(s, move |db, op| {
            let filter = filter.clone();
            async move { queries::count_locations(&db, &op, &filter).await }
        });
        Ok(Planned::of(LocationConnection::of(page, total)))
    }
}
