//! A person of the partner leaves.

use super::{own_side, revoke_from_above};
use crate::directory::{Directory, PartnerOp};
use crate::error::{Code, Error, Refusal, Result};
use crate::id::PartnerMemberId;
use crate::input::text;
use crate::policy::Duty;
use crate::tx::{Outcome, Tenants};
use serde_json::json;

const DEACTIVATE: &str = "UPDATE qm.partner_member m SET status = 'INACTIVE' WHERE m.partner_id = $1 AND m.person_id = $2 AND m.status = 'ACTIVE' RETURNING m.person_id";

/// Active → Inactive, at once: from now on none of the person's credentials opens anything. Then each assignment ends, in its own
/// tenant and its own transaction, so that each tenant reads it in its audit; what stops in between, a repeat completes.
///
/// # Errors
/// Refusals of authority; nobody deactivates himself, so an administrator is always left.
pub async fn member_deactivate(
    directory: &Directory,
    db: &Tenants,
    by: &PartnerOp,
    id: PartnerMemberId,
    reason: &str,
) -> Result<Outcome> {
    let reason = text(&["reason"], reason, 500)?;
    let tx = by.begin(directory, db, Duty::PtnOperatorAssign).await?;
    if id.0 == by.person {
        return Err(Refusal::new(Code::InvalidInput, &["id"], "Nobody deactivates himself.").into());
    }
    if !own_side::is_member(&tx, by, id).await? {
        return Err(Refusal::not_found(&["id"], "person of the partner").into());
    }
    let changed = tx.rows(DEACTIVATE, vec![by.partner.0.into(), id.0.into()]).await?;
    if !changed.is_empty() {
        let data = json!({ "partnerMemberId": id.to_string(), "reason": reason });
        tx.record(by, "partner-member-deactivated", None, data).await?;
    }
    let open = own_side::open(&tx, by, id.0).await?;
    tx.finish_first(by).await?;
    // The key is this mutation's: what it does in each tenant has none of its own.
    let each = PartnerOp {
        idempotency: None,
        ..by.clone()
    };
    for assignment in open {
        match revoke_from_above(directory, db, &each, assignment, &reason, None).await {
            // Ended by somebody else at the same moment.
            Ok(_) | Err(Error::Refused(_)) => {}
            Err(other) => return Err(other),
        }
    }
    by.remember(directory, Outcome::done(id, 1)).await
}
