//! Suppliers.

use super::id::{Id, uuids};
use super::loaders::{Batch, LoadError, one};
use super::master_changes::SupplierChange;
use super::page::{count, window};
use super::payload::about;
use super::scalar::{CountryCode, CurrencyCode, DateTime, Gln};
use super::session;
use super::supplier_bank::SupplierBankChange;
use crate::{command_input, connection, perform, reason_input};
use async_graphql::dataloader::Loader;
use async_graphql::{ComplexObject, Context, Enum, ID, InputObject, MaybeUndefined, Object, Result, SimpleObject};
use quartermaster_domain::shared::{MemberId, SupplierChangeId, SupplierId};
use quartermaster_domain::suppliers;
use quartermaster_domain::suppliers::queries::{self, ORDERS, SupplierFilter as Filter, SupplierRecord};
use quartermaster_tenants::Outcome;
use std::collections::HashMap;
use std::sync::Arc;
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
    code: String,
    /// What people call it.
    name: String,
    /// Global location number (GS1).
    gln: Option<Gln>,
    /// Street and number.
    street: Option<String>,
    /// City.
    city: Option<String>,
    /// Postal code.
    postal_code: Option<String>,
    /// State or province.
    subdivision: Option<String>,
    /// ISO 3166-1 alpha-2.
    country_code: Option<CountryCode>,
}

/// Somebody to talk to at a supplier.
#[derive(SimpleObject, InputObject, Clone)]
#[graphql(input_name = "SupplierContactInput")]
pub struct SupplierContact {
    /// Name.
    name: String,
    /// What for.
    role: Option<String>,
    /// E-mail address.
    email: Option<String>,
    /// Telephone.
    phone: Option<String>,
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
    /// Incoterms 2020.
    incoterm: Option<String>,
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

impl From<SupplierRecord> for Supplier {
    fn from(r: SupplierRecord) -> Self {
        let s = r.supplier;
        Self {
            id: ID(SupplierId(r.id).to_string()),
            code: s.code,
            legal_name: s.legal_name,
            status: r.status.into(),
            hold_reason: r.hold_reason,
            tax_id: s.tax_id,
            gln: s.gln.map(Gln),
            currency_code: s.currency.into(),
            payment_terms_days: s.payment_terms_days,
            lead_time_days: s.lead_time_days,
            incoterm: s.incoterm,
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

impl Loader<DetailsKey> for Batch {
    type Value = (Vec<suppliers::Site>, Vec<suppliers::Contact>);
    type Error = LoadError;
    async fn load(&self, keys: &[DetailsKey]) -> Result<HashMap<DetailsKey, Self::Value>, LoadError> {
        let ids: Vec<Uuid> = keys.iter().map(|k| k.0).collect();
        let found = queries::details(&self.session.db, &self.session.op, &ids).await?;
        Ok(found.into_iter().map(|(id, d)| (DetailsKey(id), d)).collect())
    }
}

#[ComplexObject]
impl Supplier {
    /// Where it delivers from.
    async fn sites(&self, ctx: &Context<'_>) -> Result<Vec<SupplierSite>> {
        let (sites, _) = one(ctx, DetailsKey(self.uuid)).await?.unwrap_or_default();
        let shown = |s: suppliers::Site| SupplierSite {
            code: s.code,
            name: s.name,
            gln: s.gln.map(Gln),
            street: s.street,
            city: s.city,
            postal_code: s.postal_code,
            subdivision: s.subdivision,
            country_code: s.country.map(CountryCode),
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
        let s = session(ctx)?;
        let found = s.read(queries::bank_changes(&s.db, &s.op, &[self.uuid]).await)?;
        Ok(found.into_iter().map(Into::into).collect())
    }
}

impl Loader<SupplierId> for Batch {
    type Value = Supplier;
    type Error = LoadError;
    async fn load(&self, keys: &[SupplierId]) -> Result<HashMap<SupplierId, Supplier>, LoadError> {
        let ids: Vec<Uuid> = keys.iter().map(|k| k.0).collect();
        let found = queries::suppliers_by_ids(&self.session.db, &self.session.op, &ids).await?;
        Ok(found.into_iter().map(|(id, r)| (SupplierId(id), r.into())).collect())
    }
}

connection!(SupplierConnection, SupplierEdge, Supplier);

/// A supplier after a mutation, and the change that was proposed.
pub struct SupplierPayload(Outcome);

#[Object]
impl SupplierPayload {
    /// The supplier as it is now; null when there is none that you may see.
    async fn supplier(&self, ctx: &Context<'_>) -> Result<Option<Supplier>> {
        let Some(id) = self.0.document else { return Ok(None) };
        one(ctx, SupplierId(id)).await
    }
    /// The change that waits for another person.
    async fn change(&self, ctx: &Context<'_>) -> Result<Option<SupplierChange>> {
        let Some(id) = self.0.id("change") else { return Ok(None) };
        one(ctx, SupplierChangeId(id)).await
    }
    /// Why nothing was done; empty when it was.
    async fn user_errors(&self) -> Vec<super::error::UserError> {
        self.0.refusals.iter().cloned().map(Into::into).collect()
    }
}

impl From<Outcome> for SupplierPayload {
    fn from(outcome: Outcome) -> Self {
        Self(outcome)
    }
}

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
    code: String,
    /// As registered.
    legal_name: String,
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
    /// Incoterms 2020.
    incoterm: Option<String>,
    /// The key of another system.
    external_key: Option<String>,
    /// Where it delivers from.
    #[graphql(default)]
    sites: Vec<SupplierSite>,
    /// People to talk to.
    #[graphql(default)]
    contacts: Vec<SupplierContact>,
}

/// Another content of a supplier; what is not given stays, null empties.
#[derive(InputObject)]
pub struct SupplierUpdateInput {
    /// The supplier.
    id: Id<SupplierId>,
    /// The version that you have read; a stale one is refused with `CONFLICT`.
    expected_version: Option<i32>,
    /// As registered.
    legal_name: Option<String>,
    /// Tax identification number.
    tax_id: MaybeUndefined<String>,
    /// Global location number (GS1).
    gln: MaybeUndefined<Gln>,
    /// The currency of its orders, unless they say otherwise.
    currency_code: Option<CurrencyCode>,
    /// Days until payment is due.
    payment_terms_days: MaybeUndefined<i32>,
    /// Days from order to delivery.
    lead_time_days: MaybeUndefined<i32>,
    /// Incoterms 2020.
    incoterm: MaybeUndefined<String>,
    /// The key of another system.
    external_key: MaybeUndefined<String>,
    /// All sites, in place of those that were.
    sites: Option<Vec<SupplierSite>>,
    /// All contacts, in place of those that were.
    contacts: Option<Vec<SupplierContact>>,
}

fn sites_of(sites: Vec<SupplierSite>) -> Vec<suppliers::Site> {
    let of = |s: SupplierSite| suppliers::Site {
        code: s.code,
        name: s.name,
        gln: s.gln.map(|g| g.0),
        street: s.street,
        city: s.city,
        postal_code: s.postal_code,
        subdivision: s.subdivision,
        country: s.country_code.map(|c| c.0),
    };
    sites.into_iter().map(of).collect()
}

fn contacts_of(contacts: Vec<SupplierContact>) -> Vec<suppliers::Contact> {
    let of = |c: SupplierContact| suppliers::Contact {
        name: c.name,
        role: c.role,
        email: c.email,
        phone: c.phone,
    };
    contacts.into_iter().map(of).collect()
}

/// What is not given stays, null empties.
pub(super) fn set<T: Clone>(slot: &mut Option<T>, given: &MaybeUndefined<T>) {
    match given {
        MaybeUndefined::Undefined => {}
        MaybeUndefined::Null => *slot = None,
        MaybeUndefined::Value(value) => *slot = Some(value.clone()),
    }
}

impl SupplierUpdateInput {
    fn apply(&self, mut s: suppliers::Supplier) -> suppliers::Supplier {
        if let Some(name) = &self.legal_name {
            s.legal_name.clone_from(name);
        }
        if let Some(currency) = &self.currency_code {
            s.currency.clone_from(&currency.0);
        }
        set(&mut s.tax_id, &self.tax_id);
        set(&mut s.gln, &self.gln.clone().map_value(|g| g.0));
        set(&mut s.payment_terms_days, &self.payment_terms_days);
        set(&mut s.lead_time_days, &self.lead_time_days);
        set(&mut s.incoterm, &self.incoterm);
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
    id: Id<SupplierId>,
    /// The member.
    member_id: Id<MemberId>,
}

/// Which suppliers are wanted; all conditions together.
#[derive(InputObject, Default)]
pub struct SupplierFilter {
    /// With one of these ids.
    ids: Option<Vec<Id<SupplierId>>>,
    /// In one of these states.
    statuses: Option<Vec<SupplierStatus>>,
    /// With one of these codes.
    codes: Option<Vec<String>>,
    /// Whose code or name holds this text.
    search: Option<String>,
    /// Changed at or after: for synchronization.
    updated_since: Option<DateTime>,
}

/// The orders in which suppliers can be listed; ties are broken by id.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum, Default)]
pub enum SupplierOrder {
    /// By code.
    #[default]
    CodeAsc,
    /// By code, last first.
    CodeDesc,
    /// By name.
    LegalNameAsc,
    /// By name, last first.
    LegalNameDesc,
    /// Oldest first.
    CreatedAtAsc,
    /// Newest first.
    CreatedAtDesc,
}

/// Queries about suppliers.
#[derive(Default)]
pub struct SupplierQuery;

#[Object]
impl SupplierQuery {
    /// A supplier by its id.
    async fn supplier(&self, ctx: &Context<'_>, id: Id<SupplierId>) -> Result<Option<Supplier>> {
        one(ctx, id.0).await
    }

    /// Suppliers, by code unless asked otherwise.
    #[allow(clippy::too_many_arguments)]
    async fn suppliers(
        &self,
        ctx: &Context<'_>,
        filter: Option<SupplierFilter>,
        #[graphql(default)] order_by: SupplierOrder,
        first: Option<i32>,
        after: Option<String>,
        last: Option<i32>,
        before: Option<String>,
    ) -> Result<SupplierConnection> {
        let s = session(ctx)?;
        let order = ORDERS[order_by as usize];
        let window = window(first, after, last, before, order)?;
        let f = filter.unwrap_or_default();
        let filter = Arc::new(Filter {
            ids: uuids(f.ids),
            statuses: f.statuses.map(|s| s.into_iter().map(Into::into).collect()),
            codes: f.codes,
            search: f.search,
            updated_since: f.updated_since.map(|t| t.0),
        });
        let page = s.read(queries::suppliers(&s.db, &s.op, &filter, order, &window).await)?;
        let total = count(s, move |db, op| {
            let filter = filter.clone();
            async move { queries::count_suppliers(&db, &op, &filter).await }
        });
        Ok(SupplierConnection::of(page, total))
    }
}

/// Mutations of suppliers.
#[derive(Default)]
pub struct SupplierMutation;

#[Object]
impl SupplierMutation {
    /// Proposes a new supplier: it exists, waiting for another person's approval.
    async fn supplier_create(&self, ctx: &Context<'_>, input: SupplierCreateInput) -> Result<SupplierPayload> {
        let s = session(ctx)?;
        let new = suppliers::Supplier {
            code: input.code,
            legal_name: input.legal_name,
            tax_id: input.tax_id,
            gln: input.gln.map(|g| g.0),
            currency: input.currency_code.0,
            payment_terms_days: input.payment_terms_days,
            lead_time_days: input.lead_time_days,
            incoterm: input.incoterm,
            external_key: input.external_key,
            sites: sites_of(input.sites),
            contacts: contacts_of(input.contacts),
        };
        Ok(perform!(s, suppliers::create(&s.db, &s.op, new.clone())).into())
    }

    /// Proposes another content of a supplier. What it was stays in force until another person approves.
    async fn supplier_update(&self, ctx: &Context<'_>, input: SupplierUpdateInput) -> Result<SupplierPayload> {
        let (s, id, version) = (session(ctx)?, input.id.0, input.expected_version);
        Ok(about(
            id,
            perform!(s, suppliers::update(&s.db, &s.op, id, version, |b| input.apply(b))),
        )
        .into())
    }

    /// Proposes that a supplier ends. Approving needs that no business with it is open.
    async fn supplier_close(&self, ctx: &Context<'_>, input: SupplierCloseInput) -> Result<SupplierPayload> {
        let (s, id, version) = (session(ctx)?, input.id.0, input.expected_version);
        Ok(about(id, perform!(s, suppliers::close(&s.db, &s.op, id, version))).into())
    }

    /// Stops ordering from a supplier, at once.
    async fn supplier_hold(&self, ctx: &Context<'_>, input: SupplierHoldInput) -> Result<SupplierPayload> {
        let (s, id, version) = (session(ctx)?, input.id.0, input.expected_version);
        Ok(about(
            id,
            perform!(s, suppliers::hold(&s.db, &s.op, id, &input.reason, version)),
        )
        .into())
    }

    /// Lets orders go to a held supplier again.
    async fn supplier_release(&self, ctx: &Context<'_>, input: SupplierReleaseInput) -> Result<SupplierPayload> {
        let (s, id, version) = (session(ctx)?, input.id.0, input.expected_version);
        Ok(about(id, perform!(s, suppliers::release(&s.db, &s.op, id, version))).into())
    }

    /// Records that a member is a related party: it neither buys from the supplier, nor approves, nor receives.
    async fn supplier_party_add(&self, ctx: &Context<'_>, input: SupplierPartyInput) -> Result<SupplierPayload> {
        let (s, id, member) = (session(ctx)?, input.id.0, input.member_id.uuid());
        Ok(perform!(s, suppliers::party_add(&s.db, &s.op, id, member)).into())
    }

    /// Records that a member is a related party no more. Nobody can do that for himself.
    async fn supplier_party_remove(&self, ctx: &Context<'_>, input: SupplierPartyInput) -> Result<SupplierPayload> {
        let (s, id, member) = (session(ctx)?, input.id.0, input.member_id.uuid());
        Ok(perform!(s, suppliers::party_remove(&s.db, &s.op, id, member)).into())
    }
}
