//! What an approved change does: each table with one statement, from the change's lines, whatever their number.

use super::change::{Change, ChangeKind};
use super::master::Master;
use super::repo::write_records;
use crate::items::Item;
use crate::suppliers::Supplier;
use quartermaster_tenants::error::Code;
use quartermaster_tenants::event::{Event, Trail};
use quartermaster_tenants::tx::{Flight, Landing, Rows, TenantTx};
use quartermaster_tenants::{Op, Refusal, Result, params};
use serde_json::json;
use uuid::Uuid;

// What is far more than the planner can guess is found by key, line by line: see [`Master::WRITE`].
const SUPPLIERS: &str = "SELECT s.*, l.line_number, l.action FROM (SELECT x.* FROM qm.master_change_line x WHERE x.tenant_id = $1 AND x.id = $2 ORDER BY x.target_id) l \
    CROSS JOIN LATERAL (SELECT x.id, x.status, x.version, x.event_sequence, x.event_hash FROM qm.supplier x WHERE x.tenant_id = $1 AND x.id = l.target_id FOR UPDATE) s";
const ITEMS: &str = "SELECT s.*, l.line_number, l.action FROM (SELECT x.* FROM qm.master_change_line x WHERE x.tenant_id = $1 AND x.id = $2 ORDER BY x.target_id) l \
    CROSS JOIN LATERAL (SELECT x.id, x.status, x.version, x.event_sequence, x.event_hash FROM qm.item x WHERE x.tenant_id = $1 AND x.id = l.target_id FOR UPDATE) s";
const GTIN_TAKEN: &str = "SELECT g.gtin FROM qm.master_change_line l CROSS JOIN LATERAL jsonb_array_elements(l.record->'gtins') x \
    CROSS JOIN LATERAL (SELECT y.gtin, y.item_id FROM qm.item_gtin y WHERE y.tenant_id = $1 AND y.gtin = x->>'gtin' OFFSET 0) g \
    WHERE l.tenant_id = $1 AND l.id = $2 AND g.item_id <> l.target_id \
    AND NOT EXISTS (SELECT 1 FROM qm.master_change_line m WHERE m.tenant_id = $1 AND m.id = $2 AND m.target_id = g.item_id) LIMIT 1";
const OPEN_BUSINESS: &str = "SELECT o.number FROM qm.master_change_line l CROSS JOIN LATERAL (SELECT x.number FROM qm.purchase_order x WHERE x.tenant_id = $1 AND x.supplier_id = l.target_id \
      AND x.status NOT IN ('RECEIVED', 'REJECTED', 'CANCELLED') LIMIT 1) o \
    WHERE l.tenant_id = $1 AND l.id = $2 AND l.action = 'CLOSE' LIMIT 1";

const DELETE_SITES: &str = "DELETE FROM qm.supplier_site x WHERE x.tenant_id = $1 AND x.id = ANY($2)";
const DELETE_CONTACTS: &str = "DELETE FROM qm.supplier_contact x WHERE x.tenant_id = $1 AND x.id = ANY($2)";
const INSERT_SITES: &str = "INSERT INTO qm.supplier_site AS s (tenant_id, id, code, name, gln, street, city, postal_code, subdivision, country) \
    SELECT l.tenant_id, l.target_id, x.code, x.name, x.gln, x.street, x.city, x.\"postalCode\", x.subdivision, x.country FROM qm.master_change_line l, \
    jsonb_to_recordset(l.record->'sites') x (code text, name text, gln text, street text, city text, \"postalCode\" text, subdivision text, country text) WHERE l.tenant_id = $1 AND l.id = $2";
const INSERT_CONTACTS: &str = "INSERT INTO qm.supplier_contact AS s (tenant_id, id, line_number, name, role, email, phone) \
    SELECT l.tenant_id, l.target_id, x.n::int, x.c->>'name', x.c->>'role', x.c->>'email', x.c->>'phone' FROM qm.master_change_line l, \
    jsonb_array_elements(l.record->'contacts') WITH ORDINALITY x (c, n) WHERE l.tenant_id = $1 AND l.id = $2";

const DELETE_PACKS: &str = "DELETE FROM qm.item_pack x WHERE x.tenant_id = $1 AND x.id = ANY($2)";
const DELETE_GTINS: &str = "DELETE FROM qm.item_gtin x WHERE x.tenant_id = $1 AND x.item_id = ANY($2)";
const INSERT_PACKS: &str = "INSERT INTO qm.item_pack AS p (tenant_id, id, unit, level, base_quantity) \
    SELECT l.tenant_id, l.target_id, x->>'unit', x->>'level', (x->>'quantity')::numeric FROM qm.master_change_line l, jsonb_array_elements(l.record->'packs') x WHERE l.tenant_id = $1 AND l.id = $2";
const INSERT_GTINS: &str = "INSERT INTO qm.item_gtin AS g (tenant_id, gtin, item_id, unit) \
    SELECT l.tenant_id, x->>'gtin', l.target_id, x->>'unit' FROM qm.master_change_line l, jsonb_array_elements(l.record->'gtins') x WHERE l.tenant_id = $1 AND l.id = $2";

const UPSERT_PRICES: &str = "INSERT INTO qm.supplier_price AS p (tenant_id, id, supplier_id, item_id, unit, minimum_quantity, currency, valid_from, valid_to, price, change_id, updated_at) \
    SELECT l.tenant_id, l.target_id, l.supplier_id, (l.record->>'itemId')::uuid, l.record->>'unit', (l.record->>'minimumQuantity')::numeric, l.record->>'currency', (l.record->>'validFrom')::date, \
    (l.record->>'validTo')::date, (l.record->>'price')::numeric, l.id, $3 FROM qm.master_change_line l WHERE l.tenant_id = $1 AND l.id = $2 \
    ON CONFLICT (tenant_id, id) DO UPDATE SET valid_to = excluded.valid_to, price = excluded.price, change_id = excluded.change_id, updated_at = excluded.updated_at";
const UPSERT_TERMS: &str = "INSERT INTO qm.supplier_item AS i (tenant_id, id, supplier_id, item_id, supplier_sku, minimum_quantity, order_multiple, lead_time_days, preference, change_id, updated_at) \
    SELECT DISTINCT ON (l.supplier_id, l.record->>'itemId') l.tenant_id, l.target_id, l.supplier_id, (l.record->>'itemId')::uuid, l.record->>'supplierSku', coalesce((l.record->>'minimumOrderQuantity')::numeric, 0), \
    coalesce((l.record->>'orderMultiple')::numeric, 0), (l.record->>'leadTimeDays')::int, (l.record->>'preference')::smallint, l.id, $3 \
    FROM qm.master_change_line l WHERE l.tenant_id = $1 AND l.id = $2 ORDER BY l.supplier_id, l.record->>'itemId', l.line_number DESC \
    ON CONFLICT (tenant_id, supplier_id, item_id) DO UPDATE SET supplier_sku = excluded.supplier_sku, minimum_quantity = excluded.minimum_quantity, order_multiple = excluded.order_multiple, \
    lead_time_days = excluded.lead_time_days, preference = excluded.preference, change_id = excluded.change_id, updated_at = excluded.updated_at";

/// Where the answers of [`reads`] will be.
pub(super) struct At {
    targets: Option<Rows>,
    gtin_taken: Option<Rows>,
    open_business: Option<Rows>,
}

/// Adds the statements that lock what a change will write.
pub(super) fn reads(op: &Op, change: &Change, flight: &mut Flight) -> At {
    let of = || params![op.tenant.0, change.id];
    match change.kind {
        ChangeKind::Supplier => At {
            targets: Some(flight.rows(SUPPLIERS, of())),
            gtin_taken: None,
            open_business: Some(flight.rows(OPEN_BUSINESS, of())),
        },
        ChangeKind::Item => At {
            targets: Some(flight.rows(ITEMS, of())),
            gtin_taken: Some(flight.rows(GTIN_TAKEN, of())),
            open_business: None,
        },
        ChangeKind::Price => At {
            targets: None,
            gtin_taken: None,
            open_business: None,
        },
    }
}

/// Records what happened to each record of a change and adds the writes.
pub(super) fn writes(
    tx: &mut TenantTx<'_>,
    change: &Change,
    landing: &Landing,
    at: &At,
    writes: &mut Flight,
) -> Result<()> {
    let tenant = tx.op().tenant.0;
    if let Some(row) = at.gtin_taken.and_then(|r| landing.optional(r)) {
        let gtin: &str = row.try_get(0)?;
        return Err(Refusal::new(
            Code::Duplicate,
            &["id"],
            format!("GTIN {gtin} belongs to another item now."),
        )
        .into());
    }
    if let Some(row) = at.open_business.and_then(|r| landing.optional(r)) {
        let number: &str = row.try_get(0)?;
        return Err(Refusal::new(
            Code::InvalidState,
            &["id"],
            format!("There is open business with this supplier: order {number}."),
        )
        .into());
    }
    let now = tx.now()?;
    let (sql, deletes, inserts) = match change.kind {
        ChangeKind::Supplier => (
            Supplier::WRITE,
            [DELETE_SITES, DELETE_CONTACTS],
            [INSERT_SITES, INSERT_CONTACTS],
        ),
        ChangeKind::Item => (Item::WRITE, [DELETE_PACKS, DELETE_GTINS], [INSERT_PACKS, INSERT_GTINS]),
        ChangeKind::Price => {
            for sql in [UPSERT_PRICES, UPSERT_TERMS] {
                writes.exec_any(sql, params![tenant, change.id, now]);
            }
            return Ok(());
        }
    };
    let told = record_each(tx, change, landing, at, |action, status| match (change.kind, action) {
        (ChangeKind::Supplier, "CREATE") => Some(("supplier-activated", "ACTIVE".to_owned())),
        (ChangeKind::Supplier, "CLOSE") => Some(("supplier-retired", "CLOSED".to_owned())),
        (ChangeKind::Supplier, _) => Some(("supplier-changed", status.to_owned())),
        (_, "CREATE" | "ACTIVATE") => Some(("item-activated", "ACTIVE".to_owned())),
        (_, "DEACTIVATE") => Some(("item-deactivated", "INACTIVE".to_owned())),
        (_, _) => Some(("item-changed", status.to_owned())),
    })?;
    if !told.standing.is_empty() {
        for sql in deletes {
            writes.exec_any(sql, params![tenant, told.standing.clone()]);
        }
    }
    told.write(tx, change, sql, writes)?;
    for sql in inserts {
        writes.exec_any(sql, params![tenant, change.id]);
    }
    Ok(())
}

/// Records what a refused change had made are drafts again.
pub(super) fn back_to_draft(
    tx: &mut TenantTx<'_>,
    change: &Change,
    landing: &Landing,
    at: &At,
    writes: &mut Flight,
) -> Result<()> {
    let (event, sql) = match change.kind {
        ChangeKind::Supplier => ("supplier-returned-to-draft", Supplier::WRITE),
        ChangeKind::Item => ("item-returned-to-draft", Item::WRITE),
        ChangeKind::Price => return Ok(()),
    };
    let told = record_each(tx, change, landing, at, |action, status| {
        (action == "CREATE" && status == "PENDING_APPROVAL").then(|| (event, "DRAFT".to_owned()))
    })?;
    told.write(tx, change, sql, writes)
}

/// Records of a change, each with the number of its line, the status that it has now, and the end of its chain.
#[derive(Default)]
struct Told {
    /// Those that were approved before.
    standing: Vec<Uuid>,
    lines: Vec<i32>,
    statuses: Vec<String>,
    trails: Vec<Trail>,
}

impl Told {
    /// Adds the statement that writes them.
    fn write(self, tx: &TenantTx<'_>, change: &Change, sql: Option<&'static str>, writes: &mut Flight) -> Result<()> {
        match sql {
            Some(sql) if !self.lines.is_empty() => {
                write_records(tx, change, sql, (self.lines, self.statuses, &self.trails), writes)
            }
            _ => Ok(()),
        }
    }
}

/// The consequence of a change for each of its records, as an event of the record.
fn record_each(
    tx: &mut TenantTx<'_>,
    change: &Change,
    landing: &Landing,
    at: &At,
    said: impl Fn(&str, &str) -> Option<(&'static str, String)>,
) -> Result<Told> {
    let document = if change.kind == ChangeKind::Supplier {
        "SUPPLIER"
    } else {
        "ITEM"
    };
    let rows = at.targets.map_or(&[][..], |r| landing.get(r));
    let mut told = Told::default();
    for row in rows {
        let action: &str = row.try_get("action")?;
        let Some((kind, status)) = said(action, row.try_get("status")?) else {
            continue;
        };
        let id: Uuid = row.try_get("id")?;
        let mut trail = Trail::from_row(row)?;
        trail.touch();
        let data = json!({ "status": status, "changeId": change.id });
        tx.record(Event::new(kind, document, id, data).by_system(), &mut trail)?;
        if action != "CREATE" {
            told.standing.push(id);
        }
        told.lines.push(row.try_get("line_number")?);
        told.statuses.push(status);
        told.trails.push(trail);
    }
    Ok(told)
}
