//! A tenant becomes a file.

use super::catalogue::{self, Table, list, quoted};
use super::directory::{self, TRAVELS};
use super::error::{ArchiveError, Refused, Result};
use super::evidence::proven;
use super::file::{Filling, Writer};
use super::key::TransferKey;
use super::manifest::{FORMAT, Folder, Manifest, Section, VERSION, Whose};
use super::sealed;
use crate::sealing::Ring;
use chrono::{DateTime, Utc};
use futures::TryStreamExt;
use quartermaster_tenants::act::lock::policy_key;
use quartermaster_tenants::console::connect;
use quartermaster_tenants::id::TenantId;
use quartermaster_tenants::wire::time;
use serde_json::json;
use std::path::Path;
use std::pin::pin;
use tokio_postgres::Client;

/// What is exported, and how.
pub struct Exporting<'a> {
    /// The tenant.
    pub tenant: TenantId,
    /// The file that it becomes.
    pub file: &'a Path,
    /// A copy of this moment, of a tenant in which people work on.
    pub while_active: bool,
    /// The deployment's keys, which open its sealed fields.
    pub keys: &'a Ring,
    /// The key of both deployments.
    pub transfer: &'a TransferKey,
}

const WAIT_FOR_ACTS: &str = "SELECT pg_advisory_lock($1)";
const LET_ACTS: &str = "SELECT pg_advisory_unlock($1)";
const ONE_MOMENT: &str = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY";
const TENANT: &str = "SELECT t.id, t.code, t.name, t.status, p.id AS partner_id, p.code AS partner_code, p.name AS partner_name \
    FROM qm.tenant t JOIN qm.partner p ON p.id = t.partner_id WHERE t.id = $1";

/// Writes all of the tenant as it is at one moment. Of a suspended tenant nothing is lost: acts that were under way when it was
/// suspended are waited for, and none begins any more.
///
/// # Errors
/// Refusals, whatever the database or the file said; there is no file then.
pub async fn export(owner_url: &str, asked: &Exporting<'_>) -> Result<Manifest, ArchiveError> {
    let owner = connect(owner_url).await?;
    let acts = policy_key(asked.tenant);
    if !asked.while_active {
        owner.query(WAIT_FOR_ACTS, &[&acts]).await?;
    }
    owner.batch_execute(ONE_MOMENT).await?;
    let mut manifest = beginning(&owner, asked).await?;
    if !asked.while_active {
        owner.query(LET_ACTS, &[&acts]).await?;
    }
    let tables = catalogue::tables(&owner).await?;
    sealed::all_known(&tables)?;
    manifest.evidence = proven(&owner, asked.tenant).await?;

    let mut writer = Writer::create(asked.file, manifest.taken_at.timestamp().unsigned_abs())?;
    for (name, rows) in TRAVELS {
        if let Some(table) = tables.iter().find(|t| t.name == name) {
            let rows = directory::condition(rows, asked.tenant);
            let section = copied(&owner, &mut writer, Folder::Directory, table, &rows, manifest.taken_at).await?;
            manifest.sections.push(section);
        }
    }
    let rows = directory::condition("t.tenant_id = {tenant}", asked.tenant);
    for table in tables.iter().filter(|t| t.has_tenant) {
        let section = copied(&owner, &mut writer, Folder::Tables, table, &rows, manifest.taken_at).await?;
        manifest.sections.push(section);
    }
    let sealed = sealed::export(&owner, &tables, asked.tenant, asked.keys, asked.transfer, &mut writer).await?;
    manifest.sections.extend(sealed);
    owner.batch_execute("COMMIT").await?;

    let data = json!({ "takenAt": manifest.taken_at, "status": manifest.status, "heads": manifest.evidence.heads });
    directory::record(&owner, manifest.partner.id, asked.tenant, "tenant-exported", &data).await?;
    writer.finish(&manifest, asked.transfer)?;
    Ok(manifest)
}

/// Whose it is, and whether it may be exported as it stands.
async fn beginning(owner: &Client, asked: &Exporting<'_>) -> Result<Manifest> {
    let row = owner.query_opt(TENANT, &[&asked.tenant.0]).await?;
    let row = row.ok_or(Refused::NoTenant)?;
    let status: String = row.try_get("status")?;
    match status.as_str() {
        "SUSPENDED" | "CLOSED" => {}
        "ACTIVE" if asked.while_active => {}
        "ACTIVE" => return Err(Refused::Active.into()),
        _ => return Err(Refused::Provisioning.into()),
    }
    Ok(Manifest {
        format: FORMAT.to_owned(),
        version: VERSION,
        program: env!("CARGO_PKG_VERSION").to_owned(),
        steps: catalogue::steps(owner).await?,
        taken_at: time(owner).await?,
        tenant: Whose {
            id: row.try_get("id")?,
            code: row.try_get("code")?,
            name: row.try_get("name")?,
        },
        partner: Whose {
            id: row.try_get("partner_id")?,
            code: row.try_get("partner_code")?,
            name: row.try_get("partner_name")?,
        },
        status,
        sections: Vec::new(),
        evidence: Default::default(),
    })
}

/// What stands in a file for a column that does not travel as it is.
fn instead(folder: Folder, table: &str, column: &str, taken_at: DateTime<Utc>) -> Option<String> {
    match (folder, table, column) {
        // An event is sent by the deployment in which it happened: by the time that it arrives elsewhere, it is none to be sent.
        (Folder::Tables, "event", "published_at") => Some(format!(
            "coalesce(t.published_at, '{}'::timestamptz)",
            taken_at.to_rfc3339()
        )),
        (Folder::Directory, ..) => directory::left_out(table, column).map(str::to_owned),
        _ => sealed::left_out(table, column),
    }
}

/// The rows of a table, in the order of its key, as the database writes them.
async fn copied(
    owner: &Client,
    writer: &mut Writer,
    folder: Folder,
    table: &Table,
    rows: &str,
    taken_at: DateTime<Utc>,
) -> Result<Section> {
    let column = |name: &String| match instead(folder, &table.name, name, taken_at) {
        Some(value) => format!("{value} AS {}", quoted(name)),
        None => format!("t.{}", quoted(name)),
    };
    let columns: Vec<String> = table.columns.iter().map(column).collect();
    let sql = format!(
        "COPY (SELECT {} FROM qm.{} t WHERE {rows} ORDER BY {}) TO STDOUT WITH (FORMAT csv)",
        columns.join(", "),
        quoted(&table.name),
        list(&table.key)
    );
    let section = Section {
        folder,
        table: table.name.clone(),
        columns: table.columns.clone(),
        rows: 0,
        parts: Vec::new(),
    };
    let mut filling = Filling::new(writer, section);
    // The protocol's CopyData from the server is one row each.
    let mut records = pin!(owner.copy_out(&sql).await?);
    while let Some(record) = records.try_next().await? {
        filling.row(&record)?;
    }
    filling.end()
}
