//! A tenant's key as it is stored: wrapped by a master key, and bound to the tenant and its own id.

use super::master::Ring;
use crate::shared::seal::{DataKey, Place};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use quartermaster_tenants::{Error, Result};
use uuid::Uuid;

/// A tenant's key, unwrapped. Not `Debug`: it must not reach a log.
pub(super) struct Unwrapped {
    tenant: Uuid,
    id: Uuid,
    text: String,
}

impl Unwrapped {
    /// A new one, of the system's randomness.
    pub(super) fn fresh(tenant: Uuid) -> Result<Self> {
        let mut bytes = [0; 32];
        aws_lc_rs::rand::fill(&mut bytes).map_err(|_| Error::internal("no randomness"))?;
        Ok(Self {
            tenant,
            id: Uuid::now_v7(),
            text: STANDARD.encode(bytes),
        })
    }

    /// What a row holds, opened with the master key that it names.
    pub(super) fn of(ring: &Ring, tenant: Uuid, id: Uuid, wrapped: &[u8], master: &str) -> Result<Self> {
        let master = ring.find(master).ok_or_else(|| unknown(master))?;
        let text = master.open(place(tenant, id), wrapped).map_err(Error::internal)?;
        Ok(Self { tenant, id, text })
    }

    pub(super) fn id(&self) -> Uuid {
        self.id
    }

    /// For the row.
    pub(super) fn wrapped(&self, ring: &Ring) -> Result<Vec<u8>> {
        let place = place(self.tenant, self.id);
        ring.current().seal(place, &self.text).map_err(Error::internal)
    }

    /// For fields.
    pub(super) fn key(&self) -> Result<DataKey> {
        let bytes = STANDARD.decode(&self.text).map_err(Error::internal)?;
        DataKey::new(&self.id.to_string(), &bytes).map_err(Error::internal)
    }
}

fn place(tenant: Uuid, id: Uuid) -> Place<'static> {
    Place {
        tenant,
        document: id,
        field: "tenant-key",
    }
}

/// A master key that the configuration does not have.
pub(super) fn unknown(master: &str) -> Error {
    Error::Internal(format!(
        "the master key “{master}” is not among those of data_key or data_key_file: put it back behind the current one"
    ))
}
