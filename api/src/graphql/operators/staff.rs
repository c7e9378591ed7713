//! A partner's people.

use crate::graphql::error::{UserError, fault};
use crate::graphql::id::Id;
use crate::graphql::scalar::DateTime;
use crate::graphql::tenancy::{of_partner, partner};
use async_graphql::{Context, Enum, ID, InputObject, Object, Result, SimpleObject};
use quartermaster_tenants::Outcome;
use quartermaster_tenants::id::PartnerMemberId;
use quartermaster_tenants::operators::own_side::{self, PartnerMemberRecord};
use quartermaster_tenants::operators::{self, NewPartnerMember};

/// The states of a person of a partner.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
pub enum PartnerMemberStatus {
    /// May act.
    Active,
    /// Left.
    Inactive,
}

/// A person who works for a partner.
#[derive(SimpleObject)]
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

/// A part of a partner's people.
#[derive(SimpleObject)]
pub struct PartnerMemberPage {
    /// By id.
    nodes: Vec<PartnerMember>,
    /// How many there are in all.
    total_count: i64,
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
    /// The partner's people, by id. For people of a partner.
    async fn partner_members(
        &self,
        ctx: &Context<'_>,
        #[graphql(default = 50, validator(minimum = 0, maximum = 250))] first: i32,
        after: Option<Id<PartnerMemberId>>,
    ) -> Result<PartnerMemberPage> {
        let a = partner(ctx)?;
        let found = own_side::members(a.directory, a.op, first.into(), after.map(|a| a.uuid())).await;
        let (rows, total_count) = found.map_err(|e| fault(e, a.op.request_id))?;
        Ok(PartnerMemberPage {
            nodes: rows.into_iter().map(Into::into).collect(),
            total_count,
        })
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
