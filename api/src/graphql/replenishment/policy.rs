//! The node and its lines.

use crate::graphql::loaders::{Batch, LoadError, one};
use crate::graphql::money::{Quantity, quantity};
use crate::graphql::page::{BY_PLACE, part, window};
use crate::graphql::preview::CanKey;
use crate::graphql::related::{MaybeRelated, Related};
use crate::graphql::scalar::DateTime;
use crate::{connection, loads, previewed, viewer_can};
use async_graphql::dataloader::Loader;
use async_graphql::{ComplexObject, Context, Enum, ID, Result, SimpleObject};
use quartermaster_domain::replenishment::queries::{self, PolicyLineRecord, PolicyRecord};
use quartermaster_domain::replenishment::{self, PolicyCommand};
use quartermaster_domain::shared::{ItemId, LocationId, MemberId, ReplenishmentPolicyId};
use std::collections::HashMap;
use std::sync::Arc;
use uuid::Uuid;

/// Where a replenishment policy stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "replenishment::PolicyStatus")]
pub enum ReplenishmentPolicyStatus {
    /// Waiting for another person.
    Pending,
    /// Approved, and in force from that moment on until another one says otherwise.
    Approved,
    /// Refused.
    Rejected,
    /// Taken back.
    Withdrawn,
}

/// From when on items are to be reordered at locations (APICS reorder point): proposed by one person, approved by another.
#[derive(SimpleObject, Clone)]
#[graphql(complex)]
pub struct ReplenishmentPolicy {
    /// Opaque; begins with `rpl_`.
    pub id: ID,
    /// Where it stands.
    status: ReplenishmentPolicyStatus,
    /// For people.
    note: Option<String>,
    /// How many lines.
    line_count: i32,
    /// The member who proposed it.
    proposer: Related<MemberId>,
    /// The proposer's id.
    proposer_id: ID,
    /// The member who approved, refused or withdrew it.
    decider: MaybeRelated<MemberId>,
    /// The decider's id.
    decider_id: Option<ID>,
    /// Why it was refused or withdrawn.
    reason: Option<String>,
    /// The row's version, for `expectedVersion`.
    version: i32,
    /// When it was proposed.
    created_at: DateTime,
    /// When it was last written.
    updated_at: DateTime,
    /// What you could do to it now, and why not.
    viewer_can: Related<CanKey<PolicyRecord>>,
    #[graphql(skip)]
    uuid: Uuid,
}

impl From<PolicyRecord> for ReplenishmentPolicy {
    fn from(r: PolicyRecord) -> Self {
        let can = Related(CanKey(Arc::new(r.clone())));
        let p = r.policy;
        Self {
            id: ID(p.id.to_string()),
            status: p.status.into(),
            note: p.note,
            line_count: p.line_count,
            proposer_id: ID(MemberId(p.proposer).to_string()),
            proposer: Related(MemberId(p.proposer)),
            decider_id: p.decider.map(|d| ID(MemberId(d).to_string())),
            decider: MaybeRelated(p.decider.map(MemberId)),
            reason: p.reason,
            version: p.trail.version,
            created_at: DateTime(r.created_at),
            updated_at: DateTime(r.updated_at),
            viewer_can: can,
            uuid: p.id.0,
        }
    }
}

viewer_can!(
    /// What you could do to a replenishment policy now.
    ReplenishmentPolicyViewerCan, PolicyCommand;
    /// Approve it: it is in force at once.
    approve = Approve,
    /// Refuse it.
    reject = Reject,
    /// Take it back.
    withdraw = Withdraw,
);
previewed!(PolicyRecord, PolicyCommand, ReplenishmentPolicyViewerCan, |r| (
    r.policy.id.0,
    r.policy.trail.version
));

#[ComplexObject]
impl ReplenishmentPolicy {
    /// Its lines, by line number.
    async fn lines(
        &self,
        ctx: &Context<'_>,
        first: Option<i32>,
        after: Option<String>,
        last: Option<i32>,
        before: Option<String>,
    ) -> Result<ReplenishmentPolicyLineConnection> {
        let w = window(first, after, last, before, BY_PLACE)?;
        let lines = one(ctx, PolicyLinesKey(self.uuid)).await?.unwrap_or_default();
        let lines = lines
            .into_iter()
            .map(|l| ReplenishmentPolicyLine {
                line_number: l.number,
                item_id: ID(ItemId(l.item).to_string()),
                item: Related(ItemId(l.item)),
                location_id: ID(LocationId(l.location).to_string()),
                location: Related(LocationId(l.location)),
                reorder_point: quantity(l.reorder_point, &l.unit),
                safety_stock: quantity(l.safety_stock, &l.unit),
            })
            .collect();
        let (page, total) = part(lines, self.uuid, &w);
        Ok(ReplenishmentPolicyLineConnection::of(page, total))
    }
}

/// What a policy says of an item at a location.
#[derive(SimpleObject, Clone)]
pub struct ReplenishmentPolicyLine {
    /// Counted from 1.
    line_number: i32,
    /// The item.
    item: Related<ItemId>,
    /// The item's id.
    item_id: ID,
    /// Where.
    location: Related<LocationId>,
    /// The location's id.
    location_id: ID,
    /// Below this it is reordered.
    reorder_point: Quantity,
    /// What is kept against surprises; part of the reorder point.
    safety_stock: Quantity,
}

connection!(
    ReplenishmentPolicyConnection,
    ReplenishmentPolicyEdge,
    ReplenishmentPolicy
);
connection!(
    ReplenishmentPolicyLineConnection,
    ReplenishmentPolicyLineEdge,
    ReplenishmentPolicyLine
);

impl Loader<ReplenishmentPolicyId> for Batch {
    type Value = ReplenishmentPolicy;
    type Error = LoadError;
    async fn load(
        &self,
        keys: &[ReplenishmentPolicyId],
    ) -> Result<HashMap<ReplenishmentPolicyId, ReplenishmentPolicy>, LoadError> {
        let ids: Vec<Uuid> = keys.iter().map(|k| k.0).collect();
        let found = queries::policies_by_ids(&self.session.db, &self.session.op, &ids).await?;
        let found = found.into_iter();
        Ok(found.map(|(id, r)| (ReplenishmentPolicyId(id), r.into())).collect())
    }
}

/// Asks for the lines of a policy.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct PolicyLinesKey(Uuid);

loads!(PolicyLinesKey => Vec<PolicyLineRecord>, queries::lines_of);
