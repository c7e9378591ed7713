//! Who acts for a partner, and whether the standard policy lets him: partners tailor nothing.

use super::lookups::words;
use super::{Directory, DirectoryTx};
use crate::act::reask::reask;
use crate::error::{Code, Error, Refusal, Result};
use crate::id::PartnerId;
use crate::op::IdempotencyKey;
use crate::policy::{ControlState, Decision, Duty, Hand, Held, Level, PolicyRows, Question, RoleRef, Via, decide};
use crate::tx::Tenants;
use chrono::TimeDelta;
use uuid::Uuid;

/// Who acts for a partner, in which request.
#[derive(Debug, Clone)]
pub struct PartnerOp {
    /// The partner of the verified credential.
    pub partner: PartnerId,
    /// The natural person.
    pub person: Uuid,
    /// What the person is called there.
    pub display_name: String,
    /// Roles when the request began. Acts read them again.
    pub roles: Vec<String>,
    /// Correlates log lines, events and the answer.
    pub request_id: Uuid,
    /// Set for mutations that carry the header.
    pub idempotency: Option<IdempotencyKey>,
    /// Moves the database's clock in tests; zero in production, by configuration.
    pub clock_offset: TimeDelta,
}

/// Who acts for the platform, in which request. No tenant is open to him: he decides what nobody else is left to decide.
#[derive(Debug, Clone)]
pub struct PlatformOp {
    /// The natural person.
    pub person: Uuid,
    /// Correlates log lines, events and the answer.
    pub request_id: Uuid,
    /// Set for mutations that carry the header.
    pub idempotency: Option<IdempotencyKey>,
    /// Moves the database's clock in tests; zero in production, by configuration.
    pub clock_offset: TimeDelta,
}

/// Locked against withdrawal until the transaction ends: what is decided here holds when it commits.
const ROLES: &str = "SELECT array_to_string(m.roles, ',') AS roles FROM qm.partner_member m WHERE m.partner_id = $1 AND m.person_id = $2 AND m.status = 'ACTIVE' FOR SHARE";

impl PartnerOp {
    /// A directory transaction of this partner in which the person may do this duty.
    ///
    /// # Errors
    /// `FORBIDDEN`; [`Error::Repeated`] or [`Error::KeyReused`] when the idempotency key is known; what the database said.
    pub(crate) async fn begin(&self, directory: &Directory, db: &Tenants, duty: Duty) -> Result<DirectoryTx> {
        let tx = self.begin_keyed(directory).await?;
        self.decide(db, &tx, duty).await?;
        Ok(tx)
    }

    /// Would the person be let do this duty? For asking before doing.
    ///
    /// # Errors
    /// What the database said.
    pub(crate) async fn may(&self, db: &Tenants, tx: &DirectoryTx, duty: Duty) -> Result<bool> {
        match self.decide(db, tx, duty).await {
            Ok(()) => Ok(true),
            Err(Error::Refused(_)) => Ok(false),
            Err(other) => Err(other),
        }
    }

    /// A directory transaction of this partner in which the person belongs to it still: for reads.
    ///
    /// # Errors
    /// `FORBIDDEN`; what the database said.
    pub(crate) async fn begin_as_member(&self, directory: &Directory) -> Result<DirectoryTx> {
        let tx = DirectoryTx::begin(directory, self.partner, self.clock_offset).await?;
        self.as_member(tx).await
    }

    /// The same for acts on what is the person's own, which need no duty.
    ///
    /// # Errors
    /// As [`Self::begin`].
    pub(crate) async fn begin_on_own(&self, directory: &Directory) -> Result<DirectoryTx> {
        let tx = self.begin_keyed(directory).await?;
        self.as_member(tx).await
    }

    async fn as_member(&self, tx: DirectoryTx) -> Result<DirectoryTx> {
        let rows = tx.rows(ROLES, vec![self.partner.0.into(), self.person.into()]).await?;
        if rows.is_empty() {
            return Err(Refusal::new(Code::Forbidden, &[], "You do not belong to the partner any more.").into());
        }
        Ok(tx)
    }

    async fn decide(&self, db: &Tenants, tx: &DirectoryTx, duty: Duty) -> Result<()> {
        let rows = tx.rows(ROLES, vec![self.partner.0.into(), self.person.into()]).await?;
        let roles = rows
            .first()
            .map(|r| r.try_get("", "roles"))
            .transpose()?
            .map(|joined: Option<String>| words(joined));
        let policy = db
            .policies
            .compiled(&PolicyRows::standard())
            .await
            .map_err(Error::internal)?;
        let account_active = roles.is_some();
        let roles: Vec<RoleRef> = roles
            .unwrap_or_default()
            .iter()
            .map(|r| RoleRef::from(r.as_str()))
            .collect();
        let held = policy.duties_of_all(&roles);
        let question = Question {
            account_active,
            sponsor_active: true,
            visible: true,
            side_ok: true,
            invoker_ok: true,
            duty,
            document: duty.document(),
            state: Some(ControlState::New),
            hands: vec![Hand {
                person: self.person,
                via: Via::Actor,
            }],
            machine: false,
            roles,
            required_level: Level::ZERO,
            round: 1,
            now: tx.now(),
            prior: Vec::new(),
            held: vec![Held {
                person: self.person,
                duties: held,
            }],
            exceptions: Vec::new(),
        };
        match decide(&policy, &question) {
            Decision::Allowed(asked) => reask(&db.policies, &policy, &asked),
            Decision::Internal => Err(Error::internal("the policy could not be asked")),
            _ => Err(Refusal::new(Code::Forbidden, &[], "You have no role that may do this.").into()),
        }
    }
}
