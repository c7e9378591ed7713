//! Locations and regions.

use super::id::{Id, uuids};
use super::loaders::{Batch, LoadError, one};
use super::page::{count, window};
use super::payload::about;
use super::scalar::{CountryCode, DateTime, Gln};
use super::session;
use super::suppliers::set;
use crate::{command_input, connection, payload, perform, plan, plan_enum};
use async_graphql::dataloader::Loader;
use async_graphql::{ComplexObject, Context, Enum, ID, InputObject, MaybeUndefined, Object, Result, SimpleObject};
use quartermaster_domain::locations::queries::{self, LocationRecord, ORDERS, RegionRecord};
use quartermaster_domain::locations::{self, NewRegion};
use quartermaster_domain::shared::{LocationId, RegionId};
use std::collections::HashMap;
use std::sync::Arc;
use uuid::Uuid;

/// What kind of place.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "locations::LocationKind")]
pub enum LocationKind {
    /// Sells to people.
    Store,
    /// Keeps goods.
    Warehouse,
    /// Keeps goods for other locations.
    DistributionCentre,
}

/// Where a location stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "locations::LocationStatus")]
pub enum LocationStatus {
    /// Orders, receipts and stock come and go.
    Active,
    /// Ended; what it holds is still there to read.
    Closed,
}

/// A store, a warehouse, a distribution centre.
#[derive(SimpleObject, Clone)]
#[graphql(complex)]
pub struct Location {
    /// Opaque; begins with `loc_`.
    pub id: ID,
    /// The tenant's own code.
    code: String,
    /// What people call it.
    name: String,
    /// What kind of place.
    kind: LocationKind,
    /// Where it stands.
    status: LocationStatus,
    /// Global location number (GS1).
    gln: Option<Gln>,
    /// Street and number.
    street: Option<String>,
    /// City.
    city: Option<String>,
    /// Postal code.
    postal_code: Option<String>,
    /// State or province.
    subdivision: Option<String>,
    /// ISO 3166-1 alpha-2.
    country_code: Option<CountryCode>,
    /// Of the time zone database (IANA).
    time_zone: String,
    /// The row's version, for `expectedVersion`.
    version: i32,
    /// When it was last written.
    updated_at: DateTime,
    #[graphql(skip)]
    region_id: Option<Uuid>,
}

#[ComplexObject]
impl Location {
    /// Its region.
    async fn region(&self, ctx: &Context<'_>) -> Result<Option<Region>> {
        match self.region_id {
            Some(id) => one(ctx, RegionId(id)).await,
            None => Ok(None),
        }
    }
}

plan!(Location {
    id,
    code,
    name,
    kind,
    status,
    gln,
    street,
    city,
    postal_code,
    subdivision,
    country_code,
    time_zone,
    version,
    updated_at
});
plan_enum!(LocationKind);
plan_enum!(LocationStatus);

impl From<LocationRecord> for Location {
    fn from(r: LocationRecord) -> Self {
        let l = r.location;
        Self {
            id: ID(LocationId(r.id).to_string()),
            code: l.code,
            name: l.name,
            kind: l.kind.into(),
            status: r.status.into(),
            gln: l.gln.map(Gln),
            street: l.street,
            city: l.city,
            postal_code: l.postal_code,
            subdivision: l.subdivision,
            country_code: l.country.map(CountryCode),
            time_zone: l.time_zone,
            version: r.version,
            updated_at: DateTime(r.updated_at),
            region_id: l.region,
        }
    }
}

/// A region of locations.
#[derive(SimpleObject, Clone)]
#[graphql(complex)]
pub struct Region {
    /// Opaque; begins with `reg_`.
    pub id: ID,
    /// Unique in the tenant.
    code: String,
    /// What people call it.
    name: String,
    /// The row's version.
    version: i32,
    #[graphql(skip)]
    parent_id: Option<Uuid>,
}

#[ComplexObject]
impl Region {
    /// The one above.
    async fn parent(&self, ctx: &Context<'_>) -> Result<Option<Region>> {
        match self.parent_id {
            Some(id) => one(ctx, RegionId(id)).await,
            None => Ok(None),
        }
    }
}

impl From<RegionRecord> for Region {
    fn from(r: RegionRecord) -> Self {
        Self {
            id: ID(RegionId(r.id).to_string()),
            code: r.code,
            name: r.name,
            version: r.version,
            parent_id: r.parent,
        }
    }
}

impl Loader<LocationId> for Batch {
    type Value = Location;
    type Error = LoadError;
    async fn load(&self, keys: &[LocationId]) -> Result<HashMap<LocationId, Location>, LoadError> {
        let ids: Vec<Uuid> = keys.iter().map(|k| k.0).collect();
        let found = queries::locations_by_ids(&self.session.db, &self.session.op, &ids).await?;
        Ok(found.into_iter().map(|(id, r)| (LocationId(id), r.into())).collect())
    }
}

impl Loader<RegionId> for Batch {
    type Value = Region;
    type Error = LoadError;
    async fn load(&self, keys: &[RegionId]) -> Result<HashMap<RegionId, Region>, LoadError> {
        let ids: Vec<Uuid> = keys.iter().map(|k| k.0).collect();
        let found = queries::regions_by_ids(&self.session.db, &self.session.op, &ids).await?;
        Ok(found.into_iter().map(|(id, r)| (RegionId(id), r.into())).collect())
    }
}

connection!(LocationConnection, LocationEdge, Location);
payload!(
    /// A location after a mutation.
    LocationPayload, location: Location, LocationId
);
payload!(
    /// A region after a mutation.
    RegionPayload, region: Region, RegionId
);
command_input!(LocationId;
    /// Which location to close.
    LocationCloseInput,
);

/// A new location.
#[derive(InputObject)]
pub struct LocationCreateInput {
    /// The tenant's own code; never changes.
    code: String,
    /// What people call it.
    name: String,
    /// What kind of place.
    kind: LocationKind,
    /// Its region.
    region_id: Option<Id<RegionId>>,
    /// Global location number (GS1).
    gln: Option<Gln>,
    /// Street and number.
    street: Option<String>,
    /// City.
    city: Option<String>,
    /// Postal code.
    postal_code: Option<String>,
    /// State or province.
    subdivision: Option<String>,
    /// ISO 3166-1 alpha-2.
    country_code: Option<CountryCode>,
    /// Of the time zone database (IANA), such as Europe/Berlin.
    time_zone: String,
}

/// Another content of a location; what is not given stays, null empties.
#[derive(InputObject)]
pub struct LocationUpdateInput {
    /// The location.
    id: Id<LocationId>,
    /// The version that you have read; a stale one is refused with `CONFLICT`.
    expected_version: Option<i32>,
    /// What people call it.
    name: Option<String>,
    /// What kind of place.
    kind: Option<LocationKind>,
    /// Its region.
    region_id: MaybeUndefined<Id<RegionId>>,
    /// Global location number (GS1).
    gln: MaybeUndefined<Gln>,
    /// Street and number.
    street: MaybeUndefined<String>,
    /// City.
    city: MaybeUndefined<String>,
    /// Postal code.
    postal_code: MaybeUndefined<String>,
    /// State or province.
    subdivision: MaybeUndefined<String>,
    /// ISO 3166-1 alpha-2.
    country_code: MaybeUndefined<CountryCode>,
    /// Of the time zone database (IANA).
    time_zone: Option<String>,
}

impl LocationUpdateInput {
    fn apply(&self, mut l: locations::Location) -> locations::Location {
        if let Some(name) = &self.name {
            l.name.clone_from(name);
        }
        if let Some(kind) = self.kind {
            l.kind = kind.into();
        }
        if let Some(zone) = &self.time_zone {
            l.time_zone.clone_from(zone);
        }
        match &self.region_id {
            MaybeUndefined::Undefined => {}
            MaybeUndefined::Null => l.region = None,
            MaybeUndefined::Value(id) => l.region = Some(id.uuid()),
        }
        set(&mut l.gln, &self.gln.clone().map_value(|g| g.0));
        set(&mut l.street, &self.street);
        set(&mut l.city, &self.city);
        set(&mut l.postal_code, &self.postal_code);
        set(&mut l.subdivision, &self.subdivision);
        set(&mut l.country, &self.country_code.clone().map_value(|c| c.0));
        l
    }
}

/// A new region.
#[derive(InputObject)]
pub struct RegionCreateInput {
    /// Unique in the tenant.
    code: String,
    /// What people call it.
    name: String,
    /// The one above.
    parent_id: Option<Id<RegionId>>,
}

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
    async fn location(&self, ctx: &Context<'_>, id: Id<LocationId>) -> Result<Option<Location>> {
        one(ctx, id.0).await
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
    ) -> Result<LocationConnection> {
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
        Ok(LocationConnection::of(page, total))
    }
}

/// Mutations of locations.
#[derive(Default)]
pub struct LocationMutation;

#[Object]
impl LocationMutation {
    /// Opens a location.
    async fn location_create(&self, ctx: &Context<'_>, input: LocationCreateInput) -> Result<LocationPayload> {
        let s = session(ctx)?;
        let new = locations::Location {
            code: input.code,
            name: input.name,
            kind: input.kind.into(),
            region: input.region_id.map(|r| r.uuid()),
            gln: input.gln.map(|g| g.0),
            street: input.street,
            city: input.city,
            postal_code: input.postal_code,
            subdivision: input.subdivision,
            country: input.country_code.map(|c| c.0),
            time_zone: input.time_zone,
        };
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
        let s = session(ctx)?;
        let new = NewRegion {
            code: input.code,
            name: input.name,
            parent: input.parent_id.map(|p| p.uuid()),
        };
        Ok(perform!(s, locations::region_create(&s.db, &s.op, &new)).into())
    }
}
