//! What a viewer can do to a return now.

use crate::graphql::loaders::{Batch, LoadError};
use crate::viewer_can;
use async_graphql::dataloader::Loader;
use quartermaster_domain::returns::ReturnCommand;
use quartermaster_domain::returns::queries::ReturnRecord;
use quartermaster_tenants::act::preview;
use std::collections::HashMap;
use std::sync::Arc;
use uuid::Uuid;

viewer_can!(
    /// What you could do to a return now.
    SupplierReturnViewerCan, ReturnCommand;
    /// Ask for approval.
    submit = Submit,
    /// Approve (a step of) it.
    approve = Approve,
    /// Refuse it.
    reject = Reject,
    /// Let it leave.
    ship = Ship,
    /// Withdraw it.
    cancel = Cancel,
);

/// Asks for the previews of a return.
#[derive(Debug, Clone)]
pub struct ReturnViewerCanKey(pub Arc<ReturnRecord>);

impl ReturnViewerCanKey {
    fn of(&self) -> (Uuid, i32) {
        (self.0.header.id.0, self.0.header.trail.version)
    }
}

impl PartialEq for ReturnViewerCanKey {
    fn eq(&self, other: &Self) -> bool {
        self.of() == other.of()
    }
}

impl Eq for ReturnViewerCanKey {}

impl std::hash::Hash for ReturnViewerCanKey {
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        self.of().hash(state);
    }
}

impl Loader<ReturnViewerCanKey> for Batch {
    type Value = SupplierReturnViewerCan;
    type Error = LoadError;
    async fn load(
        &self,
        keys: &[ReturnViewerCanKey],
    ) -> Result<HashMap<ReturnViewerCanKey, SupplierReturnViewerCan>, LoadError> {
        let asked: Vec<_> = keys.iter().map(|k| k.0.asked()).collect();
        let documents: Vec<_> = asked
            .iter()
            .map(|(s, commands)| (s.clone(), commands.iter().map(|(_, a)| a.clone()).collect()))
            .collect();
        let answers = preview(&self.session.db, &self.session.op, &documents).await?;
        let mut out = HashMap::with_capacity(keys.len());
        for ((key, (_, commands)), answers) in keys.iter().zip(asked).zip(answers) {
            let pairs: Vec<_> = commands.iter().map(|(c, _)| *c).zip(answers).collect();
            out.insert(key.clone(), SupplierReturnViewerCan::of(&pairs)?);
        }
        Ok(out)
    }
}
