//! Refetching by id: `node(id:)`, `nodes(ids:)`. What is not there, or another tenant's, is null.

use super::controls::WorkflowRule;
use super::error::coded;
use super::loaders::{Asks, one};
use super::purchasing::PurchaseOrder;
use async_graphql::{Context, ID, Interface, Object, OutputType, Result};
use quartermaster_domain::shared::{
    AdjustmentId, AnyId, CategoryId, ChangeOrderId, DiscrepancyId, ImportId, ItemChangeId, ItemId, LocationId,
    MemberId, PositionId, PriceListId, PurchaseOrderId, ReceiptId, RegionId, ReplenishmentPolicyId, RoleAssignmentId,
    StockCountId, SupplierBankChangeId, SupplierChangeId, SupplierId, SupplierReturnId, TransferId,
};
use quartermaster_tenants::id::{
    AdministratorRecoveryId, ApiKeyId, InvitationId, OperatorAssignmentId, OperatorCredentialId, SodPolicyId,
    WorkflowRuleId,
};
use std::borrow::Cow;
use uuid::Uuid;

/// Declares the types of nodes, each with the ids that lead to it: the interface, and how one of them is found.
macro_rules! nodes {
    ($($(#[$($doc:tt)+])+ $name:ident($($of:ident)::+) by $id:ident,)+) => {
        /// Anything with an id that can be asked for again.
        #[derive(Interface)]
        #[graphql(field(name = "id", ty = "&ID", desc = "Opaque; its prefix tells people what it is."))]
        pub enum Node {
            $($(#[$($doc)+])+ $name($($of)::+),)+
        }

        /// The type of the nodes whose ids begin with this prefix.
        pub(super) fn type_of(prefix: &str) -> Option<Cow<'static, str>> {
            match prefix {
                $($id::PREFIX => Some(<$($of)::+>::type_name()),)+
                _ => None,
            }
        }

        async fn find(ctx: &impl Asks, any: AnyId) -> Result<Option<Node>> {
            Ok(match any.prefix.as_str() {
                $($id::PREFIX => one(ctx, $id(any.id)).await?.map(Node::$name),)+
                _ => None,
            })
        }
    };
}

nodes! {
    /// A purchase order.
    PurchaseOrder(PurchaseOrder) by PurchaseOrderId,
    /// A proposed or published rule.
    WorkflowRule(WorkflowRule) by WorkflowRuleId,
    /// A draft of the segregation policy.
    SodPolicyDraft(super::controls::SodPolicyDraft) by SodPolicyId,
    /// A change of an order.
    ChangeOrder(super::change_orders::ChangeOrder) by ChangeOrderId,
    /// A goods receipt.
    Receipt(super::receiving::Receipt) by ReceiptId,
    /// A discrepancy.
    Discrepancy(super::discrepancies::Discrepancy) by DiscrepancyId,
    /// A member.
    Member(super::people::Member) by MemberId,
    /// A role assignment.
    RoleAssignment(super::people::RoleAssignment) by RoleAssignmentId,
    /// An API key.
    ApiKey(super::keys::ApiKey) by ApiKeyId,
    /// An invitation.
    Invitation(super::invitations::Invitation) by InvitationId,
    /// A correction of stock.
    Adjustment(super::adjustments::Adjustment) by AdjustmentId,
    /// A count of stock.
    StockCount(super::counts::StockCount) by StockCountId,
    /// A transfer between locations.
    Transfer(super::transfers::Transfer) by TransferId,
    /// Reorder points of items at locations.
    ReplenishmentPolicy(super::replenishment::ReplenishmentPolicy) by ReplenishmentPolicyId,
    /// Stock of an item at a location.
    InventoryPosition(super::inventory::InventoryPosition) by PositionId,
    /// A return to a supplier.
    SupplierReturn(super::returns::SupplierReturn) by SupplierReturnId,
    /// A supplier.
    Supplier(super::suppliers::Supplier) by SupplierId,
    /// A change of bank details.
    SupplierBankChange(super::supplier_bank::SupplierBankChange) by SupplierBankChangeId,
    /// An item.
    Item(super::items::Item) by ItemId,
    /// A category.
    Category(super::categories::Category) by CategoryId,
    /// A location.
    Location(super::locations::Location) by LocationId,
    /// A region.
    Region(super::locations::Region) by RegionId,
    /// A proposed change of suppliers.
    SupplierChange(super::master_changes::SupplierChange) by SupplierChangeId,
    /// A proposed change of items.
    ItemChange(super::master_changes::ItemChange) by ItemChangeId,
    /// A price list.
    PriceList(super::master_changes::PriceList) by PriceListId,
    /// A partner's person in the tenant.
    OperatorAssignment(super::operators::OperatorAssignment) by OperatorAssignmentId,
    /// An operator's credential.
    OperatorCredential(super::operators::OperatorCredential) by OperatorCredentialId,
    /// A proposed administrator.
    AdministratorRecovery(super::recovery::AdministratorRecovery) by AdministratorRecoveryId,
    /// A bulk import.
    ImportJob(super::imports::ImportJob) by ImportId,
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
    find(ctx, any).await
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
