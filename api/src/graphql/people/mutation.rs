//! Mutations of members and their roles.

use super::node::{MemberPayload, RoleAssignmentPayload};
use crate::graphql::id::{Id, uuids};
use crate::graphql::payload::about;
use crate::graphql::scalar::DateTime;
use crate::graphql::tenancy::directory;
use crate::graphql::{Session, session};
use crate::{command_input, perform, reason_input};
use async_graphql::{Context, InputObject, Object, Result, SimpleObject};
use quartermaster_domain::shared::{LocationId, MemberId, RoleAssignmentId};
use quartermaster_tenants::members::{self, NewAssignment, NewMember};
use quartermaster_tenants::op::{IdempotencyKey, Op};
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

/// Many members.
#[derive(InputObject)]
pub struct MemberCreateBulkInput {
    /// At most 100, each decided by itself.
    elements: Vec<MemberCreateInput>,
}

/// Many proposals.
#[derive(InputObject)]
pub struct RoleAssignmentProposeBulkInput {
    /// At most 100, each decided by itself.
    elements: Vec<RoleAssignmentInput>,
}

/// Many approvals.
#[derive(InputObject)]
pub struct RoleAssignmentApproveBulkInput {
    /// At most 100, each decided by itself.
    elements: Vec<RoleAssignmentApproveInput>,
}

/// What became of each element, in the order of the input.
#[derive(SimpleObject)]
pub struct MemberBulkPayload {
    /// One for each element.
    results: Vec<MemberPayload>,
}

/// What became of each element, in the order of the input.
#[derive(SimpleObject)]
pub struct RoleAssignmentBulkPayload {
    /// One for each element.
    results: Vec<RoleAssignmentPayload>,
}

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

/// The most elements of a bulk mutation.
const MOST_ELEMENTS: usize = 100;

fn within(elements: usize) -> Result<()> {
    if elements <= MOST_ELEMENTS {
        return Ok(());
    }
    let message = format!("At most {MOST_ELEMENTS} elements in one call.");
    Err(crate::graphql::error::coded("BAD_USER_INPUT", message))
}

/// The session of one element: its own idempotency key, so that a repeat finds each element's own outcome.
fn element(s: &Session, n: usize) -> Session {
    let mut op: Op = (*s.op).clone();
    op.idempotency = op.idempotency.map(|k| IdempotencyKey {
        key: format!("{}#{n}", k.key),
        fingerprint: k.fingerprint,
    });
    Session {
        op: std::sync::Arc::new(op),
        ..s.clone()
    }
}

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
        let (s, directory) = (session(ctx)?, directory(ctx)?);
        within(input.elements.len())?;
        let mut results = Vec::with_capacity(input.elements.len());
        for (n, new) in input.elements.into_iter().enumerate() {
            let (s, new) = (&element(s, n), new.into());
            results.push(perform!(s, members::create(&s.db, directory, &s.op, &new)).into());
        }
        Ok(MemberBulkPayload { results })
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
        let s = session(ctx)?;
        within(input.elements.len())?;
        let mut results = Vec::with_capacity(input.elements.len());
        for (n, new) in input.elements.into_iter().enumerate() {
            let (s, new) = (&element(s, n), new.into());
            results.push(perform!(s, members::propose(&s.db, &s.op, &new)).into());
        }
        Ok(RoleAssignmentBulkPayload { results })
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
        let s = session(ctx)?;
        within(input.elements.len())?;
        let mut results = Vec::with_capacity(input.elements.len());
        for (n, of) in input.elements.into_iter().enumerate() {
            let (s, id, version) = (&element(s, n), of.id.0, of.expected_version);
            results.push(about(id, perform!(s, members::approve(&s.db, &s.op, id, version))).into());
        }
        Ok(RoleAssignmentBulkPayload { results })
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
