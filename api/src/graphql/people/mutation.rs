//! Mutations of members and their roles.

use super::node::{MemberPayload, RoleAssignmentPayload};
use crate::graphql::id::{Id, uuids};
use crate::graphql::payload::{about, each};
use crate::graphql::scalar::DateTime;
use crate::graphql::session;
use crate::graphql::tenancy::directory;
use crate::{bulk_input, bulk_payload, command_input, each, perform, reason_input};
use async_graphql::{Context, InputObject, Object, Result};
use quartermaster_domain::shared::{LocationId, MemberId, RoleAssignmentId};
use quartermaster_tenants::members::{self, NewAssignment, NewMember};
use uuid::Uuid;

/// A role for a member.
#[derive(InputObject)]
pub struct RoleAssignmentInput {
    /// Who is to have it.
    member_id: Id<MemberId>,
    /// The role's name.
    role: String,
    /// In force from; at once when not given.
    valid_from: Option<DateTime>,
    /// In force until; for good when not given.
    valid_until: Option<DateTime>,
}

impl RoleAssignmentInput {
    pub(super) fn member(&self) -> Uuid {
        self.member_id.uuid()
    }
    pub(super) fn role(&self) -> &str {
        &self.role
    }
}

impl From<RoleAssignmentInput> for NewAssignment {
    fn from(i: RoleAssignmentInput) -> Self {
        Self {
            member: i.member_id.uuid(),
            role: i.role,
            valid_from: i.valid_from.map(|t| t.0),
            valid_until: i.valid_until.map(|t| t.0),
        }
    }
}

/// A person who is to belong to the tenant, by a known login.
#[derive(InputObject)]
pub struct MemberCreateInput {
    /// `iss` of the person's tokens.
    issuer: String,
    /// `sub` of the person's tokens.
    subject: String,
    /// What the person is called here.
    display_name: String,
    /// For messages.
    email: Option<String>,
    /// The locations that the member sees and acts at; all when not given.
    location_ids: Option<Vec<Id<LocationId>>>,
    /// The account ends by itself.
    valid_until: Option<DateTime>,
}

impl From<MemberCreateInput> for NewMember {
    fn from(i: MemberCreateInput) -> Self {
        Self {
            issuer: i.issuer,
            subject: i.subject,
            display_name: i.display_name,
            email: i.email,
            locations: uuids(i.location_ids),
            valid_until: i.valid_until.map(|t| t.0),
        }
    }
}

/// The locations of a member.
#[derive(InputObject)]
pub struct MemberSetLocationsInput {
    /// The member.
    id: Id<MemberId>,
    /// All of them; null: the whole tenant.
    location_ids: Option<Vec<Id<LocationId>>>,
    /// The version that you have read; a stale one is refused with `CONFLICT`.
    expected_version: Option<i32>,
}

bulk_input!(
    /// Many members.
    MemberCreateBulkInput of MemberCreateInput,
    /// Many proposals.
    RoleAssignmentProposeBulkInput of RoleAssignmentInput,
    /// Many approvals.
    RoleAssignmentApproveBulkInput of RoleAssignmentApproveInput,
);
bulk_payload!(
    /// What became of each member.
    MemberBulkPayload of MemberPayload,
    /// What became of each role assignment.
    RoleAssignmentBulkPayload of RoleAssignmentPayload,
);
command_input!(MemberId;
    /// The member to let act again.
    MemberReactivateInput,
);
command_input!(RoleAssignmentId;
    /// The assignment, or its removal, to approve.
    RoleAssignmentApproveInput,
    /// The assignment to remove.
    RoleAssignmentProposeRemovalInput,
);
reason_input!(MemberId;
    /// The member to stop.
    MemberDeactivateInput,
);
reason_input!(RoleAssignmentId;
    /// The assignment, or its removal, to refuse.
    RoleAssignmentRejectInput,
);

/// Mutations of people.
#[derive(Default)]
pub struct PeopleMutation;

#[Object]
impl PeopleMutation {
    /// Makes a member of a person whose login is known; without any role.
    async fn member_create(&self, ctx: &Context<'_>, input: MemberCreateInput) -> Result<MemberPayload> {
        let (s, directory) = (session(ctx)?, directory(ctx)?);
        let new = input.into();
        Ok(perform!(s, members::create(&s.db, directory, &s.op, &new)).into())
    }

    /// Makes many members, each by itself.
    async fn member_create_bulk(&self, ctx: &Context<'_>, input: MemberCreateBulkInput) -> Result<MemberBulkPayload> {
        let directory = directory(ctx)?;
        let mut results = Vec::<MemberPayload>::with_capacity(input.elements.len());
        for (s, new) in each(session(ctx)?, input.elements)? {
            let (s, new) = (&s, new.into());
            results.push(perform!(s, members::create(&s.db, directory, &s.op, &new)).into());
        }
        Ok(results.into())
    }

    /// Stops a member from acting, at once.
    async fn member_deactivate(&self, ctx: &Context<'_>, input: MemberDeactivateInput) -> Result<MemberPayload> {
        let (s, id, version) = (session(ctx)?, input.id.0, input.expected_version);
        let done = perform!(s, members::deactivate(&s.db, &s.op, id, &input.reason, version));
        Ok(about(id, done).into())
    }

    /// Lets a member act again, with the roles that it had.
    async fn member_reactivate(&self, ctx: &Context<'_>, input: MemberReactivateInput) -> Result<MemberPayload> {
        let (s, id, version) = (session(ctx)?, input.id.0, input.expected_version);
        Ok(about(id, perform!(s, members::reactivate(&s.db, &s.op, id, version))).into())
    }

    /// Limits a member to locations, or lifts the limit.
    async fn member_set_locations(&self, ctx: &Context<'_>, input: MemberSetLocationsInput) -> Result<MemberPayload> {
        let (s, id, version) = (session(ctx)?, input.id.0, input.expected_version);
        let locations = uuids(input.location_ids);
        let done = perform!(
            s,
            members::set_locations(&s.db, &s.op, id, locations.as_deref(), version)
        );
        Ok(about(id, done).into())
    }

    /// Proposes that a member has a role. It gives nothing before another person approves it.
    async fn role_assignment_propose(
        &self,
        ctx: &Context<'_>,
        input: RoleAssignmentInput,
    ) -> Result<RoleAssignmentPayload> {
        let (s, new) = (session(ctx)?, input.into());
        Ok(perform!(s, members::propose(&s.db, &s.op, &new)).into())
    }

    /// Proposes many roles, each by itself.
    async fn role_assignment_propose_bulk(
        &self,
        ctx: &Context<'_>,
        input: RoleAssignmentProposeBulkInput,
    ) -> Result<RoleAssignmentBulkPayload> {
        let mut results = Vec::<RoleAssignmentPayload>::with_capacity(input.elements.len());
        for (s, new) in each(session(ctx)?, input.elements)? {
            let (s, new) = (&s, new.into());
            results.push(perform!(s, members::propose(&s.db, &s.op, &new)).into());
        }
        Ok(results.into())
    }

    /// Approves a role, or its removal.
    async fn role_assignment_approve(
        &self,
        ctx: &Context<'_>,
        input: RoleAssignmentApproveInput,
    ) -> Result<RoleAssignmentPayload> {
        let (s, id, version) = (session(ctx)?, input.id.0, input.expected_version);
        Ok(about(id, perform!(s, members::approve(&s.db, &s.op, id, version))).into())
    }

    /// Approves many roles, each by itself.
    async fn role_assignment_approve_bulk(
        &self,
        ctx: &Context<'_>,
        input: RoleAssignmentApproveBulkInput,
    ) -> Result<RoleAssignmentBulkPayload> {
        let results: Vec<_> = each!(session(ctx)?, input.elements, |s, e| members::approve(
            &s.db,
            &s.op,
            e.id.0,
            e.expected_version
        ));
        Ok(results.into())
    }

    /// Refuses a proposed role, or a proposed removal.
    async fn role_assignment_reject(
        &self,
        ctx: &Context<'_>,
        input: RoleAssignmentRejectInput,
    ) -> Result<RoleAssignmentPayload> {
        let (s, id, version) = (session(ctx)?, input.id.0, input.expected_version);
        let done = perform!(s, members::reject(&s.db, &s.op, id, &input.reason, version));
        Ok(about(id, done).into())
    }

    /// Proposes that a member no longer has a role; it stays in force until another person approves.
    async fn role_assignment_propose_removal(
        &self,
        ctx: &Context<'_>,
        input: RoleAssignmentProposeRemovalInput,
    ) -> Result<RoleAssignmentPayload> {
        let (s, id, version) = (session(ctx)?, input.id.0, input.expected_version);
        Ok(about(id, perform!(s, members::propose_removal(&s.db, &s.op, id, version))).into())
    }
}
