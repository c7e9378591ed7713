//! Until `tenants` answers these: the look-ups behind a verified token, through the same door as everything else.

use super::Denied;
use chrono::TimeDelta;
use quartermaster_tenants::id::TenantId;
use quartermaster_tenants::identity::token::{IssuerBinding, VerifiedToken};
use quartermaster_tenants::op::{AccountKind, LocationScope};
use quartermaster_tenants::tx::params;
use quartermaster_tenants::{Error, Flight, Op, TenantTx, Tenants};
use uuid::Uuid;

const ISSUER: &str = "SELECT id, partner_id, bound_tenant_id, algorithms, jwks_url FROM qm.find_issuer($1)";
const ACCOUNT: &str = "SELECT a.id, a.person_id, a.sponsor_person_id, a.kind, a.display_name, a.all_locations, t.partner_id, \
    ARRAY(SELECT r.role FROM qm.role_assignment r WHERE r.tenant_id = a.tenant_id AND r.account_id = a.id AND r.state = 'APPROVED' \
      AND (r.valid_from IS NULL OR r.valid_from <= clock_timestamp()) AND (r.valid_until IS NULL OR r.valid_until > clock_timestamp())), \
    ARRAY(SELECT l.location_id FROM qm.account_location l WHERE l.tenant_id = a.tenant_id AND l.id = a.id) \
    FROM qm.account a JOIN qm.find_tenant($1) t ON t.id = a.tenant_id AND t.status = 'ACTIVE' \
    WHERE a.tenant_id = $1 AND a.person_id = qm.find_login($2, $3) AND a.status = 'ACTIVE' AND (a.valid_until IS NULL OR a.valid_until > clock_timestamp())";

pub struct FoundIssuer {
    pub id: Uuid,
    pub partner: Option<Uuid>,
    pub tenant: Option<Uuid>,
    pub algorithms: Vec<String>,
    pub jwks_url: Option<String>,
}

fn nobody(tenant: Uuid, request_id: Uuid, clock_offset: TimeDelta) -> Op {
    Op {
        tenant: TenantId(tenant),
        account: Uuid::nil(),
        person: None,
        sponsor: None,
        kind: AccountKind::Agent,
        display_name: String::new(),
        roles: Vec::new(),
        locations: LocationScope::Only(Vec::new()),
        key_scope: None,
        request_id,
        idempotency: None,
        clock_offset,
    }
}

pub async fn find_issuer(db: &Tenants, iss: &str) -> Result<Option<FoundIssuer>, Error> {
    let op = nobody(Uuid::nil(), Uuid::nil(), TimeDelta::zero());
    let mut tx = TenantTx::read(db, &op).await?;
    let mut flight = Flight::new();
    let asked = flight.rows(ISSUER, params![iss.to_owned()]);
    let landing = tx.fly(flight).await?;
    let Some(row) = landing.get(asked).first() else {
        return Ok(None);
    };
    Ok(Some(FoundIssuer {
        id: row.try_get(0)?,
        partner: row.try_get(1)?,
        tenant: row.try_get(2)?,
        algorithms: row.try_get(3)?,
        jwks_url: row.try_get(4)?,
    }))
}

pub async fn authenticate(
    db: &Tenants,
    token: &VerifiedToken,
    clock_offset: TimeDelta,
    request_id: Uuid,
) -> Result<Op, Denied> {
    let named = token
        .tenant
        .as_deref()
        .and_then(|t| t.parse::<TenantId>().map(|t| t.0).or_else(|_| t.parse()).ok());
    let tenant = match (token.binding, named) {
        (IssuerBinding::Tenant(bound), None) => bound,
        (IssuerBinding::Tenant(bound), Some(named)) if bound != named => {
            return Err(Denied::Stranger("another tenant"));
        }
        (_, Some(named)) => named,
        (_, None) => return Err(Denied::Stranger("no tenant in the token")),
    };
    let mut op = nobody(tenant, request_id, clock_offset);
    let found = read(db, &op, token)
        .await
        .map_err(|e| Denied::Unavailable(e.to_string()))?;
    let (partner, account) = found.ok_or(Denied::Stranger("no active account"))?;
    if matches!(token.binding, IssuerBinding::Partner(p) if p != partner) {
        return Err(Denied::Stranger("another partner's tenant"));
    }
    op.account = account.account;
    op.person = account.person;
    op.sponsor = account.sponsor;
    op.kind = account.kind;
    op.display_name = account.display_name;
    op.roles = account.roles;
    op.locations = account.locations;
    Ok(op)
}

async fn read(db: &Tenants, op: &Op, token: &VerifiedToken) -> Result<Option<(Uuid, Op)>, Error> {
    let mut tx = TenantTx::read(db, op).await?;
    let mut flight = Flight::new();
    let asked = flight.rows(ACCOUNT, params![op.tenant.0, token.issuer_id, token.subject.clone()]);
    let landing = tx.fly(flight).await?;
    let Some(row) = landing.get(asked).first() else {
        return Ok(None);
    };
    let kind: String = row.try_get(3)?;
    let all: bool = row.try_get(5)?;
    let found = Op {
        account: row.try_get(0)?,
        person: row.try_get(1)?,
        sponsor: row.try_get(2)?,
        kind: AccountKind::parse(&kind),
        display_name: row.try_get(4)?,
        roles: row.try_get(7)?,
        locations: if all {
            LocationScope::All
        } else {
            LocationScope::Only(row.try_get(8)?)
        },
        ..op.clone()
    };
    Ok(Some((row.try_get(6)?, found)))
}
