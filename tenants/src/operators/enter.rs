//! From an operator's credential to who acts in the tenant.

use super::credential::KIND;
use super::{AssignmentStatus, repo};
use crate::account::{Wanted, account, nobody};
use crate::authenticate::Denied;
use crate::directory::Directory;
use crate::error::Error;
use crate::event::Event;
use crate::id::{PartnerId, TenantId};
use crate::identity::api_key::SecretHash;
use crate::identity::operator_credential::OperatorCredential;
use crate::op::{AccountKind, Op};
use crate::tx::{Flight, Outcome, TenantTx, Tenants, params};
use chrono::{DateTime, TimeDelta, Utc};
use uuid::Uuid;

/// Who acts, and until when.
#[derive(Debug)]
pub struct Entered {
    /// The operator's account in the tenant.
    pub op: Op,
    /// When the credential ends.
    pub until: DateTime<Utc>,
}

const CREDENTIAL: &str = "SELECT clock_timestamp() AS at, c.secret_hash, c.expires_at, c.revoked_at, c.first_used_at, c.account_id, o.status, o.valid_until, o.partner_id, o.person_id \
    FROM qm.operator_session c JOIN qm.operator_assignment o ON o.tenant_id = c.tenant_id AND o.id = c.assignment_id WHERE c.tenant_id = $1 AND c.id = $2";

/// Who presents this credential: asked for anew with each request, since each of the credential, the assignment, the account, the
/// partner's member and the tenant may have ended a moment ago. Its first use is recorded.
///
/// # Errors
/// [`Denied`]
pub async fn enter(
    db: &Tenants,
    directory: &Directory,
    credential: &OperatorCredential,
    clock_offset: TimeDelta,
    request_id: Uuid,
) -> Result<Entered, Denied> {
    let tenant = TenantId(credential.tenant());
    directory.find_tenant(tenant).await?.ok_or(Denied::NoAccount)?;
    let nobody = nobody(tenant, clock_offset, request_id);
    let found = find(db, &nobody, credential).await?.ok_or(Denied::NoAccount)?;
    if !found.open {
        return Err(Denied::CredentialEnded);
    }
    let partners = directory.partners_of(found.person).await?;
    if !partners.iter().any(|p| p.id == found.partner) {
        return Err(Denied::CredentialEnded);
    }
    let op = account(db, &nobody, Wanted::Account(found.account)).await?;
    if op.kind != AccountKind::Operator || op.person != Some(found.person) {
        return Err(Denied::NoAccount);
    }
    if !found.used {
        record_first_use(db, &op, credential.id()).await?;
    }
    Ok(Entered { op, until: found.until })
}

struct Found {
    account: Uuid,
    person: Uuid,
    partner: PartnerId,
    until: DateTime<Utc>,
    open: bool,
    used: bool,
}

/// The row behind a credential, if the secret is the one that was given out.
async fn find(db: &Tenants, nobody: &Op, credential: &OperatorCredential) -> Result<Option<Found>, Error> {
    let mut tx = TenantTx::read(db, nobody).await?;
    let mut reads = Flight::new();
    let row = reads.rows(CREDENTIAL, params![nobody.tenant.0, credential.id()]);
    let landing = tx.fly(reads).await?;
    let Some(row) = landing.optional(row) else {
        return Ok(None);
    };
    let hash: Vec<u8> = row.try_get("secret_hash")?;
    if !SecretHash::from_bytes(&hash).is_some_and(|stored| credential.matches(&stored)) {
        return Ok(None);
    }
    let now = row.try_get::<_, DateTime<Utc>>("at")? + nobody.clock_offset;
    let (until, ends): (DateTime<Utc>, DateTime<Utc>) = (row.try_get("expires_at")?, row.try_get("valid_until")?);
    let revoked: Option<DateTime<Utc>> = row.try_get("revoked_at")?;
    let admitted = AssignmentStatus::parse(row.try_get("status")?) == AssignmentStatus::Admitted;
    Ok(Some(Found {
        account: row.try_get("account_id")?,
        person: row.try_get("person_id")?,
        partner: PartnerId(row.try_get("partner_id")?),
        until,
        open: admitted && revoked.is_none() && now < until && now < ends,
        used: row.try_get::<_, Option<DateTime<Utc>>>("first_used_at")?.is_some(),
    }))
}

/// Once, whoever of several first requests is first.
async fn record_first_use(db: &Tenants, op: &Op, id: Uuid) -> Result<(), Denied> {
    let mut tx = TenantTx::begin(db, op).await?;
    let locked = repo::lock_credential(&mut tx, id).await?;
    let mut credential = locked.ok_or(Denied::NoAccount)?;
    let now = tx.clock().await?;
    if !credential.is_open(now) {
        return Err(Denied::CredentialEnded);
    }
    if credential.first_used_at.is_some() {
        return Ok(());
    }
    credential.first_used_at = Some(now);
    credential.trail.touch();
    let event = Event::new("operator-credential-used", KIND, id, credential.data());
    tx.record(event, &mut credential.trail)?;
    let mut writes = Flight::new();
    repo::use_credential(&tx, &credential, &mut writes);
    tx.commit(writes, Outcome::default()).await?;
    Ok(())
}
