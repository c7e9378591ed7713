//! The generator of an invented retail world.
//!
//! One partner, two brands, a franchise network of a franchisor and three franchisees, their stores, suppliers and items,
//! and some weeks of order lines with the dirt that real data has:
//!
//! | dirt | share |
//! |---|---|
//! | item without UPC, with a UPC or SCC whose check digit fails, with an SCC that is no GTIN-14 or belongs to another item | about one in a hundred each |
//! | store without a position, or marked inactive and ordering all the same | one in twenty |
//! | line whose price is not the master's retail price | one in four |
//! | line whose amount is no whole number of cents for a unit | one in two hundred |
//! | same item again on the same store's day | one in a hundred |
//! | negative line (a return to the supplier), always covered by what the store received before | a few |
//! | names with commas, quotes, doubled or outer spaces, mixed case | a few |
//!
//! Every name is invented. Item numbers stand in GS1's ranges for use inside a company (UPC prefix 4), so no code is
//! that of a real product. The same seed and size give the same bytes.

use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;

use crate::description::FILE_NAME;

pub mod gtin;
mod names;
mod orders;
mod products;
mod stores;
mod tenants;
mod vendors;

/// The first day of orders, a Monday.
pub const FIRST_DAY: chrono::NaiveDate = match chrono::NaiveDate::from_ymd_opt(2026, 6, 1) {
    Some(day) => day,
    None => chrono::NaiveDate::MIN,
};

const PRODUCTS: &str = "products.csv";
const STORES: &str = "stores.csv";

/// How large a world is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Size {
    /// Stores of all tenants together; at least one for each tenant is made.
    pub stores: u16,
    /// Vendors; at most [`Size::MOST_VENDORS`].
    pub vendors: u16,
    /// Items in the product file.
    pub items: u32,
    /// Weeks of orders, one or two orders for each store and week.
    pub weeks: u16,
    /// Lines of an order, on average.
    pub lines_per_order: u16,
}

impl Size {
    /// More vendors than this cannot be named.
    pub const MOST_VENDORS: u16 = 400;

    /// The world of `make demo`: large enough to explore, small enough to live in a minute.
    pub const DEMO: Self = Self {
        stores: 40,
        vendors: 30,
        items: 2_000,
        weeks: 8,
        lines_per_order: 12,
    };

    /// A world for tests.
    pub const TINY: Self = Self {
        stores: 8,
        vendors: 4,
        items: 60,
        weeks: 2,
        lines_per_order: 5,
    };
}

/// What was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Written {
    /// The directory of the world.
    pub dir: PathBuf,
    /// Order lines, returns included.
    pub lines: usize,
    /// Return lines among them.
    pub return_lines: usize,
}

/// A world that could not be written.
#[derive(Debug, thiserror::Error)]
pub enum WriteError {
    /// The file system refused.
    #[error("cannot write the world to {path}: {source}")]
    Io {
        /// The file.
        path: String,
        /// Why.
        source: io::Error,
    },
    /// A table could not be encoded.
    #[error("cannot encode {file}: {source}")]
    Csv {
        /// The table.
        file: String,
        /// Why.
        source: csv::Error,
    },
    /// The description could not be encoded.
    #[error("cannot encode {FILE_NAME}: {0}")]
    Toml(#[from] toml::ser::Error),
    /// Nothing can be ordered in a world like that.
    #[error("a world needs at least one vendor (at most {most}), an item for each vendor, a week and a line", most = Size::MOST_VENDORS)]
    Size,
}

/// Writes a world of the given size into `dir`, which is created if it is missing.
///
/// `world.toml` is written last: where it is, the world is whole. Files of an earlier world are replaced.
///
/// # Errors
/// If the file system refuses, or the size describes no world.
pub fn write_world(dir: &Path, seed: u64, size: Size) -> Result<Written, WriteError> {
    let sound = (1..=Size::MOST_VENDORS).contains(&size.vendors)
        && size.items >= u32::from(size.vendors)
        && size.items <= products::MOST_ITEMS
        && size.weeks > 0
        && size.lines_per_order > 0;
    if !sound {
        return Err(WriteError::Size);
    }
    fs::create_dir_all(dir).map_err(|source| io_error(dir, source))?;
    let vendors = vendors::invent(&mut stream(seed, 1), size.vendors);
    let products = products::invent(&mut stream(seed, 2), &vendors, size.items);
    let tenants = tenants::invent(size.stores);
    let stores = stores::invent(&mut stream(seed, 3), &tenants);
    let lines = orders::invent(&mut stream(seed, 4), &stores, &products, vendors.len(), size);
    let orders = orders::file_name(&lines);

    write_table(
        dir,
        PRODUCTS,
        products::HEADER,
        products.iter().map(products::Product::row),
    )?;
    write_table(dir, STORES, stores::HEADER, stores.iter().map(stores::Store::row))?;
    write_table(dir, &orders, orders::HEADER, lines.iter().map(orders::Line::row))?;
    let description = tenants::describe(&tenants, &stores, orders);
    write_whole(dir, FILE_NAME, toml::to_string(&description)?.as_bytes())?;
    let return_lines = lines.iter().filter(|line| line.is_return()).count();
    Ok(Written {
        dir: dir.to_path_buf(),
        lines: lines.len(),
        return_lines,
    })
}

/// Each part has its own stream of one seed, so that a change in one part leaves the others as they were.
fn stream(seed: u64, part: u64) -> ChaCha8Rng {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    rng.set_stream(part);
    rng
}

fn write_table<const N: usize>(
    dir: &Path,
    name: &str,
    header: [&str; N],
    rows: impl Iterator<Item = [String; N]>,
) -> Result<(), WriteError> {
    let encoded = |source: csv::Error| WriteError::Csv {
        file: name.to_owned(),
        source,
    };
    let mut table = csv::WriterBuilder::new()
        .terminator(csv::Terminator::CRLF)
        .from_writer(Vec::new());
    table.write_record(header).map_err(encoded)?;
    for row in rows {
        table.write_record(row).map_err(encoded)?;
    }
    let plain = table
        .into_inner()
        .map_err(|error| io_error(&dir.join(name), error.into_error()))?;
    if !name.ends_with(".gz") {
        return write_whole(dir, name, &plain);
    }
    let mut packed = flate2::GzBuilder::new()
        .mtime(0)
        .write(Vec::new(), flate2::Compression::new(6));
    let bytes = packed
        .write_all(&plain)
        .and_then(|()| packed.finish())
        .map_err(|source| io_error(&dir.join(name), source))?;
    write_whole(dir, name, &bytes)
}

/// Writes beside the target, then renames: a reader sees the whole file or none.
fn write_whole(dir: &Path, name: &str, bytes: &[u8]) -> Result<(), WriteError> {
    let target = dir.join(name);
    let unfinished = dir.join(format!(".{name}.unfinished"));
    let write = || {
        let mut file = BufWriter::new(File::create(&unfinished)?);
        file.write_all(bytes)?;
        file.into_inner().map_err(io::IntoInnerError::into_error)?.sync_all()?;
        fs::rename(&unfinished, &target)
    };
    write().map_err(|source| io_error(&target, source))
}

fn io_error(path: &Path, source: io::Error) -> WriteError {
    WriteError::Io {
        path: path.display().to_string(),
        source,
    }
}
