//! Accounts and roles that come and go with another document: an operator's admission, a recovered administrator. That document's
//! own authorization covers them; each still has its own events.

use super::{Member, MemberStatus};
use crate::error::Result;
use crate::event::{Event, Trail};
use crate::id::encode;
use crate::tx::{Flight, Rows, TenantTx, params};
use chrono::{DateTime, Utc};
use serde_json::{Value, json};
use tokio_postgres::Row;
use uuid::Uuid;

/// The row locks are taken in this order everywhere: role assignments, then the account.
const LOCK_ROLES: &str = "SELECT r.id, r.account_id, r.role, r.state, r.version, r.event_sequence, r.event_hash FROM qm.role_assignment r WHERE r.tenant_id = $1 AND r.state IN ('PENDING', 'APPROVED') \
    AND r.account_id IN (SELECT a.id FROM qm.account a WHERE a.tenant_id = $1 AND a.person_id = $2) ORDER BY r.id FOR UPDATE";
const LOCK_ACCOUNT: &str = "SELECT a.* FROM qm.account a WHERE a.tenant_id = $1 AND a.person_id = $2 FOR UPDATE";
const INSERT_ACCOUNT: &str = "INSERT INTO qm.account AS a (tenant_id, id, person_id, kind, status, display_name, email, all_locations, valid_until, version, event_sequence, event_hash, created_at, updated_at) \
    VALUES ($1, $2, $3, $4, 'ACTIVE', $5, $6, true, $7, $8, $9, $10, $11, $11)";
const UPDATE_ACCOUNT: &str = "UPDATE qm.account a SET status = $3, display_name = coalesce($4, a.display_name), valid_until = $5, version = $6, event_sequence = $7, event_hash = $8, updated_at = $9 WHERE a.tenant_id = $1 AND a.id = $2";
const INSERT_ROLE: &str = "INSERT INTO qm.role_assignment AS r (tenant_id, id, account_id, role, state, valid_until, round, version, event_sequence, event_hash, created_at, updated_at) \
    VALUES ($1, $2, $3, $4, 'APPROVED', $5, 1, $6, $7, $8, $9, $9)";
const END_ROLES: &str = "UPDATE qm.role_assignment r SET state = u.state, removal_requested = false, version = u.version, event_sequence = u.sequence, event_hash = u.hash, updated_at = $7 \
    FROM unnest($2::uuid[], $3::text[], $4::int[], $5::int[], $6::bytea[]) u (id, state, version, sequence, hash) WHERE r.tenant_id = $1 AND r.id = u.id";

/// The roles of a person that are in force, asleep or proposed.
#[derive(Debug, Clone)]
pub(crate) struct HeldRole {
    id: Uuid,
    account: Uuid,
    role: String,
    pending: bool,
    trail: Trail,
}

/// A person's account and roles, locked until the transaction ends.
#[derive(Debug, Clone)]
pub(crate) struct Household {
    /// The account, if there is one.
    pub account: Option<Member>,
    /// Its roles.
    pub roles: Vec<HeldRole>,
}

/// Locks a person's account and roles; [`Household::read`] reads them.
pub(crate) fn lock_household(tenant: Uuid, person: Uuid, flight: &mut Flight) -> (Rows, Rows) {
    let roles = flight.rows(LOCK_ROLES, params![tenant, person]);
    (roles, flight.rows(LOCK_ACCOUNT, params![tenant, person]))
}

impl Household {
    pub(crate) fn read(roles: &[Row], account: Option<&Row>) -> Result<Self> {
        let role = |row: &Row| {
            Ok(HeldRole {
                id: row.try_get("id")?,
                account: row.try_get("account_id")?,
                role: row.try_get("role")?,
                pending: row.try_get::<_, &str>("state")? == "PENDING",
                trail: Trail::from_row(row)?,
            })
        };
        Ok(Self {
            account: account.map(super::repo::member).transpose()?,
            roles: roles.iter().map(role).collect::<Result<_>>()?,
        })
    }

    /// Ends every role: what was in force is removed, what was proposed rejected.
    pub(crate) fn end_roles(
        &mut self,
        tx: &mut TenantTx<'_>,
        act: Uuid,
        why: &Value,
        writes: &mut Flight,
    ) -> Result<()> {
        if self.roles.is_empty() {
            return Ok(());
        }
        for r in &mut self.roles {
            let (kind, status) = ended(r.pending);
            r.trail.touch();
            let mut data = json!({ "status": status, "memberId": encode("mem", r.account), "role": r.role });
            data["because"] = why.clone();
            tx.record(
                Event::new(kind, "ROLE_ASSIGNMENT", r.id, data).of_act(act),
                &mut r.trail,
            )?;
        }
        let n = self.roles.len() as u64;
        macro_rules! column {
            ($f:expr) => {
                self.roles.iter().map($f).collect::<Vec<_>>()
            };
        }
        let rows = params![
            tx.op().tenant.0,
            column!(|r| r.id),
            column!(|r| ended(r.pending).1),
            column!(|r| r.trail.version),
            column!(|r| r.trail.sequence),
            column!(|r| r.trail.hash.clone()),
            tx.now()?
        ];
        writes.exec(END_ROLES, rows, n);
        self.roles.clear();
        Ok(())
    }

    /// Ends the account: it may not act any more, from now on.
    pub(crate) fn end_account(
        &mut self,
        tx: &mut TenantTx<'_>,
        act: Uuid,
        why: &Value,
        writes: &mut Flight,
    ) -> Result<()> {
        let Some(member) = &mut self.account else { return Ok(()) };
        if member.status == MemberStatus::Inactive {
            return Ok(());
        }
        member.status = MemberStatus::Inactive;
        member.trail.touch();
        let event = Event::new(
            "member-deactivated",
            "USER_ACCOUNT",
            member.id,
            json!({ "because": why }),
        );
        tx.record(event.of_act(act), &mut member.trail)?;
        let now = tx.now()?;
        update_account(tx, member, None, Some(now), writes)
    }
}

fn ended(pending: bool) -> (&'static str, &'static str) {
    if pending {
        ("role-assignment-rejected", "REJECTED")
    } else {
        ("role-assignment-removed", "REMOVED")
    }
}

/// An account with a role, as another document gives it.
pub(crate) struct Given<'a> {
    /// The account, as it is or as it is to be.
    pub member: Member,
    /// Is there such an account?
    pub exists: bool,
    /// What people call it.
    pub display_name: &'a str,
    /// For messages.
    pub email: Option<&'a str>,
    /// The end of both.
    pub valid_until: Option<DateTime<Utc>>,
    /// The role.
    pub role: &'a str,
    /// Its assignment.
    pub role_assignment: Uuid,
    /// The document that gives both.
    pub because: Value,
}

impl Given<'_> {
    /// Makes the account, or wakes it, and gives it the role.
    pub(crate) fn give(mut self, tx: &mut TenantTx<'_>, act: Uuid, writes: &mut Flight) -> Result<()> {
        let (tenant, now) = (tx.op().tenant.0, tx.now()?);
        let kind = match (self.exists, self.member.status) {
            (false, _) => "member-created",
            (true, MemberStatus::Active) => "member-updated",
            (true, _) => "member-reactivated",
        };
        self.member.status = MemberStatus::Active;
        self.member.trail.touch();
        let data =
            json!({ "kind": self.member.kind.as_str(), "validUntil": self.valid_until, "because": self.because });
        tx.record(
            Event::new(kind, "USER_ACCOUNT", self.member.id, data).of_act(act),
            &mut self.member.trail,
        )?;
        if self.exists {
            update_account(tx, &self.member, Some(self.display_name), self.valid_until, writes)?;
        } else {
            let m = &self.member;
            let (name, email) = (self.display_name.to_owned(), self.email.map(str::to_owned));
            let (version, sequence, hash) = (m.trail.version, m.trail.sequence, m.trail.hash.clone());
            let kind = m.kind.as_str();
            let row = params![
                tenant,
                m.id,
                m.person,
                kind,
                name,
                email,
                self.valid_until,
                version,
                sequence,
                hash,
                now
            ];
            writes.exec(INSERT_ACCOUNT, row, 1);
        }
        let mut trail = Trail::new();
        trail.touch();
        let data = json!({ "status": "APPROVED", "memberId": encode("mem", self.member.id), "role": self.role, "validUntil": self.valid_until, "because": self.because });
        let event = Event::new(
            "role-assignment-approved",
            "ROLE_ASSIGNMENT",
            self.role_assignment,
            data,
        );
        tx.record(event.of_act(act), &mut trail)?;
        let (id, role) = (self.role_assignment, self.role.to_owned());
        let row = params![
            tenant,
            id,
            self.member.id,
            role,
            self.valid_until,
            trail.version,
            trail.sequence,
            trail.hash,
            now
        ];
        writes.exec(INSERT_ROLE, row, 1);
        Ok(())
    }
}

fn update_account(
    tx: &TenantTx<'_>,
    m: &Member,
    name: Option<&str>,
    valid_until: Option<DateTime<Utc>>,
    writes: &mut Flight,
) -> Result<()> {
    let row = params![
        tx.op().tenant.0,
        m.id,
        m.status.as_str(),
        name.map(str::to_owned),
        valid_until,
        m.trail.version,
        m.trail.sequence,
        m.trail.hash.clone(),
        tx.now()?
    ];
    writes.exec(UPDATE_ACCOUNT, row, 1);
    Ok(())
}
