//! Refetching by id: `node(id:)`, `nodes(ids:)`. What is not there, or another tenant's, is null.

use super::controls::WorkflowRule;
use super::error::coded;
use super::loaders::{Asks, one};
use super::purchasing::PurchaseOrder;
use async_graphql::{Context, ID, Interface, Object, Result};
use quartermaster_domain::shared::{
    AdjustmentId, AnyId, CategoryId, ChangeOrderId, DiscrepancyId, ImportId, ItemChangeId, ItemId, LocationId,
    MemberId, PositionId, PriceListId, PurchaseOrderId, ReceiptId, RegionId, ReplenishmentPolicyId, RoleAssignmentId,
    StockCountId, SupplierBankChangeId, SupplierChangeId, SupplierId, SupplierReturnId, TransferId,
};
use quartermaster_tenants::id::{
    AdministratorRecoveryId, ApiKeyId, InvitationId, OperatorAssignmentId, OperatorCredentialId, SodPolicyId,
    WorkflowRuleId,
};
use uuid::Uuid;

/// Anything with an id that can be asked for again.
#[derive(Interface)]
#[graphql(field(name = "id", ty = "&ID", desc = "Opaque; its prefix tells people what it is."))]
pub enum Node {
    /// A purchase order.
    PurchaseOrder(PurchaseOrder),
    /// A proposed or published rule.
    WorkflowRule(WorkflowRule),
    /// A draft of the segregation policy.
    SodPolicyDraft(super::controls::SodPolicyDraft),
    /// A change of an order.
    ChangeOrder(super::change_orders::ChangeOrder),
    /// A goods receipt.
    Receipt(super::receiving::Receipt),
    /// A discrepancy.
    Discrepancy(super::discrepancies::Discrepancy),
    /// A member.
    Member(super::people::Member),
    /// A role assignment.
    RoleAssignment(super::people::RoleAssignment),
    /// An API key.
    ApiKey(super::keys::ApiKey),
    /// An invitation.
    Invitation(super::invitations::Invitation),
    /// A correction of stock.
    Adjustment(super::adjustments::Adjustment),
    /// A count of stock.
    StockCount(super::counts::StockCount),
    /// A transfer between locations.
    Transfer(super::transfers::Transfer),
    /// Reorder points of items at locations.
    ReplenishmentPolicy(super::replenishment::ReplenishmentPolicy),
    /// Stock of an item at a location.
    InventoryPosition(super::inventory::InventoryPosition),
    /// A return to a supplier.
    SupplierReturn(super::returns::SupplierReturn),
    /// A supplier.
    Supplier(super::suppliers::Supplier),
    /// A change of bank details.
    SupplierBankChange(super::supplier_bank::SupplierBankChange),
    /// An item.
    Item(super::items::Item),
    /// A category.
    Category(super::categories::Category),
    /// A location.
    Location(super::locations::Location),
    /// A region.
    Region(super::locations::Region),
    /// A proposed change of suppliers.
    SupplierChange(super::master_changes::SupplierChange),
    /// A proposed change of items.
    ItemChange(super::master_changes::ItemChange),
    /// A price list.
    PriceList(super::master_changes::PriceList),
    /// A partner's person in the tenant.
    OperatorAssignment(super::operators::OperatorAssignment),
    /// An operator's credential.
    OperatorCredential(super::operators::OperatorCredential),
    /// A proposed administrator.
    AdministratorRecovery(super::recovery::AdministratorRecovery),
    /// A bulk import.
    ImportJob(super::imports::ImportJob),
}

/// The most ids of one call.
const MOST_IDS: usize = 250;

/// Queries by id.
#[derive(Default)]
pub struct NodeQuery;

#[Object]
impl NodeQuery {
    /// The node with this id, or null when there is none that you may see.
    async fn node(&self, ctx: &Context<'_>, #[graphql(desc = "The node's id.")] id: ID) -> Result<Option<Node>> {
        load(ctx, &id).await
    }

    /// The nodes with these ids, in their order; null for each that is not there.
    async fn nodes(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "At most 250 ids.")] ids: Vec<ID>,
    ) -> Result<Vec<Option<Node>>> {
        if ids.len() > MOST_IDS {
            return Err(coded("BAD_USER_INPUT", format!("At most {MOST_IDS} ids.")));
        }
        futures::future::try_join_all(ids.iter().map(|id| load(ctx, id))).await
    }
}

pub(super) async fn load(ctx: &impl Asks, id: &ID) -> Result<Option<Node>> {
    ctx.loaders()?;
    let any: AnyId = id
        .parse()
        .map_err(|e: quartermaster_domain::shared::IdError| coded("BAD_USER_INPUT", e.to_string()))?;
    Ok(match any.prefix.as_str() {
        PurchaseOrderId::PREFIX => one(ctx, PurchaseOrderId(any.id)).await?.map(Node::PurchaseOrder),
        ChangeOrderId::PREFIX => one(ctx, ChangeOrderId(any.id)).await?.map(Node::ChangeOrder),
        ReceiptId::PREFIX => one(ctx, ReceiptId(any.id)).await?.map(Node::Receipt),
        DiscrepancyId::PREFIX => one(ctx, DiscrepancyId(any.id)).await?.map(Node::Discrepancy),
        MemberId::PREFIX => one(ctx, MemberId(any.id)).await?.map(Node::Member),
        RoleAssignmentId::PREFIX => one(ctx, RoleAssignmentId(any.id)).await?.map(Node::RoleAssignment),
        ApiKeyId::PREFIX => one(ctx, ApiKeyId(any.id)).await?.map(Node::ApiKey),
        InvitationId::PREFIX => one(ctx, InvitationId(any.id)).await?.map(Node::Invitation),
        AdjustmentId::PREFIX => one(ctx, AdjustmentId(any.id)).await?.map(Node::Adjustment),
        StockCountId::PREFIX => one(ctx, StockCountId(any.id)).await?.map(Node::StockCount),
        TransferId::PREFIX => one(ctx, TransferId(any.id)).await?.map(Node::Transfer),
        ReplenishmentPolicyId::PREFIX => one(ctx, ReplenishmentPolicyId(any.id))
            .await?
            .map(Node::ReplenishmentPolicy),
        PositionId::PREFIX => one(ctx, PositionId(any.id)).await?.map(Node::InventoryPosition),
        WorkflowRuleId::PREFIX => one(ctx, WorkflowRuleId(any.id)).await?.map(Node::WorkflowRule),
        SupplierReturnId::PREFIX => one(ctx, SupplierReturnId(any.id)).await?.map(Node::SupplierReturn),
        SupplierId::PREFIX => one(ctx, SupplierId(any.id)).await?.map(Node::Supplier),
        SupplierBankChangeId::PREFIX => one(ctx, SupplierBankChangeId(any.id))
            .await?
            .map(Node::SupplierBankChange),
        ItemId::PREFIX => one(ctx, ItemId(any.id)).await?.map(Node::Item),
        CategoryId::PREFIX => one(ctx, CategoryId(any.id)).await?.map(Node::Category),
        LocationId::PREFIX => one(ctx, LocationId(any.id)).await?.map(Node::Location),
        RegionId::PREFIX => one(ctx, RegionId(any.id)).await?.map(Node::Region),
        SupplierChangeId::PREFIX => one(ctx, SupplierChangeId(any.id)).await?.map(Node::SupplierChange),
        ItemChangeId::PREFIX => one(ctx, ItemChangeId(any.id)).await?.map(Node::ItemChange),
        PriceListId::PREFIX => one(ctx, PriceListId(any.id)).await?.map(Node::PriceList),
        OperatorAssignmentId::PREFIX => one(ctx, OperatorAssignmentId(any.id))
            .await?
            .map(Node::OperatorAssignment),
        OperatorCredentialId::PREFIX => one(ctx, OperatorCredentialId(any.id))
            .await?
            .map(Node::OperatorCredential),
        AdministratorRecoveryId::PREFIX => one(ctx, AdministratorRecoveryId(any.id))
            .await?
            .map(Node::AdministratorRecovery),
        ImportId::PREFIX => one(ctx, ImportId(any.id)).await?.map(Node::ImportJob),
        SodPolicyId::PREFIX => one(ctx, SodPolicyId(any.id)).await?.map(Node::SodPolicyDraft),
        _ => None,
    })
}

/// The id of the document that a duty acts on, as clients know it.
#[must_use]
pub fn document_id(duty: &str, document: Uuid) -> String {
    use quartermaster_tenants::policy::{DocumentKind as K, Duty};
    let kind = duty.parse::<Duty>().map_or(K::Any, Duty::document);
    let prefix = match kind {
        K::PurchaseOrder => "po",
        K::ChangeOrder => "chg",
        K::Receipt => "rcp",
        K::Discrepancy => "dsc",
        K::SupplierReturn => "rtv",
        K::Adjustment => "adj",
        K::StockCount => "cnt",
        K::Transfer => "trf",
        K::ReplenishmentPolicy => "rpl",
        K::SupplierChange => "sch",
        K::SupplierBankChange => "sbc",
        K::ItemChange => "ich",
        K::PriceList => "prl",
        K::RoleAssignment => "rla",
        K::WorkflowRule => "wfr",
        K::SodPolicy => "sdp",
        K::ApiKey => "key",
        K::OperatorAssignment => "opa",
        K::UserAccount => "mem",
        K::Tenant | K::TenantSetting => "ten",
        _ => "doc",
    };
    quartermaster_tenants::id::encode(prefix, document)
}
