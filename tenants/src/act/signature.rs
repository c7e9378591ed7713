//! The hands of acts as they are written: all that a flight carries, by one statement.

use crate::op::Op;
use crate::tx::{Flight, params};
use chrono::{DateTime, Utc};
use std::collections::HashMap;
use uuid::Uuid;

/// The hands that one act leaves on one document.
pub(crate) struct Signature {
    pub(super) document: Uuid,
    pub(super) act: Uuid,
    pub(super) duty: &'static str,
    pub(super) round: i32,
    pub(super) policy_version: i32,
    pub(super) at: DateTime<Utc>,
    /// Each person, and the way he is behind it.
    pub(super) hands: Vec<(Uuid, &'static str)>,
    pub(super) suppliers: Vec<Uuid>,
    pub(super) location: Option<Uuid>,
    /// Only where a rule looks for acts by location and item.
    pub(super) items: Option<Vec<Uuid>>,
}

const HANDS: &str = "INSERT INTO qm.authz_hand AS a (tenant_id, document_id, sequence, act_id, duty, round, person_id, via, account_id, policy_version, at, supplier_id, location_id, item_ids) \
    SELECT $1, u.document, coalesce((SELECT max(h.sequence) FROM qm.authz_hand h WHERE h.tenant_id = $1 AND h.document_id = u.document), 0) + u.n, \
    u.act, u.duty, u.round, u.person, u.via, $2, u.policy_version, u.at, u.supplier, u.location, CASE WHEN u.on_stock THEN $3::uuid[] END \
    FROM unnest($4::uuid[], $5::int[], $6::uuid[], $7::text[], $8::int[], $9::uuid[], $10::text[], $11::int[], $12::timestamptz[], $13::uuid[], $14::uuid[], $15::bool[]) \
    u (document, n, act, duty, round, person, via, policy_version, at, supplier, location, on_stock) RETURNING a.sequence";

/// Adds the statements that write these signatures: one for all, or one for each list of items where acts are about different ones.
pub(crate) fn write(mut signatures: Vec<Signature>, op: &Op, writes: &mut Flight) {
    while !signatures.is_empty() {
        let items = signatures.iter().find_map(|s| s.items.clone());
        let fits = |s: &Signature| s.items.is_none() || s.items == items;
        let (now, later) = signatures.into_iter().partition(fits);
        write_together(now, items.unwrap_or_default(), op, writes);
        signatures = later;
    }
}

fn write_together(signatures: Vec<Signature>, items: Vec<Uuid>, op: &Op, writes: &mut Flight) {
    // One row for each supplier: rules look for a person's acts by supplier.
    let mut rows = Vec::new();
    let mut last: HashMap<Uuid, i32> = HashMap::new();
    for s in &signatures {
        let suppliers: Vec<Option<Uuid>> = match s.suppliers.as_slice() {
            [] => vec![None],
            many => many.iter().copied().map(Some).collect(),
        };
        for (hand, supplier) in s.hands.iter().flat_map(|h| suppliers.iter().map(move |x| (h, *x))) {
            let n = last.entry(s.document).or_default();
            *n += 1;
            rows.push((s, *n, hand, supplier));
        }
    }
    macro_rules! column {
        ($f:expr) => {
            rows.iter().map($f).collect::<Vec<_>>()
        };
    }
    writes.exec(
        HANDS,
        params![
            op.tenant.0,
            op.account,
            items,
            column!(|(s, ..)| s.document),
            column!(|(_, n, ..)| *n),
            column!(|(s, ..)| s.act),
            column!(|(s, ..)| s.duty),
            column!(|(s, ..)| s.round),
            column!(|(_, _, (person, _), _)| *person),
            column!(|(_, _, (_, via), _)| *via),
            column!(|(s, ..)| s.policy_version),
            column!(|(s, ..)| s.at),
            column!(|(_, _, _, supplier)| *supplier),
            column!(|(s, ..)| s.location),
            column!(|(s, ..)| s.items.is_some()),
        ],
        rows.len() as u64,
    );
}
