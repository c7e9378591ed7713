//! Why a call did not do what it was to do.

/// A call that did not do what it was to do.
#[derive(Debug, Clone, thiserror::Error)]
pub enum CallError {
    /// The business refused: the first of its `userErrors`.
    #[error("{code}{}{}: {message}", if .field.is_empty() { "" } else { " at " }, .field.join("."))]
    Refused {
        /// Stable.
        code: String,
        /// For people.
        message: String,
        /// Path into the input.
        field: Vec<String>,
    },
    /// The API answered with an error.
    #[error("{code}: {message}")]
    Fault {
        /// Stable; empty where the answer has none.
        code: String,
        /// For people.
        message: String,
    },
    /// Nothing answered.
    #[error("the API does not answer: {0}")]
    Silent(String),
}

impl CallError {
    /// Whether the same may do better later.
    #[must_use]
    pub fn may_pass(&self) -> bool {
        match self {
            Self::Refused { .. } => false,
            Self::Fault { code, .. } => code == "UNAVAILABLE",
            Self::Silent(_) => true,
        }
    }

    /// An answer that the caller does not understand.
    pub fn strange(what: &str) -> Self {
        Self::Fault {
            code: "UNEXPECTED".to_owned(),
            message: format!("the API answered what is not understood here: {what}"),
        }
    }
}
