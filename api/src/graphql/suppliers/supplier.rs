//! The node.

use super::incoterm::Incoterm;
use crate::graphql::loaders::one;
use crate::graphql::scalar::{CountryCode, CurrencyCode, DateTime, Gln};
use crate::graphql::supplier_bank::{BankChangesKey, SupplierBankChange};
use crate::{connection, loads, plan, plan_connection, plan_enum};
use async_graphql::{ComplexObject, Context, Enum, ID, InputObject, Result, SimpleObject};
use quartermaster_domain::shared::SupplierId;
use quartermaster_domain::suppliers;
use quartermaster_domain::suppliers::queries::{self, SupplierRecord};
use uuid::Uuid;

/// Where a supplier stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "suppliers::SupplierStatus")]
pub enum SupplierStatus {
    /// Its approval was refused or taken back: it may be proposed again.
    Draft,
    /// Waits for its first approval.
    PendingApproval,
    /// May be ordered from.
    Active,
    /// Nothing may be ordered for the time being.
    OnHold,
    /// Ended, for good.
    Closed,
}

/// A place of a supplier.
#[derive(SimpleObject, InputObject, Clone)]
#[graphql(input_name = "SupplierSiteInput")]
pub struct SupplierSite {
    /// Unique in the supplier.
    pub(super) code: String,
    /// What people call it.
    pub(super) name: String,
    /// Global location number (GS1).
    pub(super) gln: Option<Gln>,
    /// Street and number.
    pub(super) street: Option<String>,
    /// City.
    pub(super) city: Option<String>,
    /// Postal code.
    pub(super) postal_code: Option<String>,
    /// State or province.
    pub(super) subdivision: Option<String>,
    /// ISO 3166-1 alpha-2.
    pub(super) country_code: Option<CountryCode>,
}

/// Somebody to talk to at a supplier.
#[derive(SimpleObject, InputObject, Clone)]
#[graphql(input_name = "SupplierContactInput")]
pub struct SupplierContact {
    /// Name.
    pub(super) name: String,
    /// What for.
    pub(super) role: Option<String>,
    /// E-mail address.
    pub(super) email: Option<String>,
    /// Telephone.
    pub(super) phone: Option<String>,
}

/// Who may deliver, and on which terms.
#[derive(SimpleObject, Clone)]
#[graphql(complex)]
pub struct Supplier {
    /// Opaque; begins with `sup_`.
    pub id: ID,
    /// The tenant's own code.
    code: String,
    /// As registered.
    legal_name: String,
    /// Where it stands.
    status: SupplierStatus,
    /// Why it is held.
    hold_reason: Option<String>,
    /// Tax identification number.
    tax_id: Option<String>,
    /// Global location number (GS1).
    gln: Option<Gln>,
    /// The currency of its orders, unless they say otherwise.
    currency_code: CurrencyCode,
    /// Days until payment is due.
    payment_terms_days: Option<i32>,
    /// Days from order to delivery.
    lead_time_days: Option<i32>,
    /// Who carries cost and risk of the way.
    incoterm: Option<Incoterm>,
    /// The key of another system.
    external_key: Option<String>,
    /// Country and last characters of the bank account in force; the rest is never shown.
    bank_account_mask: Option<String>,
    /// The row's version, for `expectedVersion`.
    version: i32,
    /// When it was made.
    created_at: DateTime,
    /// When it was last written.
    updated_at: DateTime,
    #[graphql(skip)]
    uuid: Uuid,
}

plan!(Supplier {
    id,
    code,
    legal_name,
    status,
    hold_reason,
    tax_id,
    gln,
    currency_code,
    payment_terms_days,
    lead_time_days,
    incoterm,
    external_key,
    bank_account_mask,
    version,
    created_at,
    updated_at
});
plan_enum!(SupplierStatus);

impl From<SupplierRecord> for Supplier {
    fn from(r: SupplierRecord) -> Self {
        let s = r.supplier;
        Self {
            id: ID(SupplierId(r.id).into()),
            code: s.code,
            legal_name: s.legal_name,
            status: r.status.into(),
            hold_reason: r.hold_reason,
            tax_id: s.tax_id,
            gln: s.gln.map(Gln::from),
            currency_code: s.currency.into(),
            payment_terms_days: s.payment_terms_days,
            lead_time_days: s.lead_time_days,
            incoterm: s.incoterm.map(Into::into),
            external_key: s.external_key,
            bank_account_mask: r.bank_mask,
            version: r.version,
            created_at: DateTime(r.created_at),
            updated_at: DateTime(r.updated_at),
            uuid: r.id,
        }
    }
}

/// Sites and contacts of a supplier, for the loader.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct DetailsKey(Uuid);

loads!(DetailsKey => (Vec<suppliers::Site>, Vec<suppliers::Contact>), queries::details);

#[ComplexObject]
impl Supplier {
    /// Where it delivers from.
    async fn sites(&self, ctx: &Context<'_>) -> Result<Vec<SupplierSite>> {
        let (sites, _) = one(ctx, DetailsKey(self.uuid)).await?.unwrap_or_default();
        let shown = |s: suppliers::Site| SupplierSite {
            code: s.code,
            name: s.name,
            gln: s.gln.map(Gln::from),
            street: s.street,
            city: s.city,
            postal_code: s.postal_code,
            subdivision: s.subdivision,
            country_code: s.country.map(CountryCode::from),
        };
        Ok(sites.into_iter().map(shown).collect())
    }

    /// People to talk to.
    async fn contacts(&self, ctx: &Context<'_>) -> Result<Vec<SupplierContact>> {
        let (_, contacts) = one(ctx, DetailsKey(self.uuid)).await?.unwrap_or_default();
        let shown = |c: suppliers::Contact| SupplierContact {
            name: c.name,
            role: c.role,
            email: c.email,
            phone: c.phone,
        };
        Ok(contacts.into_iter().map(shown).collect())
    }

    /// Changes of its bank details, newest first, at most 250.
    async fn bank_changes(&self, ctx: &Context<'_>) -> Result<Vec<SupplierBankChange>> {
        Ok(one(ctx, BankChangesKey(self.uuid)).await?.unwrap_or_default())
    }
}

loads!(SupplierId => Supplier, queries::suppliers_by_ids);

connection!(SupplierConnection, SupplierEdge, Supplier);
plan_connection!(SupplierConnection, SupplierEdge);
