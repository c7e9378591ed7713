//! What one person proposes and another approves: changes of suppliers and items, price lists.

use super::id::{Id, uuids};
use super::loaders::{Batch, LoadError, one};
use super::page::{count, window};
use super::payload::about;
use super::preview::CanKey;
use super::related::{MaybeRelated, Related};
use super::scalar::DateTime;
use super::session;
use crate::{command_input, connection, payload, perform, previewed, reason_input, viewer_can};
use async_graphql::dataloader::Loader;
use async_graphql::{ComplexObject, Context, Enum, ID, InputObject, Object, Result, SimpleObject};
use quartermaster_domain::changes::queries::{self, ChangeFilter, ChangeRecord};
use quartermaster_domain::changes::{self, ChangeCommand, ChangeKind};
use quartermaster_domain::shared::{ItemChangeId, ItemId, MemberId, PriceListId, SupplierChangeId, SupplierId};
use std::collections::HashMap;
use std::sync::Arc;
use uuid::Uuid;

/// Where a change stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "changes::ChangeStatus")]
pub enum MasterChangeStatus {
    /// An import is still being read into it.
    Draft,
    /// Waiting for another person.
    Pending,
    /// Approved, and applied in the same moment.
    Approved,
    /// Refused.
    Rejected,
    /// Taken back.
    Withdrawn,
}

/// What a change does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "changes::Action")]
pub enum MasterChangeAction {
    /// A new record.
    Create,
    /// Another content.
    Update,
    /// A supplier ends.
    Close,
    /// An item may be ordered again.
    Activate,
    /// An item may be ordered no more.
    Deactivate,
    /// A list of prices.
    Prices,
    /// Many records of a file.
    Import,
}

/// The orders in which changes can be listed; ties are broken by id.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum, Default)]
pub enum MasterChangeOrder {
    /// Newest first.
    #[default]
    CreatedAtDesc,
    /// Oldest first.
    CreatedAtAsc,
}

/// One field that a change changes, as people read it.
#[derive(SimpleObject, Clone)]
pub struct FieldDifference {
    /// The field.
    field: String,
    /// What it was.
    before: Option<String>,
    /// What it shall be.
    after: Option<String>,
}

/// One record of a change.
#[derive(SimpleObject, Clone)]
pub struct MasterChangeLine {
    /// Its place in the change.
    line_number: i32,
    /// What it does.
    action: MasterChangeAction,
    /// In which fields.
    differences: Vec<FieldDifference>,
}

viewer_can!(
    /// What you could do to a change now.
    MasterChangeViewerCan, ChangeCommand;
    /// Approve it: it is applied at once.
    approve = Approve,
    /// Refuse it.
    reject = Reject,
    /// Take it back.
    withdraw = Withdraw,
);

previewed!(ChangeRecord, ChangeCommand, MasterChangeViewerCan, |r| (
    r.change.id,
    r.change.trail.version
));

/// Asks for lines of a change: at most so many behind a number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct MasterLinesKey {
    change: Uuid,
    after: i32,
    limit: i64,
}

impl Loader<MasterLinesKey> for Batch {
    type Value = Vec<MasterChangeLine>;
    type Error = LoadError;
    async fn load(&self, keys: &[MasterLinesKey]) -> Result<HashMap<MasterLinesKey, Self::Value>, LoadError> {
        let windows: Vec<_> = keys.iter().map(|k| (k.change, k.after, k.limit)).collect();
        let found = queries::change_lines(&self.session.db, &self.session.op, &windows).await?;
        Ok(keys.iter().copied().zip(found.into_iter().map(told)).collect())
    }
}

fn told(lines: Vec<queries::ChangeLineRecord>) -> Vec<MasterChangeLine> {
    let difference = |d: changes::Difference| FieldDifference {
        field: d.field,
        before: d.before,
        after: d.after,
    };
    let line = |l: queries::ChangeLineRecord| MasterChangeLine {
        line_number: l.number,
        action: l.action.into(),
        differences: l.differences.into_iter().map(difference).collect(),
    };
    lines.into_iter().map(line).collect()
}

macro_rules! change_node {
    ($(#[$doc:meta])* $node:ident, $id:ident, $kind:ident, $target:ident, $filter:ident, $connection:ident, $edge:ident, $query:ident, $mutation:ident,
     $payload:ident, $field:ident, $one:ident, $many:ident, $approve:ident, $reject:ident, $withdraw:ident, $approve_input:ident, $reject_input:ident, $withdraw_input:ident) => {
        $(#[$doc])*
        #[derive(SimpleObject, Clone)]
        #[graphql(complex)]
        pub struct $node {
            /// Opaque; its prefix tells what it is.
            pub id: ID,
            /// Where it stands.
            status: MasterChangeStatus,
            /// What it does.
            action: MasterChangeAction,
            /// What people call it.
            name: Option<String>,
            /// The record that it is about, or whose prices these are; none for a file.
            target: MaybeRelated<$target>,
            /// The target's id.
            target_id: Option<ID>,
            /// How many records.
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
            viewer_can: Related<CanKey<ChangeRecord>>,
            #[graphql(skip)]
            uuid: Uuid,
        }

        impl From<ChangeRecord> for $node {
            fn from(r: ChangeRecord) -> Self {
                let can = Related(CanKey(Arc::new(r.clone())));
                let c = &r.change;
                Self {
                    id: ID($id(c.id).to_string()),
                    status: c.status.into(),
                    action: c.action.into(),
                    name: c.name.clone(),
                    target_id: c.target.map(|t| ID($target(t).to_string())),
                    target: MaybeRelated(c.target.map($target)),
                    line_count: c.line_count,
                    proposer_id: ID(MemberId(c.proposer).to_string()),
                    proposer: Related(MemberId(c.proposer)),
                    decider_id: c.decider.map(|d| ID(MemberId(d).to_string())),
                    decider: MaybeRelated(c.decider.map(MemberId)),
                    reason: c.reason.clone(),
                    version: c.trail.version,
                    created_at: DateTime(r.created_at),
                    updated_at: DateTime(r.updated_at),
                    viewer_can: can,
                    uuid: c.id,
                }
            }
        }

        #[ComplexObject]
        impl $node {
            /// Its records with their readable differences, at most 250 behind line number `after`.
            async fn lines(&self, ctx: &Context<'_>, first: Option<i32>, after: Option<i32>) -> Result<Vec<MasterChangeLine>> {
                let key = MasterLinesKey {
                    change: self.uuid,
                    after: after.unwrap_or(0),
                    limit: i64::from(first.unwrap_or(50).clamp(0, 250)),
                };
                Ok(one(ctx, key).await?.unwrap_or_default())
            }
        }

        connection!($connection, $edge, $node);
        payload!(
            /// A change after a mutation.
            $payload, $field: $node, $id
        );
        command_input!($id;
            /// Which change to approve.
            $approve_input,
        );
        reason_input!($id;
            /// Which change to refuse, and why.
            $reject_input,
            /// Which change to take back, and why.
            $withdraw_input,
        );

        impl Loader<$id> for Batch {
            type Value = $node;
            type Error = LoadError;
            async fn load(&self, keys: &[$id]) -> Result<HashMap<$id, $node>, LoadError> {
                let ids: Vec<Uuid> = keys.iter().map(|k| k.0).collect();
                let found = queries::changes_by_ids(&self.session.db, &self.session.op, &ids).await?;
                let of_kind = found.into_iter().filter(|(_, r)| r.change.kind == ChangeKind::$kind);
                Ok(of_kind.map(|(id, r)| ($id(id), r.into())).collect())
            }
        }

        /// Which changes are wanted; all conditions together.
        #[derive(InputObject, Default)]
        pub struct $filter {
            /// With one of these ids.
            ids: Option<Vec<Id<$id>>>,
            /// In one of these states.
            statuses: Option<Vec<MasterChangeStatus>>,
            /// About one of these records.
            target_ids: Option<Vec<Id<$target>>>,
        }

        /// Queries about changes of this kind.
        #[derive(Default)]
        pub struct $query;

        #[Object]
        impl $query {
            /// A change by its id.
            async fn $one(&self, ctx: &Context<'_>, id: Id<$id>) -> Result<Option<$node>> {
                one(ctx, id.0).await
            }

            /// Changes, newest first unless asked otherwise: what waits for approval, and what was.
            #[allow(clippy::too_many_arguments)]
            async fn $many(
                &self,
                ctx: &Context<'_>,
                filter: Option<$filter>,
                #[graphql(default)] order_by: MasterChangeOrder,
                first: Option<i32>,
                after: Option<String>,
                last: Option<i32>,
                before: Option<String>,
            ) -> Result<$connection> {
                let s = session(ctx)?;
                let order = queries::ORDERS[order_by as usize];
                let window = window(first, after, last, before, order)?;
                let f = filter.unwrap_or_default();
                let filter = Arc::new(ChangeFilter {
                    kind: Some(ChangeKind::$kind),
                    ids: uuids(f.ids),
                    statuses: f.statuses.map(|s| s.into_iter().map(Into::into).collect()),
                    targets: uuids(f.target_ids),
                });
                let page = s.read(queries::changes(&s.db, &s.op, &filter, order, &window).await)?;
                let total = count(s, move |db, op| {
                    let filter = filter.clone();
                    async move { queries::count_changes(&db, &op, &filter).await }
                });
                Ok($connection::of(page, total))
            }
        }

        /// Decisions on changes of this kind.
        #[derive(Default)]
        pub struct $mutation;

        #[Object]
        impl $mutation {
            /// Approves a change: it is applied at once. Whoever proposed it cannot.
            async fn $approve(&self, ctx: &Context<'_>, input: $approve_input) -> Result<$payload> {
                let (s, id, version) = (session(ctx)?, input.id.0, input.expected_version);
                Ok(about(id, perform!(s, changes::approve(&s.db, &s.op, ChangeKind::$kind, id.0, version))).into())
            }

            /// Refuses a change.
            async fn $reject(&self, ctx: &Context<'_>, input: $reject_input) -> Result<$payload> {
                let (s, id, version) = (session(ctx)?, input.id.0, input.expected_version);
                Ok(about(id, perform!(s, changes::reject(&s.db, &s.op, ChangeKind::$kind, id.0, &input.reason, version))).into())
            }

            /// Takes a change back that nobody has decided.
            async fn $withdraw(&self, ctx: &Context<'_>, input: $withdraw_input) -> Result<$payload> {
                let (s, id, version) = (session(ctx)?, input.id.0, input.expected_version);
                let reason = Some(input.reason.as_str());
                Ok(about(id, perform!(s, changes::withdraw(&s.db, &s.op, ChangeKind::$kind, id.0, reason, version))).into())
            }
        }
    };
}

change_node!(
    /// A proposed change of suppliers.
    SupplierChange, SupplierChangeId, Supplier, SupplierId, SupplierChangeFilter, SupplierChangeConnection, SupplierChangeEdge, SupplierChangeQuery,
    SupplierChangeMutation, SupplierChangePayload, supplier_change, supplier_change, supplier_changes, supplier_change_approve, supplier_change_reject,
    supplier_change_withdraw, SupplierChangeApproveInput, SupplierChangeRejectInput, SupplierChangeWithdrawInput
);
change_node!(
    /// A proposed change of items.
    ItemChange, ItemChangeId, Item, ItemId, ItemChangeFilter, ItemChangeConnection, ItemChangeEdge, ItemChangeQuery, ItemChangeMutation,
    ItemChangePayload, item_change, item_change, item_changes, item_change_approve, item_change_reject, item_change_withdraw,
    ItemChangeApproveInput, ItemChangeRejectInput, ItemChangeWithdrawInput
);
change_node!(
    /// Proposed prices and terms of a supplier.
    PriceList, PriceListId, Price, SupplierId, PriceListFilter, PriceListConnection, PriceListEdge, PriceListQuery, PriceListMutation,
    PriceListPayload, price_list, price_list, price_lists, price_list_approve, price_list_reject, price_list_withdraw,
    PriceListApproveInput, PriceListRejectInput, PriceListWithdrawInput
);
