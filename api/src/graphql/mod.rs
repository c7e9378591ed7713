//! The GraphQL API: one file for each capability, merged into one schema. A resolver parses ids and makes one call into the
//! domain; it holds no SQL and no business rule.

pub mod adjustments;
pub mod audit;
pub mod bulk;
pub mod categories;
pub mod change_orders;
pub mod commands;
pub mod controls;
pub mod counts;
pub mod deprecated_uses;
pub mod described;
pub mod discrepancies;
pub mod document_kind;
pub mod document_state;
pub mod error;
pub mod federation;
pub mod id;
pub mod imports;
pub mod inventory;
pub mod invitations;
pub mod items;
pub mod keys;
pub mod live;
pub mod loaders;
pub mod locations;
pub mod master_changes;
pub mod money;
pub mod node;
pub mod operators;
pub mod page;
pub mod payload;
pub mod people;
pub mod plan;
pub mod preview;
pub mod pricing;
pub mod proven;
pub mod purchasing;
pub mod receiving;
pub mod recovery;
pub mod related;
pub mod replenishment;
pub mod returns;
pub mod scalar;
pub mod supplier_bank;
pub mod suppliers;
pub mod tenancy;
pub mod transfers;
pub mod turns;

use async_graphql::{Context, ContextBase, Error, MergedObject, MergedSubscription, Result, SDLExportOptions, Schema};
use error::{coded, fault};
use quartermaster_tenants::directory::{PartnerOp, PlatformOp};
use quartermaster_tenants::{Op, Tenants};
use std::sync::Arc;

/// Who asks, and the door to the tenant's data: put into every authenticated request.
#[derive(Clone)]
pub struct Session {
    /// The pool for tenant data.
    pub db: Tenants,
    /// Who asks.
    pub op: Arc<Op>,
}

impl Session {
    /// Turns a domain query's fault into a coded error.
    ///
    /// # Errors
    /// The same, coded.
    pub fn read<T>(&self, result: quartermaster_tenants::Result<T>) -> Result<T> {
        result.map_err(|e| fault(e, self.op.request_id))
    }
}

/// The session of a member's request.
///
/// # Errors
/// `UNAUTHENTICATED` for a request without a credential, `FORBIDDEN` for people from above the tenants: a new token would not help them.
pub fn session<'c>(ctx: &Context<'c>) -> Result<&'c Session> {
    ctx.data_opt::<Session>().ok_or_else(|| no_member(ctx))
}

/// What is told to whoever is no member of a tenant.
fn no_member<T>(ctx: &ContextBase<'_, T>) -> Error {
    if ctx.data_opt::<PartnerOp>().is_some() || ctx.data_opt::<PlatformOp>().is_some() {
        return coded("FORBIDDEN", "This is for members of a tenant.");
    }
    coded("UNAUTHENTICATED", "This needs an access token or an API key.")
}

/// All queries.
#[derive(MergedObject, Default)]
pub struct Query(
    node::NodeQuery,
    purchasing::PurchasingQuery,
    controls::ControlsQuery,
    change_orders::ChangeOrderQuery,
    receiving::ReceivingQuery,
    discrepancies::DiscrepancyQuery,
    audit::AuditQuery,
    people::PeopleQuery,
    keys::ApiKeyQuery,
    invitations::InvitationQuery,
    tenancy::TenancyQuery,
    inventory::InventoryQuery,
    adjustments::AdjustmentQuery,
    counts::StockCountQuery,
    transfers::TransferQuery,
    replenishment::ReplenishmentQuery,
    returns::SupplierReturnQuery,
    suppliers::SupplierQuery,
    items::ItemQuery,
    categories::CategoryQuery,
    pricing::PricingQuery,
    locations::LocationQuery,
    imports::ImportQuery,
    master_changes::SupplierChangeQuery,
    master_changes::ItemChangeQuery,
    master_changes::PriceListQuery,
    operators::OperatorQuery,
    recovery::RecoveryQuery,
    deprecated_uses::DeprecatedUseQuery,
);

/// All mutations.
#[derive(MergedObject, Default)]
pub struct Mutation(
    purchasing::PurchasingMutation,
    change_orders::ChangeOrderMutation,
    receiving::ReceivingMutation,
    discrepancies::DiscrepancyMutation,
    people::PeopleMutation,
    keys::ApiKeyMutation,
    invitations::InvitationMutation,
    tenancy::TenancyMutation,
    adjustments::AdjustmentMutation,
    counts::StockCountMutation,
    transfers::TransferMutation,
    replenishment::ReplenishmentMutation,
    bulk::BulkMutation,
    controls::ControlsMutation,
    returns::SupplierReturnMutation,
    suppliers::SupplierMutation,
    items::ItemMutation,
    supplier_bank::SupplierBankMutation,
    categories::CategoryMutation,
    pricing::PricingMutation,
    locations::LocationMutation,
    imports::ImportMutation,
    master_changes::SupplierChangeMutation,
    master_changes::ItemChangeMutation,
    master_changes::PriceListMutation,
    operators::OperatorMutation,
    recovery::RecoveryMutation,
);

/// All subscriptions.
#[derive(MergedSubscription, Default)]
pub struct Subscription(live::LiveSubscription);

/// The schema as it is served: also to a gateway.
pub type ApiSchema = Schema<federation::Root, Mutation, Subscription>;

/// The most nesting that a document may have.
const DEPTH: usize = 15;

/// Builds the schema. It has no extensions: even an empty one costs half of a list page.
#[must_use]
pub fn schema() -> ApiSchema {
    builder().finish()
}

/// The schema with the keys that seal bank details.
#[must_use]
pub fn schema_with(keys: quartermaster_domain::sealing::MasterKeys) -> ApiSchema {
    builder().data(keys).finish()
}

fn builder() -> async_graphql::SchemaBuilder<federation::Root, Mutation, Subscription> {
    Schema::build(
        federation::Root::default(),
        Mutation::default(),
        Subscription::default(),
    )
    .register_output_type::<described::Described>()
    .limit_depth(DEPTH)
    .limit_recursive_depth(32)
    .limit_directives(20)
    .disable_suggestions()
}

/// The schema as text, sorted and described, without what only gateways ask for.
#[must_use]
pub fn sdl() -> String {
    let options = SDLExportOptions::new()
        .sorted_fields()
        .sorted_arguments()
        .sorted_enum_items()
        .include_specified_by();
    let plain = Schema::build(Query::default(), Mutation::default(), Subscription::default())
        .register_output_type::<described::Described>()
        .finish();
    format!("{}\n", plain.sdl_with_options(options).trim_end())
}
