//! The description of the State of Iowa's open data, which comes without a `world.toml`.
//!
//! Four banners of its store file order in the first half of 2022; each is one tenant here. Casey's and Kum & Go stand in
//! for a franchise network, so that the network's rules meet real orders; in life they are two firms.

use crate::description::{Description, Named, TenantEntry, TenantKind};

/// File names of order lines begin so.
pub(crate) const ORDERS_PREFIX: &str = "store_orders_";

const NETWORK: &str = "convenience";

/// Four banners, and a fifth tenant that takes what stores an order file may name beyond them.
#[must_use]
pub fn description(orders: Vec<String>) -> Description {
    let tenant = |code: &str, name: &str, kind, prefix: Option<&str>| TenantEntry {
        code: code.to_owned(),
        name: name.to_owned(),
        kind,
        network: (kind != TenantKind::Brand).then(|| NETWORK.to_owned()),
        store_numbers: Vec::new(),
        store_name_prefixes: prefix.map(str::to_owned).into_iter().collect(),
        takes_the_rest: prefix.is_none(),
    };
    Description {
        name: "Store orders of the State of Iowa's open data".to_owned(),
        currency: "USD".to_owned(),
        locale: "en-US".to_owned(),
        time_zone: "America/Chicago".to_owned(),
        country: "US".to_owned(),
        products: "products.csv".to_owned(),
        stores: "stores.csv".to_owned(),
        orders,
        partner: Named {
            code: "iowa-replay".to_owned(),
            name: "Iowa replay partner".to_owned(),
        },
        networks: vec![Named {
            code: NETWORK.to_owned(),
            name: "Convenience store network".to_owned(),
        }],
        tenants: vec![
            tenant("hy-vee", "Hy-Vee", TenantKind::Brand, Some("HY-VEE")),
            tenant("fareway", "Fareway", TenantKind::Brand, Some("FAREWAY")),
            tenant("caseys", "Casey's", TenantKind::Franchisor, Some("CASEY'S")),
            tenant("kum-and-go", "Kum & Go", TenantKind::Franchisee, Some("KUM & GO")),
            tenant("independent", "Independent stores", TenantKind::Brand, None),
        ],
    }
}
