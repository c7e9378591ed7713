//! An operator's credential in a tenant, as it is decided about.

use crate::event::Trail;
use crate::id::encode;
use chrono::{DateTime, Utc};
use uuid::Uuid;

/// The kind of document that its events name.
pub(super) const KIND: &str = "OPERATOR_CREDENTIAL";

/// An operator's credential.
#[derive(Debug, Clone)]
pub(super) struct Credential {
    pub id: Uuid,
    pub assignment: Uuid,
    pub account: Uuid,
    pub purpose: String,
    pub expires_at: DateTime<Utc>,
    pub revoked_at: Option<DateTime<Utc>>,
    pub first_used_at: Option<DateTime<Utc>>,
    pub trail: Trail,
}

impl Credential {
    /// May it be used?
    pub fn is_open(&self, now: DateTime<Utc>) -> bool {
        self.revoked_at.is_none() && now < self.expires_at
    }

    /// What its events say.
    pub fn data(&self) -> serde_json::Value {
        serde_json::json!({
            "operatorAssignmentId": encode("opa", self.assignment),
            "memberId": encode("mem", self.account),
            "purpose": self.purpose,
            "expiresAt": self.expires_at,
        })
    }
}
