//! Lines of supplier files.

use super::claims::Claim;
use super::columns::{Column, optional, required};
use super::masters::Importable;
use super::row::Row;
use crate::shared::Refusals;
use crate::suppliers::{Contact, Incoterm, Supplier};
use quartermaster_tenants::tx::{Landing, Rows};
use quartermaster_tenants::{Flight, Op, Refusal, Result};

/// The columns.
pub(super) const COLUMNS: &[Column] = &[
    required("code"),
    required("legal_name"),
    required("currency"),
    optional("tax_id"),
    optional("gln"),
    optional("payment_terms_days"),
    optional("lead_time_days"),
    optional("incoterm"),
    optional("external_key"),
    optional("contact_name"),
    optional("contact_role"),
    optional("contact_email"),
    optional("contact_phone"),
];

const CONTACT: [&str; 4] = ["contact_name", "contact_role", "contact_email", "contact_phone"];

impl Importable for Supplier {
    type Known = ();

    fn look_for(_: &Op, _: &[&Row], _: &mut Flight) -> Vec<Rows> {
        vec![]
    }

    fn known(_: &Landing, _: &[Rows]) -> Result<()> {
        Ok(())
    }

    fn read(row: &Row, (): &(), before: Option<&Self>) -> Result<Self, Vec<Refusal>> {
        let mut r = Refusals::default();
        let before = before.cloned().unwrap_or_default();
        let record = Self {
            code: row.get("code").to_owned(),
            legal_name: row.get("legal_name").to_owned(),
            currency: row.get("currency").to_owned(),
            tax_id: row.text("tax_id", before.tax_id),
            gln: row.text("gln", before.gln),
            payment_terms_days: row.whole("payment_terms_days", before.payment_terms_days, &mut r),
            lead_time_days: row.whole("lead_time_days", before.lead_time_days, &mut r),
            incoterm: row.word(
                "incoterm",
                before.incoterm,
                &mut r,
                "This is no rule of Incoterms 2020.",
                |word| Incoterm::parse(word).ok(),
            ),
            external_key: row.text("external_key", before.external_key),
            sites: before.sites,
            contacts: contacts(row, before.contacts),
        };
        r.finish()?;
        Ok(record)
    }

    fn claims(&self, _: &Row) -> Vec<Claim> {
        vec![Claim::Alone("code", self.code.clone())]
    }

    fn column(&self, field: &[String]) -> String {
        let name = field.last().map_or("code", String::as_str);
        match (field.first().map(String::as_str), name) {
            (Some("contacts"), name) => format!("contact_{name}"),
            (_, "legalName") => "legal_name".to_owned(),
            (_, "taxId") => "tax_id".to_owned(),
            (_, "currencyCode") => "currency".to_owned(),
            (_, "paymentTermsDays") => "payment_terms_days".to_owned(),
            (_, "leadTimeDays") => "lead_time_days".to_owned(),
            (_, "externalKey") => "external_key".to_owned(),
            (_, other) => other.to_owned(),
        }
    }
}

/// A file knows one contact: the first. Others stay.
fn contacts(row: &Row, before: Vec<Contact>) -> Vec<Contact> {
    if !CONTACT.iter().any(|c| row.has(c)) {
        return before;
    }
    let mut others = before.into_iter();
    let first = others.next().unwrap_or_default();
    let first = Contact {
        name: row.text("contact_name", Some(first.name)).unwrap_or_default(),
        role: row.text("contact_role", first.role),
        email: row.text("contact_email", first.email),
        phone: row.text("contact_phone", first.phone),
    };
    let said = Some(first).filter(|c| *c != Contact::default());
    said.into_iter().chain(others).collect()
}
