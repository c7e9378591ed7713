//! Stock counts.

use super::adjustments::StockDocumentOrder;
use super::id::{Id, uuids};
use super::inventory::{StockLineInput, StockStatus};
use super::loaders::one;
use super::money::{Money, Quantity, money, quantity};
use super::page::{BY_PLACE, count, part, window};
use super::payload::about;
use super::preview::CanKey;
use super::related::Related;
use super::scalar::{DateTime, Decimal};
use super::session;
use crate::{command_input, connection, loads, payload, perform, previewed, reason_input, viewer_can};
use async_graphql::{ComplexObject, Context, Enum, ID, InputObject, Object, Result, SimpleObject};
use quartermaster_domain::counts::queries::{self, CountFilter, CountLineRecord, CountRecord, ORDERS};
use quartermaster_domain::counts::{self, CountCommand, NewCount};
use quartermaster_domain::shared::{ItemId, LocationId, MemberId, StockCountId};
use std::sync::Arc;
use uuid::Uuid;

/// The states of a count.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "counts::CountStatus")]
pub enum StockCountStatus {
    /// Scope and tolerance are known.
    Planned,
    /// The snapshot is taken; people count.
    InProgress,
    /// Some places were outside the tolerance: others count them again.
    RecountAsked,
    /// Waits for the approval of its variance.
    Reviewed,
    /// The variance was put right.
    Posted,
    /// Called off.
    Cancelled,
}

/// A count of stock (APICS physical inventory, cycle count).
#[derive(SimpleObject, Clone)]
#[graphql(complex)]
pub struct StockCount {
    /// Opaque; begins with `cnt_`.
    pub id: ID,
    /// The tenant's own number.
    number: String,
    /// Its state.
    status: StockCountStatus,
    /// Where.
    location: Related<LocationId>,
    /// The location's id.
    location_id: ID,
    /// Who planned it.
    planner: Related<MemberId>,
    /// Counters do not see what is expected.
    blind: bool,
    /// How much variance needs no recount, in percent of what is expected.
    tolerance_percent: Decimal,
    /// 1, then 2 and more for recounts.
    pass: i32,
    /// For people.
    note: Option<String>,
    /// The absolute value of the variance, once it is reviewed.
    variance_value: Option<Money>,
    /// The amount level, 0 to 4, that the variance asks for.
    required_level: Option<i32>,
    /// When the snapshot was taken.
    started_at: Option<DateTime>,
    /// Why it was called off.
    reason: Option<String>,
    /// The row's version, for `expectedVersion`.
    version: i32,
    /// When it was made.
    created_at: DateTime,
    /// When it was last written.
    updated_at: DateTime,
    /// What you could do to it now, and why not.
    viewer_can: Related<CanKey<CountRecord>>,
    #[graphql(skip)]
    record: Arc<CountRecord>,
}

impl From<CountRecord> for StockCount {
    fn from(r: CountRecord) -> Self {
        let r = Arc::new(r);
        Self {
            id: ID(StockCountId(r.id).to_string()),
            number: r.number.clone(),
            status: r.status.into(),
            location_id: ID(LocationId(r.location).to_string()),
            location: Related(LocationId(r.location)),
            planner: Related(MemberId(r.planner)),
            blind: r.blind,
            tolerance_percent: Decimal(r.tolerance),
            pass: r.pass,
            note: r.note.clone(),
            variance_value: r.value.map(|v| money(v, &r.currency)),
            required_level: r.required_level.map(i32::from),
            started_at: r.started_at.map(DateTime),
            reason: r.reason.clone(),
            version: r.version,
            created_at: DateTime(r.created_at),
            updated_at: DateTime(r.updated_at),
            viewer_can: Related(CanKey(r.clone())),
            record: r,
        }
    }
}

viewer_can!(
    /// What you could do to a count now.
    StockCountViewerCan, CountCommand;
    /// Take the snapshot.
    start = Start,
    /// Enter what was counted.
    enter = Enter,
    /// Put a pass forward.
    submit = Submit,
    /// Approve the variance.
    approve = Approve,
    /// Call it off.
    cancel = Cancel,
);
previewed!(CountRecord, CountCommand, StockCountViewerCan, |r| (r.id, r.version));

#[ComplexObject]
impl StockCount {
    /// The places that are counted.
    async fn lines(
        &self,
        ctx: &Context<'_>,
        first: Option<i32>,
        after: Option<String>,
        last: Option<i32>,
        before: Option<String>,
    ) -> Result<StockCountLineConnection> {
        let w = window(first, after, last, before, BY_PLACE)?;
        let lines = one(ctx, CountLinesKey(self.record.id)).await?.unwrap_or_default();
        let lines = lines
            .into_iter()
            .map(|l| {
                let of = |q: Option<rust_decimal::Decimal>| q.map(|q| quantity(q, &l.unit));
                StockCountLine {
                    item_id: ID(ItemId(l.item).to_string()),
                    item: Related(ItemId(l.item)),
                    lot: l.lot.clone(),
                    stock_status: l.status.into(),
                    count_again: l.asked,
                    snapshot_quantity: of(l.snapshot),
                    expected_quantity: of(l.expected),
                    counted_quantity: of(l.counted),
                    variance: of(l.counted.zip(l.expected).map(|(c, e)| c - e)),
                }
            })
            .collect();
        let (page, total) = part(lines, self.record.id, &w);
        Ok(StockCountLineConnection::of(page, total))
    }
}

/// A place that is counted. Quantities are null to counters while the count is blind, or counted again.
#[derive(SimpleObject, Clone)]
pub struct StockCountLine {
    /// The item.
    item: Related<ItemId>,
    /// The item's id.
    item_id: ID,
    /// Empty for none.
    lot: String,
    /// In which state.
    stock_status: StockStatus,
    /// Is it to be counted in this pass?
    count_again: bool,
    /// What the books said when the count began.
    snapshot_quantity: Option<Quantity>,
    /// What the books said when it was counted: the snapshot with all movements until then.
    expected_quantity: Option<Quantity>,
    /// What was counted.
    counted_quantity: Option<Quantity>,
    /// Counted less expected.
    variance: Option<Quantity>,
}

connection!(StockCountConnection, StockCountEdge, StockCount);
connection!(StockCountLineConnection, StockCountLineEdge, StockCountLine);
payload!(
    /// A count after a mutation.
    StockCountPayload, stock_count: StockCount, StockCountId
);

loads!(StockCountId => StockCount, queries::counts_by_ids);

/// Asks for the places of a count.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct CountLinesKey(Uuid);

loads!(CountLinesKey => Vec<CountLineRecord>, queries::lines_of);

/// Which counts are wanted; all conditions together.
#[derive(InputObject, Default)]
pub struct StockCountFilter {
    /// One of these ids.
    ids: Option<Vec<Id<StockCountId>>>,
    /// One of these states.
    statuses: Option<Vec<StockCountStatus>>,
    /// At one of these locations.
    location_ids: Option<Vec<Id<LocationId>>>,
}

/// Queries about counts.
#[derive(Default)]
pub struct StockCountQuery;

#[Object]
impl StockCountQuery {
    /// A count by its id.
    async fn stock_count(&self, ctx: &Context<'_>, id: Id<StockCountId>) -> Result<Option<StockCount>> {
        one(ctx, id.0).await
    }

    /// Counts, newest first unless asked otherwise.
    #[allow(clippy::too_many_arguments)]
    async fn stock_counts(
        &self,
        ctx: &Context<'_>,
        filter: Option<StockCountFilter>,
        #[graphql(default)] order_by: StockDocumentOrder,
        first: Option<i32>,
        after: Option<String>,
        last: Option<i32>,
        before: Option<String>,
    ) -> Result<StockCountConnection> {
        let s = session(ctx)?;
        let order = ORDERS[order_by as usize];
        let window = window(first, after, last, before, order)?;
        let f = filter.unwrap_or_default();
        let filter = Arc::new(CountFilter {
            ids: uuids(f.ids),
            statuses: f.statuses.map(|s| s.into_iter().map(Into::into).collect()),
            locations: uuids(f.location_ids),
        });
        let page = s.read(queries::counts(&s.db, &s.op, &filter, order, &window).await)?;
        let total = count(s, move |db, op| {
            let filter = filter.clone();
            async move { queries::count_counts(&db, &op, &filter).await }
        });
        Ok(StockCountConnection::of(page, total))
    }
}

/// A new count.
#[derive(InputObject)]
pub struct StockCountPlanInput {
    /// Where.
    location_id: Id<LocationId>,
    /// What; everything at the location when not given.
    item_ids: Option<Vec<Id<ItemId>>>,
    /// Counters do not see what is expected.
    #[graphql(default = true)]
    blind: bool,
    /// How much variance needs no recount, in percent of what is expected; the tenant's setting when not given.
    tolerance_percent: Option<Decimal>,
    /// For people.
    note: Option<String>,
}

/// What one counter counted.
#[derive(InputObject)]
pub struct StockCountEnterInput {
    /// The count.
    id: Id<StockCountId>,
    /// What was counted, place by place: several entries add up; below zero to correct what was entered before.
    lines: Vec<StockLineInput>,
    /// The version that you have read; leave it out when several people count at the same time.
    expected_version: Option<i32>,
}

command_input!(StockCountId;
    /// The count to start.
    StockCountStartInput,
    /// The count whose pass is put forward.
    StockCountSubmitInput,
    /// The count to approve.
    StockCountApproveInput,
);
reason_input!(StockCountId;
    /// The count to call off.
    StockCountCancelInput,
);

/// Mutations of counts.
#[derive(Default)]
pub struct StockCountMutation;

#[Object]
impl StockCountMutation {
    /// Plans a count.
    async fn stock_count_plan(&self, ctx: &Context<'_>, input: StockCountPlanInput) -> Result<StockCountPayload> {
        let s = session(ctx)?;
        let new = NewCount {
            location: input.location_id.uuid(),
            items: uuids(input.item_ids),
            blind: input.blind,
            tolerance: input.tolerance_percent.map(|t| t.0),
            note: input.note,
        };
        Ok(perform!(s, counts::plan(&s.db, &s.op, &new)).into())
    }

    /// Takes the snapshot: people may count from now on.
    async fn stock_count_start(&self, ctx: &Context<'_>, input: StockCountStartInput) -> Result<StockCountPayload> {
        let (s, id, version) = (session(ctx)?, input.id.0, input.expected_version);
        Ok(about(id, perform!(s, counts::start(&s.db, &s.op, id, version))).into())
    }

    /// Enters what was counted.
    async fn stock_count_enter(&self, ctx: &Context<'_>, input: StockCountEnterInput) -> Result<StockCountPayload> {
        let (s, id, version) = (session(ctx)?, input.id.0, input.expected_version);
        let lines: Vec<_> = input.lines.into_iter().map(Into::into).collect();
        Ok(about(id, perform!(s, counts::enter(&s.db, &s.op, id, &lines, version))).into())
    }

    /// Puts a pass forward. What is outside the tolerance is to be counted again, by others; a variance under the tenant's
    /// lowest limit is approved by nobody and posted at once.
    async fn stock_count_submit(&self, ctx: &Context<'_>, input: StockCountSubmitInput) -> Result<StockCountPayload> {
        let (s, id, version) = (session(ctx)?, input.id.0, input.expected_version);
        Ok(about(id, perform!(s, counts::submit(&s.db, &s.op, id, version))).into())
    }

    /// Approves the variance; the books are put right at once.
    async fn stock_count_approve(&self, ctx: &Context<'_>, input: StockCountApproveInput) -> Result<StockCountPayload> {
        let (s, id, version) = (session(ctx)?, input.id.0, input.expected_version);
        Ok(about(id, perform!(s, counts::approve(&s.db, &s.op, id, version))).into())
    }

    /// Calls a count off that is not decided yet.
    async fn stock_count_cancel(&self, ctx: &Context<'_>, input: StockCountCancelInput) -> Result<StockCountPayload> {
        let (s, id, version) = (session(ctx)?, input.id.0, input.expected_version);
        let outcome = perform!(s, counts::cancel(&s.db, &s.op, id, &input.reason, version));
        Ok(about(id, outcome).into())
    }
}
