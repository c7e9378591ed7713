//! Price files: all prices of a supplier's item stand together, each with the terms of that item.

use super::Place;
use crate::pricing::ALWAYS;
use quartermaster_tenants::tx::Rows;
use quartermaster_tenants::{Flight, Op, Result, params};
use tokio_postgres::Row;
use uuid::Uuid;

const PAGE: &str = "SELECT (SELECT s.code FROM qm.supplier s WHERE s.tenant_id = t.tenant_id AND s.id = t.supplier_id) AS supplier_code, \
    (SELECT i.sku FROM qm.item i WHERE i.tenant_id = t.tenant_id AND i.id = t.item_id) AS sku, trim_scale(t.price)::text AS price, t.unit, t.currency, \
    CASE WHEN t.valid_from > '0001-01-01' THEN to_char(t.valid_from, 'YYYY-MM-DD') END AS valid_from, to_char(t.valid_to, 'YYYY-MM-DD') AS valid_to, \
    nullif(trim_scale(t.minimum_quantity), 0)::text AS minimum_quantity, o.supplier_sku, o.minimum_order_quantity, o.order_multiple, o.lead_time_days, o.preference, \
    t.supplier_id AS at_supplier, t.item_id AS at_item, t.valid_from AS at_day, t.id AS at_id \
    FROM qm.supplier_price t LEFT JOIN LATERAL (SELECT x.supplier_sku, nullif(trim_scale(x.minimum_quantity), 0)::text AS minimum_order_quantity, nullif(trim_scale(x.order_multiple), 0)::text AS order_multiple, \
      x.lead_time_days::text AS lead_time_days, x.preference::text AS preference FROM qm.supplier_item x WHERE x.tenant_id = t.tenant_id AND x.supplier_id = t.supplier_id AND x.item_id = t.item_id LIMIT 1) o ON true \
    WHERE t.tenant_id = $1 AND (t.supplier_id, t.item_id, t.valid_from, t.id) > ($2, $3, $4, $5) ORDER BY t.supplier_id, t.item_id, t.valid_from, t.id LIMIT 1000";

/// Adds the statement that reads the lines behind a price.
pub(super) fn behind(op: &Op, after: Option<&Place>, flight: &mut Flight) -> Rows {
    let (supplier, item, day, id) = match after {
        Some(Place::Price(supplier, item, day, id)) => (*supplier, *item, *day, *id),
        _ => (Uuid::nil(), Uuid::nil(), ALWAYS, Uuid::nil()),
    };
    flight.rows(PAGE, params![op.tenant.0, supplier, item, day, id])
}

/// Where a line stands.
pub(super) fn place(row: &Row) -> Result<Place> {
    Ok(Place::Price(
        row.try_get("at_supplier")?,
        row.try_get("at_item")?,
        row.try_get("at_day")?,
        row.try_get("at_id")?,
    ))
}
