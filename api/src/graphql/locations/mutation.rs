//! Mutations of locations.

use super::input::{LocationCloseInput, LocationCreateInput, LocationUpdateInput, RegionCreateInput};
use super::location::Location;
use super::region::Region;
use crate::graphql::payload::about;
use crate::graphql::session;
use crate::{payload, perform};
use async_graphql::{Context, Object, Result};
use quartermaster_domain::locations;
use quartermaster_domain::shared::{LocationId, RegionId};

payload!(
    /// A location after a mutation.
    LocationPayload, location: Location, LocationId
);
payload!(
    /// A region after a mutation.
    RegionPayload, region: Region, RegionId
);

/// Mutations of locations.
#[derive(Default)]
pub struct LocationMutation;

#[Object]
impl LocationMutation {
    /// Opens a location.
    async fn location_create(&self, ctx: &Context<'_>, input: LocationCreateInput) -> Result<LocationPayload> {
        let (s, new) = (session(ctx)?, locations::Location::from(input));
        Ok(perform!(s, locations::create(&s.db, &s.op, new.clone())).into())
    }

    /// Changes a location.
    async fn location_update(&self, ctx: &Context<'_>, input: LocationUpdateInput) -> Result<LocationPayload> {
        let (s, id, version) = (session(ctx)?, input.id.0, input.expected_version);
        Ok(about(
            id,
            perform!(s, locations::update(&s.db, &s.op, id, version, |b| input.apply(b))),
        )
        .into())
    }

    /// Closes a location, for good. No order to it may be open.
    async fn location_close(&self, ctx: &Context<'_>, input: LocationCloseInput) -> Result<LocationPayload> {
        let (s, id, version) = (session(ctx)?, input.id.0, input.expected_version);
        Ok(about(id, perform!(s, locations::close(&s.db, &s.op, id, version))).into())
    }

    /// Makes a region.
    async fn region_create(&self, ctx: &Context<'_>, input: RegionCreateInput) -> Result<RegionPayload> {
        let (s, new) = (session(ctx)?, input.into());
        Ok(perform!(s, locations::region_create(&s.db, &s.op, &new)).into())
    }
}
