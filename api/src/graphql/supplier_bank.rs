//! Bank details of suppliers: written and never read back.

use super::error::coded;
use super::id::Id;
use super::loaders::{Batch, LoadError};
use super::payload::about;
use super::preview::CanKey;
use super::related::{MaybeRelated, Related};
use super::scalar::{CountryCode, DateTime};
use super::session;
use crate::{payload, perform, previewed, reason_input, viewer_can};
use async_graphql::dataloader::Loader;
use async_graphql::{Context, Enum, ID, InputObject, Object, Result, SimpleObject};
use quartermaster_domain::sealing::MasterKeys;
use quartermaster_domain::shared::{MemberId, SupplierBankChangeId, SupplierId};
use quartermaster_domain::suppliers::bank::{self, BankChangeCommand};
use quartermaster_domain::suppliers::queries::{self, BankChangeRecord};
use std::collections::HashMap;
use std::sync::Arc;
use uuid::Uuid;

/// Where a change of bank details stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "bank::BankChangeStatus")]
pub enum SupplierBankChangeStatus {
    /// Waits for somebody else to verify it by a second route.
    Pending,
    /// Verified, and in force from that moment.
    Approved,
    /// Refused.
    Rejected,
}

/// A change of bank details. What was entered is never shown, only its mask.
#[derive(SimpleObject, Clone)]
pub struct SupplierBankChange {
    /// Opaque; begins with `sbc_`.
    pub id: ID,
    /// Whose account.
    supplier: Related<SupplierId>,
    /// The supplier's id.
    supplier_id: ID,
    /// Where it stands.
    status: SupplierBankChangeStatus,
    /// Country and last characters of the account.
    account_mask: String,
    /// The second route by which it was verified.
    verified_by: Option<String>,
    /// Why it was refused.
    reason: Option<String>,
    /// The member who entered it.
    proposer: Related<MemberId>,
    /// The proposer's id.
    proposer_id: ID,
    /// The member who decided.
    decider: MaybeRelated<MemberId>,
    /// The decider's id.
    decider_id: Option<ID>,
    /// The row's version, for `expectedVersion`.
    version: i32,
    /// When it was entered.
    created_at: DateTime,
    /// When it was last written.
    updated_at: DateTime,
    /// What you could do to it now, and why not.
    viewer_can: Related<CanKey<BankChangeRecord>>,
}

viewer_can!(
    /// What you could do to a change of bank details now.
    SupplierBankChangeViewerCan, BankChangeCommand;
    /// Put it in force, checked by a second route.
    verify = Verify,
    /// Refuse it.
    reject = Reject,
);
previewed!(BankChangeRecord, BankChangeCommand, SupplierBankChangeViewerCan, |r| (
    r.id, r.version
));

impl From<BankChangeRecord> for SupplierBankChange {
    fn from(r: BankChangeRecord) -> Self {
        Self {
            viewer_can: Related(CanKey(Arc::new(r.clone()))),
            id: ID(SupplierBankChangeId(r.id).to_string()),
            supplier_id: ID(SupplierId(r.supplier).to_string()),
            supplier: Related(SupplierId(r.supplier)),
            status: r.status.into(),
            account_mask: r.mask,
            verified_by: r.verified_by,
            reason: r.reason,
            proposer_id: ID(MemberId(r.proposer).to_string()),
            proposer: Related(MemberId(r.proposer)),
            decider_id: r.decider.map(|d| ID(MemberId(d).to_string())),
            decider: MaybeRelated(r.decider.map(MemberId)),
            version: r.version,
            created_at: DateTime(r.created_at),
            updated_at: DateTime(r.updated_at),
        }
    }
}

impl Loader<SupplierBankChangeId> for Batch {
    type Value = SupplierBankChange;
    type Error = LoadError;
    async fn load(
        &self,
        keys: &[SupplierBankChangeId],
    ) -> Result<HashMap<SupplierBankChangeId, SupplierBankChange>, LoadError> {
        let ids: Vec<Uuid> = keys.iter().map(|k| k.0).collect();
        let found = queries::bank_changes(&self.session.db, &self.session.op, &ids).await?;
        Ok(found
            .into_iter()
            .map(|r| (SupplierBankChangeId(r.id), r.into()))
            .collect())
    }
}

/// Asks for the changes of a supplier's bank details.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct BankChangesKey(pub Uuid);

impl Loader<BankChangesKey> for Batch {
    type Value = Vec<SupplierBankChange>;
    type Error = LoadError;
    async fn load(&self, keys: &[BankChangesKey]) -> Result<HashMap<BankChangesKey, Self::Value>, LoadError> {
        let ids: Vec<Uuid> = keys.iter().map(|k| k.0).collect();
        let found = queries::bank_changes(&self.session.db, &self.session.op, &ids).await?;
        let mut out: HashMap<_, Vec<_>> = HashMap::new();
        for change in found {
            out.entry(BankChangesKey(change.supplier))
                .or_default()
                .push(change.into());
        }
        Ok(out)
    }
}

payload!(
    /// A change of bank details after a mutation.
    SupplierBankChangePayload, supplier_bank_change: SupplierBankChange, SupplierBankChangeId
);
reason_input!(SupplierBankChangeId;
    /// Which change of bank details to refuse, and why.
    SupplierBankChangeRejectInput,
);

/// New bank details of a supplier. They are sealed at once and never shown again.
#[derive(InputObject)]
pub struct SupplierBankChangeProposeInput {
    /// The supplier.
    supplier_id: Id<SupplierId>,
    /// Whose account it is.
    account_holder: String,
    /// The bank's country.
    country_code: CountryCode,
    /// IBAN (ISO 13616), or the number of the account where there is none.
    account: String,
    /// BIC (ISO 9362), or the bank's routing number.
    bank: Option<String>,
}

/// Which change of bank details was checked, and how.
#[derive(InputObject)]
pub struct SupplierBankChangeVerifyInput {
    /// The change.
    id: Id<SupplierBankChangeId>,
    /// The second route by which the details were checked: a call to the number of the contract, say.
    verified_by: String,
    /// The version that you have read; a stale one is refused with `CONFLICT`.
    expected_version: Option<i32>,
}

/// Mutations of bank details.
#[derive(Default)]
pub struct SupplierBankMutation;

#[Object]
impl SupplierBankMutation {
    /// Proposes bank details. They are sealed at once; another person verifies them by a second route.
    async fn supplier_bank_change_propose(
        &self,
        ctx: &Context<'_>,
        input: SupplierBankChangeProposeInput,
    ) -> Result<SupplierBankChangePayload> {
        let s = session(ctx)?;
        let keys = ctx.data_opt::<MasterKeys>().map(MasterKeys::ring);
        let ring = keys.and_then(|ring| {
            ring.inspect_err(|error| tracing::error!(%error, "nothing can be sealed"))
                .ok()
        });
        let ring = ring.ok_or_else(|| coded("UNAVAILABLE", "This deployment has no data key for bank details."))?;
        let supplier = input.supplier_id.0;
        let details = bank::BankDetails {
            account_holder: input.account_holder,
            country: input.country_code.into(),
            account: input.account,
            bank: input.bank,
        };
        Ok(perform!(s, bank::propose(&s.db, &s.op, &ring, supplier, &details)).into())
    }

    /// Puts bank details in force that were checked by a second route. Whoever entered them cannot.
    async fn supplier_bank_change_verify(
        &self,
        ctx: &Context<'_>,
        input: SupplierBankChangeVerifyInput,
    ) -> Result<SupplierBankChangePayload> {
        let (s, id, version) = (session(ctx)?, input.id.0, input.expected_version);
        Ok(about(
            id,
            perform!(s, bank::verify(&s.db, &s.op, id, &input.verified_by, version)),
        )
        .into())
    }

    /// Refuses bank details; what was in force stays.
    async fn supplier_bank_change_reject(
        &self,
        ctx: &Context<'_>,
        input: SupplierBankChangeRejectInput,
    ) -> Result<SupplierBankChangePayload> {
        let (s, id, version) = (session(ctx)?, input.id.0, input.expected_version);
        Ok(about(id, perform!(s, bank::reject(&s.db, &s.op, id, &input.reason, version))).into())
    }
}
