//! The node.

use super::line::{BY_NUMBER, LineCountKey, Lines, LinesKey, PurchaseOrderLineConnection};
use crate::graphql::loaders::{Batch, LoadError, one};
use crate::graphql::money::{Money, money};
use crate::graphql::page::{counted, window};
use crate::graphql::plan::{Ahead, Planned};
use crate::graphql::preview::CanKey;
use crate::graphql::related::Related;
use crate::graphql::scalar::{CurrencyCode, Date, DateTime};
use crate::graphql::session;
use crate::{connection, plan, plan_connection, plan_enum};
use async_graphql::dataloader::Loader;
use async_graphql::{ComplexObject, Context, Enum, ID, Result, SimpleObject};
use quartermaster_domain::purchasing;
use quartermaster_domain::purchasing::queries::{self, Beside, OrderRecord};
use quartermaster_domain::shared::{ItemId, LocationId, MemberId, PurchaseOrderId, SupplierId};
use std::any::TypeId;
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
    /// Who is to deliver.
    supplier: Related<SupplierId>,
    /// Where the goods are wanted.
    location: Related<LocationId>,
    /// Who made it.
    buyer: Related<MemberId>,
    /// The business version: rises with each approved change.
    revision: i32,
    /// The pass through approval; rises each time it goes back to its maker.
    round: i32,
    /// The row's version, for `expectedVersion`.
    version: i32,
    /// The amount level, 0 to 4, that it was submitted at; null while you receive it blind.
    required_level: Option<i32>,
    /// Approvals in this round.
    approvals: i32,
    /// The currency of its amounts.
    currency_code: CurrencyCode,
    /// The sum of its lines before tax; null while you receive it blind.
    net_amount: Option<Money>,
    /// The tax of its lines; null while you receive it blind.
    tax_amount: Option<Money>,
    /// Net and tax; null while you receive it blind.
    total_amount: Option<Money>,
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
    /// What you could do to it now, and why not.
    viewer_can: Related<CanKey<OrderRecord>>,
    #[graphql(skip)]
    record: Arc<OrderRecord>,
}

impl From<OrderRecord> for PurchaseOrder {
    fn from(r: OrderRecord) -> Self {
        let r = Arc::new(r);
        Self {
            id: ID(PurchaseOrderId(r.id).into()),
            number: r.number.clone(),
            status: r.status.into(),
            supplier: Related(SupplierId(r.supplier)),
            location: Related(LocationId(r.location)),
            buyer: Related(MemberId(r.buyer)),
            revision: r.revision,
            round: r.round,
            version: r.version,
            required_level: r.required_level.map(i32::from),
            approvals: i32::from(r.approvals),
            currency_code: r.currency.as_str().into(),
            net_amount: r.net.map(|net| money(net, &r.currency)),
            tax_amount: r.tax.map(|tax| money(tax, &r.currency)),
            total_amount: r.net.zip(r.tax).map(|(net, tax)| money(net + tax, &r.currency)),
            ordered_on: Date(r.ordered_on),
            expected_on: r.expected_on.map(Date),
            note: r.note.clone(),
            reference: r.reference.clone(),
            reason: r.reason.clone(),
            created_at: DateTime(r.created_at),
            updated_at: DateTime(r.updated_at),
            viewer_can: Related(CanKey(r.clone())),
            record: r,
        }
    }
}

#[ComplexObject]
impl PurchaseOrder {
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
        let rows = one(ctx, self.lines_key(Lines::within(&w))).await?.unwrap_or_default();
        let total = counted(ctx, LineCountKey(self.record.id))?;
        Ok(PurchaseOrderLineConnection::new(rows, total))
    }
}

impl PurchaseOrder {
    pub(super) fn lines_key(&self, lines: Lines) -> LinesKey {
        LinesKey {
            order: self.record.id,
            currency: self.currency_code.0.clone(),
            lines,
        }
    }
}

plan!(PurchaseOrder {
    id,
    number,
    status,
    supplier,
    location,
    revision,
    round,
    version,
    required_level,
    approvals,
    currency_code,
    net_amount,
    tax_amount,
    total_amount,
    ordered_on,
    expected_on,
    note,
    reference,
    reason,
    created_at,
    updated_at
} with Lines as lines);
plan_connection!(PurchaseOrderConnection, PurchaseOrderEdge);
plan_enum!(PurchaseOrderStatus);
connection!(PurchaseOrderConnection, PurchaseOrderEdge, PurchaseOrder);

/// An order by its id, in one round trip with what its page shows: supplier, lines and their items, as far as they are selected.
pub(super) async fn with_detail(ctx: &Context<'_>, id: PurchaseOrderId) -> Result<Option<Planned<PurchaseOrder>>> {
    let Some(mut ahead) = Ahead::of::<PurchaseOrder>(ctx) else {
        return Ok(one(ctx, id).await?.map(Planned::of));
    };
    let s = session(ctx)?;
    let selection = ahead.selection();
    let lines = selection.argued::<Lines>();
    let beside = Beside {
        supplier: selection.reaches::<SupplierId>(),
        lines: lines.map(|(lines, _)| lines.wanted()),
        items: lines.is_some_and(|(_, of_lines)| of_lines.reaches::<ItemId>()),
        last: ahead.ends_with(&[TypeId::of::<SupplierId>(), TypeId::of::<ItemId>()]),
    };
    let lines = lines.map(|(lines, _)| *lines);
    let Some(found) = s.read(queries::order(&s.db, &s.op, id.0, beside).await)? else {
        return Ok(None);
    };
    let order = PurchaseOrder::from(found.order);
    ahead.bring::<SupplierId>(
        found
            .supplier
            .map(|supplier| (SupplierId(supplier.id), supplier.into())),
    );
    ahead.bring::<ItemId>(found.items.into_iter().map(|item| (ItemId(item.id), item.into())));
    if let Some(lines) = lines {
        let key = order.lines_key(lines);
        let rows = key.rows(found.lines);
        ahead.bring::<LinesKey>([(key, rows)]);
    }
    Ok(Some(Planned::with(order, Some(ahead))))
}

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
