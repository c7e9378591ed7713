//! Subscriptions: what changes while you watch. Each message is read anew as the one who watches, so it holds what they may
//! see and nothing else.

use super::error::coded;
use super::id::{Id, uuids};
use super::inventory::InventoryPosition;
use super::loaders::loaders;
use super::node::{Node, load};
use super::scalar::DateTime;
use super::turns::Turns;
use super::{Session, session};
use crate::live::Live;
use async_graphql::{ComplexObject, Context, Enum, ID, Result, SimpleObject, Subscription};
use futures::{Stream, StreamExt, stream};
use quartermaster_domain::inventory;
use quartermaster_domain::inventory::queries::PositionFilter;
use quartermaster_domain::shared::{AnyId, ItemId, LocationId};
use quartermaster_tenants::feed::Happened;
use std::collections::HashSet;
use std::sync::Arc;
use tokio::sync::broadcast::Receiver;
use tokio::sync::broadcast::error::RecvError;
use uuid::Uuid;

/// The most ids of one subscription.
const MOST_IDS: usize = 250;

/// Kinds of documents that can be watched.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Enum)]
pub enum WatchedType {
    /// Purchase orders.
    PurchaseOrder,
    /// Changes of released orders.
    ChangeOrder,
    /// Receipts.
    Receipt,
    /// Differences between what was ordered and what came.
    Discrepancy,
    /// Returns to suppliers.
    SupplierReturn,
    /// Adjustments of stock.
    Adjustment,
    /// Counts of stock.
    StockCount,
    /// Transfers between locations.
    Transfer,
}

impl WatchedType {
    /// The word in events, and the prefix of ids.
    fn words(self) -> (&'static str, &'static str) {
        match self {
            Self::PurchaseOrder => ("PURCHASE_ORDER", "po"),
            Self::ChangeOrder => ("CHANGE_ORDER", "chg"),
            Self::Receipt => ("RECEIPT", "rcp"),
            Self::Discrepancy => ("DISCREPANCY", "dsc"),
            Self::SupplierReturn => ("SUPPLIER_RETURN", "rtv"),
            Self::Adjustment => ("ADJUSTMENT", "adj"),
            Self::StockCount => ("STOCK_COUNT", "cnt"),
            Self::Transfer => ("TRANSFER", "trf"),
        }
    }

    fn of(document_kind: &str) -> Option<Self> {
        <Self as async_graphql::resolver_utils::EnumType>::items()
            .iter()
            .map(|item| item.value)
            .find(|t| t.words().0 == document_kind)
    }
}

/// Something happened to a document that you may see.
#[derive(SimpleObject)]
pub struct DocumentChange {
    /// The business event, such as `purchase-order-approved`.
    event_type: String,
    /// When.
    at: DateTime,
    /// The document's id. Its own: as `id`, clients would keep the change in the document’s place.
    document_id: ID,
    /// The document as it is now.
    document: Node,
}

/// Stock that moved.
#[derive(SimpleObject)]
#[graphql(complex)]
pub struct InventoryPositionChange {
    /// The business event that moved it, such as `goods-received`.
    event_type: String,
    /// When.
    at: DateTime,
    /// The id of the document that moved it.
    document_id: ID,
    /// The stock as it is now.
    position: InventoryPosition,
}

#[ComplexObject]
impl InventoryPositionChange {
    /// The document that moved it; null when you may not see it.
    async fn document(&self, ctx: &Context<'_>) -> Result<Option<Node>> {
        load(ctx, &self.document_id).await
    }
}

/// All subscriptions.
#[derive(Default)]
pub struct LiveSubscription;

#[Subscription]
impl LiveSubscription {
    /// Each change of these documents, or of all documents of these types; without either, of every document that you may
    /// see. A message may come twice; read the document's `version`.
    async fn document_changed(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Only these documents; at most 250.")] ids: Option<Vec<ID>>,
        #[graphql(desc = "Only documents of these types.")] types: Option<Vec<WatchedType>>,
    ) -> Result<impl Stream<Item = Result<DocumentChange>> + use<>> {
        let (session, live) = (session(ctx)?.clone(), live(ctx)?);
        let wanted = Wanted::read(&session, ids, types)?;
        Ok(heard(live.listen().await).filter_map(move |happened| {
            let relevant = wanted.takes(&happened).then_some(happened);
            let session = session.clone();
            async move { changed(&session, relevant?.as_ref()).await.transpose() }
        }))
    }

    /// Stock of these items at these locations whenever it moves or is promised; without either, all that you may see. A
    /// message may come twice, and two movements may show the same stock.
    async fn inventory_position_changed(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Only of these items; at most 250.")] item_ids: Option<Vec<Id<ItemId>>>,
        #[graphql(desc = "Only at these locations; at most 250.")] location_ids: Option<Vec<Id<LocationId>>>,
    ) -> Result<impl Stream<Item = Result<InventoryPositionChange>> + use<>> {
        let (session, live) = (session(ctx)?.clone(), live(ctx)?);
        let many = |ids: Option<usize>| ids.is_some_and(|n| n > MOST_IDS);
        if many(item_ids.as_ref().map(Vec::len)) || many(location_ids.as_ref().map(Vec::len)) {
            return Err(coded("BAD_USER_INPUT", format!("At most {MOST_IDS} ids.")));
        }
        let filter = Arc::new(PositionFilter {
            items: uuids(item_ids),
            locations: uuids(location_ids),
            ..PositionFilter::default()
        });
        let tenant = session.op.tenant.0;
        let moves = move |happened: &Happened| {
            happened.tenant == tenant && inventory::MOVING.contains(&happened.document_kind.as_str())
        };
        Ok(heard(live.listen().await)
            .filter(move |happened| std::future::ready(moves(happened)))
            .then(move |happened| {
                let (session, filter) = (session.clone(), filter.clone());
                async move { moved(&session, &happened, &filter).await }
            })
            .flat_map(stream::iter))
    }
}

fn live<'c>(ctx: &Context<'c>) -> Result<&'c Live> {
    ctx.data_opt::<Live>()
        .ok_or_else(|| coded("UNAVAILABLE", "Subscriptions are not set up here."))
}

/// The messages for one who watches stock: one for each place that the act moved and that they may see.
async fn moved(
    session: &Session,
    happened: &Happened,
    filter: &PositionFilter,
) -> Vec<Result<InventoryPositionChange>> {
    let act = (happened.document, happened.act);
    let found = inventory::queries::positions_moved(&session.db, &session.op, act, filter).await;
    let prefix = WatchedType::of(&happened.document_kind).map_or("doc", |watched| watched.words().1);
    let document = quartermaster_tenants::id::encode(prefix, happened.document);
    match session.read(found) {
        Ok(positions) => positions
            .into_iter()
            .map(|p| {
                Ok(InventoryPositionChange {
                    event_type: happened.kind.clone(),
                    at: DateTime(happened.at),
                    document_id: ID(document.clone()),
                    position: p.into(),
                })
            })
            .collect(),
        Err(fault) => vec![Err(fault)],
    }
}

/// What is heard; one who is too far behind goes on with what is still there.
fn heard(receiver: Receiver<Arc<Happened>>) -> impl Stream<Item = Arc<Happened>> {
    stream::unfold(receiver, |mut receiver| async move {
        loop {
            match receiver.recv().await {
                Ok(happened) => return Some((happened, receiver)),
                Err(RecvError::Lagged(missed)) => tracing::warn!(missed, "a subscriber is too slow"),
                Err(RecvError::Closed) => return None,
            }
        }
    })
}

struct Wanted {
    tenant: Uuid,
    documents: Option<HashSet<Uuid>>,
    types: Option<HashSet<WatchedType>>,
}

impl Wanted {
    fn read(session: &Session, ids: Option<Vec<ID>>, types: Option<Vec<WatchedType>>) -> Result<Self> {
        if ids.as_ref().is_some_and(|ids| ids.len() > MOST_IDS) {
            return Err(coded("BAD_USER_INPUT", format!("At most {MOST_IDS} ids.")));
        }
        let read = |id: &ID| {
            id.parse::<AnyId>()
                .map(|any| any.id)
                .map_err(|e| coded("BAD_USER_INPUT", e.to_string()))
        };
        Ok(Self {
            tenant: session.op.tenant.0,
            documents: ids.map(|ids| ids.iter().map(read).collect()).transpose()?,
            types: types.map(|types| types.into_iter().collect()),
        })
    }

    fn takes(&self, happened: &Arc<Happened>) -> bool {
        happened.tenant == self.tenant
            && self.documents.as_ref().is_none_or(|d| d.contains(&happened.document))
            && WatchedType::of(&happened.document_kind)
                .is_some_and(|kind| self.types.as_ref().is_none_or(|t| t.contains(&kind)))
    }
}

/// The message for one who watches; nothing when they may not see the document.
async fn changed(session: &Session, happened: &Happened) -> Result<Option<DocumentChange>> {
    let Some(watched) = WatchedType::of(&happened.document_kind) else {
        return Ok(None);
    };
    let id = ID(quartermaster_tenants::id::encode(watched.words().1, happened.document));
    let turns = Turns::default();
    let loaders = loaders(session.clone(), turns.clone());
    let found = turns.drive(load(&loaders, &id)).await?;
    Ok(found.map(|document| DocumentChange {
        event_type: happened.kind.clone(),
        at: DateTime(happened.at),
        document_id: id,
        document,
    }))
}
