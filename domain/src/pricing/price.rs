//! An agreed price and the terms that come with it.

use crate::changes::{ChangeKind, Master};
use crate::shared::{Currency, Refusals, quantity, unit_price};
use crate::suppliers::{days, optional};
use chrono::NaiveDate;
use quartermaster_tenants::policy::duty;
use quartermaster_tenants::tx::{Flight, Landing, Rows};
use quartermaster_tenants::{Op, Refusal, Result, error::Code, params};
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::collections::{HashMap, HashSet};
use uuid::Uuid;

/// The first day of a price that has none.
pub const ALWAYS: NaiveDate = match NaiveDate::from_ymd_opt(1, 1, 1) {
    Some(day) => day,
    None => NaiveDate::MIN,
};

/// One agreed price. Supplier, item, unit, break, currency and first day make it what it is: the same again is the same row.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Price {
    /// Who sells.
    pub supplier_id: Uuid,
    /// What.
    pub item_id: Uuid,
    /// In which unit: the item's base unit or a pack's.
    pub unit: String,
    /// From this quantity on, in `unit`; 0 is any.
    pub minimum_quantity: Decimal,
    /// ISO 4217.
    pub currency: String,
    /// First day; [`ALWAYS`] for none.
    pub valid_from: NaiveDate,
    /// Last day; none is for ever.
    pub valid_to: Option<NaiveDate>,
    /// For one `unit`, up to four decimals.
    pub price: Decimal,
    /// The supplier's own number of the item.
    pub supplier_sku: Option<String>,
    /// Least quantity of an order line, in base units.
    pub minimum_order_quantity: Option<Decimal>,
    /// An order line is a multiple of this, in base units.
    pub order_multiple: Option<Decimal>,
    /// Days from order to delivery.
    pub lead_time_days: Option<i32>,
    /// 1 is the first choice.
    pub preference: Option<i16>,
}

const SUPPLIERS: &str = "SELECT s.id, s.status FROM qm.supplier s WHERE s.tenant_id = $1 AND s.id = ANY($2)";
const UNITS: &str = "SELECT i.id, i.base_unit AS unit FROM qm.item i WHERE i.tenant_id = $1 AND i.id = ANY($2) UNION ALL \
    SELECT p.id, p.unit FROM qm.item_pack p WHERE p.tenant_id = $1 AND p.id = ANY($2)";

impl Price {
    /// The id that its parts make.
    #[must_use]
    pub fn id(&self) -> Uuid {
        let mut h = Sha256::new();
        h.update(self.supplier_id.as_bytes());
        h.update(self.item_id.as_bytes());
        let parts = format!(
            "{}|{}|{}|{}",
            self.unit,
            self.minimum_quantity.normalize(),
            self.currency,
            self.valid_from
        );
        h.update(parts.as_bytes());
        let digest = h.finalize();
        let mut first = [0; 16];
        first.copy_from_slice(&digest[..16]);
        uuid::Builder::from_custom_bytes(first).into_uuid()
    }
}

/// Agreed prices as [`Price`] has them; a key without one has a pending record at most.
macro_rules! price_record {
    () => {
        "SELECT u.key::text AS key, u.key::uuid AS id, CASE WHEN s.id IS NULL THEN 'DRAFT' ELSE 'ACTIVE' END AS status, 0 AS version, 0 AS event_sequence, ''::bytea AS event_hash, \
         jsonb_build_object('supplierId', s.supplier_id, 'itemId', s.item_id, 'unit', s.unit, 'minimumQuantity', trim_scale(s.minimum_quantity)::text, 'currency', s.currency, \
         'validFrom', to_char(s.valid_from, 'YYYY-MM-DD'), 'validTo', s.valid_to, 'price', trim_scale(s.price)::text, 'supplierSku', t.supplier_sku, \
         'minimumOrderQuantity', nullif(trim_scale(t.minimum_quantity), 0)::text, 'orderMultiple', nullif(trim_scale(t.order_multiple), 0)::text, 'leadTimeDays', t.lead_time_days, 'preference', t.preference) AS record, \
         (SELECT l.record FROM qm.master_change_line l JOIN qm.master_change c ON c.tenant_id = l.tenant_id AND c.id = l.id \
           WHERE l.tenant_id = $1 AND l.target_id = u.key::uuid AND c.status IN ('DRAFT', 'PENDING') LIMIT 1) AS pending"
    };
}

impl Master for Price {
    type Maker = duty::PricePropose;
    const KIND: ChangeKind = ChangeKind::Price;
    const DOCUMENT: Option<&'static str> = None;
    const CREATED: &'static str = "";
    const CURRENT: &'static str = concat!(
        price_record!(),
        " FROM unnest($2::text[]) u (key) LEFT JOIN qm.supplier_price s ON s.tenant_id = $1 AND s.id = u.key::uuid \
        LEFT JOIN qm.supplier_item t ON t.tenant_id = $1 AND t.supplier_id = s.supplier_id AND t.item_id = s.item_id"
    );
    const CURRENT_BY_ID: &'static str = concat!(
        price_record!(),
        " FROM unnest($2::uuid[]) u (key) LEFT JOIN qm.supplier_price s ON s.tenant_id = $1 AND s.id = u.key \
        LEFT JOIN qm.supplier_item t ON t.tenant_id = $1 AND t.supplier_id = s.supplier_id AND t.item_id = s.item_id"
    );
    const WRITE: Option<&'static str> = None;

    fn key(&self) -> String {
        self.id().to_string()
    }

    fn fresh(&self) -> Uuid {
        self.id()
    }

    fn supplier(&self, _target: Uuid) -> Option<Uuid> {
        Some(self.supplier_id)
    }

    fn look(op: &Op, records: &[Self], flight: &mut Flight) -> Vec<Rows> {
        let mut suppliers: Vec<Uuid> = records.iter().map(|r| r.supplier_id).collect();
        let mut items: Vec<Uuid> = records.iter().map(|r| r.item_id).collect();
        for ids in [&mut suppliers, &mut items] {
            ids.sort_unstable();
            ids.dedup();
        }
        vec![
            flight.rows(SUPPLIERS, params![op.tenant.0, suppliers]),
            flight.rows(UNITS, params![op.tenant.0, items]),
        ]
    }

    fn problems(landing: &Landing, looked: &[Rows], records: &[(Uuid, &Self)]) -> Result<Vec<Vec<Refusal>>> {
        let [suppliers, units] = looked else {
            return Ok(vec![vec![]; records.len()]);
        };
        let suppliers: HashMap<Uuid, String> = landing
            .get(*suppliers)
            .iter()
            .map(|r| Ok((r.try_get(0)?, r.try_get(1)?)))
            .collect::<Result<_>>()?;
        let mut items: HashMap<Uuid, HashSet<String>> = HashMap::new();
        for row in landing.get(*units) {
            items.entry(row.try_get(0)?).or_default().insert(row.try_get(1)?);
        }
        let problems = |(_, price): &(Uuid, &Self)| {
            let mut found = Vec::new();
            match suppliers.get(&price.supplier_id).map(String::as_str) {
                None => found.push(Refusal::not_found(&["supplierId"], "supplier")),
                Some("CLOSED") => found.push(Refusal::new(
                    Code::Inactive,
                    &["supplierId"],
                    "This supplier is closed.",
                )),
                Some(_) => {}
            }
            match items.get(&price.item_id) {
                None => found.push(Refusal::not_found(&["itemId"], "item")),
                Some(units) if !units.contains(&price.unit) => {
                    found.push(Refusal::new(
                        Code::UnknownCode,
                        &["unitCode"],
                        "The item has no pack with this unit.",
                    ));
                }
                Some(_) => {}
            }
            found
        };
        Ok(records.iter().map(problems).collect())
    }

    fn checked(self) -> Result<Self, Vec<Refusal>> {
        let mut r = Refusals::default();
        let from_zero = |field: &str, value: Decimal| {
            if value.is_zero() {
                Ok(value)
            } else {
                quantity(&[field], value)
            }
        };
        let checked = Self {
            minimum_quantity: r
                .take(from_zero("minimumQuantity", self.minimum_quantity))
                .unwrap_or_default()
                .normalize(),
            currency: r
                .take(Currency::parse(&["currencyCode"], &self.currency))
                .map(|c| c.code().to_owned())
                .unwrap_or_default(),
            price: r.take(unit_price(&["price"], self.price)).unwrap_or_default(),
            supplier_sku: r
                .take(optional(&["supplierSku"], self.supplier_sku.as_deref(), 60))
                .flatten(),
            minimum_order_quantity: r
                .take(
                    self.minimum_order_quantity
                        .map(|q| from_zero("minimumOrderQuantity", q))
                        .transpose(),
                )
                .flatten()
                .filter(|q| !q.is_zero())
                .map(|q| q.normalize()),
            order_multiple: r
                .take(self.order_multiple.map(|q| from_zero("orderMultiple", q)).transpose())
                .flatten()
                .filter(|q| !q.is_zero())
                .map(|q| q.normalize()),
            lead_time_days: r.take(days(&["leadTimeDays"], self.lead_time_days)).flatten(),
            ..self
        };
        if checked.valid_to.is_some_and(|to| to < checked.valid_from) {
            r.push(Refusal::invalid(&["validTo"], "The price ends before it begins."));
        }
        if checked.preference.is_some_and(|p| !(1..=99).contains(&p)) {
            r.push(Refusal::invalid(
                &["preference"],
                "A preference from 1 to 99 is expected.",
            ));
        }
        r.finish()?;
        Ok(checked)
    }
}
