//! Mutations of invitations.

use super::node::Invitation;
use crate::graphql::error::{UserError, coded, fault};
use crate::graphql::id::{Id, uuids};
use crate::graphql::loaders::one;
use crate::graphql::payload::about;
use crate::graphql::scalar::DateTime;
use crate::graphql::session;
use crate::graphql::tenancy::directory;
use crate::{payload, perform, reason_input};
use async_graphql::{Context, ID, InputObject, Object, Result, SimpleObject};
use quartermaster_domain::shared::{LocationId, MemberId, TenantId};
use quartermaster_tenants::id::InvitationId;
use quartermaster_tenants::identity::ShownOnce;
use quartermaster_tenants::invitations::{self, Login, NewInvitation};
use quartermaster_tenants::{Error, Outcome, Tenants};

/// Somebody who is to belong to the tenant, and whose login is not known yet.
#[derive(InputObject)]
pub struct MemberInviteInput {
    /// Where the invitation goes.
    email: String,
    /// What the person is called here.
    display_name: String,
    /// The locations that the member sees and acts at; all when not given.
    location_ids: Option<Vec<Id<LocationId>>>,
    /// The account ends by itself.
    valid_until: Option<DateTime>,
}

impl From<MemberInviteInput> for NewInvitation {
    fn from(i: MemberInviteInput) -> Self {
        Self {
            email: i.email,
            display_name: i.display_name,
            locations: uuids(i.location_ids),
            valid_until: i.valid_until.map(|t| t.0),
        }
    }
}

/// The proof of an invitation.
#[derive(InputObject)]
pub struct InvitationAcceptInput {
    /// What the invitation showed.
    token: String,
}

reason_input!(InvitationId;
    /// The invitation to take back.
    InvitationRevokeInput,
);
payload!(
    /// An invitation after a mutation.
    InvitationPayload, invitation: Invitation, InvitationId
);

/// A new invitation with its token: this answer alone shows it.
pub struct MemberInvitePayload {
    outcome: Outcome,
    token: Option<String>,
}

/// A new invitation with its token: this answer alone shows it.
#[Object]
impl MemberInvitePayload {
    /// The invitation; roles can be proposed for its member at once.
    async fn invitation(&self, ctx: &Context<'_>) -> Result<Option<Invitation>> {
        let Some(id) = self.outcome.document else {
            return Ok(None);
        };
        one(ctx, InvitationId(id)).await
    }
    /// What the person gives to `invitationAccept`. Shown now and never again, not even to a repeat with the same idempotency key:
    /// only its hash is kept. Whoever has it can join: bring it to the person alone.
    async fn token(&self) -> Option<&str> {
        self.token.as_deref()
    }
    /// Why nothing was done; empty when it was.
    async fn user_errors(&self) -> Vec<UserError> {
        self.outcome.refusals.iter().cloned().map(Into::into).collect()
    }
}

/// Where the login belongs now. Get a token that names the tenant (its claim `tenant`) to go on.
#[derive(SimpleObject)]
pub struct InvitationAcceptPayload {
    /// The member that you are; begins with `mem_`.
    member_id: Option<ID>,
    /// The tenant; begins with `ten_`.
    tenant_id: Option<ID>,
    /// Why nothing was done; empty when it was.
    user_errors: Vec<UserError>,
}

impl From<Outcome> for InvitationAcceptPayload {
    fn from(outcome: Outcome) -> Self {
        Self {
            member_id: outcome.document.map(|m| ID(MemberId(m).to_string())),
            tenant_id: outcome.id("tenant").map(|t| ID(TenantId(t).to_string())),
            user_errors: outcome.refusals.into_iter().map(Into::into).collect(),
        }
    }
}

/// Mutations of invitations.
#[derive(Default)]
pub struct InvitationMutation;

#[Object]
impl InvitationMutation {
    /// Invites somebody whose login is not known yet, and shows the token, once. The invitation can be accepted for two weeks.
    async fn member_invite(&self, ctx: &Context<'_>, input: MemberInviteInput) -> Result<MemberInvitePayload> {
        let (s, new) = (session(ctx)?, input.into());
        let mut token = ShownOnce::default();
        let outcome = perform!(s, invitations::invite(&s.db, &s.op, &new, &mut token));
        Ok(MemberInvitePayload {
            outcome,
            token: token.into_text(),
        })
    }

    /// Joins the tenant that invited you, with the login of your access token: the one mutation that needs no account. It is the
    /// only field of its request. The same again answers the same.
    async fn invitation_accept(
        &self,
        ctx: &Context<'_>,
        input: InvitationAcceptInput,
    ) -> Result<InvitationAcceptPayload> {
        let (Some(login), Some(db)) = (ctx.data_opt::<Login>(), ctx.data_opt::<Tenants>()) else {
            let message = "This needs a person's access token, and a request with no other field.";
            return Err(coded("UNAUTHENTICATED", message));
        };
        let directory = directory(ctx)?;
        let mut tries = 0;
        loop {
            match invitations::accept(db, directory, login, &input.token).await {
                Err(Error::Contended(_)) if tries < 3 => tries += 1,
                Ok(outcome) => return Ok(outcome.into()),
                Err(Error::Refused(refusals)) => return Ok(Outcome::refused(refusals).into()),
                Err(other) => return Err(fault(other, login.request_id)),
            }
        }
    }

    /// Takes an invitation back: nobody joins by it any more.
    async fn invitation_revoke(&self, ctx: &Context<'_>, input: InvitationRevokeInput) -> Result<InvitationPayload> {
        let (s, id, version) = (session(ctx)?, input.id.0, input.expected_version);
        let outcome = perform!(s, invitations::revoke(&s.db, &s.op, id, &input.reason, version));
        Ok(about(id, outcome).into())
    }
}
