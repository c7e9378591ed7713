//! Operator assignments and credentials as they are read.

use super::preview::OperatorAssignmentViewerCan;
use crate::connection;
use crate::graphql::error::{UserError, fault};
use crate::graphql::loaders::{Batch, LoadError, PartnerLoaders, one};
use crate::graphql::preview::CanKey;
use crate::graphql::related::Related;
use crate::graphql::scalar::DateTime;
use crate::graphql::session;
use crate::graphql::tenancy::partner;
use async_graphql::dataloader::Loader;
use async_graphql::{ComplexObject, Context, Enum, ID, Object, Result, SimpleObject};
use quartermaster_tenants::directory::PartnerOp;
use quartermaster_tenants::id::{MemberId, OperatorAssignmentId, OperatorCredentialId, PartnerMemberId};
use quartermaster_tenants::operators::queries::{self, AssignmentRecord, CredentialRecord};
use quartermaster_tenants::operators::{self, Issued, own_side};
use quartermaster_tenants::{Error, Outcome};
use std::collections::HashMap;
use std::sync::Arc;
use uuid::Uuid;

/// The states of an operator assignment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "operators::AssignmentStatus")]
pub enum OperatorAssignmentStatus {
    /// Proposed by the partner; gives nothing yet.
    Pending,
    /// In force until its date.
    Admitted,
    /// Refused by the tenant.
    Rejected,
    /// Ended before its date, by either side.
    Revoked,
}

/// A person of the tenant's partner who works in the tenant, until a date: proposed by the partner, admitted by the tenant.
#[derive(SimpleObject, Clone)]
#[graphql(complex)]
pub struct OperatorAssignment {
    /// Opaque; begins with `opa_`.
    pub id: ID,
    /// The tenant.
    tenant_id: ID,
    /// The operator; begins with `ptm_`.
    operator_id: ID,
    /// What the operator is called.
    display_name: String,
    /// Where it stands.
    status: OperatorAssignmentStatus,
    /// The role that comes with it; others are granted by the tenant, to the operator's member.
    role: &'static str,
    /// It ends by itself.
    valid_until: DateTime,
    /// What for.
    purpose: String,
    /// Why it was refused or ended.
    reason: Option<String>,
    /// The operator's member in the tenant; null while it is not admitted.
    member_id: Option<ID>,
    /// The member who decided last; null for the partner, and for people of the partner.
    decider_id: Option<ID>,
    /// When it was decided.
    decided_at: Option<DateTime>,
    /// Rises at every write; for `expectedVersion`.
    version: i32,
    /// When it was proposed.
    created_at: DateTime,
    #[graphql(skip)]
    record: Arc<AssignmentRecord>,
}

#[ComplexObject]
impl OperatorAssignment {
    /// What you could do to it now, and why not: in the tenant, or on the partner's side.
    async fn viewer_can(&self, ctx: &Context<'_>) -> Result<OperatorAssignmentViewerCan> {
        let key = CanKey(self.record.clone());
        let (found, request) = match ctx.data_opt::<PartnerLoaders>() {
            Some(loaders) => {
                let request = loaders.loader().op.request_id;
                let found = loaders.load_one(key).await;
                (found.map_err(|e| fault(e, request))?, request)
            }
            None => (one(ctx, key).await?, session(ctx)?.op.request_id),
        };
        found.ok_or_else(|| fault(Error::internal("an assignment without a preview"), request))
    }
}

fn member(id: Uuid) -> ID {
    ID(MemberId(id).to_string())
}

impl From<AssignmentRecord> for OperatorAssignment {
    fn from(r: AssignmentRecord) -> Self {
        let record = Arc::new(r.clone());
        let admitted = r.status == operators::AssignmentStatus::Admitted;
        Self {
            id: ID(OperatorAssignmentId(r.id).to_string()),
            tenant_id: ID(r.tenant.to_string()),
            operator_id: ID(PartnerMemberId(r.person).to_string()),
            display_name: r.display_name,
            status: r.status.into(),
            role: "msp_operator",
            valid_until: DateTime(r.valid_until),
            purpose: r.purpose,
            reason: r.reason,
            member_id: admitted.then(|| member(r.account)),
            decider_id: r.decider.map(member),
            decided_at: r.decided_at.map(DateTime),
            version: r.version,
            created_at: DateTime(r.created_at),
            record,
        }
    }
}

/// An operator's credential for one tenant, without its secret.
#[derive(SimpleObject, Clone)]
pub struct OperatorCredential {
    /// Opaque; begins with `ops_`.
    pub id: ID,
    /// Its assignment.
    operator_assignment_id: ID,
    /// Its assignment.
    operator_assignment: Related<OperatorAssignmentId>,
    /// The operator's member.
    member_id: ID,
    /// The operator's member.
    member: Related<MemberId>,
    /// What for.
    purpose: String,
    /// When it was made.
    created_at: DateTime,
    /// When it was first used; null when it never was.
    first_used_at: Option<DateTime>,
    /// When it ends by itself.
    expires_at: DateTime,
    /// When it was revoked.
    revoked_at: Option<DateTime>,
}

impl From<CredentialRecord> for OperatorCredential {
    fn from(r: CredentialRecord) -> Self {
        Self {
            id: ID(OperatorCredentialId(r.id).to_string()),
            operator_assignment_id: ID(OperatorAssignmentId(r.assignment).to_string()),
            operator_assignment: Related(OperatorAssignmentId(r.assignment)),
            member_id: member(r.account),
            member: Related(MemberId(r.account)),
            purpose: r.purpose,
            created_at: DateTime(r.created_at),
            first_used_at: r.first_used_at.map(DateTime),
            expires_at: DateTime(r.expires_at),
            revoked_at: r.revoked_at.map(DateTime),
        }
    }
}

connection!(OperatorAssignmentConnection, OperatorAssignmentEdge, OperatorAssignment);
connection!(OperatorCredentialConnection, OperatorCredentialEdge, OperatorCredential);

/// The assignment as the caller may see it: from inside the tenant, or from its partner's side.
async fn seen(ctx: &Context<'_>, id: Option<Uuid>) -> Result<Option<OperatorAssignment>> {
    let Some(id) = id else { return Ok(None) };
    if ctx.data_opt::<PartnerOp>().is_none() {
        return one(ctx, OperatorAssignmentId(id)).await;
    }
    let a = partner(ctx)?;
    let found = own_side::assignment(a.directory, a.op, id).await;
    Ok(found.map_err(|e| fault(e, a.op.request_id))?.map(Into::into))
}

/// An operator assignment after a mutation.
pub struct OperatorAssignmentPayload(Outcome);

/// An operator assignment after a mutation.
#[Object]
impl OperatorAssignmentPayload {
    /// The assignment as it is now; null when there is none that you may see.
    async fn operator_assignment(&self, ctx: &Context<'_>) -> Result<Option<OperatorAssignment>> {
        seen(ctx, self.0.document).await
    }
    /// Why nothing was done; empty when it was.
    async fn user_errors(&self) -> Vec<UserError> {
        self.0.refusals.iter().cloned().map(Into::into).collect()
    }
}

impl From<Outcome> for OperatorAssignmentPayload {
    fn from(outcome: Outcome) -> Self {
        Self(outcome)
    }
}

/// A credential that was made. Its secret is shown here, and never again.
pub struct OperatorCredentialPayload(Issued);

/// A credential that was made. Its secret is shown here, and never again.
#[Object]
impl OperatorCredentialPayload {
    /// Its assignment as it is now.
    async fn operator_assignment(&self, ctx: &Context<'_>) -> Result<Option<OperatorAssignment>> {
        seen(ctx, self.0.outcome.document).await
    }
    /// The credential's id; begins with `ops_`.
    async fn operator_credential_id(&self) -> Option<ID> {
        self.0.id.map(|id| ID(id.to_string()))
    }
    /// To be sent as `Authorization: Bearer …`. Only its hash is kept.
    async fn secret(&self) -> Option<&str> {
        self.0.secret.as_deref()
    }
    /// When it ends by itself.
    async fn expires_at(&self) -> Option<DateTime> {
        self.0.expires_at.map(DateTime)
    }
    /// Why nothing was done; empty when it was.
    async fn user_errors(&self) -> Vec<UserError> {
        self.0.outcome.refusals.iter().cloned().map(Into::into).collect()
    }
}

impl From<Issued> for OperatorCredentialPayload {
    fn from(issued: Issued) -> Self {
        Self(issued)
    }
}

impl Loader<OperatorAssignmentId> for Batch {
    type Value = OperatorAssignment;
    type Error = LoadError;
    async fn load(
        &self,
        keys: &[OperatorAssignmentId],
    ) -> Result<HashMap<OperatorAssignmentId, OperatorAssignment>, LoadError> {
        let ids: Vec<Uuid> = keys.iter().map(|k| k.0).collect();
        let found = queries::assignments_by_ids(&self.session.db, &self.session.op, &ids).await?;
        let node = |(id, r): (Uuid, AssignmentRecord)| (OperatorAssignmentId(id), r.into());
        Ok(found.into_iter().map(node).collect())
    }
}

impl Loader<OperatorCredentialId> for Batch {
    type Value = OperatorCredential;
    type Error = LoadError;
    async fn load(
        &self,
        keys: &[OperatorCredentialId],
    ) -> Result<HashMap<OperatorCredentialId, OperatorCredential>, LoadError> {
        let ids: Vec<Uuid> = keys.iter().map(|k| k.0).collect();
        let found = queries::credentials_by_ids(&self.session.db, &self.session.op, &ids).await?;
        let node = |(id, r): (Uuid, CredentialRecord)| (OperatorCredentialId(id), r.into());
        Ok(found.into_iter().map(node).collect())
    }
}
