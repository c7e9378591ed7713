//! Mutations of operator assignments and their credentials. Which side ends one is who the caller is.

use super::node::{OperatorAssignmentPayload, OperatorCredentialPayload};
use crate::graphql::id::Id;
use crate::graphql::payload::about;
use crate::graphql::scalar::DateTime;
use crate::graphql::session;
use crate::graphql::tenancy::{of_partner, partner};
use crate::{command_input, perform, reason_input};
use async_graphql::{Context, InputObject, Object, Result};
use quartermaster_tenants::Outcome;
use quartermaster_tenants::directory::PartnerOp;
use quartermaster_tenants::id::{OperatorAssignmentId, OperatorCredentialId, PartnerMemberId, TenantId};
use quartermaster_tenants::operators::{self, Issued, NewCredential, NewOperatorAssignment};

/// One of the partner's people for a tenant.
#[derive(InputObject)]
pub struct OperatorAssignmentProposeInput {
    /// The tenant.
    tenant_id: Id<TenantId>,
    /// The operator.
    operator_id: Id<PartnerMemberId>,
    /// It ends by itself.
    valid_until: DateTime,
    /// What for; people of the tenant read it.
    purpose: String,
}

/// A credential for the tenant of an assignment.
#[derive(InputObject)]
pub struct OperatorCredentialCreateInput {
    /// Your assignment.
    assignment_id: Id<OperatorAssignmentId>,
    /// What you are going to do; people of the tenant read it.
    purpose: String,
    /// How long it lives, 15 to 60.
    #[graphql(default = 30)]
    minutes: i32,
}

/// Credentials to revoke.
#[derive(InputObject)]
pub struct OperatorCredentialRevokeInput {
    /// The assignment.
    id: Id<OperatorAssignmentId>,
    /// The credential; all of the assignment when not given.
    credential_id: Option<Id<OperatorCredentialId>>,
    /// Why; people read it.
    reason: String,
}

command_input!(OperatorAssignmentId;
    /// The assignment to admit.
    OperatorAssignmentAdmitInput,
);
reason_input!(OperatorAssignmentId;
    /// The assignment to refuse.
    OperatorAssignmentRejectInput,
    /// The assignment to end, or the proposal to take back.
    OperatorAssignmentRevokeInput,
);

/// Mutations of operator assignments.
#[derive(Default)]
pub struct AssignmentMutation;

#[Object]
impl AssignmentMutation {
    /// Proposes one of the partner's people as an operator in a tenant. It gives nothing before the tenant admits him.
    async fn operator_assignment_propose(
        &self,
        ctx: &Context<'_>,
        input: OperatorAssignmentProposeInput,
    ) -> Result<OperatorAssignmentPayload> {
        let a = partner(ctx)?;
        let new = NewOperatorAssignment {
            tenant: input.tenant_id.0,
            operator: input.operator_id.0,
            valid_until: input.valid_until.0,
            purpose: input.purpose,
        };
        let done: Outcome = of_partner!(a, operators::propose(a.directory, a.db, a.op, &new));
        Ok(done.into())
    }

    /// Lets a partner's operator into the tenant, until the date of the assignment.
    async fn operator_assignment_admit(
        &self,
        ctx: &Context<'_>,
        input: OperatorAssignmentAdmitInput,
    ) -> Result<OperatorAssignmentPayload> {
        let (s, id, version) = (session(ctx)?, input.id.0, input.expected_version);
        Ok(about(id, perform!(s, operators::admit(&s.db, &s.op, id, version))).into())
    }

    /// Does not let a partner's operator in.
    async fn operator_assignment_reject(
        &self,
        ctx: &Context<'_>,
        input: OperatorAssignmentRejectInput,
    ) -> Result<OperatorAssignmentPayload> {
        let (s, id, version) = (session(ctx)?, input.id.0, input.expected_version);
        let done = perform!(s, operators::reject(&s.db, &s.op, id, &input.reason, version));
        Ok(about(id, done).into())
    }

    /// Ends an assignment at once, with the operator's roles and credentials; by the tenant or by the partner.
    async fn operator_assignment_revoke(
        &self,
        ctx: &Context<'_>,
        input: OperatorAssignmentRevokeInput,
    ) -> Result<OperatorAssignmentPayload> {
        let (id, version, reason) = (input.id.0, input.expected_version, &input.reason);
        if ctx.data_opt::<PartnerOp>().is_some() {
            let a = partner(ctx)?;
            let done: Outcome = of_partner!(
                a,
                operators::revoke_from_above(a.directory, a.db, a.op, id, reason, version)
            );
            return Ok(about(id, done).into());
        }
        let s = session(ctx)?;
        let done = perform!(s, operators::revoke(&s.db, &s.op, id, reason, version));
        Ok(about(id, done).into())
    }

    /// Makes a credential for the one tenant of your assignment. For the operator, as somebody of the partner.
    async fn operator_credential_create(
        &self,
        ctx: &Context<'_>,
        input: OperatorCredentialCreateInput,
    ) -> Result<OperatorCredentialPayload> {
        let a = partner(ctx)?;
        let new = NewCredential {
            assignment: input.assignment_id.0,
            purpose: input.purpose,
            minutes: input.minutes,
        };
        let issued: Issued = of_partner!(a, operators::credential_create(a.directory, a.db, a.op, &new));
        Ok(issued.into())
    }

    /// Revokes an operator's credentials at once, one or all; by the tenant, by the partner or by the operator.
    async fn operator_credential_revoke(
        &self,
        ctx: &Context<'_>,
        input: OperatorCredentialRevokeInput,
    ) -> Result<OperatorAssignmentPayload> {
        let (id, credential, reason) = (input.id.0, input.credential_id.map(|c| c.0), &input.reason);
        if ctx.data_opt::<PartnerOp>().is_some() {
            let a = partner(ctx)?;
            let done: Outcome = of_partner!(
                a,
                operators::credential_revoke_from_above(a.directory, a.db, a.op, id, credential, reason)
            );
            return Ok(about(id, done).into());
        }
        let s = session(ctx)?;
        let done = perform!(s, operators::credential_revoke(&s.db, &s.op, id, credential, reason));
        Ok(about(id, done).into())
    }
}
