//! Bulk twins: what people do in lists. Each element is decided by itself, as its own act, one after the other.

use super::adjustments::{AdjustmentApproveInput, AdjustmentPayload};
use super::discrepancies::{DiscrepancyPayload, DiscrepancyResolveInput};
use super::master_changes::{
    ItemChangeApproveInput, ItemChangePayload, PriceListApproveInput, PriceListPayload, SupplierChangeApproveInput,
    SupplierChangePayload,
};
use super::purchasing::{
    PurchaseOrderApproveInput, PurchaseOrderCancelInput, PurchaseOrderPayload, PurchaseOrderSubmitInput,
};
use super::session;
use crate::{bulk_input, bulk_payload, each};
use async_graphql::{Context, Object, Result};
use quartermaster_domain::changes::{self, ChangeKind};
use quartermaster_domain::{adjustments, discrepancies, purchasing};

bulk_input!(
    /// Which purchase orders to ask approval for.
    PurchaseOrderSubmitBulkInput of PurchaseOrderSubmitInput,
    /// Which purchase orders to approve.
    PurchaseOrderApproveBulkInput of PurchaseOrderApproveInput,
    /// Which purchase orders to withdraw.
    PurchaseOrderCancelBulkInput of PurchaseOrderCancelInput,
    /// Which discrepancies to settle.
    DiscrepancyResolveBulkInput of DiscrepancyResolveInput,
    /// Which adjustments to approve.
    AdjustmentApproveBulkInput of AdjustmentApproveInput,
    /// Which changes of suppliers to approve.
    SupplierChangeApproveBulkInput of SupplierChangeApproveInput,
    /// Which changes of items to approve.
    ItemChangeApproveBulkInput of ItemChangeApproveInput,
    /// Which price lists to approve.
    PriceListApproveBulkInput of PriceListApproveInput,
);
bulk_payload!(
    /// What became of each purchase order.
    PurchaseOrderBulkPayload of PurchaseOrderPayload,
    /// What became of each discrepancy.
    DiscrepancyBulkPayload of DiscrepancyPayload,
    /// What became of each adjustment.
    AdjustmentBulkPayload of AdjustmentPayload,
    /// What became of each change of a supplier.
    SupplierChangeBulkPayload of SupplierChangePayload,
    /// What became of each change of an item.
    ItemChangeBulkPayload of ItemChangePayload,
    /// What became of each price list.
    PriceListBulkPayload of PriceListPayload,
);

/// Bulk twins of mutations.
#[derive(Default)]
pub struct BulkMutation;

#[Object]
impl BulkMutation {
    /// Asks approval for many orders.
    async fn purchase_order_submit_bulk(
        &self,
        ctx: &Context<'_>,
        input: PurchaseOrderSubmitBulkInput,
    ) -> Result<PurchaseOrderBulkPayload> {
        let results: Vec<_> = each!(session(ctx)?, input.elements, |s, e| purchasing::submit(
            &s.db,
            &s.op,
            e.id.0,
            e.expected_version
        ));
        Ok(results.into())
    }

    /// Approves (a step of) many orders.
    async fn purchase_order_approve_bulk(
        &self,
        ctx: &Context<'_>,
        input: PurchaseOrderApproveBulkInput,
    ) -> Result<PurchaseOrderBulkPayload> {
        let results: Vec<_> = each!(session(ctx)?, input.elements, |s, e| purchasing::approve(
            &s.db,
            &s.op,
            e.id.0,
            e.expected_version
        ));
        Ok(results.into())
    }

    /// Withdraws many orders.
    async fn purchase_order_cancel_bulk(
        &self,
        ctx: &Context<'_>,
        input: PurchaseOrderCancelBulkInput,
    ) -> Result<PurchaseOrderBulkPayload> {
        let results: Vec<_> = each!(session(ctx)?, input.elements, |s, e| purchasing::cancel(
            &s.db,
            &s.op,
            e.id.0,
            &e.reason,
            e.expected_version
        ));
        Ok(results.into())
    }

    /// Decides what becomes of many discrepancies.
    async fn discrepancy_resolve_bulk(
        &self,
        ctx: &Context<'_>,
        input: DiscrepancyResolveBulkInput,
    ) -> Result<DiscrepancyBulkPayload> {
        let results: Vec<_> = each!(session(ctx)?, input.elements, |s, e| discrepancies::resolve(
            &s.db,
            &s.op,
            e.id.0,
            e.resolution.into(),
            e.note.as_deref(),
            e.expected_version
        ));
        Ok(results.into())
    }

    /// Approves and posts many adjustments.
    async fn adjustment_approve_bulk(
        &self,
        ctx: &Context<'_>,
        input: AdjustmentApproveBulkInput,
    ) -> Result<AdjustmentBulkPayload> {
        let results: Vec<_> = each!(session(ctx)?, input.elements, |s, e| adjustments::approve(
            &s.db,
            &s.op,
            e.id.0,
            e.expected_version
        ));
        Ok(results.into())
    }

    /// Approves many changes of suppliers: each is applied at once.
    async fn supplier_change_approve_bulk(
        &self,
        ctx: &Context<'_>,
        input: SupplierChangeApproveBulkInput,
    ) -> Result<SupplierChangeBulkPayload> {
        let results: Vec<_> = each!(session(ctx)?, input.elements, |s, e| changes::approve(
            &s.db,
            &s.op,
            ChangeKind::Supplier,
            e.id.uuid(),
            e.expected_version
        ));
        Ok(results.into())
    }

    /// Approves many changes of items: each is applied at once.
    async fn item_change_approve_bulk(
        &self,
        ctx: &Context<'_>,
        input: ItemChangeApproveBulkInput,
    ) -> Result<ItemChangeBulkPayload> {
        let results: Vec<_> = each!(session(ctx)?, input.elements, |s, e| changes::approve(
            &s.db,
            &s.op,
            ChangeKind::Item,
            e.id.uuid(),
            e.expected_version
        ));
        Ok(results.into())
    }

    /// Approves many price lists: each is in force at once.
    async fn price_list_approve_bulk(
        &self,
        ctx: &Context<'_>,
        input: PriceListApproveBulkInput,
    ) -> Result<PriceListBulkPayload> {
        let results: Vec<_> = each!(session(ctx)?, input.elements, |s, e| changes::approve(
            &s.db,
            &s.op,
            ChangeKind::Price,
            e.id.uuid(),
            e.expected_version
        ));
        Ok(results.into())
    }
}
