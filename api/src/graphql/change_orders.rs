//! Changes of released purchase orders.

use super::id::Id;
use super::loaders::one;
use super::money::{Money, money};
use super::page::{count, window};
use super::payload::about;
use super::preview::{CanKey, Previewed, Questions};
use super::purchasing::PurchaseOrder;
use super::related::Related;
use super::scalar::{Date, DateTime, Decimal};
use super::session;
use crate::graphql::purchasing::PurchaseOrderLineInput;
use crate::{command_input, connection, loads, payload, perform, reason_input, viewer_can};
use async_graphql::{ComplexObject, Context, Enum, ID, InputObject, Object, Result, SimpleObject};
use quartermaster_domain::purchasing::change::queries::{self, ChangeRecord, NEWEST};
use quartermaster_domain::purchasing::change::{self, ChangeCommand, LineChange, NewChange};
use quartermaster_domain::shared::{ChangeOrderId, MemberId, PurchaseOrderId};
use quartermaster_tenants::Op;
use quartermaster_tenants::act::Preview;
use quartermaster_tenants::error::Code;
use std::sync::Arc;
use uuid::Uuid;

/// The states of a change.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "change::ChangeStatus")]
pub enum ChangeOrderStatus {
    /// Waiting for approval.
    InApproval,
    /// Part of the order.
    Effective,
    /// Refused.
    Rejected,
    /// Taken back by whoever proposed it.
    Withdrawn,
}

/// One field of one line, before and after.
#[derive(SimpleObject, Clone)]
pub struct FieldChange {
    /// The line.
    line_number: i32,
    /// `quantity`, `unitPrice`, `expectedOn`, or `line` for a new one.
    field: String,
    /// As it is; none for a new line.
    before: Option<String>,
    /// As it would be.
    after: String,
}

/// A proposed change of a released order (UBL OrderChange).
#[derive(SimpleObject, Clone)]
#[graphql(complex)]
pub struct ChangeOrder {
    /// Opaque; begins with `chg_`.
    pub id: ID,
    /// The revision that the order would have.
    revision: i32,
    /// Its state.
    status: ChangeOrderStatus,
    /// Who proposed it.
    proposer: Related<MemberId>,
    /// The row's version, for `expectedVersion`.
    version: i32,
    /// Why it is proposed.
    reason: String,
    /// Why it was refused or taken back.
    decision_reason: Option<String>,
    /// The readable difference.
    changes: Vec<FieldChange>,
    /// The order's net amount before.
    net_amount_before: Money,
    /// The order's net amount after.
    net_amount_after: Money,
    /// The amount level, 0 to 4, that it asks for.
    required_level: i32,
    /// Approvals so far.
    approvals: i32,
    /// When it was proposed.
    created_at: DateTime,
    /// When it was last written.
    updated_at: DateTime,
    /// What you could do to it now, and why not.
    viewer_can: Related<CanKey<ChangeRecord>>,
    #[graphql(skip)]
    order: Uuid,
}

viewer_can!(
    /// What you could do to a change of an order now.
    ChangeOrderViewerCan, ChangeCommand;
    /// Approve (a step of) it.
    approve = Approve,
    /// Refuse it.
    reject = Reject,
    /// Take it back.
    withdraw = Withdraw,
);

impl Previewed for ChangeRecord {
    type Command = ChangeCommand;
    type Can = ChangeOrderViewerCan;
    fn key(&self) -> (Uuid, i32) {
        (self.change.id.0, self.change.trail.version)
    }
    fn questions(&self) -> Vec<Questions<ChangeCommand>> {
        vec![self.asked()]
    }
    fn can(
        &self,
        op: &Op,
        mut answers: Vec<(ChangeCommand, Preview)>,
    ) -> quartermaster_tenants::Result<ChangeOrderViewerCan> {
        if !self.change.is_own(op.account) {
            let forbidden = || Preview::Refused {
                code: Code::Forbidden,
                rule: None,
                message: None,
            };
            let own = answers
                .iter_mut()
                .filter(|(c, a)| *c == ChangeCommand::Withdraw && *a == Preview::Allowed);
            own.for_each(|(_, answer)| *answer = forbidden());
        }
        ChangeOrderViewerCan::of(&answers)
    }
}

impl From<ChangeRecord> for ChangeOrder {
    fn from(r: ChangeRecord) -> Self {
        let can = Related(CanKey(Arc::new(r.clone())));
        let c = r.change;
        let changes = c.changes.into_iter();
        Self {
            id: ID(c.id.to_string()),
            revision: c.revision,
            status: c.status.into(),
            proposer: Related(MemberId(c.creator)),
            version: c.trail.version,
            reason: c.reason,
            decision_reason: c.decision_reason,
            changes: changes
                .map(|f| FieldChange {
                    line_number: f.line_number,
                    field: f.field,
                    before: f.before,
                    after: f.after,
                })
                .collect(),
            net_amount_before: money(c.net.0, &c.currency),
            net_amount_after: money(c.net.1, &c.currency),
            required_level: i32::from(c.required_level.get()),
            approvals: i32::from(c.approvals),
            created_at: DateTime(r.created_at),
            updated_at: DateTime(r.updated_at),
            viewer_can: can,
            order: c.order,
        }
    }
}

#[ComplexObject]
impl ChangeOrder {
    /// The order that it changes.
    async fn purchase_order(&self, ctx: &Context<'_>) -> Result<Option<PurchaseOrder>> {
        one(ctx, PurchaseOrderId(self.order)).await
    }
}

connection!(ChangeOrderConnection, ChangeOrderEdge, ChangeOrder);
payload!(
    /// A change after a mutation.
    ChangeOrderPayload, change_order: ChangeOrder, ChangeOrderId
);

loads!(ChangeOrderId => ChangeOrder, queries::changes_by_ids);

/// Queries about changes.
#[derive(Default)]
pub struct ChangeOrderQuery;

#[Object]
impl ChangeOrderQuery {
    /// A change by its id.
    async fn change_order(&self, ctx: &Context<'_>, id: Id<ChangeOrderId>) -> Result<Option<ChangeOrder>> {
        one(ctx, id.0).await
    }

    /// The changes of an order, or of all orders, newest first: the history of its revisions.
    async fn change_orders(
        &self,
        ctx: &Context<'_>,
        purchase_order_id: Option<Id<PurchaseOrderId>>,
        first: Option<i32>,
        after: Option<String>,
        last: Option<i32>,
        before: Option<String>,
    ) -> Result<ChangeOrderConnection> {
        let s = session(ctx)?;
        let order = purchase_order_id.map(|id| id.uuid());
        let window = window(first, after, last, before, NEWEST)?;
        let page = s.read(queries::changes(&s.db, &s.op, order, &window).await)?;
        let total = count(
            s,
            move |db, op| async move { queries::count_changes(&db, &op, order).await },
        );
        Ok(ChangeOrderConnection::of(page, total))
    }
}

/// What would be different in a line; what is not given stays.
#[derive(InputObject)]
pub struct PurchaseOrderLineChangeInput {
    /// The line.
    line_number: i32,
    /// How much; never under what was received or closed.
    quantity: Option<Decimal>,
    /// The price of one unit.
    unit_price: Option<Decimal>,
    /// When it is wanted.
    expected_on: Option<Date>,
}

/// A change of a released order.
#[derive(InputObject)]
pub struct ChangeOrderCreateInput {
    /// The order.
    purchase_order_id: Id<PurchaseOrderId>,
    /// Lines that are there, changed.
    #[graphql(default)]
    lines: Vec<PurchaseOrderLineChangeInput>,
    /// Lines that are new.
    #[graphql(default)]
    new_lines: Vec<PurchaseOrderLineInput>,
    /// Why; people read it.
    reason: String,
    /// The order's version that you have read.
    expected_order_version: Option<i32>,
}

command_input!(ChangeOrderId;
    /// The change to approve.
    ChangeOrderApproveInput,
);
reason_input!(ChangeOrderId;
    /// The change to refuse.
    ChangeOrderRejectInput,
    /// The change to take back.
    ChangeOrderWithdrawInput,
);

/// Mutations of changes.
#[derive(Default)]
pub struct ChangeOrderMutation;

#[Object]
impl ChangeOrderMutation {
    /// Proposes a change of a released order. One whose amount needs no approval takes effect at once.
    async fn change_order_create(
        &self,
        ctx: &Context<'_>,
        input: ChangeOrderCreateInput,
    ) -> Result<ChangeOrderPayload> {
        let (s, version) = (session(ctx)?, input.expected_order_version);
        let line = |l: PurchaseOrderLineChangeInput| LineChange {
            number: l.line_number,
            quantity: l.quantity.map(|q| q.0),
            unit_price: l.unit_price.map(|p| p.0),
            expected_on: l.expected_on.map(|d| d.0),
        };
        let new = NewChange {
            order: input.purchase_order_id.0,
            lines: input.lines.into_iter().map(line).collect(),
            new_lines: input.new_lines.into_iter().map(Into::into).collect(),
            reason: input.reason,
        };
        Ok(perform!(s, change::create(&s.db, &s.op, &new, version)).into())
    }

    /// Approves (a step of) a change; the order becomes its next revision.
    async fn change_order_approve(
        &self,
        ctx: &Context<'_>,
        input: ChangeOrderApproveInput,
    ) -> Result<ChangeOrderPayload> {
        let (s, id, version) = (session(ctx)?, input.id.0, input.expected_version);
        Ok(about(id, perform!(s, change::approve(&s.db, &s.op, id, version))).into())
    }

    /// Refuses a change; the order stays as it is.
    async fn change_order_reject(
        &self,
        ctx: &Context<'_>,
        input: ChangeOrderRejectInput,
    ) -> Result<ChangeOrderPayload> {
        let (s, id, version) = (session(ctx)?, input.id.0, input.expected_version);
        Ok(about(
            id,
            perform!(s, change::reject(&s.db, &s.op, id, &input.reason, version)),
        )
        .into())
    }

    /// Takes one's own proposal back.
    async fn change_order_withdraw(
        &self,
        ctx: &Context<'_>,
        input: ChangeOrderWithdrawInput,
    ) -> Result<ChangeOrderPayload> {
        let (s, id, version) = (session(ctx)?, input.id.0, input.expected_version);
        Ok(about(
            id,
            perform!(s, change::withdraw(&s.db, &s.op, id, &input.reason, version)),
        )
        .into())
    }
}
