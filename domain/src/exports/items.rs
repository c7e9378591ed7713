//! Item files: packs by level, the GTINs of a level separated by spaces, categories as their path.

use quartermaster_tenants::tx::Rows;
use quartermaster_tenants::{Flight, Op, params};

// The tree of categories is read once for a page, packs and GTINs for each line of it by itself: a join would be planned over all.
const PAGE: &str = "WITH RECURSIVE tree (id, path) AS (SELECT c.id, c.code FROM qm.category c WHERE c.tenant_id = $1 AND c.parent_id IS NULL \
      UNION ALL SELECT c.id, a.path || ' > ' || c.code FROM tree a JOIN qm.category c ON c.tenant_id = $1 AND c.parent_id = a.id) \
    SELECT t.sku, t.name, t.base_unit, t.description, c.path AS category, \
    g.gtin, p.inner_unit, p.inner_quantity, g.inner_gtin, p.case_unit, p.case_quantity, g.case_gtin, p.pallet_unit, p.pallet_quantity, g.pallet_gtin, \
    t.lot_tracked::text AS lot_tracked, t.expiry_tracked::text AS expiry_tracked, t.serial_tracked::text AS serial_tracked, t.regulated::text AS regulated, t.status \
    FROM (SELECT i.* FROM qm.item i WHERE i.tenant_id = $1 AND i.sku > $2 AND i.status IN ('ACTIVE', 'INACTIVE') ORDER BY i.sku LIMIT 1000) t LEFT JOIN tree c ON c.id = t.category_id \
    CROSS JOIN LATERAL (SELECT max(k.unit) FILTER (WHERE k.level = 'INNER') AS inner_unit, trim_scale(max(k.base_quantity) FILTER (WHERE k.level = 'INNER'))::text AS inner_quantity, \
      max(k.unit) FILTER (WHERE k.level = 'CASE') AS case_unit, trim_scale(max(k.base_quantity) FILTER (WHERE k.level = 'CASE'))::text AS case_quantity, \
      max(k.unit) FILTER (WHERE k.level = 'PALLET') AS pallet_unit, trim_scale(max(k.base_quantity) FILTER (WHERE k.level = 'PALLET'))::text AS pallet_quantity \
      FROM qm.item_pack k WHERE k.tenant_id = t.tenant_id AND k.id = t.id) p \
    CROSS JOIN LATERAL (SELECT string_agg(x.gtin, ' ' ORDER BY x.gtin) FILTER (WHERE x.unit = t.base_unit) AS gtin, string_agg(x.gtin, ' ' ORDER BY x.gtin) FILTER (WHERE x.unit = p.inner_unit) AS inner_gtin, \
      string_agg(x.gtin, ' ' ORDER BY x.gtin) FILTER (WHERE x.unit = p.case_unit) AS case_gtin, string_agg(x.gtin, ' ' ORDER BY x.gtin) FILTER (WHERE x.unit = p.pallet_unit) AS pallet_gtin \
      FROM qm.item_gtin x WHERE x.tenant_id = t.tenant_id AND x.item_id = t.id) g ORDER BY t.sku";

/// Adds the statement that reads the lines behind a SKU.
pub(super) fn behind(op: &Op, sku: String, flight: &mut Flight) -> Rows {
    flight.rows(PAGE, params![op.tenant.0, sku])
}
