//! Lines of item files.

use super::claims::Claim;
use super::columns::{Column, optional, required};
use super::masters::Importable;
use super::row::Row;
use crate::changes::{Action, Current};
use crate::items::{Item, ItemGtin, Pack, PackLevel};
use crate::shared::{Refusals, gs1};
use quartermaster_tenants::error::Code;
use quartermaster_tenants::tx::{Landing, Rows};
use quartermaster_tenants::{Flight, Op, Refusal, Result, params};
use std::collections::HashMap;
use uuid::Uuid;

/// The columns.
pub(super) const COLUMNS: &[Column] = &[
    required("sku"),
    required("name"),
    required("base_unit"),
    optional("description"),
    optional("category"),
    optional("gtin"),
    optional("inner_unit"),
    optional("inner_quantity"),
    optional("inner_gtin"),
    optional("case_unit"),
    optional("case_quantity"),
    optional("case_gtin"),
    optional("pallet_unit"),
    optional("pallet_quantity"),
    optional("pallet_gtin"),
    optional("lot_tracked"),
    optional("expiry_tracked"),
    optional("serial_tracked"),
    optional("regulated"),
    optional("status"),
];

/// The columns of a level: unit, quantity, GTINs.
struct Level {
    level: PackLevel,
    unit: &'static str,
    quantity: &'static str,
    gtin: &'static str,
}

const LEVELS: [Level; 3] = [
    Level {
        level: PackLevel::Inner,
        unit: "inner_unit",
        quantity: "inner_quantity",
        gtin: "inner_gtin",
    },
    Level {
        level: PackLevel::Case,
        unit: "case_unit",
        quantity: "case_quantity",
        gtin: "case_gtin",
    },
    Level {
        level: PackLevel::Pallet,
        unit: "pallet_unit",
        quantity: "pallet_quantity",
        gtin: "pallet_gtin",
    },
];

const CATEGORIES: &str =
    "SELECT c.code, c.id, c.parent_id FROM qm.category c WHERE c.tenant_id = $1 AND c.code = ANY($2)";

/// Categories by code, each with the one above.
pub(super) type Categories = HashMap<String, (Uuid, Option<Uuid>)>;

impl Importable for Item {
    type Known = Categories;

    fn look_for(op: &Op, rows: &[&Row], flight: &mut Flight) -> Vec<Rows> {
        let mut codes: Vec<String> = rows.iter().copied().flat_map(path).map(str::to_owned).collect();
        codes.sort_unstable();
        codes.dedup();
        vec![flight.rows(CATEGORIES, params![op.tenant.0, codes])]
    }

    fn known(landing: &Landing, looked: &[Rows]) -> Result<Categories> {
        let rows = looked.iter().flat_map(|r| landing.get(*r));
        rows.map(|r| Ok((r.try_get(0)?, (r.try_get(1)?, r.try_get(2)?))))
            .collect()
    }

    fn read(row: &Row, known: &Categories, before: Option<&Self>) -> Result<Self, Vec<Refusal>> {
        let mut r = Refusals::default();
        let before = before.cloned().unwrap_or_default();
        let category = if row.has("category") {
            r.take(category(row, known)).flatten()
        } else {
            before.category_id
        };
        let base_unit = row.get("base_unit").to_owned();
        let packs = packs(row, &before, &mut r);
        let gtins = gtins(row, &before, &base_unit, &packs, &mut r);
        let record = Self {
            sku: row.get("sku").to_owned(),
            name: row.get("name").to_owned(),
            description: row.text("description", before.description),
            category_id: category,
            base_unit,
            lot_tracked: row.flag("lot_tracked", before.lot_tracked, &mut r),
            expiry_tracked: row.flag("expiry_tracked", before.expiry_tracked, &mut r),
            serial_tracked: row.flag("serial_tracked", before.serial_tracked, &mut r),
            regulated: row.flag("regulated", before.regulated, &mut r),
            packs,
            gtins,
        };
        r.finish()?;
        Ok(record)
    }

    fn without_invalid_gtins(mut self) -> (Self, Vec<Refusal>) {
        let mut omitted = Vec::new();
        let mut kept = Vec::with_capacity(self.gtins.len());
        for g in std::mem::take(&mut self.gtins) {
            let column = gtin_column(&self, &g.unit);
            match gs1::gtin(&[column], &g.gtin) {
                Ok(_) => kept.push(g),
                Err(refusal) => {
                    let message = format!("{} It was left out: {}.", refusal.message, g.gtin);
                    omitted.push(Refusal { message, ..refusal });
                }
            }
        }
        self.gtins = kept;
        (self, omitted)
    }

    fn action(row: &Row, current: Option<&Current>) -> Result<Action, Refusal> {
        let status = current.map_or("NEW", |c| c.status.as_str());
        match (row.some("status"), status) {
            (None, _) | (Some("ACTIVE"), "NEW" | "ACTIVE" | "DRAFT" | "PENDING_APPROVAL") => Ok(Action::Update),
            (Some("INACTIVE"), "INACTIVE") => Ok(Action::Update),
            (Some("ACTIVE"), _) => Ok(Action::Activate),
            (Some("INACTIVE"), "ACTIVE") => Ok(Action::Deactivate),
            (Some("INACTIVE"), _) => Err(Refusal::invalid(
                &["status"],
                "A new item is ACTIVE once it is approved; it may become INACTIVE after that.",
            )),
            (Some(_), _) => Err(Refusal::new(
                Code::UnknownCode,
                &["status"],
                "ACTIVE or INACTIVE is expected.",
            )),
        }
    }

    fn keeps(&self, before: &Self) -> Result<(), Refusal> {
        if self.base_unit == before.base_unit {
            return Ok(());
        }
        let message = format!("What stock is counted in never changes: it is {}.", before.base_unit);
        Err(Refusal::invalid(&["base_unit"], message))
    }

    fn claims(&self, _: &Row) -> Vec<Claim> {
        let own = Claim::Alone("sku", self.sku.clone());
        let gtins = self.gtins.iter();
        let gtins = gtins.map(|g| Claim::Alone(gtin_column(self, &g.unit), g.gtin.clone()));
        std::iter::once(own).chain(gtins).collect()
    }

    fn column(&self, field: &[String]) -> String {
        let place = |list: &str| {
            field
                .first()
                .filter(|f| *f == list)
                .and_then(|_| field.get(1)?.parse::<usize>().ok())
        };
        let name = field.last().map_or("sku", String::as_str);
        if let Some(gtin) = place("gtins").and_then(|i| self.gtins.get(i)) {
            return gtin_column(self, &gtin.unit).to_owned();
        }
        if let Some(pack) = place("packs").and_then(|i| self.packs.get(i)) {
            let level = LEVELS.iter().find(|l| l.level == pack.level);
            return level
                .map_or("", |l| if name == "baseQuantity" { l.quantity } else { l.unit })
                .to_owned();
        }
        match name {
            "packs" => "case_quantity",
            "categoryId" => "category",
            "baseUnitCode" => "base_unit",
            other => other,
        }
        .to_owned()
    }
}

/// The column that a GTIN of this unit stands in.
fn gtin_column(item: &Item, unit: &str) -> &'static str {
    let level = item.packs.iter().find(|p| p.unit == unit).map(|p| p.level);
    LEVELS
        .iter()
        .find(|l| Some(l.level) == level)
        .map_or("gtin", |l| l.gtin)
}

/// `SPIRITS > VODKA`: codes from above to below.
fn path(row: &Row) -> impl Iterator<Item = &str> {
    row.get("category").split('>').map(str::trim).filter(|c| !c.is_empty())
}

/// The category at the end of the path; each step must stand under the one before it.
fn category(row: &Row, known: &Categories) -> Result<Option<Uuid>, Refusal> {
    let mut above = None;
    for code in path(row) {
        let shown: String = code.chars().take(60).collect();
        let Some((id, parent)) = known.get(code) else {
            let message = format!("There is no category “{shown}”: make it first (categoryCreate).");
            return Err(Refusal::new(Code::NotFound, &["category"], message));
        };
        if above.is_some() && *parent != above {
            let message = format!("The category “{shown}” does not stand there in the tree.");
            return Err(Refusal::new(Code::NotFound, &["category"], message));
        }
        above = Some(*id);
    }
    Ok(above)
}

fn packs(row: &Row, before: &Item, r: &mut Refusals) -> Vec<Pack> {
    let mut packs: Vec<Pack> = before
        .packs
        .iter()
        .filter(|p| p.level == PackLevel::Each)
        .cloned()
        .collect();
    for level in &LEVELS {
        let was = before.packs.iter().find(|p| p.level == level.level);
        let unit = row.text(level.unit, was.map(|p| p.unit.clone()));
        let quantity = row.decimal(level.quantity, was.map(|p| p.quantity), r);
        match (unit, quantity) {
            (Some(unit), Some(quantity)) => packs.push(Pack {
                unit,
                level: level.level,
                quantity,
            }),
            (Some(_), None) if row.some(level.quantity).is_none() => {
                r.push(Refusal::new(
                    Code::Required,
                    &[level.quantity],
                    "A pack needs a quantity.",
                ));
            }
            (None, Some(_)) => r.push(Refusal::new(Code::Required, &[level.unit], "A pack needs a unit.")),
            (_, None) => {}
        }
    }
    packs
}

/// GTINs by level; several of one level are separated by spaces.
fn gtins(row: &Row, before: &Item, base_unit: &str, packs: &[Pack], r: &mut Refusals) -> Vec<ItemGtin> {
    let unit_of = |level: PackLevel| packs.iter().find(|p| p.level == level).map(|p| p.unit.as_str());
    let levels = LEVELS.iter().map(|l| (l.gtin, unit_of(l.level), Some(l.level)));
    // No column knows what is sold to people in another unit than stock is counted in.
    let unknown = |unit: &str| {
        let pack = before.packs.iter().find(|p| p.unit == unit);
        pack.is_some_and(|p| p.level == PackLevel::Each)
    };
    let mut gtins: Vec<ItemGtin> = before.gtins.iter().filter(|g| unknown(&g.unit)).cloned().collect();
    for (column, unit, level) in std::iter::once(("gtin", Some(base_unit), None)).chain(levels) {
        if !row.has(column) {
            let was = match level {
                None => Some(before.base_unit.as_str()),
                Some(level) => before.packs.iter().find(|p| p.level == level).map(|p| p.unit.as_str()),
            };
            gtins.extend(before.gtins.iter().filter(|g| Some(g.unit.as_str()) == was).cloned());
            continue;
        }
        match (row.some(column), unit) {
            (None, _) => {}
            (Some(_), None) => {
                r.push(Refusal::new(
                    Code::Required,
                    &[column],
                    "A GTIN of a pack needs the pack.",
                ));
            }
            (Some(value), Some(unit)) => gtins.extend(value.split_whitespace().map(|gtin| ItemGtin {
                gtin: gtin.to_owned(),
                unit: unit.to_owned(),
            })),
        }
    }
    gtins
}
