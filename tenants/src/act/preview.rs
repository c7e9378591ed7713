//! Asking before doing: what the mutation would answer, for many documents at once.

use super::facts::{Asking, Standing, context};
use super::history::{HELD, in_force, opposites, read_held, read_prior};
use super::subject::Subject;
use crate::Op;
use crate::error::{Code, Detail, Refusal, Result};
use crate::policy::{Decision, DocumentKind, Duty, Hand, Relation, Via, decide};
use crate::tx::{Flight, TenantTx, Tenants, params};
use std::collections::HashMap;
use tokio_postgres::Row;
use uuid::Uuid;

/// One command on one document.
#[derive(Debug, Clone)]
pub struct Asked {
    /// The duty that the command exercises.
    pub duty: Duty,
    /// Where the document stands for it.
    pub standing: Standing,
}

/// What the mutation would answer. A preview names no other person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Preview {
    /// It would go on.
    Allowed,
    /// It would be refused with this code; rule and message for segregation of duties only.
    Refused {
        /// The code.
        code: Code,
        /// The rule.
        rule: Option<String>,
        /// The sentence.
        message: Option<String>,
    },
}

impl Preview {
    /// As clients see a refusal before they ask for it: rule and sentence for segregation of duties only.
    #[must_use]
    pub fn of(refusal: Refusal) -> Self {
        let rule = match refusal.detail {
            Detail::Duties(duties) => Some(duties.rule),
            _ => None,
        };
        Self::Refused {
            code: refusal.code,
            message: rule.is_some().then_some(refusal.message),
            rule,
        }
    }

    /// Refused with nothing but a code.
    #[must_use]
    pub fn plain(code: Code) -> Self {
        Self::Refused {
            code,
            rule: None,
            message: None,
        }
    }
}

/// [`super::history::PRIOR`] for many documents: `n` counts them from 1.
const PRIOR_OF_MANY: &str = "WITH asked AS (SELECT u.n, u.id, u.is_order, u.supplier, u.location FROM unnest($3::uuid[], $4::bool[], $5::uuid[], $6::uuid[]) WITH ORDINALITY u (id, is_order, supplier, location, n)), \
    wanted AS (SELECT w.n, array_agg(w.item) AS items FROM unnest($7::bigint[], $8::uuid[]) w (n, item) GROUP BY w.n), \
    near AS ( \
      SELECT a.n, a.id, a.is_order FROM asked a \
      UNION SELECT a.n, l.* FROM asked a CROSS JOIN LATERAL ( \
        SELECT x.ancestor_id, x.ancestor_is_order FROM qm.authz_link x WHERE x.tenant_id = $1 AND x.document_id = a.id OFFSET 0) l \
      UNION SELECT a.n, l.* FROM asked a CROSS JOIN LATERAL ( \
        SELECT x.document_id, x.document_is_order FROM qm.authz_link x WHERE x.tenant_id = $1 AND x.ancestor_id = a.id OFFSET 0) l), \
    related AS ( \
      SELECT x.n, x.id FROM near x \
      UNION SELECT n.n, l.* FROM near n CROSS JOIN LATERAL ( \
        SELECT x.document_id FROM qm.authz_link x WHERE x.tenant_id = $1 AND x.ancestor_id = n.id OFFSET 0) l WHERE n.is_order \
      UNION SELECT n.n, l.* FROM near n CROSS JOIN LATERAL ( \
        SELECT x.ancestor_id FROM qm.authz_link x WHERE x.tenant_id = $1 AND x.document_id = n.id OFFSET 0) l WHERE n.is_order) \
    SELECT r.n, h.document_id, h.sequence, h.duty, h.round, h.person_id, h.via, h.at, true AS chain, coalesce(h.supplier_id = a.supplier, false) AS supplier, \
      coalesce(h.location_id = a.location AND h.item_ids && w.items, false) AS stock \
      FROM related r JOIN asked a ON a.n = r.n LEFT JOIN wanted w ON w.n = r.n CROSS JOIN LATERAL ( \
        SELECT x.document_id, x.sequence, x.duty, x.round, x.person_id, x.via, x.at, x.supplier_id, x.location_id, x.item_ids \
        FROM qm.authz_hand x WHERE x.tenant_id = $1 AND x.document_id = r.id OFFSET 0) h WHERE h.person_id = ANY($2) \
    UNION ALL SELECT a.n, h.*, false, true, false \
      FROM asked a CROSS JOIN unnest($2::uuid[]) p (person) CROSS JOIN unnest($9::text[]) d (duty) CROSS JOIN LATERAL ( \
        SELECT x.document_id, x.sequence, x.duty, x.round, x.person_id, x.via, x.at FROM qm.authz_hand x \
        WHERE x.tenant_id = $1 AND x.person_id = p.person AND x.supplier_id = a.supplier AND x.duty = d.duty OFFSET 0) h \
    UNION ALL SELECT a.n, h.*, false, false, true \
      FROM asked a JOIN wanted w ON w.n = a.n CROSS JOIN unnest($2::uuid[]) p (person) CROSS JOIN unnest($10::text[]) d (duty) CROSS JOIN LATERAL ( \
        SELECT x.document_id, x.sequence, x.duty, x.round, x.person_id, x.via, x.at FROM qm.authz_hand x WHERE x.tenant_id = $1 AND x.person_id = p.person \
        AND x.location_id = a.location AND x.duty = d.duty AND x.at > statement_timestamp() - interval '31 days' AND x.item_ids && w.items OFFSET 0) h \
    UNION ALL SELECT a.n, y.supplier_id, 0, 'SUPPLIER.PARTY', 1, y.person_id, 'subject', y.since, false, true, false \
      FROM asked a CROSS JOIN unnest($2::uuid[]) p (person) CROSS JOIN LATERAL ( \
        SELECT x.supplier_id, x.person_id, x.since FROM qm.supplier_party x WHERE x.tenant_id = $1 AND x.supplier_id = a.supplier AND x.person_id = p.person OFFSET 0) y";

/// What each command on each document would answer: two flights, whatever the number of documents.
///
/// # Errors
/// What the database said.
pub async fn preview(db: &Tenants, op: &Op, documents: &[(Subject, Vec<Asked>)]) -> Result<Vec<Vec<Preview>>> {
    let mut tx = TenantTx::read(db, op).await?;
    let (policy, _, now) = context(&mut tx).await?;
    let persons: Vec<Uuid> = op.hands().into_iter().map(|(p, _)| p).collect();
    let subjects: Vec<&Subject> = documents.iter().map(|(s, _)| s).collect();
    let duties: Vec<Duty> = documents
        .iter()
        .flat_map(|(_, asked)| asked.iter().map(|a| a.duty))
        .collect();
    let (places, items): (Vec<i64>, Vec<Uuid>) = subjects
        .iter()
        .zip(1_i64..)
        .flat_map(|(s, n)| s.items.iter().map(move |i| (n, *i)))
        .unzip();
    let mut flight = Flight::new();
    let held = flight.rows(HELD, params![op.tenant.0, op.account, persons.clone()]);
    let prior = flight.rows(
        PRIOR_OF_MANY,
        params![
            op.tenant.0,
            persons.clone(),
            subjects.iter().map(|s| s.document).collect::<Vec<_>>(),
            subjects
                .iter()
                .map(|s| s.kind == DocumentKind::PurchaseOrder.code())
                .collect::<Vec<_>>(),
            subjects.iter().map(|s| s.supplier).collect::<Vec<_>>(),
            subjects.iter().map(|s| s.location).collect::<Vec<_>>(),
            places,
            items,
            opposites(&duties, |r| matches!(r, Relation::Supplier { .. })),
            opposites(&duties, |r| matches!(r, Relation::Stock { .. })),
        ],
    );
    let landing = tx.fly(flight).await?;
    let (roles, held_duties) = read_held(op, &policy, landing.get(held), &persons, now)?;
    let active = landing
        .get(held)
        .iter()
        .any(|r| r.try_get::<_, Uuid>("id").ok() == Some(op.account) && in_force(r, now).unwrap_or(false));
    let mut rows_of: HashMap<i64, Vec<&Row>> = HashMap::new();
    for row in landing.get(prior) {
        rows_of.entry(row.try_get("n")?).or_default().push(row);
    }
    let hands: Vec<Hand> = op
        .hands()
        .into_iter()
        .map(|(person, via)| Hand {
            person,
            via: via.parse().unwrap_or(Via::Actor),
        })
        .collect();
    let mut out = Vec::with_capacity(documents.len());
    for ((subject, asked), n) in documents.iter().zip(1_i64..) {
        let prior = read_prior(rows_of.remove(&n).unwrap_or_default(), subject, now)?;
        let answer = |a: &Asked| {
            let asking = Asking {
                duty: a.duty,
                subject,
                standing: &a.standing,
                machine: op.kind.is_machine(),
                now,
            };
            let mut question = asking.question(hands.clone(), roles.clone(), prior.clone(), held_duties.clone())?;
            question.account_active = active;
            Ok(said(op, a, decide(&policy, &question)))
        };
        out.push(asked.iter().map(answer).collect::<Result<Vec<_>>>()?);
    }
    Ok(out)
}

/// The order of refusals of [`super::Facts::authorize`].
fn said(op: &Op, asked: &Asked, decision: Decision) -> Preview {
    if op
        .key_scope
        .as_ref()
        .is_some_and(|scope| !scope.iter().any(|d| d == asked.duty.code()))
    {
        return Preview::plain(Code::Forbidden);
    }
    match decision {
        Decision::Forbidden | Decision::Internal => Preview::plain(Code::Forbidden),
        Decision::NotFound => Preview::plain(Code::NotFound),
        _ if !asked.standing.permits => Preview::plain(Code::InvalidState),
        Decision::InvalidState => Preview::plain(Code::InvalidState),
        Decision::Allowed(_) => Preview::Allowed,
        Decision::Refused(r) => Preview::Refused {
            code: Code::SegregationOfDuties,
            rule: Some(r.rule),
            message: Some(r.message),
        },
    }
}
