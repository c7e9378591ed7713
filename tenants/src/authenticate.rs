//! From a verified credential to who acts: an account of one tenant, or somebody of a partner.
//!
//! A token proves issuer and subject. Which tenant it is for, the person says with the token's `tenant` claim (`ten_…`; `ptn_…`
//! to act for a partner, `platform` for the platform's people); without one, it is the only tenant that the person has an account in, else the only partner. The
//! issuer's binding is never widened by what a token says.

use crate::account::{account_of, nobody};
use crate::directory::{Directory, FoundPartner, FoundTenant, PartnerOp, PlatformOp};
use crate::error::Error;
use crate::id::{PartnerId, TenantId};
use crate::identity::token::{IssuerBinding, VerifiedToken};
use crate::op::{AccountKind, Op};
use crate::tx::Tenants;
use chrono::TimeDelta;
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

/// Who presents this token. One look-up of the login (remembered for a minute) and one read inside the tenant, which a query may
/// leave to its first flight.
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
    let op = account_of(db, &nobody, person).await?;
    if op.kind == AccountKind::Operator {
        // A log-in at the partner opens no tenant: only the credential does that the operator made for it.
        return Err(Denied::NoAccount);
    }
    Ok(Caller::Member(Box::new(op)))
}
