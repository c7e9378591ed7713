//! From a verified credential to who acts: an account of one tenant, or somebody of a partner.
//!
//! A token proves issuer and subject. Which tenant it is for, the person says with the token's `tenant` claim (`ten_…`; `ptn_…`
//! to act for a partner, `platform` for the platform's people); without one, it is the only tenant that the person has an account in, else the only partner. The
//! issuer's binding is never widened by what a token says.

use crate::directory::{Directory, FoundPartner, FoundTenant, PartnerOp, PlatformOp};
use crate::error::Error;
use crate::id::{PartnerId, TenantId};
use crate::identity::token::{IssuerBinding, VerifiedToken};
use crate::op::{AccountKind, LocationScope, Op};
use crate::tx::{Flight, TenantTx, Tenants, params};
use chrono::{DateTime, TimeDelta, Utc};
use tokio_postgres::Row;
use uuid::Uuid;

/// Who acts.
#[derive(Debug, Clone)]
pub enum Caller {
    /// An account of a tenant.
    Member(Box<Op>),
    /// Somebody of a partner, above its tenants.
    Partner(PartnerOp),
    /// Somebody of the platform, above all partners.
    Platform(PlatformOp),
}

/// Why a good credential is nobody's here. The client learns [`Denied::code`] and nothing else.
#[derive(Debug, thiserror::Error)]
pub enum Denied {
    /// The person has no account there, or the tenant does not exist: both look the same.
    #[error("no account for this login")]
    NoAccount,
    /// The issuer is bound to another partner or tenant.
    #[error("the issuer does not speak for this tenant")]
    OtherIssuer,
    /// The person has accounts in several tenants, and the token does not say which one it is for.
    #[error("the token names no tenant, and the person has several")]
    ChooseTenant,
    /// The account is not active, or no more.
    #[error("the account is not active")]
    AccountInactive,
    /// The person who answers for the machine is not active, or no more.
    #[error("the person who answers for the key is not active")]
    OwnerInactive,
    /// A good credential of an operator, after its end or that of what it rests on.
    #[error("the credential has ended")]
    CredentialEnded,
    /// The tenant is suspended by its partner.
    #[error("the tenant is suspended")]
    TenantSuspended,
    /// The tenant is closed.
    #[error("the tenant is closed")]
    TenantClosed,
    /// It could not be judged.
    #[error(transparent)]
    Fault(#[from] Error),
}

impl Denied {
    /// For clients and metrics.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::NoAccount | Self::OtherIssuer => "no_account",
            Self::ChooseTenant => "choose_tenant",
            Self::AccountInactive => "account_inactive",
            Self::OwnerInactive => "owner_inactive",
            Self::CredentialEnded => "credential_ended",
            Self::TenantSuspended => "tenant_suspended",
            Self::TenantClosed => "tenant_closed",
            Self::Fault(_) => "unavailable",
        }
    }
}

/// What a token says about whom it is for.
enum Named {
    Tenant(TenantId),
    Partner(PartnerId),
    Platform,
    Nothing,
}

/// What the claim `tenant` says to act for the platform.
const PLATFORM: &str = "platform";

fn named(token: &VerifiedToken) -> Result<Named, Denied> {
    let Some(text) = token.tenant.as_deref() else {
        return Ok(match token.binding {
            IssuerBinding::Tenant(bound) => Named::Tenant(TenantId(bound)),
            IssuerBinding::Platform | IssuerBinding::Partner(_) => Named::Nothing,
        });
    };
    if let Ok(tenant) = text.parse::<TenantId>() {
        return Ok(Named::Tenant(tenant));
    }
    if text == PLATFORM {
        return Ok(Named::Platform);
    }
    text.parse::<PartnerId>()
        .map(Named::Partner)
        .map_err(|_| Denied::NoAccount)
}

/// Who presents this token. One look-up of the login (remembered for a minute) and one read inside the tenant.
///
/// # Errors
/// [`Denied`]
pub async fn authenticate(
    db: &Tenants,
    directory: &Directory,
    token: &VerifiedToken,
    clock_offset: TimeDelta,
    request_id: Uuid,
) -> Result<Caller, Denied> {
    let person = directory
        .find_login(token.issuer_id, &token.subject)
        .await?
        .ok_or(Denied::NoAccount)?;
    let at = (clock_offset, request_id);
    match named(token)? {
        Named::Tenant(tenant) => member(db, directory, token.binding, person, tenant, at).await,
        Named::Partner(partner) => {
            let mut found = directory.partners_of(person).await?;
            found.retain(|p| p.id == partner);
            of_partner(token.binding, person, found, at)
        }
        Named::Platform => of_platform(directory, token.binding, person, at).await,
        Named::Nothing => {
            let mut tenants = directory.tenants_of(person).await?;
            if let IssuerBinding::Partner(bound) = token.binding {
                tenants.retain(|t| t.partner.0 == bound);
            }
            match tenants.as_slice() {
                [] => of_partner(token.binding, person, directory.partners_of(person).await?, at),
                [only] => member(db, directory, token.binding, person, only.id, at).await,
                _ => Err(Denied::ChooseTenant),
            }
        }
    }
}

/// May an issuer that is bound so speak for this tenant?
#[must_use]
pub fn speaks_for(binding: IssuerBinding, tenant: TenantId, found: FoundTenant) -> bool {
    match binding {
        IssuerBinding::Platform => true,
        IssuerBinding::Partner(partner) => partner == found.partner,
        IssuerBinding::Tenant(bound) => bound == tenant.0,
    }
}

fn of_partner(
    binding: IssuerBinding,
    person: Uuid,
    mut found: Vec<FoundPartner>,
    (clock_offset, request_id): (TimeDelta, Uuid),
) -> Result<Caller, Denied> {
    match binding {
        IssuerBinding::Platform => {}
        IssuerBinding::Partner(bound) => found.retain(|p| p.id.0 == bound),
        IssuerBinding::Tenant(_) => return Err(Denied::OtherIssuer),
    }
    let mut found = found.into_iter();
    match (found.next(), found.next()) {
        (Some(only), None) => Ok(Caller::Partner(PartnerOp {
            partner: only.id,
            person,
            display_name: only.display_name,
            roles: only.roles,
            request_id,
            idempotency: None,
            clock_offset,
        })),
        (None, _) => Err(Denied::NoAccount),
        _ => Err(Denied::ChooseTenant),
    }
}

/// The platform's people log in at an issuer of the platform: no partner and no tenant can name one.
async fn of_platform(
    directory: &Directory,
    binding: IssuerBinding,
    person: Uuid,
    (clock_offset, request_id): (TimeDelta, Uuid),
) -> Result<Caller, Denied> {
    if binding != IssuerBinding::Platform {
        return Err(Denied::OtherIssuer);
    }
    if !directory.is_platform(person).await? {
        return Err(Denied::NoAccount);
    }
    Ok(Caller::Platform(PlatformOp {
        person,
        request_id,
        idempotency: None,
        clock_offset,
    }))
}

async fn member(
    db: &Tenants,
    directory: &Directory,
    binding: IssuerBinding,
    person: Uuid,
    tenant: TenantId,
    (clock_offset, request_id): (TimeDelta, Uuid),
) -> Result<Caller, Denied> {
    let found = directory.find_tenant(tenant).await?.ok_or(Denied::NoAccount)?;
    if !speaks_for(binding, tenant, found) {
        return Err(Denied::OtherIssuer);
    }
    let nobody = nobody(tenant, clock_offset, request_id);
    let op = account(db, &nobody, Wanted::Person(person)).await?;
    if op.kind == AccountKind::Operator {
        // A log-in at the partner opens no tenant: only the credential does that the operator made for it.
        return Err(Denied::NoAccount);
    }
    Ok(Caller::Member(Box::new(op)))
}

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

// By person or by id, each by an index of its own: asked for in one condition, all accounts of the tenant would be read.
const ACCOUNT: &str = "SELECT clock_timestamp() AS at, s.status AS tenant_status, (s.settings->>'registeredDocumentsOnly')::boolean AS registered_only, a.id, a.person_id, a.sponsor_person_id, a.kind, a.status, a.display_name, a.all_locations, a.valid_until, \
    ARRAY(SELECT l.location_id FROM qm.account_location l WHERE l.tenant_id = $1 AND l.id = a.id) AS locations \
    FROM qm.tenant_setting s CROSS JOIN LATERAL (SELECT x.* FROM qm.account x WHERE x.tenant_id = $1 AND x.person_id = $2 \
    UNION ALL SELECT y.* FROM qm.account y WHERE y.tenant_id = $1 AND y.id = $3) a WHERE s.tenant_id = $1 AND s.id = $1";
const ROLES: &str = "SELECT r.role, r.valid_from, r.valid_until \
    FROM (SELECT a.id FROM qm.account a WHERE a.tenant_id = $1 AND a.person_id = $2 UNION ALL SELECT $3::uuid) a \
    CROSS JOIN LATERAL (SELECT x.* FROM qm.role_assignment x WHERE x.tenant_id = $1 AND x.account_id = a.id AND x.state = 'APPROVED' OFFSET 0) r";

/// The account as it is now: active, in an active tenant, with its roles in force and its locations. One round trip.
pub(crate) async fn account(db: &Tenants, nobody: &Op, wanted: Wanted) -> Result<Op, Denied> {
    let (person, id) = match wanted {
        Wanted::Person(person) => (Some(person), None),
        Wanted::Account(id) => (None, Some(id)),
    };
    let mut tx = TenantTx::read(db, nobody).await?;
    let mut reads = Flight::new();
    let account = reads.rows(ACCOUNT, params![nobody.tenant.0, person, id]);
    let roles = reads.rows(ROLES, params![nobody.tenant.0, person, id]);
    let landing = tx.fly(reads).await?;
    let row = landing.optional(account).ok_or(Denied::NoAccount)?;
    read(nobody, row, landing.get(roles))
}

/// The account of a row with the columns of [`ACCOUNT`].
pub(crate) fn read(nobody: &Op, row: &Row, roles: &[Row]) -> Result<Op, Denied> {
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
    let mut in_force = Vec::with_capacity(roles.len());
    for role in roles {
        let from: Option<DateTime<Utc>> = column(role, "valid_from")?;
        let until: Option<DateTime<Utc>> = column(role, "valid_until")?;
        if from.is_none_or(|f| f <= now) && until.is_none_or(|u| now < u) {
            in_force.push(column(role, "role")?);
        }
    }
    in_force.sort_unstable();
    in_force.dedup();
    Ok(Op {
        account: column(row, "id")?,
        person: column(row, "person_id")?,
        sponsor: column(row, "sponsor_person_id")?,
        kind: AccountKind::parse(column(row, "kind")?),
        display_name: column(row, "display_name")?,
        roles: in_force,
        locations: if column(row, "all_locations")? {
            LocationScope::All
        } else {
            LocationScope::Only(column(row, "locations")?)
        },
        registered_documents_only: column::<Option<bool>>(row, "registered_only")?.unwrap_or_default(),
        ..nobody.clone()
    })
}
