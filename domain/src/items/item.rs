//! An item's record and its checks.

use crate::changes::{ChangeKind, Master};
use crate::shared::{Refusals, code, gs1, line_field, quantity, required_text, unit};
use crate::suppliers::optional;
use crate::words;
use quartermaster_tenants::policy::duty;
use quartermaster_tenants::tx::{Flight, Landing, Rows};
use quartermaster_tenants::{Op, Refusal, Result, error::Code, params};
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use std::collections::{HashMap, HashSet};
use uuid::Uuid;

words! {
    /// Where an item stands.
    ItemStatus {
        /// Its approval was refused or taken back: it may be proposed again.
        Draft "DRAFT",
        /// Waits for its first approval.
        PendingApproval "PENDING_APPROVAL",
        /// May be ordered.
        Active "ACTIVE",
        /// May be ordered no more.
        Inactive "INACTIVE",
    }
}

/// Where a pack stands in the hierarchy (GS1: trade item unit descriptor).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum PackLevel {
    /// What is sold to people.
    Each,
    /// Between each and case.
    Inner,
    /// A case.
    Case,
    /// A pallet.
    Pallet,
}

impl PackLevel {
    /// The word in GraphQL.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Each => "EACH",
            Self::Inner => "INNER",
            Self::Case => "CASE",
            Self::Pallet => "PALLET",
        }
    }
}

/// How many base units one pack holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pack {
    /// UN/ECE Rec 20.
    pub unit: String,
    /// Its place in the hierarchy; quantities rise with it.
    pub level: PackLevel,
    /// Base units in one.
    pub quantity: Decimal,
}

/// A GTIN and the pack that it is printed on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ItemGtin {
    /// 14 digits.
    pub gtin: String,
    /// The base unit, or a pack's.
    pub unit: String,
}

/// An item as people enter it.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Item {
    /// The tenant's own number of it; never changes.
    pub sku: String,
    /// What people call it.
    pub name: String,
    /// More about it.
    pub description: Option<String>,
    /// Its place in the category tree.
    pub category_id: Option<Uuid>,
    /// What stock is counted in (UN/ECE Rec 20); never changes.
    pub base_unit: String,
    /// Stock is kept by lot.
    pub lot_tracked: bool,
    /// Lots have a date.
    pub expiry_tracked: bool,
    /// Each piece has a number.
    pub serial_tracked: bool,
    /// Under special law (alcohol, medicine).
    pub regulated: bool,
    /// Its packs, lowest first.
    #[serde(default)]
    pub packs: Vec<Pack>,
    /// Its GTINs.
    #[serde(default)]
    pub gtins: Vec<ItemGtin>,
}

/// The statement that reads items as [`Item`] has them, with what an open change proposes.
macro_rules! item_record {
    () => {
        "SELECT s.sku AS key, s.id, s.status, s.version, s.event_sequence, s.event_hash, jsonb_build_object('sku', s.sku, 'name', s.name, 'description', s.description, 'categoryId', s.category_id, 'baseUnit', s.base_unit, \
         'lotTracked', s.lot_tracked, 'expiryTracked', s.expiry_tracked, 'serialTracked', s.serial_tracked, 'regulated', s.regulated, \
         'packs', (SELECT coalesce(jsonb_agg(jsonb_build_object('unit', p.unit, 'level', p.level, 'quantity', trim_scale(p.base_quantity)::text) ORDER BY p.base_quantity, p.unit), '[]') FROM qm.item_pack p WHERE p.tenant_id = $1 AND p.id = s.id), \
         'gtins', (SELECT coalesce(jsonb_agg(jsonb_build_object('gtin', g.gtin, 'unit', g.unit) ORDER BY g.gtin), '[]') FROM qm.item_gtin g WHERE g.tenant_id = $1 AND g.item_id = s.id)) AS record, \
         (SELECT l.record FROM qm.master_change_line l JOIN qm.master_change c ON c.tenant_id = l.tenant_id AND c.id = l.id \
           WHERE l.tenant_id = $1 AND l.target_id = s.id AND c.status IN ('DRAFT', 'PENDING') LIMIT 1) AS pending FROM qm.item s"
    };
}

const CATEGORIES: &str = "SELECT c.id FROM qm.category c WHERE c.tenant_id = $1 AND c.id = ANY($2)";
const GTINS: &str = "SELECT g.gtin, g.item_id FROM qm.item_gtin g WHERE g.tenant_id = $1 AND g.gtin = ANY($2)";

impl Master for Item {
    type Maker = duty::ItemPropose;
    const KIND: ChangeKind = ChangeKind::Item;
    const DOCUMENT: Option<&'static str> = Some("ITEM");
    const CREATED: &'static str = "item-created";
    const CURRENT: &'static str = concat!(
        item_record!(),
        " WHERE s.tenant_id = $1 AND s.sku = ANY($2) ORDER BY s.id FOR UPDATE OF s"
    );
    const CURRENT_BY_ID: &'static str = concat!(
        item_record!(),
        " WHERE s.tenant_id = $1 AND s.id = ANY($2) ORDER BY s.id FOR UPDATE OF s"
    );
    const WRITE: Option<&'static str> = Some(
        "INSERT INTO qm.item AS s (tenant_id, id, sku, name, description, category_id, base_unit, status, lot_tracked, expiry_tracked, serial_tracked, regulated, version, event_sequence, event_hash, created_at, updated_at) \
         SELECT $1, l.target_id, l.record->>'sku', l.record->>'name', l.record->>'description', (l.record->>'categoryId')::uuid, l.record->>'baseUnit', u.status, (l.record->>'lotTracked')::bool, \
         (l.record->>'expiryTracked')::bool, (l.record->>'serialTracked')::bool, (l.record->>'regulated')::bool, u.version, u.sequence, u.hash, $8, $8 \
         FROM unnest($3::int[], $4::text[], $5::int[], $6::int[], $7::bytea[]) u (line_number, status, version, sequence, hash) \
         CROSS JOIN LATERAL (SELECT x.target_id, x.record FROM qm.master_change_line x WHERE x.tenant_id = $1 AND x.id = $2 AND x.line_number = u.line_number OFFSET 0) l \
         ON CONFLICT (tenant_id, id) DO UPDATE SET sku = excluded.sku, name = excluded.name, description = excluded.description, category_id = excluded.category_id, base_unit = excluded.base_unit, status = excluded.status, \
         lot_tracked = excluded.lot_tracked, expiry_tracked = excluded.expiry_tracked, serial_tracked = excluded.serial_tracked, regulated = excluded.regulated, \
         version = excluded.version, event_sequence = excluded.event_sequence, event_hash = excluded.event_hash, updated_at = excluded.updated_at",
    );

    fn key(&self) -> String {
        self.sku.clone()
    }

    fn supplier(&self, _target: Uuid) -> Option<Uuid> {
        None
    }

    fn look(op: &Op, records: &[Self], flight: &mut Flight) -> Vec<Rows> {
        let categories: Vec<Uuid> = records.iter().filter_map(|r| r.category_id).collect();
        let gtins: Vec<String> = records
            .iter()
            .flat_map(|r| r.gtins.iter().map(|g| g.gtin.clone()))
            .collect();
        vec![
            flight.rows(CATEGORIES, params![op.tenant.0, categories]),
            flight.rows(GTINS, params![op.tenant.0, gtins]),
        ]
    }

    fn problems(landing: &Landing, looked: &[Rows], records: &[(Uuid, &Self)]) -> Result<Vec<Vec<Refusal>>> {
        let [categories, gtins] = looked else {
            return Ok(vec![vec![]; records.len()]);
        };
        let categories: HashSet<Uuid> = landing
            .get(*categories)
            .iter()
            .map(|r| r.try_get(0))
            .collect::<Result<_, _>>()?;
        let owners: HashMap<String, Uuid> = landing
            .get(*gtins)
            .iter()
            .map(|r| Ok((r.try_get(0)?, r.try_get(1)?)))
            .collect::<Result<_>>()?;
        let problems = |(id, item): &(Uuid, &Self)| {
            let mut found = Vec::new();
            if item.category_id.is_some_and(|c| !categories.contains(&c)) {
                found.push(Refusal::not_found(&["categoryId"], "category"));
            }
            for (i, g) in item.gtins.iter().enumerate() {
                if owners.get(&g.gtin).is_some_and(|owner| owner != id) {
                    found.push(
                        Refusal::new(Code::Duplicate, &[], "This GTIN belongs to another item.")
                            .under(&line_field("gtins", i, "gtin")),
                    );
                }
            }
            found
        };
        Ok(records.iter().map(problems).collect())
    }

    fn checked(self) -> Result<Self, Vec<Refusal>> {
        let mut r = Refusals::default();
        let base_unit = r
            .take(unit::parse(&["baseUnitCode"], &self.base_unit))
            .unwrap_or_default();
        let packs = check_packs(&self.packs, base_unit, &mut r);
        let gtins = check_gtins(&self.gtins, base_unit, &packs, &mut r);
        let checked = Self {
            sku: r.take(code(&["sku"], &self.sku)).unwrap_or_default(),
            name: r.take(required_text(&["name"], &self.name, 200)).unwrap_or_default(),
            description: r
                .take(optional(&["description"], self.description.as_deref(), 2000))
                .flatten(),
            base_unit: base_unit.to_owned(),
            packs,
            gtins,
            ..self
        };
        r.finish()?;
        Ok(checked)
    }
}

fn check_packs(packs: &[Pack], base_unit: &str, r: &mut Refusals) -> Vec<Pack> {
    let mut out: Vec<Pack> = Vec::with_capacity(packs.len());
    for (i, pack) in packs.iter().enumerate() {
        let at = |field: &str| line_field("packs", i, field);
        let unit = r
            .take(unit::parse(&[], &pack.unit).map_err(|e| e.under(&at("unitCode"))))
            .unwrap_or_default();
        let held = r
            .take(quantity(&[], pack.quantity).map_err(|e| e.under(&at("baseQuantity"))))
            .unwrap_or_default();
        if unit == base_unit || out.iter().any(|p| p.unit == unit) {
            r.push(
                Refusal::new(Code::Duplicate, &[], "Each unit stands once, the base unit for itself.")
                    .under(&at("unitCode")),
            );
        }
        if out.iter().any(|p| p.level == pack.level) {
            r.push(Refusal::new(Code::Duplicate, &[], "Each level stands once.").under(&at("level")));
        }
        out.push(Pack {
            unit: unit.to_owned(),
            level: pack.level,
            quantity: held,
        });
    }
    out.sort_by_key(|p| p.level);
    if out.windows(2).any(|w| w[0].quantity >= w[1].quantity) {
        r.push(Refusal::invalid(
            &["packs"],
            "A higher level must hold more: each, inner, case, pallet.",
        ));
    }
    out
}

fn check_gtins(gtins: &[ItemGtin], base_unit: &str, packs: &[Pack], r: &mut Refusals) -> Vec<ItemGtin> {
    let mut out: Vec<ItemGtin> = Vec::with_capacity(gtins.len());
    for (i, g) in gtins.iter().enumerate() {
        let at = |field: &str| line_field("gtins", i, field);
        let unit = if g.unit.is_empty() { base_unit } else { &g.unit };
        if unit != base_unit && !packs.iter().any(|p| p.unit == unit) {
            r.push(Refusal::new(Code::UnknownCode, &[], "The item has no pack with this unit.").under(&at("unitCode")));
        }
        let Some(gtin) = r.take(gs1::gtin(&[], &g.gtin).map_err(|e| e.under(&at("gtin")))) else {
            continue;
        };
        if out.iter().any(|o| o.gtin == gtin) {
            r.push(Refusal::new(Code::Duplicate, &[], "This GTIN stands twice.").under(&at("gtin")));
            continue;
        }
        out.push(ItemGtin {
            gtin,
            unit: unit.to_owned(),
        });
    }
    out.sort_by(|a, b| a.gtin.cmp(&b.gtin));
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use rust_decimal::dec;

    fn item() -> Item {
        Item {
            sku: "A-1".to_owned(),
            name: "Vodka".to_owned(),
            base_unit: "XBO".to_owned(),
            ..Item::default()
        }
    }

    fn pack(unit: &str, level: PackLevel, quantity: Decimal) -> Pack {
        Pack {
            unit: unit.to_owned(),
            level,
            quantity,
        }
    }

    #[test]
    fn packs_rise_with_their_level_and_stand_once() {
        let rising = vec![
            pack("XPX", PackLevel::Pallet, dec!(720)),
            pack("CS", PackLevel::Case, dec!(12)),
        ];
        let checked = Item {
            packs: rising,
            ..item()
        }
        .checked()
        .unwrap();
        assert_eq!(checked.packs[0].unit, "CS");
        for wrong in [
            vec![
                pack("XPX", PackLevel::Pallet, dec!(6)),
                pack("CS", PackLevel::Case, dec!(12)),
            ],
            vec![
                pack("CS", PackLevel::Case, dec!(12)),
                pack("CS", PackLevel::Inner, dec!(6)),
            ],
            vec![pack("XBO", PackLevel::Case, dec!(12))],
            vec![pack("CS", PackLevel::Case, dec!(0))],
            vec![pack("BARREL", PackLevel::Case, dec!(2))],
        ] {
            assert!(Item { packs: wrong, ..item() }.checked().is_err());
        }
    }

    #[test]
    fn a_gtin_stands_on_the_base_unit_or_on_a_pack_of_the_item() {
        let on = |unit: &str| {
            vec![ItemGtin {
                gtin: "036000291452".to_owned(),
                unit: unit.to_owned(),
            }]
        };
        let checked = Item {
            gtins: on(""),
            ..item()
        }
        .checked()
        .unwrap();
        assert_eq!(
            (checked.gtins[0].gtin.as_str(), checked.gtins[0].unit.as_str()),
            ("00036000291452", "XBO")
        );
        assert!(
            Item {
                gtins: on("CS"),
                ..item()
            }
            .checked()
            .is_err()
        );
    }
}
