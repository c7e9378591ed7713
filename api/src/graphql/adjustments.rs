//! Stock adjustments.

use super::id::{Id, uuids};
use super::inventory::{StockLineInput, StockStatus};
use super::loaders::one;
use super::money::{Money, Quantity, money, quantity};
use super::page::{BY_PLACE, count, part, window};
use super::payload::about;
use super::preview::CanKey;
use super::related::{MaybeRelated, Related};
use super::scalar::{DateTime, Decimal};
use super::session;
use crate::{command_input, connection, loads, payload, perform, previewed, reason_input, viewer_can};
use async_graphql::{ComplexObject, Context, Enum, ID, InputObject, Object, Result, SimpleObject};
use quartermaster_domain::adjustments::queries::{
    self, AdjustmentFilter as Filter, AdjustmentLineRecord, AdjustmentRecord, ORDERS,
};
use quartermaster_domain::adjustments::{self, AdjustmentCommand, NewAdjustment, NewAdjustmentLine};
use quartermaster_domain::inventory::Reason;
use quartermaster_domain::shared::{AdjustmentId, ItemId, LocationId, MemberId, StockCountId};
use std::sync::Arc;
use uuid::Uuid;

/// The states of an adjustment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "adjustments::AdjustmentStatus")]
pub enum AdjustmentStatus {
    /// Being written.
    Draft,
    /// Waiting for approval.
    InApproval,
    /// Stock was moved.
    Posted,
    /// Refused by an approver.
    Rejected,
    /// Taken back by opposite movements.
    Reversed,
}

/// Why stock is put right.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
pub enum AdjustmentReason {
    /// Broken.
    Damage,
    /// Stolen.
    Theft,
    /// Past its date.
    Expiry,
    /// Given away or tested.
    Sample,
    /// There was more than the books said.
    Found,
    /// It was booked in a wrong unit.
    UnitError,
    /// An error of a system is put right.
    SystemRepair,
}

impl From<AdjustmentReason> for Reason {
    fn from(r: AdjustmentReason) -> Self {
        match r {
            AdjustmentReason::Damage => Self::Damage,
            AdjustmentReason::Theft => Self::Theft,
            AdjustmentReason::Expiry => Self::Expiry,
            AdjustmentReason::Sample => Self::Sample,
            AdjustmentReason::Found => Self::Found,
            AdjustmentReason::UnitError => Self::UnitError,
            AdjustmentReason::SystemRepair => Self::SystemRepair,
        }
    }
}

/// A correction of stock by people (X12 947).
#[derive(SimpleObject, Clone)]
#[graphql(complex)]
pub struct Adjustment {
    /// Opaque; begins with `adj_`.
    pub id: ID,
    /// The tenant's own number.
    number: String,
    /// Its state.
    status: AdjustmentStatus,
    /// Why; a word of `AdjustmentReason`.
    reason: String,
    /// Whose stock.
    location: Related<LocationId>,
    /// The location's id.
    location_id: ID,
    /// The count that it derives from.
    stock_count: MaybeRelated<StockCountId>,
    /// The stock count's id.
    stock_count_id: Option<ID>,
    /// Who made it.
    maker: Related<MemberId>,
    /// For people.
    note: Option<String>,
    /// What it moves at cost, without sign; zero before it is submitted.
    value: Money,
    /// The amount level, 0 to 4, that it was submitted at.
    required_level: Option<i32>,
    /// Why it was rejected or reversed.
    decision_reason: Option<String>,
    /// The row's version, for `expectedVersion`.
    version: i32,
    /// When it was made.
    created_at: DateTime,
    /// When it was last written.
    updated_at: DateTime,
    /// What you could do to it now, and why not.
    viewer_can: Related<CanKey<AdjustmentRecord>>,
    #[graphql(skip)]
    record: Arc<AdjustmentRecord>,
}

impl From<AdjustmentRecord> for Adjustment {
    fn from(r: AdjustmentRecord) -> Self {
        let r = Arc::new(r);
        Self {
            id: ID(AdjustmentId(r.id).to_string()),
            number: r.number.clone(),
            status: r.status.into(),
            reason: r.reason.as_str().to_owned(),
            location_id: ID(LocationId(r.location).to_string()),
            location: Related(LocationId(r.location)),
            stock_count_id: r.count.map(|c| ID(StockCountId(c).to_string())),
            stock_count: MaybeRelated(r.count.map(StockCountId)),
            maker: Related(MemberId(r.maker)),
            note: r.note.clone(),
            value: money(r.value, &r.currency),
            required_level: r.required_level.map(i32::from),
            decision_reason: r.refusal.clone(),
            version: r.version,
            created_at: DateTime(r.created_at),
            updated_at: DateTime(r.updated_at),
            viewer_can: Related(CanKey(r.clone())),
            record: r,
        }
    }
}

viewer_can!(
    /// What you could do to an adjustment now.
    AdjustmentViewerCan, AdjustmentCommand;
    /// Ask for approval.
    submit = Submit,
    /// Approve and post it.
    approve = Approve,
    /// Refuse it.
    reject = Reject,
    /// Take it back.
    reverse = Reverse,
);
previewed!(AdjustmentRecord, AdjustmentCommand, AdjustmentViewerCan, |r| (
    r.id, r.version
));

#[ComplexObject]
impl Adjustment {
    /// Its lines, by line number.
    async fn lines(
        &self,
        ctx: &Context<'_>,
        first: Option<i32>,
        after: Option<String>,
        last: Option<i32>,
        before: Option<String>,
    ) -> Result<AdjustmentLineConnection> {
        let w = window(first, after, last, before, BY_PLACE)?;
        let lines = one(ctx, AdjustmentLinesKey(self.record.id)).await?.unwrap_or_default();
        let currency = &self.record.currency;
        let lines = lines
            .into_iter()
            .map(|l| AdjustmentLine {
                line_number: l.number,
                item_id: ID(ItemId(l.item).to_string()),
                item: Related(ItemId(l.item)),
                lot: l.lot,
                stock_status: l.status.into(),
                quantity: quantity(l.quantity, &l.unit),
                unit_cost: l.moved_cost.map(|c| money(c, currency)),
            })
            .collect();
        let (page, total) = part(lines, self.record.id, &w);
        Ok(AdjustmentLineConnection::of(page, total))
    }
}

/// What is put right where.
#[derive(SimpleObject, Clone)]
pub struct AdjustmentLine {
    /// Counted from 1.
    line_number: i32,
    /// The item.
    item: Related<ItemId>,
    /// The item's id.
    item_id: ID,
    /// Empty for none.
    lot: String,
    /// In which state.
    stock_status: StockStatus,
    /// In base units; below zero is lost.
    quantity: Quantity,
    /// What one base unit moved at, once posted.
    unit_cost: Option<Money>,
}

connection!(AdjustmentConnection, AdjustmentEdge, Adjustment);
connection!(AdjustmentLineConnection, AdjustmentLineEdge, AdjustmentLine);
payload!(
    /// An adjustment after a mutation.
    AdjustmentPayload, adjustment: Adjustment, AdjustmentId
);

loads!(AdjustmentId => Adjustment, queries::adjustments_by_ids);

/// Asks for the lines of an adjustment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct AdjustmentLinesKey(Uuid);

loads!(AdjustmentLinesKey => Vec<AdjustmentLineRecord>, queries::lines_of);

/// Which adjustments are wanted; all conditions together.
#[derive(InputObject, Default)]
pub struct AdjustmentFilter {
    /// One of these ids.
    ids: Option<Vec<Id<AdjustmentId>>>,
    /// One of these states.
    statuses: Option<Vec<AdjustmentStatus>>,
    /// At one of these locations.
    location_ids: Option<Vec<Id<LocationId>>>,
    /// For one of these reasons.
    reasons: Option<Vec<AdjustmentReason>>,
    /// From one of these counts.
    stock_count_ids: Option<Vec<Id<StockCountId>>>,
}

/// The orders in which adjustments, counts and transfers can be listed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum, Default)]
pub enum StockDocumentOrder {
    /// Newest first.
    #[default]
    CreatedAtDesc,
    /// Oldest first.
    CreatedAtAsc,
}

/// Queries about adjustments.
#[derive(Default)]
pub struct AdjustmentQuery;

#[Object]
impl AdjustmentQuery {
    /// An adjustment by its id.
    async fn adjustment(&self, ctx: &Context<'_>, id: Id<AdjustmentId>) -> Result<Option<Adjustment>> {
        one(ctx, id.0).await
    }

    /// Adjustments, newest first unless asked otherwise.
    #[allow(clippy::too_many_arguments)]
    async fn adjustments(
        &self,
        ctx: &Context<'_>,
        filter: Option<AdjustmentFilter>,
        #[graphql(default)] order_by: StockDocumentOrder,
        first: Option<i32>,
        after: Option<String>,
        last: Option<i32>,
        before: Option<String>,
    ) -> Result<AdjustmentConnection> {
        let s = session(ctx)?;
        let order = ORDERS[order_by as usize];
        let window = window(first, after, last, before, order)?;
        let f = filter.unwrap_or_default();
        let filter = Arc::new(Filter {
            ids: uuids(f.ids),
            statuses: f.statuses.map(|s| s.into_iter().map(Into::into).collect()),
            locations: uuids(f.location_ids),
            reasons: f.reasons.map(|r| r.into_iter().map(Into::into).collect()),
            counts: uuids(f.stock_count_ids),
        });
        let page = s.read(queries::adjustments(&s.db, &s.op, &filter, order, &window).await)?;
        let total = count(s, move |db, op| {
            let filter = filter.clone();
            async move { queries::count_adjustments(&db, &op, &filter).await }
        });
        Ok(AdjustmentConnection::of(page, total))
    }
}

/// A line of a new adjustment.
#[derive(InputObject)]
pub struct AdjustmentLineInput {
    /// What is put right where; below zero is lost.
    #[graphql(flatten)]
    line: StockLineInput,
    /// What one base unit costs that comes in; the average when not given.
    unit_cost: Option<Decimal>,
}

/// A new adjustment.
#[derive(InputObject)]
pub struct AdjustmentCreateInput {
    /// Whose stock.
    location_id: Id<LocationId>,
    /// Why.
    reason: AdjustmentReason,
    /// For people.
    note: Option<String>,
    /// The count that it derives from.
    stock_count_id: Option<Id<StockCountId>>,
    /// At least one, at most 10,000.
    lines: Vec<AdjustmentLineInput>,
    /// Ask for approval at once, as a step of its own.
    #[graphql(default)]
    submit: bool,
}

command_input!(AdjustmentId;
    /// The draft to submit.
    AdjustmentSubmitInput,
    /// The adjustment to approve.
    AdjustmentApproveInput,
);
reason_input!(AdjustmentId;
    /// The adjustment to refuse.
    AdjustmentRejectInput,
    /// The adjustment to take back.
    AdjustmentReverseInput,
);

/// Mutations of adjustments.
#[derive(Default)]
pub struct AdjustmentMutation;

#[Object]
impl AdjustmentMutation {
    /// Proposes an adjustment as a draft; with `submit` it asks for approval at once. A value under the tenant's lowest limit
    /// is approved by nobody and posted at once.
    async fn adjustment_create(&self, ctx: &Context<'_>, input: AdjustmentCreateInput) -> Result<AdjustmentPayload> {
        let (s, submit) = (session(ctx)?, input.submit);
        let line = |l: AdjustmentLineInput| NewAdjustmentLine {
            entered: l.line.into(),
            unit_cost: l.unit_cost.map(|c| c.0),
        };
        let new = NewAdjustment {
            location: input.location_id.uuid(),
            reason: input.reason.into(),
            note: input.note,
            count: input.stock_count_id.map(|c| c.uuid()),
            lines: input.lines.into_iter().map(line).collect(),
        };
        Ok(perform!(s, adjustments::create(&s.db, &s.op, &new, submit)).into())
    }

    /// Asks for approval.
    async fn adjustment_submit(&self, ctx: &Context<'_>, input: AdjustmentSubmitInput) -> Result<AdjustmentPayload> {
        let (s, id, version) = (session(ctx)?, input.id.0, input.expected_version);
        Ok(about(id, perform!(s, adjustments::submit(&s.db, &s.op, id, version))).into())
    }

    /// Approves an adjustment; it is posted at once.
    async fn adjustment_approve(&self, ctx: &Context<'_>, input: AdjustmentApproveInput) -> Result<AdjustmentPayload> {
        let (s, id, version) = (session(ctx)?, input.id.0, input.expected_version);
        Ok(about(id, perform!(s, adjustments::approve(&s.db, &s.op, id, version))).into())
    }

    /// Refuses an adjustment for good.
    async fn adjustment_reject(&self, ctx: &Context<'_>, input: AdjustmentRejectInput) -> Result<AdjustmentPayload> {
        let (s, id, version) = (session(ctx)?, input.id.0, input.expected_version);
        let outcome = perform!(s, adjustments::reject(&s.db, &s.op, id, &input.reason, version));
        Ok(about(id, outcome).into())
    }

    /// Takes a posted adjustment back with opposite movements.
    async fn adjustment_reverse(&self, ctx: &Context<'_>, input: AdjustmentReverseInput) -> Result<AdjustmentPayload> {
        let (s, id, version) = (session(ctx)?, input.id.0, input.expected_version);
        let outcome = perform!(s, adjustments::reverse(&s.db, &s.op, id, &input.reason, version));
        Ok(about(id, outcome).into())
    }
}
