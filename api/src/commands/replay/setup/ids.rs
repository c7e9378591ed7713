//! The ids that documents name, read back from the tenant by the codes of the files.

use super::{SetupError, Stage, failed, somebody};
use crate::commands::replay::client::{CallError, Caller, text};
use crate::commands::replay::world::Place;
use quartermaster_demo::plan::{Function, TenantPlan};
use serde_json::{Value, json};
use std::collections::BTreeMap;

const LOCATIONS: &str = "query Locations($after: String) { page: locations(first: 250, after: $after) { pageInfo { hasNextPage endCursor } nodes { id code } } }";
const SUPPLIERS: &str = "query Suppliers($after: String) { page: suppliers(first: 250, after: $after) { pageInfo { hasNextPage endCursor } nodes { id code } } }";
const ITEMS: &str = "query Items($after: String) { page: items(first: 250, after: $after) { pageInfo { hasNextPage endCursor } nodes { id code: sku } } }";

/// Reads them.
pub(super) async fn read(stage: &Stage<'_>, tenant: &TenantPlan, place: &Place) -> Result<Place, SetupError> {
    let reader = place.caller(somebody(tenant, Function::CategoryManager)?);
    let what = || failed(format!("the ids of {}", tenant.entry.code));
    Ok(Place {
        tenant: place.tenant.clone(),
        locations: by_code(stage, reader, LOCATIONS).await.map_err(what())?,
        suppliers: by_code(stage, reader, SUPPLIERS).await.map_err(what())?,
        items: by_code(stage, reader, ITEMS).await.map_err(what())?,
    })
}

async fn by_code(stage: &Stage<'_>, reader: Caller<'_>, document: &str) -> Result<BTreeMap<String, String>, CallError> {
    let mut ids = BTreeMap::new();
    let each = |node: &Value| {
        ids.insert(text(&node["code"]), text(&node["id"]));
        Ok(())
    };
    stage.client.pages(reader, document, json!({}), each).await?;
    Ok(ids)
}
