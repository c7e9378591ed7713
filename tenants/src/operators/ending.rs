//! What hangs on an operator's assignment, and ends with it at once.

use super::assignment::{AssignmentStatus, OperatorAssignment};
use super::credential::{Credential, KIND};
use super::repo;
use crate::act::NoHand;
use crate::error::Result;
use crate::event::Event;
use crate::id::OperatorAssignmentId;
use crate::members::given::Household;
use crate::tx::{Flight, TenantTx};
use serde_json::{Value, json};
use uuid::Uuid;

/// What hangs on the assignments of one operator, locked with them.
pub(super) struct Attached {
    /// Another assignment of the same person that is admitted: a new admission takes its place.
    pub earlier: Option<OperatorAssignment>,
    /// Credentials that nobody revoked yet.
    pub credentials: Vec<Credential>,
    /// The account and its roles.
    pub household: Household,
}

impl Attached {
    /// All roles, those that the tenant granted too, and all credentials. The account goes on only when a renewal follows.
    pub(super) fn end(&mut self, tx: &mut TenantTx<'_>, act: Uuid, of: Uuid, writes: &mut Flight) -> Result<()> {
        let why = because(of);
        self.household.end_roles(tx, act, &why, writes)?;
        revoke(tx, &mut self.credentials, act, &why, writes)
    }

    /// The same, and the account.
    pub(super) fn end_all(&mut self, tx: &mut TenantTx<'_>, act: Uuid, of: Uuid, writes: &mut Flight) -> Result<()> {
        self.end(tx, act, of, writes)?;
        self.household.end_account(tx, act, &because(of), writes)
    }

    /// A renewal takes the place of the assignment before it.
    pub(super) fn replace_earlier(
        &mut self,
        tx: &mut TenantTx<'_>,
        act: Uuid,
        by: Uuid,
        writes: &mut Flight,
    ) -> Result<()> {
        let now = tx.now()?;
        let Some(earlier) = &mut self.earlier else {
            return Ok(());
        };
        let reason = format!("Replaced by {}.", OperatorAssignmentId(by));
        earlier.decide(AssignmentStatus::Revoked, Some(tx.op().account), Some(reason), now);
        let event = Event::new(
            "operator-assignment-replaced",
            "OPERATOR_ASSIGNMENT",
            earlier.id,
            earlier.data(),
        );
        tx.record(event.of_act(act), &mut earlier.trail)?;
        // The hand is on the admission that ends it.
        repo::update(tx, NoHand, earlier, earlier.trail.version, writes)
    }
}

/// The document that gave it, for events.
pub(super) fn because(assignment: Uuid) -> Value {
    json!(OperatorAssignmentId(assignment).to_string())
}

/// Revokes those that are still open; one that expired has ended already.
pub(super) fn revoke(
    tx: &mut TenantTx<'_>,
    credentials: &mut Vec<Credential>,
    act: Uuid,
    why: &Value,
    writes: &mut Flight,
) -> Result<()> {
    let now = tx.now()?;
    credentials.retain(|c| c.is_open(now));
    for c in credentials.iter_mut() {
        c.revoked_at = Some(now);
        c.trail.touch();
        let mut data = c.data();
        data["because"] = why.clone();
        tx.record(
            Event::new("operator-credential-revoked", KIND, c.id, data).of_act(act),
            &mut c.trail,
        )?;
    }
    if credentials.is_empty() {
        return Ok(());
    }
    repo::revoke_credentials(tx, credentials, writes)
}
