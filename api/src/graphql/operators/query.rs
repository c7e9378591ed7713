//! Queries about operators, of a tenant and of its partner.

use super::node::{
    OperatorAssignment, OperatorAssignmentConnection, OperatorAssignmentStatus, OperatorCredentialConnection,
};
use crate::graphql::id::{Id, uuids};
use crate::graphql::loaders::one;
use crate::graphql::page::{count, window};
use crate::graphql::people::PeopleOrder;
use crate::graphql::session;
use crate::graphql::tenancy::partner;
use async_graphql::{Context, InputObject, Object, Result};
use quartermaster_tenants::id::{OperatorAssignmentId, OperatorCredentialId, PartnerMemberId, TenantId};
use quartermaster_tenants::operators::own_side::{self, OwnAssignmentFilter};
use quartermaster_tenants::operators::queries::{self, AssignmentFilter, CredentialFilter, NEWEST};
use std::sync::Arc;

/// Which operator assignments are wanted; all conditions together.
#[derive(InputObject, Default)]
pub struct OperatorAssignmentFilterInput {
    /// One of these ids.
    ids: Option<Vec<Id<OperatorAssignmentId>>>,
    /// One of these states.
    statuses: Option<Vec<OperatorAssignmentStatus>>,
}

/// Which credentials are wanted; all conditions together.
#[derive(InputObject, Default)]
pub struct OperatorCredentialFilterInput {
    /// One of these ids.
    ids: Option<Vec<Id<OperatorCredentialId>>>,
    /// Of one of these assignments.
    operator_assignment_ids: Option<Vec<Id<OperatorAssignmentId>>>,
}

/// Which of the partner's assignments are wanted; all conditions together.
#[derive(InputObject, Default)]
pub struct PartnerOperatorAssignmentFilterInput {
    /// One of these ids.
    ids: Option<Vec<Id<OperatorAssignmentId>>>,
    /// One of these states.
    statuses: Option<Vec<OperatorAssignmentStatus>>,
    /// In one of these tenants.
    tenant_ids: Option<Vec<Id<TenantId>>>,
    /// Of one of these operators.
    operator_ids: Option<Vec<Id<PartnerMemberId>>>,
}

/// Queries about operators.
#[derive(Default)]
pub struct AssignmentQuery;

#[Object]
impl AssignmentQuery {
    /// An operator assignment by its id.
    async fn operator_assignment(
        &self,
        ctx: &Context<'_>,
        id: Id<OperatorAssignmentId>,
    ) -> Result<Option<OperatorAssignment>> {
        one(ctx, id.0).await
    }

    /// The people of the partner who are proposed for the tenant, work in it or did, newest first.
    async fn operator_assignments(
        &self,
        ctx: &Context<'_>,
        filter: Option<OperatorAssignmentFilterInput>,
        first: Option<i32>,
        after: Option<String>,
        last: Option<i32>,
        before: Option<String>,
    ) -> Result<OperatorAssignmentConnection> {
        let s = session(ctx)?;
        let window = window(first, after, last, before, NEWEST)?;
        let filter = filter.unwrap_or_default();
        let filter = AssignmentFilter {
            ids: uuids(filter.ids),
            statuses: filter.statuses.map(|s| s.into_iter().map(Into::into).collect()),
        };
        let page = s.read(queries::assignments(&s.db, &s.op, &filter, &window).await)?;
        let total = count(s, move |db, op| {
            let filter = filter.clone();
            async move { queries::count_assignments(&db, &op, &filter).await }
        });
        Ok(OperatorAssignmentConnection::of(page, total))
    }

    /// The credentials that operators made for the tenant, newest first, without their secrets.
    async fn operator_credentials(
        &self,
        ctx: &Context<'_>,
        filter: Option<OperatorCredentialFilterInput>,
        first: Option<i32>,
        after: Option<String>,
        last: Option<i32>,
        before: Option<String>,
    ) -> Result<OperatorCredentialConnection> {
        let s = session(ctx)?;
        let window = window(first, after, last, before, NEWEST)?;
        let filter = filter.unwrap_or_default();
        let filter = CredentialFilter {
            ids: uuids(filter.ids),
            assignments: uuids(filter.operator_assignment_ids),
        };
        let page = s.read(queries::credentials(&s.db, &s.op, &filter, &window).await)?;
        let total = count(s, move |db, op| {
            let filter = filter.clone();
            async move { queries::count_credentials(&db, &op, &filter).await }
        });
        Ok(OperatorCredentialConnection::of(page, total))
    }

    /// The assignments of the partner's people in all its tenants, newest first: for its administrators those of everybody, for an
    /// operator his own. For people of a partner.
    #[expect(clippy::too_many_arguments, reason = "the arguments of a connection")]
    async fn partner_operator_assignments(
        &self,
        ctx: &Context<'_>,
        filter: Option<PartnerOperatorAssignmentFilterInput>,
        order_by: Option<PeopleOrder>,
        first: Option<i32>,
        after: Option<String>,
        last: Option<i32>,
        before: Option<String>,
    ) -> Result<OperatorAssignmentConnection> {
        let a = partner(ctx)?;
        let order = order_by.unwrap_or_default().order();
        let window = window(first, after, last, before, order)?;
        let f = filter.unwrap_or_default();
        let filter = Arc::new(OwnAssignmentFilter {
            ids: uuids(f.ids),
            statuses: f.statuses.map(|s| s.into_iter().map(Into::into).collect()),
            tenants: uuids(f.tenant_ids),
            persons: uuids(f.operator_ids),
        });
        let page = a.read(own_side::assignments(a.directory, a.op, &filter, order, &window).await)?;
        let total = a.count(move |directory, op| {
            let filter = filter.clone();
            async move { own_side::count_assignments(&directory, &op, &filter).await }
        });
        Ok(OperatorAssignmentConnection::of(page, total))
    }
}
