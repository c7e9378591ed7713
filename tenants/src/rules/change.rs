//! A readable difference of two versions: which values change, from what to what.

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// One value that changes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Change {
    /// Where, as `exchangeRates.EUR`.
    pub path: String,
    /// The value before; null when there is none.
    pub before: Value,
    /// The value after; null when there is none any more.
    pub after: Value,
}

/// What differs, by path. Lists are compared as a whole.
#[must_use]
pub fn changes(before: &Value, after: &Value) -> Vec<Change> {
    let mut found = Vec::new();
    collect(String::new(), before, after, &mut found);
    found
}

fn collect(path: String, before: &Value, after: &Value, found: &mut Vec<Change>) {
    let (Value::Object(old), Value::Object(new)) = (before, after) else {
        if before != after {
            let (before, after) = (before.clone(), after.clone());
            found.push(Change { path, before, after });
        }
        return;
    };
    let added = new.keys().filter(|k| !old.contains_key(*k));
    for key in old.keys().chain(added) {
        let below = if path.is_empty() {
            key.clone()
        } else {
            format!("{path}.{key}")
        };
        let value = |map: &serde_json::Map<String, Value>| map.get(key).cloned().unwrap_or(Value::Null);
        collect(below, &value(old), &value(new), found);
    }
}

/// Applies changes to a value as it is now. Gives the paths whose value is no longer the one that was to be replaced.
///
/// # Errors
/// Those paths; `current` is then half changed and of no use.
pub fn apply(current: &mut Value, changes: &[Change]) -> Result<(), Vec<String>> {
    let stale: Vec<String> = changes
        .iter()
        .filter(|change| !replace(current, change))
        .map(|change| change.path.clone())
        .collect();
    if stale.is_empty() { Ok(()) } else { Err(stale) }
}

fn replace(current: &mut Value, change: &Change) -> bool {
    let (parents, leaf) = change.path.rsplit_once('.').unwrap_or(("", &change.path));
    let mut place = current;
    for part in parents.split('.').filter(|p| !p.is_empty()) {
        let Some(below) = place.get_mut(part) else { return false };
        place = below;
    }
    let Value::Object(map) = place else { return false };
    if map.get(leaf).unwrap_or(&Value::Null) != &change.before {
        return false;
    }
    if change.after.is_null() {
        map.remove(leaf);
    } else {
        map.insert(leaf.to_owned(), change.after.clone());
    }
    true
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_difference_applied_to_the_old_value_gives_the_new_one() {
        let old = json!({ "a": 1, "limits": ["1", "2"], "rates": { "EUR": "1.1", "GBP": "1.3" }, "same": true });
        let new = json!({ "a": 2, "limits": ["1", "3"], "rates": { "EUR": "1.2", "JPY": "0.01" }, "same": true });
        let found = changes(&old, &new);
        let paths: Vec<&str> = found.iter().map(|c| c.path.as_str()).collect();
        assert_eq!(paths, ["a", "limits", "rates.EUR", "rates.GBP", "rates.JPY"]);
        let mut current = old;
        assert_eq!(apply(&mut current, &found), Ok(()));
        assert_eq!(current, new);
    }

    #[test]
    fn a_value_that_somebody_else_changed_meanwhile_is_named() {
        let found = changes(&json!({ "a": 1, "b": 1 }), &json!({ "a": 2, "b": 1 }));
        let mut elsewhere = json!({ "a": 1, "b": 9 });
        assert_eq!(apply(&mut elsewhere, &found), Ok(()));
        assert_eq!(apply(&mut json!({ "a": 3, "b": 1 }), &found), Err(vec!["a".to_owned()]));
    }
}
