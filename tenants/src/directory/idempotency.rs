//! The idempotency keys of a partner's people.
//!
//! What a mutation does inside a tenant is committed there, with its outcome under the same key ([`crate::tx`]). Here, in the
//! directory, lies what the key was used for over all tenants of the partner, and the outcome of what the directory alone keeps. A
//! mutation that was killed between the two commits is found by its repeat inside the tenant.

use super::{Directory, DirectoryTx, PartnerOp};
use crate::error::{Detail, Error, Result};
use crate::op::IdempotencyKey;
use crate::tx::{Attempts, End, Outcome};
use sea_orm::QueryResult;
use serde_json::json;
use std::time::Duration;

/// Between two looks for the end of the request that has the key now: from this on, each time twice as long.
const FIRST_PAUSE: Duration = Duration::from_millis(10);
const LONGEST_PAUSE: Duration = Duration::from_secs(2);

const LOCK: &str = "SELECT pg_try_advisory_xact_lock(hashtextextended($1, 0)) AS free";
const FOUND: &str = "SELECT i.fingerprint, i.outcome FROM qm.partner_idempotency i WHERE i.partner_id = $1 AND i.person_id = $2 AND i.key = $3";
const KEEP: &str = "INSERT INTO qm.partner_idempotency AS i (partner_id, person_id, key, fingerprint, outcome, at) VALUES ($1, $2, $3, $4, $5, $6) \
    ON CONFLICT (partner_id, person_id, key) DO UPDATE SET outcome = coalesce(i.outcome, excluded.outcome) RETURNING i.fingerprint, i.outcome";

impl PartnerOp {
    /// A transaction of this partner in which the request's key is this request's alone. One that waits for another with the
    /// same key does so without a connection: the other may need a second one to end.
    pub(super) async fn begin_keyed(&self, directory: &Directory) -> Result<DirectoryTx> {
        let mut pause = FIRST_PAUSE;
        loop {
            let tx = DirectoryTx::begin(directory, self.partner, self.clock_offset).await?;
            let Some(key) = &self.idempotency else { return Ok(tx) };
            let free = tx.lock_key(self, key).await?;
            if let Some(outcome) = tx.answer(self, key).await? {
                return Err(Error::Repeated(outcome));
            }
            if free {
                return Ok(tx);
            }
            drop(tx);
            if pause > LONGEST_PAUSE {
                return Err(Error::Contended("idempotency key".to_owned()));
            }
            tokio::time::sleep(pause).await;
            pause *= 2;
        }
    }

    /// Keeps the outcome of a mutation whose own transactions have ended: one that was refused, or one of several transactions.
    ///
    /// # Errors
    /// [`Error::KeyReused`]; what the database said.
    pub(crate) async fn remember(&self, directory: &Directory, outcome: Outcome) -> Result<Outcome> {
        if self.idempotency.is_none() {
            return Ok(outcome);
        }
        let tx = DirectoryTx::begin(directory, self.partner, self.clock_offset).await?;
        let kept = tx.keep(self, Some(&outcome)).await?;
        tx.commit().await?;
        Ok(kept.unwrap_or(outcome))
    }

    /// A refusal changes nothing, but the key keeps its answer, and a refusal for segregation of duties is audited.
    async fn remember_refused(&self, directory: &Directory, outcome: Outcome) -> Result<Outcome> {
        let duties = outcome.refusals.iter().find_map(|r| match &r.detail {
            Detail::Duties(d) => Some(d),
            _ => None,
        });
        if let Some(refusal) = duties {
            let tx = DirectoryTx::begin(directory, self.partner, self.clock_offset).await?;
            let data = json!({ "rule": refusal.rule, "duty": refusal.duty, "documentKind": refusal.subject.kind });
            tx.record(self, "segregation-of-duties-refused", None, data).await?;
            tx.commit().await?;
        }
        self.remember(directory, outcome).await
    }

    /// What an attempt at a mutation of this partner came to: `None` to try again, else its end.
    pub async fn settle<T: From<Outcome>>(
        &self,
        attempts: &mut Attempts,
        directory: &Directory,
        result: Result<T>,
    ) -> Option<Result<T>> {
        match attempts.end(result)? {
            End::Known(result) => Some(result),
            End::Refused(refused) => Some(self.remember_refused(directory, refused).await.map(Into::into)),
        }
    }
}

impl DirectoryTx {
    /// Ends a mutation: its key keeps the outcome, in this transaction.
    ///
    /// # Errors
    /// What the database said; nothing is changed in the directory then.
    pub(crate) async fn finish(self, by: &PartnerOp, outcome: Outcome) -> Result<Outcome> {
        self.keep(by, Some(&outcome)).await?;
        self.commit().await?;
        Ok(outcome)
    }

    /// Ends the first of several transactions of a mutation: the key is taken, its outcome comes with [`PartnerOp::remember`].
    ///
    /// # Errors
    /// What the database said; nothing is changed in the directory then.
    pub(crate) async fn finish_first(self, by: &PartnerOp) -> Result<()> {
        self.keep(by, None).await?;
        self.commit().await
    }

    async fn lock_key(&self, by: &PartnerOp, key: &IdempotencyKey) -> Result<bool> {
        let name = format!("key {} {} {}", by.partner, by.person, key.key);
        let rows = self.rows(LOCK, vec![name.into()]).await?;
        Ok(rows.first().is_some_and(|r| r.try_get("", "free").unwrap_or(false)))
    }

    async fn answer(&self, by: &PartnerOp, key: &IdempotencyKey) -> Result<Option<Outcome>> {
        let values = vec![by.partner.0.into(), by.person.into(), key.key.clone().into()];
        match self.rows(FOUND, values).await?.first() {
            Some(row) => read(row, key),
            None => Ok(None),
        }
    }

    /// The outcome that the key keeps: this one, unless there was one before.
    async fn keep(&self, by: &PartnerOp, outcome: Option<&Outcome>) -> Result<Option<Outcome>> {
        let Some(key) = &by.idempotency else { return Ok(None) };
        let outcome = outcome.map(serde_json::to_value).transpose().map_err(Error::internal)?;
        let values = vec![
            by.partner.0.into(),
            by.person.into(),
            key.key.clone().into(),
            key.fingerprint.to_vec().into(),
            outcome.into(),
            self.now().into(),
        ];
        let rows = self.rows(KEEP, values).await?;
        let row = rows.first().ok_or_else(|| Error::internal("the key was not kept"))?;
        read(row, key)
    }
}

fn read(row: &QueryResult, key: &IdempotencyKey) -> Result<Option<Outcome>> {
    if row.try_get::<Vec<u8>>("", "fingerprint")? != key.fingerprint {
        return Err(Error::KeyReused);
    }
    let outcome: Option<serde_json::Value> = row.try_get("", "outcome")?;
    outcome.map(serde_json::from_value).transpose().map_err(Error::internal)
}
