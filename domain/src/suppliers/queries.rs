//! What can be asked about suppliers. Of bank details only the mask.

use super::bank::BankChangeCommand;
use super::incoterm::Incoterm;
use super::supplier::{Contact, Site, Supplier, SupplierStatus};
use crate::shared::{Listing, Order, Page, Window, found};
use chrono::{DateTime, Utc};
use quartermaster_tenants::act::{Asked, Subject};
use quartermaster_tenants::policy::DocumentKind;
use quartermaster_tenants::{Error, Flight, Op, Result, TenantTx, Tenants, params};
use std::collections::HashMap;
use tokio_postgres::Row;
use uuid::Uuid;

/// A supplier, as it is read.
#[derive(Debug, Clone)]
pub struct SupplierRecord {
    /// Its id.
    pub id: Uuid,
    /// Where it stands.
    pub status: SupplierStatus,
    /// Why it is held.
    pub hold_reason: Option<String>,
    /// Its content, without sites and contacts: see [`details`].
    pub supplier: Supplier,
    /// Country and last characters of the account in force.
    pub bank_mask: Option<String>,
    /// Rises at every write.
    pub version: i32,
    /// When it was made.
    pub created_at: DateTime<Utc>,
    /// When it was last written.
    pub updated_at: DateTime<Utc>,
}

/// A change of bank details, as it is read.
#[derive(Debug, Clone)]
pub struct BankChangeRecord {
    /// Its id.
    pub id: Uuid,
    /// Whose.
    pub supplier: Uuid,
    /// Where it stands.
    pub status: super::bank::BankChangeStatus,
    /// Country and last characters.
    pub mask: String,
    /// The second route by which it was verified.
    pub verified_by: Option<String>,
    /// Why it was refused.
    pub reason: Option<String>,
    /// Who entered it.
    pub proposer: Uuid,
    /// Who decided.
    pub decider: Option<Uuid>,
    /// Rises at every write.
    pub version: i32,
    /// When it was entered.
    pub created_at: DateTime<Utc>,
    /// When it was last written.
    pub updated_at: DateTime<Utc>,
}

impl BankChangeRecord {
    /// What a command on it would be about, and where it stands for it: for asking before doing.
    #[must_use]
    pub fn asked(&self) -> (Subject, Vec<(BankChangeCommand, Asked)>) {
        let subject = Subject::new(DocumentKind::SupplierBankChange, self.id).of_supplier(self.supplier);
        let asked = BankChangeCommand::ALL.map(|command| {
            let (duty, standing) = (BankChangeCommand::DUTY, self.status.standing(None));
            (command, Asked { duty, standing })
        });
        (subject, asked.to_vec())
    }
}

const COLUMNS: &str = "t.id, t.code, t.legal_name, t.status, t.hold_reason, t.tax_id, t.gln, t.currency, t.payment_terms_days, t.lead_time_days, t.incoterm, t.external_key, t.version, t.created_at, t.updated_at, b.mask";
const FROM: &str = "qm.supplier t LEFT JOIN qm.supplier_bank b ON b.tenant_id = t.tenant_id AND b.id = t.id";
const BY_IDS: &str = "SELECT t.id, t.code, t.legal_name, t.status, t.hold_reason, t.tax_id, t.gln, t.currency, t.payment_terms_days, t.lead_time_days, t.incoterm, t.external_key, t.version, t.created_at, t.updated_at, b.mask \
    FROM qm.supplier t LEFT JOIN qm.supplier_bank b ON b.tenant_id = t.tenant_id AND b.id = t.id WHERE t.tenant_id = $1 AND t.id = ANY($2)";
const BANK_CHANGES: &str = "SELECT b.id, b.supplier_id, b.status, b.mask, b.verified_by, b.reason, b.proposer_account_id, b.decider_account_id, b.version, b.created_at, b.updated_at \
    FROM unnest($2::uuid[]) k (id) CROSS JOIN LATERAL (SELECT x.* FROM qm.supplier_bank_change x WHERE x.tenant_id = $1 AND (x.id = k.id OR x.supplier_id = k.id) ORDER BY x.id DESC LIMIT 250) b \
    ORDER BY b.id DESC";

/// Which suppliers; all conditions together.
#[derive(Debug, Clone, Default)]
pub struct SupplierFilter {
    /// With one of these ids.
    pub ids: Option<Vec<Uuid>>,
    /// In one of these states.
    pub statuses: Option<Vec<SupplierStatus>>,
    /// With one of these codes.
    pub codes: Option<Vec<String>>,
    /// With one of these keys of another system.
    pub external_keys: Option<Vec<String>>,
    /// Whose code or name holds this text.
    pub search: Option<String>,
    /// Changed at or after: for synchronization.
    pub updated_since: Option<DateTime<Utc>>,
}

/// The orders in which the list can be asked for.
pub const ORDERS: [Order; 6] = [
    Order::ascending("code-asc", "t.code", "text"),
    Order::descending("code-desc", "t.code", "text"),
    Order::ascending("name-asc", "t.legal_name", "text"),
    Order::descending("name-desc", "t.legal_name", "text"),
    Order::ascending("created-asc", "t.id", "uuid"),
    Order::descending("created-desc", "t.id", "uuid"),
];

/// A pattern for ILIKE that holds the text itself.
pub(crate) fn containing(text: &str) -> String {
    let escaped = text
        .replace('\0', "")
        .replace('\\', "\\\\")
        .replace('%', "\\%")
        .replace('_', "\\_");
    format!("%{escaped}%")
}

fn listing(op: &Op, filter: &SupplierFilter) -> Listing {
    let mut list = Listing::new(COLUMNS, FROM, op.tenant.0);
    list.filter_some("t.id = ANY(?)", filter.ids.clone())
        .filter_some(
            "t.status = ANY(?)",
            filter
                .statuses
                .as_ref()
                .map(|s| s.iter().map(|s| s.as_str()).collect::<Vec<_>>()),
        )
        .filter_some("t.code = ANY(?)", filter.codes.clone())
        .filter_some("t.external_key = ANY(?)", filter.external_keys.clone())
        .filter_some(
            "(t.code || ' ' || t.legal_name) ILIKE ?",
            filter.search.as_deref().map(containing),
        )
        .filter_some("t.updated_at >= ?", filter.updated_since);
    list
}

/// A page of suppliers.
///
/// # Errors
/// What the database said.
pub async fn suppliers(
    db: &Tenants,
    op: &Op,
    filter: &SupplierFilter,
    order: Order,
    window: &Window,
) -> Result<Page<SupplierRecord>> {
    listing(op, filter)
        .read(&mut TenantTx::read(db, op).await?, order, window, read)
        .await
}

/// How many there are.
///
/// # Errors
/// What the database said.
pub async fn count_suppliers(db: &Tenants, op: &Op, filter: &SupplierFilter) -> Result<i64> {
    listing(op, filter).total(&mut TenantTx::read(db, op).await?).await
}

/// The suppliers with these ids.
///
/// # Errors
/// What the database said.
pub async fn suppliers_by_ids(db: &Tenants, op: &Op, ids: &[Uuid]) -> Result<HashMap<Uuid, SupplierRecord>> {
    found(db, op, BY_IDS, params![op.tenant.0, ids.to_vec()], |r| {
        read(r).map(|s| (s.id, s))
    })
    .await
}

const DETAILS: &str = "SELECT s.id, (SELECT coalesce(jsonb_agg(jsonb_build_object('code', x.code, 'name', x.name, 'gln', x.gln, 'street', x.street, 'city', x.city, 'postalCode', x.postal_code, 'subdivision', x.subdivision, 'country', x.country) ORDER BY x.code), '[]') \
      FROM qm.supplier_site x WHERE x.tenant_id = $1 AND x.id = s.id) AS sites, \
    (SELECT coalesce(jsonb_agg(jsonb_build_object('name', x.name, 'role', x.role, 'email', x.email, 'phone', x.phone) ORDER BY x.line_number), '[]') \
      FROM qm.supplier_contact x WHERE x.tenant_id = $1 AND x.id = s.id) AS contacts FROM qm.supplier s WHERE s.tenant_id = $1 AND s.id = ANY($2)";

/// Sites and contacts of these suppliers.
///
/// # Errors
/// What the database said.
pub async fn details(db: &Tenants, op: &Op, ids: &[Uuid]) -> Result<HashMap<Uuid, (Vec<Site>, Vec<Contact>)>> {
    let mut tx = TenantTx::read(db, op).await?;
    let mut flight = Flight::new();
    let rows = flight.rows(DETAILS, params![op.tenant.0, ids.to_vec()]);
    let landing = tx.fly(flight).await?;
    let read = |row: &Row| {
        let sites = serde_json::from_value(row.try_get("sites")?).map_err(Error::internal)?;
        let contacts = serde_json::from_value(row.try_get("contacts")?).map_err(Error::internal)?;
        Ok((row.try_get("id")?, (sites, contacts)))
    };
    landing.get(rows).iter().map(read).collect()
}

/// Changes of bank details with these ids, or of suppliers with these ids, newest first, at most 250 of each.
///
/// # Errors
/// What the database said.
pub async fn bank_changes(db: &Tenants, op: &Op, ids: &[Uuid]) -> Result<Vec<BankChangeRecord>> {
    let mut tx = TenantTx::read(db, op).await?;
    let mut flight = Flight::new();
    let rows = flight.rows(BANK_CHANGES, params![op.tenant.0, ids.to_vec()]);
    let landing = tx.fly(flight).await?;
    let read = |row: &Row| {
        let word: &str = row.try_get("status")?;
        Ok(BankChangeRecord {
            id: row.try_get("id")?,
            supplier: row.try_get("supplier_id")?,
            status: super::bank::BankChangeStatus::parse(word)?,
            mask: row.try_get("mask")?,
            verified_by: row.try_get("verified_by")?,
            reason: row.try_get("reason")?,
            proposer: row.try_get("proposer_account_id")?,
            decider: row.try_get("decider_account_id")?,
            version: row.try_get("version")?,
            created_at: row.try_get("created_at")?,
            updated_at: row.try_get("updated_at")?,
        })
    };
    landing.get(rows).iter().map(read).collect()
}

fn read(row: &Row) -> Result<SupplierRecord> {
    read_from(row, 0)
}

/// Reads a supplier by place, in the order of [`COLUMNS`] from the column `at` on.
pub(crate) fn read_from(row: &Row, at: usize) -> Result<SupplierRecord> {
    let word: &str = row.try_get(at + 3)?;
    Ok(SupplierRecord {
        id: row.try_get(at)?,
        status: SupplierStatus::parse(word)?,
        hold_reason: row.try_get(at + 4)?,
        supplier: Supplier {
            code: row.try_get(at + 1)?,
            legal_name: row.try_get(at + 2)?,
            tax_id: row.try_get(at + 5)?,
            gln: row.try_get(at + 6)?,
            currency: row.try_get(at + 7)?,
            payment_terms_days: row.try_get(at + 8)?,
            lead_time_days: row.try_get(at + 9)?,
            incoterm: row
                .try_get::<_, Option<&str>>(at + 10)?
                .map(Incoterm::parse)
                .transpose()?,
            external_key: row.try_get(at + 11)?,
            sites: vec![],
            contacts: vec![],
        },
        bank_mask: row.try_get(at + 15)?,
        version: row.try_get(at + 12)?,
        created_at: row.try_get(at + 13)?,
        updated_at: row.try_get(at + 14)?,
    })
}
