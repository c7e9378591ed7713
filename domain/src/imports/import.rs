//! Import a file: the story from its first line to its last.

use super::chunk::{self, Reading};
use super::columns::Columns;
use super::job::{ImportKind, InvalidGtin};
use super::lines::{Arrived, Lines, Record};
use super::row::Row;
use super::{MOST_LINES, abandoned, fail, finish, start};
use futures::Stream;
use quartermaster_tenants::error::Code;
use quartermaster_tenants::op::IdempotencyKey;
use quartermaster_tenants::{Error, Op, Outcome, Refusal, Result, TenantTx, Tenants};
use sha2::{Digest, Sha256};
use std::sync::Arc;
use uuid::Uuid;

/// Lines of one transaction, and the text that they may have together.
const CHUNK: usize = 1_000;
const CHUNK_BYTES: usize = 1024 * 1024;

/// What is uploaded, besides the file.
#[derive(Debug, Clone)]
pub struct Upload {
    /// What the file holds.
    pub kind: ImportKind,
    /// What people call it; they read it when they approve.
    pub name: String,
    /// Check everything, change nothing.
    pub dry_run: bool,
    /// What becomes of a GTIN that is none.
    pub on_invalid_gtin: InvalidGtin,
}

/// How an import ended.
#[derive(Debug)]
pub struct Import {
    /// It; none when nothing of the file was read.
    pub job: Option<Uuid>,
    /// Why it failed, if it did.
    pub error: Option<Error>,
}

/// Reads a file as it arrives and imports it. An empty piece of `file` says that nothing has arrived for a while; at least every
/// few seconds something must arrive, or the import counts as abandoned.
///
/// The fingerprint of the idempotency key covers the request without the file; the file's digest is added here, at its end.
pub async fn import<B: AsRef<[u8]>>(
    db: &Tenants,
    op: &Op,
    upload: &Upload,
    file: impl Stream<Item = Result<B>> + Unpin,
) -> Import {
    let plain = Op {
        idempotency: None,
        ..op.clone()
    };
    let mut reading = None;
    let end = read(db, op, &plain, upload, &mut Lines::of(file), &mut reading).await;
    let job = reading.as_ref().map(|r| r.job.id);
    match end {
        Ok(outcome) => Import {
            job: outcome.document,
            error: None,
        },
        Err(error) => {
            if let Some(job) = job
                && let Err(worse) = fail::fail(db, &plain, job, &sentence(&error), None).await
            {
                // It counts as failed once it has been silent for long enough.
                tracing::warn!(%worse, import = %job, "a failed import could not be marked");
            }
            match error {
                Error::Repeated(outcome) => Import {
                    job: outcome.document,
                    error: None,
                },
                error => Import {
                    job,
                    error: Some(error),
                },
            }
        }
    }
}

async fn read<S, B>(
    db: &Tenants,
    op: &Op,
    plain: &Op,
    upload: &Upload,
    lines: &mut Lines<S>,
    reading: &mut Option<Reading>,
) -> Result<Outcome>
where
    S: Stream<Item = Result<B>> + Unpin,
    B: AsRef<[u8]>,
{
    if is_known(db, op).await? {
        lines.drain().await?;
        return repeat(db, &with_file(op, &lines.digest())).await;
    }
    let header = first(lines).await?;
    let columns = Arc::new(Columns::read(upload.kind, &header)?);
    let reading = reading.insert(start::start(db, plain, upload, columns.header()).await?);
    let mut rows: Vec<Row> = Vec::with_capacity(CHUNK);
    let mut bytes = 0;
    loop {
        let arrived = lines.next().await?;
        let (full, ended) = match arrived {
            Arrived::Record(record) => {
                if reading.job.begins.is_empty() {
                    reading.job.begins = beginning(&header, &record);
                    abandoned::end(db, plain, &reading.job).await?;
                }
                bytes += record.fields.iter().map(String::len).sum::<usize>();
                rows.push(Row::of(&columns, record));
                (rows.len() == CHUNK || bytes >= CHUNK_BYTES, false)
            }
            Arrived::Silence => (true, false),
            Arrived::End => (!rows.is_empty(), true),
        };
        if full {
            let count = usize::try_from(reading.job.counts.lines).unwrap_or_default() + rows.len();
            if count > MOST_LINES as usize {
                let message = format!("A file has at most {MOST_LINES} lines: import it in parts.");
                return Err(Refusal::new(Code::TooLarge, &[], message).into());
            }
            reading.job.digest = lines.digest();
            chunk::take(db, plain, reading, &mut rows).await?;
            rows.clear();
            bytes = 0;
        }
        if ended {
            reading.job.digest = lines.digest();
            return finish::finish(db, &with_file(op, &reading.job.digest), reading).await;
        }
    }
}

async fn first<S, B>(lines: &mut Lines<S>) -> Result<Record>
where
    S: Stream<Item = Result<B>> + Unpin,
    B: AsRef<[u8]>,
{
    loop {
        match lines.next().await? {
            Arrived::Record(record) => return Ok(record),
            Arrived::Silence => {}
            Arrived::End => {
                let message = "The file is empty: its first line names its columns.";
                return Err(Refusal::new(Code::Required, &["header"], message).into());
            }
        }
    }
}

/// By what a file is known when it is sent again: its first two lines.
fn beginning(header: &Record, first: &Record) -> Vec<u8> {
    let mut hash = Sha256::new();
    for field in header.fields.iter().chain(&first.fields) {
        hash.update(field.len().to_be_bytes());
        hash.update(field);
    }
    hash.finalize().to_vec()
}

/// The same request with the file's digest in the fingerprint of its key.
fn with_file(op: &Op, digest: &[u8]) -> Op {
    let keyed = |k: &IdempotencyKey| IdempotencyKey {
        key: k.key.clone(),
        fingerprint: Sha256::new()
            .chain_update(k.fingerprint)
            .chain_update(digest)
            .finalize()
            .into(),
    };
    Op {
        idempotency: op.idempotency.as_ref().map(keyed),
        ..op.clone()
    }
}

/// Has the request's key an answer already? Without the whole file nobody can say whether it is this request's: a fingerprint that no
/// request has is refused by every key that is in use.
async fn is_known(db: &Tenants, op: &Op) -> Result<bool> {
    let Some(key) = &op.idempotency else { return Ok(false) };
    let asking = Op {
        idempotency: Some(IdempotencyKey {
            key: key.key.clone(),
            fingerprint: [0; 32],
        }),
        ..op.clone()
    };
    let mut tx = TenantTx::begin(db, &asking).await?;
    match tx.clock().await {
        Ok(_) => Ok(false),
        Err(Error::KeyReused) => Ok(true),
        Err(other) => Err(other),
    }
}

/// The answer that a key has: [`Error::Repeated`], or [`Error::KeyReused`] for another request.
async fn repeat(db: &Tenants, op: &Op) -> Result<Outcome> {
    TenantTx::begin(db, op).await?.clock().await?;
    Err(Error::internal(
        "an idempotency key was forgotten while it was asked for",
    ))
}

fn sentence(error: &Error) -> String {
    match error {
        Error::Refused(refusals) => refusals
            .iter()
            .map(|r| r.message.as_str())
            .collect::<Vec<_>>()
            .join(" "),
        Error::Repeated(_) => "The same upload ended at the same time.".to_owned(),
        Error::Unavailable(_) => "The upload broke off.".to_owned(),
        Error::Contended(_) => "Others changed the same records at the same time.".to_owned(),
        Error::Inactive => "The account or the tenant is not active any more.".to_owned(),
        Error::TooOften => "Too much was asked in too short a time.".to_owned(),
        Error::KeyReused | Error::Internal(_) => "Something went wrong on our side.".to_owned(),
    }
}
