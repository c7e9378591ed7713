//! Members, role assignments and roles as they are read.

use crate::graphql::error::SodTier;
use crate::graphql::loaders::{Batch, LoadError, one};
use crate::graphql::page::{counted, window};
use crate::graphql::preview::{CanKey, Previewed, Questions};
use crate::graphql::related::Related;
use crate::graphql::scalar::DateTime;
use crate::{connection, loads, payload, viewer_can};
use async_graphql::dataloader::Loader;
use async_graphql::{ComplexObject, Context, Enum, ID, Result, SimpleObject};
use quartermaster_domain::shared::{Cursor, LocationId, MemberId, Page, RoleAssignmentId, Window};
use quartermaster_tenants::act::Preview;
use quartermaster_tenants::members::queries::{self, AssignmentRecord, MemberRecord, OLDEST, RoleRecord};
use quartermaster_tenants::members::{self, AssignmentCommand};
use quartermaster_tenants::op::AccountKind;
use quartermaster_tenants::{Op, Tenants};
use std::collections::HashMap;
use std::sync::Arc;
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
        let w = window(first, after, last, before, OLDEST)?;
        let key = RolesKey {
            member: self.uuid,
            limit: w.limit,
            from_back: w.from_back,
            after: w.after.map(|c| c.id),
            before: w.before.map(|c| c.id),
        };
        let page = one(ctx, key).await?.unwrap_or(Page {
            rows: vec![],
            has_next: false,
            has_previous: false,
        });
        let total = counted(ctx, RoleCountKey(self.uuid))?;
        Ok(RoleAssignmentConnection::of(page, total))
    }
}

/// Role assignments of one member; equal windows of many members load together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct RolesKey {
    member: Uuid,
    limit: i64,
    from_back: bool,
    after: Option<Uuid>,
    before: Option<Uuid>,
}

impl Loader<RolesKey> for Batch {
    type Value = Page<AssignmentRecord>;
    type Error = LoadError;
    async fn load(&self, keys: &[RolesKey]) -> Result<HashMap<RolesKey, Page<AssignmentRecord>>, LoadError> {
        let mut alike: HashMap<RolesKey, Vec<Uuid>> = HashMap::new();
        for key in keys {
            let of_any = RolesKey {
                member: Uuid::nil(),
                ..*key
            };
            alike.entry(of_any).or_default().push(key.member);
        }
        let mut out = HashMap::with_capacity(keys.len());
        for (key, members) in alike {
            let cursor = |id: Uuid| Cursor {
                tag: OLDEST.tag,
                value: id.to_string().into(),
                id,
            };
            let window = Window {
                limit: key.limit,
                from_back: key.from_back,
                after: key.after.map(cursor),
                before: key.before.map(cursor),
            };
            let found = queries::assignments_of(&self.session.db, &self.session.op, &members, &window).await?;
            out.extend(
                found
                    .into_iter()
                    .map(|(member, page)| (RolesKey { member, ..key }, page)),
            );
        }
        Ok(out)
    }
}

/// Asks how many role assignments a member has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct RoleCountKey(Uuid);

loads!(RoleCountKey => i64, queries::assignment_counts);

/// One way of having a role, from a date until a date: proposed by one person, approved by another.
#[derive(SimpleObject, Clone)]
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
    /// Who has the role.
    member: Related<MemberId>,
    /// What you could do to it now, and why not.
    viewer_can: Related<CanKey<AssignmentRecord>>,
}

viewer_can!(
    /// What you could do to a role assignment now.
    RoleAssignmentViewerCan, AssignmentCommand;
    /// Agree to the proposal, or to the removal.
    approve = Approve,
    /// Refuse the proposal, or the removal.
    reject = Reject,
    /// Ask for its removal.
    propose_removal = ProposeRemoval,
);

impl Previewed for AssignmentRecord {
    type Command = AssignmentCommand;
    type Can = RoleAssignmentViewerCan;
    fn key(&self) -> (Uuid, i32) {
        (self.id, self.version)
    }
    fn questions(&self) -> Vec<Questions<AssignmentCommand>> {
        vec![self.asked()]
    }
    async fn refusals(
        db: &Tenants,
        op: &Op,
        of: &[&Self],
    ) -> quartermaster_tenants::Result<HashMap<Uuid, (AssignmentCommand, Preview)>> {
        let found = members::approvals(db, op, of).await?;
        let of_approval = |(id, refused)| (id, (AssignmentCommand::Approve, refused));
        Ok(found.into_iter().map(of_approval).collect())
    }
    fn can(
        &self,
        _: &Op,
        answers: Vec<(AssignmentCommand, Preview)>,
    ) -> quartermaster_tenants::Result<RoleAssignmentViewerCan> {
        RoleAssignmentViewerCan::of(&answers)
    }
}

impl From<AssignmentRecord> for RoleAssignment {
    fn from(r: AssignmentRecord) -> Self {
        Self {
            viewer_can: Related(CanKey(Arc::new(r.clone()))),
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
            member: Related(MemberId(r.member)),
        }
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
    pub rule: String,
    /// Whether it can be lifted.
    pub tier: SodTier,
    /// One duty.
    pub duty_a: String,
    /// The other.
    pub duty_b: String,
    /// The roles through which the two would be held.
    pub held_through: Vec<String>,
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

loads!(MemberId => Member, queries::members_by_ids);

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
