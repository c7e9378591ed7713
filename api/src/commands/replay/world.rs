//! Where the plan's tenants, stores, vendors and items are in the database that it is lived in: their ids.

use super::client::Caller;
use quartermaster_demo::plan::Person;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The ids of everything that documents name.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct World {
    /// By the tenant's code.
    pub tenants: BTreeMap<String, Place>,
}

/// The ids of one tenant. Keys are the numbers of the files.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct Place {
    /// `ten_…`
    pub tenant: String,
    /// Stores: `loc_…`
    pub locations: BTreeMap<String, String>,
    /// Vendors: `sup_…`
    pub suppliers: BTreeMap<String, String>,
    /// Items: `itm_…`
    pub items: BTreeMap<String, String>,
}

impl World {
    /// A tenant of it.
    #[must_use]
    pub fn place(&self, tenant: &str) -> Option<&Place> {
        self.tenants.get(tenant)
    }
}

impl Place {
    /// A person of this tenant as caller.
    #[must_use]
    pub fn caller<'a>(&'a self, person: &'a Person) -> Caller<'a> {
        Caller {
            subject: &person.subject,
            side: &self.tenant,
        }
    }
}
