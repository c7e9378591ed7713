//! Locations as they are read.

use super::Region;
use crate::graphql::loaders::one;
use crate::graphql::scalar::{CountryCode, DateTime, Gln};
use crate::{connection, loads, plan, plan_connection, plan_enum};
use async_graphql::{ComplexObject, Context, Enum, ID, Result, SimpleObject};
use quartermaster_domain::locations;
use quartermaster_domain::locations::queries::{self, LocationBrief, LocationRecord};
use quartermaster_domain::shared::{LocationId, RegionId};
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
} briefly 5);
plan_enum!(LocationKind);
plan_enum!(LocationStatus);

impl From<LocationBrief> for Location {
    fn from(l: LocationBrief) -> Self {
        Self {
            id: ID(LocationId(l.id).into()),
            code: l.code,
            name: l.name,
            kind: l.kind.into(),
            status: l.status.into(),
            // None of this is shown of a location that was read briefly.
            gln: None,
            street: None,
            city: None,
            postal_code: None,
            subdivision: None,
            country_code: None,
            time_zone: String::new(),
            version: 0,
            updated_at: DateTime::default(),
            region_id: None,
        }
    }
}

impl From<LocationRecord> for Location {
    fn from(r: LocationRecord) -> Self {
        let l = r.location;
        Self {
            id: ID(LocationId(r.id).to_string()),
            code: l.code,
            name: l.name,
            kind: l.kind.into(),
            status: r.status.into(),
            gln: l.gln.map(Gln::from),
            street: l.street,
            city: l.city,
            postal_code: l.postal_code,
            subdivision: l.subdivision,
            country_code: l.country.map(CountryCode::from),
            time_zone: l.time_zone,
            version: r.version,
            updated_at: DateTime(r.updated_at),
            region_id: l.region,
        }
    }
}

connection!(LocationConnection, LocationEdge, Location);
plan_connection!(LocationConnection, LocationEdge);

loads!(LocationId => Location, queries::locations_by_ids, briefly queries::locations_briefly);
