//! Mutations: one for each transition.

use super::input::{
    PurchaseOrderApproveInput, PurchaseOrderCancelInput, PurchaseOrderCreateInput, PurchaseOrderHoldInput,
    PurchaseOrderRejectInput, PurchaseOrderReleaseInput, PurchaseOrderResumeInput, PurchaseOrderReturnInput,
    PurchaseOrderShortCloseInput, PurchaseOrderSubmitInput, PurchaseOrderUpdateInput,
};
use super::order::PurchaseOrder;
use crate::graphql::payload::about;
use crate::graphql::session;
use crate::{payload, perform};
use async_graphql::{Context, Object, Result};
use quartermaster_domain::purchasing::queries::OrderRecord;
use quartermaster_domain::purchasing::{self, NewOrder};
use quartermaster_domain::shared::PurchaseOrderId;

payload!(
    /// A purchase order after a mutation.
    PurchaseOrderPayload, purchase_order: PurchaseOrder, PurchaseOrderId, OrderRecord
);

/// Mutations of purchase orders.
#[derive(Default)]
pub struct PurchasingMutation;

#[Object]
impl PurchasingMutation {
    /// Creates an order as a draft; with `submit` it asks for approval at once.
    async fn purchase_order_create(
        &self,
        ctx: &Context<'_>,
        input: PurchaseOrderCreateInput,
    ) -> Result<PurchaseOrderPayload> {
        let (s, submit) = (session(ctx)?, input.submit);
        let order = NewOrder::from(input.order);
        Ok(perform!(s, purchasing::create(&s.db, &s.op, &order, submit)).into())
    }

    /// Replaces header and lines of a draft. Whoever edits is a maker and cannot approve it.
    async fn purchase_order_update(
        &self,
        ctx: &Context<'_>,
        input: PurchaseOrderUpdateInput,
    ) -> Result<PurchaseOrderPayload> {
        let (s, id, version) = (session(ctx)?, input.id.0, input.expected_version);
        let order = NewOrder::from(input.order);
        Ok(about(id, perform!(s, purchasing::update(&s.db, &s.op, id, &order, version))).into())
    }

    /// Asks for approval. An amount under the tenant's lowest limit is approved at once, by nobody.
    async fn purchase_order_submit(
        &self,
        ctx: &Context<'_>,
        input: PurchaseOrderSubmitInput,
    ) -> Result<PurchaseOrderPayload> {
        let (s, id, version) = (session(ctx)?, input.id.0, input.expected_version);
        Ok(about(id, perform!(s, purchasing::submit(&s.db, &s.op, id, version))).into())
    }

    /// Approves (a step of) an order.
    async fn purchase_order_approve(
        &self,
        ctx: &Context<'_>,
        input: PurchaseOrderApproveInput,
    ) -> Result<PurchaseOrderPayload> {
        let (s, id, version) = (session(ctx)?, input.id.0, input.expected_version);
        Ok(about(id, perform!(s, purchasing::approve(&s.db, &s.op, id, version))).into())
    }

    /// Sends an order back to its maker: a new round begins.
    async fn purchase_order_return(
        &self,
        ctx: &Context<'_>,
        input: PurchaseOrderReturnInput,
    ) -> Result<PurchaseOrderPayload> {
        let (s, id, version) = (session(ctx)?, input.id.0, input.expected_version);
        Ok(about(
            id,
            perform!(s, purchasing::send_back(&s.db, &s.op, id, &input.reason, version)),
        )
        .into())
    }

    /// Refuses an order for good.
    async fn purchase_order_reject(
        &self,
        ctx: &Context<'_>,
        input: PurchaseOrderRejectInput,
    ) -> Result<PurchaseOrderPayload> {
        let (s, id, version) = (session(ctx)?, input.id.0, input.expected_version);
        Ok(about(
            id,
            perform!(s, purchasing::reject(&s.db, &s.op, id, &input.reason, version)),
        )
        .into())
    }

    /// Gives an approved order to the supplier.
    async fn purchase_order_release(
        &self,
        ctx: &Context<'_>,
        input: PurchaseOrderReleaseInput,
    ) -> Result<PurchaseOrderPayload> {
        let (s, id, version) = (session(ctx)?, input.id.0, input.expected_version);
        Ok(about(id, perform!(s, purchasing::release(&s.db, &s.op, id, version))).into())
    }

    /// Withdraws an order of which nothing was received.
    async fn purchase_order_cancel(
        &self,
        ctx: &Context<'_>,
        input: PurchaseOrderCancelInput,
    ) -> Result<PurchaseOrderPayload> {
        let (s, id, version) = (session(ctx)?, input.id.0, input.expected_version);
        Ok(about(
            id,
            perform!(s, purchasing::cancel(&s.db, &s.op, id, &input.reason, version)),
        )
        .into())
    }

    /// Stops an order for the time being.
    async fn purchase_order_hold(
        &self,
        ctx: &Context<'_>,
        input: PurchaseOrderHoldInput,
    ) -> Result<PurchaseOrderPayload> {
        let (s, id, version) = (session(ctx)?, input.id.0, input.expected_version);
        Ok(about(
            id,
            perform!(s, purchasing::hold(&s.db, &s.op, id, &input.reason, version)),
        )
        .into())
    }

    /// Goes on with an order that was held.
    async fn purchase_order_resume(
        &self,
        ctx: &Context<'_>,
        input: PurchaseOrderResumeInput,
    ) -> Result<PurchaseOrderPayload> {
        let (s, id, version) = (session(ctx)?, input.id.0, input.expected_version);
        Ok(about(id, perform!(s, purchasing::resume(&s.db, &s.op, id, version))).into())
    }

    /// Expects no more of some lines; the order is received when nothing else is outstanding.
    async fn purchase_order_short_close(
        &self,
        ctx: &Context<'_>,
        input: PurchaseOrderShortCloseInput,
    ) -> Result<PurchaseOrderPayload> {
        let (s, id, version) = (session(ctx)?, input.id.0, input.expected_version);
        let outcome = perform!(
            s,
            purchasing::short_close(&s.db, &s.op, id, &input.line_numbers, &input.reason, version)
        );
        Ok(about(id, outcome).into())
    }
}
