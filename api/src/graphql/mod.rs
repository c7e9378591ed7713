//! The GraphQL API: one file for each capability, merged into one schema. A resolver parses ids and makes one call into the
//! domain; it holds no SQL and no business rule.

pub mod audit;
pub mod change_orders;
pub mod controls;
pub mod discrepancies;
pub mod error;
pub mod id;
pub mod live;
pub mod loaders;
pub mod money;
pub mod node;
pub mod page;
pub mod payload;
pub mod people;
pub mod preview;
pub mod purchasing;
pub mod receiving;
pub mod returns;
pub mod scalar;
pub mod tenancy;

use async_graphql::{Context, MergedObject, MergedSubscription, Result, Schema};
use error::{coded, fault};
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

/// The session of an authenticated request.
///
/// # Errors
/// `UNAUTHENTICATED` for a request without a credential.
pub fn session<'c>(ctx: &Context<'c>) -> Result<&'c Session> {
    ctx.data_opt::<Session>()
        .ok_or_else(|| coded("UNAUTHENTICATED", "This needs an access token or an API key."))
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
    returns::SupplierReturnQuery,
    people::PeopleQuery,
    tenancy::TenancyQuery,
);

/// All mutations.
#[derive(MergedObject, Default)]
pub struct Mutation(
    purchasing::PurchasingMutation,
    change_orders::ChangeOrderMutation,
    receiving::ReceivingMutation,
    discrepancies::DiscrepancyMutation,
    controls::ControlsMutation,
    returns::SupplierReturnMutation,
    people::PeopleMutation,
    tenancy::TenancyMutation,
);

/// All subscriptions.
#[derive(MergedSubscription, Default)]
pub struct Subscription(live::LiveSubscription);

/// The schema as it is served.
pub type ApiSchema = Schema<Query, Mutation, Subscription>;

/// The most nesting that a document may have.
const DEPTH: usize = 15;
/// The most fields and list rows that a document may ask for, by its own arguments.
const COMPLEXITY: usize = 20_000;

/// Builds the schema. It has no extensions: even an empty one costs half of a list page.
#[must_use]
pub fn schema() -> ApiSchema {
    Schema::build(Query::default(), Mutation::default(), Subscription::default())
        .limit_depth(DEPTH)
        .limit_complexity(COMPLEXITY)
        .limit_recursive_depth(32)
        .limit_directives(20)
        .disable_suggestions()
        .finish()
}
