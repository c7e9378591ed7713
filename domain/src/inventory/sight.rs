//! What a counter must not see.
//!
//! While a blind count (or any recount) is open, the stock that it covers does not exist for accounts that neither plan nor
//! approve counts: not as a position, not in the ledger, not in a sum, not in a past moment, not on the count's own lines.
//! Statements about stock carry [`NOT_COUNTED_BLIND`]; nobody has to remember it for a field.

use quartermaster_tenants::Op;
use quartermaster_tenants::policy::{Duty, PolicyRows};
use std::collections::BTreeSet;
use std::sync::LazyLock;

/// The standard roles that plan or approve counts. A tenant's own role sees no more than a counter does.
static SEEING: LazyLock<BTreeSet<String>> = LazyLock::new(|| {
    let duties = [Duty::CntPlan.code(), Duty::CntApprove.code()];
    let grants = PolicyRows::standard().grants.into_iter();
    grants
        .filter(|g| duties.contains(&g.duty.as_str()))
        .map(|g| g.role)
        .collect()
});

/// May the caller see stock that is being counted blind?
#[must_use]
pub fn sees_counted(op: &Op) -> bool {
    op.roles.iter().any(|r| SEEING.contains(r))
}

/// The condition, for a row `t` with `tenant_id`, `location_id` and `item_id`; its parameter is [`sees_counted`].
pub const NOT_COUNTED_BLIND: &str = "(? OR NOT EXISTS (SELECT 1 FROM qm.stock_count c JOIN qm.stock_count_line k ON k.tenant_id = c.tenant_id AND k.id = c.id \
    WHERE c.tenant_id = t.tenant_id AND c.location_id = t.location_id AND c.status IN ('IN_PROGRESS', 'RECOUNT_ASKED') AND (c.blind OR c.pass > 1) AND k.item_id = t.item_id))";
