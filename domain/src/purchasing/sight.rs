//! What a receiver who counts blind must not see.
//!
//! Where the tenant wants blind receiving, as long as an order expects goods, and elsewhere while a blind receipt is open
//! against it, what was ordered does not exist for accounts that receive and neither make nor approve orders: no quantity and
//! no amount of the order or of its lines, none of its changes, nothing of it among what is inbound, nor beside what an
//! earlier receipt counted. Statements that read it for such an account carry [`received_blind`].

use quartermaster_tenants::Op;
use quartermaster_tenants::policy::{Duty, PolicyRows};
use std::collections::BTreeSet;
use std::sync::LazyLock;

const ORDERING: [Duty; 7] = [
    Duty::PoCreate,
    Duty::PoSubmit,
    Duty::PoApprove,
    Duty::PoSend,
    Duty::PoCancel,
    Duty::CoCreate,
    Duty::CoApprove,
];

/// The standard roles with one of these duties.
fn roles_with(duties: &[Duty]) -> BTreeSet<String> {
    let grants = PolicyRows::standard().grants.into_iter();
    grants
        .filter(|g| duties.iter().any(|d| d.code() == g.duty))
        .map(|g| g.role)
        .collect()
}

static SEEING: LazyLock<BTreeSet<String>> = LazyLock::new(|| roles_with(&ORDERING));
static RECEIVING: LazyLock<BTreeSet<String>> = LazyLock::new(|| roles_with(&[Duty::RcvRecord]));
static STANDARD: LazyLock<BTreeSet<String>> =
    LazyLock::new(|| PolicyRows::standard().grants.into_iter().map(|g| g.role).collect());

/// May the caller see what was ordered while it is received blind? A tenant's own role may receive, so it sees no more than a
/// receiver does.
#[must_use]
pub fn sees_ordered(op: &Op) -> bool {
    let receives = |r: &String| RECEIVING.contains(r) || !STANDARD.contains(r);
    op.roles.iter().any(|r| SEEING.contains(r)) || !op.roles.iter().any(receives)
}

/// Is the order of this alias received blind?
const RECEIVED_BLIND: &str = "((%.status IN ('APPROVED', 'RELEASED', 'PARTIALLY_RECEIVED', 'ON_HOLD') \
    AND coalesce((SELECT (b.settings->>'blindReceiving')::bool FROM qm.tenant_setting b WHERE b.tenant_id = %.tenant_id AND b.id = %.tenant_id), false)) \
    OR EXISTS (SELECT 1 FROM qm.receipt_order x JOIN qm.receipt y ON y.tenant_id = x.tenant_id AND y.id = x.id \
    WHERE x.tenant_id = %.tenant_id AND x.order_id = %.id AND y.blind AND y.status = 'OPEN'))";

/// The condition that an order, by its alias in the statement, is received blind.
#[must_use]
pub fn received_blind(order: &str) -> String {
    RECEIVED_BLIND.replace('%', order)
}

/// A statement whose columns of `row` are null where the condition holds.
#[must_use]
pub(super) fn without(sql: &str, row: &str, columns: &[&str], hidden: &str) -> String {
    columns.iter().fold(sql.to_owned(), |sql, column| {
        let seen = format!("CASE WHEN NOT {hidden} THEN {row}.{column} END AS {column}");
        sql.replacen(&format!("{row}.{column}"), &seen, 1)
    })
}
