//! Queries about API keys.

use super::node::{ApiKey, ApiKeyConnection, ApiKeyStatus};
use crate::graphql::id::{Id, uuids};
use crate::graphql::loaders::one;
use crate::graphql::page::{count, window};
use crate::graphql::people::PeopleOrder;
use crate::graphql::session;
use async_graphql::{Context, InputObject, Object, Result};
use quartermaster_domain::shared::MemberId;
use quartermaster_tenants::id::ApiKeyId;
use quartermaster_tenants::keys::queries::{self, KeyFilter};
use std::sync::Arc;

/// Which keys are wanted; all conditions together.
#[derive(InputObject, Default)]
pub struct ApiKeyFilterInput {
    /// One of these ids.
    ids: Option<Vec<Id<ApiKeyId>>>,
    /// One of these states.
    statuses: Option<Vec<ApiKeyStatus>>,
    /// One of these members answers for it.
    owner_ids: Option<Vec<Id<MemberId>>>,
    /// Of one of these machines.
    machine_ids: Option<Vec<Id<MemberId>>>,
}

/// Queries about API keys.
#[derive(Default)]
pub struct ApiKeyQuery;

#[Object]
impl ApiKeyQuery {
    /// An API key by its id.
    async fn api_key(&self, ctx: &Context<'_>, id: Id<ApiKeyId>) -> Result<Option<ApiKey>> {
        one(ctx, id.0).await
    }

    /// The API keys of the tenant: what waits for a second person, what lets machines in, and what did.
    #[expect(clippy::too_many_arguments, reason = "the arguments of a connection")]
    async fn api_keys(
        &self,
        ctx: &Context<'_>,
        filter: Option<ApiKeyFilterInput>,
        order_by: Option<PeopleOrder>,
        first: Option<i32>,
        after: Option<String>,
        last: Option<i32>,
        before: Option<String>,
    ) -> Result<ApiKeyConnection> {
        let s = session(ctx)?;
        let order = order_by.unwrap_or_default().order();
        let window = window(first, after, last, before, order)?;
        let f = filter.unwrap_or_default();
        let filter = Arc::new(KeyFilter {
            ids: uuids(f.ids),
            statuses: f.statuses.map(|s| s.into_iter().map(Into::into).collect()),
            owners: uuids(f.owner_ids),
            machines: uuids(f.machine_ids),
        });
        let page = s.read(queries::keys(&s.db, &s.op, &filter, order, &window).await)?;
        let total = count(s, move |db, op| {
            let filter = filter.clone();
            async move { queries::count_keys(&db, &op, &filter).await }
        });
        Ok(ApiKeyConnection::of(page, total))
    }
}
