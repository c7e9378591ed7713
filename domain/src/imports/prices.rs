//! Lines of price files. Suppliers and items are named by code and SKU.

use super::claims::Claim;
use super::columns::{Column, optional, required};
use super::masters::Importable;
use super::row::Row;
use crate::changes::{Current, Master};
use crate::pricing::{ALWAYS, Price, Terms};
use crate::shared::Refusals;
use quartermaster_tenants::error::Code;
use quartermaster_tenants::tx::{Landing, Rows};
use quartermaster_tenants::{Flight, Op, Refusal, Result, params};
use std::collections::HashMap;
use uuid::Uuid;

/// The columns.
pub(super) const COLUMNS: &[Column] = &[
    required("supplier_code"),
    required("sku"),
    required("price"),
    optional("unit"),
    optional("currency"),
    optional("valid_from"),
    optional("valid_to"),
    optional("minimum_quantity"),
    optional("supplier_sku"),
    optional("minimum_order_quantity"),
    optional("order_multiple"),
    optional("lead_time_days"),
    optional("preference"),
];

const TERMS: [&str; 5] = [
    "supplier_sku",
    "minimum_order_quantity",
    "order_multiple",
    "lead_time_days",
    "preference",
];

const SUPPLIERS: &str =
    "SELECT s.code, s.id, s.currency FROM qm.supplier s WHERE s.tenant_id = $1 AND s.code = ANY($2)";
const ITEMS: &str = "SELECT i.sku, i.id, i.base_unit FROM qm.item i WHERE i.tenant_id = $1 AND i.sku = ANY($2)";
const STANDING: &str = "SELECT t.supplier_id, t.item_id, t.supplier_sku, t.minimum_quantity, t.order_multiple, t.lead_time_days, t.preference FROM unnest($2::text[], $3::text[]) u (code, sku) \
    JOIN qm.supplier s ON s.tenant_id = $1 AND s.code = u.code JOIN qm.item i ON i.tenant_id = $1 AND i.sku = u.sku \
    JOIN qm.supplier_item t ON t.tenant_id = $1 AND t.supplier_id = s.id AND t.item_id = i.id";

/// What price files name.
pub(super) struct Named {
    suppliers: HashMap<String, (Uuid, String)>,
    items: HashMap<String, (Uuid, String)>,
    terms: HashMap<(Uuid, Uuid), Terms>,
}

impl Importable for Price {
    type Known = Named;

    fn look_for(op: &Op, rows: &[&Row], flight: &mut Flight) -> Vec<Rows> {
        let of = |column: &str| rows.iter().map(|r| r.get(column).to_owned()).collect::<Vec<_>>();
        let (codes, skus) = (of("supplier_code"), of("sku"));
        let once = |mut names: Vec<String>| {
            names.sort_unstable();
            names.dedup();
            names
        };
        let mut pairs: Vec<(String, String)> = codes.iter().cloned().zip(skus.iter().cloned()).collect();
        pairs.sort_unstable();
        pairs.dedup();
        let (pair_codes, pair_skus): (Vec<String>, Vec<String>) = pairs.into_iter().unzip();
        vec![
            flight.rows(SUPPLIERS, params![op.tenant.0, once(codes)]),
            flight.rows(ITEMS, params![op.tenant.0, once(skus)]),
            flight.rows(STANDING, params![op.tenant.0, pair_codes, pair_skus]),
        ]
    }

    fn known(landing: &Landing, looked: &[Rows]) -> Result<Named> {
        let rows = |place: usize| looked.get(place).map_or(&[][..], |r| landing.get(*r));
        let by_code = |place: usize| {
            let read = |r: &tokio_postgres::Row| Ok((r.try_get(0)?, (r.try_get(1)?, r.try_get(2)?)));
            rows(place).iter().map(read).collect::<Result<HashMap<_, _>>>()
        };
        let mut terms = HashMap::new();
        for r in rows(2) {
            terms.insert((r.try_get(0)?, r.try_get(1)?), Terms::read(r)?);
        }
        Ok(Named {
            suppliers: by_code(0)?,
            items: by_code(1)?,
            terms,
        })
    }

    fn read(row: &Row, known: &Named, before: Option<&Self>) -> Result<Self, Vec<Refusal>> {
        let mut r = Refusals::default();
        let supplier = named(row, "supplier_code", "supplier", &known.suppliers, &mut r);
        let item = named(row, "sku", "item", &known.items, &mut r);
        let price = row.decimal("price", None, &mut r);
        if row.some("price").is_none() {
            r.push(Refusal::new(Code::Required, &["price"], "This must not be empty."));
        }
        let valid_from = row.date("valid_from", None, &mut r);
        let valid_to = row.date("valid_to", before.and_then(|b| b.valid_to), &mut r);
        let minimum_quantity = row.decimal("minimum_quantity", None, &mut r);
        let pair = supplier.zip(item).map(|((s, _), (i, _))| (*s, *i));
        let was = pair.and_then(|p| known.terms.get(&p)).cloned().unwrap_or_default();
        let supplier_sku = row.text("supplier_sku", was.supplier_sku);
        let minimum_order_quantity = row.decimal("minimum_order_quantity", was.minimum_order_quantity, &mut r);
        let order_multiple = row.decimal("order_multiple", was.order_multiple, &mut r);
        let lead_time_days = row.whole("lead_time_days", was.lead_time_days, &mut r);
        let preference = row.whole("preference", was.preference, &mut r);
        r.finish()?;
        let (Some((supplier, currency)), Some((item, base_unit)), Some(price)) = (supplier, item, price) else {
            return Err(vec![Refusal::invalid(&[], "This line cannot be read.")]);
        };
        let or = |column: &str, other: &str| row.some(column).unwrap_or(other).to_owned();
        Ok(Self {
            supplier_id: *supplier,
            item_id: *item,
            unit: or("unit", base_unit),
            minimum_quantity: minimum_quantity.unwrap_or_default().normalize(),
            currency: or("currency", currency),
            valid_from: valid_from.unwrap_or(ALWAYS),
            valid_to,
            price,
            supplier_sku,
            minimum_order_quantity,
            order_multiple,
            lead_time_days,
            preference,
        })
    }

    fn stands(current: &Current) -> bool {
        current.status == "ACTIVE"
    }

    fn claims(&self, row: &Row) -> Vec<Claim> {
        let mut claims = vec![Claim::Alone("sku", self.key())];
        let pair = format!("{} {}", self.supplier_id, self.item_id);
        // Terms are the supplier item's, however many prices it has: they cannot be two things.
        claims.extend(
            TERMS
                .into_iter()
                .filter(|t| row.has(t))
                .map(|t| Claim::Agreed(t, pair.clone(), row.get(t).to_owned())),
        );
        claims
    }

    fn column(&self, field: &[String]) -> String {
        let column = match field.last().map_or("itemId", String::as_str) {
            "supplierId" => "supplier_code",
            "itemId" => "sku",
            "currencyCode" => "currency",
            "unitCode" => "unit",
            "minimumQuantity" => "minimum_quantity",
            "supplierSku" => "supplier_sku",
            "minimumOrderQuantity" => "minimum_order_quantity",
            "orderMultiple" => "order_multiple",
            "leadTimeDays" => "lead_time_days",
            "validTo" => "valid_to",
            other => other,
        };
        column.to_owned()
    }
}

/// What a column names, or why that is nothing.
fn named<'k, T>(row: &Row, column: &str, what: &str, known: &'k HashMap<String, T>, r: &mut Refusals) -> Option<&'k T> {
    let Some(name) = row.some(column) else {
        r.push(Refusal::new(Code::Required, &[column], "This must not be empty."));
        return None;
    };
    let found = known.get(name);
    if found.is_none() {
        let message = format!("There is no {what} with this code.");
        r.push(Refusal::new(Code::NotFound, &[column], message));
    }
    found
}
