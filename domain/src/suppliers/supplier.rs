//! A supplier's record and its checks.

use super::incoterm::Incoterm;
use crate::changes::{ChangeKind, Master};
use crate::shared::{Currency, Refusals, code, gs1, line_field, required_text, text};
use quartermaster_tenants::policy::{ControlState, duty};
use quartermaster_tenants::{Refusal, error::Code};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// The most sites, and the most contacts.
const MOST: usize = 500;

crate::words! {
    /// Where a supplier stands.
    SupplierStatus {
        /// Its approval was refused or taken back: it may be proposed again.
        Draft "DRAFT",
        /// Waits for its first approval.
        PendingApproval "PENDING_APPROVAL",
        /// May be ordered from.
        Active "ACTIVE",
        /// Nothing may be ordered for the time being.
        OnHold "ON_HOLD",
        /// Ended, for good.
        Closed "CLOSED",
    }
}

impl SupplierStatus {
    /// The control state behind it, for blocking (SUP.BLOCK): `None` allows no duty.
    #[must_use]
    pub fn control(self) -> Option<ControlState> {
        match self {
            Self::Active | Self::OnHold => Some(ControlState::Approved),
            Self::Draft | Self::PendingApproval | Self::Closed => None,
        }
    }
}

/// A supplier as people enter it. Bank details are not part of it.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Supplier {
    /// The tenant's own code; never changes.
    pub code: String,
    /// As registered.
    pub legal_name: String,
    /// Tax identification number.
    pub tax_id: Option<String>,
    /// Global location number (GS1).
    pub gln: Option<String>,
    /// ISO 4217: of its orders, unless they say otherwise.
    pub currency: String,
    /// Days until payment is due.
    pub payment_terms_days: Option<i32>,
    /// Days from order to delivery.
    pub lead_time_days: Option<i32>,
    /// Who carries cost and risk of the way.
    pub incoterm: Option<Incoterm>,
    /// The key of another system.
    pub external_key: Option<String>,
    /// Where it delivers from.
    #[serde(default)]
    pub sites: Vec<Site>,
    /// People to talk to.
    #[serde(default)]
    pub contacts: Vec<Contact>,
}

/// A place of a supplier.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Site {
    /// Unique in the supplier.
    pub code: String,
    /// What people call it.
    pub name: String,
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
}

/// Somebody to talk to at a supplier.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Contact {
    /// Name.
    pub name: String,
    /// What for.
    pub role: Option<String>,
    /// E-mail address.
    pub email: Option<String>,
    /// Telephone.
    pub phone: Option<String>,
}

/// An optional text; an empty one is none.
pub(crate) fn optional(field: &[&str], value: Option<&str>, most: usize) -> Result<Option<String>, Refusal> {
    Ok(value
        .map(|v| text(field, v, most))
        .transpose()?
        .filter(|v| !v.is_empty()))
}

/// Two capital letters (ISO 3166-1 alpha-2).
pub(crate) fn country(field: &[&str], value: Option<&str>) -> Result<Option<String>, Refusal> {
    match value.map(str::trim).filter(|v| !v.is_empty()) {
        None => Ok(None),
        Some(v) if v.len() == 2 && v.bytes().all(|b| b.is_ascii_uppercase()) => Ok(Some(v.to_owned())),
        Some(_) => Err(Refusal::new(
            Code::UnknownCode,
            field,
            "A country has two capital letters (ISO 3166-1).",
        )),
    }
}

/// Days from 0 to 3,650.
pub(crate) fn days(field: &[&str], value: Option<i32>) -> Result<Option<i32>, Refusal> {
    match value {
        Some(d) if !(0..=3650).contains(&d) => Err(Refusal::invalid(field, "Days from 0 to 3650 are expected.")),
        other => Ok(other),
    }
}

fn optional_gln(field: &[&str], value: Option<&str>) -> Result<Option<String>, Refusal> {
    value
        .filter(|v| !v.trim().is_empty())
        .map(|v| gs1::gln(field, v))
        .transpose()
}

/// The statement that reads suppliers as [`Supplier`] has them, with what an open change proposes.
macro_rules! supplier_record {
    () => {
        "SELECT s.code AS key, s.id, s.status, s.version, s.event_sequence, s.event_hash, jsonb_build_object('code', s.code, 'legalName', s.legal_name, 'taxId', s.tax_id, 'gln', s.gln, 'currency', s.currency, \
         'paymentTermsDays', s.payment_terms_days, 'leadTimeDays', s.lead_time_days, 'incoterm', s.incoterm, 'externalKey', s.external_key, \
         'sites', (SELECT coalesce(jsonb_agg(jsonb_build_object('code', x.code, 'name', x.name, 'gln', x.gln, 'street', x.street, 'city', x.city, 'postalCode', x.postal_code, 'subdivision', x.subdivision, 'country', x.country) ORDER BY x.code), '[]') \
           FROM qm.supplier_site x WHERE x.tenant_id = $1 AND x.id = s.id), \
         'contacts', (SELECT coalesce(jsonb_agg(jsonb_build_object('name', x.name, 'role', x.role, 'email', x.email, 'phone', x.phone) ORDER BY x.line_number), '[]') \
           FROM qm.supplier_contact x WHERE x.tenant_id = $1 AND x.id = s.id)) AS record, \
         (SELECT l.record FROM qm.master_change_line l JOIN qm.master_change c ON c.tenant_id = l.tenant_id AND c.id = l.id \
           WHERE l.tenant_id = $1 AND l.target_id = s.id AND c.status IN ('DRAFT', 'PENDING') LIMIT 1) AS pending FROM qm.supplier s"
    };
}

impl Master for Supplier {
    type Maker = duty::SupPropose;
    const KIND: ChangeKind = ChangeKind::Supplier;
    const DOCUMENT: Option<&'static str> = Some("SUPPLIER");
    const CREATED: &'static str = "supplier-created";
    const CURRENT: &'static str = concat!(
        supplier_record!(),
        " WHERE s.tenant_id = $1 AND s.code = ANY($2) ORDER BY s.id FOR UPDATE OF s"
    );
    const CURRENT_BY_ID: &'static str = concat!(
        supplier_record!(),
        " WHERE s.tenant_id = $1 AND s.id = ANY($2) ORDER BY s.id FOR UPDATE OF s"
    );
    const WRITE: Option<&'static str> = Some(
        "INSERT INTO qm.supplier AS s (tenant_id, id, code, legal_name, status, tax_id, gln, currency, payment_terms_days, lead_time_days, incoterm, external_key, version, event_sequence, event_hash, created_at, updated_at) \
         SELECT $1, l.target_id, l.record->>'code', l.record->>'legalName', u.status, l.record->>'taxId', l.record->>'gln', l.record->>'currency', (l.record->>'paymentTermsDays')::int, \
         (l.record->>'leadTimeDays')::int, l.record->>'incoterm', l.record->>'externalKey', u.version, u.sequence, u.hash, $8, $8 \
         FROM unnest($3::int[], $4::text[], $5::int[], $6::int[], $7::bytea[]) u (line_number, status, version, sequence, hash) \
         CROSS JOIN LATERAL (SELECT x.target_id, x.record FROM qm.master_change_line x WHERE x.tenant_id = $1 AND x.id = $2 AND x.line_number = u.line_number OFFSET 0) l \
         ON CONFLICT (tenant_id, id) DO UPDATE SET code = excluded.code, legal_name = excluded.legal_name, status = excluded.status, tax_id = excluded.tax_id, gln = excluded.gln, currency = excluded.currency, \
         payment_terms_days = excluded.payment_terms_days, lead_time_days = excluded.lead_time_days, incoterm = excluded.incoterm, external_key = excluded.external_key, \
         version = excluded.version, event_sequence = excluded.event_sequence, event_hash = excluded.event_hash, updated_at = excluded.updated_at",
    );

    fn key(&self) -> String {
        self.code.clone()
    }

    fn supplier(&self, target: Uuid) -> Option<Uuid> {
        Some(target)
    }

    fn checked(self) -> Result<Self, Vec<Refusal>> {
        let mut r = Refusals::default();
        let mut checked = Self {
            code: r.take(code(&["code"], &self.code)).unwrap_or_default(),
            legal_name: r
                .take(required_text(&["legalName"], &self.legal_name, 200))
                .unwrap_or_default(),
            tax_id: r.take(optional(&["taxId"], self.tax_id.as_deref(), 40)).flatten(),
            gln: r.take(optional_gln(&["gln"], self.gln.as_deref())).flatten(),
            currency: r
                .take(Currency::parse(&["currencyCode"], &self.currency))
                .map(|c| c.code().to_owned())
                .unwrap_or_default(),
            payment_terms_days: r.take(days(&["paymentTermsDays"], self.payment_terms_days)).flatten(),
            lead_time_days: r.take(days(&["leadTimeDays"], self.lead_time_days)).flatten(),
            incoterm: self.incoterm,
            external_key: r
                .take(optional(&["externalKey"], self.external_key.as_deref(), 100))
                .flatten(),
            sites: self
                .sites
                .iter()
                .enumerate()
                .map(|(i, s)| s.checked(i, &mut r))
                .collect(),
            contacts: self
                .contacts
                .iter()
                .enumerate()
                .map(|(i, c)| c.checked(i, &mut r))
                .collect(),
        };
        if self.sites.len() > MOST || self.contacts.len() > MOST {
            r.push(Refusal::new(
                Code::TooLarge,
                &["sites"],
                "At most 500 sites and 500 contacts are allowed.",
            ));
        }
        let mut codes: Vec<&str> = checked.sites.iter().map(|s| s.code.as_str()).collect();
        codes.sort_unstable();
        if codes.windows(2).any(|w| w[0] == w[1] && !w[0].is_empty()) {
            r.push(Refusal::new(
                Code::Duplicate,
                &["sites"],
                "Two sites have the same code.",
            ));
        }
        r.finish()?;
        checked.sites.sort_by(|a, b| a.code.cmp(&b.code));
        Ok(checked)
    }
}

impl Site {
    fn checked(&self, i: usize, r: &mut Refusals) -> Self {
        let at = |field: &str| line_field("sites", i, field);
        Self {
            code: r
                .take(code(&[], &self.code).map_err(|e| e.under(&at("code"))))
                .unwrap_or_default(),
            name: r
                .take(required_text(&[], &self.name, 200).map_err(|e| e.under(&at("name"))))
                .unwrap_or_default(),
            gln: r
                .take(optional_gln(&[], self.gln.as_deref()).map_err(|e| e.under(&at("gln"))))
                .flatten(),
            street: r
                .take(optional(&[], self.street.as_deref(), 200).map_err(|e| e.under(&at("street"))))
                .flatten(),
            city: r
                .take(optional(&[], self.city.as_deref(), 100).map_err(|e| e.under(&at("city"))))
                .flatten(),
            postal_code: r
                .take(optional(&[], self.postal_code.as_deref(), 20).map_err(|e| e.under(&at("postalCode"))))
                .flatten(),
            subdivision: r
                .take(optional(&[], self.subdivision.as_deref(), 100).map_err(|e| e.under(&at("subdivision"))))
                .flatten(),
            country: r
                .take(country(&[], self.country.as_deref()).map_err(|e| e.under(&at("countryCode"))))
                .flatten(),
        }
    }
}

impl Contact {
    fn checked(&self, i: usize, r: &mut Refusals) -> Self {
        let at = |field: &str| line_field("contacts", i, field);
        Self {
            name: r
                .take(required_text(&[], &self.name, 200).map_err(|e| e.under(&at("name"))))
                .unwrap_or_default(),
            role: r
                .take(optional(&[], self.role.as_deref(), 100).map_err(|e| e.under(&at("role"))))
                .flatten(),
            email: r
                .take(optional(&[], self.email.as_deref(), 254).map_err(|e| e.under(&at("email"))))
                .flatten(),
            phone: r
                .take(optional(&[], self.phone.as_deref(), 40).map_err(|e| e.under(&at("phone"))))
                .flatten(),
        }
    }
}
