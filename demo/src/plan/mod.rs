//! What a replay lives: the documents, prices and people that lie behind a world's files.
//!
//! Pure: it reads files and decides; it knows neither network nor clock. [`Plan::read`] passes once over everything (so
//! that a broken line is found before anything is lived), [`Plan::documents`] streams the documents in time order.
//!
//! | file | what |
//! |---|---|
//! | `source` | which files make the world; its digest |
//! | `tables` | products, vendors and stores as they stand in the files, uncleaned |
//! | `lines` | order lines, one at a time |
//! | `unit_price` | four decimals that give the line's amount to the cent |
//! | `document` | the purchase order or supplier return of a store, day and vendor |
//! | `days` | lines of a day grouped into documents |
//! | `people` | who does what; every function in another person's hand |
//! | `idempotency` | keys that make a repeat harmless |

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use serde::Serialize;

use crate::description::{Description, TenantEntry, TenantKind};
use crate::expectation::{CannotAdd, Expectation};

mod days;
mod document;
mod error;
mod idempotency;
mod lines;
mod people;
mod source;
mod tables;
mod unit_price;

pub use days::Documents;
pub use document::{Document, DocumentKey, DocumentKind, DocumentLine};
pub use error::PlanError;
pub use idempotency::{IdempotencyKey, WorldDigest};
pub use lines::{OrderLine, OrderLines};
pub use people::{Function, Hands, Person};
pub use tables::{Item, Store, UNLISTED_VENDOR, Vendor};
pub use unit_price::{PricedLine, price};

use source::Source;

/// Everything that a replay needs to know before it starts.
#[derive(Debug, Clone, Serialize)]
pub struct Plan {
    /// The world's description.
    pub description: Description,
    /// Names this world: the same files give the same digest.
    pub digest: WorldDigest,
    /// Vendors by number; each becomes a supplier of the tenants that buy from it.
    pub vendors: BTreeMap<String, Vendor>,
    /// Items by number, those that only an order line names included.
    pub items: BTreeMap<String, Item>,
    /// Tenants that have stores which order, in the order in which they are created.
    pub tenants: Vec<TenantPlan>,
    /// The partner's administrator, who creates the tenants and belongs to none of them.
    pub partner_admin: Person,
    /// What there is to do, for a progress bar.
    pub totals: Totals,
    #[serde(skip)]
    source: Source,
    #[serde(skip)]
    tenant_of_store: BTreeMap<String, usize>,
    /// Stores and items of which something is ever returned.
    #[serde(skip)]
    returned: BTreeSet<(String, String)>,
}

/// One tenant, its stores and its people.
#[derive(Debug, Clone, Serialize)]
pub struct TenantPlan {
    /// Code, name, kind and network.
    pub entry: TenantEntry,
    /// Its stores that order, by number.
    pub stores: Vec<Store>,
    /// Its people, office first.
    pub people: Vec<Person>,
    /// Numbers of the vendors that it buys from.
    pub vendors: BTreeSet<String>,
    /// Numbers of the items that it buys.
    pub items: BTreeSet<String>,
}

/// Counts over the whole plan.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub struct Totals {
    /// Lines in the files.
    pub lines: u64,
    /// Purchase orders.
    pub orders: u64,
    /// Supplier returns.
    pub returns: u64,
}

impl Plan {
    /// Reads a world: its directory, or one file of order lines with the other files beside it. Without a `world.toml`
    /// the files are taken for those of the State of Iowa.
    ///
    /// Items and stores that only an order line names are planned too, with what the line tells ([`Item::listed`]).
    ///
    /// # Errors
    /// The first thing that cannot be replayed, with file and line.
    pub fn read(path: &Path) -> Result<Self, PlanError> {
        let source = Source::open(path)?;
        let description = source.description.clone();
        let mut items = tables::items(&source.products)?;
        let mut vendors = tables::vendors(&items);
        let listed = tables::stores(&source.stores)?;
        let mut tenants: Vec<TenantPlan> = description.tenants.iter().map(TenantPlan::empty).collect();
        let mut tenant_of_store = BTreeMap::new();
        let mut returned = BTreeSet::new();
        let mut totals = Totals::default();
        let mut today = (chrono::NaiveDate::MIN, BTreeSet::new());

        for line in OrderLines::open(&source.orders) {
            let line = line?;
            let tenant = match tenant_of_store.get(&line.store) {
                Some(tenant) => *tenant,
                None => {
                    let store = listed
                        .get(&line.store)
                        .cloned()
                        .unwrap_or_else(|| Store::unlisted(&line.store));
                    let name = store.listed.then_some(store.name.as_str());
                    let owner = description.tenant_of(&line.store, name).map(|owner| &owner.code);
                    let Some(at) = tenants.iter().position(|tenant| Some(&tenant.entry.code) == owner) else {
                        return Err(PlanError::NoTenant {
                            path: line.path(),
                            line: line.at,
                            store: line.store,
                        });
                    };
                    tenant_of_store.insert(line.store.clone(), at);
                    tenants[at].stores.push(store);
                    at
                }
            };
            if !items.contains_key(&line.item) {
                let item = Item::unlisted(&line);
                vendors.entry(item.vendor.clone()).or_insert_with(Vendor::unlisted);
                items.insert(line.item.clone(), item);
            }
            let vendor = items
                .get(&line.item)
                .map_or(UNLISTED_VENDOR, |item| item.vendor.as_str());
            totals.lines += 1;
            if line.is_return() {
                returned.insert((line.store.clone(), line.item.clone()));
            }
            if today.0 != line.date {
                today = (line.date, BTreeSet::new());
            }
            if today
                .1
                .insert((line.store.clone(), vendor.to_owned(), line.is_return()))
            {
                *(if line.is_return() {
                    &mut totals.returns
                } else {
                    &mut totals.orders
                }) += 1;
            }
            if !tenants[tenant].items.contains(&line.item) {
                tenants[tenant].vendors.insert(vendor.to_owned());
                tenants[tenant].items.insert(line.item.clone());
            }
        }
        // A tenant without a store that orders is not lived, unless others of its network are, which it leads.
        let ordering = |tenant: &&TenantPlan| !tenant.stores.is_empty();
        let networks: BTreeSet<_> = tenants
            .iter()
            .filter(ordering)
            .map(|t| t.entry.network.clone())
            .collect();
        tenants.retain(|tenant| {
            let leads = tenant.entry.kind == TenantKind::Franchisor && networks.contains(&tenant.entry.network);
            leads || !tenant.stores.is_empty()
        });
        for tenant in &mut tenants {
            tenant.stores.sort_by(|one, other| one.number.cmp(&other.number));
        }
        let tenant_of_store = (0..)
            .zip(&tenants)
            .flat_map(|(at, tenant)| tenant.stores.iter().map(move |store| (store.number.clone(), at)))
            .collect();
        let partner_admin = people::employ(&description.partner.code, &mut tenants);
        Ok(Self {
            digest: source.digest()?,
            description,
            vendors,
            items,
            tenants,
            partner_admin,
            totals,
            source,
            tenant_of_store,
            returned,
        })
    }

    /// The documents in time order; on one day the orders before the returns.
    #[must_use]
    pub fn documents(&self) -> Documents<'_> {
        Documents::new(self, OrderLines::open(&self.source.orders))
    }

    /// The independent sum of the same files.
    ///
    /// # Errors
    /// If a file cannot be read or added up.
    pub fn expectation(&self) -> Result<Expectation, CannotAdd> {
        let Source {
            description,
            products,
            stores,
            orders,
        } = &self.source;
        Expectation::of_files(description, products, stores, orders)
    }

    /// The tenant of a store that orders.
    #[must_use]
    pub fn tenant_of(&self, store: &str) -> Option<&TenantPlan> {
        self.tenants.get(*self.tenant_of_store.get(store)?)
    }

    /// Who makes, approves and moves the goods of a document; `None` if it is not of this plan.
    #[must_use]
    pub fn hands(&self, document: &Document) -> Option<Hands<'_>> {
        Hands::of(self.tenant_of(&document.store)?, document)
    }
}

impl TenantPlan {
    fn empty(entry: &TenantEntry) -> Self {
        Self {
            entry: entry.clone(),
            stores: Vec::new(),
            people: Vec::new(),
            vendors: BTreeSet::new(),
            items: BTreeSet::new(),
        }
    }
}
