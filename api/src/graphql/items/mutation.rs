//! Mutations, and what they answer.

use super::input::{ItemActivateInput, ItemCreateInput, ItemDeactivateInput, ItemUpdateInput, gtins_of, packs_of};
use super::item::Item;
use crate::graphql::error::UserError;
use crate::graphql::loaders::one;
use crate::graphql::master_changes::ItemChange;
use crate::graphql::payload::about;
use crate::graphql::session;
use crate::perform;
use async_graphql::{Context, Object, Result};
use quartermaster_domain::items;
use quartermaster_domain::shared::{ItemChangeId, ItemId};
use quartermaster_tenants::Outcome;

/// An item after a mutation, and the change that was proposed.
pub struct ItemPayload(Outcome);

/// An item after a mutation, and the change that was proposed.
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
    async fn user_errors(&self) -> Vec<UserError> {
        self.0.refusals.iter().cloned().map(Into::into).collect()
    }
}

impl From<Outcome> for ItemPayload {
    fn from(outcome: Outcome) -> Self {
        Self(outcome)
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
            base_unit: input.base_unit_code.into(),
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
