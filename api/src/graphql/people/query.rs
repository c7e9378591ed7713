//! Queries about members and their roles.

use super::mutation::RoleAssignmentInput;
use super::node::{
    Member, MemberConnection, MemberStatus, Role, RoleAssignment, RoleAssignmentConnection, RoleAssignmentStatus,
    SodStaticConflict,
};
use crate::graphql::error::SodTier;
use crate::graphql::id::{Id, uuids};
use crate::graphql::loaders::one;
use crate::graphql::page::{count, window};
use crate::graphql::{Session, session};
use async_graphql::{Context, Enum, InputObject, Object, Result};
use quartermaster_domain::shared::{MemberId, RoleAssignmentId};
use quartermaster_tenants::members;
use quartermaster_tenants::members::queries::{self, AssignmentFilter, MemberFilter, NEWEST, OLDEST};

/// The orders of a list of people or roles.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum, Default)]
pub enum PeopleOrder {
    /// The last made first.
    #[default]
    CreatedDesc,
    /// The first made first.
    CreatedAsc,
}

impl PeopleOrder {
    pub(in crate::graphql) fn order(self) -> quartermaster_domain::shared::Order {
        match self {
            Self::CreatedDesc => NEWEST,
            Self::CreatedAsc => OLDEST,
        }
    }
}

/// Which members are wanted; all conditions together.
#[derive(InputObject, Default)]
pub struct MemberFilterInput {
    /// One of these ids.
    ids: Option<Vec<Id<MemberId>>>,
    /// One of these states.
    statuses: Option<Vec<MemberStatus>>,
    /// With one of these roles, approved.
    roles: Option<Vec<String>>,
}

/// Which role assignments are wanted; all conditions together.
#[derive(InputObject, Default)]
pub struct RoleAssignmentFilterInput {
    /// One of these ids.
    ids: Option<Vec<Id<RoleAssignmentId>>>,
    /// Of one of these members.
    member_ids: Option<Vec<Id<MemberId>>>,
    /// Of one of these roles.
    roles: Option<Vec<String>>,
    /// One of these states.
    statuses: Option<Vec<RoleAssignmentStatus>>,
}

async fn assignment_page(
    s: &Session,
    filter: AssignmentFilter,
    window: quartermaster_domain::shared::Window,
    order: quartermaster_domain::shared::Order,
) -> Result<RoleAssignmentConnection> {
    let page = s.read(queries::assignments(&s.db, &s.op, &filter, order, &window).await)?;
    let total = count(s, move |db, op| {
        let filter = filter.clone();
        async move { queries::count_assignments(&db, &op, &filter).await }
    });
    Ok(RoleAssignmentConnection::of(page, total))
}

/// Queries about people.
#[derive(Default)]
pub struct PeopleQuery;

#[Object]
impl PeopleQuery {
    /// A member by its id.
    async fn member(&self, ctx: &Context<'_>, id: Id<MemberId>) -> Result<Option<Member>> {
        one(ctx, id.0).await
    }

    /// The members of the tenant.
    #[expect(clippy::too_many_arguments, reason = "the arguments of a connection")]
    async fn members(
        &self,
        ctx: &Context<'_>,
        filter: Option<MemberFilterInput>,
        order_by: Option<PeopleOrder>,
        first: Option<i32>,
        after: Option<String>,
        last: Option<i32>,
        before: Option<String>,
    ) -> Result<MemberConnection> {
        let s = session(ctx)?;
        let order = order_by.unwrap_or_default().order();
        let window = window(first, after, last, before, order)?;
        let filter = filter.unwrap_or_default();
        let filter = MemberFilter {
            ids: uuids(filter.ids),
            statuses: filter.statuses.map(|s| s.into_iter().map(Into::into).collect()),
            roles: filter.roles,
        };
        let page = s.read(queries::members(&s.db, &s.op, &filter, order, &window).await)?;
        let total = count(s, move |db, op| {
            let filter = filter.clone();
            async move { queries::count_members(&db, &op, &filter).await }
        });
        Ok(MemberConnection::of(page, total))
    }

    /// A role assignment by its id.
    async fn role_assignment(&self, ctx: &Context<'_>, id: Id<RoleAssignmentId>) -> Result<Option<RoleAssignment>> {
        one(ctx, id.0).await
    }

    /// The role assignments of the tenant.
    #[expect(clippy::too_many_arguments, reason = "the arguments of a connection")]
    async fn role_assignments(
        &self,
        ctx: &Context<'_>,
        filter: Option<RoleAssignmentFilterInput>,
        order_by: Option<PeopleOrder>,
        first: Option<i32>,
        after: Option<String>,
        last: Option<i32>,
        before: Option<String>,
    ) -> Result<RoleAssignmentConnection> {
        let order = order_by.unwrap_or_default().order();
        let window = window(first, after, last, before, order)?;
        let filter = filter.unwrap_or_default();
        let filter = AssignmentFilter {
            ids: uuids(filter.ids),
            members: uuids(filter.member_ids),
            roles: filter.roles,
            statuses: filter.statuses.map(|s| s.into_iter().map(Into::into).collect()),
        };
        assignment_page(session(ctx)?, filter, window, order).await
    }

    /// The roles that members can have, by name, each with its duties.
    async fn roles(&self, ctx: &Context<'_>) -> Result<Vec<Role>> {
        let s = session(ctx)?;
        let found = s.read(queries::roles(&s.db, &s.op).await)?;
        Ok(found.into_iter().map(Into::into).collect())
    }

    /// What a grant would be refused for by the static rules: the same answer as the grant.
    async fn sod_conflicts(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The grant that is thought of.")] role_assignment: RoleAssignmentInput,
    ) -> Result<Vec<SodStaticConflict>> {
        let s = session(ctx)?;
        let member = role_assignment.member();
        let found = s.read(members::sod_conflicts(&s.db, &s.op, member, role_assignment.role()).await)?;
        Ok(found
            .into_iter()
            .map(|c| SodStaticConflict {
                rule: c.rule,
                tier: if c.mandatory {
                    SodTier::Mandatory
                } else {
                    SodTier::Default
                },
                duty_a: c.duty_a.to_owned(),
                duty_b: c.duty_b.to_owned(),
                held_through: c.held_through,
            })
            .collect())
    }
}
