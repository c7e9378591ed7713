//! What is shown once and never stored.

use std::fmt;

/// The text of a new secret, on its way to the one answer that shows it. It is no part of the outcome of a mutation, because
/// outcomes are kept with their idempotency key: a repeat finds this empty. A verb fills it after its commit, so that nobody is
/// ever shown a secret that does not open anything.
#[derive(Default)]
pub struct ShownOnce(Option<String>);

impl ShownOnce {
    /// Committed: this is the secret.
    pub(crate) fn fill(&mut self, text: String) {
        self.0 = Some(text);
    }

    /// The text, if this request made it.
    #[must_use]
    pub fn into_text(self) -> Option<String> {
        self.0
    }
}

impl fmt::Debug for ShownOnce {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("ShownOnce([redacted])")
    }
}
