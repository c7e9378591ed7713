//! What was looked at, and what was found.

use super::ailment::{Ailment, Severity};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::fmt::Write as _;

/// Sentences by ailment; one without any is not there. What has no entry was not looked at.
#[derive(Default)]
pub(super) struct Findings(BTreeMap<Ailment, Vec<String>>);

impl Findings {
    /// These were looked for.
    pub(super) fn looked(&mut self, at: &[Ailment]) {
        for ailment in at {
            self.0.entry(*ailment).or_default();
        }
    }

    /// This is there.
    pub(super) fn found(&mut self, ailment: Ailment, sentence: impl Into<String>) {
        self.0.entry(ailment).or_default().push(sentence.into());
    }

    /// Looked for, and there unless the sentence is `None`.
    pub(super) fn say(&mut self, ailment: Ailment, sentence: Option<String>) {
        self.looked(&[ailment]);
        if let Some(sentence) = sentence {
            self.found(ailment, sentence);
        }
    }

    /// How many are serious.
    pub(super) fn failed(&self) -> usize {
        let serious = |(a, s): &(&Ailment, &Vec<String>)| a.severity() == Severity::Fail && !s.is_empty();
        self.0.iter().filter(serious).count()
    }

    /// For people: what is well in a line, what is not with what was seen and what to do.
    pub(super) fn text(&self) -> String {
        let mut out = String::new();
        for ailment in Ailment::ALL {
            let word = match (self.0.get(ailment), ailment.severity()) {
                (None, _) => "  --",
                (Some(sentences), _) if sentences.is_empty() => "  ok",
                (_, Severity::Fail) => "FAIL",
                (_, Severity::Warn) => "warn",
            };
            let _ = writeln!(out, "{word}  {:22}  {}", ailment.code(), ailment.sound());
            let sentences = self.0.get(ailment).map(Vec::as_slice).unwrap_or_default();
            for sentence in sentences {
                let _ = writeln!(out, "      {sentence}");
            }
            if !sentences.is_empty() {
                let _ = writeln!(out, "      → {}", ailment.cure());
            }
        }
        if Ailment::ALL.iter().any(|a| !self.0.contains_key(a)) {
            let _ = writeln!(
                out,
                "What stands behind -- could not be looked at, for the reasons above."
            );
        }
        out
    }

    /// For programs.
    pub(super) fn json(&self) -> Value {
        let one = |ailment: &Ailment| {
            let found = self.0.get(ailment);
            let mut value = super::described(*ailment);
            value["looked"] = json!(found.is_some());
            value["found"] = json!(found.cloned().unwrap_or_default());
            value
        };
        let all: Vec<Value> = Ailment::ALL.iter().map(one).collect();
        json!({ "healthy": self.failed() == 0, "checks": all })
    }
}
