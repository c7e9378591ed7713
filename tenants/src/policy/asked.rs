//! The questions that decided, to be put to live Casbin before anything is committed or explained: a table that was
//! damaged, mixed up or wrongly built must not be able to let anything pass.

use super::compile::{Digest, Policy};
use super::models::Model;
use super::relation::Relation;
use super::shard::AskError;
use super::vocabulary::{DocumentKind, Duty, Level};

/// One question, in words that cannot be unknown. Rules and roles by their place in the policy.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Asked {
    Access {
        duty: Duty,
        document: DocumentKind,
    },
    Grant {
        role: usize,
        duty: Duty,
        level: Level,
    },
    Dsod {
        rule: Option<u16>,
        duty: Duty,
        prior: Duty,
        relation: Relation,
        shared: bool,
    },
    Ssod {
        rule: Option<u16>,
        duty: Duty,
        held: Duty,
    },
}

/// The questions that decided and the answers that the tables gave.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AskedQuestions {
    digest: Digest,
    answers: Vec<(Asked, bool)>,
}

/// Live Casbin does not say what the tables said: refuse with INTERNAL, alarm, and freeze the digest.
#[derive(Debug, thiserror::Error)]
pub enum Disagreement {
    /// The questions belong to another policy.
    #[error("the decision was made under policy {asked} and is re-asked under {live}")]
    OtherPolicy {
        /// The policy of the decision.
        asked: Digest,
        /// The policy asked now.
        live: Digest,
    },
    /// Another answer.
    #[error("table and engine differ on: {0}")]
    Differs(String),
    /// No answer.
    #[error("no answer to {question}: {source}")]
    NoAnswer {
        /// The question.
        question: String,
        /// Why.
        source: AskError,
    },
    /// There was nothing to ask, which no decision leaves.
    #[error("a decision without questions")]
    Nothing,
}

impl AskedQuestions {
    /// None yet, about this policy.
    pub(crate) const fn new(digest: Digest) -> Self {
        Self {
            digest,
            answers: Vec::new(),
        }
    }
    pub(super) fn push(&mut self, question: Asked, allowed: bool) {
        if !self.answers.contains(&(question, allowed)) {
            self.answers.push((question, allowed));
        }
    }
    /// Those of them that are not among the others.
    #[must_use]
    pub(crate) fn beyond(&self, others: &Self) -> Self {
        let known = |answer: &&(Asked, bool)| self.digest == others.digest && others.answers.contains(answer);
        Self {
            digest: self.digest,
            answers: self.answers.iter().filter(|a| !known(a)).copied().collect(),
        }
    }
    /// Adds others about the same policy.
    pub(crate) fn extend(&mut self, others: Self) {
        self.answers.extend(others.answers);
    }
    /// How many questions will be put to the engine.
    pub fn len(&self) -> usize {
        self.answers.len()
    }
    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.answers.is_empty()
    }
    /// The policy that decided.
    pub const fn digest(&self) -> Digest {
        self.digest
    }
}

impl Policy {
    /// Puts the questions of a decision to live Casbin. About 5 to 15 microseconds for each.
    ///
    /// # Errors
    /// See [`Disagreement`].
    pub fn reask(&self, asked: &AskedQuestions) -> Result<(), Disagreement> {
        if asked.digest != self.digest {
            return Err(Disagreement::OtherPolicy {
                asked: asked.digest,
                live: self.digest,
            });
        }
        if asked.is_empty() {
            return Err(Disagreement::Nothing);
        }
        for (question, expected) in &asked.answers {
            match self.ask(*question) {
                Ok(live) if live == *expected => {}
                Ok(_) => return Err(Disagreement::Differs(format!("{question:?}"))),
                Err(source) => {
                    return Err(Disagreement::NoAnswer {
                        question: format!("{question:?}"),
                        source,
                    });
                }
            }
        }
        Ok(())
    }

    fn ask(&self, question: Asked) -> Result<bool, AskError> {
        match question {
            Asked::Access { duty, document } => {
                self.shards
                    .ask(Model::Access, duty, &[duty.code(), document.code(), duty.action()])
            }
            Asked::Grant { role, duty, level } => {
                let role = self.roles.get(role).map_or("", String::as_str);
                self.shards.ask(Model::Grant, duty, &[role, duty.code(), level.code()])
            }
            Asked::Dsod {
                rule,
                duty,
                prior,
                relation,
                shared,
            } => {
                let rule = rule.map_or(Some("*"), |rule| {
                    self.dsod.get(usize::from(rule)).map(|rule| rule.id.as_str())
                });
                let word = self
                    .relations
                    .iter()
                    .find_map(|(known, word)| (*known == relation).then_some(word));
                let relation = word.map_or_else(|| relation.to_string(), String::clone);
                let hands = if shared { "shared" } else { "disjoint" };
                let words = [rule.unwrap_or_default(), duty.code(), prior.code(), &relation, hands];
                self.shards.ask(Model::Dsod, duty, &words)
            }
            Asked::Ssod { rule, duty, held } => {
                let rule = rule.map_or(Some("*"), |rule| {
                    self.ssod.get(usize::from(rule)).map(|rule| rule.id.as_str())
                });
                self.shards
                    .ask(Model::Ssod, duty, &[rule.unwrap_or_default(), duty.code(), held.code()])
            }
        }
    }
}
