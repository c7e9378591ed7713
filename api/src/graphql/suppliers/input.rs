//! Inputs of mutations.

use super::incoterm::Incoterm;
use super::supplier::{SupplierContact, SupplierSite};
use crate::graphql::id::Id;
use crate::graphql::scalar::{CurrencyCode, Gln};
use crate::{command_input, reason_input};
use async_graphql::{InputObject, MaybeUndefined};
use quartermaster_domain::shared::{MemberId, SupplierId};
use quartermaster_domain::suppliers;

command_input!(SupplierId;
    /// Which supplier to end.
    SupplierCloseInput,
    /// Which supplier to order from again.
    SupplierReleaseInput,
);
reason_input!(SupplierId;
    /// Which supplier to hold, and why.
    SupplierHoldInput,
);
/// A new supplier.
#[derive(InputObject)]
pub struct SupplierCreateInput {
    /// The tenant's own code; never changes.
    pub(super) code: String,
    /// As registered.
    pub(super) legal_name: String,
    /// Tax identification number.
    pub(super) tax_id: Option<String>,
    /// Global location number (GS1).
    pub(super) gln: Option<Gln>,
    /// The currency of its orders, unless they say otherwise.
    pub(super) currency_code: CurrencyCode,
    /// Days until payment is due.
    pub(super) payment_terms_days: Option<i32>,
    /// Days from order to delivery.
    pub(super) lead_time_days: Option<i32>,
    /// Who carries cost and risk of the way.
    pub(super) incoterm: Option<Incoterm>,
    /// The key of another system.
    pub(super) external_key: Option<String>,
    /// Where it delivers from.
    #[graphql(default)]
    pub(super) sites: Vec<SupplierSite>,
    /// People to talk to.
    #[graphql(default)]
    pub(super) contacts: Vec<SupplierContact>,
}

/// Another content of a supplier; what is not given stays, null empties.
#[derive(InputObject)]
pub struct SupplierUpdateInput {
    /// The supplier.
    pub(super) id: Id<SupplierId>,
    /// The version that you have read; a stale one is refused with `CONFLICT`.
    pub(super) expected_version: Option<i32>,
    /// As registered.
    pub(super) legal_name: Option<String>,
    /// Tax identification number.
    pub(super) tax_id: MaybeUndefined<String>,
    /// Global location number (GS1).
    pub(super) gln: MaybeUndefined<Gln>,
    /// The currency of its orders, unless they say otherwise.
    pub(super) currency_code: Option<CurrencyCode>,
    /// Days until payment is due.
    pub(super) payment_terms_days: MaybeUndefined<i32>,
    /// Days from order to delivery.
    pub(super) lead_time_days: MaybeUndefined<i32>,
    /// Incoterms 2020.
    pub(super) incoterm: MaybeUndefined<Incoterm>,
    /// The key of another system.
    pub(super) external_key: MaybeUndefined<String>,
    /// All sites, in place of those that were.
    pub(super) sites: Option<Vec<SupplierSite>>,
    /// All contacts, in place of those that were.
    pub(super) contacts: Option<Vec<SupplierContact>>,
}

pub(super) fn sites_of(sites: Vec<SupplierSite>) -> Vec<suppliers::Site> {
    let of = |s: SupplierSite| suppliers::Site {
        code: s.code,
        name: s.name,
        gln: s.gln.map(String::from),
        street: s.street,
        city: s.city,
        postal_code: s.postal_code,
        subdivision: s.subdivision,
        country: s.country_code.map(String::from),
    };
    sites.into_iter().map(of).collect()
}

pub(super) fn contacts_of(contacts: Vec<SupplierContact>) -> Vec<suppliers::Contact> {
    let of = |c: SupplierContact| suppliers::Contact {
        name: c.name,
        role: c.role,
        email: c.email,
        phone: c.phone,
    };
    contacts.into_iter().map(of).collect()
}

/// What is not given stays, null empties.
pub fn set<T: Clone>(slot: &mut Option<T>, given: &MaybeUndefined<T>) {
    match given {
        MaybeUndefined::Undefined => {}
        MaybeUndefined::Null => *slot = None,
        MaybeUndefined::Value(value) => *slot = Some(value.clone()),
    }
}

impl SupplierUpdateInput {
    pub(super) fn apply(&self, mut s: suppliers::Supplier) -> suppliers::Supplier {
        if let Some(name) = &self.legal_name {
            s.legal_name.clone_from(name);
        }
        if let Some(currency) = &self.currency_code {
            s.currency = currency.0.to_string();
        }
        set(&mut s.tax_id, &self.tax_id);
        set(&mut s.gln, &self.gln.clone().map_value(String::from));
        set(&mut s.payment_terms_days, &self.payment_terms_days);
        set(&mut s.lead_time_days, &self.lead_time_days);
        set(&mut s.incoterm, &self.incoterm.map_value(Into::into));
        set(&mut s.external_key, &self.external_key);
        if let Some(sites) = &self.sites {
            s.sites = sites_of(sites.clone());
        }
        if let Some(contacts) = &self.contacts {
            s.contacts = contacts_of(contacts.clone());
        }
        s
    }
}

/// A member who is a supplier, owns it or acts for it.
#[derive(InputObject)]
pub struct SupplierPartyInput {
    /// The supplier.
    pub(super) id: Id<SupplierId>,
    /// The member.
    pub(super) member_id: Id<MemberId>,
}
