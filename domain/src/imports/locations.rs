//! Lines of location files: in force with their chunk, since locations are a setting and no thing of two people.

use super::chunk::{Reading, Verdicts};
use super::claims::Claim;
use super::columns::{Column, optional, required};
use super::repo::{self, Held};
use super::row::Row;
use super::start;
use crate::changes::Action;
use crate::locations::{Existing, Location, LocationKind, lookup, read_location, write};
use crate::shared::LocationId;
use quartermaster_tenants::act::Standing;
use quartermaster_tenants::error::Code;
use quartermaster_tenants::event::Trail;
use quartermaster_tenants::policy::{Duty, duty};
use quartermaster_tenants::{Flight, Op, Outcome, Refusal, Result, TenantTx, Tenants, params};
use std::collections::HashMap;
use uuid::Uuid;

/// The columns.
pub(super) const COLUMNS: &[Column] = &[
    required("code"),
    required("name"),
    required("kind"),
    required("time_zone"),
    optional("region"),
    optional("gln"),
    optional("street"),
    optional("city"),
    optional("postal_code"),
    optional("subdivision"),
    optional("country"),
];

const REGIONS: &str = "SELECT r.code, r.id FROM qm.region r WHERE r.tenant_id = $1 AND r.code = ANY($2)";

/// Takes lines: four round trips, whatever their number.
pub(super) async fn take(db: &Tenants, op: &Op, reading: &mut Reading, rows: &[Row]) -> Result<()> {
    let mut tx = TenantTx::begin(db, op).await?;
    let mut verdicts = Verdicts::of(rows);
    let open: Vec<&Row> = rows.iter().filter(|r| r.refusals.is_empty()).collect();
    let of = |column: &str| open.iter().map(|r| r.get(column).to_owned()).collect::<Vec<_>>();
    let mut flight = Flight::new();
    let held = Held::of(op, reading, &mut flight);
    let regions = flight.rows(REGIONS, params![op.tenant.0, of("region")]);
    let there = lookup(op, of("code"), &mut flight);
    let landing = tx.fly(flight).await?;
    held.change(&landing, reading)?;
    let regions: HashMap<String, Uuid> = landing
        .get(regions)
        .iter()
        .map(|r| Ok((r.try_get(0)?, r.try_get(1)?)))
        .collect::<Result<_>>()?;
    let mut found: HashMap<String, Existing> = HashMap::new();
    for row in landing.get(there) {
        let existing = read_location(row)?;
        found.insert(existing.location.code.clone(), existing);
    }

    let mut all: Vec<Existing> = Vec::with_capacity(open.len());
    for row in open {
        let current = found.get(row.get("code"));
        let first = reading
            .claims
            .take(&Claim::Alone("code", row.get("code").to_owned()), row.line);
        match decide(op, row, &regions, current, first) {
            Err(refusals) => verdicts.refuse(row, refusals),
            Ok(location) if current.is_some_and(|c| c.location == location) => verdicts.unchanged(row, vec![]),
            Ok(location) => {
                let action = if current.is_some() {
                    Action::Update
                } else {
                    Action::Create
                };
                verdicts.accept(row, action, vec![]);
                all.push(match current {
                    Some(c) => Existing { location, ..c.clone() },
                    None => Existing {
                        id: LocationId::fresh().0,
                        status: "ACTIVE".to_owned(),
                        location,
                        trail: Trail::new(),
                    },
                });
            }
        }
    }
    let mut writes = Flight::new();
    if !all.is_empty() {
        let id = reading.job.id;
        let (mut facts, _) = tx
            .facts(reading.job.subject(id), &[Duty::TenConfig], Flight::new())
            .await?;
        if reading.job.dry_run {
            start::check(&mut facts, &tx, reading.job.kind, id, &Standing::new_document())?;
        } else {
            let authorized = facts.authorize::<duty::TenConfig>(&Standing::new_document())?;
            let act = authorized.act();
            authorized.sign(&tx, id, 0, &mut writes)?;
            write(&mut tx, act, all, None, &mut writes)?;
        }
    }
    tx.clock().await?;
    let job = repo::record(&mut tx, &reading.job, None, &verdicts, &mut writes)?;
    let outcome = Outcome::done(job.id, job.trail.version);
    tx.commit(writes, outcome).await?;
    reading.job = job;
    Ok(())
}

/// The location as the line says, or all that is wrong with it.
fn decide(
    op: &Op,
    row: &Row,
    regions: &HashMap<String, Uuid>,
    current: Option<&Existing>,
    first: Option<u32>,
) -> Result<Location, Vec<Refusal>> {
    let refuse = |code, column: &str, message: &str| Err(vec![Refusal::new(code, &[column], message)]);
    if let Some(first) = first {
        return refuse(
            Code::Duplicate,
            "code",
            &format!("Line {first} of the file has this already."),
        );
    }
    if current.is_some_and(|c| !op.locations.contains(c.id)) {
        return refuse(Code::Forbidden, "code", "This location is none of yours.");
    }
    if current.is_some_and(|c| c.status == "CLOSED") {
        return refuse(Code::InvalidState, "code", "This is closed for good.");
    }
    let Ok(kind) = LocationKind::parse(row.get("kind")) else {
        return refuse(
            Code::UnknownCode,
            "kind",
            "STORE, WAREHOUSE or DISTRIBUTION_CENTRE is expected.",
        );
    };
    let was = current.map(|c| c.location.clone());
    let kept = |of: fn(Location) -> Option<String>| was.clone().and_then(of);
    let region = match row.some("region") {
        Some(code) => match regions.get(code) {
            Some(id) => Some(*id),
            None => {
                return refuse(
                    Code::NotFound,
                    "region",
                    "There is no region with this code: make it first (regionCreate).",
                );
            }
        },
        None if row.has("region") => None,
        None => was.as_ref().and_then(|l| l.region),
    };
    let said = Location {
        code: row.get("code").to_owned(),
        name: row.get("name").to_owned(),
        kind,
        region,
        gln: row.text("gln", kept(|l| l.gln)),
        street: row.text("street", kept(|l| l.street)),
        city: row.text("city", kept(|l| l.city)),
        postal_code: row.text("postal_code", kept(|l| l.postal_code)),
        subdivision: row.text("subdivision", kept(|l| l.subdivision)),
        country: row.text("country", kept(|l| l.country)),
        time_zone: row.get("time_zone").to_owned(),
    };
    said.checked()
        .map_err(|refusals| refusals.into_iter().map(in_columns).collect())
}

fn in_columns(refusal: Refusal) -> Refusal {
    let column = match refusal.field.last().map_or("", String::as_str) {
        "postalCode" => "postal_code",
        "countryCode" => "country",
        "timeZone" => "time_zone",
        other => other,
    };
    let field = vec![column.to_owned()];
    Refusal { field, ..refusal }
}
