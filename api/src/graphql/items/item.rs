//! The node.

use crate::graphql::categories::Category;
use crate::graphql::loaders::one;
use crate::graphql::scalar::{DateTime, Decimal, Gtin, UnitCode};
use crate::{connection, loads, plan, plan_connection, plan_enum};
use async_graphql::{ComplexObject, Context, Enum, ID, InputObject, Result, SimpleObject};
use quartermaster_domain::items;
use quartermaster_domain::items::queries::{self, ItemBrief, ItemRecord};
use quartermaster_domain::shared::{CategoryId, ItemId};
use uuid::Uuid;

/// Where an item stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "items::ItemStatus")]
pub enum ItemStatus {
    /// Its approval was refused or taken back: it may be proposed again.
    Draft,
    /// Waits for its first approval.
    PendingApproval,
    /// May be ordered.
    Active,
    /// May be ordered no more.
    Inactive,
}

/// Where a pack stands in the hierarchy.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "items::PackLevel")]
pub enum PackLevel {
    /// What is sold to people.
    Each,
    /// Between each and case.
    Inner,
    /// A case.
    Case,
    /// A pallet.
    Pallet,
}

/// How many base units one pack holds.
#[derive(SimpleObject, InputObject, Clone)]
#[graphql(input_name = "ItemPackInput")]
pub struct ItemPack {
    /// UN/ECE Rec 20.
    pub(super) unit_code: UnitCode,
    /// Its place in the hierarchy; quantities rise with it.
    pub(super) level: PackLevel,
    /// Base units in one.
    pub(super) base_quantity: Decimal,
}

/// A GTIN and the pack that it is printed on.
#[derive(SimpleObject, Clone)]
pub struct ItemGtin {
    /// 14 digits, zeros in front.
    gtin: Gtin,
    /// The base unit, or a pack's.
    unit_code: UnitCode,
}

/// What is ordered, received and kept.
#[derive(SimpleObject, Clone)]
#[graphql(complex)]
pub struct Item {
    /// Opaque; begins with `itm_`.
    pub id: ID,
    /// The tenant's own number of it.
    sku: String,
    /// What people call it.
    name: String,
    /// More about it.
    description: Option<String>,
    /// Where it stands.
    status: ItemStatus,
    /// What stock is counted in (UN/ECE Rec 20).
    base_unit_code: UnitCode,
    /// Stock is kept by lot.
    lot_tracked: bool,
    /// Lots have a date.
    expiry_tracked: bool,
    /// Each piece has a number.
    serial_tracked: bool,
    /// Under special law.
    regulated: bool,
    /// The row's version, for `expectedVersion`.
    version: i32,
    /// When it was made.
    created_at: DateTime,
    /// When it was last written.
    updated_at: DateTime,
    #[graphql(skip)]
    uuid: Uuid,
    #[graphql(skip)]
    category_id: Option<Uuid>,
}

plan!(Item {
    id,
    sku,
    name,
    status,
    base_unit_code,
    description,
    lot_tracked,
    expiry_tracked,
    serial_tracked,
    regulated,
    version,
    created_at,
    updated_at
} briefly 5);
plan_enum!(ItemStatus);

impl From<ItemBrief> for Item {
    fn from(i: ItemBrief) -> Self {
        Self {
            id: ID(ItemId(i.id).into()),
            sku: i.sku,
            name: i.name,
            status: i.status.into(),
            base_unit_code: i.base_unit.into(),
            uuid: i.id,
            // None of this is shown of an item that was read briefly.
            description: None,
            lot_tracked: false,
            expiry_tracked: false,
            serial_tracked: false,
            regulated: false,
            version: 0,
            created_at: DateTime::default(),
            updated_at: DateTime::default(),
            category_id: None,
        }
    }
}

impl From<ItemRecord> for Item {
    fn from(r: ItemRecord) -> Self {
        let i = r.item;
        Self {
            id: ID(ItemId(r.id).into()),
            sku: i.sku,
            name: i.name,
            description: i.description,
            status: r.status.into(),
            base_unit_code: i.base_unit.into(),
            lot_tracked: i.lot_tracked,
            expiry_tracked: i.expiry_tracked,
            serial_tracked: i.serial_tracked,
            regulated: i.regulated,
            version: r.version,
            created_at: DateTime(r.created_at),
            updated_at: DateTime(r.updated_at),
            uuid: r.id,
            category_id: i.category_id,
        }
    }
}

/// Packs and GTINs of an item, for the loader.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct PacksKey(Uuid);

loads!(PacksKey => (Vec<items::Pack>, Vec<items::ItemGtin>), queries::packs_and_gtins);

#[ComplexObject]
impl Item {
    /// Its packs, smallest first.
    async fn packs(&self, ctx: &Context<'_>) -> Result<Vec<ItemPack>> {
        let (packs, _) = one(ctx, PacksKey(self.uuid)).await?.unwrap_or_default();
        let shown = |p: items::Pack| ItemPack {
            unit_code: p.unit.into(),
            level: p.level.into(),
            base_quantity: Decimal(p.quantity),
        };
        Ok(packs.into_iter().map(shown).collect())
    }

    /// Its GTINs.
    async fn gtins(&self, ctx: &Context<'_>) -> Result<Vec<ItemGtin>> {
        let (_, gtins) = one(ctx, PacksKey(self.uuid)).await?.unwrap_or_default();
        let shown = |g: items::ItemGtin| ItemGtin {
            gtin: g.gtin.into(),
            unit_code: g.unit.into(),
        };
        Ok(gtins.into_iter().map(shown).collect())
    }

    /// Its place in the category tree.
    async fn category(&self, ctx: &Context<'_>) -> Result<Option<Category>> {
        match self.category_id {
            Some(id) => one(ctx, CategoryId(id)).await,
            None => Ok(None),
        }
    }
}

loads!(ItemId => Item, queries::items_by_ids, briefly queries::items_briefly);

connection!(ItemConnection, ItemEdge, Item);
plan_connection!(ItemConnection, ItemEdge);
