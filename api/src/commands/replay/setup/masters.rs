//! Stores, suppliers and items, written as they will be once approved. The API does not take them yet; when it does, the
//! stewards of the plan propose them and their approvers approve.

use super::{SetupError, Stage, document};
use crate::commands::replay::world::Place;
use quartermaster_demo::plan::{Function, TenantPlan};
use quartermaster_tenants::authenticate::Denied;
use quartermaster_tenants::id::{TenantId, encode};
use quartermaster_tenants::tx::params;
use quartermaster_tenants::{Flight, Outcome, TenantTx};
use uuid::Uuid;

const LOCATIONS: &str = "INSERT INTO qm.location (tenant_id, id, code, name, kind, status, street, city, postal_code, country, time_zone, version, event_sequence, event_hash, created_at, updated_at) \
    SELECT $1, u.id, u.code, u.name, 'STORE', 'ACTIVE', nullif(u.street, ''), nullif(u.city, ''), nullif(u.postal_code, ''), $2, $3, 1, 0, '', $4, $4 \
    FROM unnest($5::uuid[], $6::text[], $7::text[], $8::text[], $9::text[], $10::text[]) u (id, code, name, street, city, postal_code) ON CONFLICT DO NOTHING";
const SUPPLIERS: &str = "INSERT INTO qm.supplier (tenant_id, id, code, legal_name, status, currency, version, event_sequence, event_hash, created_at, updated_at) \
    SELECT $1, u.id, u.code, u.name, 'ACTIVE', $2, 1, 0, '', $3, $3 FROM unnest($4::uuid[], $5::text[], $6::text[]) u (id, code, name) ON CONFLICT DO NOTHING";
const ITEMS: &str = "INSERT INTO qm.item (tenant_id, id, sku, name, base_unit, status, version, event_sequence, event_hash, created_at, updated_at) \
    SELECT $1, u.id, u.sku, u.name, 'EA', 'ACTIVE', 1, 0, '', $2, $2 FROM unnest($3::uuid[], $4::text[], $5::text[]) u (id, sku, name) ON CONFLICT DO NOTHING";
const PACKS: &str = "INSERT INTO qm.item_pack (tenant_id, id, unit, level, base_quantity) \
    SELECT $1, u.id, 'CS', 'CASE', u.pack FROM unnest($2::uuid[], $3::bigint[]) u (id, pack) WHERE u.pack > 1 ON CONFLICT DO NOTHING";

/// Writes them and notes their ids; a repeat changes nothing.
pub(super) async fn write(stage: &Stage<'_>, tenant: &TenantPlan, place: &mut Place) -> Result<(), SetupError> {
    let code = &tenant.entry.code;
    let failed = |source| SetupError::Act {
        what: format!("the master data of {code}"),
        source,
    };
    let id: TenantId = place.tenant.parse().unwrap_or(TenantId(Uuid::nil()));
    let admin = tenant
        .office(Function::TenantAdmin)
        .next()
        .ok_or_else(|| SetupError::Person {
            who: format!("the tenant administrator of {code}"),
            source: Denied::NoAccount,
        })?;
    let op = stage.op(admin, id).await?;
    let named = |kind: &str, number: &str| stage.id(&format!("{code}/{number}"), kind);
    let description = &stage.plan.description;
    let mut tx = TenantTx::begin(stage.db, &op).await.map_err(failed)?;
    let now = tx.clock().await.map_err(failed)?;

    let stores = &tenant.stores;
    let vendors: Vec<_> = tenant
        .vendors
        .iter()
        .filter_map(|number| stage.plan.vendors.get(number))
        .collect();
    let items: Vec<_> = tenant
        .items
        .iter()
        .filter_map(|number| stage.plan.items.get(number))
        .collect();
    let store_ids: Vec<Uuid> = stores.iter().map(|s| named("location", &s.number)).collect();
    let vendor_ids: Vec<Uuid> = vendors.iter().map(|v| named("supplier", &v.number)).collect();
    let item_ids: Vec<Uuid> = items.iter().map(|i| named("item", &i.number)).collect();
    let texts = |of: Vec<&str>| of.iter().map(|t| t.trim().to_owned()).collect::<Vec<String>>();
    let mut writes = Flight::new();
    let rows = params![
        id.0,
        description.country.clone(),
        description.time_zone.clone(),
        now,
        store_ids.clone(),
        texts(stores.iter().map(|s| s.number.as_str()).collect()),
        texts(stores.iter().map(|s| s.name.as_str()).collect()),
        texts(stores.iter().map(|s| s.address.as_str()).collect()),
        texts(stores.iter().map(|s| s.city.as_str()).collect()),
        texts(stores.iter().map(|s| s.postal_code.as_str()).collect())
    ];
    writes.exec_any(LOCATIONS, rows);
    let rows = params![
        id.0,
        description.currency.clone(),
        now,
        vendor_ids.clone(),
        texts(vendors.iter().map(|v| v.number.as_str()).collect()),
        texts(vendors.iter().map(|v| v.name.as_str()).collect())
    ];
    writes.exec_any(SUPPLIERS, rows);
    let rows = params![
        id.0,
        now,
        item_ids.clone(),
        texts(items.iter().map(|i| i.number.as_str()).collect()),
        texts(items.iter().map(|i| i.description.as_str()).collect())
    ];
    writes.exec_any(ITEMS, rows);
    let packs: Vec<i64> = items.iter().map(|i| i64::from(i.pack)).collect();
    writes.exec_any(PACKS, params![id.0, item_ids.clone(), packs]);
    let done = tx.commit(writes, Outcome::done(id, 1)).await;
    document(done, &format!("the master data of {code}"))?;

    let numbered = |prefix: &str, numbers: Vec<&String>, ids: Vec<Uuid>| {
        numbers
            .into_iter()
            .cloned()
            .zip(ids.into_iter().map(|id| encode(prefix, id)))
            .collect()
    };
    place.locations = numbered("loc", stores.iter().map(|s| &s.number).collect(), store_ids);
    place.suppliers = numbered("sup", vendors.iter().map(|v| &v.number).collect(), vendor_ids);
    place.items = numbered("itm", items.iter().map(|i| &i.number).collect(), item_ids);
    Ok(())
}
