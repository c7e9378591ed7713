//! Members and their roles.

use super::id::{Id, uuids};
use super::loaders::{Batch, LoadError, one};
use super::page::{count, window};
use super::payload::about;
use super::scalar::DateTime;
use super::tenancy::above;
use super::{Session, session};
use crate::graphql::error::SodTier;
use crate::{command_input, connection, payload, perform, reason_input};
use async_graphql::dataloader::Loader;
use async_graphql::{ComplexObject, Context, Enum, ID, InputObject, Object, Result, SimpleObject};
use quartermaster_domain::shared::{LocationId, MemberId, RoleAssignmentId};
use quartermaster_tenants::members::queries::{self, AssignmentFilter, AssignmentRecord, MemberFilter, MemberRecord};
use quartermaster_tenants::members::queries::{NEWEST, OLDEST, RoleRecord};
use quartermaster_tenants::members::{self, NewAssignment, NewMember};
use quartermaster_tenants::op::{AccountKind, IdempotencyKey, Op};
use std::collections::HashMap;
use uuid::Uuid;

/// What kind of account a member is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "AccountKind")]
pub enum MemberKind {
    /// A person of the tenant.
    Human,
    /// A person of the tenant's partner, admitted until a date.
    Operator,
    /// An API key.
    Integration,
    /// An AI agent.
    Agent,
}

/// The states of a member.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "members::MemberStatus")]
pub enum MemberStatus {
    /// Waits for its person to accept.
    Invited,
    /// May act.
    Active,
    /// May not; its roles sleep.
    Inactive,
}

/// The states of a role assignment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "members::AssignmentStatus")]
pub enum RoleAssignmentStatus {
    /// Proposed; gives nothing yet.
    Pending,
    /// In force between its dates.
    Approved,
    /// In force, its removal proposed.
    RemovalPending,
    /// Was in force.
    Removed,
    /// Was refused.
    Rejected,
}

/// A person's or machine's account in the tenant.
#[derive(SimpleObject, Clone)]
#[graphql(complex)]
pub struct Member {
    /// Opaque; begins with `mem_`.
    pub id: ID,
    /// What people call it.
    display_name: String,
    /// For messages.
    email: Option<String>,
    /// What kind of account it is.
    kind: MemberKind,
    /// Where it stands.
    status: MemberStatus,
    /// The locations that it is limited to; null: the whole tenant.
    location_ids: Option<Vec<ID>>,
    /// It ends by itself.
    valid_until: Option<DateTime>,
    /// Rises at every write, also of its roles; for `expectedVersion`.
    version: i32,
    /// When it was made.
    created_at: DateTime,
    /// When it was last written.
    updated_at: DateTime,
    #[graphql(skip)]
    uuid: Uuid,
}

impl From<MemberRecord> for Member {
    fn from(r: MemberRecord) -> Self {
        let ids = |l: Vec<Uuid>| l.into_iter().map(|l| ID(LocationId(l).to_string())).collect();
        Self {
            id: ID(MemberId(r.id).to_string()),
            display_name: r.display_name,
            email: r.email,
            kind: r.kind.into(),
            status: r.status.into(),
            location_ids: r.locations.map(ids),
            valid_until: r.valid_until.map(DateTime),
            version: r.version,
            created_at: DateTime(r.created_at),
            updated_at: DateTime(r.updated_at),
            uuid: r.id,
        }
    }
}

#[ComplexObject]
impl Member {
    /// Its role assignments, oldest first.
    async fn role_assignments(
        &self,
        ctx: &Context<'_>,
        first: Option<i32>,
        after: Option<String>,
        last: Option<i32>,
        before: Option<String>,
    ) -> Result<RoleAssignmentConnection> {
        let filter = AssignmentFilter {
            members: Some(vec![self.uuid]),
            ..AssignmentFilter::default()
        };
        let window = window(first, after, last, before, OLDEST)?;
        assignment_page(session(ctx)?, filter, window, OLDEST).await
    }
}

/// One way of having a role, from a date until a date: proposed by one person, approved by another.
#[derive(SimpleObject, Clone)]
#[graphql(complex)]
pub struct RoleAssignment {
    /// Opaque; begins with `rla_`.
    pub id: ID,
    /// The role's name.
    role: String,
    /// Where it stands.
    status: RoleAssignmentStatus,
    /// Given when the tenant was created.
    founding: bool,
    /// In force from; at once when null.
    valid_from: Option<DateTime>,
    /// In force until; for good when null.
    valid_until: Option<DateTime>,
    /// The pass through approval: its removal is another.
    round: i32,
    /// The row's version, for `expectedVersion`.
    version: i32,
    /// When it was proposed.
    created_at: DateTime,
    /// When it was last written.
    updated_at: DateTime,
    #[graphql(skip)]
    member: Uuid,
}

impl From<AssignmentRecord> for RoleAssignment {
    fn from(r: AssignmentRecord) -> Self {
        Self {
            id: ID(RoleAssignmentId(r.id).to_string()),
            role: r.role,
            status: r.status.into(),
            founding: r.founding,
            valid_from: r.valid_from.map(DateTime),
            valid_until: r.valid_until.map(DateTime),
            round: r.round,
            version: r.version,
            created_at: DateTime(r.created_at),
            updated_at: DateTime(r.updated_at),
            member: r.member,
        }
    }
}

#[ComplexObject]
impl RoleAssignment {
    /// Who has the role.
    async fn member(&self, ctx: &Context<'_>) -> Result<Option<Member>> {
        one(ctx, MemberId(self.member)).await
    }
}

/// A duty of a role.
#[derive(SimpleObject, Clone)]
pub struct RoleDuty {
    /// The duty's code, such as `PO.APPROVE`.
    duty: String,
    /// Up to this amount level, 0 to 4.
    max_level: i32,
}

/// A role of the tenant's policy: a named set of duties.
#[derive(SimpleObject, Clone)]
pub struct Role {
    /// Its name, such as `approver_l1`.
    name: String,
    /// What people read.
    title: String,
    /// Defined by the tenant itself.
    custom: bool,
    /// What it may do.
    duties: Vec<RoleDuty>,
}

impl From<RoleRecord> for Role {
    fn from(r: RoleRecord) -> Self {
        let duty = |(duty, level): (&str, u8)| RoleDuty {
            duty: duty.to_owned(),
            max_level: i32::from(level),
        };
        Self {
            name: r.name,
            title: r.title,
            custom: r.custom,
            duties: r.duties.into_iter().map(duty).collect(),
        }
    }
}

/// A static rule that a role would break.
#[derive(SimpleObject, Clone)]
pub struct SodStaticConflict {
    /// The rule's id, such as `S-07`.
    rule: String,
    /// Whether it can be lifted.
    tier: SodTier,
    /// One duty.
    duty_a: String,
    /// The other.
    duty_b: String,
    /// The roles through which the two would be held.
    held_through: Vec<String>,
}

connection!(MemberConnection, MemberEdge, Member);
connection!(RoleAssignmentConnection, RoleAssignmentEdge, RoleAssignment);
payload!(
    /// A member after a mutation.
    MemberPayload, member: Member, MemberId
);
payload!(
    /// A role assignment after a mutation.
    RoleAssignmentPayload, role_assignment: RoleAssignment, RoleAssignmentId
);

impl Loader<MemberId> for Batch {
    type Value = Member;
    type Error = LoadError;
    async fn load(&self, keys: &[MemberId]) -> Result<HashMap<MemberId, Member>, LoadError> {
        let ids: Vec<Uuid> = keys.iter().map(|k| k.0).collect();
        let found = queries::members_by_ids(&self.session.db, &self.session.op, &ids).await?;
        Ok(found.into_iter().map(|(id, r)| (MemberId(id), r.into())).collect())
    }
}

impl Loader<RoleAssignmentId> for Batch {
    type Value = RoleAssignment;
    type Error = LoadError;
    async fn load(&self, keys: &[RoleAssignmentId]) -> Result<HashMap<RoleAssignmentId, RoleAssignment>, LoadError> {
        let ids: Vec<Uuid> = keys.iter().map(|k| k.0).collect();
        let found = queries::assignments_by_ids(&self.session.db, &self.session.op, &ids).await?;
        Ok(found
            .into_iter()
            .map(|(id, r)| (RoleAssignmentId(id), r.into()))
            .collect())
    }
}

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
    fn order(self) -> quartermaster_domain::shared::Order {
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
        role_assignment: RoleAssignmentInput,
    ) -> Result<Vec<SodStaticConflict>> {
        let s = session(ctx)?;
        let member = role_assignment.member_id.uuid();
        let found = s.read(members::sod_conflicts(&s.db, &s.op, member, &role_assignment.role).await)?;
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
    Err(super::error::coded("BAD_USER_INPUT", message))
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
        let (s, above) = (session(ctx)?, above(ctx)?);
        let new = input.into();
        Ok(perform!(s, members::create(&s.db, &above.directory, &s.op, &new)).into())
    }

    /// Makes many members, each by itself.
    async fn member_create_bulk(&self, ctx: &Context<'_>, input: MemberCreateBulkInput) -> Result<MemberBulkPayload> {
        let (s, above) = (session(ctx)?, above(ctx)?);
        within(input.elements.len())?;
        let mut results = Vec::with_capacity(input.elements.len());
        for (n, new) in input.elements.into_iter().enumerate() {
            let (s, new) = (&element(s, n), new.into());
            results.push(perform!(s, members::create(&s.db, &above.directory, &s.op, &new)).into());
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
