//! A location's record and its checks.

use crate::shared::{Refusals, code, gs1, required_text};
use crate::suppliers::{country, optional};
use crate::words;
use quartermaster_tenants::{Refusal, error::Code};
use uuid::Uuid;

words! {
    /// What kind of place.
    LocationKind {
        /// Sells to people.
        Store "STORE",
        /// Keeps goods.
        Warehouse "WAREHOUSE",
        /// Keeps goods for other locations.
        DistributionCentre "DISTRIBUTION_CENTRE",
    }
}

words! {
    /// Where a location stands.
    LocationStatus {
        /// Orders, receipts and stock come and go.
        Active "ACTIVE",
        /// Ended; what it holds is still there to read.
        Closed "CLOSED",
    }
}

/// A location as people enter it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Location {
    /// The tenant's own code; never changes.
    pub code: String,
    /// What people call it.
    pub name: String,
    /// What kind of place.
    pub kind: LocationKind,
    /// Its region.
    pub region: Option<Uuid>,
    /// Global location number (GS1).
    pub gln: Option<String>,
    /// Street and number.
    pub street: Option<String>,
    /// City.
    pub city: Option<String>,
    /// Postal code.
    pub postal_code: Option<String>,
    /// State or province.
    pub subdivision: Option<String>,
    /// ISO 3166-1 alpha-2.
    pub country: Option<String>,
    /// Of the time zone database (IANA): `Europe/Berlin`.
    pub time_zone: String,
}

impl Location {
    /// All that is wrong, told at once.
    ///
    /// # Errors
    /// The refusals.
    pub fn checked(self) -> Result<Self, Vec<Refusal>> {
        let mut r = Refusals::default();
        let gln = self.gln.as_deref().filter(|g| !g.trim().is_empty());
        let checked = Self {
            code: r.take(code(&["code"], &self.code)).unwrap_or_default(),
            name: r.take(required_text(&["name"], &self.name, 200)).unwrap_or_default(),
            kind: self.kind,
            region: self.region,
            gln: r.take(gln.map(|g| gs1::gln(&["gln"], g)).transpose()).flatten(),
            street: r.take(optional(&["street"], self.street.as_deref(), 200)).flatten(),
            city: r.take(optional(&["city"], self.city.as_deref(), 100)).flatten(),
            postal_code: r
                .take(optional(&["postalCode"], self.postal_code.as_deref(), 20))
                .flatten(),
            subdivision: r
                .take(optional(&["subdivision"], self.subdivision.as_deref(), 100))
                .flatten(),
            country: r.take(country(&["countryCode"], self.country.as_deref())).flatten(),
            time_zone: r.take(time_zone(&self.time_zone)).unwrap_or_default(),
        };
        r.finish()?;
        Ok(checked)
    }
}

fn time_zone(value: &str) -> Result<String, Refusal> {
    let value = value.trim();
    let is_name = value.contains('/') && value.len() <= 40 && !value.starts_with('/') && !value.ends_with('/');
    if value == "UTC" || (is_name && value.bytes().all(|b| b.is_ascii_alphanumeric() || b"/_+-".contains(&b))) {
        return Ok(value.to_owned());
    }
    Err(Refusal::new(
        Code::UnknownCode,
        &["timeZone"],
        "A name of the time zone database is expected, such as Europe/Berlin.",
    ))
}
