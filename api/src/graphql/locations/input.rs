//! Inputs of locations and regions.

use super::location::LocationKind;
use crate::command_input;
use crate::graphql::id::Id;
use crate::graphql::scalar::{CountryCode, Gln};
use crate::graphql::suppliers::set;
use async_graphql::{InputObject, MaybeUndefined};
use quartermaster_domain::locations::{self, NewRegion};
use quartermaster_domain::shared::{LocationId, RegionId};

/// A new location.
#[derive(InputObject)]
pub struct LocationCreateInput {
    /// The tenant's own code; never changes.
    pub(super) code: String,
    /// What people call it.
    pub(super) name: String,
    /// What kind of place.
    pub(super) kind: LocationKind,
    /// Its region.
    pub(super) region_id: Option<Id<RegionId>>,
    /// Global location number (GS1).
    pub(super) gln: Option<Gln>,
    /// Street and number.
    pub(super) street: Option<String>,
    /// City.
    pub(super) city: Option<String>,
    /// Postal code.
    pub(super) postal_code: Option<String>,
    /// State or province.
    pub(super) subdivision: Option<String>,
    /// ISO 3166-1 alpha-2.
    pub(super) country_code: Option<CountryCode>,
    /// Of the time zone database (IANA), such as Europe/Berlin.
    pub(super) time_zone: String,
}

impl From<LocationCreateInput> for locations::Location {
    fn from(i: LocationCreateInput) -> Self {
        Self {
            code: i.code,
            name: i.name,
            kind: i.kind.into(),
            region: i.region_id.map(|r| r.uuid()),
            gln: i.gln.map(String::from),
            street: i.street,
            city: i.city,
            postal_code: i.postal_code,
            subdivision: i.subdivision,
            country: i.country_code.map(String::from),
            time_zone: i.time_zone,
        }
    }
}

/// Another content of a location; what is not given stays, null empties.
#[derive(InputObject)]
pub struct LocationUpdateInput {
    /// The location.
    pub(super) id: Id<LocationId>,
    /// The version that you have read; a stale one is refused with `CONFLICT`.
    pub(super) expected_version: Option<i32>,
    /// What people call it.
    pub(super) name: Option<String>,
    /// What kind of place.
    pub(super) kind: Option<LocationKind>,
    /// Its region.
    pub(super) region_id: MaybeUndefined<Id<RegionId>>,
    /// Global location number (GS1).
    pub(super) gln: MaybeUndefined<Gln>,
    /// Street and number.
    pub(super) street: MaybeUndefined<String>,
    /// City.
    pub(super) city: MaybeUndefined<String>,
    /// Postal code.
    pub(super) postal_code: MaybeUndefined<String>,
    /// State or province.
    pub(super) subdivision: MaybeUndefined<String>,
    /// ISO 3166-1 alpha-2.
    pub(super) country_code: MaybeUndefined<CountryCode>,
    /// Of the time zone database (IANA).
    pub(super) time_zone: Option<String>,
}

impl LocationUpdateInput {
    /// The location with these changes.
    pub(super) fn apply(&self, mut l: locations::Location) -> locations::Location {
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
        set(&mut l.gln, &self.gln.clone().map_value(String::from));
        set(&mut l.street, &self.street);
        set(&mut l.city, &self.city);
        set(&mut l.postal_code, &self.postal_code);
        set(&mut l.subdivision, &self.subdivision);
        set(&mut l.country, &self.country_code.clone().map_value(String::from));
        l
    }
}

command_input!(LocationId;
    /// Which location to close.
    LocationCloseInput,
);

/// A new region.
#[derive(InputObject)]
pub struct RegionCreateInput {
    /// Unique in the tenant.
    pub(super) code: String,
    /// What people call it.
    pub(super) name: String,
    /// The one above.
    pub(super) parent_id: Option<Id<RegionId>>,
}

impl From<RegionCreateInput> for NewRegion {
    fn from(i: RegionCreateInput) -> Self {
        Self {
            code: i.code,
            name: i.name,
            parent: i.parent_id.map(|p| p.uuid()),
        }
    }
}
