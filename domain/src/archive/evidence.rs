//! The proof that the history holds: every chain of events computed again, the ledger added up.

use super::error::{Refused, Result};
use crate::inventory::queries::differing;
use quartermaster_tenants::audit;
use quartermaster_tenants::id::TenantId;
use serde::{Deserialize, Serialize};
use tokio_postgres::Client;

/// What the history came to: equal on both sides, or the import is taken back.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Evidence {
    /// Events.
    pub events: i64,
    /// Documents whose chains they are.
    pub documents: i64,
    /// SHA-256 over the last hash of each chain, in the order of the documents' ids.
    pub heads: String,
}

/// Proves it, as the connection's transaction sees it.
pub(super) async fn proven(owner: &Client, tenant: TenantId) -> Result<Evidence> {
    let (chains, heads) = audit::verify(owner, tenant).await?;
    let differing = differing(owner, tenant).await?;
    if !chains.broken.is_empty() || differing != 0 {
        let broken = chains.broken.len();
        return Err(Refused::Evidence { broken, differing }.into());
    }
    Ok(Evidence {
        events: chains.events,
        documents: chains.documents,
        heads,
    })
}
