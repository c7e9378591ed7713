//! Items and categories.

use super::categories::Category;
use super::id::{Id, uuids};
use super::loaders::{Batch, LoadError, one};
use super::master_changes::ItemChange;
use super::page::{count, window};
use super::payload::about;
use super::scalar::{DateTime, Decimal, Gtin, UnitCode};
use super::session;
use super::suppliers::set;
use crate::{command_input, connection, perform};
use async_graphql::dataloader::Loader;
use async_graphql::{ComplexObject, Context, Enum, ID, InputObject, MaybeUndefined, Object, Result, SimpleObject};
use quartermaster_domain::items;
use quartermaster_domain::items::queries::{self, ItemRecord, ORDERS};
use quartermaster_domain::shared::{CategoryId, ItemChangeId, ItemId};
use quartermaster_tenants::Outcome;
use std::collections::HashMap;
use std::sync::Arc;
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
    unit_code: UnitCode,
    /// Its place in the hierarchy; quantities rise with it.
    level: PackLevel,
    /// Base units in one.
    base_quantity: Decimal,
}

/// A GTIN and the pack that it is printed on.
#[derive(SimpleObject, Clone)]
pub struct ItemGtin {
    /// 14 digits, zeros in front.
    gtin: Gtin,
    /// The base unit, or a pack's.
    unit_code: UnitCode,
}

/// A GTIN and the pack that it is printed on.
#[derive(InputObject, Clone)]
pub struct ItemGtinInput {
    /// 8, 12, 13 or 14 digits with a right check digit.
    gtin: Gtin,
    /// The base unit when not given.
    unit_code: Option<UnitCode>,
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

impl From<ItemRecord> for Item {
    fn from(r: ItemRecord) -> Self {
        let i = r.item;
        Self {
            id: ID(ItemId(r.id).to_string()),
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

impl Loader<PacksKey> for Batch {
    type Value = (Vec<items::Pack>, Vec<items::ItemGtin>);
    type Error = LoadError;
    async fn load(&self, keys: &[PacksKey]) -> Result<HashMap<PacksKey, Self::Value>, LoadError> {
        let ids: Vec<Uuid> = keys.iter().map(|k| k.0).collect();
        let found = queries::packs_and_gtins(&self.session.db, &self.session.op, &ids).await?;
        Ok(found.into_iter().map(|(id, d)| (PacksKey(id), d)).collect())
    }
}

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
            gtin: Gtin(g.gtin),
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

impl Loader<ItemId> for Batch {
    type Value = Item;
    type Error = LoadError;
    async fn load(&self, keys: &[ItemId]) -> Result<HashMap<ItemId, Item>, LoadError> {
        let ids: Vec<Uuid> = keys.iter().map(|k| k.0).collect();
        let found = queries::items_by_ids(&self.session.db, &self.session.op, &ids).await?;
        Ok(found.into_iter().map(|(id, r)| (ItemId(id), r.into())).collect())
    }
}

connection!(ItemConnection, ItemEdge, Item);
command_input!(ItemId;
    /// Which item to order no more.
    ItemDeactivateInput,
    /// Which item to order again.
    ItemActivateInput,
);

/// An item after a mutation, and the change that was proposed.
pub struct ItemPayload(Outcome);

#[Object]
impl ItemPayload {
    /// The item as it is now; null when there is none that you may see.
    async fn item(&self, ctx: &Context<'_>) -> Result<Option<Item>> {
        let Some(id) = self.0.document else { return Ok(None) };
        one(ctx, ItemId(id)).await
    }
    /// The change that waits for another person.
    async fn change(&self, ctx: &Context<'_>) -> Result<Option<ItemChange>> {
        let Some(id) = self.0.id("change") else { return Ok(None) };
        one(ctx, ItemChangeId(id)).await
    }
    /// Why nothing was done; empty when it was.
    async fn user_errors(&self) -> Vec<super::error::UserError> {
        self.0.refusals.iter().cloned().map(Into::into).collect()
    }
}

impl From<Outcome> for ItemPayload {
    fn from(outcome: Outcome) -> Self {
        Self(outcome)
    }
}

/// A new item.
#[derive(InputObject)]
pub struct ItemCreateInput {
    /// The tenant's own number of it; never changes.
    sku: String,
    /// What people call it.
    name: String,
    /// More about it.
    description: Option<String>,
    /// Its place in the category tree.
    category_id: Option<Id<CategoryId>>,
    /// What stock is counted in; never changes.
    base_unit_code: UnitCode,
    /// Stock is kept by lot.
    #[graphql(default)]
    lot_tracked: bool,
    /// Lots have a date.
    #[graphql(default)]
    expiry_tracked: bool,
    /// Each piece has a number.
    #[graphql(default)]
    serial_tracked: bool,
    /// Under special law.
    #[graphql(default)]
    regulated: bool,
    /// Its packs.
    #[graphql(default)]
    packs: Vec<ItemPack>,
    /// Its GTINs.
    #[graphql(default)]
    gtins: Vec<ItemGtinInput>,
}

/// Another content of an item; what is not given stays, null empties.
#[derive(InputObject)]
pub struct ItemUpdateInput {
    /// The item.
    id: Id<ItemId>,
    /// The version that you have read; a stale one is refused with `CONFLICT`.
    expected_version: Option<i32>,
    /// What people call it.
    name: Option<String>,
    /// More about it.
    description: MaybeUndefined<String>,
    /// Its place in the category tree.
    category_id: MaybeUndefined<Id<CategoryId>>,
    /// Stock is kept by lot.
    lot_tracked: Option<bool>,
    /// Lots have a date.
    expiry_tracked: Option<bool>,
    /// Each piece has a number.
    serial_tracked: Option<bool>,
    /// Under special law.
    regulated: Option<bool>,
    /// All packs, in place of those that were.
    packs: Option<Vec<ItemPack>>,
    /// All GTINs, in place of those that were.
    gtins: Option<Vec<ItemGtinInput>>,
}

fn packs_of(packs: Vec<ItemPack>) -> Vec<items::Pack> {
    let of = |p: ItemPack| items::Pack {
        unit: p.unit_code.0,
        level: p.level.into(),
        quantity: p.base_quantity.0,
    };
    packs.into_iter().map(of).collect()
}

fn gtins_of(gtins: Vec<ItemGtinInput>) -> Vec<items::ItemGtin> {
    let of = |g: ItemGtinInput| items::ItemGtin {
        gtin: g.gtin.0,
        unit: g.unit_code.map(|u| u.0).unwrap_or_default(),
    };
    gtins.into_iter().map(of).collect()
}

impl ItemUpdateInput {
    fn apply(&self, mut i: items::Item) -> items::Item {
        if let Some(name) = &self.name {
            i.name.clone_from(name);
        }
        set(&mut i.description, &self.description);
        match &self.category_id {
            MaybeUndefined::Undefined => {}
            MaybeUndefined::Null => i.category_id = None,
            MaybeUndefined::Value(id) => i.category_id = Some(id.uuid()),
        }
        i.lot_tracked = self.lot_tracked.unwrap_or(i.lot_tracked);
        i.expiry_tracked = self.expiry_tracked.unwrap_or(i.expiry_tracked);
        i.serial_tracked = self.serial_tracked.unwrap_or(i.serial_tracked);
        i.regulated = self.regulated.unwrap_or(i.regulated);
        if let Some(packs) = &self.packs {
            i.packs = packs_of(packs.clone());
        }
        if let Some(gtins) = &self.gtins {
            i.gtins = gtins_of(gtins.clone());
        }
        i
    }
}

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
    async fn item(&self, ctx: &Context<'_>, id: Id<ItemId>) -> Result<Option<Item>> {
        one(ctx, id.0).await
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
    ) -> Result<ItemConnection> {
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
        Ok(ItemConnection::of(page, total))
    }
}

/// Mutations of items.
#[derive(Default)]
pub struct ItemMutation;

#[Object]
impl ItemMutation {
    /// Proposes a new item: it exists, waiting for another person's approval.
    async fn item_create(&self, ctx: &Context<'_>, input: ItemCreateInput) -> Result<ItemPayload> {
        let s = session(ctx)?;
        let new = items::Item {
            sku: input.sku,
            name: input.name,
            description: input.description,
            category_id: input.category_id.map(|c| c.uuid()),
            base_unit: input.base_unit_code.0,
            lot_tracked: input.lot_tracked,
            expiry_tracked: input.expiry_tracked,
            serial_tracked: input.serial_tracked,
            regulated: input.regulated,
            packs: packs_of(input.packs),
            gtins: gtins_of(input.gtins),
        };
        Ok(perform!(s, items::create(&s.db, &s.op, new.clone())).into())
    }

    /// Proposes another content of an item. What it was stays in force until another person approves.
    async fn item_update(&self, ctx: &Context<'_>, input: ItemUpdateInput) -> Result<ItemPayload> {
        let (s, id, version) = (session(ctx)?, input.id.0, input.expected_version);
        Ok(about(
            id,
            perform!(s, items::update(&s.db, &s.op, id, version, |b| input.apply(b))),
        )
        .into())
    }

    /// Proposes that an item is ordered no more.
    async fn item_deactivate(&self, ctx: &Context<'_>, input: ItemDeactivateInput) -> Result<ItemPayload> {
        let (s, id, version) = (session(ctx)?, input.id.0, input.expected_version);
        Ok(about(id, perform!(s, items::deactivate(&s.db, &s.op, id, version))).into())
    }

    /// Proposes that an item is ordered again.
    async fn item_activate(&self, ctx: &Context<'_>, input: ItemActivateInput) -> Result<ItemPayload> {
        let (s, id, version) = (session(ctx)?, input.id.0, input.expected_version);
        Ok(about(id, perform!(s, items::activate(&s.db, &s.op, id, version))).into())
    }
}
