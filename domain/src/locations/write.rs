//! Create, change and close locations: one statement for each table, whatever their number.

use super::location::{Location, LocationKind};
use crate::shared::LocationId;
use quartermaster_tenants::act::{Standing, Subject};
use quartermaster_tenants::event::{Event, Trail};
use quartermaster_tenants::policy::{ControlState, DocumentKind, Duty, duty};
use quartermaster_tenants::tx::{Flight, Rows, TenantTx};
use quartermaster_tenants::{Op, Outcome, Refusal, Result, Tenants, error::Code, params};
use serde_json::json;
use tokio_postgres::Row;
use uuid::Uuid;

const BY_CODE: &str =
    "SELECT l.* FROM qm.location l WHERE l.tenant_id = $1 AND l.code = ANY($2) ORDER BY l.id FOR UPDATE";
const BY_ID: &str = "SELECT l.* FROM qm.location l WHERE l.tenant_id = $1 AND l.id = $2 AND ($3::uuid[] IS NULL OR l.id = ANY($3)) FOR UPDATE";
const REGION: &str = "SELECT r.id FROM qm.region r WHERE r.tenant_id = $1 AND r.id = $2";
const OPEN_ORDERS: &str = "SELECT o.number FROM qm.purchase_order o WHERE o.tenant_id = $1 AND o.location_id = $2 AND o.status NOT IN ('RECEIVED', 'REJECTED', 'CANCELLED') LIMIT 1";
const UPSERT: &str = "INSERT INTO qm.location AS l (tenant_id, id, code, name, kind, status, region_id, gln, street, city, postal_code, subdivision, country, time_zone, version, event_sequence, event_hash, created_at, updated_at) \
    SELECT $1, u.id, u.code, u.name, u.kind, u.status, u.region_id, u.gln, u.street, u.city, u.postal_code, u.subdivision, u.country, u.time_zone, u.version, u.sequence, u.hash, $2, $2 \
    FROM unnest($3::uuid[], $4::text[], $5::text[], $6::text[], $7::text[], $8::uuid[], $9::text[], $10::text[], $11::text[], $12::text[], $13::text[], $14::text[], $15::text[], $16::int[], $17::int[], $18::bytea[]) \
    u (id, code, name, kind, status, region_id, gln, street, city, postal_code, subdivision, country, time_zone, version, sequence, hash) \
    ON CONFLICT (tenant_id, id) DO UPDATE SET name = excluded.name, kind = excluded.kind, status = excluded.status, region_id = excluded.region_id, gln = excluded.gln, street = excluded.street, city = excluded.city, \
    postal_code = excluded.postal_code, subdivision = excluded.subdivision, country = excluded.country, time_zone = excluded.time_zone, version = excluded.version, event_sequence = excluded.event_sequence, \
    event_hash = excluded.event_hash, updated_at = excluded.updated_at";

/// A location as it stands, locked.
#[derive(Debug, Clone)]
pub(crate) struct Existing {
    pub id: Uuid,
    pub status: String,
    pub location: Location,
    pub trail: Trail,
}

pub(crate) fn read(row: &Row) -> Result<Existing> {
    let kind: &str = row.try_get("kind")?;
    Ok(Existing {
        id: row.try_get("id")?,
        status: row.try_get("status")?,
        location: Location {
            code: row.try_get("code")?,
            name: row.try_get("name")?,
            kind: LocationKind::parse(kind)?,
            region: row.try_get("region_id")?,
            gln: row.try_get("gln")?,
            street: row.try_get("street")?,
            city: row.try_get("city")?,
            postal_code: row.try_get("postal_code")?,
            subdivision: row.try_get("subdivision")?,
            country: row.try_get("country")?,
            time_zone: row.try_get("time_zone")?,
        },
        trail: Trail::from_row(row)?,
    })
}

/// Adds the statement that locks the locations with these codes.
pub(crate) fn lookup(op: &Op, codes: Vec<String>, flight: &mut Flight) -> Rows {
    flight.rows(BY_CODE, params![op.tenant.0, codes])
}

/// Records and writes locations as they shall be.
pub(crate) fn write(
    tx: &mut TenantTx<'_>,
    act: Uuid,
    mut all: Vec<Existing>,
    event: Option<&'static str>,
    writes: &mut Flight,
) -> Result<()> {
    for e in &mut all {
        let kind = event.unwrap_or(if e.trail.version == 0 {
            "location-created"
        } else {
            "location-updated"
        });
        e.trail.touch();
        let data = json!({ "status": e.status, "kind": e.location.kind.as_str() });
        tx.record(
            Event::new(kind, "LOCATION", e.id, data).at_location(e.id).of_act(act),
            &mut e.trail,
        )?;
    }
    macro_rules! column {
        ($f:expr) => {
            all.iter().map($f).collect::<Vec<_>>()
        };
    }
    writes.exec(
        UPSERT,
        params![
            tx.op().tenant.0,
            tx.now()?,
            column!(|e| e.id),
            column!(|e| e.location.code.clone()),
            column!(|e| e.location.name.clone()),
            column!(|e| e.location.kind.as_str()),
            column!(|e| e.status.clone()),
            column!(|e| e.location.region),
            column!(|e| e.location.gln.clone()),
            column!(|e| e.location.street.clone()),
            column!(|e| e.location.city.clone()),
            column!(|e| e.location.postal_code.clone()),
            column!(|e| e.location.subdivision.clone()),
            column!(|e| e.location.country.clone()),
            column!(|e| e.location.time_zone.clone()),
            column!(|e| e.trail.version),
            column!(|e| e.trail.sequence),
            column!(|e| e.trail.hash.clone()),
        ],
        all.len() as u64,
    );
    Ok(())
}

/// Opens a location.
///
/// # Errors
/// Refusals of the input, of authority; `DUPLICATE`.
pub async fn create(db: &Tenants, op: &Op, location: Location) -> Result<Outcome> {
    let mut tx = TenantTx::begin(db, op).await?;
    let id = LocationId::fresh();
    let mut reads = Flight::new();
    let there = lookup(op, vec![location.code.trim().replace('\0', "")], &mut reads);
    let region = reads.rows(REGION, params![op.tenant.0, location.region]);
    let subject = Subject::new(DocumentKind::TenantSetting, id);
    let (mut facts, landing) = tx.facts(subject, &[Duty::TenConfig], reads).await?;
    let authorized = facts.authorize::<duty::TenConfig>(&Standing::new_document())?;
    let location = location.checked()?;
    if landing.optional(there).is_some() {
        return Err(Refusal::new(Code::Duplicate, &["code"], "This is in use already.").into());
    }
    if location.region.is_some() && landing.optional(region).is_none() {
        return Err(Refusal::not_found(&["regionId"], "region").into());
    }
    let mut writes = Flight::new();
    let act = authorized.act();
    authorized.sign(&tx, id, 0, &mut writes)?;
    let new = Existing {
        id: id.0,
        status: "ACTIVE".to_owned(),
        location,
        trail: Trail::new(),
    };
    write(&mut tx, act, vec![new], None, &mut writes)?;
    tx.commit(writes, Outcome::done(id, 1)).await
}

/// Changes a location; its code stays.
///
/// # Errors
/// Refusals of the input, of authority, version, state.
pub async fn update(
    db: &Tenants,
    op: &Op,
    id: LocationId,
    expected_version: Option<i32>,
    change: impl FnOnce(Location) -> Location + Send,
) -> Result<Outcome> {
    turn(db, op, id, expected_version, None, change).await
}

/// Closes a location, for good. No order to it may be open.
///
/// # Errors
/// Refusals of authority, version, state.
pub async fn close(db: &Tenants, op: &Op, id: LocationId, expected_version: Option<i32>) -> Result<Outcome> {
    turn(db, op, id, expected_version, Some("location-closed"), |l| l).await
}

async fn turn(
    db: &Tenants,
    op: &Op,
    id: LocationId,
    expected_version: Option<i32>,
    closing: Option<&'static str>,
    change: impl FnOnce(Location) -> Location + Send,
) -> Result<Outcome> {
    let mut tx = TenantTx::begin(db, op).await?;
    let mut flight = Flight::new();
    let scope = op.locations.as_param().map(<[Uuid]>::to_vec);
    let row = flight.rows(BY_ID, params![op.tenant.0, id.0, scope]);
    let open = flight.rows(OPEN_ORDERS, params![op.tenant.0, id.0]);
    let landing = tx.fly(flight).await?;
    let is_open = landing.optional(open).is_some();
    let row = landing
        .optional(row)
        .ok_or_else(|| Refusal::not_found(&["id"], "location"))?;
    let mut current = read(row)?;
    let version = current.trail.version;
    let code = current.location.code.clone();
    let after = Location {
        code,
        ..change(current.location.clone())
    };
    let mut reads = Flight::new();
    let region = reads.rows(REGION, params![op.tenant.0, after.region]);
    let subject = Subject::new(DocumentKind::TenantSetting, id);
    let (mut facts, landing) = tx.facts(subject, &[Duty::TenConfig], reads).await?;
    let permits = current.status == "ACTIVE";
    let authorized = facts.authorize::<duty::TenConfig>(&Standing {
        state: current.status.clone(),
        control: Some(ControlState::Open),
        permits,
        allowed: if permits {
            vec!["locationUpdate".to_owned(), "locationClose".to_owned()]
        } else {
            vec![]
        },
        versions: expected_version.map(|e| (e, version)),
        ..Standing::default()
    })?;
    current.location = after.checked()?;
    if current.location.region.is_some() && landing.optional(region).is_none() {
        return Err(Refusal::not_found(&["regionId"], "region").into());
    }
    if closing.is_some() {
        if is_open {
            return Err(Refusal::new(Code::InvalidState, &["id"], "Orders to this location are open.").into());
        }
        current.status = "CLOSED".to_owned();
    }
    let mut writes = Flight::new();
    let act = authorized.act();
    authorized.sign(&tx, id, version, &mut writes)?;
    write(&mut tx, act, vec![current], closing, &mut writes)?;
    tx.commit(writes, Outcome::done(id, version + 1)).await
}
