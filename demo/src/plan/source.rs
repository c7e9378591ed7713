//! Which files make a world.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

use super::{PlanError, WorldDigest};
use crate::description::{Description, FILE_NAME, TenantEntry};
use crate::iowa;

/// The description and where its files are.
#[derive(Debug, Clone)]
pub(super) struct Source {
    pub description: Description,
    pub products: PathBuf,
    pub stores: PathBuf,
    pub orders: Vec<PathBuf>,
}

impl Source {
    pub(super) fn open(path: &Path) -> Result<Self, PlanError> {
        let is_dir = path.is_dir();
        let dir = match path.parent() {
            _ if is_dir => path,
            Some(parent) if parent != Path::new("") => parent,
            _ => Path::new("."),
        };
        let mut description = if dir.join(FILE_NAME).is_file() {
            Description::read(dir)?
        } else {
            iowa::description(if is_dir { order_files(dir)? } else { Vec::new() })
        };
        if !is_dir {
            description.orders = vec![path.file_name().unwrap_or_default().to_string_lossy().into_owned()];
        }
        if description.orders.is_empty() {
            return Err(PlanError::NoOrders {
                path: path.display().to_string(),
            });
        }
        Ok(Self {
            products: dir.join(&description.products),
            stores: dir.join(&description.stores),
            orders: description.orders.iter().map(|name| dir.join(name)).collect(),
            description,
        })
    }

    /// A digest of the files' bytes and of who the tenants are.
    pub(super) fn digest(&self) -> Result<WorldDigest, PlanError> {
        let mut hash = Sha256::new();
        for tenant in &self.description.tenants {
            let TenantEntry {
                code,
                store_numbers,
                store_name_prefixes,
                takes_the_rest,
                ..
            } = tenant;
            hash.update(format!(
                "{code} {store_numbers:?} {store_name_prefixes:?} {takes_the_rest}\n"
            ));
        }
        for path in [&self.products, &self.stores].into_iter().chain(&self.orders) {
            let read = |source| PlanError::Read {
                path: path.display().to_string(),
                source,
            };
            let mut file = File::open(path).map_err(read)?;
            let bytes = io::copy(&mut file, &mut hash).map_err(read)?;
            hash.update(bytes.to_be_bytes());
        }
        Ok(WorldDigest::from_hash(hash))
    }
}

fn order_files(dir: &Path) -> Result<Vec<String>, PlanError> {
    let read = |source| PlanError::Read {
        path: dir.display().to_string(),
        source,
    };
    let mut names = Vec::new();
    for entry in fs::read_dir(dir).map_err(read)? {
        let name = entry.map_err(read)?.file_name().to_string_lossy().into_owned();
        if name.starts_with(iowa::ORDERS_PREFIX) && (name.ends_with(".csv") || name.ends_with(".csv.gz")) {
            names.push(name);
        }
    }
    names.sort();
    Ok(names)
}
