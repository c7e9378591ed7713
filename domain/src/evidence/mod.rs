//! Evidence: does the state of each document follow from the hands on it?
//!
//! The serving role can neither change nor delete a hand (`migrations/src/sql/secure_tenant_tables.sql`), but it can write a
//! state, and whoever reaches the database by another way can write anything. So the states are held against the hands again:
//! what is approved has as many approvers as it says, each another person than its makers.

use quartermaster_tenants::act::may;
use quartermaster_tenants::id::AnyId;
use quartermaster_tenants::policy::Duty;
use quartermaster_tenants::{Flight, Op, Result, TenantTx, Tenants, params};

/// The most that one answer tells.
const MOST: i64 = 100;

/// Every document whose state says that somebody agreed: who must have, how many, in which round, and who cannot have.
const UNEXPLAINED: &str = "WITH agreed AS ( \
      SELECT 'po' AS prefix, o.id, o.round, greatest(o.approvals, 1) AS needed, 'PO.APPROVE' AS duty, '{PO.CREATE,PO.SUBMIT}'::text[] AS makers FROM qm.purchase_order o \
        WHERE o.tenant_id = $1 AND o.required_level > 0 AND o.status IN ('APPROVED', 'RELEASED', 'PARTIALLY_RECEIVED', 'RECEIVED') \
      UNION ALL SELECT 'chg', c.id, c.round, greatest(c.approvals, 1), 'CO.APPROVE', '{CO.CREATE}' FROM qm.change_order c \
        WHERE c.tenant_id = $1 AND c.required_level > 0 AND c.status = 'EFFECTIVE' \
      UNION ALL SELECT 'rtv', r.id, r.round, greatest(r.approvals, 1), 'RTV.APPROVE', '{RTV.CREATE}' FROM qm.supplier_return r \
        WHERE r.tenant_id = $1 AND r.required_level > 0 AND r.status IN ('APPROVED', 'SHIPPED', 'CLOSED') \
      UNION ALL SELECT 'dsc', d.id, NULL, 1, 'DISC.RESOLVE', '{DISC.RAISE}' FROM qm.discrepancy d WHERE d.tenant_id = $1 AND d.status = 'RESOLVED' AND d.resolution <> 'REVERSED' \
      UNION ALL SELECT 'adj', a.id, a.round, 1, 'STK.ADJUST.APPROVE', '{STK.ADJUST}' FROM qm.adjustment a WHERE a.tenant_id = $1 AND a.required_level > 0 AND a.status IN ('POSTED', 'REVERSED') \
      UNION ALL SELECT 'cnt', s.id, NULL, 1, 'CNT.APPROVE', '{CNT.ENTER}' FROM qm.stock_count s WHERE s.tenant_id = $1 AND s.required_level > 0 AND s.status = 'POSTED' \
      UNION ALL SELECT CASE m.kind WHEN 'SUPPLIER_CHANGE' THEN 'sch' WHEN 'ITEM_CHANGE' THEN 'ich' ELSE 'prl' END, m.id, NULL, 1, \
        CASE m.kind WHEN 'SUPPLIER_CHANGE' THEN 'SUP.APPROVE' WHEN 'ITEM_CHANGE' THEN 'ITEM.APPROVE' ELSE 'PRICE.APPROVE' END, '{}' FROM qm.master_change m WHERE m.tenant_id = $1 AND m.status = 'APPROVED' \
      UNION ALL SELECT 'rpl', r.id, NULL, 1, 'REPL.APPROVE', '{REPL.EDIT}' FROM qm.replenishment_policy r WHERE r.tenant_id = $1 AND r.status = 'APPROVED' \
      UNION ALL SELECT 'sbc', b.id, NULL, 1, 'SUP.BANK.VERIFY', '{SUP.BANK.PROPOSE}' FROM qm.supplier_bank_change b WHERE b.tenant_id = $1 AND b.status = 'APPROVED' \
      UNION ALL SELECT 'wfr', w.id, NULL, 1, 'WF.PUBLISH', '{WF.EDIT}' FROM qm.workflow_rule w WHERE w.tenant_id = $1 AND w.status = 'PUBLISHED' \
      UNION ALL SELECT 'sdp', p.id, NULL, 1, 'POL.PUBLISH', '{POL.EDIT}' FROM qm.sod_policy p WHERE p.tenant_id = $1 AND p.status = 'PUBLISHED' \
      UNION ALL SELECT 'rla', g.id, NULL, 1, 'ROLE.GRANT.APPROVE', '{}' FROM qm.role_assignment g WHERE g.tenant_id = $1 AND g.state = 'APPROVED' AND NOT g.founding) \
    SELECT s.prefix, s.id FROM agreed s WHERE s.needed > (SELECT count(DISTINCT h.person_id) FROM qm.authz_hand h WHERE h.tenant_id = $1 AND h.document_id = s.id AND h.duty = s.duty \
        AND (s.round IS NULL OR h.round = s.round) AND NOT EXISTS (SELECT 1 FROM qm.authz_hand m WHERE m.tenant_id = $1 AND m.document_id = s.id AND m.person_id = h.person_id AND m.duty = ANY(s.makers))) \
    ORDER BY s.id LIMIT $2";

/// The first documents that say somebody agreed, without the hands that would explain it. For holders of AUD.READ.
///
/// # Errors
/// `FORBIDDEN` for everybody else; what the database said.
pub async fn unexplained(db: &Tenants, op: &Op) -> Result<Vec<AnyId>> {
    let mut tx = TenantTx::read(db, op).await?;
    may(&mut tx, Duty::AudRead).await?;
    let mut flight = Flight::new();
    let rows = flight.rows(UNEXPLAINED, params![op.tenant.0, MOST]);
    let landing = tx.fly(flight).await?;
    let read = |row: &tokio_postgres::Row| {
        Ok(AnyId {
            prefix: row.try_get("prefix")?,
            id: row.try_get("id")?,
        })
    };
    landing.get(rows).iter().map(read).collect()
}
