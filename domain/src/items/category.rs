//! The category tree: a harmless setting (TEN.CONFIG), not a thing of two people.

use crate::shared::{CategoryId, Refusals, code, required_text};
use quartermaster_tenants::act::{Standing, Subject};
use quartermaster_tenants::event::{Event, Trail};
use quartermaster_tenants::policy::{ControlState, DocumentKind, Duty, duty};
use quartermaster_tenants::{Flight, Op, Outcome, Refusal, Result, TenantTx, Tenants, error::Code, params};
use serde_json::json;
use uuid::Uuid;

/// A category as people enter it.
#[derive(Debug, Clone, Default)]
pub struct NewCategory {
    /// Unique in the tenant; never changes.
    pub code: String,
    /// What people call it.
    pub name: String,
    /// The one above.
    pub parent: Option<Uuid>,
}

/// Deeper trees help nobody.
const DEEPEST: usize = 10;

const ALL: &str = "SELECT c.id, c.code, c.parent_id, c.version, c.event_sequence, c.event_hash FROM qm.category c WHERE c.tenant_id = $1 ORDER BY c.id FOR UPDATE";
const INSERT: &str = "INSERT INTO qm.category (tenant_id, id, code, name, parent_id, version, event_sequence, event_hash, created_at, updated_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $9)";
const UPDATE: &str = "UPDATE qm.category c SET name = $3, parent_id = $4, version = $5, event_sequence = $6, event_hash = $7, updated_at = $8 WHERE c.tenant_id = $1 AND c.id = $2";

/// Makes a category.
///
/// # Errors
/// Refusals of the input, of authority; `DUPLICATE`.
pub async fn category_create(db: &Tenants, op: &Op, input: &NewCategory) -> Result<Outcome> {
    write(db, op, None, input, None).await
}

/// Renames or moves a category.
///
/// # Errors
/// Refusals of the input (a category inside itself), of authority, version.
pub async fn category_update(
    db: &Tenants,
    op: &Op,
    id: CategoryId,
    input: &NewCategory,
    expected_version: Option<i32>,
) -> Result<Outcome> {
    write(db, op, Some(id), input, expected_version).await
}

async fn write(
    db: &Tenants,
    op: &Op,
    existing: Option<CategoryId>,
    input: &NewCategory,
    expected_version: Option<i32>,
) -> Result<Outcome> {
    let mut tx = TenantTx::begin(db, op).await?;
    let mut flight = Flight::new();
    let all = flight.rows(ALL, params![op.tenant.0]);
    let landing = tx.fly(flight).await?;
    let mut known: Vec<(Uuid, String, Option<Uuid>, Trail)> = Vec::new();
    for row in landing.get(all) {
        known.push((
            row.try_get("id")?,
            row.try_get("code")?,
            row.try_get("parent_id")?,
            Trail::from_row(row)?,
        ));
    }
    let id = existing.unwrap_or_else(CategoryId::fresh);
    let mut trail = match existing {
        None => Trail::new(),
        Some(id) => known
            .iter()
            .find(|k| k.0 == id.0)
            .map(|k| k.3.clone())
            .ok_or_else(|| Refusal::not_found(&["id"], "category"))?,
    };
    let (mut facts, _) = tx
        .facts(
            Subject::new(DocumentKind::TenantSetting, id),
            &[Duty::TenConfig],
            Flight::new(),
        )
        .await?;
    let standing = match existing {
        None => Standing::new_document(),
        Some(_) => Standing {
            state: "OPEN".to_owned(),
            control: Some(ControlState::Open),
            versions: expected_version.map(|e| (e, trail.version)),
            ..Standing::new_document()
        },
    };
    let authorized = facts.authorize::<duty::TenConfig>(&standing)?;
    let mut r = Refusals::default();
    let name = r.take(required_text(&["name"], &input.name, 200)).unwrap_or_default();
    let new_code = match existing {
        None => r.take(code(&["code"], &input.code)).unwrap_or_default(),
        Some(_) => String::new(),
    };
    if existing.is_none() && known.iter().any(|k| k.1 == new_code) {
        r.push(Refusal::new(Code::Duplicate, &["code"], "This is in use already."));
    }
    let (mut above, mut depth) = (input.parent, 0);
    while let Some(parent) = above {
        depth += 1;
        if parent == id.0 || depth > DEEPEST {
            r.push(Refusal::invalid(
                &["parentId"],
                "A category cannot stand inside itself, nor deeper than ten levels.",
            ));
            break;
        }
        match known.iter().find(|k| k.0 == parent) {
            Some(k) => above = k.2,
            None => {
                r.push(Refusal::not_found(&["parentId"], "category"));
                break;
            }
        }
    }
    r.finish()?;
    let act = authorized.act();
    let mut writes = Flight::new();
    authorized.sign(&tx, id, trail.version, &mut writes)?;
    trail.touch();
    let event = if existing.is_none() {
        "category-created"
    } else {
        "category-updated"
    };
    tx.record(
        Event::new(event, "CATEGORY", id, json!({ "parentId": input.parent })).of_act(act),
        &mut trail,
    )?;
    let now = tx.now()?;
    let mut params = params![op.tenant.0, id.0];
    if existing.is_none() {
        params.push(Box::new(new_code));
    }
    params.extend(params![
        name,
        input.parent,
        trail.version,
        trail.sequence,
        trail.hash.clone(),
        now
    ]);
    writes.exec(if existing.is_none() { INSERT } else { UPDATE }, params, 1);
    tx.commit(writes, Outcome::done(id, trail.version)).await
}
