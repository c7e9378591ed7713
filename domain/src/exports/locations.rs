//! Location files: of the locations that the caller sees.

use quartermaster_tenants::tx::Rows;
use quartermaster_tenants::{Flight, Op, params};
use uuid::Uuid;

const PAGE: &str = "SELECT t.code, t.name, t.kind, t.time_zone, (SELECT r.code FROM qm.region r WHERE r.tenant_id = t.tenant_id AND r.id = t.region_id) AS region, \
    t.gln, t.street, t.city, t.postal_code, t.subdivision, t.country \
    FROM qm.location t WHERE t.tenant_id = $1 AND t.code > $2 AND t.status = 'ACTIVE' AND ($3::uuid[] IS NULL OR t.id = ANY($3)) ORDER BY t.code LIMIT 1000";

/// Adds the statement that reads the lines behind a code.
pub(super) fn behind(op: &Op, code: String, flight: &mut Flight) -> Rows {
    let scope = op.locations.as_param().map(<[Uuid]>::to_vec);
    flight.rows(PAGE, params![op.tenant.0, code, scope])
}
