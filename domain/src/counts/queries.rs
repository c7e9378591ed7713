//! What can be asked about counts. Expectations, results and values of a count that is counted blind, or again, come only to
//! those who plan or approve counts: the statement does not give them to anybody else.

use super::stock_count::{CountCommand, CountStatus};
use crate::inventory::StockStatus;
use crate::inventory::sight::sees_counted;
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

/// A count's header, as it is read.
#[derive(Debug, Clone)]
pub struct CountRecord {
    /// Its id.
    pub id: Uuid,
    /// Its number, by the tenant's pattern.
    pub number: String,
    /// Where.
    pub location: Uuid,
    /// Its state.
    pub status: CountStatus,
    /// Counters do not see what is expected.
    pub blind: bool,
    /// In percent of what is expected.
    pub tolerance: Decimal,
    /// For people.
    pub note: Option<String>,
    /// 1, then 2 and more for recounts.
    pub pass: i32,
    /// The pass through approval.
    pub round: i32,
    /// The absolute value of the variance, once it is reviewed.
    pub value: Option<Decimal>,
    /// The tenant's currency.
    pub currency: String,
    /// The level that its value asked for.
    pub required_level: Option<i16>,
    /// Who planned it.
    pub planner: Uuid,
    /// When the snapshot was taken.
    pub started_at: Option<DateTime<Utc>>,
    /// Why it was called off.
    pub reason: Option<String>,
    /// Rises at every write.
    pub version: i32,
    /// When it was made.
    pub created_at: DateTime<Utc>,
    /// When it was last written.
    pub updated_at: DateTime<Utc>,
    /// The items that are counted.
    pub items: Vec<Uuid>,
}

impl CountRecord {
    /// What a command on it would be about, and where it stands for it: for asking before doing.
    #[must_use]
    pub fn asked(&self) -> (Subject, Vec<(CountCommand, Asked)>) {
        let level = self
            .required_level
            .and_then(|l| Level::new(u8::try_from(l).ok()?))
            .unwrap_or_default();
        let subject = Subject::new(DocumentKind::StockCount, self.id)
            .in_round(self.round)
            .touching(self.location, self.items.clone());
        let asked = |c: &CountCommand| {
            (
                *c,
                Asked {
                    duty: c.duty(),
                    standing: self.status.standing(*c, level),
                },
            )
        };
        (subject, CountCommand::ALL.iter().map(asked).collect())
    }
}

/// A place of a count, as it is read. What the viewer must not know is not there.
#[derive(Debug, Clone)]
pub struct CountLineRecord {
    /// The item.
    pub item: Uuid,
    /// Its base unit.
    pub unit: String,
    /// Empty for none.
    pub lot: String,
    /// In which state.
    pub status: StockStatus,
    /// Is it to be counted in this pass?
    pub asked: bool,
    /// The position when the count began.
    pub snapshot: Option<Decimal>,
    /// The position when it was counted.
    pub expected: Option<Decimal>,
    /// What was counted.
    pub counted: Option<Decimal>,
}

const COLUMNS: &str = "t.*, (SELECT s.settings->>'currency' FROM qm.tenant_setting s WHERE s.tenant_id = t.tenant_id AND s.id = t.tenant_id) AS currency, \
    ARRAY(SELECT DISTINCT l.item_id FROM qm.stock_count_line l WHERE l.tenant_id = t.tenant_id AND l.id = t.id) AS items";

const LINES: &str = "SELECT l.id, l.item_id, i.base_unit, l.lot, l.stock_status, l.asked, CASE WHEN v.sees THEN l.snapshot_quantity END AS snapshot, \
    CASE WHEN v.sees THEN l.expected_quantity END AS expected, CASE WHEN v.sees THEN l.counted_quantity END AS counted \
    FROM qm.stock_count c CROSS JOIN LATERAL (SELECT $3 OR c.status IN ('REVIEWED', 'POSTED') OR (NOT c.blind AND c.pass = 1) AS sees) v \
    JOIN qm.stock_count_line l ON l.tenant_id = c.tenant_id AND l.id = c.id JOIN qm.item i ON i.tenant_id = l.tenant_id AND i.id = l.item_id \
    WHERE c.tenant_id = $1 AND c.id = ANY($2) AND ($4::uuid[] IS NULL OR c.location_id = ANY($4)) ORDER BY l.id, l.item_id, l.lot, l.stock_status";

/// Which counts are wanted; all conditions together.
#[derive(Debug, Clone, Default)]
pub struct CountFilter {
    /// One of these ids.
    pub ids: Option<Vec<Uuid>>,
    /// One of these states.
    pub statuses: Option<Vec<CountStatus>>,
    /// At one of these locations.
    pub locations: Option<Vec<Uuid>>,
}

/// Newest first, oldest first.
pub use crate::adjustments::queries::ORDERS;

fn listing(op: &Op, filter: &CountFilter) -> Listing {
    let mut list = Listing::new(COLUMNS, "qm.stock_count t", op.tenant.0);
    let statuses = filter.statuses.as_ref();
    list.filter_some("t.location_id = ANY(?)", op.locations.as_param().map(<[Uuid]>::to_vec))
        .filter_some("t.id = ANY(?)", filter.ids.clone())
        .filter_some(
            "t.status = ANY(?)",
            statuses.map(|s| s.iter().map(|s| s.as_str()).collect::<Vec<_>>()),
        )
        .filter_some("t.location_id = ANY(?)", filter.locations.clone());
    list
}

/// A page of counts.
///
/// # Errors
/// What the database said.
pub async fn counts(
    db: &Tenants,
    op: &Op,
    filter: &CountFilter,
    order: Order,
    window: &Window,
) -> Result<Page<CountRecord>> {
    listing(op, filter)
        .read(&mut TenantTx::read(db, op).await?, order, window, read)
        .await
}

/// How many there are.
///
/// # Errors
/// What the database said.
pub async fn count_counts(db: &Tenants, op: &Op, filter: &CountFilter) -> Result<i64> {
    listing(op, filter).total(&mut TenantTx::read(db, op).await?).await
}

/// The counts with these ids that the caller may see.
///
/// # Errors
/// What the database said.
pub async fn counts_by_ids(db: &Tenants, op: &Op, ids: &[Uuid]) -> Result<HashMap<Uuid, CountRecord>> {
    let filter = CountFilter {
        ids: Some(ids.to_vec()),
        ..CountFilter::default()
    };
    let window = Window::first(ids.len());
    let page = counts(db, op, &filter, ORDERS[0], &window).await?;
    Ok(page.rows.into_iter().map(|(r, _)| (r.id, r)).collect())
}

/// The places of several counts.
///
/// # Errors
/// What the database said.
pub async fn lines_of(db: &Tenants, op: &Op, ids: &[Uuid]) -> Result<HashMap<Uuid, Vec<CountLineRecord>>> {
    let mut tx = TenantTx::read(db, op).await?;
    let mut flight = Flight::new();
    let scope = op.locations.as_param().map(<[Uuid]>::to_vec);
    let rows = flight.rows(LINES, params![op.tenant.0, ids.to_vec(), sees_counted(op), scope]);
    let landing = tx.fly(flight).await?;
    let mut out: HashMap<Uuid, Vec<CountLineRecord>> = HashMap::new();
    for r in landing.get(rows) {
        let line = CountLineRecord {
            item: r.try_get("item_id")?,
            unit: r.try_get("base_unit")?,
            lot: r.try_get("lot")?,
            status: StockStatus::parse(r.try_get("stock_status")?)?,
            asked: r.try_get("asked")?,
            snapshot: r.try_get("snapshot")?,
            expected: r.try_get("expected")?,
            counted: r.try_get("counted")?,
        };
        out.entry(r.try_get("id")?).or_default().push(line);
    }
    Ok(out)
}

fn read(r: &Row) -> Result<CountRecord> {
    let status = CountStatus::parse(r.try_get("status")?)?;
    let reviewed = matches!(status, CountStatus::Reviewed | CountStatus::Posted);
    Ok(CountRecord {
        id: r.try_get("id")?,
        number: r.try_get("number")?,
        location: r.try_get("location_id")?,
        status,
        blind: r.try_get("blind")?,
        tolerance: r.try_get("tolerance_percent")?,
        note: r.try_get("note")?,
        pass: r.try_get("pass")?,
        round: r.try_get("round")?,
        value: reviewed.then(|| r.try_get("value")).transpose()?,
        currency: r.try_get("currency")?,
        required_level: r.try_get("required_level")?,
        planner: r.try_get("planner_account_id")?,
        started_at: r.try_get("started_at")?,
        reason: r.try_get("reason")?,
        version: r.try_get("version")?,
        created_at: r.try_get("created_at")?,
        updated_at: r.try_get("updated_at")?,
        items: r.try_get("items")?,
    })
}
