//! One Casbin enforcer, immutable, over the few rows that mention one acting duty. Casbin walks all rows of an enforcer at
//! about a microsecond each, so the whole policy in one enforcer would cost 200 microseconds for each question.

use std::collections::HashSet;
use std::panic::{AssertUnwindSafe, catch_unwind};

use casbin::{CoreApi, DefaultModel, Enforcer, Model as _, NullAdapter};

use super::models::Model;

/// A row as Casbin gets it, the effect last.
pub type Row = Vec<String>;

/// Why rows do not make an enforcer. Casbin itself accepts or silently ignores every one of these.
#[derive(Debug, thiserror::Error)]
pub enum ShardError {
    /// Another number of columns than the model has.
    #[error("a {model} row has {found} columns instead of {wanted}: {row:?}")]
    Columns {
        /// The model's name.
        model: &'static str,
        /// Columns found.
        found: usize,
        /// Columns the model has.
        wanted: usize,
        /// The row.
        row: Row,
    },
    /// A field that is empty, has blanks around it, or is not plain ASCII.
    #[error("a {model} row has an empty, untrimmed or non-ASCII field: {row:?}")]
    Field {
        /// The model's name.
        model: &'static str,
        /// The row.
        row: Row,
    },
    /// An effect other than exactly `allow` or `deny`; Casbin would read `Deny` as no effect at all.
    #[error("a {model} row has an effect other than `allow` or `deny`: {row:?}")]
    Effect {
        /// The model's name.
        model: &'static str,
        /// The row.
        row: Row,
    },
    /// The same row twice.
    #[error("a {model} row is there twice: {row:?}")]
    Duplicate {
        /// The model's name.
        model: &'static str,
        /// The row.
        row: Row,
    },
    /// Casbin refused the model.
    #[error("the {model} model does not build: {source}")]
    Engine {
        /// The model's name.
        model: &'static str,
        /// What Casbin said.
        source: casbin::Error,
    },
}

/// A question that got no answer; the caller denies.
#[derive(Debug, thiserror::Error)]
pub enum AskError {
    /// Casbin returned an error, such as a wrong number of words.
    #[error("the engine could not answer: {0}")]
    Engine(#[from] casbin::Error),
    /// Casbin panicked.
    #[error("the engine panicked")]
    Panicked,
}

/// An enforcer that never changes after it is built.
pub struct Shard {
    enforcer: Enforcer,
    words: HashSet<String>,
}

impl Shard {
    /// Builds an enforcer; nothing else may. `Enforcer::new` would erase rows that are already in the model.
    ///
    /// # Errors
    /// See [`ShardError`].
    pub async fn build(model: Model, rows: &[Row]) -> Result<Self, ShardError> {
        let name = model.code();
        let engine = |source| ShardError::Engine { model: name, source };
        let mut definition = DefaultModel::from_str(model.text()).await.map_err(engine)?;
        for row in rows {
            check_row(model, row)?;
            if !definition.add_policy("p", "p", row.clone()) {
                return Err(ShardError::Duplicate {
                    model: name,
                    row: row.clone(),
                });
            }
        }
        let enforcer = Enforcer::new_raw(definition, NullAdapter).await.map_err(engine)?;
        Ok(Self {
            enforcer,
            words: rows.iter().flatten().cloned().collect(),
        })
    }

    /// Whether a row holds the word.
    pub fn mentions(&self, word: &str) -> bool {
        self.words.contains(word)
    }

    /// Puts one question: true means allowed.
    ///
    /// # Errors
    /// See [`AskError`]; treat each as a denial.
    pub fn ask(&self, words: &[&str]) -> Result<bool, AskError> {
        let answer = catch_unwind(AssertUnwindSafe(|| self.enforcer.enforce(words.to_vec())));
        Ok(answer.map_err(|_| AskError::Panicked)??)
    }
}

fn check_row(model: Model, row: &Row) -> Result<(), ShardError> {
    let name = model.code();
    if row.len() != model.columns() {
        return Err(ShardError::Columns {
            model: name,
            found: row.len(),
            wanted: model.columns(),
            row: row.clone(),
        });
    }
    let plain = |field: &String| !field.is_empty() && field.bytes().all(|byte| byte.is_ascii_graphic());
    if !row.iter().all(plain) {
        return Err(ShardError::Field {
            model: name,
            row: row.clone(),
        });
    }
    if !matches!(row.last().map(String::as_str), Some("allow" | "deny")) {
        return Err(ShardError::Effect {
            model: name,
            row: row.clone(),
        });
    }
    Ok(())
}
