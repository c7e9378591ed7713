//! A partner's people.

use crate::connection;
use crate::graphql::error::{UserError, fault};
use crate::graphql::id::{Id, uuids};
use crate::graphql::page::window;
use crate::graphql::people::PeopleOrder;
use crate::graphql::scalar::DateTime;
use crate::graphql::tenancy::{of_partner, partner};
use async_graphql::{Context, Enum, ID, InputObject, Object, Result, SimpleObject};
use quartermaster_tenants::Outcome;
use quartermaster_tenants::id::PartnerMemberId;
use quartermaster_tenants::operators::own_side::{
    self, MEMBERS_NEWEST, MEMBERS_OLDEST, PartnerMemberFilter, PartnerMemberRecord,
};
use quartermaster_tenants::operators::{self, NewPartnerMember};
use std::sync::Arc;

/// The states of a person of a partner.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
pub enum PartnerMemberStatus {
    /// May act.
    Active,
    /// Left.
    Inactive,
}

/// A person who works for a partner.
#[derive(SimpleObject, Clone)]
pub struct PartnerMember {
    /// Opaque; begins with `ptm_`.
    id: ID,
    /// What people call him.
    display_name: String,
    /// `partner_admin`, `msp_operator`.
    roles: Vec<String>,
    /// May the person act?
    status: PartnerMemberStatus,
    /// Since when.
    created_at: DateTime,
}

impl From<PartnerMemberRecord> for PartnerMember {
    fn from(r: PartnerMemberRecord) -> Self {
        Self {
            id: ID(PartnerMemberId(r.person).to_string()),
            display_name: r.display_name,
            roles: r.roles,
            status: if r.active {
                PartnerMemberStatus::Active
            } else {
                PartnerMemberStatus::Inactive
            },
            created_at: DateTime(r.created_at),
        }
    }
}

connection!(PartnerMemberConnection, PartnerMemberEdge, PartnerMember);

/// Which of a partner's people are wanted; all conditions together.
#[derive(InputObject, Default)]
pub struct PartnerMemberFilterInput {
    /// One of these ids.
    ids: Option<Vec<Id<PartnerMemberId>>>,
    /// One of these states.
    statuses: Option<Vec<PartnerMemberStatus>>,
    /// With one of these roles.
    roles: Option<Vec<String>>,
}

impl From<PartnerMemberFilterInput> for PartnerMemberFilter {
    fn from(f: PartnerMemberFilterInput) -> Self {
        let active = |s: &PartnerMemberStatus| *s == PartnerMemberStatus::Active;
        Self {
            persons: uuids(f.ids),
            active: f.statuses.map(|s| s.iter().map(active).collect()),
            roles: f.roles,
        }
    }
}

/// A person who is to work for the partner, by a known login.
#[derive(InputObject)]
pub struct PartnerMemberCreateInput {
    /// `iss` of the person's tokens.
    issuer: String,
    /// `sub` of the person's tokens.
    subject: String,
    /// What the person is called; people of tenants read it.
    display_name: String,
}

/// A person who leaves the partner.
#[derive(InputObject)]
pub struct PartnerMemberDeactivateInput {
    /// The person.
    id: Id<PartnerMemberId>,
    /// Why; people read it, also in the tenants where an assignment ends.
    reason: String,
}

/// A person of the partner after a mutation.
pub struct PartnerMemberPayload(Outcome);

/// A person of the partner after a mutation.
#[Object]
impl PartnerMemberPayload {
    /// The person as he is now.
    async fn partner_member(&self, ctx: &Context<'_>) -> Result<Option<PartnerMember>> {
        let a = partner(ctx)?;
        let Some(id) = self.0.document else { return Ok(None) };
        let found = own_side::member(a.directory, a.op, id).await;
        Ok(found.map_err(|e| fault(e, a.op.request_id))?.map(Into::into))
    }
    /// Why nothing was done; empty when it was.
    async fn user_errors(&self) -> Vec<UserError> {
        self.0.refusals.iter().cloned().map(Into::into).collect()
    }
}

/// Queries about a partner's people.
#[derive(Default)]
pub struct StaffQuery;

#[Object]
impl StaffQuery {
    /// The partner's people. For people of a partner.
    #[expect(clippy::too_many_arguments, reason = "the arguments of a connection")]
    async fn partner_members(
        &self,
        ctx: &Context<'_>,
        filter: Option<PartnerMemberFilterInput>,
        order_by: Option<PeopleOrder>,
        first: Option<i32>,
        after: Option<String>,
        last: Option<i32>,
        before: Option<String>,
    ) -> Result<PartnerMemberConnection> {
        let a = partner(ctx)?;
        let order = match order_by.unwrap_or_default() {
            PeopleOrder::CreatedDesc => MEMBERS_NEWEST,
            PeopleOrder::CreatedAsc => MEMBERS_OLDEST,
        };
        let window = window(first, after, last, before, order)?;
        let filter = Arc::new(PartnerMemberFilter::from(filter.unwrap_or_default()));
        let page = a.read(own_side::members(a.directory, a.op, &filter, order, &window).await)?;
        let total = a.count(move |directory, op| {
            let filter = filter.clone();
            async move { own_side::count_members(&directory, &op, &filter).await }
        });
        Ok(PartnerMemberConnection::of(page, total))
    }
}

/// Mutations of a partner's people.
#[derive(Default)]
pub struct StaffMutation;

#[Object]
impl StaffMutation {
    /// Takes a person into the partner, as `msp_operator`. No tenant is open to him by that.
    async fn partner_member_create(
        &self,
        ctx: &Context<'_>,
        input: PartnerMemberCreateInput,
    ) -> Result<PartnerMemberPayload> {
        let a = partner(ctx)?;
        let new = NewPartnerMember {
            issuer: input.issuer,
            subject: input.subject,
            display_name: input.display_name,
        };
        let done = of_partner!(a, operators::member_create(a.directory, a.db, a.op, &new));
        Ok(PartnerMemberPayload(done))
    }

    /// Stops a person of the partner from acting, at once and in every tenant, and ends his assignments.
    async fn partner_member_deactivate(
        &self,
        ctx: &Context<'_>,
        input: PartnerMemberDeactivateInput,
    ) -> Result<PartnerMemberPayload> {
        let a = partner(ctx)?;
        let done = of_partner!(
            a,
            operators::member_deactivate(a.directory, a.db, a.op, input.id.0, &input.reason)
        );
        Ok(PartnerMemberPayload(done))
    }
}
