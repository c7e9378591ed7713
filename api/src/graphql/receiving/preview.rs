//! What a viewer can do to a receipt now.

use crate::graphql::loaders::{Batch, LoadError};
use crate::viewer_can;
use async_graphql::dataloader::Loader;
use quartermaster_domain::receiving::ReceiptCommand;
use quartermaster_domain::receiving::queries::ReceiptRecord;
use quartermaster_tenants::act::preview;
use std::collections::HashMap;
use std::sync::Arc;

viewer_can!(
    /// What you could do to a receipt now.
    ReceiptViewerCan, ReceiptCommand;
    /// Enter what came.
    record_lines = RecordLines,
    /// Take it into stock.
    complete = Complete,
    /// Give it up.
    cancel = Cancel,
    /// Take it back.
    reverse = Reverse,
);

/// Asks for the previews of a receipt.
#[derive(Debug, Clone)]
pub struct ReceiptViewerCanKey(pub Arc<ReceiptRecord>);

impl PartialEq for ReceiptViewerCanKey {
    fn eq(&self, other: &Self) -> bool {
        (self.0.id, self.0.version) == (other.0.id, other.0.version)
    }
}

impl Eq for ReceiptViewerCanKey {}

impl std::hash::Hash for ReceiptViewerCanKey {
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        (self.0.id, self.0.version).hash(state);
    }
}

impl Loader<ReceiptViewerCanKey> for Batch {
    type Value = ReceiptViewerCan;
    type Error = LoadError;
    async fn load(
        &self,
        keys: &[ReceiptViewerCanKey],
    ) -> Result<HashMap<ReceiptViewerCanKey, ReceiptViewerCan>, LoadError> {
        let asked: Vec<_> = keys.iter().map(|k| k.0.asked()).collect();
        let documents: Vec<_> = asked
            .iter()
            .map(|(s, commands)| (s.clone(), commands.iter().map(|(_, a)| a.clone()).collect()))
            .collect();
        let answers = preview(&self.session.db, &self.session.op, &documents).await?;
        let mut out = HashMap::with_capacity(keys.len());
        for ((key, (_, commands)), answers) in keys.iter().zip(asked).zip(answers) {
            let pairs: Vec<_> = commands.iter().map(|(c, _)| *c).zip(answers).collect();
            out.insert(key.clone(), ReceiptViewerCan::of(&pairs)?);
        }
        Ok(out)
    }
}
