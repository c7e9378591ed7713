//! What can be asked about transfers. Both sides see them.

use super::status::{TransferCommand, TransferStatus};
use crate::shared::{Listing, Order, Page, Window};
use chrono::{DateTime, NaiveDate, Utc};
use quartermaster_tenants::act::{Asked, Subject};
use quartermaster_tenants::policy::DocumentKind;
use quartermaster_tenants::tx::Flight;
use quartermaster_tenants::{Op, Result, TenantTx, Tenants, params};
use rust_decimal::Decimal;
use std::collections::HashMap;
use tokio_postgres::Row;
use uuid::Uuid;

/// A transfer's header, as it is read.
#[derive(Debug, Clone)]
pub struct TransferRecord {
    /// Its id.
    pub id: Uuid,
    /// Its number, by the tenant's pattern.
    pub number: String,
    /// The sender.
    pub from: Uuid,
    /// The receiver.
    pub to: Uuid,
    /// Its state.
    pub status: TransferStatus,
    /// When it is wanted.
    pub expected_on: Option<NaiveDate>,
    /// For people.
    pub note: Option<String>,
    /// Why it was called off, or how its difference was settled.
    pub reason: Option<String>,
    /// Who asked for it.
    pub requester: Uuid,
    /// When it left.
    pub shipped_at: Option<DateTime<Utc>>,
    /// Rises at every write.
    pub version: i32,
    /// When it was made.
    pub created_at: DateTime<Utc>,
    /// When it was last written.
    pub updated_at: DateTime<Utc>,
}

impl TransferRecord {
    /// What a command on it would be about, and where it stands for it: for asking before doing.
    #[must_use]
    pub fn asked(&self) -> (Subject, Vec<(TransferCommand, Asked)>) {
        let asked = |c: &TransferCommand| {
            (
                *c,
                Asked {
                    duty: c.duty(),
                    standing: self.status.standing(*c),
                },
            )
        };
        let subject = Subject::new(DocumentKind::Transfer, self.id).at(self.to);
        (subject, TransferCommand::ALL.iter().map(asked).collect())
    }
}

/// A line, as it is read; quantities are in base units.
#[derive(Debug, Clone)]
pub struct TransferLineRecord {
    /// Counted from 1.
    pub number: i32,
    /// What.
    pub item: Uuid,
    /// Its base unit.
    pub unit: String,
    /// Empty for none.
    pub lot: String,
    /// How much is wanted.
    pub quantity: Decimal,
    /// How much is promised at the sender and not sent yet.
    pub reserved: Decimal,
    /// How much was sent.
    pub shipped: Decimal,
    /// How much arrived, damaged or not.
    pub received: Decimal,
    /// How much of that was damaged.
    pub damaged: Decimal,
    /// How much did not arrive.
    pub lost: Decimal,
}

const LINES: &str = "SELECT l.*, i.base_unit FROM qm.transfer t JOIN qm.transfer_line l ON l.tenant_id = t.tenant_id AND l.id = t.id \
    JOIN qm.item i ON i.tenant_id = l.tenant_id AND i.id = l.item_id WHERE t.tenant_id = $1 AND t.id = ANY($2) \
    AND ($3::uuid[] IS NULL OR t.from_location_id = ANY($3) OR t.to_location_id = ANY($3)) ORDER BY l.id, l.line_number";

/// Which transfers are wanted; all conditions together.
#[derive(Debug, Clone, Default)]
pub struct TransferFilter {
    /// One of these ids.
    pub ids: Option<Vec<Uuid>>,
    /// One of these states.
    pub statuses: Option<Vec<TransferStatus>>,
    /// From one of these locations.
    pub from: Option<Vec<Uuid>>,
    /// To one of these locations.
    pub to: Option<Vec<Uuid>>,
}

/// Newest first, oldest first.
pub use crate::adjustments::queries::ORDERS;

fn listing(op: &Op, filter: &TransferFilter) -> Listing {
    let mut list = Listing::new("t.*", "qm.transfer t", op.tenant.0);
    let statuses = filter.statuses.as_ref();
    list.filter_some(
        "? && ARRAY[t.from_location_id, t.to_location_id]",
        op.locations.as_param().map(<[Uuid]>::to_vec),
    )
    .filter_some("t.id = ANY(?)", filter.ids.clone())
    .filter_some(
        "t.status = ANY(?)",
        statuses.map(|s| s.iter().map(|s| s.as_str()).collect::<Vec<_>>()),
    )
    .filter_some("t.from_location_id = ANY(?)", filter.from.clone())
    .filter_some("t.to_location_id = ANY(?)", filter.to.clone());
    list
}

/// A page of transfers.
///
/// # Errors
/// What the database said.
pub async fn transfers(
    db: &Tenants,
    op: &Op,
    filter: &TransferFilter,
    order: Order,
    window: &Window,
) -> Result<Page<TransferRecord>> {
    listing(op, filter)
        .read(&mut TenantTx::read(db, op).await?, order, window, read)
        .await
}

/// How many there are.
///
/// # Errors
/// What the database said.
pub async fn count_transfers(db: &Tenants, op: &Op, filter: &TransferFilter) -> Result<i64> {
    listing(op, filter).total(&mut TenantTx::read(db, op).await?).await
}

/// The transfers with these ids that the caller may see.
///
/// # Errors
/// What the database said.
pub async fn transfers_by_ids(db: &Tenants, op: &Op, ids: &[Uuid]) -> Result<HashMap<Uuid, TransferRecord>> {
    let filter = TransferFilter {
        ids: Some(ids.to_vec()),
        ..TransferFilter::default()
    };
    let window = Window::first(ids.len());
    let page = transfers(db, op, &filter, ORDERS[0], &window).await?;
    Ok(page.rows.into_iter().map(|(r, _)| (r.id, r)).collect())
}

/// The lines of several transfers.
///
/// # Errors
/// What the database said.
pub async fn lines_of(db: &Tenants, op: &Op, ids: &[Uuid]) -> Result<HashMap<Uuid, Vec<TransferLineRecord>>> {
    let mut tx = TenantTx::read(db, op).await?;
    let mut flight = Flight::new();
    let scope = op.locations.as_param().map(<[Uuid]>::to_vec);
    let rows = flight.rows(LINES, params![op.tenant.0, ids.to_vec(), scope]);
    let landing = tx.fly(flight).await?;
    let mut out: HashMap<Uuid, Vec<TransferLineRecord>> = HashMap::new();
    for r in landing.get(rows) {
        let line = TransferLineRecord {
            number: r.try_get("line_number")?,
            item: r.try_get("item_id")?,
            unit: r.try_get("base_unit")?,
            lot: r.try_get("lot")?,
            quantity: r.try_get("quantity")?,
            reserved: r.try_get("reserved_quantity")?,
            shipped: r.try_get("shipped_quantity")?,
            received: r.try_get("received_quantity")?,
            damaged: r.try_get("damaged_quantity")?,
            lost: r.try_get("lost_quantity")?,
        };
        out.entry(r.try_get("id")?).or_default().push(line);
    }
    Ok(out)
}

fn read(r: &Row) -> Result<TransferRecord> {
    Ok(TransferRecord {
        id: r.try_get("id")?,
        number: r.try_get("number")?,
        from: r.try_get("from_location_id")?,
        to: r.try_get("to_location_id")?,
        status: TransferStatus::parse(r.try_get("status")?)?,
        expected_on: r.try_get("expected_on")?,
        note: r.try_get("note")?,
        reason: r.try_get("reason")?,
        requester: r.try_get("requester_account_id")?,
        shipped_at: r.try_get("shipped_at")?,
        version: r.try_get("version")?,
        created_at: r.try_get("created_at")?,
        updated_at: r.try_get("updated_at")?,
    })
}
