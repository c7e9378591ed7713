//! Compiled policies by digest, shared among the tenants that have the same one.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use arc_swap::ArcSwap;
use tokio::sync::Mutex;

use super::compile::{Digest, Policy, PolicyError};
use super::rows::PolicyRows;

/// The compiled policies of this process. Reading never waits.
#[derive(Default)]
pub struct PolicyCache {
    compiled: ArcSwap<HashMap<Digest, Arc<Policy>>>,
    /// One at a time: whoever needs the same meanwhile finds it, and what it takes on the way is taken once.
    compiling: Mutex<()>,
    frozen: ArcSwap<HashSet<Digest>>,
}

impl PolicyCache {
    /// The policy of that digest, if this process has it.
    pub fn get(&self, digest: &Digest) -> Option<Arc<Policy>> {
        self.compiled.load().get(digest).cloned()
    }

    /// The policy of these rows, compiled away from the serving threads if this process does not have it yet.
    ///
    /// # Errors
    /// Rows that are no policy.
    pub async fn compiled(&self, rows: &PolicyRows) -> Result<Arc<Policy>, PolicyError> {
        if let Some(policy) = self.get(&rows.digest()?) {
            return Ok(policy);
        }
        let _compiling = self.compiling.lock().await;
        if let Some(policy) = self.get(&rows.digest()?) {
            return Ok(policy);
        }
        let rows = rows.clone();
        let compile = move || futures::executor::block_on(Policy::compile(&rows));
        let policy = tokio::task::spawn_blocking(compile)
            .await
            .map_err(|_| PolicyError::Interrupted)??;
        let policy = Arc::new(policy);
        self.compiled.rcu(|known| {
            let mut known = HashMap::clone(known);
            known.entry(policy.digest()).or_insert_with(|| Arc::clone(&policy));
            known
        });
        Ok(policy)
    }

    /// Marks a policy whose table and engine disagreed: nothing may be published under it any more.
    pub fn freeze(&self, digest: Digest) {
        self.frozen.rcu(|known| {
            let mut known = HashSet::clone(known);
            known.insert(digest);
            known
        });
    }

    /// Whether publishing under that digest is frozen.
    pub fn is_frozen(&self, digest: &Digest) -> bool {
        self.frozen.load().contains(digest)
    }
}
