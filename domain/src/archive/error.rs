//! How an export or an import can end otherwise. Whatever it is, nothing of it stays.

use quartermaster_tenants::Error;
use std::path::PathBuf;

/// The result of everything here.
pub(super) type Result<T, E = ArchiveError> = std::result::Result<T, E>;

/// It did not go through.
#[derive(Debug, thiserror::Error)]
pub enum ArchiveError {
    /// It was refused, in a sentence that says what to do.
    #[error(transparent)]
    Refused(#[from] Refused),
    /// The file cannot be read or written.
    #[error("The file cannot be read or written: {0}")]
    File(#[from] std::io::Error),
    /// The database did not do what it was asked.
    #[error(transparent)]
    Database(#[from] Error),
}

impl From<tokio_postgres::Error> for ArchiveError {
    fn from(e: tokio_postgres::Error) -> Self {
        Self::Database(e.into())
    }
}

/// Why an export or an import is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// Not 32 bytes in base64.
    #[error("The transfer key is not 32 bytes in base64. Make one: openssl rand -base64 32")]
    TransferKey,
    /// Nobody has it.
    #[error("There is no tenant with this id here.")]
    NoTenant,
    /// It is not wholly there itself.
    #[error("The tenant is being provisioned: let that end, or call it again.")]
    Provisioning,
    /// Somebody may be working in it.
    #[error(
        "The tenant is active: what is done after the export would be lost. Let its partner suspend it (tenantSuspend) and export it then, or ask for a copy of this moment with --while-active."
    )]
    Active,
    /// An export overwrites nothing.
    #[error("{} is there already.", .0.display())]
    FileThere(PathBuf),
    /// A field that this deployment cannot open.
    #[error(
        "{table} {id} was sealed with data key “{key}”, which this deployment does not have or which does not open it."
    )]
    NotOpened {
        /// The table.
        table: String,
        /// The row.
        id: uuid::Uuid,
        /// The key's id.
        key: String,
    },
    /// A table that seals fields and that `sealed.rs` does not know.
    #[error("qm.{0} has sealed fields, and nothing says how they travel: a defect.")]
    UnknownSealed(String),
    /// Not in the form of an archive, or cut off.
    #[error("This is no whole archive of a tenant: {0}.")]
    NotWhole(String),
    /// A later program's form.
    #[error(
        "The archive has format {0}, which this program does not know. Use the program that made it, or a later one."
    )]
    Format(u32),
    /// Another key, or another list.
    #[error(
        "The archive's list of parts was not signed with this transfer key: it is another key, or the list was changed."
    )]
    Signature,
    /// A part that is not as the list says.
    #[error("{0} is not what was exported: it was changed, or the file is damaged.")]
    Changed(String),
    /// Two schemas.
    #[error(
        "The archive was made by a database with {theirs} schema steps (the last {last}), and this one has {ours}. Bring both to the same version of the program (`quartermaster migrate`), and export again."
    )]
    OtherSchema {
        /// Steps of the archive.
        theirs: usize,
        /// The last of them.
        last: String,
        /// Steps of this database.
        ours: usize,
    },
    /// Nothing may be imported over something.
    #[error("The tenant is here already. An import changes nothing that is here.")]
    TenantHere,
    /// Nothing to import it below.
    #[error("There is no partner with the code or id “{0}” here.")]
    NoPartner(String),
    /// Another tenant of the partner has it.
    #[error("Another tenant of this partner has the code “{0}”.")]
    CodeTaken(String),
    /// Another tenant's branding answers there.
    #[error(
        "The host name {0} is another tenant's here. Let it be given up (tenantUpdate), here or before the export."
    )]
    HostTaken(String),
    /// The franchise network is somebody else's.
    #[error("The network “{0}” is another one here: another partner's, or another network with the same code.")]
    NetworkTaken(String),
    /// The tenant's own issuer speaks for somebody else.
    #[error("The issuer {0} speaks for somebody else here.")]
    IssuerTaken(String),
    /// People log in where this deployment trusts nobody.
    #[error(
        "People of the tenant log in at {0}, which is no issuer of the platform or of this partner here. Make it known first: an import trusts no issuer that others could log in at."
    )]
    NoIssuer(String),
    /// The same login is two persons.
    #[error(
        "The login {0} is already somebody here who is not the same person in the archive: what one did before could not be told from what the other did."
    )]
    OtherPerson(String),
    /// Rows that went elsewhere, or did not arrive.
    #[error("Of qm.{table} {found} rows are the tenant's, and the archive has {expected}.")]
    RowsDiffer {
        /// The table.
        table: String,
        /// In the archive.
        expected: u64,
        /// In the database.
        found: u64,
    },
    /// The history does not hold.
    #[error(
        "The evidence does not hold: {broken} events break their chain, {differing} stock positions differ from the ledger. See auditIntegrity and stockIntegrity."
    )]
    Evidence {
        /// Events.
        broken: usize,
        /// Positions.
        differing: i64,
    },
    /// The history is another one.
    #[error("The history that was imported is not the one that was exported.")]
    OtherHistory,
}
