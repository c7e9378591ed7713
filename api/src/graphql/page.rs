//! Relay connections: one pager for all lists.

use super::error::coded;
use super::loaders::{Asks, Batch, LoadError, one};
use super::plan::{Have, Plain, Planner, Selection, Wants, list, object, text};
use crate::{leaf, plan};
use async_graphql::dataloader::Loader;
use async_graphql::parser::types::{Field, SelectionSet};
use async_graphql::registry::Registry;
use async_graphql::{ContextSelectionSet, OutputType, Positioned, Result, ServerResult, SimpleObject, Value};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use quartermaster_domain::shared::{Cursor, Order, Window};
use std::borrow::Cow;
use uuid::Uuid;

/// Rows in a page when nothing else is asked for.
pub const DEFAULT: i64 = 50;
/// The most rows in a page.
pub const MOST: i64 = 250;

/// Where a page lies in its list.
#[derive(SimpleObject, Debug, Clone)]
pub struct PageInfo {
    /// Are there rows behind the last one?
    pub has_next_page: bool,
    /// Are there rows before the first one?
    pub has_previous_page: bool,
    /// The first row's cursor.
    pub start_cursor: Option<PageCursor>,
    /// The last row's cursor.
    pub end_cursor: Option<PageCursor>,
}

plan!(PageInfo {
    has_next_page,
    has_previous_page,
    start_cursor,
    end_cursor
});

/// The rows of a page with their edges, and where it lies in its list.
#[derive(Debug, Clone)]
pub struct Rows<E> {
    /// The rows with their cursors.
    pub edges: Vec<E>,
    /// Where the page lies.
    pub page_info: PageInfo,
}

/// An edge of a connection.
pub trait Edge {
    /// What it leads to.
    type Node;
    /// What it is an edge of.
    type Connection: OutputType;
    /// A row with its cursor.
    fn of(cursor: Cursor, node: Self::Node) -> Self;
    /// Its row.
    fn node(&self) -> &Self::Node;
    /// Its cursor.
    fn cursor(&self) -> &PageCursor;
}

impl<E> Default for Rows<E> {
    fn default() -> Self {
        Self {
            edges: Vec::new(),
            page_info: PageInfo {
                has_next_page: false,
                has_previous_page: false,
                start_cursor: None,
                end_cursor: None,
            },
        }
    }
}

impl<E: Edge> Rows<E> {
    /// The rows of a page of records.
    pub fn of<R: Into<E::Node>>(page: quartermaster_domain::shared::Page<R>) -> Self {
        let (has_next, has_previous) = (page.has_next, page.has_previous);
        let rows = page.rows.into_iter();
        let edges = rows.map(|(row, cursor)| E::of(cursor, row.into())).collect();
        Self::new(edges, has_next, has_previous)
    }

    /// The rows of a page, and whether there are others behind and before them.
    pub fn new(edges: Vec<E>, has_next_page: bool, has_previous_page: bool) -> Self {
        let cursor = |edge: &E| edge.cursor().clone();
        let page_info = PageInfo {
            has_next_page,
            has_previous_page,
            start_cursor: edges.first().map(cursor),
            end_cursor: edges.last().map(cursor),
        };
        Self { edges, page_info }
    }
}

/// A place in a list, opaque to clients and bound to its order. Written only where it is asked for.
#[derive(Debug, Clone)]
pub struct PageCursor(pub Cursor);

impl std::fmt::Display for PageCursor {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Cursor { tag, value, id } = &self.0;
        f.write_str(&URL_SAFE_NO_PAD.encode(format!("{tag}\n{}\n{value}", id.simple())))
    }
}

impl OutputType for PageCursor {
    fn type_name() -> Cow<'static, str> {
        <String as OutputType>::type_name()
    }

    fn create_type_info(registry: &mut Registry) -> String {
        <String as OutputType>::create_type_info(registry)
    }

    async fn resolve(&self, _: &ContextSelectionSet<'_>, _: &Positioned<Field>) -> ServerResult<Value> {
        Ok(Value::String(self.to_string()))
    }
}

leaf!(PageCursor, |cursor, out| text(&cursor.to_string(), out));

fn decode(text: &str, order: Order, argument: &str) -> Result<Cursor> {
    let bad = || {
        coded(
            "BAD_USER_INPUT",
            format!("The cursor in “{argument}” is not one of this list in this order."),
        )
    };
    let bytes = URL_SAFE_NO_PAD.decode(text).map_err(|_| bad())?;
    let plain = String::from_utf8(bytes).map_err(|_| bad())?;
    let mut parts = plain.splitn(3, '\n');
    let (tag, id, value) = (
        parts.next().ok_or_else(bad)?,
        parts.next().ok_or_else(bad)?,
        parts.next().ok_or_else(bad)?,
    );
    if tag != order.tag || value.contains('\0') || !order.accepts(value) {
        return Err(bad());
    }
    Ok(Cursor {
        tag: order.tag,
        value: value.into(),
        id: Uuid::parse_str(id).map_err(|_| bad())?,
    })
}

/// The window that the four arguments of the connection specification ask for.
///
/// # Errors
/// `BAD_USER_INPUT`: both directions at once, a negative or too large number, a cursor of another list.
pub fn window(
    first: Option<i32>,
    after: Option<String>,
    last: Option<i32>,
    before: Option<String>,
    order: Order,
) -> Result<Window> {
    let (limit, from_back) = match (first, last) {
        (Some(_), Some(_)) => {
            return Err(coded("BAD_USER_INPUT", "Give “first” or “last”, not both."));
        }
        (None, Some(last)) => (i64::from(last), true),
        (first, None) => (first.map_or(DEFAULT, i64::from), false),
    };
    if !(0..=MOST).contains(&limit) {
        return Err(coded("BAD_USER_INPUT", format!("A page has 0 to {MOST} rows.")));
    }
    let after = after.map(|c| decode(&c, order, "after")).transpose()?;
    let before = before.map(|c| decode(&c, order, "before")).transpose()?;
    Ok(Window {
        limit,
        from_back,
        after,
        before,
    })
}

/// Declares the connection of a node type: `connection!(PurchaseOrderConnection, PurchaseOrderEdge, PurchaseOrder)`.
/// `Connection::of(page, count)` makes one; `count` is asked only when `totalCount` is selected.
#[macro_export]
macro_rules! connection {
    ($connection:ident, $edge:ident, $node:ty) => {
        /// A page of a list.
        pub struct $connection {
            rows: std::sync::Arc<$crate::graphql::page::Rows<$edge>>,
            count: $crate::graphql::page::Count,
        }

        /// A row of a page with its cursor.
        #[derive(async_graphql::SimpleObject, Clone)]
        pub struct $edge {
            /// Opaque; give it to `after` or `before`.
            cursor: $crate::graphql::page::PageCursor,
            /// The row.
            node: $node,
        }

        /// A page of a list.
        #[async_graphql::Object]
        impl $connection {
            /// The rows with their cursors.
            async fn edges(&self) -> &[$edge] {
                &self.rows.edges
            }
            /// The rows.
            async fn nodes(&self) -> Vec<&$node> {
                self.rows.edges.iter().map(|e| &e.node).collect()
            }
            /// Where the page lies in its list.
            async fn page_info(&self) -> &$crate::graphql::page::PageInfo {
                &self.rows.page_info
            }
            /// How many rows the whole list has; counted only when asked for.
            async fn total_count(&self) -> async_graphql::Result<i64> {
                (self.count)().await
            }
        }

        impl $crate::graphql::page::Edge for $edge {
            type Node = $node;
            type Connection = $connection;
            fn of(cursor: quartermaster_domain::shared::Cursor, node: $node) -> Self {
                let cursor = $crate::graphql::page::PageCursor(cursor);
                Self { cursor, node }
            }
            fn node(&self) -> &$node {
                &self.node
            }
            fn cursor(&self) -> &$crate::graphql::page::PageCursor {
                &self.cursor
            }
        }

        impl $connection {
            /// A connection of a page of records, and the way to count the whole list.
            pub fn of<R: Into<$node>>(
                page: quartermaster_domain::shared::Page<R>,
                count: $crate::graphql::page::Count,
            ) -> Self {
                Self::new(std::sync::Arc::new($crate::graphql::page::Rows::of(page)), count)
            }

            /// A connection of rows that were made before.
            pub fn new(
                rows: std::sync::Arc<$crate::graphql::page::Rows<$edge>>,
                count: $crate::graphql::page::Count,
            ) -> Self {
                Self { rows, count }
            }
        }
    };
}

/// Lets a plan write a connection, but for its `totalCount`: `plan_connection!(PurchaseOrderConnection, PurchaseOrderEdge)`.
#[macro_export]
macro_rules! plan_connection {
    ($connection:ident, $edge:ident) => {
        $crate::plan!($edge { cursor, node });

        impl $crate::graphql::plan::Plain for $connection {
            fn plan<'a>(
                planner: &$crate::graphql::plan::Planner<'_, 'a>,
                set: &'a async_graphql::Positioned<async_graphql::parser::types::SelectionSet>,
            ) -> Option<$crate::graphql::plan::Selection> {
                $crate::graphql::page::Rows::<$edge>::plan(planner, set)
            }
            fn want<'s>(
                &self,
                selection: &'s $crate::graphql::plan::Selection,
                wants: &mut $crate::graphql::plan::Wants<'s>,
            ) {
                self.rows.want(selection, wants);
            }
            fn write(
                &self,
                selection: &$crate::graphql::plan::Selection,
                have: &$crate::graphql::plan::Have,
                out: &mut Vec<u8>,
            ) {
                self.rows.write(selection, have, out);
            }
        }
    };
}

impl<E: Edge + Plain> Plain for Rows<E>
where
    E::Node: Plain,
{
    fn plan<'a>(planner: &Planner<'_, 'a>, set: &'a Positioned<SelectionSet>) -> Option<Selection> {
        planner.object(&E::Connection::type_name(), set, |asked| {
            let (field, selection) = match asked.name() {
                "edges" => (0, E::plan(planner, asked.set)?),
                "nodes" => (1, <E::Node as Plain>::plan(planner, asked.set)?),
                "pageInfo" => (2, PageInfo::plan(planner, asked.set)?),
                _ => return None,
            };
            Some((field, selection, None))
        })
    }

    fn want<'s>(&self, selection: &'s Selection, wants: &mut Wants<'s>) {
        for chosen in &selection.fields {
            match chosen.field {
                0 => self.edges.want(&chosen.selection, wants),
                1 => self.edges.iter().for_each(|e| e.node().want(&chosen.selection, wants)),
                _ => {}
            }
        }
    }

    fn write(&self, selection: &Selection, have: &Have, out: &mut Vec<u8>) {
        object(selection, out, |chosen, out| match chosen.field {
            0 => self.edges.write(&chosen.selection, have, out),
            1 => list(self.edges.iter().map(Edge::node), &chosen.selection, have, out),
            2 => self.page_info.write(&chosen.selection, have, out),
            _ => text(&E::Connection::type_name(), out),
        });
    }
}

/// The order of a list that is loaded whole: by place, from 0.
pub const BY_PLACE: Order = Order::ascending("place", "place", "integer");

/// The part of a list that is loaded whole, which [`window`] of [`BY_PLACE`] asks for, and its length.
pub fn part<T>(rows: Vec<T>, of: Uuid, w: &Window) -> (quartermaster_domain::shared::Page<T>, Count) {
    let total = rows.len();
    let place = |c: &Option<Cursor>| c.as_ref().and_then(|c| c.value.parse::<usize>().ok());
    let from = place(&w.after).map_or(0, |p| p.saturating_add(1)).min(total);
    let to = place(&w.before).unwrap_or(total).clamp(from, total);
    let limit = usize::try_from(w.limit).unwrap_or_default().min(to - from);
    let (from, to) = if w.from_back {
        (to - limit, to)
    } else {
        (from, from + limit)
    };
    let cursor = |p: usize| Cursor {
        tag: BY_PLACE.tag,
        value: p.to_string().into(),
        id: of,
    };
    let rows = rows.into_iter().enumerate().skip(from).take(to - from);
    let page = quartermaster_domain::shared::Page {
        rows: rows.map(|(p, row)| (row, cursor(p))).collect(),
        has_next: to < total,
        has_previous: from > 0,
    };
    (page, Box::new(move || Box::pin(async move { Ok(total as i64) })))
}

/// Counts a whole list when it is asked to.
pub type Count = Box<dyn Fn() -> futures::future::BoxFuture<'static, Result<i64>> + Send + Sync>;

/// A [`Count`] of a domain query: `count(&session, move |db, op| async move { count_orders(&db, &op, &filter).await })`.
pub fn count<F, Fut>(session: &super::Session, query: F) -> Count
where
    F: Fn(quartermaster_tenants::Tenants, std::sync::Arc<quartermaster_tenants::Op>) -> Fut + Send + Sync + 'static,
    Fut: Future<Output = quartermaster_tenants::Result<i64>> + Send + 'static,
{
    let (db, op) = (session.db.clone(), session.op.clone());
    Box::new(move || {
        let (request, counted) = (op.request_id, query(db.clone(), op.clone()));
        Box::pin(async move { counted.await.map_err(|e| super::error::fault(e, request)) })
    })
}

/// A [`Count`] of a list inside a node: those of all nodes of a list load with one statement.
///
/// # Errors
/// `UNAUTHENTICATED` for a request without a credential.
pub fn counted<K>(ctx: &async_graphql::Context<'_>, key: K) -> Result<Count>
where
    K: Send + Sync + std::hash::Hash + Eq + Clone + 'static,
    Batch: Loader<K, Value = i64, Error = LoadError>,
{
    let loaders = ctx.loaders()?.clone();
    Ok(Box::new(move || {
        let (loaders, key) = (loaders.clone(), key.clone());
        Box::pin(async move { Ok(one(&loaders, key).await?.unwrap_or_default()) })
    }))
}

#[cfg(test)]
mod tests;
