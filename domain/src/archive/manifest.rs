//! The list of an archive's parts: `manifest.json`, the last file but one. `manifest.hmac` behind it signs it.

use super::evidence::Evidence;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// What the first line of the list says.
pub(super) const FORMAT: &str = "quartermaster-tenant";
/// Rises when an archive means something else than before.
pub(super) const VERSION: u32 = 1;
pub(super) const LIST: &str = "manifest.json";
pub(super) const SIGNATURE: &str = "manifest.hmac";

/// What is in an archive.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Manifest {
    /// [`FORMAT`].
    pub format: String,
    /// [`VERSION`].
    pub version: u32,
    /// The version of the program that made it.
    pub program: String,
    /// The steps of the schema that it was made from: the same are needed to import it.
    pub steps: Vec<String>,
    /// The one moment that it shows.
    pub taken_at: DateTime<Utc>,
    /// Whose it is.
    pub tenant: Whose,
    /// Whom the tenant belonged to. Where it is imported somebody says anew whom it belongs to.
    pub partner: Whose,
    /// ACTIVE (a copy of a moment), SUSPENDED or CLOSED.
    pub status: String,
    /// The tables, in the order in which they can be filled.
    pub sections: Vec<Section>,
    /// What the history came to.
    pub evidence: Evidence,
}

/// A tenant or a partner, for people.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Whose {
    /// Its id.
    pub id: Uuid,
    /// Its code.
    pub code: String,
    /// Its name.
    pub name: String,
}

/// Where a table stands in the archive.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Folder {
    /// Rows of the directory that belong to the tenant.
    Directory,
    /// The tenant's own tables.
    Tables,
    /// Fields that were sealed, under the transfer key.
    Sealed,
}

impl Folder {
    pub(super) fn as_str(self) -> &'static str {
        match self {
            Self::Directory => "directory",
            Self::Tables => "tables",
            Self::Sealed => "sealed",
        }
    }
}

/// One table.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Section {
    /// Where it stands.
    pub folder: Folder,
    /// The table, in the schema `qm`.
    pub table: String,
    /// Its columns, in the order of the files.
    pub columns: Vec<String>,
    /// How many rows.
    pub rows: u64,
    /// Its files, in order; none when it is empty.
    pub parts: Vec<Part>,
}

impl Section {
    /// The first line of each of its files.
    pub(super) fn header(&self) -> String {
        self.columns.join(",") + "\n"
    }
}

/// One file: CSV as PostgreSQL writes it (RFC 4180; an empty field is NULL, an empty text is `""`), with a line of names.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Part {
    /// Its name in the archive.
    pub file: String,
    /// Its length.
    pub bytes: u64,
    /// SHA-256, in hexadecimal digits.
    pub sha256: String,
}
