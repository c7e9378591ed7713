//! What a mutation came to: stored with the idempotency key, in the business transaction.

use crate::error::Refusal;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::any::Any;
use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;
use uuid::Uuid;

/// What a mutation came to. A repeat with the same idempotency key gets the same one, and resolves its selection again.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Outcome {
    /// The document that the mutation is about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub document: Option<Uuid>,
    /// Its version after the mutation.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<i32>,
    /// Other things that the answer names (a second document, a job).
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub also: BTreeMap<String, Value>,
    /// Expected refusals: nothing was changed.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub refusals: Vec<Refusal>,
    #[serde(skip)]
    shown: Shown,
}

/// The document as the act left it: read with its writes, so that the payload need not load it again. A repeat loads it.
/// It says nothing that the rest does not name, and is equal to any other.
#[derive(Clone, Default)]
struct Shown(Option<Arc<dyn Any + Send + Sync>>);

impl PartialEq for Shown {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

impl Eq for Shown {}

impl fmt::Debug for Shown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.0.is_some() { "a record" } else { "nothing" })
    }
}

impl Outcome {
    /// Done: this document, at this version.
    #[must_use]
    pub fn done(document: impl Into<Uuid>, version: i32) -> Self {
        Self {
            document: Some(document.into()),
            version: Some(version),
            ..Self::default()
        }
    }

    /// Refused: nothing was changed.
    #[must_use]
    pub fn refused(refusals: Vec<Refusal>) -> Self {
        Self {
            refusals,
            ..Self::default()
        }
    }

    /// With one more thing that the answer names.
    #[must_use]
    pub fn with(mut self, name: &str, value: impl Serialize) -> Self {
        self.also
            .insert(name.to_owned(), serde_json::to_value(value).unwrap_or(Value::Null));
        self
    }

    /// With the document as the act left it.
    #[must_use]
    pub(super) fn showing(mut self, record: impl Any + Send + Sync) -> Self {
        self.shown = Shown(Some(Arc::new(record)));
        self
    }

    /// The document as the act left it, where it was read in the act's own transaction.
    #[must_use]
    pub fn shown<T: Any>(&self) -> Option<&T> {
        self.shown.0.as_ref()?.downcast_ref()
    }

    /// An id that the answer names besides the document.
    #[must_use]
    pub fn id(&self, name: &str) -> Option<Uuid> {
        self.also.get(name).and_then(Value::as_str).and_then(|s| s.parse().ok())
    }
}
