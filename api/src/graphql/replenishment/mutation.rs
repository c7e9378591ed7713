//! Mutations and their inputs.

use super::policy::ReplenishmentPolicy;
use crate::graphql::id::Id;
use crate::graphql::payload::about;
use crate::graphql::scalar::Decimal;
use crate::graphql::session;
use crate::{command_input, payload, perform, reason_input};
use async_graphql::{Context, InputObject, Object, Result};
use quartermaster_domain::replenishment::{self, NewPolicy, PolicyLine};
use quartermaster_domain::shared::{ItemId, LocationId, ReplenishmentPolicyId};

/// A line of a new replenishment policy. Quantities are in the item's base unit.
#[derive(InputObject)]
pub struct ReplenishmentPolicyLineInput {
    /// The item.
    item_id: Id<ItemId>,
    /// Where.
    location_id: Id<LocationId>,
    /// Below this it is reordered; zero ends a former policy.
    reorder_point: Decimal,
    /// What is kept against surprises; part of the reorder point, so never above it.
    safety_stock: Decimal,
}

/// A new replenishment policy.
#[derive(InputObject)]
pub struct ReplenishmentPolicyProposeInput {
    /// For people.
    note: Option<String>,
    /// At least one, at most 10,000; an item at a location once.
    lines: Vec<ReplenishmentPolicyLineInput>,
}

command_input!(ReplenishmentPolicyId;
    /// The replenishment policy to approve.
    ReplenishmentPolicyApproveInput,
);
reason_input!(ReplenishmentPolicyId;
    /// The replenishment policy to refuse, and why.
    ReplenishmentPolicyRejectInput,
    /// The replenishment policy to take back, and why.
    ReplenishmentPolicyWithdrawInput,
);
payload!(
    /// A replenishment policy after a mutation.
    ReplenishmentPolicyPayload, replenishment_policy: ReplenishmentPolicy, ReplenishmentPolicyId
);

/// Mutations of replenishment policies.
#[derive(Default)]
pub struct ReplenishmentMutation;

#[Object]
impl ReplenishmentMutation {
    /// Proposes reorder points and safety stocks of items at locations. Nothing of it is in force before somebody else approves it.
    async fn replenishment_policy_propose(
        &self,
        ctx: &Context<'_>,
        input: ReplenishmentPolicyProposeInput,
    ) -> Result<ReplenishmentPolicyPayload> {
        let s = session(ctx)?;
        let line = |l: ReplenishmentPolicyLineInput| PolicyLine {
            item: l.item_id.uuid(),
            location: l.location_id.uuid(),
            reorder_point: l.reorder_point.0,
            safety_stock: l.safety_stock.0,
        };
        let new = NewPolicy {
            note: input.note,
            lines: input.lines.into_iter().map(line).collect(),
        };
        Ok(perform!(s, replenishment::propose(&s.db, &s.op, &new)).into())
    }

    /// Approves a replenishment policy: it is in force at once. Whoever proposed it cannot. Of which there is less than its
    /// reorder point in this moment, `inventory-below-threshold` is recorded now, unless it was below its former one already.
    async fn replenishment_policy_approve(
        &self,
        ctx: &Context<'_>,
        input: ReplenishmentPolicyApproveInput,
    ) -> Result<ReplenishmentPolicyPayload> {
        let (s, id, version) = (session(ctx)?, input.id.0, input.expected_version);
        Ok(about(id, perform!(s, replenishment::approve(&s.db, &s.op, id, version))).into())
    }

    /// Refuses a replenishment policy.
    async fn replenishment_policy_reject(
        &self,
        ctx: &Context<'_>,
        input: ReplenishmentPolicyRejectInput,
    ) -> Result<ReplenishmentPolicyPayload> {
        let (s, id, version) = (session(ctx)?, input.id.0, input.expected_version);
        let outcome = perform!(s, replenishment::reject(&s.db, &s.op, id, &input.reason, version));
        Ok(about(id, outcome).into())
    }

    /// Takes a replenishment policy back that nobody has decided.
    async fn replenishment_policy_withdraw(
        &self,
        ctx: &Context<'_>,
        input: ReplenishmentPolicyWithdrawInput,
    ) -> Result<ReplenishmentPolicyPayload> {
        let (s, id, version) = (session(ctx)?, input.id.0, input.expected_version);
        let outcome = perform!(s, replenishment::withdraw(&s.db, &s.op, id, &input.reason, version));
        Ok(about(id, outcome).into())
    }
}
