//! What a viewer can do to an operator assignment, asked for many at once on each side.

use crate::graphql::loaders::{LoadError, PartnerBatch};
use crate::graphql::preview::{CanKey, Previewed, Questions};
use crate::viewer_can;
use async_graphql::dataloader::Loader;
use quartermaster_tenants::act::Preview;
use quartermaster_tenants::error::Code;
use quartermaster_tenants::operators::queries::AssignmentRecord;
use quartermaster_tenants::operators::{AssignmentCommand, preview};
use quartermaster_tenants::{Op, Tenants};
use std::collections::HashMap;
use uuid::Uuid;

viewer_can!(
    /// What you could do to an operator assignment now.
    OperatorAssignmentViewerCan, AssignmentCommand;
    /// Let the operator in; for the tenant.
    admit = Admit,
    /// Do not let him in; for the tenant.
    reject = Reject,
    /// End it, or take the proposal back; for both sides.
    revoke = Revoke,
    /// Make a credential; for the operator, on the partner's side.
    credential_create = CredentialCreate,
    /// Revoke credentials; for both sides, and for the operator.
    credential_revoke = CredentialRevoke,
);

impl Previewed for AssignmentRecord {
    type Command = AssignmentCommand;
    type Can = OperatorAssignmentViewerCan;
    fn key(&self) -> (Uuid, i32) {
        (self.id, self.version)
    }
    fn questions(&self) -> Vec<Questions<AssignmentCommand>> {
        self.asked()
    }
    async fn refusals(
        db: &Tenants,
        op: &Op,
        of: &[&Self],
    ) -> quartermaster_tenants::Result<HashMap<Uuid, (AssignmentCommand, Preview)>> {
        let found = preview::admissions(db, op, of).await?;
        let of_admission = |(id, refused)| (id, (AssignmentCommand::Admit, refused));
        Ok(found.into_iter().map(of_admission).collect())
    }
    fn can(
        &self,
        _: &Op,
        mut answers: Vec<(AssignmentCommand, Preview)>,
    ) -> quartermaster_tenants::Result<OperatorAssignmentViewerCan> {
        // A credential is made on the partner's side.
        answers.push((AssignmentCommand::CredentialCreate, Preview::plain(Code::Forbidden)));
        OperatorAssignmentViewerCan::of(&answers)
    }
}

impl Loader<CanKey<AssignmentRecord>> for PartnerBatch {
    type Value = OperatorAssignmentViewerCan;
    type Error = LoadError;
    async fn load(
        &self,
        keys: &[CanKey<AssignmentRecord>],
    ) -> Result<HashMap<CanKey<AssignmentRecord>, OperatorAssignmentViewerCan>, LoadError> {
        let records: Vec<&AssignmentRecord> = keys.iter().map(|k| &*k.0).collect();
        let answers = preview::of_partner(&self.directory, &self.db, &self.op, &records).await?;
        let can = |(key, answers): (&CanKey<AssignmentRecord>, Vec<_>)| {
            Ok((key.clone(), OperatorAssignmentViewerCan::of(&answers)?))
        };
        keys.iter().zip(answers).map(can).collect()
    }
}
