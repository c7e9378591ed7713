//! The account of a tenant that a credential acts by, as it is in this moment: who it is, where, and with which roles.
//!
//! It is read once for each request, in the transaction that the request goes on to read in. A process remembers how it found an
//! account last, and a request begins as if it still stood so: its first flight asks again beside what the request wants to know, and
//! nothing of it is shown or done unless the two are the same ([`Remembered`]). What is remembered decides nothing; it saves a round trip.

use crate::authenticate::Denied;
use crate::id::TenantId;
use crate::op::{AccountKind, LocationScope, Op};
use crate::tx::{Flight, Premise, Rows, TenantTx, Tenants, params};
use chrono::{DateTime, TimeDelta, Utc};
use lru::LruCache;
use std::num::NonZeroUsize;
use std::sync::{Arc, Mutex, PoisonError};
use tokio_postgres::Row;
use uuid::Uuid;

/// A stranger in a tenant: what a credential's first read is made as.
#[must_use]
pub(crate) fn nobody(tenant: TenantId, clock_offset: TimeDelta, request_id: Uuid) -> Op {
    Op {
        tenant,
        account: Uuid::nil(),
        person: None,
        sponsor: None,
        kind: AccountKind::Agent,
        display_name: String::new(),
        roles: Vec::new(),
        locations: LocationScope::Only(Vec::new()),
        key_scope: None,
        registered_documents_only: false,
        request_id,
        idempotency: None,
        clock_offset,
    }
}

/// Which account is wanted.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Wanted {
    /// The one of this person.
    Person(Uuid),
    /// This one.
    Account(Uuid),
}

// One row for each role, or one without. By person or by id: each is looked up by an index of its own.
const OF_PERSON: &str = "SELECT clock_timestamp() AS at, s.status AS tenant_status, (s.settings->>'registeredDocumentsOnly')::boolean AS registered_only, a.id, a.person_id, a.sponsor_person_id, a.kind, a.status, a.display_name, a.all_locations, a.valid_until, \
    CASE WHEN NOT a.all_locations THEN ARRAY(SELECT l.location_id FROM qm.account_location l WHERE l.tenant_id = $1 AND l.id = a.id) END AS locations, \
    r.role, r.valid_from AS role_from, r.valid_until AS role_until \
    FROM qm.tenant_setting s CROSS JOIN LATERAL (SELECT x.* FROM qm.account x WHERE x.tenant_id = $1 AND x.person_id = $2 OFFSET 0) a \
    LEFT JOIN LATERAL (SELECT x.role, x.valid_from, x.valid_until FROM qm.role_assignment x WHERE x.tenant_id = $1 AND x.account_id = a.id AND x.state = 'APPROVED' OFFSET 0) r ON true \
    WHERE s.tenant_id = $1 AND s.id = $1";
const OF_ID: &str = "SELECT clock_timestamp() AS at, s.status AS tenant_status, (s.settings->>'registeredDocumentsOnly')::boolean AS registered_only, a.id, a.person_id, a.sponsor_person_id, a.kind, a.status, a.display_name, a.all_locations, a.valid_until, \
    CASE WHEN NOT a.all_locations THEN ARRAY(SELECT l.location_id FROM qm.account_location l WHERE l.tenant_id = $1 AND l.id = a.id) END AS locations, \
    r.role, r.valid_from AS role_from, r.valid_until AS role_until \
    FROM qm.tenant_setting s CROSS JOIN LATERAL (SELECT x.* FROM qm.account x WHERE x.tenant_id = $1 AND x.id = $2 OFFSET 0) a \
    LEFT JOIN LATERAL (SELECT x.role, x.valid_from, x.valid_until FROM qm.role_assignment x WHERE x.tenant_id = $1 AND x.account_id = a.id AND x.state = 'APPROVED' OFFSET 0) r ON true \
    WHERE s.tenant_id = $1 AND s.id = $1";

/// Adds the statement that reads an account.
fn ask(tenant: TenantId, wanted: Wanted, flight: &mut Flight) -> Rows {
    match wanted {
        Wanted::Person(person) => flight.rows(OF_PERSON, params![tenant.0, person]),
        Wanted::Account(id) => flight.rows(OF_ID, params![tenant.0, id]),
    }
}

fn found(nobody: &Op, rows: &[Row]) -> Result<Op, Denied> {
    let row = rows.first().ok_or(Denied::NoAccount)?;
    let given = rows
        .iter()
        .filter(|r| !matches!(r.try_get::<_, Option<&str>>("role"), Ok(None)));
    read(nobody, row, given, ["role_from", "role_until"])
}

/// The account as it is now: active, in an active tenant, with its roles in force and its locations. One round trip.
pub(crate) async fn account(db: &Tenants, nobody: &Op, wanted: Wanted) -> Result<Op, Denied> {
    let mut tx = TenantTx::read(db, nobody).await?;
    let mut reads = Flight::new();
    let rows = ask(nobody.tenant, wanted, &mut reads);
    let landing = tx.fly(reads).await?;
    found(nobody, landing.get(rows))
}

/// The same for a person. Of one whom this process remembers the request asks with its first flight.
pub(crate) async fn account_of(db: &Tenants, nobody: &Op, person: Uuid) -> Result<Op, Denied> {
    let key = (nobody.tenant, person);
    if db.may_suppose()
        && let Some(known) = db.accounts.get(&key)
    {
        let op = Op {
            request_id: nobody.request_id,
            clock_offset: nobody.clock_offset,
            ..(*known).clone()
        };
        db.suppose(Arc::new(Remembered {
            accounts: db.accounts.clone(),
            person,
            nobody: nobody.clone(),
            op: op.clone(),
        }));
        return Ok(op);
    }
    let op = account(db, nobody, Wanted::Person(person)).await?;
    db.accounts.keep(key, &op);
    Ok(op)
}

/// The most accounts that a process remembers.
const REMEMBERED: usize = 4_096;

/// How people's accounts were found last, by tenant and person.
pub(crate) struct Accounts(Mutex<LruCache<(TenantId, Uuid), Arc<Op>>>);

impl Default for Accounts {
    fn default() -> Self {
        Self(Mutex::new(LruCache::new(
            NonZeroUsize::new(REMEMBERED).unwrap_or(NonZeroUsize::MIN),
        )))
    }
}

impl Accounts {
    fn get(&self, key: &(TenantId, Uuid)) -> Option<Arc<Op>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).get(key).cloned()
    }

    fn keep(&self, key: (TenantId, Uuid), op: &Op) {
        let op = Arc::new(op.clone());
        self.0.lock().unwrap_or_else(PoisonError::into_inner).put(key, op);
    }

    fn forget(&self, key: &(TenantId, Uuid)) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).pop(key);
    }
}

/// Somebody whom this process remembers: does his account stand as it did?
struct Remembered {
    accounts: Arc<Accounts>,
    person: Uuid,
    nobody: Op,
    op: Op,
}

impl Premise for Remembered {
    fn asked_as(&self) -> &Op {
        &self.nobody
    }

    fn ask(&self, flight: &mut Flight) -> Rows {
        ask(self.nobody.tenant, Wanted::Person(self.person), flight)
    }

    fn holds(&self, rows: &[Row]) -> bool {
        let same = found(&self.nobody, rows).is_ok_and(|now| now == self.op);
        if !same {
            self.accounts.forget(&(self.nobody.tenant, self.person));
        }
        same
    }
}

/// The account of a row with the columns of [`OF_PERSON`], and its roles in force.
pub(crate) fn read<'r>(
    nobody: &Op,
    row: &Row,
    roles: impl IntoIterator<Item = &'r Row>,
    [valid_from, valid_until]: [&str; 2],
) -> Result<Op, Denied> {
    fn column<'r, T: tokio_postgres::types::FromSql<'r>>(row: &'r Row, name: &str) -> Result<T, Denied> {
        row.try_get(name).map_err(|e| Denied::Fault(e.into()))
    }
    match column::<&str>(row, "tenant_status")? {
        "ACTIVE" => {}
        "SUSPENDED" => return Err(Denied::TenantSuspended),
        _ => return Err(Denied::TenantClosed),
    }
    let now = column::<DateTime<Utc>>(row, "at")? + nobody.clock_offset;
    let until: Option<DateTime<Utc>> = column(row, "valid_until")?;
    if column::<&str>(row, "status")? != "ACTIVE" || until.is_some_and(|u| u <= now) {
        return Err(Denied::AccountInactive);
    }
    let mut in_force = Vec::new();
    for role in roles {
        let from: Option<DateTime<Utc>> = column(role, valid_from)?;
        let until: Option<DateTime<Utc>> = column(role, valid_until)?;
        if from.is_none_or(|f| f <= now) && until.is_none_or(|u| now < u) {
            in_force.push(column(role, "role")?);
        }
    }
    in_force.sort_unstable();
    in_force.dedup();
    let all: bool = column(row, "all_locations")?;
    let mut locations: Vec<Uuid> = if all { Vec::new() } else { column(row, "locations")? };
    locations.sort_unstable();
    Ok(Op {
        account: column(row, "id")?,
        person: column(row, "person_id")?,
        sponsor: column(row, "sponsor_person_id")?,
        kind: AccountKind::parse(column(row, "kind")?),
        display_name: column(row, "display_name")?,
        roles: in_force,
        locations: if all {
            LocationScope::All
        } else {
            LocationScope::Only(locations)
        },
        registered_documents_only: column::<Option<bool>>(row, "registered_only")?.unwrap_or_default(),
        ..nobody.clone()
    })
}
