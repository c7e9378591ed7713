//! Invented products, with the columns of the real product file.

use rand::Rng;
use rand::seq::IndexedRandom;
use rand_chacha::ChaCha8Rng;

use super::gtin;
use super::names::{KINDS, SHELVES};
use super::vendors::Vendor;

pub(super) const HEADER: [&str; 17] = [
    "Item Number",
    "Category Name",
    "Item Description",
    "Vendor",
    "Vendor Name",
    "Bottle Volume (ml)",
    "Pack",
    "Inner Pack",
    "Age",
    "Proof",
    "List Date",
    "UPC",
    "SCC",
    "State Bottle Cost",
    "State Case Cost",
    "State Bottle Retail",
    "Report Date",
];

/// The five digits for an item in a GTIN-12 end here.
pub(super) const MOST_ITEMS: u32 = 99_999;

/// One product; money in cents.
pub(super) struct Product {
    pub number: u32,
    /// Position of the vendor in the list of vendors.
    pub vendor: usize,
    pub pack: u32,
    pub retail: i64,
    category: &'static str,
    description: String,
    vendor_number: String,
    vendor_name: String,
    contents: u32,
    inner_pack: u32,
    list_date: String,
    upc: String,
    scc: String,
    cost: i64,
}

impl Product {
    pub(super) fn row(&self) -> [String; 17] {
        [
            self.number.to_string(),
            self.category.to_owned(),
            self.description.clone(),
            self.vendor_number.clone(),
            self.vendor_name.clone(),
            self.contents.to_string(),
            self.pack.to_string(),
            self.inner_pack.to_string(),
            "0".to_owned(),
            "0".to_owned(),
            self.list_date.clone(),
            self.upc.clone(),
            self.scc.clone(),
            dollars(self.cost),
            dollars(self.cost * i64::from(self.pack)),
            dollars(self.retail),
            "2026-05-31".to_owned(),
        ]
    }
}

pub(super) fn invent(rng: &mut ChaCha8Rng, vendors: &[Vendor], count: u32) -> Vec<Product> {
    let mut number = 10_000;
    let mut products: Vec<Product> = Vec::with_capacity(count as usize);
    for at in 0..count {
        number += rng.random_range(1..=9);
        // Every vendor has one item at least; of the rest the first vendors have the most.
        let vendor = match at as usize {
            at if at < vendors.len() => at,
            _ => rng
                .random_range(0..vendors.len())
                .min(rng.random_range(0..vendors.len())),
        };
        let product = one(rng, number, at, vendor, &vendors[vendor]);
        products.push(product);
        soil(rng, &mut products);
    }
    products
}

fn one(rng: &mut ChaCha8Rng, number: u32, serial: u32, vendor: usize, of: &Vendor) -> Product {
    let shelf = &SHELVES[rng.random_range(0..SHELVES.len())];
    let good = shelf.goods[rng.random_range(0..shelf.goods.len())];
    let kind = KINDS[rng.random_range(0..KINDS.len())];
    let size = rng.random_range(0..3_usize);
    let pack = shelf.packs[size];
    let cost = rng.random_range(shelf.cost.0..=shelf.cost.1);
    // Number system 4 of UPC-A is for use inside a company, so that no real product has this number.
    let body = format!("4{:05}{serial:05}", of.prefix % 100_000);
    Product {
        number,
        vendor,
        pack,
        retail: cost + cost / 2 + rng.random_range(0..10),
        category: shelf.category,
        description: format!("{} {kind} {good}", of.word),
        vendor_number: of.number.clone(),
        vendor_name: of.name.clone(),
        contents: shelf.contents[size],
        inner_pack: if rng.random_ratio(1, 20) { pack / 2 } else { 1 },
        list_date: format!("20{:02}-{:02}-01", rng.random_range(18..=25), rng.random_range(1..=12)),
        upc: gtin::complete(&body),
        scc: gtin::complete(&format!("10{body}")),
        cost,
    }
}

/// Makes about one in fifteen products dirty, each in one way.
fn soil(rng: &mut ChaCha8Rng, products: &mut [Product]) {
    let Some((product, earlier)) = products.split_last_mut() else {
        return;
    };
    match rng.random_range(0..100) {
        0 => product.upc.clear(),
        1 => product.upc = gtin::spoil(&product.upc),
        2 => product.scc = gtin::spoil(&product.scc),
        // The unit's number where the case's should be, as happens.
        3 => product.scc = product.upc.clone(),
        4 => product.scc = "0".to_owned(),
        5 => {
            if let Some(other) = earlier.choose(rng) {
                product.scc = other.scc.clone();
            }
        }
        6 => product.description = format!(" {}, \"NEW\"  LABEL ", product.description),
        _ => {}
    }
}

/// Dollars with two decimals.
pub(super) fn dollars(cents: i64) -> String {
    let sign = if cents < 0 { "-" } else { "" };
    format!("{sign}{}.{:02}", cents.abs() / 100, cents.abs() % 100)
}
