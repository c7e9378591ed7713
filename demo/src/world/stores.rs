//! Invented stores, with the columns of the real store file.

use rand::Rng;
use rand_chacha::ChaCha8Rng;

use super::names::{HEADS, STREETS, TOWN_TAILS};
use super::tenants::Tenant;

pub(super) const HEADER: [&str; 10] = [
    "Store",
    "Report Date",
    "Name",
    "Store Status",
    "Address",
    "State",
    "Zip Code",
    "latitude",
    "longitude",
    "City",
];

/// One store.
pub(super) struct Store {
    pub number: u32,
    /// Position of its tenant in the list of tenants.
    pub tenant: usize,
    name: String,
    active: bool,
    address: String,
    zip: u32,
    /// Latitude and longitude in millionths of a degree.
    position: Option<(i32, i32)>,
    town: String,
}

impl Store {
    pub(super) fn row(&self) -> [String; 10] {
        let (latitude, longitude) = match self.position {
            Some((latitude, longitude)) => (degrees(latitude), degrees(longitude)),
            None => (String::new(), String::new()),
        };
        [
            self.number.to_string(),
            "2026-05-31".to_owned(),
            self.name.clone(),
            if self.active { "A" } else { "I" }.to_owned(),
            self.address.clone(),
            "MN".to_owned(),
            format!("{:05}", self.zip),
            latitude,
            longitude,
            self.town.clone(),
        ]
    }
}

pub(super) fn invent(rng: &mut ChaCha8Rng, tenants: &[Tenant]) -> Vec<Store> {
    let mut stores = Vec::new();
    for (at, tenant) in tenants.iter().enumerate() {
        for own in 0..u32::from(tenant.stores) {
            let serial = stores.len();
            stores.push(one(rng, at, tenant, own, serial));
        }
    }
    stores
}

fn one(rng: &mut ChaCha8Rng, at: usize, tenant: &Tenant, own: u32, serial: usize) -> Store {
    let town = format!(
        "{}{}",
        HEADS[rng.random_range(0..HEADS.len())],
        TOWN_TAILS[rng.random_range(0..TOWN_TAILS.len())]
    );
    let street = STREETS[rng.random_range(0..STREETS.len())];
    let house = rng.random_range(1..2_000);
    let sign = tenant.sign;
    let name = match serial % 10 {
        3 => format!("{sign} # {}/ {town}", own + 1),
        5 => format!("{sign} \"EXPRESS\" / {town}, NORTH"),
        7 => format!("{sign}  #{}  / {town} ", own + 1),
        _ => format!("{sign} #{} / {town}", own + 1),
    };
    Store {
        number: tenant.first_store + 11 * (own + 1),
        tenant: at,
        name,
        active: serial % 20 != 14,
        address: if serial % 6 == 2 {
            format!("{house}, {street}")
        } else {
            format!("{house} {street}")
        },
        zip: rng.random_range(55_000..56_700),
        position: (serial % 20 != 4).then(|| {
            (
                rng.random_range(43_600_000..48_900_000),
                -rng.random_range(91_000_000..96_900_000),
            )
        }),
        town,
    }
}

fn degrees(millionths: i32) -> String {
    let sign = if millionths < 0 { "-" } else { "" };
    let size = millionths.unsigned_abs();
    format!("{sign}{}.{:06}", size / 1_000_000, size % 1_000_000)
}
