//! Queries about invitations.

use super::node::{Invitation, InvitationConnection, InvitationStatus};
use crate::graphql::id::{Id, uuids};
use crate::graphql::loaders::one;
use crate::graphql::page::{count, window};
use crate::graphql::people::PeopleOrder;
use crate::graphql::session;
use async_graphql::{Context, InputObject, Object, Result};
use quartermaster_domain::shared::MemberId;
use quartermaster_tenants::id::InvitationId;
use quartermaster_tenants::invitations::queries::{self, InvitationFilter};
use std::sync::Arc;

/// Which invitations are wanted; all conditions together.
#[derive(InputObject, Default)]
pub struct InvitationFilterInput {
    /// One of these ids.
    ids: Option<Vec<Id<InvitationId>>>,
    /// One of these states.
    statuses: Option<Vec<InvitationStatus>>,
    /// Of one of these members.
    member_ids: Option<Vec<Id<MemberId>>>,
}

/// Queries about invitations.
#[derive(Default)]
pub struct InvitationQuery;

#[Object]
impl InvitationQuery {
    /// An invitation by its id.
    async fn invitation(&self, ctx: &Context<'_>, id: Id<InvitationId>) -> Result<Option<Invitation>> {
        one(ctx, id.0).await
    }

    /// The invitations of the tenant.
    #[expect(clippy::too_many_arguments, reason = "the arguments of a connection")]
    async fn invitations(
        &self,
        ctx: &Context<'_>,
        filter: Option<InvitationFilterInput>,
        order_by: Option<PeopleOrder>,
        first: Option<i32>,
        after: Option<String>,
        last: Option<i32>,
        before: Option<String>,
    ) -> Result<InvitationConnection> {
        let s = session(ctx)?;
        let order = order_by.unwrap_or_default().order();
        let window = window(first, after, last, before, order)?;
        let f = filter.unwrap_or_default();
        let filter = Arc::new(InvitationFilter {
            ids: uuids(f.ids),
            statuses: f.statuses.map(|s| s.into_iter().map(Into::into).collect()),
            members: uuids(f.member_ids),
        });
        let page = s.read(queries::invitations(&s.db, &s.op, &filter, order, &window).await)?;
        let total = count(s, move |db, op| {
            let filter = filter.clone();
            async move { queries::count_invitations(&db, &op, &filter).await }
        });
        Ok(InvitationConnection::of(page, total))
    }
}
