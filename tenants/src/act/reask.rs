//! Live Casbin is asked what the compiled tables decided, before anything of it is committed or explained.

use crate::error::{Error, Result};
use crate::policy::{AskedQuestions, Policy, PolicyCache};

/// Asks again. Where table and engine disagree nothing is done, and nothing is published under that policy any more.
///
/// # Errors
/// That disagreement: a fault.
pub(crate) fn reask(policies: &PolicyCache, policy: &Policy, asked: &AskedQuestions) -> Result<()> {
    policy.reask(asked).map_err(|disagreement| {
        tracing::error!(%disagreement, digest = %policy.digest(), "compiled policy and live engine disagree");
        policies.freeze(policy.digest());
        Error::internal(disagreement)
    })
}
