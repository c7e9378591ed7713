//! Mutations: one for each transition.

use super::input::{
    SupplierReturnApproveInput, SupplierReturnCancelInput, SupplierReturnCreateInput, SupplierReturnRejectInput,
    SupplierReturnShipInput, SupplierReturnSubmitInput,
};
use super::supplier_return::SupplierReturn;
use crate::graphql::payload::about;
use crate::graphql::session;
use crate::{payload, perform};
use async_graphql::{Context, Object, Result};
use quartermaster_domain::returns::{self, NewReturn};
use quartermaster_domain::shared::SupplierReturnId;

payload!(
    /// A return after a mutation.
    SupplierReturnPayload, supplier_return: SupplierReturn, SupplierReturnId
);

/// Mutations of returns.
#[derive(Default)]
pub struct SupplierReturnMutation;

#[Object]
impl SupplierReturnMutation {
    /// Creates a return as a draft; with `submit` it asks for approval at once.
    async fn supplier_return_create(
        &self,
        ctx: &Context<'_>,
        input: SupplierReturnCreateInput,
    ) -> Result<SupplierReturnPayload> {
        let (s, submit) = (session(ctx)?, input.submit);
        let new = NewReturn::from(input);
        Ok(perform!(s, returns::create(&s.db, &s.op, &new, submit)).into())
    }

    /// Asks for approval. An amount under the tenant's lowest limit is approved at once, by nobody.
    async fn supplier_return_submit(
        &self,
        ctx: &Context<'_>,
        input: SupplierReturnSubmitInput,
    ) -> Result<SupplierReturnPayload> {
        let (s, id, version) = (session(ctx)?, input.id.0, input.expected_version);
        Ok(about(id, perform!(s, returns::submit(&s.db, &s.op, id, version))).into())
    }

    /// Approves (a step of) a return.
    async fn supplier_return_approve(
        &self,
        ctx: &Context<'_>,
        input: SupplierReturnApproveInput,
    ) -> Result<SupplierReturnPayload> {
        let (s, id, version) = (session(ctx)?, input.id.0, input.expected_version);
        Ok(about(id, perform!(s, returns::approve(&s.db, &s.op, id, version))).into())
    }

    /// Refuses a return for good.
    async fn supplier_return_reject(
        &self,
        ctx: &Context<'_>,
        input: SupplierReturnRejectInput,
    ) -> Result<SupplierReturnPayload> {
        let (s, id, version) = (session(ctx)?, input.id.0, input.expected_version);
        let outcome = perform!(s, returns::reject(&s.db, &s.op, id, &input.reason, version));
        Ok(about(id, outcome).into())
    }

    /// Lets an approved return leave, by another person than its maker: stock goes out at its average cost.
    async fn supplier_return_ship(
        &self,
        ctx: &Context<'_>,
        input: SupplierReturnShipInput,
    ) -> Result<SupplierReturnPayload> {
        let (s, id, version) = (session(ctx)?, input.id.0, input.expected_version);
        let tracking = input.tracking_number.as_deref();
        let outcome = perform!(s, returns::ship(&s.db, &s.op, id, tracking, version));
        Ok(about(id, outcome).into())
    }

    /// Withdraws a return that did not leave yet.
    async fn supplier_return_cancel(
        &self,
        ctx: &Context<'_>,
        input: SupplierReturnCancelInput,
    ) -> Result<SupplierReturnPayload> {
        let (s, id, version) = (session(ctx)?, input.id.0, input.expected_version);
        let outcome = perform!(s, returns::cancel(&s.db, &s.op, id, &input.reason, version));
        Ok(about(id, outcome).into())
    }
}
