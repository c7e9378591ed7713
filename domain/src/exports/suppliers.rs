//! Supplier files. A line has one contact, the first; bank details are in no file.

use quartermaster_tenants::tx::Rows;
use quartermaster_tenants::{Flight, Op, params};

const PAGE: &str = "SELECT t.code, t.legal_name, t.currency, t.tax_id, t.gln, t.payment_terms_days::text AS payment_terms_days, t.lead_time_days::text AS lead_time_days, t.incoterm, t.external_key, \
    c.name AS contact_name, c.role AS contact_role, c.email AS contact_email, c.phone AS contact_phone \
    FROM qm.supplier t LEFT JOIN LATERAL (SELECT x.name, x.role, x.email, x.phone FROM qm.supplier_contact x WHERE x.tenant_id = t.tenant_id AND x.id = t.id ORDER BY x.line_number LIMIT 1) c ON true \
    WHERE t.tenant_id = $1 AND t.code > $2 AND t.status IN ('ACTIVE', 'ON_HOLD') ORDER BY t.code LIMIT 1000";

/// Adds the statement that reads the lines behind a code.
pub(super) fn behind(op: &Op, code: String, flight: &mut Flight) -> Rows {
    flight.rows(PAGE, params![op.tenant.0, code])
}
