//! What all master records have in common, and how two of them differ.

use super::change::{Action, ChangeKind};
use quartermaster_tenants::event::Trail;
use quartermaster_tenants::policy::DutyType;
use quartermaster_tenants::tx::{Flight, Landing, Rows};
use quartermaster_tenants::{Error, Op, Refusal, Result};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use tokio_postgres::Row;
use uuid::Uuid;

/// A record of master data that changes by two people. Its JSON form is what a change's line keeps and what the statements read.
pub trait Master: Serialize + DeserializeOwned + PartialEq + Clone + Send + Sync + 'static {
    /// The duty that proposes.
    type Maker: DutyType;
    /// Which changes it has.
    const KIND: ChangeKind;
    /// The document of its own events; none when only its change has events.
    const DOCUMENT: Option<&'static str>;
    /// The event of a new one.
    const CREATED: &'static str;
    /// What stands now, of the keys `$2`: key, id, status, version, event_sequence, event_hash, record, pending (the record of an open
    /// change). Locks the rows.
    const CURRENT: &'static str;
    /// The same of the ids `$2`.
    const CURRENT_BY_ID: &'static str;
    /// Writes rows as lines of change `$2` have them: line numbers `$3`, statuses `$4`, versions `$5`, sequences `$6`, hashes `$7`, time `$8`.
    ///
    /// Lines and rows are found by their keys, one by one, whatever the planner has heard of these tables: were they joined, it
    /// would go through all of one for each of the other as soon as it believed that there is one, which no import survives.
    const WRITE: Option<&'static str>;
    /// What a person knows it by: code, SKU, or the parts that make a price.
    fn key(&self) -> String;
    /// The id of a new one.
    fn fresh(&self) -> Uuid {
        Uuid::now_v7()
    }
    /// The supplier that rules meet on.
    fn supplier(&self, target: Uuid) -> Option<Uuid>;
    /// The status of a record that waits for its first approval, or was refused it.
    fn is_new(status: &str) -> bool {
        matches!(status, "DRAFT" | "PENDING_APPROVAL")
    }
    /// Adds the statements that read what these records refer to.
    fn look(_op: &Op, _records: &[Self], _flight: &mut Flight) -> Vec<Rows> {
        vec![]
    }
    /// What is wrong with each record, by what was read; the ids are those that the records have or get.
    ///
    /// # Errors
    /// A column that is not as expected.
    fn problems(_landing: &Landing, _looked: &[Rows], records: &[(Uuid, &Self)]) -> Result<Vec<Vec<Refusal>>> {
        Ok(vec![vec![]; records.len()])
    }
    /// Checks that need no database, all told at once.
    ///
    /// # Errors
    /// The refusals.
    fn checked(self) -> Result<Self, Vec<Refusal>>;
}

/// A record as it stands, locked.
#[derive(Debug, Clone)]
pub struct Current {
    /// Its id.
    pub id: Uuid,
    /// Its status.
    pub status: String,
    /// Version and end of its chain.
    pub trail: Trail,
    /// Its content.
    pub record: Value,
    /// The content that an open change proposes.
    pub pending: Option<Value>,
}

impl Current {
    pub(crate) fn read(row: &Row) -> Result<(String, Self)> {
        Ok((
            row.try_get("key")?,
            Self {
                id: row.try_get("id")?,
                status: row.try_get("status")?,
                trail: Trail::from_row(row)?,
                record: row.try_get("record")?,
                pending: row.try_get("pending")?,
            },
        ))
    }

    /// Its content, typed.
    ///
    /// # Errors
    /// A defect: the statement and the type differ.
    pub fn typed<M: Master>(&self) -> Result<M> {
        serde_json::from_value(self.record.clone()).map_err(Error::internal)
    }
}

/// One field that a change changes, as people read it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Difference {
    /// The field.
    pub field: String,
    /// What it was.
    pub before: Option<String>,
    /// What it shall be.
    pub after: Option<String>,
}

/// The fields in which two records differ, in the order of their names.
#[must_use]
pub fn differences(before: Option<&Value>, after: &Value) -> Vec<Difference> {
    let empty = serde_json::Map::new();
    let before = before.and_then(Value::as_object).unwrap_or(&empty);
    let after = after.as_object().unwrap_or(&empty);
    let mut fields: Vec<&String> = before.keys().chain(after.keys()).collect();
    fields.sort_unstable();
    fields.dedup();
    let words = |v: Option<&Value>| match v {
        None | Some(Value::Null) => None,
        Some(Value::String(s)) => Some(s.clone()),
        Some(Value::Array(a)) if a.is_empty() => None,
        Some(other) => Some(other.to_string()),
    };
    fields
        .into_iter()
        .map(|f| Difference {
            field: f.clone(),
            before: words(before.get(f)),
            after: words(after.get(f)),
        })
        .filter(|d| d.before != d.after)
        .collect()
}

/// One record of a change.
#[derive(Debug, Clone)]
pub(crate) struct Line {
    pub target: Uuid,
    pub supplier: Option<Uuid>,
    pub action: Action,
    pub record: Value,
    pub differences: Value,
    /// The row does not exist yet.
    pub insert: bool,
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn only_fields_that_differ_are_told_and_nothing_is_nothing() {
        let before = json!({ "a": "1", "b": null, "c": [], "d": "x" });
        let after = json!({ "a": "2", "b": null, "d": "x", "e": 5 });
        let told = differences(Some(&before), &after);
        let fields: Vec<&str> = told.iter().map(|d| d.field.as_str()).collect();
        assert_eq!(fields, ["a", "e"]);
        assert_eq!(
            (told[0].before.as_deref(), told[0].after.as_deref()),
            (Some("1"), Some("2"))
        );
    }
}
