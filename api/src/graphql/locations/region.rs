//! Regions as they are read.

use crate::graphql::loaders::one;
use crate::loads;
use async_graphql::{ComplexObject, Context, ID, Result, SimpleObject};
use quartermaster_domain::locations::queries::{self, RegionRecord};
use quartermaster_domain::shared::RegionId;
use uuid::Uuid;

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

loads!(RegionId => Region, queries::regions_by_ids);
