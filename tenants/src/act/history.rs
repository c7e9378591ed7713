//! What is read about people and earlier acts: roles in force, duties held, earlier hands on related documents.

use super::subject::Subject;
use crate::error::{Error, Result};
use crate::op::Op;
use crate::policy::{DocumentKind, Duty, DutySet, Held, Policy, PriorHand, Relation, RoleRef, Via};
use crate::tx::{Flight, Rows, params};
use chrono::{DateTime, Utc};
use tokio_postgres::Row;
use uuid::Uuid;

/// Roles in force over all accounts of the hands' persons, own, sponsored, operator: what they hold for the static rules.
/// Each person is looked up for himself, here and in [`PRIOR`]: of a list (`= ANY`) the planner knows no length, and by the
/// statistics of the day it reads all that the tenant has instead. The OFFSET keeps it from rearranging that.
pub(super) const HELD: &str = "WITH account AS ( \
      SELECT a.* FROM unnest($3::uuid[]) p (person) CROSS JOIN LATERAL ( \
        SELECT x.id, x.person_id, x.sponsor_person_id, x.status, x.valid_until FROM qm.account x WHERE x.tenant_id = $1 AND x.person_id = p.person OFFSET 0) a \
      UNION SELECT a.* FROM unnest($3::uuid[]) p (person) CROSS JOIN LATERAL ( \
        SELECT x.id, x.person_id, x.sponsor_person_id, x.status, x.valid_until FROM qm.account x WHERE x.tenant_id = $1 AND x.sponsor_person_id = p.person OFFSET 0) a \
      UNION SELECT x.id, x.person_id, x.sponsor_person_id, x.status, x.valid_until FROM qm.account x WHERE x.tenant_id = $1 AND x.id = $2) \
    SELECT a.id, a.person_id, a.sponsor_person_id, a.status, a.valid_until AS account_until, r.role, r.valid_from, r.valid_until \
    FROM account a LEFT JOIN LATERAL ( \
      SELECT x.role, x.valid_from, x.valid_until FROM qm.role_assignment x WHERE x.tenant_id = $1 AND x.account_id = a.id AND x.state = 'APPROVED' OFFSET 0) r ON true";

/// The same, with what else an act begins with on every row: the time, the tenant's settings and its policy. An account without a
/// role has a row, too.
pub(super) const BASIS: &str = "WITH account AS ( \
      SELECT a.* FROM unnest($3::uuid[]) p (person) CROSS JOIN LATERAL ( \
        SELECT x.id, x.person_id, x.sponsor_person_id, x.status, x.valid_until FROM qm.account x WHERE x.tenant_id = $1 AND x.person_id = p.person OFFSET 0) a \
      UNION SELECT a.* FROM unnest($3::uuid[]) p (person) CROSS JOIN LATERAL ( \
        SELECT x.id, x.person_id, x.sponsor_person_id, x.status, x.valid_until FROM qm.account x WHERE x.tenant_id = $1 AND x.sponsor_person_id = p.person OFFSET 0) a \
      UNION SELECT x.id, x.person_id, x.sponsor_person_id, x.status, x.valid_until FROM qm.account x WHERE x.tenant_id = $1 AND x.id = $2) \
    SELECT clock_timestamp() AS now, s.status AS tenant_status, s.settings, s.policy_version, s.policy_digest, \
    a.id, a.person_id, a.sponsor_person_id, a.status, a.valid_until AS account_until, r.role, r.valid_from, r.valid_until \
    FROM qm.tenant_setting s CROSS JOIN account a LEFT JOIN LATERAL ( \
      SELECT x.role, x.valid_from, x.valid_until FROM qm.role_assignment x WHERE x.tenant_id = $1 AND x.account_id = a.id AND x.state = 'APPROVED' OFFSET 0) r ON true \
    WHERE s.tenant_id = $1 AND s.id = $1";

/// Earlier hands of these persons on related documents: the same one, its chain, its supplier, its stock; and party facts.
const PRIOR: &str = "WITH near AS ( \
      SELECT $3::uuid AS id, $4::bool AS is_order \
      UNION SELECT u.id, u.is_order FROM unnest($5::uuid[], $6::bool[]) u (id, is_order) \
      UNION SELECT l.* FROM unnest(array_append($5::uuid[], $3::uuid)) u (id) CROSS JOIN LATERAL ( \
        SELECT x.ancestor_id, x.ancestor_is_order FROM qm.authz_link x WHERE x.tenant_id = $1 AND x.document_id = u.id OFFSET 0) l \
      UNION SELECT x.document_id, x.document_is_order FROM qm.authz_link x WHERE x.tenant_id = $1 AND x.ancestor_id = $3), \
    related AS ( \
      SELECT n.id FROM near n \
      UNION SELECT l.* FROM near n CROSS JOIN LATERAL ( \
        SELECT x.document_id FROM qm.authz_link x WHERE x.tenant_id = $1 AND x.ancestor_id = n.id OFFSET 0) l WHERE n.is_order \
      UNION SELECT l.* FROM near n CROSS JOIN LATERAL ( \
        SELECT x.ancestor_id FROM qm.authz_link x WHERE x.tenant_id = $1 AND x.document_id = n.id OFFSET 0) l WHERE n.is_order) \
    SELECT h.document_id, h.sequence, h.duty, h.round, h.person_id, h.via, h.at, true AS chain, \
      coalesce(h.supplier_id = ANY($7), false) AS supplier, coalesce(h.location_id = $8 AND h.item_ids && $9::uuid[], false) AS stock \
      FROM related r CROSS JOIN LATERAL ( \
        SELECT x.document_id, x.sequence, x.duty, x.round, x.person_id, x.via, x.at, x.supplier_id, x.location_id, x.item_ids \
        FROM qm.authz_hand x WHERE x.tenant_id = $1 AND x.document_id = r.id OFFSET 0) h WHERE h.person_id = ANY($2) \
    UNION ALL SELECT h.*, false, true, false \
      FROM unnest($2::uuid[]) p (person) CROSS JOIN unnest($7::uuid[]) s (supplier) CROSS JOIN unnest($10::text[]) d (duty) CROSS JOIN LATERAL ( \
        SELECT x.document_id, x.sequence, x.duty, x.round, x.person_id, x.via, x.at FROM qm.authz_hand x \
        WHERE x.tenant_id = $1 AND x.person_id = p.person AND x.supplier_id = s.supplier AND x.duty = d.duty OFFSET 0) h \
    UNION ALL SELECT h.*, false, false, true \
      FROM unnest($2::uuid[]) p (person) CROSS JOIN unnest($11::text[]) d (duty) CROSS JOIN LATERAL ( \
        SELECT x.document_id, x.sequence, x.duty, x.round, x.person_id, x.via, x.at FROM qm.authz_hand x WHERE x.tenant_id = $1 AND x.person_id = p.person \
        AND x.location_id = $8 AND x.duty = d.duty AND x.at > statement_timestamp() - interval '31 days' AND x.item_ids && $9::uuid[] OFFSET 0) h \
    UNION ALL SELECT y.supplier_id, 0, 'SUPPLIER.PARTY', 1, y.person_id, 'subject', y.since, false, true, false \
      FROM unnest($2::uuid[]) p (person) CROSS JOIN unnest($7::uuid[]) s (supplier) CROSS JOIN LATERAL ( \
        SELECT x.supplier_id, x.person_id, x.since FROM qm.supplier_party x WHERE x.tenant_id = $1 AND x.supplier_id = s.supplier AND x.person_id = p.person OFFSET 0) y";

/// The same where the document is made by the act itself, derives from none and touches no stock: nothing can be related to it yet
/// but by its supplier.
const PRIOR_OF_NEW: &str = "SELECT h.*, false AS chain, true AS supplier, false AS stock \
      FROM unnest($2::uuid[]) p (person) CROSS JOIN unnest($3::uuid[]) s (supplier) CROSS JOIN unnest($4::text[]) d (duty) CROSS JOIN LATERAL ( \
        SELECT x.document_id, x.sequence, x.duty, x.round, x.person_id, x.via, x.at FROM qm.authz_hand x \
        WHERE x.tenant_id = $1 AND x.person_id = p.person AND x.supplier_id = s.supplier AND x.duty = d.duty OFFSET 0) h \
    UNION ALL SELECT y.supplier_id, 0, 'SUPPLIER.PARTY', 1, y.person_id, 'subject', y.since, false, true, false \
      FROM unnest($2::uuid[]) p (person) CROSS JOIN unnest($3::uuid[]) s (supplier) CROSS JOIN LATERAL ( \
        SELECT x.supplier_id, x.person_id, x.since FROM qm.supplier_party x WHERE x.tenant_id = $1 AND x.supplier_id = s.supplier AND x.person_id = p.person OFFSET 0) y";

/// Adds the statement that reads the earlier hands.
pub(super) fn ask_prior(op: &Op, persons: &[Uuid], subject: &Subject, duties: &[Duty], flight: &mut Flight) -> Rows {
    if !(subject.is_new && subject.parents.is_empty() && subject.items.is_empty()) {
        return flight.rows(PRIOR, prior_params(op, persons, subject, duties));
    }
    let supplier_duties = opposites(duties, |r| matches!(r, Relation::Supplier { .. }));
    let params = params![op.tenant.0, persons.to_vec(), subject.suppliers(), supplier_duties];
    flight.rows(PRIOR_OF_NEW, params)
}

fn prior_params(op: &Op, persons: &[Uuid], subject: &Subject, duties: &[Duty]) -> Vec<crate::tx::Param> {
    let is_order: Vec<bool> = subject
        .parents
        .iter()
        .map(|p| subject.parent_orders.contains(p))
        .collect();
    let supplier_duties = opposites(duties, |r| matches!(r, Relation::Supplier { .. }));
    let stock_duties = opposites(duties, |r| matches!(r, Relation::Stock { .. }));
    params![
        op.tenant.0,
        persons.to_vec(),
        subject.document,
        subject.kind == DocumentKind::PurchaseOrder.code(),
        subject.parents.clone(),
        is_order,
        subject.suppliers(),
        subject.location,
        subject.items.clone(),
        supplier_duties,
        stock_duties,
    ]
}

/// The duties that stand against any of `duties` in a rule of the standard tables with such a relation. A tenant may switch
/// rules off but not add any, so this is never too few.
pub(super) fn opposites(duties: &[Duty], wanted: impl Fn(Relation) -> bool) -> Vec<&'static str> {
    let mut found: Vec<&'static str> = crate::policy::standard_rules()
        .iter()
        .filter(|rule| wanted(rule.relation))
        .flat_map(|rule| {
            let there = if duties.contains(&rule.a) {
                rule.b.clone()
            } else {
                vec![]
            };
            let back = if rule.b.iter().any(|b| duties.contains(b)) {
                vec![rule.a]
            } else {
                vec![]
            };
            there.into_iter().chain(back)
        })
        .map(Duty::code)
        .collect();
    found.sort_unstable();
    found.dedup();
    found
}

pub(super) fn has_active_person(rows: &[Row], person: Uuid, now: DateTime<Utc>) -> bool {
    rows.iter().any(|r| {
        r.try_get::<_, Option<Uuid>>("person_id").ok().flatten() == Some(person)
            && r.try_get::<_, &str>("status").is_ok_and(|s| s == "ACTIVE")
            && r.try_get::<_, Option<DateTime<Utc>>>("account_until")
                .ok()
                .flatten()
                .is_none_or(|u| now < u)
    })
}

/// Is the role of this row in force, on an active account?
pub(super) fn in_force(row: &Row, now: DateTime<Utc>) -> Result<bool> {
    let from: Option<DateTime<Utc>> = row.try_get("valid_from")?;
    let until: Option<DateTime<Utc>> = row.try_get("valid_until")?;
    let account_until: Option<DateTime<Utc>> = row.try_get("account_until")?;
    let dates = from.is_none_or(|f| f <= now) && until.is_none_or(|u| now < u) && account_until.is_none_or(|u| now < u);
    Ok(dates && row.try_get::<_, &str>("status")? == "ACTIVE")
}

/// The acting account's own roles in force, and for each person behind it the duties held over all accounts.
pub(super) fn read_held(
    op: &Op,
    policy: &Policy,
    rows: &[Row],
    persons: &[Uuid],
    now: DateTime<Utc>,
) -> Result<(Vec<RoleRef>, Vec<Held>)> {
    let mut roles = Vec::new();
    let mut held: Vec<Held> = persons
        .iter()
        .map(|p| Held {
            person: *p,
            duties: DutySet::EMPTY,
        })
        .collect();
    for row in rows {
        let Some(role) = row.try_get::<_, Option<&str>>("role")? else {
            continue;
        };
        let role = RoleRef::from(role);
        if !in_force(row, now)? {
            continue;
        }
        let behind = [
            row.try_get::<_, Option<Uuid>>("person_id")?,
            row.try_get::<_, Option<Uuid>>("sponsor_person_id")?,
        ];
        for h in &mut held {
            if behind.contains(&Some(h.person)) {
                h.duties = h.duties.union(policy.duties_of(&role));
            }
        }
        if row.try_get::<_, Uuid>("id")? == op.account {
            roles.push(role);
        }
    }
    Ok((roles, held))
}

/// The hands of rows, and the facts about the persons whom the subject benefits, which no row holds.
pub(super) fn read_prior<'r>(
    rows: impl IntoIterator<Item = &'r Row>,
    subject: &Subject,
    now: DateTime<Utc>,
) -> Result<Vec<PriorHand>> {
    let mut prior = Vec::new();
    for row in rows {
        let document: Uuid = row.try_get("document_id")?;
        prior.push(PriorHand {
            person: row.try_get("person_id")?,
            via: row.try_get::<_, &str>("via")?.parse().map_err(Error::internal)?,
            duty: row.try_get::<_, &str>("duty")?.parse().map_err(Error::internal)?,
            document_id: document,
            same_document: document == subject.document,
            round: row.try_get("round")?,
            same_chain: row.try_get("chain")?,
            same_supplier: row.try_get("supplier")?,
            same_stock: row.try_get("stock")?,
            at: row.try_get("at")?,
            sequence: row.try_get("sequence")?,
        });
    }
    prior.extend(subject.beneficiaries.iter().map(|person| PriorHand {
        person: *person,
        via: Via::Subject,
        duty: Duty::RoleBenefit,
        document_id: subject.document,
        same_document: true,
        round: subject.round,
        same_chain: true,
        same_supplier: false,
        same_stock: false,
        at: now,
        sequence: 0,
    }));
    Ok(prior)
}
