//! The tenants of the invented world: two brands, and a network of a franchisor with three franchisees.

use crate::description::{Description, Named, TenantEntry, TenantKind};

use super::stores::Store;
use super::{PRODUCTS, STORES};

const NETWORK: &str = "bramblejack";

/// A tenant and how many stores it has.
pub(super) struct Tenant {
    pub code: &'static str,
    pub name: &'static str,
    pub kind: TenantKind,
    /// How the names of its stores begin.
    pub sign: &'static str,
    /// Number of its first store.
    pub first_store: u32,
    pub stores: u16,
}

/// Shares of forty stores.
const TENANTS: [(&str, &str, TenantKind, &str, u16); 6] = [
    (
        "quillamore",
        "Quillamore Market",
        TenantKind::Brand,
        "QUILLAMORE MARKET",
        12,
    ),
    (
        "orswick-thane",
        "Orswick & Thane",
        TenantKind::Brand,
        "ORSWICK & THANE",
        10,
    ),
    (
        "bramblejack",
        "Bramblejack's",
        TenantKind::Franchisor,
        "BRAMBLEJACK'S",
        6,
    ),
    (
        "dunnoway-foods",
        "Dunnoway Foods LLC",
        TenantKind::Franchisee,
        "BRAMBLEJACK'S",
        4,
    ),
    (
        "pellam-stores",
        "Pellam Crossing Stores, Inc.",
        TenantKind::Franchisee,
        "BRAMBLEJACK'S",
        4,
    ),
    (
        "harrowmead",
        "Harrowmead Retail Group",
        TenantKind::Franchisee,
        "BRAMBLEJACK'S",
        4,
    ),
];

pub(super) fn invent(stores: u16) -> Vec<Tenant> {
    let mut left = stores;
    let mut tenants: Vec<Tenant> = (2_u32..)
        .zip(TENANTS)
        .map(|(thousand, (code, name, kind, sign, share))| {
            let own = (u32::from(stores) * u32::from(share) / 40).clamp(1, u32::from(u16::MAX)) as u16;
            left = left.saturating_sub(own);
            Tenant {
                code,
                name,
                kind,
                sign,
                first_store: thousand * 10_000,
                stores: own,
            }
        })
        .collect();
    // What rounding left over goes to the first brand.
    if let Some(first) = tenants.first_mut() {
        first.stores = first.stores.saturating_add(left);
    }
    tenants
}

pub(super) fn describe(tenants: &[Tenant], stores: &[Store], orders: String) -> Description {
    let entries = tenants.iter().enumerate().map(|(at, tenant)| TenantEntry {
        code: tenant.code.to_owned(),
        name: tenant.name.to_owned(),
        kind: tenant.kind,
        network: (tenant.kind != TenantKind::Brand).then(|| NETWORK.to_owned()),
        store_numbers: stores
            .iter()
            .filter(|store| store.tenant == at)
            .map(|store| store.number.to_string())
            .collect(),
        store_name_prefixes: Vec::new(),
        takes_the_rest: false,
    });
    Description {
        name: "An invented retail world".to_owned(),
        currency: "USD".to_owned(),
        locale: "en-US".to_owned(),
        time_zone: "America/Chicago".to_owned(),
        country: "US".to_owned(),
        products: PRODUCTS.to_owned(),
        stores: STORES.to_owned(),
        orders: vec![orders],
        partner: Named {
            code: "larkenshaw".to_owned(),
            name: "Larkenshaw Retail Systems".to_owned(),
        },
        networks: vec![Named {
            code: NETWORK.to_owned(),
            name: "Bramblejack's franchise network".to_owned(),
        }],
        tenants: entries.collect(),
    }
}
