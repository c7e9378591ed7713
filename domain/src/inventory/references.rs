//! The locations and items that stock documents name.

use super::movement::{Place, StockStatus};
use crate::shared::{line_field, text};
use quartermaster_tenants::error::Code;
use quartermaster_tenants::tx::{Flight, Landing, Rows};
use quartermaster_tenants::{Op, Refusal, Result, params};
use rust_decimal::Decimal;
use std::collections::HashMap;
use uuid::Uuid;

/// The most lines that a stock document may have.
pub const MOST_LINES: usize = 10_000;
/// The largest quantity of one line, in base units.
const MOST: Decimal = rust_decimal::dec!(1000000000);

const LOCATIONS: &str = "SELECT l.id, l.status, ($3::uuid[] IS NULL OR l.id = ANY($3)) FROM unnest($2::uuid[]) u (id) CROSS JOIN LATERAL ( \
    SELECT x.id, x.status FROM qm.location x WHERE x.tenant_id = $1 AND x.id = u.id OFFSET 0) l";
const ITEMS: &str = "SELECT i.* FROM unnest($2::uuid[]) u (id) CROSS JOIN LATERAL ( \
    SELECT x.id, x.base_unit, x.status, x.lot_tracked FROM qm.item x WHERE x.tenant_id = $1 AND x.id = u.id OFFSET 0) i";
const PACKS: &str = "SELECT p.* FROM unnest($2::uuid[]) u (id) CROSS JOIN LATERAL ( \
    SELECT x.id, x.unit, x.base_quantity FROM qm.item_pack x WHERE x.tenant_id = $1 AND x.id = u.id OFFSET 0) p";

/// What a stock document needs to know of an item.
#[derive(Debug, Clone)]
pub struct StockItem {
    /// Its base unit.
    pub base_unit: String,
    /// May more of it come in?
    pub active: bool,
    /// Does each movement of it need a lot?
    pub lot_tracked: bool,
    /// Its packs: unit and base units in one.
    pub packs: Vec<(String, Decimal)>,
}

/// The locations and items that a document names, as far as they exist.
#[derive(Debug, Default)]
pub struct References {
    /// Is it active, and inside the caller's scope?
    locations: HashMap<Uuid, (bool, bool)>,
    items: HashMap<Uuid, StockItem>,
}

/// Where the answers will be.
#[derive(Debug, Clone, Copy)]
pub struct ReferenceRows {
    locations: Rows,
    items: Rows,
    packs: Rows,
}

/// Adds the statements that read them.
pub fn references(op: &Op, locations: Vec<Uuid>, mut items: Vec<Uuid>, flight: &mut Flight) -> ReferenceRows {
    items.sort_unstable();
    items.dedup();
    let scope = op.locations.as_param().map(<[Uuid]>::to_vec);
    ReferenceRows {
        locations: flight.rows(LOCATIONS, params![op.tenant.0, locations, scope]),
        items: flight.rows(ITEMS, params![op.tenant.0, items.clone()]),
        packs: flight.rows(PACKS, params![op.tenant.0, items]),
    }
}

/// Reads them.
///
/// # Errors
/// A column that is not as expected.
pub fn read(landing: &Landing, rows: &ReferenceRows) -> Result<References> {
    let mut found = References::default();
    for r in landing.get(rows.locations) {
        let active = r.try_get::<_, &str>(1)? == "ACTIVE";
        found.locations.insert(r.try_get(0)?, (active, r.try_get(2)?));
    }
    for r in landing.get(rows.items) {
        let item = StockItem {
            base_unit: r.try_get(1)?,
            active: r.try_get::<_, &str>(2)? == "ACTIVE",
            lot_tracked: r.try_get(3)?,
            packs: vec![],
        };
        found.items.insert(r.try_get(0)?, item);
    }
    for r in landing.get(rows.packs) {
        if let Some(item) = found.items.get_mut(&r.try_get::<_, Uuid>(0)?) {
            item.packs.push((r.try_get(1)?, r.try_get(2)?));
        }
    }
    Ok(found)
}

/// One line of a stock document, as people enter it.
#[derive(Debug, Clone)]
pub struct EnteredLine {
    /// The item.
    pub item: Uuid,
    /// How much, in `unit`.
    pub quantity: Decimal,
    /// The item's base unit when not given.
    pub unit: Option<String>,
    /// Empty for none.
    pub lot: String,
    /// In which state.
    pub status: StockStatus,
}

impl References {
    /// What is known of an item.
    #[must_use]
    pub fn item(&self, id: Uuid) -> Option<&StockItem> {
        self.items.get(&id)
    }

    /// Is this location active and the caller's?
    ///
    /// # Errors
    /// A refusal that names the field.
    pub fn location(&self, field: &[&str], id: Uuid) -> Result<(), Refusal> {
        match self.locations.get(&id) {
            Some((true, true)) => Ok(()),
            Some((false, true)) => Err(Refusal::new(Code::Inactive, field, "This location is closed.")),
            _ => Err(Refusal::not_found(field, "location")),
        }
    }

    /// Is this location active? Gives whether it is the caller's.
    ///
    /// # Errors
    /// A refusal that names the field.
    pub fn any_location(&self, field: &[&str], id: Uuid) -> Result<bool, Refusal> {
        match self.locations.get(&id) {
            Some((true, inside)) => Ok(*inside),
            Some((false, _)) => Err(Refusal::new(Code::Inactive, field, "This location is closed.")),
            None => Err(Refusal::not_found(field, "location")),
        }
    }

    /// The place and the quantity in base units of a line. The quantity may have either sign and may be zero: what the
    /// document makes of that is its own.
    ///
    /// # Errors
    /// Refusals, each with its path.
    pub fn line(&self, i: usize, location: Uuid, line: &EnteredLine) -> Result<(Place, Decimal), Vec<Refusal>> {
        let at = |field: &str| line_field("lines", i, field);
        let Some(item) = self.items.get(&line.item) else {
            return Err(vec![Refusal::not_found(&[], "item").under(&at("itemId"))]);
        };
        let mut refusals = Vec::new();
        if line.quantity > Decimal::ZERO && !item.active {
            refusals.push(Refusal::new(Code::Inactive, &[], "This item is not active.").under(&at("itemId")));
        }
        let unit = line.unit.as_deref().unwrap_or(&item.base_unit);
        let per_unit = if unit == item.base_unit {
            Some(Decimal::ONE)
        } else {
            item.packs.iter().find(|(u, _)| u == unit).map(|(_, n)| *n)
        };
        if per_unit.is_none() {
            let message = "The item has no pack with this unit.";
            refusals.push(Refusal::new(Code::UnknownCode, &[], message).under(&at("unitCode")));
        }
        let quantity = line.quantity.checked_mul(per_unit.unwrap_or(Decimal::ONE));
        let quantity = quantity.map(|q| q.normalize()).unwrap_or(Decimal::MAX);
        if line.quantity.abs() > MOST || quantity.abs() > MOST {
            refusals
                .push(Refusal::invalid(&[], "The number is too large: at most 1,000,000,000.").under(&at("quantity")));
        } else if quantity.scale() > 6 {
            refusals.push(Refusal::invalid(&[], "At most six decimals are allowed.").under(&at("quantity")));
        }
        let lot = text(&[], &line.lot, 60)
            .map_err(|r| refusals.push(r.under(&at("lot"))))
            .unwrap_or_default();
        if lot.is_empty() && item.lot_tracked {
            refusals.push(Refusal::new(Code::Required, &[], "This item is kept by lot.").under(&at("lot")));
        }
        if !refusals.is_empty() {
            return Err(refusals);
        }
        let place = Place {
            item: line.item,
            location,
            lot,
            status: line.status,
        };
        Ok((place, quantity))
    }
}

/// Is the number of lines one that a document may have?
///
/// # Errors
/// A refusal of `lines`.
pub fn some_lines(count: usize) -> Result<(), Refusal> {
    match count {
        0 => Err(Refusal::new(Code::Required, &["lines"], "At least one line is needed.")),
        n if n > MOST_LINES => Err(Refusal::new(
            Code::TooLarge,
            &["lines"],
            format!("At most {MOST_LINES} lines are allowed."),
        )),
        _ => Ok(()),
    }
}
