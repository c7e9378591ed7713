//! Mutations of proposed administrators.

use super::node::{AdministratorRecoveryPayload, AdministratorRole};
use crate::graphql::id::Id;
use crate::graphql::payload::about;
use crate::graphql::tenancy::{of_partner, partner};
use crate::graphql::{Session, session};
use crate::perform;
use async_graphql::{Context, InputObject, Object, Result};
use quartermaster_tenants::directory::PlatformOp;
use quartermaster_tenants::id::{AdministratorRecoveryId, TenantId};
use quartermaster_tenants::recovery::{self, NewRecovery};
use quartermaster_tenants::{Outcome, Tenants};
use std::sync::Arc;

/// A person to administer a tenant that has nobody left for it.
#[derive(InputObject)]
pub struct AdministratorRecoveryProposeInput {
    /// The tenant.
    tenant_id: Id<TenantId>,
    /// `iss` of the person's tokens.
    issuer: String,
    /// `sub` of the person's tokens.
    subject: String,
    /// What the person is called there.
    display_name: String,
    /// For messages.
    email: Option<String>,
    /// The role of which nobody is left.
    role: AdministratorRole,
    /// Why nobody is left; people of the tenant and of the platform read it.
    reason: String,
}

/// A proposed administrator.
#[derive(InputObject)]
pub struct AdministratorRecoveryInput {
    /// The tenant.
    tenant_id: Id<TenantId>,
    /// The document.
    id: Id<AdministratorRecoveryId>,
    /// The version that you have read; a stale one is refused with `CONFLICT`.
    expected_version: Option<i32>,
}

/// A review of what the platform decided.
#[derive(InputObject)]
pub struct AdministratorRecoveryReviewInput {
    /// The tenant.
    tenant_id: Id<TenantId>,
    /// The document.
    id: Id<AdministratorRecoveryId>,
    /// What there is to say; people of the tenant read it.
    note: Option<String>,
    /// The version that you have read; a stale one is refused with `CONFLICT`.
    expected_version: Option<i32>,
}

/// Mutations of proposed administrators.
#[derive(Default)]
pub struct RecoveryMutation;

#[Object]
impl RecoveryMutation {
    /// Proposes an administrator for a tenant in which nobody is left who could grant the role. For a partner's administrator.
    async fn administrator_recovery_propose(
        &self,
        ctx: &Context<'_>,
        input: AdministratorRecoveryProposeInput,
    ) -> Result<AdministratorRecoveryPayload> {
        let (a, tenant) = (partner(ctx)?, input.tenant_id.0);
        let new = NewRecovery {
            tenant,
            issuer: input.issuer,
            subject: input.subject,
            display_name: input.display_name,
            email: input.email,
            role: input.role.into(),
            reason: input.reason,
        };
        let outcome = of_partner!(a, recovery::propose(a.directory, a.db, a.op, &new));
        Ok(AdministratorRecoveryPayload { tenant, outcome })
    }

    /// Approves a proposed administrator: by an administrator of the tenant who may approve roles or, where none is left, by two
    /// people of the platform, each with a call of his own.
    async fn administrator_recovery_approve(
        &self,
        ctx: &Context<'_>,
        input: AdministratorRecoveryInput,
    ) -> Result<AdministratorRecoveryPayload> {
        let (tenant, id, version) = (input.tenant_id.0, input.id.0, input.expected_version);
        let outcome = match (ctx.data_opt::<PlatformOp>(), ctx.data_opt::<Tenants>()) {
            (Some(op), Some(db)) => {
                let s = Session {
                    db: db.clone(),
                    op: Arc::new(op.inside(tenant)),
                };
                perform!(&s, recovery::approve_as_platform(db, op, tenant, id, version))
            }
            _ => {
                let s = session(ctx)?;
                if s.op.tenant == tenant {
                    perform!(s, recovery::approve(&s.db, &s.op, id, version))
                } else {
                    let unknown = quartermaster_tenants::Refusal::not_found(&["id"], "proposal");
                    Outcome::refused(vec![unknown])
                }
            }
        };
        let outcome = about(id, outcome);
        Ok(AdministratorRecoveryPayload { tenant, outcome })
    }

    /// Takes a proposed administrator back. For a partner's administrator.
    async fn administrator_recovery_withdraw(
        &self,
        ctx: &Context<'_>,
        input: AdministratorRecoveryInput,
    ) -> Result<AdministratorRecoveryPayload> {
        let a = partner(ctx)?;
        let (tenant, id, version) = (input.tenant_id.0, input.id.0, input.expected_version);
        let done = of_partner!(a, recovery::withdraw(a.directory, a.db, a.op, tenant, id, version));
        let outcome = about(id, done);
        Ok(AdministratorRecoveryPayload { tenant, outcome })
    }

    /// Reviews what the platform decided. For a partner's administrator.
    async fn administrator_recovery_review(
        &self,
        ctx: &Context<'_>,
        input: AdministratorRecoveryReviewInput,
    ) -> Result<AdministratorRecoveryPayload> {
        let a = partner(ctx)?;
        let (tenant, id, version) = (input.tenant_id.0, input.id.0, input.expected_version);
        let note = input.note.as_deref();
        let done = of_partner!(a, recovery::review(a.directory, a.db, a.op, tenant, id, note, version));
        let outcome = about(id, done);
        Ok(AdministratorRecoveryPayload { tenant, outcome })
    }
}
