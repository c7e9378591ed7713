//! Partners, tenants, branding, and who the viewer is. The HTTP edge puts the [`Directory`] into every request, and for people of
//! a partner a [`PartnerOp`] with the pool that provisioning needs.

mod mutation;
mod node;
mod query;

pub use mutation::TenancyMutation;
pub(super) use mutation::of_partner;
pub use query::TenancyQuery;

use super::error::{coded, fault};
use super::page::Count;
use async_graphql::{Context, Result};
use quartermaster_tenants::Tenants;
use quartermaster_tenants::directory::{Directory, PartnerOp, PlatformOp};

/// The directory of a request.
///
/// # Errors
/// `UNAVAILABLE` where it is not served.
pub fn directory<'c>(ctx: &Context<'c>) -> Result<&'c Directory> {
    ctx.data_opt::<Directory>()
        .ok_or_else(|| coded("UNAVAILABLE", "The directory is not served here."))
}

/// Somebody of a partner, above its tenants.
pub(super) struct Above<'c> {
    pub(super) directory: &'c Directory,
    pub(super) db: &'c Tenants,
    pub(super) op: &'c PartnerOp,
}

impl Above<'_> {
    /// Turns a query's fault into a coded error.
    ///
    /// # Errors
    /// The same, coded.
    pub(super) fn read<T>(&self, result: quartermaster_tenants::Result<T>) -> Result<T> {
        result.map_err(|e| fault(e, self.op.request_id))
    }

    /// A [`Count`] of a list of the partner.
    pub(super) fn count<F, Fut>(&self, query: F) -> Count
    where
        F: Fn(Directory, PartnerOp) -> Fut + Send + Sync + 'static,
        Fut: Future<Output = quartermaster_tenants::Result<i64>> + Send + 'static,
    {
        let (directory, op) = (self.directory.clone(), self.op.clone());
        Box::new(move || {
            let (request, counted) = (op.request_id, query(directory.clone(), op.clone()));
            Box::pin(async move { counted.await.map_err(|e| fault(e, request)) })
        })
    }
}

pub(super) fn partner<'c>(ctx: &Context<'c>) -> Result<Above<'c>> {
    let directory = directory(ctx)?;
    if let (Some(op), Some(db)) = (ctx.data_opt::<PartnerOp>(), ctx.data_opt::<Tenants>()) {
        return Ok(Above { directory, db, op });
    }
    if ctx.data_opt::<PlatformOp>().is_none() {
        super::session(ctx)?;
    }
    Err(coded("FORBIDDEN", "This is for people of a partner."))
}
