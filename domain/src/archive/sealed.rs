//! What the master keys of a deployment sealed: opened with the one's, on its way under the transfer key, sealed again with the other's.

use super::catalogue::Table;
use super::error::{Refused, Result};
use super::file::{Filling, Writer};
use super::key::TransferKey;
use super::manifest::{Folder, Section};
use crate::sealing::Ring;
use crate::shared::seal::Place;
use futures::TryStreamExt;
use quartermaster_tenants::Error;
use quartermaster_tenants::id::TenantId;
use std::pin::pin;
use tokio_postgres::Client;
use tokio_postgres::types::ToSql;
use uuid::Uuid;

/// A table with sealed fields, and what they are bound to.
struct Sealing {
    table: &'static str,
    /// The column that is sealed.
    sealed: &'static str,
    /// The column that says with which key. A key of the tenant's own has a UUID: what it sealed travels as it is, and only
    /// that key itself is sealed anew.
    key: &'static str,
    /// The column of the document that the field is bound to.
    document: &'static str,
    field: &'static str,
}

static SEALED: [Sealing; 3] = [
    Sealing {
        table: "supplier_bank",
        sealed: "sealed",
        key: "key_id",
        document: "id",
        field: "bank",
    },
    Sealing {
        table: "supplier_bank_change",
        sealed: "sealed",
        key: "key_id",
        document: "supplier_id",
        field: "bank",
    },
    Sealing {
        table: "tenant_key",
        sealed: "wrapped",
        key: "master_key_id",
        document: "id",
        field: "tenant-key",
    },
];
const COLUMNS: [&str; 3] = ["id", "document", "sealed"];
/// Rows of one statement.
const AT_ONCE: usize = 1_000;

/// What stands in a table's file for a sealed column.
pub(super) fn left_out(table: &str, column: &str) -> Option<String> {
    let of = SEALED.iter().find(|s| s.table == table)?;
    let nothing = match column {
        c if c == of.sealed => "'\\x'::bytea",
        c if c == of.key => "''",
        _ => return None,
    };
    Some(format!(
        "CASE WHEN {} THEN {nothing} ELSE t.{column} END",
        of.is_the_deployments()
    ))
}

impl Sealing {
    fn is_the_deployments(&self) -> String {
        format!("length(t.{}) <> 36 AND t.{} IS NOT NULL", self.key, self.sealed)
    }
}

/// Refuses a schema with sealed columns that nobody has thought of here.
pub(super) fn all_known(tables: &[Table]) -> Result<()> {
    let seals = |t: &&Table| {
        t.columns
            .iter()
            .any(|c| ["sealed", "key_id", "wrapped"].contains(&c.as_str()))
    };
    match tables
        .iter()
        .filter(seals)
        .find(|t| !SEALED.iter().any(|s| s.table == t.name))
    {
        Some(table) => Err(Refused::UnknownSealed(table.name.clone()).into()),
        None => Ok(()),
    }
}

/// Opens every sealed field of the tenant and writes it under the transfer key.
pub(super) async fn export(
    owner: &Client,
    tables: &[Table],
    tenant: TenantId,
    keys: &Ring,
    transfer: &TransferKey,
    writer: &mut Writer,
) -> Result<Vec<Section>> {
    let mut out = Vec::new();
    for of in SEALED.iter().filter(|s| tables.iter().any(|t| t.name == s.table)) {
        let section = Section {
            folder: Folder::Sealed,
            table: of.table.to_owned(),
            columns: COLUMNS.map(str::to_owned).to_vec(),
            rows: 0,
            parts: Vec::new(),
        };
        let mut filling = Filling::new(writer, section);
        let sql = format!(
            "SELECT t.id, t.{} AS document, t.{} AS key_id, t.{} AS sealed FROM qm.{} t WHERE t.tenant_id = $1 AND {} ORDER BY t.id",
            of.document,
            of.key,
            of.sealed,
            of.table,
            of.is_the_deployments()
        );
        let mut rows = pin!(owner.query_raw(&sql, [&tenant.0]).await?);
        while let Some(row) = rows.try_next().await? {
            let (id, document): (Uuid, Uuid) = (row.try_get("id")?, row.try_get("document")?);
            let (with, sealed): (String, Vec<u8>) = (row.try_get("key_id")?, row.try_get("sealed")?);
            let place = Place {
                tenant: tenant.0,
                document,
                field: of.field,
            };
            let opened = keys.find(&with).and_then(|key| key.open(place, &sealed).ok());
            let text = opened.ok_or_else(|| Refused::NotOpened {
                table: format!("qm.{}", of.table),
                id,
                key: with,
            })?;
            let sealed = transfer.sealing().seal(place, &text).map_err(Error::internal)?;
            filling.row(format!("{id},{document},{}\n", hex::encode(sealed)).as_bytes())?;
        }
        out.push(filling.end()?);
    }
    Ok(out)
}

/// Seals the fields of a table that was imported with this deployment's key, as their lines arrive.
pub(super) struct Resealing<'a> {
    tenant: TenantId,
    keys: &'a Ring,
    transfer: &'a TransferKey,
    of: &'static Sealing,
    ids: Vec<Uuid>,
    sealed: Vec<Vec<u8>>,
    line: Vec<u8>,
    pub rows: u64,
}

impl<'a> Resealing<'a> {
    pub fn new(tenant: TenantId, keys: &'a Ring, transfer: &'a TransferKey, table: &str) -> Result<Self> {
        let known = SEALED.iter().find(|s| s.table == table);
        let known = known.ok_or_else(|| Refused::UnknownSealed(table.to_owned()))?;
        Ok(Self {
            tenant,
            keys,
            transfer,
            of: known,
            ids: Vec::new(),
            sealed: Vec::new(),
            line: Vec::new(),
            rows: 0,
        })
    }

    /// Some bytes more of its file.
    pub async fn take(&mut self, owner: &Client, block: &[u8]) -> Result<()> {
        for byte in block {
            if *byte == b'\n' {
                let line = std::mem::take(&mut self.line);
                self.one(&line)?;
            } else {
                self.line.push(*byte);
            }
        }
        if self.ids.len() >= AT_ONCE {
            self.write(owner).await
        } else {
            Ok(())
        }
    }

    fn one(&mut self, line: &[u8]) -> Result<()> {
        let text = std::str::from_utf8(line).unwrap_or_default();
        let mut fields = text.split(',');
        let mut next = || fields.next().unwrap_or_default();
        let (id, document, sealed) = (Uuid::parse_str(next()), Uuid::parse_str(next()), hex::decode(next()));
        let (Ok(id), Ok(document), Ok(sealed)) = (id, document, sealed) else {
            return Err(Refused::Changed(format!("sealed/{}", self.of.table)).into());
        };
        let place = Place {
            tenant: self.tenant.0,
            document,
            field: self.of.field,
        };
        let text = self
            .transfer
            .sealing()
            .open(place, &sealed)
            .map_err(|_| Refused::NotOpened {
                table: format!("qm.{}", self.of.table),
                id,
                key: "transfer".to_owned(),
            })?;
        self.ids.push(id);
        let sealed = self.keys.current().seal(place, &text);
        self.sealed.push(sealed.map_err(Error::internal)?);
        Ok(())
    }

    /// Writes what has arrived.
    pub async fn write(&mut self, owner: &Client) -> Result<()> {
        let (ids, sealed) = (std::mem::take(&mut self.ids), std::mem::take(&mut self.sealed));
        let Sealing {
            table,
            sealed: column,
            key,
            ..
        } = self.of;
        let sql = format!(
            "UPDATE qm.{table} t SET {column} = u.sealed, {key} = $4 FROM unnest($2::uuid[], $3::bytea[]) u (id, sealed) \
             WHERE t.tenant_id = $1 AND t.id = u.id AND t.{key} = ''"
        );
        let id = self.keys.current().id();
        let params: [&(dyn ToSql + Sync); 4] = [&self.tenant.0, &ids, &sealed, &id];
        self.rows += owner.execute(&sql, &params).await?;
        Ok(())
    }
}
