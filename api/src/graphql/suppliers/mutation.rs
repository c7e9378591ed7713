//! Mutations, and what they answer.

use super::input::{
    SupplierCloseInput, SupplierCreateInput, SupplierHoldInput, SupplierPartyInput, SupplierReleaseInput,
    SupplierUpdateInput, contacts_of, sites_of,
};
use super::supplier::Supplier;
use crate::graphql::error::UserError;
use crate::graphql::loaders::one;
use crate::graphql::master_changes::SupplierChange;
use crate::graphql::payload::about;
use crate::graphql::session;
use crate::perform;
use async_graphql::{Context, Object, Result};
use quartermaster_domain::shared::{SupplierChangeId, SupplierId};
use quartermaster_domain::suppliers;
use quartermaster_tenants::Outcome;

/// A supplier after a mutation, and the change that was proposed.
pub struct SupplierPayload(Outcome);

/// A supplier after a mutation, and the change that was proposed.
#[Object]
impl SupplierPayload {
    /// The supplier as it is now; null when there is none that you may see.
    async fn supplier(&self, ctx: &Context<'_>) -> Result<Option<Supplier>> {
        let Some(id) = self.0.document else { return Ok(None) };
        one(ctx, SupplierId(id)).await
    }
    /// The change that waits for another person.
    async fn change(&self, ctx: &Context<'_>) -> Result<Option<SupplierChange>> {
        let Some(id) = self.0.id("change") else { return Ok(None) };
        one(ctx, SupplierChangeId(id)).await
    }
    /// Why nothing was done; empty when it was.
    async fn user_errors(&self) -> Vec<UserError> {
        self.0.refusals.iter().cloned().map(Into::into).collect()
    }
}

impl From<Outcome> for SupplierPayload {
    fn from(outcome: Outcome) -> Self {
        Self(outcome)
    }
}

/// Mutations of suppliers.
#[derive(Default)]
pub struct SupplierMutation;

#[Object]
impl SupplierMutation {
    /// Proposes a new supplier: it exists, waiting for another person's approval.
    async fn supplier_create(&self, ctx: &Context<'_>, input: SupplierCreateInput) -> Result<SupplierPayload> {
        let s = session(ctx)?;
        let new = suppliers::Supplier {
            code: input.code,
            legal_name: input.legal_name,
            tax_id: input.tax_id,
            gln: input.gln.map(String::from),
            currency: input.currency_code.into(),
            payment_terms_days: input.payment_terms_days,
            lead_time_days: input.lead_time_days,
            incoterm: input.incoterm.map(Into::into),
            external_key: input.external_key,
            sites: sites_of(input.sites),
            contacts: contacts_of(input.contacts),
        };
        Ok(perform!(s, suppliers::create(&s.db, &s.op, new.clone())).into())
    }

    /// Proposes another content of a supplier. What it was stays in force until another person approves.
    async fn supplier_update(&self, ctx: &Context<'_>, input: SupplierUpdateInput) -> Result<SupplierPayload> {
        let (s, id, version) = (session(ctx)?, input.id.0, input.expected_version);
        Ok(about(
            id,
            perform!(s, suppliers::update(&s.db, &s.op, id, version, |b| input.apply(b))),
        )
        .into())
    }

    /// Proposes that a supplier ends. Approving needs that no business with it is open.
    async fn supplier_close(&self, ctx: &Context<'_>, input: SupplierCloseInput) -> Result<SupplierPayload> {
        let (s, id, version) = (session(ctx)?, input.id.0, input.expected_version);
        Ok(about(id, perform!(s, suppliers::close(&s.db, &s.op, id, version))).into())
    }

    /// Stops ordering from a supplier, at once.
    async fn supplier_hold(&self, ctx: &Context<'_>, input: SupplierHoldInput) -> Result<SupplierPayload> {
        let (s, id, version) = (session(ctx)?, input.id.0, input.expected_version);
        Ok(about(
            id,
            perform!(s, suppliers::hold(&s.db, &s.op, id, &input.reason, version)),
        )
        .into())
    }

    /// Lets orders go to a held supplier again.
    async fn supplier_release(&self, ctx: &Context<'_>, input: SupplierReleaseInput) -> Result<SupplierPayload> {
        let (s, id, version) = (session(ctx)?, input.id.0, input.expected_version);
        Ok(about(id, perform!(s, suppliers::release(&s.db, &s.op, id, version))).into())
    }

    /// Records that a member is a related party: it neither buys from the supplier, nor approves, nor receives.
    async fn supplier_party_add(&self, ctx: &Context<'_>, input: SupplierPartyInput) -> Result<SupplierPayload> {
        let (s, id, member) = (session(ctx)?, input.id.0, input.member_id.uuid());
        Ok(perform!(s, suppliers::party_add(&s.db, &s.op, id, member)).into())
    }

    /// Records that a member is a related party no more. Nobody can do that for himself.
    async fn supplier_party_remove(&self, ctx: &Context<'_>, input: SupplierPartyInput) -> Result<SupplierPayload> {
        let (s, id, member) = (session(ctx)?, input.id.0, input.member_id.uuid());
        Ok(perform!(s, suppliers::party_remove(&s.db, &s.op, id, member)).into())
    }
}
