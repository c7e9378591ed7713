//! Proposed administrators as they are read.

use crate::graphql::error::{UserError, fault};
use crate::graphql::loaders::{Batch, LoadError, one};
use crate::graphql::preview::{CanKey, Previewed, Questions};
use crate::graphql::scalar::DateTime;
use crate::graphql::session;
use crate::graphql::tenancy::partner;
use crate::{connection, viewer_can};
use async_graphql::dataloader::Loader;
use async_graphql::{ComplexObject, Context, Enum, ID, Object, Result, SimpleObject};
use quartermaster_tenants::act::Preview;
use quartermaster_tenants::directory::{PartnerOp, PlatformOp};
use quartermaster_tenants::error::Code;
use quartermaster_tenants::id::{AdministratorRecoveryId, MemberId, RoleAssignmentId, TenantId};
use quartermaster_tenants::recovery::queries;
use quartermaster_tenants::recovery::{self, Recovery, RecoveryCommand, preview};
use quartermaster_tenants::{Error, Op, Outcome, Tenants};
use std::collections::HashMap;
use std::sync::Arc;
use uuid::Uuid;

/// The roles that grant roles.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "recovery::AdministratorRole")]
pub enum AdministratorRole {
    /// Proposes access.
    SecurityAdmin,
    /// Approves access.
    TenantAdmin,
}

/// The states of a proposed administrator.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "recovery::RecoveryStatus")]
pub enum AdministratorRecoveryStatus {
    /// Proposed; gives nothing yet.
    Pending,
    /// The person has the role.
    Approved,
    /// Taken back.
    Withdrawn,
}

/// An administrator for a tenant whose own can grant no roles any more.
#[derive(SimpleObject, Clone)]
#[graphql(complex)]
pub struct AdministratorRecovery {
    /// Opaque; begins with `rcy_`.
    pub id: ID,
    /// The tenant.
    tenant_id: ID,
    /// Who is to administer.
    display_name: String,
    /// For messages.
    email: Option<String>,
    /// As what.
    role: AdministratorRole,
    /// Why nobody is left.
    reason: String,
    /// Where it stands.
    status: AdministratorRecoveryStatus,
    /// The member, once it is approved.
    member_id: Option<ID>,
    /// The role assignment, once it is approved.
    role_assignment_id: Option<ID>,
    /// The member who approved; null when the platform did.
    decider_id: Option<ID>,
    /// How many people of the platform approved; two decide.
    platform_approvals: i32,
    /// When it was decided.
    decided_at: Option<DateTime>,
    /// When the partner reviewed what the platform decided.
    reviewed_at: Option<DateTime>,
    /// What the partner had to say.
    review_note: Option<String>,
    /// Rises at every write; for `expectedVersion`.
    version: i32,
    #[graphql(skip)]
    record: Arc<Recovery>,
}

#[ComplexObject]
impl AdministratorRecovery {
    /// What you could do to it now, and why not: in the tenant, on its partner's side, or for the platform.
    async fn viewer_can(&self, ctx: &Context<'_>) -> Result<AdministratorRecoveryViewerCan> {
        // Above a tenant they are read one at a time, and so is this.
        let (answers, request) = if ctx.data_opt::<PartnerOp>().is_some() {
            let a = partner(ctx)?;
            let answers = preview::of_partner(a.directory, a.db, a.op, &self.record).await;
            (answers, a.op.request_id)
        } else if let (Some(op), Some(db)) = (ctx.data_opt::<PlatformOp>(), ctx.data_opt::<Tenants>()) {
            (preview::of_platform(db, op, &self.record).await, op.request_id)
        } else {
            let found = one(ctx, CanKey(self.record.clone())).await?;
            let missing = || Error::internal("a recovery without a preview");
            return session(ctx)?.read(found.ok_or_else(missing));
        };
        let can = answers.and_then(|answers| AdministratorRecoveryViewerCan::of(&answers));
        can.map_err(|e| fault(e, request))
    }
}

viewer_can!(
    /// What you could do to a proposed administrator now.
    AdministratorRecoveryViewerCan, RecoveryCommand;
    /// Agree to him; for the tenant and, where nobody is left there, for the platform.
    approve = Approve,
    /// Take him back; for the partner.
    withdraw = Withdraw,
    /// Review what the platform decided; for the partner.
    review = Review,
);

impl Previewed for Recovery {
    type Command = RecoveryCommand;
    type Can = AdministratorRecoveryViewerCan;
    fn key(&self) -> (Uuid, i32) {
        (self.id, self.trail.version)
    }
    fn questions(&self) -> Vec<Questions<RecoveryCommand>> {
        vec![self.asked()]
    }
    async fn refusals(
        db: &Tenants,
        op: &Op,
        of: &[&Self],
    ) -> quartermaster_tenants::Result<HashMap<Uuid, (RecoveryCommand, Preview)>> {
        let found = preview::approvals(db, op, of).await?;
        let of_approval = |(id, refused)| (id, (RecoveryCommand::Approve, refused));
        Ok(found.into_iter().map(of_approval).collect())
    }
    fn can(
        &self,
        _: &Op,
        mut answers: Vec<(RecoveryCommand, Preview)>,
    ) -> quartermaster_tenants::Result<AdministratorRecoveryViewerCan> {
        let of_the_partner = [RecoveryCommand::Withdraw, RecoveryCommand::Review];
        answers.extend(of_the_partner.map(|c| (c, Preview::plain(Code::Forbidden))));
        AdministratorRecoveryViewerCan::of(&answers)
    }
}

impl From<Recovery> for AdministratorRecovery {
    fn from(r: Recovery) -> Self {
        let record = Arc::new(r.clone());
        let approved = r.status == recovery::RecoveryStatus::Approved;
        let (note, reviewed_at) = match r.review {
            Some((_, note, at)) => (note, Some(DateTime(at))),
            None => (None, None),
        };
        Self {
            id: ID(AdministratorRecoveryId(r.id).to_string()),
            tenant_id: ID(r.tenant.to_string()),
            display_name: r.display_name,
            email: r.email,
            role: r.role.into(),
            reason: r.reason,
            status: r.status.into(),
            member_id: approved.then(|| ID(MemberId(r.account).to_string())),
            role_assignment_id: approved.then(|| ID(RoleAssignmentId(r.role_assignment).to_string())),
            decider_id: r.decider.map(|d| ID(MemberId(d).to_string())),
            platform_approvals: if r.platform[1].is_some() {
                2
            } else {
                i32::from(r.platform[0].is_some())
            },
            decided_at: r.decided_at.map(DateTime),
            reviewed_at,
            review_note: note,
            version: r.trail.version,
            record,
        }
    }
}

connection!(
    AdministratorRecoveryConnection,
    AdministratorRecoveryEdge,
    AdministratorRecovery
);

/// The one as the caller may see it: inside the tenant, from its partner's side, or for the platform to decide.
pub(super) async fn seen(ctx: &Context<'_>, tenant: TenantId, id: Uuid) -> Result<Option<AdministratorRecovery>> {
    let id = AdministratorRecoveryId(id);
    if ctx.data_opt::<PartnerOp>().is_some() {
        let a = partner(ctx)?;
        let found = queries::of_partner(a.directory, a.db, a.op, tenant, id).await;
        return Ok(found.map_err(|e| fault(e, a.op.request_id))?.map(Into::into));
    }
    if let (Some(op), Some(db)) = (ctx.data_opt::<PlatformOp>(), ctx.data_opt::<Tenants>()) {
        let found = queries::of_platform(db, op, tenant, id).await;
        return Ok(found.map_err(|e| fault(e, op.request_id))?.map(Into::into));
    }
    if session(ctx)?.op.tenant != tenant {
        return Ok(None);
    }
    one(ctx, id).await
}

/// A proposed administrator after a mutation.
pub struct AdministratorRecoveryPayload {
    pub(super) tenant: TenantId,
    pub(super) outcome: Outcome,
}

/// A proposed administrator after a mutation.
#[Object]
impl AdministratorRecoveryPayload {
    /// The document as it is now; null when there is none that you may see.
    async fn administrator_recovery(&self, ctx: &Context<'_>) -> Result<Option<AdministratorRecovery>> {
        match self.outcome.document {
            Some(id) => seen(ctx, self.tenant, id).await,
            None => Ok(None),
        }
    }
    /// Why nothing was done; empty when it was.
    async fn user_errors(&self) -> Vec<UserError> {
        self.outcome.refusals.iter().cloned().map(Into::into).collect()
    }
}

impl Loader<AdministratorRecoveryId> for Batch {
    type Value = AdministratorRecovery;
    type Error = LoadError;
    async fn load(
        &self,
        keys: &[AdministratorRecoveryId],
    ) -> Result<HashMap<AdministratorRecoveryId, AdministratorRecovery>, LoadError> {
        let ids: Vec<Uuid> = keys.iter().map(|k| k.0).collect();
        let found = queries::recoveries_by_ids(&self.session.db, &self.session.op, &ids).await?;
        let node = |(id, r): (Uuid, Recovery)| (AdministratorRecoveryId(id), r.into());
        Ok(found.into_iter().map(node).collect())
    }
}
