//! Regions: a tree over the locations.

use crate::shared::{Refusals, RegionId, code, required_text};
use quartermaster_tenants::act::{Standing, Subject};
use quartermaster_tenants::event::{Event, Trail};
use quartermaster_tenants::policy::{DocumentKind, Duty, duty};
use quartermaster_tenants::{Flight, Op, Outcome, Refusal, Result, TenantTx, Tenants, error::Code, params};
use serde_json::json;
use uuid::Uuid;

/// A region as people enter it.
#[derive(Debug, Clone, Default)]
pub struct NewRegion {
    /// Unique in the tenant.
    pub code: String,
    /// What people call it.
    pub name: String,
    /// The one above.
    pub parent: Option<Uuid>,
}

const THERE: &str = "SELECT r.id, r.code FROM qm.region r WHERE r.tenant_id = $1 AND (r.code = $2 OR r.id = $3)";
const INSERT: &str = "INSERT INTO qm.region (tenant_id, id, code, name, parent_id, version, event_sequence, event_hash, created_at, updated_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $9)";

/// Makes a region.
///
/// # Errors
/// Refusals of the input, of authority; `DUPLICATE`.
pub async fn region_create(db: &Tenants, op: &Op, input: &NewRegion) -> Result<Outcome> {
    let mut tx = TenantTx::begin(db, op).await?;
    let id = RegionId::fresh();
    let mut reads = Flight::new();
    let there = reads.rows(
        THERE,
        params![op.tenant.0, input.code.trim().replace('\0', ""), input.parent],
    );
    let subject = Subject::new(DocumentKind::TenantSetting, id);
    let (mut facts, landing) = tx.facts(subject, &[Duty::TenConfig], reads).await?;
    let authorized = facts.authorize::<duty::TenConfig>(&Standing::new_document())?;
    let mut r = Refusals::default();
    let code = r.take(code(&["code"], &input.code)).unwrap_or_default();
    let name = r.take(required_text(&["name"], &input.name, 200)).unwrap_or_default();
    let mut parent_there = input.parent.is_none();
    for row in landing.get(there) {
        parent_there |= Some(row.try_get::<_, Uuid>(0)?) == input.parent;
        if row.try_get::<_, &str>(1)? == code {
            r.push(Refusal::new(Code::Duplicate, &["code"], "This is in use already."));
        }
    }
    if !parent_there {
        r.push(Refusal::not_found(&["parentId"], "region"));
    }
    r.finish()?;
    let act = authorized.act();
    let mut trail = Trail::new();
    let mut writes = Flight::new();
    authorized.sign(&tx, id, 0, &mut writes)?;
    trail.touch();
    let data = json!({ "parentId": input.parent });
    tx.record(Event::new("region-created", "REGION", id, data).of_act(act), &mut trail)?;
    writes.exec(
        INSERT,
        params![
            op.tenant.0,
            id.0,
            code,
            name,
            input.parent,
            trail.version,
            trail.sequence,
            trail.hash.clone(),
            tx.now()?
        ],
        1,
    );
    tx.commit(writes, Outcome::done(id, 1)).await
}
