//! Purchase orders.

use super::error::coded;
use super::id::{Id, uuids};
use super::loaders::{Batch, LoadError, one};
use super::money::{Money, Quantity, money, quantity};
use super::page::{Count, count, window};
use super::payload::about;
use super::scalar::{CurrencyCode, Date, DateTime, Decimal, UnitCode};
use super::session;
use crate::{command_input, connection, payload, perform, reason_input, viewer_can};
use async_graphql::dataloader::Loader;
use async_graphql::{ComplexObject, Context, Enum, ID, InputObject, Object, Result, SimpleObject};
use quartermaster_domain::purchasing::queries::{self, LineRecord, ORDERS, OrderFilter, OrderRecord};
use quartermaster_domain::purchasing::{self, NewLine, NewOrder, OrderCommand};
use quartermaster_domain::shared::{Cursor, ItemId, LocationId, MemberId, Order, Page, PurchaseOrderId, SupplierId};
use quartermaster_tenants::act::preview;
use std::collections::HashMap;
use std::sync::Arc;
use uuid::Uuid;

/// The states of a purchase order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "purchasing::OrderStatus")]
pub enum PurchaseOrderStatus {
    /// Being written.
    Draft,
    /// Waiting for approval.
    InApproval,
    /// Approved, not yet given to the supplier.
    Approved,
    /// Given to the supplier.
    Released,
    /// Something was received.
    PartiallyReceived,
    /// Everything was received or short-closed.
    Received,
    /// Refused by an approver.
    Rejected,
    /// Withdrawn before anything was received.
    Cancelled,
    /// Stopped for the time being.
    OnHold,
}

/// An order for goods, given to a supplier (UBL Order).
#[derive(SimpleObject, Clone)]
#[graphql(complex)]
pub struct PurchaseOrder {
    /// Opaque; begins with `po_`.
    pub id: ID,
    /// The tenant's own number.
    number: String,
    /// Its state.
    status: PurchaseOrderStatus,
    /// The business version: rises with each approved change.
    revision: i32,
    /// The pass through approval; rises each time it goes back to its maker.
    round: i32,
    /// The row's version, for `expectedVersion`.
    version: i32,
    /// The amount level, 0 to 4, that it was submitted at.
    required_level: Option<i32>,
    /// Approvals in this round.
    approvals: i32,
    /// The currency of its amounts.
    currency_code: CurrencyCode,
    /// The sum of its lines before tax.
    net_amount: Money,
    /// The tax of its lines.
    tax_amount: Money,
    /// Net and tax.
    total_amount: Money,
    /// Business date.
    ordered_on: Date,
    /// When the goods are wanted.
    expected_on: Option<Date>,
    /// For the supplier.
    note: Option<String>,
    /// The buyer's own reference.
    reference: Option<String>,
    /// Why it was returned, rejected, held, cancelled or closed.
    reason: Option<String>,
    /// When it was made.
    created_at: DateTime,
    /// When it was last written.
    updated_at: DateTime,
    #[graphql(skip)]
    record: Arc<OrderRecord>,
}

impl From<OrderRecord> for PurchaseOrder {
    fn from(r: OrderRecord) -> Self {
        Self {
            id: ID(PurchaseOrderId(r.id).to_string()),
            number: r.number.clone(),
            status: r.status.into(),
            revision: r.revision,
            round: r.round,
            version: r.version,
            required_level: r.required_level.map(i32::from),
            approvals: i32::from(r.approvals),
            currency_code: r.currency.as_str().into(),
            net_amount: money(r.net, &r.currency),
            tax_amount: money(r.tax, &r.currency),
            total_amount: money(r.net + r.tax, &r.currency),
            ordered_on: Date(r.ordered_on),
            expected_on: r.expected_on.map(Date),
            note: r.note.clone(),
            reference: r.reference.clone(),
            reason: r.reason.clone(),
            created_at: DateTime(r.created_at),
            updated_at: DateTime(r.updated_at),
            record: Arc::new(r),
        }
    }
}

/// The order of an order's lines.
const BY_NUMBER: Order = Order {
    tag: "line",
    column: "line_number",
    cast: "integer",
    descending: false,
};

#[ComplexObject]
impl PurchaseOrder {
    /// What you could do to it now, and why not.
    async fn viewer_can(&self, ctx: &Context<'_>) -> Result<PurchaseOrderViewerCan> {
        one(ctx, ViewerCanKey(self.record.clone()))
            .await?
            .ok_or_else(|| coded("INTERNAL", "no preview"))
    }

    /// Its lines, by line number.
    async fn lines(
        &self,
        ctx: &Context<'_>,
        first: Option<i32>,
        after: Option<String>,
        last: Option<i32>,
        before: Option<String>,
    ) -> Result<PurchaseOrderLineConnection> {
        let w = window(first, after, last, before, BY_NUMBER)?;
        let bound = |c: &Option<Cursor>, none| c.as_ref().map_or(none, |c| c.value.parse().unwrap_or(none));
        let key = LinesKey {
            order: self.record.id,
            after: bound(&w.after, i32::MIN),
            before: bound(&w.before, i32::MAX),
            limit: w.limit + 1,
            from_back: w.from_back,
        };
        let mut lines = one(ctx, key).await?.unwrap_or_default();
        let more = lines.len() as i64 > w.limit;
        if more {
            let extra = if w.from_back { 0 } else { lines.len() - 1 };
            lines.remove(extra);
        }
        let (has_next, has_previous) = if w.from_back {
            (w.before.is_some(), more)
        } else {
            (more, w.after.is_some())
        };
        let rows = lines
            .into_iter()
            .map(|l| {
                let cursor = Cursor {
                    tag: BY_NUMBER.tag.to_owned(),
                    value: l.number.to_string(),
                    id: l.order,
                };
                (
                    LineOfOrder {
                        line: l,
                        currency: self.record.currency.clone(),
                    },
                    cursor,
                )
            })
            .collect();
        let (session, order) = (session(ctx)?.clone(), self.record.id);
        let total: Count = count(&session, move |db, op| async move {
            Ok(queries::line_counts(&db, &op, &[order])
                .await?
                .remove(&order)
                .unwrap_or_default())
        });
        Ok(PurchaseOrderLineConnection::of(
            Page {
                rows,
                has_next,
                has_previous,
            },
            total,
        ))
    }
}

viewer_can!(
    /// What you could do to an order now.
    PurchaseOrderViewerCan, OrderCommand;
    /// Edit the draft.
    update = Update,
    /// Ask for approval.
    submit = Submit,
    /// Approve (a step of) it.
    approve = Approve,
    /// Send it back to its maker.
    r#return = Return,
    /// Refuse it for good.
    reject = Reject,
    /// Give it to the supplier.
    release = Release,
    /// Withdraw it.
    cancel = Cancel,
    /// Stop it for the time being.
    hold = Hold,
    /// Go on with it.
    resume = Resume,
    /// Expect no more of some lines.
    short_close = ShortClose,
    /// Propose a new revision.
    change = Change,
);

/// Asks for the previews of an order.
#[derive(Debug, Clone)]
pub struct ViewerCanKey(Arc<OrderRecord>);

impl PartialEq for ViewerCanKey {
    fn eq(&self, other: &Self) -> bool {
        (self.0.id, self.0.version) == (other.0.id, other.0.version)
    }
}

impl Eq for ViewerCanKey {}

impl std::hash::Hash for ViewerCanKey {
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        (self.0.id, self.0.version).hash(state);
    }
}

impl Loader<ViewerCanKey> for Batch {
    type Value = PurchaseOrderViewerCan;
    type Error = LoadError;
    async fn load(&self, keys: &[ViewerCanKey]) -> Result<HashMap<ViewerCanKey, PurchaseOrderViewerCan>, LoadError> {
        let asked: Vec<_> = keys.iter().map(|k| k.0.asked()).collect();
        let documents: Vec<_> = asked
            .iter()
            .map(|(s, commands)| (s.clone(), commands.iter().map(|(_, a)| a.clone()).collect()))
            .collect();
        let answers = preview(&self.session.db, &self.session.op, &documents).await?;
        let mut out = HashMap::with_capacity(keys.len());
        for ((key, (_, commands)), answers) in keys.iter().zip(asked).zip(answers) {
            let pairs: Vec<_> = commands.iter().map(|(c, _)| *c).zip(answers).collect();
            out.insert(key.clone(), PurchaseOrderViewerCan::of(&pairs)?);
        }
        Ok(out)
    }
}

/// A line of a purchase order.
#[derive(SimpleObject, Clone)]
#[graphql(complex)]
pub struct PurchaseOrderLine {
    /// The order's id with the line number: `pol_…_3`.
    id: ID,
    /// Unique in the order.
    line_number: i32,
    /// How much is ordered.
    quantity: Quantity,
    /// Base units in one unit.
    base_units_per_unit: Decimal,
    /// The price of one unit.
    unit_price: Money,
    /// In percent.
    tax_rate: Decimal,
    /// Quantity × price, rounded to the currency.
    net_amount: Money,
    /// Tax on it.
    tax_amount: Money,
    /// When it is wanted, if not with the order.
    expected_on: Option<Date>,
    /// Received so far.
    received_quantity: Quantity,
    /// Sent back so far.
    returned_quantity: Quantity,
    /// Short-closed: expected no more.
    closed_quantity: Quantity,
    #[graphql(skip)]
    record: Arc<LineRecord>,
}

struct LineOfOrder {
    line: LineRecord,
    currency: String,
}

impl From<LineOfOrder> for PurchaseOrderLine {
    fn from(LineOfOrder { line, currency }: LineOfOrder) -> Self {
        Self {
            id: ID(format!(
                "{}_{}",
                quartermaster_tenants::id::encode("pol", line.order),
                line.number
            )),
            line_number: line.number,
            quantity: quantity(line.quantity, &line.unit),
            base_units_per_unit: Decimal(line.base_per_unit),
            unit_price: money(line.unit_price, &currency),
            tax_rate: Decimal(line.tax_rate),
            net_amount: money(line.net, &currency),
            tax_amount: money(line.tax, &currency),
            expected_on: line.expected_on.map(Date),
            received_quantity: quantity(line.received, &line.unit),
            returned_quantity: quantity(line.returned, &line.unit),
            closed_quantity: quantity(line.closed, &line.unit),
            record: Arc::new(line),
        }
    }
}

#[ComplexObject]
impl PurchaseOrderLine {
    /// What is neither received nor closed.
    async fn outstanding_quantity(&self) -> Quantity {
        let l = &self.record;
        quantity(
            (l.quantity - l.received - l.closed).max(rust_decimal::Decimal::ZERO),
            &l.unit,
        )
    }
}

connection!(PurchaseOrderConnection, PurchaseOrderEdge, PurchaseOrder);
connection!(PurchaseOrderLineConnection, PurchaseOrderLineEdge, PurchaseOrderLine);

impl Loader<PurchaseOrderId> for Batch {
    type Value = PurchaseOrder;
    type Error = LoadError;
    async fn load(&self, keys: &[PurchaseOrderId]) -> Result<HashMap<PurchaseOrderId, PurchaseOrder>, LoadError> {
        let ids: Vec<Uuid> = keys.iter().map(|k| k.0).collect();
        let found = queries::orders_by_ids(&self.session.db, &self.session.op, &ids).await?;
        Ok(found
            .into_iter()
            .map(|(id, r)| (PurchaseOrderId(id), r.into()))
            .collect())
    }
}

/// Lines of one order; equal windows of many orders load together.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct LinesKey {
    order: Uuid,
    after: i32,
    before: i32,
    limit: i64,
    from_back: bool,
}

impl Loader<LinesKey> for Batch {
    type Value = Vec<LineRecord>;
    type Error = LoadError;
    async fn load(&self, keys: &[LinesKey]) -> Result<HashMap<LinesKey, Vec<LineRecord>>, LoadError> {
        let mut windows: HashMap<(i32, i32, i64, bool), Vec<Uuid>> = HashMap::new();
        for k in keys {
            windows
                .entry((k.after, k.before, k.limit, k.from_back))
                .or_default()
                .push(k.order);
        }
        let mut out = HashMap::with_capacity(keys.len());
        for ((after, before, limit, from_back), orders) in windows {
            let found = queries::lines_of(
                &self.session.db,
                &self.session.op,
                &orders,
                after,
                before,
                limit,
                from_back,
            )
            .await?;
            out.extend(found.into_iter().map(|(order, lines)| {
                (
                    LinesKey {
                        order,
                        after,
                        before,
                        limit,
                        from_back,
                    },
                    lines,
                )
            }));
        }
        Ok(out)
    }
}

/// Which purchase orders are wanted; all conditions together.
#[derive(InputObject, Default)]
pub struct PurchaseOrderFilter {
    /// One of these ids.
    ids: Option<Vec<Id<PurchaseOrderId>>>,
    /// One of these states.
    statuses: Option<Vec<PurchaseOrderStatus>>,
    /// One of these suppliers.
    supplier_ids: Option<Vec<Id<SupplierId>>>,
    /// One of these locations.
    location_ids: Option<Vec<Id<LocationId>>>,
    /// One of these numbers.
    numbers: Option<Vec<String>>,
    /// Made by one of these members.
    buyer_ids: Option<Vec<Id<MemberId>>>,
    /// Ordered on or after.
    ordered_from: Option<Date>,
    /// Ordered on or before.
    ordered_to: Option<Date>,
    /// Changed at or after: for synchronization.
    updated_since: Option<DateTime>,
}

impl From<PurchaseOrderFilter> for OrderFilter {
    fn from(f: PurchaseOrderFilter) -> Self {
        Self {
            ids: uuids(f.ids),
            statuses: f.statuses.map(|s| s.into_iter().map(Into::into).collect()),
            suppliers: uuids(f.supplier_ids),
            locations: uuids(f.location_ids),
            numbers: f.numbers,
            ordered: (f.ordered_from.map(|d| d.0), f.ordered_to.map(|d| d.0)),
            updated_since: f.updated_since.map(|t| t.0),
            buyers: uuids(f.buyer_ids),
        }
    }
}

/// The orders in which purchase orders can be listed; ties are broken by id.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum, Default)]
pub enum PurchaseOrderOrder {
    /// Newest first.
    #[default]
    CreatedAtDesc,
    /// Oldest first.
    CreatedAtAsc,
    /// By number, last first.
    NumberDesc,
    /// By number.
    NumberAsc,
    /// By business date, last first.
    OrderedOnDesc,
    /// By business date.
    OrderedOnAsc,
    /// Last changed first.
    UpdatedAtDesc,
    /// Last changed last.
    UpdatedAtAsc,
}

/// Queries about purchase orders.
#[derive(Default)]
pub struct PurchasingQuery;

#[Object]
impl PurchasingQuery {
    /// A purchase order by its id.
    async fn purchase_order(&self, ctx: &Context<'_>, id: Id<PurchaseOrderId>) -> Result<Option<PurchaseOrder>> {
        one(ctx, id.0).await
    }

    /// Purchase orders, newest first unless asked otherwise.
    #[allow(clippy::too_many_arguments)]
    async fn purchase_orders(
        &self,
        ctx: &Context<'_>,
        filter: Option<PurchaseOrderFilter>,
        #[graphql(default)] order_by: PurchaseOrderOrder,
        first: Option<i32>,
        after: Option<String>,
        last: Option<i32>,
        before: Option<String>,
    ) -> Result<PurchaseOrderConnection> {
        let s = session(ctx)?;
        let order = *ORDERS
            .get(order_by as usize)
            .ok_or_else(|| coded("INTERNAL", "order"))?;
        let window = window(first, after, last, before, order)?;
        let filter = Arc::new(OrderFilter::from(filter.unwrap_or_default()));
        let page = s.read(queries::orders(&s.db, &s.op, &filter, order, &window).await)?;
        let total = count(s, move |db, op| {
            let filter = filter.clone();
            async move { queries::count_orders(&db, &op, &filter).await }
        });
        Ok(PurchaseOrderConnection::of(page, total))
    }
}

/// A line of a new order.
#[derive(InputObject)]
pub struct PurchaseOrderLineInput {
    /// Counted from 1 when not given; unique in the order.
    line_number: Option<i32>,
    /// The item.
    item_id: Id<ItemId>,
    /// How much, above zero.
    quantity: Decimal,
    /// The item's base unit when not given, or the unit of one of its packs.
    unit_code: Option<UnitCode>,
    /// Up to four decimals; the supplier's agreed price when not given.
    unit_price: Option<Decimal>,
    /// In percent; zero when not given.
    tax_rate: Option<Decimal>,
    /// The order's when not given.
    expected_on: Option<Date>,
}

/// Header and lines of an order.
#[derive(InputObject)]
pub struct PurchaseOrderDraftInput {
    /// Who is to deliver.
    supplier_id: Id<SupplierId>,
    /// Where to.
    location_id: Id<LocationId>,
    /// The supplier's currency when not given.
    currency_code: Option<CurrencyCode>,
    /// Business date; today when not given.
    ordered_on: Option<Date>,
    /// When the goods are wanted.
    expected_on: Option<Date>,
    /// For the supplier.
    note: Option<String>,
    /// Your own reference.
    reference: Option<String>,
    /// At least one, at most 10,000.
    lines: Vec<PurchaseOrderLineInput>,
}

impl From<PurchaseOrderDraftInput> for NewOrder {
    fn from(i: PurchaseOrderDraftInput) -> Self {
        let line = |l: PurchaseOrderLineInput| NewLine {
            number: l.line_number,
            item: l.item_id.uuid(),
            quantity: l.quantity.0,
            unit: l.unit_code.map(|u| u.0),
            unit_price: l.unit_price.map(|p| p.0),
            tax_rate: l.tax_rate.map(|t| t.0),
            expected_on: l.expected_on.map(|d| d.0),
        };
        Self {
            supplier: i.supplier_id.uuid(),
            location: i.location_id.uuid(),
            currency: i.currency_code.map(|c| c.0),
            ordered_on: i.ordered_on.map(|d| d.0),
            expected_on: i.expected_on.map(|d| d.0),
            note: i.note,
            reference: i.reference,
            lines: i.lines.into_iter().map(line).collect(),
        }
    }
}

/// A new order.
#[derive(InputObject)]
pub struct PurchaseOrderCreateInput {
    /// Header and lines.
    order: PurchaseOrderDraftInput,
    /// Ask for approval at once, as a step of its own.
    #[graphql(default)]
    submit: bool,
}

/// A draft's header and lines anew.
#[derive(InputObject)]
pub struct PurchaseOrderUpdateInput {
    /// The draft.
    id: Id<PurchaseOrderId>,
    /// Header and lines, in place of what there is.
    order: PurchaseOrderDraftInput,
    /// The version that you have read.
    expected_version: Option<i32>,
}

/// Lines of which no more is expected.
#[derive(InputObject)]
pub struct PurchaseOrderShortCloseInput {
    /// The order.
    id: Id<PurchaseOrderId>,
    /// The lines.
    line_numbers: Vec<i32>,
    /// Why; people read it.
    reason: String,
    /// The version that you have read.
    expected_version: Option<i32>,
}

command_input!(PurchaseOrderId;
    /// The draft to submit.
    PurchaseOrderSubmitInput,
    /// The order to approve.
    PurchaseOrderApproveInput,
    /// The order to release.
    PurchaseOrderReleaseInput,
    /// The order to go on with.
    PurchaseOrderResumeInput,
);
reason_input!(PurchaseOrderId;
    /// The order to send back.
    PurchaseOrderReturnInput,
    /// The order to refuse.
    PurchaseOrderRejectInput,
    /// The order to withdraw.
    PurchaseOrderCancelInput,
    /// The order to stop.
    PurchaseOrderHoldInput,
);
payload!(
    /// A purchase order after a mutation.
    PurchaseOrderPayload, purchase_order: PurchaseOrder, PurchaseOrderId
);

/// Mutations of purchase orders.
#[derive(Default)]
pub struct PurchasingMutation;

#[Object]
impl PurchasingMutation {
    /// Creates an order as a draft; with `submit` it asks for approval at once.
    async fn purchase_order_create(
        &self,
        ctx: &Context<'_>,
        input: PurchaseOrderCreateInput,
    ) -> Result<PurchaseOrderPayload> {
        let (s, submit) = (session(ctx)?, input.submit);
        let order = NewOrder::from(input.order);
        Ok(perform!(s, purchasing::create(&s.db, &s.op, &order, submit)).into())
    }

    /// Replaces header and lines of a draft. Whoever edits is a maker and cannot approve it.
    async fn purchase_order_update(
        &self,
        ctx: &Context<'_>,
        input: PurchaseOrderUpdateInput,
    ) -> Result<PurchaseOrderPayload> {
        let (s, id, version) = (session(ctx)?, input.id.0, input.expected_version);
        let order = NewOrder::from(input.order);
        Ok(about(id, perform!(s, purchasing::update(&s.db, &s.op, id, &order, version))).into())
    }

    /// Asks for approval. An amount under the tenant's lowest limit is approved at once, by nobody.
    async fn purchase_order_submit(
        &self,
        ctx: &Context<'_>,
        input: PurchaseOrderSubmitInput,
    ) -> Result<PurchaseOrderPayload> {
        let (s, id, version) = (session(ctx)?, input.id.0, input.expected_version);
        Ok(about(id, perform!(s, purchasing::submit(&s.db, &s.op, id, version))).into())
    }

    /// Approves (a step of) an order.
    async fn purchase_order_approve(
        &self,
        ctx: &Context<'_>,
        input: PurchaseOrderApproveInput,
    ) -> Result<PurchaseOrderPayload> {
        let (s, id, version) = (session(ctx)?, input.id.0, input.expected_version);
        Ok(about(id, perform!(s, purchasing::approve(&s.db, &s.op, id, version))).into())
    }

    /// Sends an order back to its maker: a new round begins.
    async fn purchase_order_return(
        &self,
        ctx: &Context<'_>,
        input: PurchaseOrderReturnInput,
    ) -> Result<PurchaseOrderPayload> {
        let (s, id, version) = (session(ctx)?, input.id.0, input.expected_version);
        Ok(about(
            id,
            perform!(s, purchasing::send_back(&s.db, &s.op, id, &input.reason, version)),
        )
        .into())
    }

    /// Refuses an order for good.
    async fn purchase_order_reject(
        &self,
        ctx: &Context<'_>,
        input: PurchaseOrderRejectInput,
    ) -> Result<PurchaseOrderPayload> {
        let (s, id, version) = (session(ctx)?, input.id.0, input.expected_version);
        Ok(about(
            id,
            perform!(s, purchasing::reject(&s.db, &s.op, id, &input.reason, version)),
        )
        .into())
    }

    /// Gives an approved order to the supplier.
    async fn purchase_order_release(
        &self,
        ctx: &Context<'_>,
        input: PurchaseOrderReleaseInput,
    ) -> Result<PurchaseOrderPayload> {
        let (s, id, version) = (session(ctx)?, input.id.0, input.expected_version);
        Ok(about(id, perform!(s, purchasing::release(&s.db, &s.op, id, version))).into())
    }

    /// Withdraws an order of which nothing was received.
    async fn purchase_order_cancel(
        &self,
        ctx: &Context<'_>,
        input: PurchaseOrderCancelInput,
    ) -> Result<PurchaseOrderPayload> {
        let (s, id, version) = (session(ctx)?, input.id.0, input.expected_version);
        Ok(about(
            id,
            perform!(s, purchasing::cancel(&s.db, &s.op, id, &input.reason, version)),
        )
        .into())
    }

    /// Stops an order for the time being.
    async fn purchase_order_hold(
        &self,
        ctx: &Context<'_>,
        input: PurchaseOrderHoldInput,
    ) -> Result<PurchaseOrderPayload> {
        let (s, id, version) = (session(ctx)?, input.id.0, input.expected_version);
        Ok(about(
            id,
            perform!(s, purchasing::hold(&s.db, &s.op, id, &input.reason, version)),
        )
        .into())
    }

    /// Goes on with an order that was held.
    async fn purchase_order_resume(
        &self,
        ctx: &Context<'_>,
        input: PurchaseOrderResumeInput,
    ) -> Result<PurchaseOrderPayload> {
        let (s, id, version) = (session(ctx)?, input.id.0, input.expected_version);
        Ok(about(id, perform!(s, purchasing::resume(&s.db, &s.op, id, version))).into())
    }

    /// Expects no more of some lines; the order is received when nothing else is outstanding.
    async fn purchase_order_short_close(
        &self,
        ctx: &Context<'_>,
        input: PurchaseOrderShortCloseInput,
    ) -> Result<PurchaseOrderPayload> {
        let (s, id, version) = (session(ctx)?, input.id.0, input.expected_version);
        let outcome = perform!(
            s,
            purchasing::short_close(&s.db, &s.op, id, &input.line_numbers, &input.reason, version)
        );
        Ok(about(id, outcome).into())
    }
}
