//! Limit a member to locations, or lift the limit.

use super::account::MemberStatus;
use super::create::checked_locations;
use super::repo;
use crate::error::Result;
use crate::event::Event;
use crate::id::{MemberId, encode};
use crate::op::Op;
use crate::policy::{Duty, duty};
use crate::tx::{Flight, Outcome, TenantTx, Tenants};
use serde_json::json;
use uuid::Uuid;

/// The member sees and acts at these locations only; everywhere when `locations` is none.
///
/// # Errors
/// Refusals of authority, version, state and input.
pub async fn set_locations(
    db: &Tenants,
    op: &Op,
    id: MemberId,
    locations: Option<&[Uuid]>,
    expected_version: Option<i32>,
) -> Result<Outcome> {
    let mut tx = TenantTx::begin(db, op).await?;
    let mut member = repo::load_member_for_update(&mut tx, id.0).await?;
    let before = member.trail.version;
    let mut reads = Flight::new();
    let known = repo::known_locations(op, locations, &mut reads);
    let (mut facts, landing) = tx.facts(member.subject(), &[Duty::UsrManage], reads).await?;
    let from = [MemberStatus::Invited, MemberStatus::Active];
    let managed = facts.authorize::<duty::UsrManage>(&member.standing(&from, expected_version))?;
    let checked = checked_locations(locations, landing.get(known).len())?;
    member.trail.touch();
    let shown: Option<Vec<String>> = checked
        .as_ref()
        .map(|ids| ids.iter().map(|l| encode("loc", *l)).collect());
    tx.record(
        Event::new(
            "member-locations-set",
            "USER_ACCOUNT",
            id,
            json!({ "locationIds": shown }),
        )
        .of_act(managed.act()),
        &mut member.trail,
    )?;
    let mut writes = Flight::new();
    repo::update_member(&tx, managed, &member, before, &mut writes)?;
    repo::replace_locations(op, id.0, checked.as_deref(), &mut writes);
    tx.commit(writes, Outcome::done(id, member.trail.version)).await
}
