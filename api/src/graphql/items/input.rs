//! Inputs of mutations.

use super::item::ItemPack;
use crate::command_input;
use crate::graphql::id::Id;
use crate::graphql::scalar::{Gtin, UnitCode};
use crate::graphql::suppliers::set;
use async_graphql::{InputObject, MaybeUndefined};
use quartermaster_domain::items;
use quartermaster_domain::shared::{CategoryId, ItemId};

/// A GTIN and the pack that it is printed on.
#[derive(InputObject, Clone)]
pub struct ItemGtinInput {
    /// 8, 12, 13 or 14 digits with a right check digit.
    gtin: Gtin,
    /// The base unit when not given.
    unit_code: Option<UnitCode>,
}

command_input!(ItemId;
    /// Which item to order no more.
    ItemDeactivateInput,
    /// Which item to order again.
    ItemActivateInput,
);

/// A new item.
#[derive(InputObject)]
pub struct ItemCreateInput {
    /// The tenant's own number of it; never changes.
    pub(super) sku: String,
    /// What people call it.
    pub(super) name: String,
    /// More about it.
    pub(super) description: Option<String>,
    /// Its place in the category tree.
    pub(super) category_id: Option<Id<CategoryId>>,
    /// What stock is counted in; never changes.
    pub(super) base_unit_code: UnitCode,
    /// Stock is kept by lot.
    #[graphql(default)]
    pub(super) lot_tracked: bool,
    /// Lots have a date.
    #[graphql(default)]
    pub(super) expiry_tracked: bool,
    /// Each piece has a number.
    #[graphql(default)]
    pub(super) serial_tracked: bool,
    /// Under special law.
    #[graphql(default)]
    pub(super) regulated: bool,
    /// Its packs.
    #[graphql(default)]
    pub(super) packs: Vec<ItemPack>,
    /// Its GTINs.
    #[graphql(default)]
    pub(super) gtins: Vec<ItemGtinInput>,
}

/// Another content of an item; what is not given stays, null empties.
#[derive(InputObject)]
pub struct ItemUpdateInput {
    /// The item.
    pub(super) id: Id<ItemId>,
    /// The version that you have read; a stale one is refused with `CONFLICT`.
    pub(super) expected_version: Option<i32>,
    /// What people call it.
    pub(super) name: Option<String>,
    /// More about it.
    pub(super) description: MaybeUndefined<String>,
    /// Its place in the category tree.
    pub(super) category_id: MaybeUndefined<Id<CategoryId>>,
    /// Stock is kept by lot.
    pub(super) lot_tracked: Option<bool>,
    /// Lots have a date.
    pub(super) expiry_tracked: Option<bool>,
    /// Each piece has a number.
    pub(super) serial_tracked: Option<bool>,
    /// Under special law.
    pub(super) regulated: Option<bool>,
    /// All packs, in place of those that were.
    pub(super) packs: Option<Vec<ItemPack>>,
    /// All GTINs, in place of those that were.
    pub(super) gtins: Option<Vec<ItemGtinInput>>,
}

pub(super) fn packs_of(packs: Vec<ItemPack>) -> Vec<items::Pack> {
    let of = |p: ItemPack| items::Pack {
        unit: p.unit_code.into(),
        level: p.level.into(),
        quantity: p.base_quantity.0,
    };
    packs.into_iter().map(of).collect()
}

pub(super) fn gtins_of(gtins: Vec<ItemGtinInput>) -> Vec<items::ItemGtin> {
    let of = |g: ItemGtinInput| items::ItemGtin {
        gtin: g.gtin.into(),
        unit: g.unit_code.map(String::from).unwrap_or_default(),
    };
    gtins.into_iter().map(of).collect()
}

impl ItemUpdateInput {
    pub(super) fn apply(&self, mut i: items::Item) -> items::Item {
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
