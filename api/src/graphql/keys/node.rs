//! API keys as they are read: without their secrets.

use crate::graphql::preview::CanKey;
use crate::graphql::related::{MaybeRelated, Related};
use crate::graphql::scalar::DateTime;
use crate::{connection, loads, previewed, viewer_can};
use async_graphql::{Enum, ID, SimpleObject};
use quartermaster_domain::shared::{LocationId, MemberId};
use quartermaster_tenants::id::ApiKeyId;
use quartermaster_tenants::keys::queries::{self, KeyRecord};
use quartermaster_tenants::keys::{KeyCommand, KeyStatus, MachineKind as Kind};
use std::sync::Arc;
use uuid::Uuid;

/// What kind of machine has a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "Kind")]
pub enum MachineKind {
    /// A system that sends and fetches.
    Integration,
    /// An AI agent, which drafts and proposes.
    Agent,
}

/// The states of an API key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "KeyStatus")]
pub enum ApiKeyStatus {
    /// Waits for a second person.
    Pending,
    /// Lets its machine in.
    Active,
    /// Was active until its last day, or until another replaced it.
    Ended,
    /// Refused by the second person.
    Rejected,
    /// Stopped, or taken back before it was active.
    Revoked,
}

/// How a machine comes in, and who answers for what it does.
#[derive(SimpleObject, Clone)]
pub struct ApiKey {
    /// Opaque; begins with `key_`.
    pub id: ID,
    /// What the machine is called.
    name: String,
    /// Where it stands.
    status: ApiKeyStatus,
    /// What kind of machine has it.
    kind: MachineKind,
    /// The machine's one role.
    role: String,
    /// The person who answers for the machine: whatever it does is in this person's hand.
    owner: Related<MemberId>,
    /// The machine as a member; null before its first key is approved.
    machine: MaybeRelated<MemberId>,
    /// The duties of the role that it is narrowed to; null: all of them.
    duties: Option<Vec<String>>,
    /// The locations that the machine is limited to; null: the whole tenant.
    location_ids: Option<Vec<ID>>,
    /// It ends by itself.
    valid_until: Option<DateTime>,
    /// The key in whose place it was proposed.
    replaces_id: Option<ID>,
    /// For how many hours after its approval that one goes on.
    overlap_hours: Option<i32>,
    /// Another took its place, and it stops then.
    ends_at: Option<DateTime>,
    /// When it was last used, to the minute.
    last_used_at: Option<DateTime>,
    /// Why it was refused or stopped.
    reason: Option<String>,
    /// The member who proposed it.
    proposer_id: ID,
    /// The member who approved or refused it.
    decider_id: Option<ID>,
    /// When it was approved or refused.
    decided_at: Option<DateTime>,
    /// For `expectedVersion`.
    version: i32,
    /// When it was proposed.
    created_at: DateTime,
    /// When it was last written.
    updated_at: DateTime,
    /// What you could do to it now, and why not.
    viewer_can: Related<CanKey<KeyRecord>>,
}

fn member(id: Uuid) -> ID {
    ID(MemberId(id).to_string())
}

impl From<KeyRecord> for ApiKey {
    fn from(r: KeyRecord) -> Self {
        let ids = |l: &Vec<Uuid>| l.iter().map(|l| ID(LocationId(*l).to_string())).collect();
        Self {
            id: ID(ApiKeyId(r.id).to_string()),
            name: r.name.clone(),
            status: r.status.into(),
            kind: r.kind.into(),
            role: r.role.clone(),
            owner: Related(MemberId(r.owner)),
            machine: MaybeRelated(Some(MemberId(r.machine))),
            duties: r.duties.clone(),
            location_ids: r.locations.as_ref().map(ids),
            valid_until: r.valid_until.map(DateTime),
            replaces_id: r.replaces.map(|k| ID(ApiKeyId(k).to_string())),
            overlap_hours: r.overlap_hours,
            ends_at: r.ends_at.map(DateTime),
            last_used_at: r.last_used_at.map(DateTime),
            reason: r.reason.clone(),
            proposer_id: member(r.proposer),
            decider_id: r.decider.map(member),
            decided_at: r.decided_at.map(DateTime),
            version: r.version,
            created_at: DateTime(r.created_at),
            updated_at: DateTime(r.updated_at),
            viewer_can: Related(CanKey(Arc::new(r))),
        }
    }
}

viewer_can!(
    /// What you could do to an API key now.
    ApiKeyViewerCan, KeyCommand;
    /// Let its machine in.
    approve = Approve,
    /// Refuse it.
    reject = Reject,
    /// Stop it, or take it back.
    revoke = Revoke,
    /// Propose another in its place.
    rotate = Rotate,
);
previewed!(KeyRecord, KeyCommand, ApiKeyViewerCan, |r| (r.id, r.version));
connection!(ApiKeyConnection, ApiKeyEdge, ApiKey);

loads!(ApiKeyId => ApiKey, queries::keys_by_ids);
