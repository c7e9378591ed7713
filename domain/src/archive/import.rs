//! A file becomes a tenant: in one transaction, so that whatever ends it leaves nothing.

use super::catalogue::{self, Table, list, quoted};
use super::directory;
use super::error::{ArchiveError, Refused, Result};
use super::evidence::proven;
use super::file::{Reader, Reading, verified};
use super::key::TransferKey;
use super::manifest::{Folder, Manifest, Section};
use super::sealed::{self, Resealing};
use crate::sealing::Ring;
use bytes::Bytes;
use futures::SinkExt;
use quartermaster_tenants::act::lock::policy_key;
use quartermaster_tenants::console::connect;
use quartermaster_tenants::id::TenantId;
use serde_json::json;
use std::path::Path;
use std::pin::Pin;
use tokio_postgres::{Client, CopyInSink};

const ALONE: &str = "SELECT pg_advisory_xact_lock($1)";
const HERE: &str = "SELECT 1 AS one FROM qm.tenant WHERE id = $1";

/// Reads the whole file against its signed list, and only then imports it, below the partner with this code or id. The tenant is
/// what it was: suspended if it was suspended.
///
/// # Errors
/// Refusals, whatever the database or the file said; nothing is changed then.
pub async fn import(
    owner_url: &str,
    file: &Path,
    under: &str,
    keys: &Ring,
    transfer: &TransferKey,
) -> Result<Manifest, ArchiveError> {
    let manifest = verified(file, transfer)?;
    let tenant = TenantId(manifest.tenant.id);
    let owner = connect(owner_url).await?;
    owner.batch_execute("BEGIN").await?;
    owner.query(ALONE, &[&policy_key(tenant)]).await?;
    let tables = catalogue::tables(&owner).await?;
    sealed::all_known(&tables)?;
    fits(&owner, &manifest, &tables).await?;
    let partner = directory::partner(&owner, under).await?;
    if owner.query_opt(HERE, &[&tenant.0]).await?.is_some() {
        return Err(Refused::TenantHere.into());
    }

    directory::expect(&owner).await?;
    let mut reader = Reader::open(file)?;
    let mut parts = reader.parts()?;
    let mut settled = false;
    for section in &manifest.sections {
        if section.folder != Folder::Directory && !settled {
            directory::settle(&owner, partner).await?;
            settled = true;
        }
        let mut filling = Filling::begin(&owner, section, (tenant, keys, transfer)).await?;
        for expected in &section.parts {
            let missing = || Refused::Changed(expected.file.clone());
            let mut reading = parts.next().ok_or_else(missing)??;
            filling.take(&owner, &mut reading).await?;
            if reading.end() != *expected {
                return Err(missing().into());
            }
        }
        filling.end(&owner).await?;
    }
    for section in manifest.sections.iter().filter(|s| s.folder == Folder::Tables) {
        all_there(&owner, section, tenant).await?;
    }
    if proven(&owner, tenant).await? != manifest.evidence {
        return Err(Refused::OtherHistory.into());
    }
    let data = json!({ "takenAt": manifest.taken_at, "from": manifest.partner.code, "heads": manifest.evidence.heads });
    directory::record(&owner, partner, tenant, "tenant-imported", &data).await?;
    owner.batch_execute("COMMIT").await?;
    analyzed(&owner, &tables).await;
    Ok(manifest)
}

/// The same schema on both sides: the same steps, and so the same tables with the same columns.
async fn fits(owner: &Client, manifest: &Manifest, tables: &[Table]) -> Result<()> {
    let ours = catalogue::steps(owner).await?;
    if ours != manifest.steps {
        return Err(Refused::OtherSchema {
            theirs: manifest.steps.len(),
            last: manifest.steps.last().cloned().unwrap_or_default(),
            ours: ours.len(),
        }
        .into());
    }
    let here: Vec<_> = tables
        .iter()
        .filter(|t| t.has_tenant)
        .map(|t| (&t.name, &t.columns))
        .collect();
    let in_the_file = manifest.sections.iter().filter(|s| s.folder == Folder::Tables);
    let in_the_file: Vec<_> = in_the_file.map(|s| (&s.table, &s.columns)).collect();
    if here != in_the_file {
        return Err(Refused::NotWhole("its tables are not this schema's".to_owned()).into());
    }
    Ok(())
}

/// A table that is being filled.
enum Filling<'a> {
    Rows {
        section: &'a Section,
        sink: Pin<Box<CopyInSink<Bytes>>>,
    },
    Sealed {
        section: &'a Section,
        sealing: Resealing<'a>,
    },
}

impl<'a> Filling<'a> {
    async fn begin(
        owner: &Client,
        section: &'a Section,
        (tenant, keys, transfer): (TenantId, &'a Ring, &'a TransferKey),
    ) -> Result<Self> {
        let into = match section.folder {
            Folder::Sealed => {
                let sealing = Resealing::new(tenant, keys, transfer, &section.table)?;
                return Ok(Self::Sealed { section, sealing });
            }
            Folder::Directory => directory::incoming(&section.table),
            Folder::Tables => format!("qm.{}", quoted(&section.table)),
        };
        let columns = list(&section.columns);
        let sink = owner
            .copy_in(&format!("COPY {into} ({columns}) FROM STDIN WITH (FORMAT csv)"))
            .await?;
        Ok(Self::Rows {
            section,
            sink: Box::pin(sink),
        })
    }

    /// All of a file, without its line of names.
    async fn take(&mut self, owner: &Client, reading: &mut Reading<'_>) -> Result<()> {
        let section = match self {
            Self::Rows { section, .. } | Self::Sealed { section, .. } => *section,
        };
        let mut block = reading.block()?;
        let header = section.header();
        if !block.starts_with(header.as_bytes()) {
            return Err(Refused::Changed(reading.file.clone()).into());
        }
        block.drain(..header.len());
        loop {
            match self {
                Self::Rows { sink, .. } => sink.send(Bytes::from(block)).await?,
                Self::Sealed { sealing, .. } => sealing.take(owner, &block).await?,
            }
            block = reading.block()?;
            if block.is_empty() {
                return Ok(());
            }
        }
    }

    async fn end(self, owner: &Client) -> Result<()> {
        let (section, found) = match self {
            Self::Rows { section, mut sink } => (section, sink.as_mut().finish().await?),
            Self::Sealed { section, mut sealing } => {
                sealing.write(owner).await?;
                (section, sealing.rows)
            }
        };
        counted(section, found)
    }
}

/// That all rows arrived, and none of them in another tenant.
async fn all_there(owner: &Client, section: &Section, tenant: TenantId) -> Result<()> {
    let sql = format!(
        "SELECT count(*) FROM qm.{} WHERE tenant_id = $1",
        quoted(&section.table)
    );
    let found: i64 = owner.query_one(&sql, &[&tenant.0]).await?.try_get(0)?;
    counted(section, found.unsigned_abs())
}

fn counted(section: &Section, found: u64) -> Result<()> {
    if found == section.rows {
        return Ok(());
    }
    Err(Refused::RowsDiffer {
        table: section.table.clone(),
        expected: section.rows,
        found,
    }
    .into())
}

/// So that the first to work there is not slow. The tenant is there by now: that this does not go through is no failure of it.
async fn analyzed(owner: &Client, tables: &[Table]) {
    let names: Vec<String> = tables.iter().map(|t| format!("qm.{}", quoted(&t.name))).collect();
    if let Err(error) = owner.batch_execute(&format!("ANALYZE {}", names.join(", "))).await {
        tracing::warn!(%error, "the tables were not analysed");
    }
}
