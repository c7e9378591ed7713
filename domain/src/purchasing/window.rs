//! What a maker ordered from a supplier inside the tenant's aggregation window: orders that were split add up (6.4).

use super::purchase_order::{PurchaseOrder, exposure};
use crate::shared::Currency;
use quartermaster_tenants::act::Facts;
use quartermaster_tenants::{Flight, Result, TenantTx, params};
use rust_decimal::Decimal;

/// An order counts from the moment that it was submitted, however long it lay there as a draft; each currency by itself.
const OTHERS: &str = "SELECT o.currency, sum(o.net_amount + o.tax_amount) AS amount FROM qm.purchase_order o WHERE o.tenant_id = $1 AND o.supplier_id = $2 AND o.buyer_account_id = $3 \
    AND o.id <> $4 AND o.updated_at > $5 AND o.status NOT IN ('DRAFT', 'REJECTED', 'CANCELLED') \
    AND EXISTS (SELECT 1 FROM qm.event e WHERE e.tenant_id = $1 AND e.document_id = o.id AND e.type = 'purchase-order-submitted' AND e.at > $5) GROUP BY o.currency";

/// The other orders' exposure, in the tenant's currency; zero without a window. The maker's lock on the supplier is held, so
/// that two orders at the same moment do not overlook each other.
///
/// # Errors
/// A currency without a published rate.
pub(super) async fn others(tx: &mut TenantTx<'_>, facts: &Facts, order: &PurchaseOrder) -> Result<Decimal> {
    let days = facts.settings.aggregation_window_days;
    if days == 0 {
        return Ok(Decimal::ZERO);
    }
    let since = facts.now - chrono::TimeDelta::days(i64::from(days));
    let mut flight = Flight::new();
    let tenant = tx.op().tenant.0;
    let rows = flight.rows(OTHERS, params![tenant, order.supplier, order.buyer, order.id.0, since]);
    let landing = tx.fly(flight).await?;
    let mut sum = Decimal::ZERO;
    for row in landing.get(rows) {
        let currency = Currency::parse(&["currencyCode"], row.try_get("currency")?)?;
        sum += exposure(row.try_get("amount")?, currency, &facts.settings)?;
    }
    Ok(sum)
}
