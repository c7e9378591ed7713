//! `world.toml`: who the tenants of a world are, and which store belongs to which.

use std::path::Path;

use serde::{Deserialize, Serialize};

/// The name of the description file inside a world's directory.
pub const FILE_NAME: &str = "world.toml";

/// A world described: its files and its tenants.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Description {
    /// What people call this world.
    pub name: String,
    /// ISO 4217 code of all amounts in the files.
    pub currency: String,
    /// BCP 47 tag of the tenants' locale.
    pub locale: String,
    /// IANA time zone of the stores.
    pub time_zone: String,
    /// ISO 3166-1 alpha-2 code of the stores' country.
    pub country: String,
    /// File name of the products, beside the description.
    pub products: String,
    /// File name of the stores, beside the description.
    pub stores: String,
    /// File names of the order lines (`.csv` or `.csv.gz`), oldest first, beside the description.
    pub orders: Vec<String>,
    /// The partner under which all tenants stand.
    pub partner: Named,
    /// Franchise networks; each is led by the one franchisor among its tenants.
    #[serde(default)]
    pub networks: Vec<Named>,
    /// The tenants, in the order in which they are created: a franchisor before its franchisees.
    pub tenants: Vec<TenantEntry>,
}

/// A short code and a name for people.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Named {
    /// Lower case letters, digits and hyphens; unique among its kind.
    pub code: String,
    /// The name that people read.
    pub name: String,
}

/// What a tenant is to its partner.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TenantKind {
    /// A retailer with a name and stores of its own.
    Brand,
    /// Leads a network, and may have stores of its own.
    Franchisor,
    /// Runs stores under the name of a network's franchisor.
    Franchisee,
}

/// One tenant of a world.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TenantEntry {
    /// Lower case letters, digits and hyphens; unique in the world.
    pub code: String,
    /// The name that people read.
    pub name: String,
    /// What the tenant is to its partner.
    pub kind: TenantKind,
    /// Code of the network; set for franchisors and franchisees only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub network: Option<String>,
    /// Stores that belong to this tenant, by number.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub store_numbers: Vec<String>,
    /// Stores that belong to this tenant, by how their names begin (upper case).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub store_name_prefixes: Vec<String>,
    /// Takes every store that no other tenant claims. A tenant that takes the rest exists only if there is a rest.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub takes_the_rest: bool,
}

/// A description that cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum DescriptionError {
    /// The file cannot be read.
    #[error("cannot read {path}: {source}")]
    Read {
        /// The file.
        path: String,
        /// Why.
        source: std::io::Error,
    },
    /// The text is not TOML of the expected shape.
    #[error("{path} does not describe a world: {source}")]
    Parse {
        /// The file.
        path: String,
        /// Where and why.
        source: Box<toml::de::Error>,
    },
    /// The parts contradict each other.
    #[error("the world is described wrongly: {0}")]
    Contradiction(String),
}

impl Description {
    /// Reads and checks `world.toml` in `dir`.
    ///
    /// # Errors
    /// If the file is missing, is not TOML, or contradicts itself.
    pub fn read(dir: &Path) -> Result<Self, DescriptionError> {
        let path = dir.join(FILE_NAME);
        let text = std::fs::read_to_string(&path).map_err(|source| DescriptionError::Read {
            path: path.display().to_string(),
            source,
        })?;
        let description: Self = toml::from_str(&text).map_err(|source| DescriptionError::Parse {
            path: path.display().to_string(),
            source: Box::new(source),
        })?;
        description.check()?;
        Ok(description)
    }

    /// Whether codes are unique and every network has exactly one franchisor, named before its franchisees.
    ///
    /// # Errors
    /// Names the first contradiction.
    pub fn check(&self) -> Result<(), DescriptionError> {
        let wrong = |what: String| Err(DescriptionError::Contradiction(what));
        for (at, tenant) in self.tenants.iter().enumerate() {
            if self.tenants[..at].iter().any(|earlier| earlier.code == tenant.code) {
                return wrong(format!("two tenants have the code {}", tenant.code));
            }
            match (tenant.kind, &tenant.network) {
                (TenantKind::Brand, Some(_)) => {
                    return wrong(format!("the brand {} names a network", tenant.code));
                }
                (TenantKind::Brand, None) => {}
                (_, None) => return wrong(format!("{} names no network", tenant.code)),
                (kind, Some(network)) => {
                    if !self.networks.iter().any(|known| known.code == *network) {
                        return wrong(format!("{} names the unknown network {network}", tenant.code));
                    }
                    let led = self.tenants[..at].iter().any(|earlier| {
                        earlier.kind == TenantKind::Franchisor && earlier.network.as_ref() == Some(network)
                    });
                    if led == (kind == TenantKind::Franchisor) {
                        return wrong(format!(
                            "the network {network} needs one franchisor, before its franchisees"
                        ));
                    }
                }
            }
        }
        if self.tenants.iter().filter(|tenant| tenant.takes_the_rest).count() > 1 {
            return wrong("two tenants take the rest".into());
        }
        Ok(())
    }

    /// The tenant of a store. `name` is `None` if the store is not in the stores' file.
    #[must_use]
    pub fn tenant_of(&self, number: &str, name: Option<&str>) -> Option<&TenantEntry> {
        let name = name.map(str::to_uppercase);
        let by_number = self
            .tenants
            .iter()
            .find(|tenant| tenant.store_numbers.iter().any(|own| own == number));
        let by_name = || {
            let name = name.as_deref()?;
            self.tenants
                .iter()
                .find(|tenant| tenant.store_name_prefixes.iter().any(|own| name.starts_with(own)))
        };
        by_number
            .or_else(by_name)
            .or_else(|| self.tenants.iter().find(|tenant| tenant.takes_the_rest))
    }
}
