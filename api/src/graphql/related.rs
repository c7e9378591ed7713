//! Fields that lead to another node: declared as plain fields with the other's id, loaded when they are selected.

use super::loaders::{Asks, Batch, LoadError, one};
use super::plan::{Have, Plain, Planner, Selection, Wants};
use async_graphql::dataloader::Loader;
use async_graphql::parser::types::{Field, SelectionSet};
use async_graphql::registry::Registry;
use async_graphql::{ContextSelectionSet, OutputType, Positioned, ServerResult, Value};
use std::any::TypeId;
use std::borrow::Cow;
use std::hash::Hash;

/// What a key leads to.
type Node<K> = <Batch as Loader<K>>::Value;

/// A node that is always there: the database holds the reference, and whoever may see the one may see the other.
#[derive(Debug, Clone, Copy)]
pub struct Related<K>(pub K);

/// A node that there need not be, or that the viewer may not see: then it is null.
#[derive(Debug, Clone, Copy)]
pub struct MaybeRelated<K>(pub Option<K>);

async fn load<K>(key: K, ctx: &ContextSelectionSet<'_>, field: &Positioned<Field>) -> ServerResult<Option<Value>>
where
    K: Send + Sync + Hash + Eq + Clone + 'static,
    Batch: Loader<K, Error = LoadError>,
    Node<K>: OutputType,
{
    let found = one(ctx, key)
        .await
        .map_err(|e| ctx.set_error_path(e.into_server_error(field.pos)))?;
    match found {
        Some(node) => node.resolve(ctx, field).await.map(Some),
        None => Ok(None),
    }
}

impl<K> OutputType for Related<K>
where
    K: Send + Sync + Hash + Eq + Clone + 'static,
    Batch: Loader<K, Error = LoadError>,
    Node<K>: OutputType,
{
    fn type_name() -> Cow<'static, str> {
        Node::<K>::type_name()
    }

    fn create_type_info(registry: &mut Registry) -> String {
        Node::<K>::create_type_info(registry)
    }

    async fn resolve(&self, ctx: &ContextSelectionSet<'_>, field: &Positioned<Field>) -> ServerResult<Value> {
        match load(self.0.clone(), ctx, field).await? {
            Some(value) => Ok(value),
            None => {
                let gone = ctx
                    .loaders()
                    .map(|l| super::error::fault(missing(field), l.loader().session.op.request_id));
                let gone = gone.unwrap_or_else(|e| e);
                Err(ctx.set_error_path(gone.into_server_error(field.pos)))
            }
        }
    }
}

fn missing(field: &Positioned<Field>) -> quartermaster_tenants::Error {
    quartermaster_tenants::Error::internal(format!("{} leads nowhere", field.node.name.node))
}

impl<K> OutputType for MaybeRelated<K>
where
    K: Send + Sync + Hash + Eq + Clone + 'static,
    Batch: Loader<K, Error = LoadError>,
    Node<K>: OutputType,
{
    fn type_name() -> Cow<'static, str> {
        Node::<K>::type_name()
    }

    fn qualified_type_name() -> String {
        Option::<Node<K>>::qualified_type_name()
    }

    fn create_type_info(registry: &mut Registry) -> String {
        Option::<Node<K>>::create_type_info(registry)
    }

    async fn resolve(&self, ctx: &ContextSelectionSet<'_>, field: &Positioned<Field>) -> ServerResult<Value> {
        let Some(key) = self.0.clone() else {
            return Ok(Value::Null);
        };
        match load(key, ctx, field).await {
            Ok(value) => Ok(value.unwrap_or_default()),
            Err(error) => {
                ctx.add_error(error);
                Ok(Value::Null)
            }
        }
    }
}

impl<K> Plain for Related<K>
where
    K: Send + Sync + Hash + Eq + Clone + 'static,
    Batch: Loader<K, Error = LoadError>,
    Node<K>: Plain,
{
    fn plan<'a>(planner: &Planner<'_, 'a>, set: &'a Positioned<SelectionSet>) -> Option<Selection> {
        let key = Some(TypeId::of::<K>());
        Node::<K>::plan(planner, set).map(|selection| Selection { key, ..selection })
    }

    fn want<'s>(&self, selection: &'s Selection, wants: &mut Wants<'s>) {
        wants.push(&self.0, selection, true);
    }

    fn write(&self, selection: &Selection, have: &Have, out: &mut Vec<u8>) {
        if let Some(node) = have.get(&self.0) {
            node.write(selection, have, out);
        }
    }
}
