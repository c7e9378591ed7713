//! Mutations of API keys.

use super::node::{ApiKey, MachineKind};
use crate::graphql::error::UserError;
use crate::graphql::id::{Id, uuids};
use crate::graphql::loaders::one;
use crate::graphql::payload::about;
use crate::graphql::scalar::DateTime;
use crate::graphql::session;
use crate::{command_input, payload, perform, reason_input};
use async_graphql::{Context, InputObject, Object, Result};
use quartermaster_domain::shared::{LocationId, MemberId};
use quartermaster_tenants::Outcome;
use quartermaster_tenants::id::ApiKeyId;
use quartermaster_tenants::identity::ShownOnce;
use quartermaster_tenants::keys::{self, NewKey};

/// A key for a machine, and who is to answer for it.
#[derive(InputObject)]
pub struct ApiKeyProposeInput {
    /// What the machine is called.
    name: String,
    /// What kind of machine it is.
    kind: MachineKind,
    /// Its one role, of the kind of the machine: `integration_client`, `ai_agent`, or one that the tenant defined for machines.
    role: String,
    /// Duties of the role that are enough, such as `PO.CREATE`; all when not given.
    duties: Option<Vec<String>>,
    /// The member who is to answer for it: an active person of the tenant.
    owner_id: Id<MemberId>,
    /// The locations that the machine sees and acts at; all when not given.
    location_ids: Option<Vec<Id<LocationId>>>,
    /// It ends by itself.
    valid_until: Option<DateTime>,
}

impl From<ApiKeyProposeInput> for NewKey {
    fn from(i: ApiKeyProposeInput) -> Self {
        Self {
            name: i.name,
            kind: i.kind.into(),
            role: i.role,
            duties: i.duties,
            owner: i.owner_id.uuid(),
            locations: uuids(i.location_ids),
            valid_until: i.valid_until.map(|t| t.0),
        }
    }
}

/// A key that is to be replaced by another of the same machine.
#[derive(InputObject)]
pub struct ApiKeyRotateInput {
    /// The key to replace.
    id: Id<ApiKeyId>,
    /// For how many hours after the approval of the new key the old one goes on: 0 to 168.
    #[graphql(default = 24)]
    overlap_hours: i32,
    /// The version that you have read; a stale one is refused with `CONFLICT`.
    expected_version: Option<i32>,
}

command_input!(ApiKeyId;
    /// The key to approve.
    ApiKeyApproveInput,
);
reason_input!(ApiKeyId;
    /// The key to refuse.
    ApiKeyRejectInput,
    /// The key to stop, or to take back.
    ApiKeyRevokeInput,
);
payload!(
    /// An API key after a mutation.
    ApiKeyPayload, api_key: ApiKey, ApiKeyId
);

/// An API key after its approval, with its secret: this answer alone shows it.
pub struct ApiKeyApprovePayload {
    outcome: Outcome,
    secret: Option<String>,
}

/// An API key after its approval, with its secret: this answer alone shows it.
#[Object]
impl ApiKeyApprovePayload {
    /// The key as it is now; null when there is none that you may see.
    async fn api_key(&self, ctx: &Context<'_>) -> Result<Option<ApiKey>> {
        let Some(id) = self.outcome.document else {
            return Ok(None);
        };
        one(ctx, ApiKeyId(id)).await
    }
    /// What the machine sends as `Authorization: Bearer …`. Shown now and never again, not even to a repeat with the same
    /// idempotency key: only its hash is kept. Hand it to whoever runs the machine; if it is lost, rotate the key.
    async fn secret(&self) -> Option<&str> {
        self.secret.as_deref()
    }
    /// Why nothing was done; empty when it was.
    async fn user_errors(&self) -> Vec<UserError> {
        self.outcome.refusals.iter().cloned().map(Into::into).collect()
    }
}

/// Mutations of API keys.
#[derive(Default)]
pub struct ApiKeyMutation;

#[Object]
impl ApiKeyMutation {
    /// Proposes a key for a machine. It lets nobody in before another person approves it.
    async fn api_key_propose(&self, ctx: &Context<'_>, input: ApiKeyProposeInput) -> Result<ApiKeyPayload> {
        let (s, new) = (session(ctx)?, input.into());
        Ok(perform!(s, keys::propose(&s.db, &s.op, &new)).into())
    }

    /// Approves a key and shows its secret, once. Neither who proposed it nor who answers for it can.
    async fn api_key_approve(&self, ctx: &Context<'_>, input: ApiKeyApproveInput) -> Result<ApiKeyApprovePayload> {
        let (s, id, version) = (session(ctx)?, input.id.0, input.expected_version);
        let mut secret = ShownOnce::default();
        let outcome = perform!(s, keys::approve(&s.db, &s.op, id, version, &mut secret));
        Ok(ApiKeyApprovePayload {
            outcome: about(id, outcome),
            secret: secret.into_text(),
        })
    }

    /// Refuses a key. Neither who proposed it nor who answers for it can.
    async fn api_key_reject(&self, ctx: &Context<'_>, input: ApiKeyRejectInput) -> Result<ApiKeyPayload> {
        let (s, id, version) = (session(ctx)?, input.id.0, input.expected_version);
        let outcome = perform!(s, keys::reject(&s.db, &s.op, id, &input.reason, version));
        Ok(about(id, outcome).into())
    }

    /// Stops a key at once, or takes a proposed one back. With its last key the machine stops.
    async fn api_key_revoke(&self, ctx: &Context<'_>, input: ApiKeyRevokeInput) -> Result<ApiKeyPayload> {
        let (s, id, version) = (session(ctx)?, input.id.0, input.expected_version);
        let outcome = perform!(s, keys::revoke(&s.db, &s.op, id, &input.reason, version));
        Ok(about(id, outcome).into())
    }

    /// Proposes a key in place of another. Its approval shows the new secret and ends the old one after the hours given here.
    async fn api_key_rotate(&self, ctx: &Context<'_>, input: ApiKeyRotateInput) -> Result<ApiKeyPayload> {
        let (s, id, hours) = (session(ctx)?, input.id.0, input.overlap_hours);
        let version = input.expected_version;
        let outcome = perform!(s, keys::rotate(&s.db, &s.op, id, hours, version));
        Ok(about(id, outcome).into())
    }
}
