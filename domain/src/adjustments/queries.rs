//! What can be asked about adjustments.

use super::adjustment::{AdjustmentCommand, AdjustmentStatus};
use crate::inventory::{Reason, StockStatus};
use crate::shared::{Listing, Order, Page, Window};
use chrono::{DateTime, Utc};
use quartermaster_tenants::act::{Asked, Subject};
use quartermaster_tenants::policy::{DocumentKind, Level};
use quartermaster_tenants::tx::Flight;
use quartermaster_tenants::{Op, Result, TenantTx, Tenants, params};
use rust_decimal::Decimal;
use std::collections::HashMap;
use tokio_postgres::Row;
use uuid::Uuid;

/// An adjustment's header, as it is read.
#[derive(Debug, Clone)]
pub struct AdjustmentRecord {
    /// Its id.
    pub id: Uuid,
    /// Its number, by the tenant's pattern.
    pub number: String,
    /// Whose stock.
    pub location: Uuid,
    /// Its state.
    pub status: AdjustmentStatus,
    /// Why.
    pub reason: Reason,
    /// For people.
    pub note: Option<String>,
    /// The count that it derives from.
    pub count: Option<Uuid>,
    /// What it moves at cost, without sign, in the tenant's currency.
    pub value: Decimal,
    /// The tenant's currency.
    pub currency: String,
    /// The level that its value asked for.
    pub required_level: Option<i16>,
    /// The pass through approval.
    pub round: i32,
    /// Who made it.
    pub maker: Uuid,
    /// Why it was rejected or reversed.
    pub refusal: Option<String>,
    /// Rises at every write.
    pub version: i32,
    /// When it was made.
    pub created_at: DateTime<Utc>,
    /// When it was last written.
    pub updated_at: DateTime<Utc>,
    /// The items of its lines.
    pub items: Vec<Uuid>,
}

impl AdjustmentRecord {
    /// What a command on it would be about, and where it stands for it: for asking before doing.
    #[must_use]
    pub fn asked(&self) -> (Subject, Vec<(AdjustmentCommand, Asked)>) {
        let level = self
            .required_level
            .and_then(|l| Level::new(u8::try_from(l).ok()?))
            .unwrap_or_default();
        let subject = Subject::new(DocumentKind::Adjustment, self.id)
            .in_round(self.round)
            .touching(self.location, self.items.clone());
        let asked = |c: &AdjustmentCommand| {
            (
                *c,
                Asked {
                    duty: c.duty(),
                    standing: self.status.standing(*c, level),
                },
            )
        };
        (subject, AdjustmentCommand::ALL.iter().map(asked).collect())
    }
}

/// A line, as it is read.
#[derive(Debug, Clone)]
pub struct AdjustmentLineRecord {
    /// Counted from 1.
    pub number: i32,
    /// The item.
    pub item: Uuid,
    /// Its base unit.
    pub unit: String,
    /// Empty for none.
    pub lot: String,
    /// In which state.
    pub status: StockStatus,
    /// In base units, signed.
    pub quantity: Decimal,
    /// What one base unit moved at, once posted.
    pub moved_cost: Option<Decimal>,
}

const COLUMNS: &str = "t.*, (SELECT s.settings->>'currency' FROM qm.tenant_setting s WHERE s.tenant_id = t.tenant_id AND s.id = t.tenant_id) AS currency, \
    ARRAY(SELECT DISTINCT l.item_id FROM qm.adjustment_line l WHERE l.tenant_id = t.tenant_id AND l.id = t.id) AS items";
const LINES: &str = "SELECT l.id, l.line_number, l.item_id, i.base_unit, l.lot, l.stock_status, l.quantity, l.moved_cost FROM qm.adjustment_line l \
    JOIN qm.item i ON i.tenant_id = l.tenant_id AND i.id = l.item_id JOIN qm.adjustment a ON a.tenant_id = l.tenant_id AND a.id = l.id \
    WHERE l.tenant_id = $1 AND l.id = ANY($2) AND ($3::uuid[] IS NULL OR a.location_id = ANY($3)) ORDER BY l.id, l.line_number";

/// Which adjustments are wanted; all conditions together.
#[derive(Debug, Clone, Default)]
pub struct AdjustmentFilter {
    /// One of these ids.
    pub ids: Option<Vec<Uuid>>,
    /// One of these states.
    pub statuses: Option<Vec<AdjustmentStatus>>,
    /// At one of these locations.
    pub locations: Option<Vec<Uuid>>,
    /// For one of these reasons.
    pub reasons: Option<Vec<Reason>>,
    /// From this count.
    pub counts: Option<Vec<Uuid>>,
}

/// Newest first, oldest first.
pub const ORDERS: [Order; 2] = [
    Order::descending("created-desc", "t.id", "uuid"),
    Order::ascending("created-asc", "t.id", "uuid"),
];

fn listing(op: &Op, filter: &AdjustmentFilter) -> Listing {
    let mut list = Listing::new(COLUMNS, "qm.adjustment t", op.tenant.0);
    let statuses = filter.statuses.as_ref();
    let reasons = filter.reasons.as_ref();
    list.filter_some("t.location_id = ANY(?)", op.locations.as_param().map(<[Uuid]>::to_vec))
        .filter_some("t.id = ANY(?)", filter.ids.clone())
        .filter_some(
            "t.status = ANY(?)",
            statuses.map(|s| s.iter().map(|s| s.as_str()).collect::<Vec<_>>()),
        )
        .filter_some("t.location_id = ANY(?)", filter.locations.clone())
        .filter_some(
            "t.reason = ANY(?)",
            reasons.map(|s| s.iter().map(|s| s.as_str()).collect::<Vec<_>>()),
        )
        .filter_some("t.count_id = ANY(?)", filter.counts.clone());
    list
}

/// A page of adjustments.
///
/// # Errors
/// What the database said.
pub async fn adjustments(
    db: &Tenants,
    op: &Op,
    filter: &AdjustmentFilter,
    order: Order,
    window: &Window,
) -> Result<Page<AdjustmentRecord>> {
    listing(op, filter)
        .read(&mut TenantTx::read(db, op).await?, order, window, read)
        .await
}

/// How many there are.
///
/// # Errors
/// What the database said.
pub async fn count_adjustments(db: &Tenants, op: &Op, filter: &AdjustmentFilter) -> Result<i64> {
    listing(op, filter).total(&mut TenantTx::read(db, op).await?).await
}

/// The adjustments with these ids that the caller may see.
///
/// # Errors
/// What the database said.
pub async fn adjustments_by_ids(db: &Tenants, op: &Op, ids: &[Uuid]) -> Result<HashMap<Uuid, AdjustmentRecord>> {
    let filter = AdjustmentFilter {
        ids: Some(ids.to_vec()),
        ..AdjustmentFilter::default()
    };
    let window = Window::first(ids.len());
    let page = adjustments(db, op, &filter, ORDERS[0], &window).await?;
    Ok(page.rows.into_iter().map(|(r, _)| (r.id, r)).collect())
}

/// The lines of several adjustments that the caller may see.
///
/// # Errors
/// What the database said.
pub async fn lines_of(db: &Tenants, op: &Op, ids: &[Uuid]) -> Result<HashMap<Uuid, Vec<AdjustmentLineRecord>>> {
    let mut tx = TenantTx::read(db, op).await?;
    let mut flight = Flight::new();
    let scope = op.locations.as_param().map(<[Uuid]>::to_vec);
    let rows = flight.rows(LINES, params![op.tenant.0, ids.to_vec(), scope]);
    let landing = tx.fly(flight).await?;
    let mut out: HashMap<Uuid, Vec<AdjustmentLineRecord>> = HashMap::new();
    for r in landing.get(rows) {
        let line = AdjustmentLineRecord {
            number: r.try_get("line_number")?,
            item: r.try_get("item_id")?,
            unit: r.try_get("base_unit")?,
            lot: r.try_get("lot")?,
            status: StockStatus::parse(r.try_get("stock_status")?)?,
            quantity: r.try_get("quantity")?,
            moved_cost: r.try_get("moved_cost")?,
        };
        out.entry(r.try_get("id")?).or_default().push(line);
    }
    Ok(out)
}

fn read(r: &Row) -> Result<AdjustmentRecord> {
    Ok(AdjustmentRecord {
        id: r.try_get("id")?,
        number: r.try_get("number")?,
        location: r.try_get("location_id")?,
        status: AdjustmentStatus::parse(r.try_get("status")?)?,
        reason: Reason::parse(r.try_get("reason")?)?,
        note: r.try_get("note")?,
        count: r.try_get("count_id")?,
        value: r.try_get("value")?,
        currency: r.try_get("currency")?,
        required_level: r.try_get("required_level")?,
        round: r.try_get("round")?,
        maker: r.try_get("maker_account_id")?,
        refusal: r.try_get("refusal")?,
        version: r.try_get("version")?,
        created_at: r.try_get("created_at")?,
        updated_at: r.try_get("updated_at")?,
        items: r.try_get("items")?,
    })
}
