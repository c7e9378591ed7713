//! Propose a price list: many prices of one supplier, approved together by somebody else.

use super::price::{ALWAYS, Price};
use super::terms::{Terms, fill};
use crate::changes::{Action, Batch, Change, ChangeKind, Current, Master, decide_line};
use crate::shared::{Refusals, line_field, text};
use chrono::NaiveDate;
use quartermaster_tenants::error::Code;
use quartermaster_tenants::policy::Duty;
use quartermaster_tenants::{Flight, Op, Outcome, Refusal, Result, TenantTx, Tenants, params};
use rust_decimal::Decimal;
use std::collections::{HashMap, HashSet};
use uuid::Uuid;

/// The most prices of one list; more come by import.
const MOST: usize = 10_000;

/// A price list as people enter it.
#[derive(Debug, Clone)]
pub struct NewPriceList {
    /// Whose prices.
    pub supplier: Uuid,
    /// What people call the list.
    pub name: Option<String>,
    /// The supplier's currency when not given.
    pub currency: Option<String>,
    /// First day of its prices, unless a line says otherwise.
    pub valid_from: Option<NaiveDate>,
    /// Last day of its prices, unless a line says otherwise.
    pub valid_to: Option<NaiveDate>,
    /// At least one.
    pub lines: Vec<NewPrice>,
}

/// A line of it.
#[derive(Debug, Clone, Default)]
pub struct NewPrice {
    /// What.
    pub item: Uuid,
    /// The item's base unit when not given.
    pub unit: Option<String>,
    /// From this quantity on.
    pub minimum_quantity: Option<Decimal>,
    /// For one unit.
    pub price: Decimal,
    /// First day.
    pub valid_from: Option<NaiveDate>,
    /// Last day.
    pub valid_to: Option<NaiveDate>,
    /// The supplier's own number of the item. Terms that are not given stay as they are.
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

const DEFAULTS: &str = "SELECT s.currency FROM qm.supplier s WHERE s.tenant_id = $1 AND s.id = $2";
const TERMS: &str = "SELECT t.item_id, t.supplier_sku, t.minimum_quantity, t.order_multiple, t.lead_time_days, t.preference FROM qm.supplier_item t WHERE t.tenant_id = $1 AND t.supplier_id = $2 AND t.item_id = ANY($3)";
const BASE_UNITS: &str = "SELECT i.id, i.base_unit FROM qm.item i WHERE i.tenant_id = $1 AND i.id = ANY($2)";

/// What is wrong with a line, at the line; what all lines have from the list, once and at the list.
fn tell(line: usize, wrong: Vec<Refusal>, found: &mut Refusals) {
    for refusal in wrong {
        let is_of_list = |field: &String| field == "supplierId" || field == "currencyCode";
        if !refusal.field.first().is_some_and(is_of_list) {
            found.push(refusal.under(&["lines".to_owned(), line.to_string()]));
        } else if !found.0.contains(&refusal) {
            found.push(refusal);
        }
    }
}

/// Proposes a price list.
///
/// # Errors
/// Refusals of the input, of authority, of segregation of duties.
pub async fn propose(db: &Tenants, op: &Op, input: &NewPriceList) -> Result<Outcome> {
    let mut tx = TenantTx::begin(db, op).await?;
    let items: Vec<Uuid> = input.lines.iter().take(MOST + 1).map(|l| l.item).collect();
    let mut flight = Flight::new();
    let defaults = flight.rows(DEFAULTS, params![op.tenant.0, input.supplier]);
    let bases = flight.rows(BASE_UNITS, params![op.tenant.0, items.clone()]);
    let terms = flight.rows(TERMS, params![op.tenant.0, input.supplier, items]);
    let landing = tx.fly(flight).await?;
    let currency: Option<String> = landing.optional(defaults).map(|r| r.try_get(0)).transpose()?;
    let bases: HashMap<Uuid, String> = landing
        .get(bases)
        .iter()
        .map(|r| Ok((r.try_get(0)?, r.try_get(1)?)))
        .collect::<Result<_>>()?;
    let currency = input.currency.clone().or(currency).unwrap_or_default();
    let standing: HashMap<Uuid, Terms> = landing
        .get(terms)
        .iter()
        .map(|r| Ok((r.try_get("item_id")?, Terms::read(r)?)))
        .collect::<Result<_>>()?;
    let mut prices: Vec<Price> = input
        .lines
        .iter()
        .take(MOST + 1)
        .map(|l| l.price(input, &currency, &bases))
        .collect();
    fill(&mut prices, standing);
    let checked: Vec<Result<Price, Vec<Refusal>>> = prices.iter().cloned().map(Master::checked).collect();

    let mut change = Change::new(ChangeKind::Price, Action::Prices, op.account);
    change.target = Some(input.supplier);
    let mut reads = Flight::new();
    let looked = Price::look(op, &prices, &mut reads);
    let keys: Vec<String> = checked.iter().flatten().map(Master::key).collect();
    let current = reads.rows(Price::CURRENT, params![op.tenant.0, keys]);
    let subject = change.subject().of_supplier(input.supplier);
    let (mut facts, landing) = tx.facts(subject, &[Duty::PricePropose], reads).await?;

    let found: HashMap<String, Current> = landing.get(current).iter().map(Current::read).collect::<Result<_>>()?;
    let pairs: Vec<(Uuid, &Price)> = prices.iter().map(|p| (p.id(), p)).collect();
    let problems = Price::problems(&landing, &looked, &pairs)?;
    let mut r = Refusals::default();
    if prices.is_empty() || prices.len() > MOST {
        r.push(Refusal::new(
            Code::TooLarge,
            &["lines"],
            format!("A price list has 1 to {MOST} lines."),
        ));
    }
    change.name = r
        .take(text(&["name"], input.name.as_deref().unwrap_or_default(), 200))
        .filter(|n| !n.is_empty());
    let mut lines = Vec::with_capacity(prices.len());
    let mut keys = HashSet::new();
    for (i, (price, wrong)) in checked.into_iter().zip(problems).enumerate() {
        tell(i, wrong, &mut r);
        match price {
            Err(wrong) => tell(i, wrong, &mut r),
            Ok(price) => {
                let key = price.key();
                let there = found.get(&key);
                if !keys.insert(key) || there.is_some_and(|c| c.pending.is_some()) {
                    let message = "The same price (unit, quantity, currency, first day) is proposed already.";
                    r.push(Refusal::new(Code::Duplicate, &[], message).under(&line_field("lines", i, "itemId")));
                }
                lines.extend(decide_line(
                    &price,
                    there.filter(|c| c.status == "ACTIVE"),
                    Action::Update,
                )?);
            }
        }
    }
    let outcome = (change.id, 1);
    let mut batch = Batch { change, stored: false };
    let mut writes = Flight::new();
    // Authority first: somebody who may not propose learns nothing of what is wrong.
    batch.add::<Price>(&mut tx, &mut facts, &lines, true, &mut writes)?;
    r.finish()?;
    if lines.is_empty() {
        return Err(Refusal::invalid(&["lines"], "All of these prices are in force already.").into());
    }
    tx.commit(writes, Outcome::done(outcome.0, outcome.1)).await
}

impl NewPrice {
    fn price(&self, list: &NewPriceList, currency: &str, bases: &HashMap<Uuid, String>) -> Price {
        Price {
            supplier_id: list.supplier,
            item_id: self.item,
            unit: self
                .unit
                .clone()
                .or_else(|| bases.get(&self.item).cloned())
                .unwrap_or_default(),
            minimum_quantity: self.minimum_quantity.unwrap_or_default(),
            currency: currency.to_owned(),
            valid_from: self.valid_from.or(list.valid_from).unwrap_or(ALWAYS),
            valid_to: self.valid_to.or(list.valid_to),
            price: self.price,
            supplier_sku: self.supplier_sku.clone(),
            minimum_order_quantity: self.minimum_order_quantity,
            order_multiple: self.order_multiple,
            lead_time_days: self.lead_time_days,
            preference: self.preference,
        }
    }
}
