//! Invented order lines, with the columns of the real order file.

use std::collections::BTreeMap;

use chrono::{Days, NaiveDate};
use rand::Rng;
use rand::seq::SliceRandom;
use rand_chacha::ChaCha8Rng;

use super::products::{Product, dollars};
use super::stores::Store;
use super::{FIRST_DAY, Size};

pub(super) const HEADER: [&str; 6] = ["date", "invoice_line", "store", "item", "bottles", "sale_dollars"];

/// One line; `cents` is the amount of the whole line.
pub(super) struct Line {
    date: NaiveDate,
    invoice: u32,
    number: u32,
    store: u32,
    item: u32,
    bottles: i64,
    cents: i64,
}

impl Line {
    pub(super) fn is_return(&self) -> bool {
        self.bottles < 0
    }

    pub(super) fn row(&self) -> [String; 6] {
        let series = if self.is_return() { "RINV" } else { "INV" };
        let amount = dollars(self.cents);
        [
            self.date.to_string(),
            format!("{series}-{:06}{:05}", self.invoice, self.number),
            self.store.to_string(),
            self.item.to_string(),
            self.bottles.to_string(),
            // The real file writes 36.0, not 36.00.
            amount.strip_suffix('0').map_or(amount.clone(), str::to_owned),
        ]
    }
}

/// `store_orders_2026-06_2026-07.csv.gz`: first and last month of the lines.
pub(super) fn file_name(lines: &[Line]) -> String {
    let month = |line: Option<&Line>| line.map_or(FIRST_DAY, |line| line.date).format("%Y-%m").to_string();
    format!("store_orders_{}_{}.csv.gz", month(lines.first()), month(lines.last()))
}

/// What a store has received and not returned: item to bottles and the last price in cents.
type Shelf = BTreeMap<u32, (i64, i64)>;

pub(super) fn invent(
    rng: &mut ChaCha8Rng,
    stores: &[Store],
    products: &[Product],
    vendors: usize,
    size: Size,
) -> Vec<Line> {
    let mut offers: Vec<Vec<&Product>> = vec![Vec::new(); vendors];
    for product in products {
        offers[product.vendor].push(product);
    }
    let mut shelves: Vec<Shelf> = vec![Shelf::new(); stores.len()];
    let mut invoice = 600_000;
    let mut lines = Vec::new();
    for week in 0..u64::from(size.weeks) {
        let mut visits = week_of_visits(rng, stores.len());
        visits.sort_unstable();
        for day in 0..5_u64 {
            let date = FIRST_DAY
                .checked_add_days(Days::new(7 * week + day))
                .unwrap_or(FIRST_DAY);
            let mut today = Vec::new();
            for &(_, at) in visits.iter().filter(|(visit, _)| u64::from(*visit) == day) {
                invoice += rng.random_range(1..=3);
                let mut visit = Visit {
                    date,
                    invoice,
                    store: stores[at].number,
                    shelf: &mut shelves[at],
                };
                if rng.random_ratio(1, 30) {
                    visit.take_back(rng, &mut today);
                }
                let offer = &offers[rng.random_range(0..vendors).min(rng.random_range(0..vendors))];
                visit.order(rng, offer, size.lines_per_order, &mut today);
            }
            today.shuffle(rng);
            lines.append(&mut today);
        }
    }
    lines
}

/// Day of the week (Monday is 0) and store: one visit or two for each store.
fn week_of_visits(rng: &mut ChaCha8Rng, stores: usize) -> Vec<(u8, usize)> {
    let mut visits = Vec::new();
    for store in 0..stores {
        visits.push((rng.random_range(0..5), store));
        if rng.random_ratio(1, 2) {
            visits.push((rng.random_range(0..5), store));
        }
    }
    visits
}

/// One store orders from one vendor.
struct Visit<'a> {
    date: NaiveDate,
    invoice: u32,
    store: u32,
    shelf: &'a mut Shelf,
}

impl Visit<'_> {
    fn order(&mut self, rng: &mut ChaCha8Rng, offer: &[&Product], lines_per_order: u16, into: &mut Vec<Line>) {
        let wanted = rng.random_range(1..=2 * u32::from(lines_per_order) - 1);
        let mut number = 0;
        let mut chosen: Vec<&Product> = offer.to_vec();
        chosen.shuffle(rng);
        for product in chosen.into_iter().take(wanted as usize) {
            let times = if rng.random_ratio(1, 100) { 2 } else { 1 };
            for _ in 0..times {
                number += 1;
                let (bottles, cents) = bargain(rng, product);
                let shelf = self.shelf.entry(product.number).or_default();
                *shelf = (shelf.0 + bottles, cents / bottles);
                into.push(self.line(number, product.number, bottles, cents));
            }
        }
    }

    /// Returns of what the store received on days before this one, so that the shelf always covers them.
    fn take_back(&mut self, rng: &mut ChaCha8Rng, into: &mut Vec<Line>) {
        let held: Vec<(u32, i64, i64)> = self
            .shelf
            .iter()
            .filter(|(item, (bottles, _))| {
                *bottles > 0 && !into.iter().any(|line| line.store == self.store && line.item == **item)
            })
            .map(|(item, (bottles, price))| (*item, *bottles, *price))
            .collect();
        if held.is_empty() {
            return;
        }
        let (item, held, price) = held[rng.random_range(0..held.len())];
        let bottles = rng.random_range(1..=held.min(6));
        if let Some(shelf) = self.shelf.get_mut(&item) {
            shelf.0 -= bottles;
        }
        into.push(self.line(90_001, item, -bottles, -bottles * price));
    }

    fn line(&self, number: u32, item: u32, bottles: i64, cents: i64) -> Line {
        Line {
            date: self.date,
            invoice: self.invoice,
            number,
            store: self.store,
            item,
            bottles,
            cents,
        }
    }
}

/// How many, and for how much: whole packs or single units, at the master's price or at another.
fn bargain(rng: &mut ChaCha8Rng, product: &Product) -> (i64, i64) {
    let bottles = match rng.random_range(0..10) {
        0..6 => rng.random_range(1..=6),
        6..9 => i64::from(product.pack),
        _ => i64::from(product.pack) * rng.random_range(2..=3),
    };
    let price = if rng.random_ratio(1, 4) {
        let off = (product.retail * rng.random_range(3..=15) / 100).max(1);
        if rng.random_ratio(1, 2) {
            product.retail + off
        } else {
            product.retail - off
        }
    } else {
        product.retail
    };
    // A discount on the whole line leaves no whole number of cents for one unit; below a hundred units four decimals
    // of the unit price still give the line's amount to the cent.
    let discount = if bottles > 2 && bottles < 100 && rng.random_ratio(1, 100) {
        1
    } else {
        0
    };
    (bottles, bottles * price - discount)
}
