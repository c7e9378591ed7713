//! Mutations.

use super::ImportJob;
use crate::graphql::payload::about;
use crate::graphql::session;
use crate::{command_input, payload, perform};
use async_graphql::{Context, Object, Result};
use quartermaster_domain::imports;
use quartermaster_domain::shared::ImportId;

command_input!(ImportId;
    /// Which import to end.
    ImportJobCancelInput,
);

payload!(
    /// An import after a mutation.
    ImportJobPayload, import_job: ImportJob, ImportId
);

/// Mutations of imports.
#[derive(Default)]
pub struct ImportMutation;

#[Object]
impl ImportMutation {
    /// Ends an import of your own while its file is being read, also when its server was killed: its change is taken back, its
    /// records are free for the next file.
    async fn import_job_cancel(&self, ctx: &Context<'_>, input: ImportJobCancelInput) -> Result<ImportJobPayload> {
        let s = session(ctx)?;
        let outcome = perform!(s, imports::cancel(&s.db, &s.op, input.id.0, input.expected_version));
        Ok(about(input.id.0, outcome).into())
    }
}
