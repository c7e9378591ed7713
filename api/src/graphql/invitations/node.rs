//! Invitations as they are read: without their tokens.

use crate::graphql::preview::CanKey;
use crate::graphql::related::Related;
use crate::graphql::scalar::DateTime;
use crate::{connection, loads, previewed, viewer_can};
use async_graphql::{Enum, ID, SimpleObject};
use quartermaster_domain::shared::MemberId;
use quartermaster_tenants::id::InvitationId;
use quartermaster_tenants::invitations::queries::{self, InvitationRecord};
use quartermaster_tenants::invitations::{self, InvitationCommand};
use std::sync::Arc;

/// The states of an invitation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "invitations::InvitationStatus")]
pub enum InvitationStatus {
    /// Can be accepted.
    Pending,
    /// Nobody accepted it in time.
    Expired,
    /// Somebody is the member now.
    Accepted,
    /// Taken back.
    Revoked,
}

/// How somebody joins whose login is not known yet.
#[derive(SimpleObject, Clone)]
pub struct Invitation {
    /// Opaque; begins with `inv_`.
    pub id: ID,
    /// Where it stands.
    status: InvitationStatus,
    /// The member that waits, or waited, for its person.
    member: Related<MemberId>,
    /// Until when it can be accepted.
    expires_at: DateTime,
    /// For `expectedVersion`.
    version: i32,
    /// When it was issued.
    created_at: DateTime,
    /// When it was last written.
    updated_at: DateTime,
    /// What you could do to it now, and why not.
    viewer_can: Related<CanKey<InvitationRecord>>,
}

impl From<InvitationRecord> for Invitation {
    fn from(r: InvitationRecord) -> Self {
        Self {
            id: ID(InvitationId(r.id).to_string()),
            status: r.status.into(),
            member: Related(MemberId(r.member)),
            expires_at: DateTime(r.expires_at),
            version: r.version,
            created_at: DateTime(r.created_at),
            updated_at: DateTime(r.updated_at),
            viewer_can: Related(CanKey(Arc::new(r))),
        }
    }
}

viewer_can!(
    /// What you could do to an invitation now.
    InvitationViewerCan, InvitationCommand;
    /// Take it back.
    revoke = Revoke,
);
previewed!(InvitationRecord, InvitationCommand, InvitationViewerCan, |r| (
    r.id, r.version
));
connection!(InvitationConnection, InvitationEdge, Invitation);

loads!(InvitationId => Invitation, queries::invitations_by_ids);
