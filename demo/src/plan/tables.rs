//! Products and stores as the files have them. Nothing is cleaned: what the product does with it is its own affair.

use std::collections::BTreeMap;
use std::path::Path;
use std::str::FromStr;

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use super::{OrderLine, PlanError, unit_price};

/// Number of the vendor of items that no product file names. Real numbers have three digits.
pub const UNLISTED_VENDOR: &str = "UNLISTED";

/// A vendor: one supplier for each tenant that buys from it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Vendor {
    /// As in the file, leading zeros included.
    pub number: String,
    /// As in the file.
    pub name: String,
}

/// An item of the product file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Item {
    /// The item's number; serves as SKU.
    pub number: String,
    /// As in the file.
    pub description: String,
    /// As in the file.
    pub category: String,
    /// The vendor's number.
    pub vendor: String,
    /// The vendor's name on this row.
    pub vendor_name: String,
    /// Contents of the base unit in millilitres (UN/ECE Rec 20: `MLT`), as in the file.
    pub volume_ml: String,
    /// Base units in a case.
    pub pack: u32,
    /// Base units in an inner pack; 1 where there is none.
    pub inner_pack: u32,
    /// Number of the base unit as in the file: a GTIN that may lack its leading zeros, or fail, or be missing.
    pub upc: Option<String>,
    /// Number of the case as in the file: a GTIN-14, or something else.
    pub scc: Option<String>,
    /// Since when the item is listed, as in the file.
    pub list_date: String,
    /// What a base unit costs the seller.
    #[serde(with = "rust_decimal::serde::str")]
    pub cost: Decimal,
    /// What a store pays for a base unit by the price list. A quarter of the order lines have another price.
    #[serde(with = "rust_decimal::serde::str")]
    pub list_price: Decimal,
    /// False for an item that only an order line names; then all but number and price is made up.
    pub listed: bool,
}

/// A store of the store file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Store {
    /// The store's number.
    pub number: String,
    /// As in the file.
    pub name: String,
    /// Whether the file has it as active. An inactive store may have ordered before.
    pub active: bool,
    /// Street and house, as in the file; empty if unlisted.
    pub address: String,
    /// As in the file; empty if unlisted.
    pub city: String,
    /// State, as in the file; empty if unlisted.
    pub region: String,
    /// As in the file; empty if unlisted.
    pub postal_code: String,
    /// Latitude and longitude in degrees (WGS 84), where the file has them.
    pub position: Option<(String, String)>,
    /// False for a store that only an order line names.
    pub listed: bool,
}

#[derive(Deserialize)]
struct ProductRow {
    #[serde(rename = "Item Number")]
    number: String,
    #[serde(rename = "Category Name")]
    category: String,
    #[serde(rename = "Item Description")]
    description: String,
    #[serde(rename = "Vendor")]
    vendor: String,
    #[serde(rename = "Vendor Name")]
    vendor_name: String,
    #[serde(rename = "Bottle Volume (ml)")]
    volume_ml: String,
    #[serde(rename = "Pack")]
    pack: String,
    #[serde(rename = "Inner Pack")]
    inner_pack: String,
    #[serde(rename = "List Date")]
    list_date: String,
    #[serde(rename = "UPC")]
    upc: String,
    #[serde(rename = "SCC")]
    scc: String,
    #[serde(rename = "State Bottle Cost")]
    cost: String,
    #[serde(rename = "State Bottle Retail")]
    retail: String,
}

#[derive(Deserialize)]
struct StoreRow {
    #[serde(rename = "Store")]
    number: String,
    #[serde(rename = "Name")]
    name: String,
    #[serde(rename = "Store Status")]
    status: String,
    #[serde(rename = "Address")]
    address: String,
    #[serde(rename = "State")]
    region: String,
    #[serde(rename = "Zip Code")]
    postal_code: String,
    latitude: String,
    longitude: String,
    #[serde(rename = "City")]
    city: String,
}

impl Vendor {
    pub(super) fn unlisted() -> Self {
        Self {
            number: UNLISTED_VENDOR.to_owned(),
            name: "Vendor not in the product file".to_owned(),
        }
    }
}

impl Item {
    /// What an order line tells of an item: that it exists, and what it cost.
    pub(super) fn unlisted(line: &OrderLine) -> Self {
        let price = unit_price::price(line.bottles.unsigned_abs(), line.dollars.abs())
            .first()
            .map_or(Decimal::ZERO, |priced| priced.unit_price);
        Self {
            number: line.item.clone(),
            description: format!("Item {}, not in the product file", line.item),
            category: "NOT IN THE PRODUCT FILE".to_owned(),
            vendor: UNLISTED_VENDOR.to_owned(),
            vendor_name: Vendor::unlisted().name,
            volume_ml: String::new(),
            pack: 1,
            inner_pack: 1,
            upc: None,
            scc: None,
            list_date: line.date.to_string(),
            cost: price,
            list_price: price,
            listed: false,
        }
    }
}

impl Store {
    pub(super) fn unlisted(number: &str) -> Self {
        Self {
            number: number.to_owned(),
            name: format!("Store {number}, not in the store file"),
            active: true,
            address: String::new(),
            city: String::new(),
            region: String::new(),
            postal_code: String::new(),
            position: None,
            listed: false,
        }
    }
}

/// Items by number. Of two rows with one number the last stands.
pub(super) fn items(path: &Path) -> Result<BTreeMap<String, Item>, PlanError> {
    let mut items = BTreeMap::new();
    for (row, line) in rows::<ProductRow>(path)? {
        let item = Item {
            pack: field(path, line, "Pack", &row.pack, "whole number")?,
            inner_pack: field(path, line, "Inner Pack", &row.inner_pack, "whole number")?,
            cost: field(path, line, "State Bottle Cost", &row.cost, "amount")?,
            list_price: field(path, line, "State Bottle Retail", &row.retail, "amount")?,
            upc: Some(row.upc).filter(|upc| !upc.trim().is_empty()),
            scc: Some(row.scc).filter(|scc| !scc.trim().is_empty()),
            number: row.number,
            description: row.description,
            category: row.category,
            vendor: row.vendor,
            vendor_name: row.vendor_name,
            volume_ml: row.volume_ml,
            list_date: row.list_date,
            listed: true,
        };
        items.insert(item.number.clone(), item);
    }
    Ok(items)
}

/// Vendors by number, as the items name them; of two names the first stands.
pub(super) fn vendors(items: &BTreeMap<String, Item>) -> BTreeMap<String, Vendor> {
    let mut vendors = BTreeMap::new();
    for item in items.values() {
        vendors.entry(item.vendor.clone()).or_insert_with(|| Vendor {
            number: item.vendor.clone(),
            name: item.vendor_name.clone(),
        });
    }
    vendors
}

/// Stores by number.
pub(super) fn stores(path: &Path) -> Result<BTreeMap<String, Store>, PlanError> {
    let mut stores = BTreeMap::new();
    for (row, _) in rows::<StoreRow>(path)? {
        let known = !row.latitude.is_empty() && !row.longitude.is_empty();
        let store = Store {
            position: known.then_some((row.latitude, row.longitude)),
            active: row.status == "A",
            number: row.number,
            name: row.name,
            address: row.address,
            city: row.city,
            region: row.region,
            postal_code: row.postal_code,
            listed: true,
        };
        stores.insert(store.number.clone(), store);
    }
    Ok(stores)
}

fn rows<T: serde::de::DeserializeOwned>(path: &Path) -> Result<Vec<(T, u64)>, PlanError> {
    let broken = |source| PlanError::Table {
        path: path.display().to_string(),
        source,
    };
    let file = std::fs::File::open(path).map_err(|source| PlanError::Read {
        path: path.display().to_string(),
        source,
    })?;
    let mut rows = csv::Reader::from_reader(file).into_deserialize();
    let mut read = Vec::new();
    loop {
        let line = rows.reader().position().line();
        match rows.next() {
            None => return Ok(read),
            Some(row) => read.push((row.map_err(broken)?, line)),
        }
    }
}

fn field<T: FromStr>(
    path: &Path,
    line: u64,
    field: &'static str,
    value: &str,
    wanted: &'static str,
) -> Result<T, PlanError> {
    value.trim().parse().map_err(|_| PlanError::Field {
        path: path.display().to_string(),
        line,
        field,
        value: value.to_owned(),
        wanted,
    })
}
