//! The proof that a duty was authorized: what every write of a governed document demands.

use super::Subject;
use super::signature::Signature;
use crate::error::{Error, Result};
use crate::policy::{DocumentKind, Duty, DutyType, Hand, Relation, standard_rules};
use crate::tx::{Flight, TenantTx, params};
use chrono::{DateTime, Utc};
use std::marker::PhantomData;
use uuid::Uuid;

/// These hands may do duty `D` on this document in this transaction. Made by [`super::Facts::authorize`] alone; it cannot be
/// cloned, and writing consumes it.
#[must_use = "an authorization that no write consumes leaves no hand"]
pub struct Authorized<D: DutyType> {
    tx: Uuid,
    act: Uuid,
    document: Uuid,
    version: Option<i32>,
    round: i32,
    hands: Vec<Hand>,
    policy_version: i32,
    at: DateTime<Utc>,
    suppliers: Vec<Uuid>,
    location: Option<Uuid>,
    items: Vec<Uuid>,
    duty: PhantomData<D>,
}

/// Whose hand a write leaves: repositories take one by value, whoever acts.
pub(crate) trait Signs {
    /// Adds the hand to the writes of a document that had this version.
    ///
    /// # Errors
    /// A hand that is for something else: a defect of the caller.
    fn sign(self, tx: &TenantTx<'_>, document: Uuid, version: i32, writes: &mut Flight) -> Result<()>;
}

impl<D: DutyType> Signs for Authorized<D> {
    fn sign(self, tx: &TenantTx<'_>, document: Uuid, version: i32, writes: &mut Flight) -> Result<()> {
        Self::sign(self, tx, document, version, writes)
    }
}

/// Of what follows from an act on another document, whose hand is there; and of what needs no duty.
#[derive(Debug, Clone, Copy)]
pub(crate) struct NoHand;

impl Signs for NoHand {
    fn sign(self, _: &TenantTx<'_>, _: Uuid, _: i32, _: &mut Flight) -> Result<()> {
        Ok(())
    }
}

impl<D: DutyType> Authorized<D> {
    pub(super) fn new(
        tx: Uuid,
        act: Uuid,
        subject: &Subject,
        hands: Vec<Hand>,
        policy_version: i32,
        at: DateTime<Utc>,
        version: Option<i32>,
    ) -> Self {
        Self {
            tx,
            act,
            document: subject.document,
            version,
            round: subject.round,
            hands,
            policy_version,
            at,
            suppliers: subject.suppliers(),
            location: subject.location,
            items: subject.items.clone(),
            duty: PhantomData,
        }
    }

    /// The act that its hands and events share.
    #[must_use]
    pub fn act(&self) -> Uuid {
        self.act
    }

    /// The version that the document had when the act was authorized, if the caller said which one he had read.
    #[must_use]
    pub fn version(&self) -> Option<i32> {
        self.version
    }

    /// Checks like [`Self::sign`], and writes no hand: for work that is put forward later, together with that of others
    /// ([`super::Subject::together_with`]), and whose hands are written then.
    ///
    /// # Errors
    /// That defect.
    pub fn check(self, tx: &TenantTx<'_>, document: impl Into<Uuid>, version: i32) -> Result<()> {
        if self.tx != tx.id || self.document != document.into() || self.version.is_some_and(|v| v != version) {
            return Err(Error::internal(format!(
                "an authorization for {} was used for something else",
                D::DUTY.code()
            )));
        }
        Ok(())
    }

    /// Adds the hands of this act to the writes. Fails when the authorization is for another transaction, document or version:
    /// a defect of the caller, which must not reach the database.
    ///
    /// # Errors
    /// That defect.
    pub fn sign(self, tx: &TenantTx<'_>, document: impl Into<Uuid>, version: i32, writes: &mut Flight) -> Result<()> {
        if self.tx != tx.id || self.document != document.into() || self.version.is_some_and(|v| v != version) {
            return Err(Error::internal(format!(
                "an authorization for {} was used for something else",
                D::DUTY.code()
            )));
        }
        let items = if self.items.is_empty() || !has_stock_rule(D::DUTY) {
            None
        } else {
            Some(self.items)
        };
        writes.sign(Signature {
            document: self.document,
            act: self.act,
            duty: D::DUTY.code(),
            round: self.round,
            policy_version: self.policy_version,
            at: self.at,
            hands: self.hands.iter().map(|h| (h.person, h.via.code())).collect(),
            suppliers: self.suppliers,
            location: self.location,
            items,
        });
        Ok(())
    }
}

const HANDS_ON_MANY: &str = "INSERT INTO qm.authz_hand AS a (tenant_id, document_id, sequence, act_id, duty, round, person_id, via, account_id, policy_version, at, supplier_id, location_id, item_ids) \
    SELECT $1, d.id, u.n::int, $2, $3, 1, u.person, u.via, $4, $5, $6, $7, $8, NULL \
    FROM unnest($9::uuid[]) d (id) CROSS JOIN unnest($10::uuid[], $11::text[]) WITH ORDINALITY u (person, via, n) RETURNING a.sequence";

impl<D: DutyType> Authorized<D> {
    /// Leaves the hands of this act as makers on new documents that the system found because of it (6.10: the maker hand of a
    /// discrepancy found by the system is the receiver's). Call before [`Self::sign`].
    pub fn make_found(&self, tx: &TenantTx<'_>, duty: Duty, documents: Vec<Uuid>, writes: &mut Flight) {
        if documents.is_empty() {
            return;
        }
        let persons: Vec<Uuid> = self.hands.iter().map(|h| h.person).collect();
        let vias: Vec<&'static str> = self.hands.iter().map(|h| h.via.code()).collect();
        let count = (persons.len() * documents.len()) as u64;
        let op = tx.op();
        writes.exec(
            HANDS_ON_MANY,
            params![
                op.tenant.0,
                self.act,
                duty.code(),
                op.account,
                self.policy_version,
                self.at,
                self.suppliers.first().copied(),
                self.location,
                documents,
                persons,
                vias
            ],
            count,
        );
    }
}

/// Only these acts are looked for by location and item.
fn has_stock_rule(duty: Duty) -> bool {
    standard_rules()
        .iter()
        .any(|r| matches!(r.relation, Relation::Stock { .. }) && (r.a == duty || r.b.contains(&duty)))
}

const LINK: &str = "INSERT INTO qm.authz_link AS a (tenant_id, document_id, ancestor_id, document_is_order, ancestor_is_order) \
    SELECT $1, $2, x.id, $3, bool_or(x.is_order) FROM ( \
      SELECT u.id, u.is_order FROM unnest($4::uuid[], $5::bool[]) u (id, is_order) \
      UNION ALL SELECT l.* FROM unnest($4::uuid[]) u (id) CROSS JOIN LATERAL ( \
        SELECT y.ancestor_id, y.ancestor_is_order FROM qm.authz_link y WHERE y.tenant_id = $1 AND y.document_id = u.id OFFSET 0) l) x \
    GROUP BY x.id ON CONFLICT DO NOTHING RETURNING a.ancestor_id";

/// Adds the derivation links of a new document to the writes: its parents and all that they derive from.
pub fn link(
    tx: &TenantTx<'_>,
    kind: DocumentKind,
    document: impl Into<Uuid>,
    parents: &[(Uuid, bool)],
    writes: &mut Flight,
) {
    if parents.is_empty() {
        return;
    }
    let (ids, orders): (Vec<Uuid>, Vec<bool>) = parents.iter().copied().unzip();
    writes.exec_any(
        LINK,
        params![
            tx.op().tenant.0,
            document.into(),
            kind == DocumentKind::PurchaseOrder,
            ids,
            orders
        ],
    );
}

const LINK_MANY: &str = "INSERT INTO qm.authz_link AS a (tenant_id, document_id, ancestor_id, document_is_order, ancestor_is_order) \
    SELECT $1, d.id, x.id, false, bool_or(x.is_order) FROM unnest($2::uuid[]) d (id) CROSS JOIN ( \
      SELECT $3::uuid AS id, false AS is_order \
      UNION ALL SELECT l.ancestor_id, l.ancestor_is_order FROM qm.authz_link l WHERE l.tenant_id = $1 AND l.document_id = $3) x \
    GROUP BY d.id, x.id ON CONFLICT DO NOTHING RETURNING a.ancestor_id";

/// The same for many new documents that derive from one parent, which is no order and whose own links stand already.
pub fn link_many(tx: &TenantTx<'_>, documents: Vec<Uuid>, parent: Uuid, writes: &mut Flight) {
    if !documents.is_empty() {
        writes.exec_any(LINK_MANY, params![tx.op().tenant.0, documents, parent]);
    }
}
