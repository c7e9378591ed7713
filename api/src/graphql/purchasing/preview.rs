//! What a viewer can do to an order now.

use crate::graphql::loaders::{Batch, LoadError};
use crate::viewer_can;
use async_graphql::dataloader::Loader;
use quartermaster_domain::purchasing::OrderCommand;
use quartermaster_domain::purchasing::queries::OrderRecord;
use quartermaster_tenants::act::preview;
use std::collections::HashMap;
use std::sync::Arc;

viewer_can!(
    /// What you could do to an order now.
    PurchaseOrderViewerCan, OrderCommand;
    /// Edit the draft.
    update = Update,
    /// Ask for approval.
    submit = Submit,
    /// Approve (a step of) it.
    approve = Approve,
    /// Send it back to its maker.
    r#return = Return,
    /// Refuse it for good.
    reject = Reject,
    /// Give it to the supplier.
    release = Release,
    /// Withdraw it.
    cancel = Cancel,
    /// Stop it for the time being.
    hold = Hold,
    /// Go on with it.
    resume = Resume,
    /// Expect no more of some lines.
    short_close = ShortClose,
    /// Propose a new revision.
    change = Change,
);

/// Asks for the previews of an order.
#[derive(Debug, Clone)]
pub struct ViewerCanKey(pub Arc<OrderRecord>);

impl PartialEq for ViewerCanKey {
    fn eq(&self, other: &Self) -> bool {
        (self.0.id, self.0.version) == (other.0.id, other.0.version)
    }
}

impl Eq for ViewerCanKey {}

impl std::hash::Hash for ViewerCanKey {
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        (self.0.id, self.0.version).hash(state);
    }
}

impl Loader<ViewerCanKey> for Batch {
    type Value = PurchaseOrderViewerCan;
    type Error = LoadError;
    async fn load(&self, keys: &[ViewerCanKey]) -> Result<HashMap<ViewerCanKey, PurchaseOrderViewerCan>, LoadError> {
        let asked: Vec<_> = keys.iter().map(|k| k.0.asked()).collect();
        let documents: Vec<_> = asked
            .iter()
            .map(|(s, commands)| (s.clone(), commands.iter().map(|(_, a)| a.clone()).collect()))
            .collect();
        let answers = preview(&self.session.db, &self.session.op, &documents).await?;
        let mut out = HashMap::with_capacity(keys.len());
        for ((key, (_, commands)), answers) in keys.iter().zip(asked).zip(answers) {
            let pairs: Vec<_> = commands.iter().map(|(c, _)| *c).zip(answers).collect();
            out.insert(key.clone(), PurchaseOrderViewerCan::of(&pairs)?);
        }
        Ok(out)
    }
}
