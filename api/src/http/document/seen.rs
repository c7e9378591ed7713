//! What of a request is worked out from its document and its variables alone, and so once for all requests that are alike: what it may
//! cost, and whether it keeps the rules of GraphQL (section 5).
//!
//! Requests are alike when they differ in no more than what strings say: in whose id is asked for, and not in how many ids, in which
//! numbers, or in the value of an enum. The rules look at a string only where it stands for one of those.

use async_graphql::{Value, Variables};
use std::hash::{BuildHasher, Hash, Hasher, RandomState};
use std::sync::{LazyLock, Mutex, MutexGuard, PoisonError};

/// Of one document so many kinds of requests are remembered, the latest.
const REMEMBERED: usize = 16;

/// What requests that are alike have in common. Nobody outside knows the key of this hash, so nobody can make two that only look alike.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Shape(u64);

static KEY: LazyLock<RandomState> = LazyLock::new(RandomState::new);

impl Shape {
    /// The shape of a request for this operation with these variables.
    #[must_use]
    pub fn of(operation: Option<&str>, variables: &Variables) -> Self {
        let mut hasher = KEY.build_hasher();
        operation.hash(&mut hasher);
        for (name, value) in variables.iter() {
            name.as_str().hash(&mut hasher);
            shape(value, &mut hasher);
        }
        Self(hasher.finish())
    }
}

fn shape(value: &Value, hasher: &mut impl Hasher) {
    match value {
        Value::Null => 0_u8.hash(hasher),
        Value::Boolean(is) => (1_u8, is).hash(hasher),
        Value::Number(number) => (2_u8, number).hash(hasher),
        Value::Enum(name) => (3_u8, name.as_str()).hash(hasher),
        Value::String(text) if may_be_of_an_enum(text) => (3_u8, text.as_str()).hash(hasher),
        Value::String(_) | Value::Binary(_) => 4_u8.hash(hasher),
        Value::List(list) => {
            (5_u8, list.len()).hash(hasher);
            list.iter().for_each(|element| shape(element, hasher));
        }
        Value::Object(object) => {
            (6_u8, object.len()).hash(hasher);
            for (name, value) in object {
                name.as_str().hash(hasher);
                shape(value, hasher);
            }
        }
    }
}

/// Values of enums are written in capitals here, as the specification recommends (GraphQL, 2.9.6).
fn may_be_of_an_enum(text: &str) -> bool {
    text.bytes()
        .all(|b| b.is_ascii_uppercase() || b.is_ascii_digit() || b == b'_')
}

/// What is known of the requests for a document.
#[derive(Default)]
pub struct Seen(Mutex<Vec<Known>>);

struct Known {
    shape: Shape,
    cost: u64,
    keeps_the_rules: bool,
}

impl Seen {
    /// What requests of this shape cost: as `work` says, which is asked once.
    ///
    /// # Errors
    /// That of `work`, which is asked again next time.
    pub fn cost<E>(&self, shape: Shape, work: impl FnOnce() -> Result<u64, E>) -> Result<u64, E> {
        if let Some(known) = self.all().iter().find(|known| known.shape == shape) {
            return Ok(known.cost);
        }
        let cost = work()?;
        let mut all = self.all();
        if all.len() >= REMEMBERED {
            all.remove(0);
        }
        all.push(Known {
            shape,
            cost,
            keeps_the_rules: false,
        });
        Ok(cost)
    }

    /// Did a request of this shape keep the rules?
    #[must_use]
    pub fn keeps_the_rules(&self, shape: Shape) -> bool {
        self.all()
            .iter()
            .any(|known| known.shape == shape && known.keeps_the_rules)
    }

    /// One did.
    pub fn kept_the_rules(&self, shape: Shape) {
        for known in self.all().iter_mut().filter(|known| known.shape == shape) {
            known.keeps_the_rules = true;
        }
    }

    fn all(&self) -> MutexGuard<'_, Vec<Known>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::{REMEMBERED, Seen, Shape, may_be_of_an_enum};
    use crate::graphql::{Mutation, Query, Subscription};
    use async_graphql::registry::{MetaType, Registry};
    use async_graphql::{OutputType, SubscriptionType, Value, Variables};
    use serde_json::json;

    fn shape(variables: serde_json::Value) -> Shape {
        Shape::of(Some("Orders"), &Variables::from_json(variables))
    }

    #[test]
    fn requests_are_alike_that_differ_in_what_their_strings_say_and_in_nothing_else() {
        let line = |item: &str, quantity: &str| json!({ "itemId": item, "quantity": quantity });
        let order = |lines: serde_json::Value| shape(json!({ "input": { "lines": lines, "unit": "EA" } }));
        let one = order(json!([line("itm_1a", "1.5"), line("itm_2b", "2")]));
        assert_eq!(one, order(json!([line("itm_3c", "70.0"), line("itm_4d", "2")])));
        let others = [
            order(json!([line("itm_1a", "1.5")])),
            order(json!([line("itm_1a", "1.5"), { "itemId": "itm_2b", "quantity": 2 }])),
            order(json!([line("itm_1a", "1.5"), { "itemId": "itm_2b" }])),
            order(json!([line("itm_1a", "1.5"), { "itemId": "itm_2b", "quantity": null }])),
            shape(json!({ "input": { "lines": [line("itm_1a", "1.5"), line("itm_2b", "2")], "unit": "KG" } })),
            Shape::of(None, &Variables::from_json(json!({}))),
            shape(json!({})),
            shape(json!({ "first": 1 })),
            shape(json!({ "first": 2 })),
            shape(json!({ "last": 1 })),
            shape(json!({ "first": true })),
            shape(json!({ "first": false })),
        ];
        for (nth, other) in others.iter().enumerate() {
            assert_ne!(*other, one);
            assert!(!others[..nth].contains(other), "{nth}");
        }
    }

    #[test]
    fn the_latest_are_remembered_and_what_failed_is_not() {
        let seen = Seen::default();
        let of = |n: usize| shape(json!({ "first": n }));
        assert_eq!(seen.cost(of(0), || Err::<u64, _>("too much")), Err("too much"));
        for n in 0..=REMEMBERED {
            assert_eq!(seen.cost(of(n), || Ok::<_, ()>(n as u64)), Ok(n as u64));
            assert!(!seen.keeps_the_rules(of(n)));
            seen.kept_the_rules(of(n));
        }
        assert_eq!(seen.cost(of(1), || Err("asked again")), Ok(1));
        assert_eq!(seen.cost(of(0), || Err("asked again")), Err("asked again"));
        assert!(seen.keeps_the_rules(of(1)) && !seen.keeps_the_rules(of(0)));
    }

    /// What the rules look at in a string: whether it is the value of an enum, and nothing that a scalar would have it say.
    #[test]
    fn the_rules_look_at_no_string_but_at_values_of_enums_which_are_written_in_capitals() {
        let mut registry = Registry::default();
        Query::create_type_info(&mut registry);
        Mutation::create_type_info(&mut registry);
        Subscription::create_type_info(&mut registry);
        let (mut values, mut scalars) = (0, 0);
        for meta in registry.types.values() {
            match meta {
                MetaType::Enum { name, enum_values, .. } => {
                    for value in enum_values.keys() {
                        assert!(may_be_of_an_enum(value), "{name}.{value}");
                        values += 1;
                    }
                }
                MetaType::Scalar { name, is_valid, .. } => {
                    let Some(is_valid) = is_valid else { continue };
                    let takes = |text: &str| is_valid(&Value::String(text.to_owned()));
                    let texts = [
                        "",
                        "a",
                        "1",
                        "1.5",
                        "-1",
                        "itm_1a",
                        "2026-11-27",
                        "true",
                        "null",
                        "ö \u{1}",
                    ];
                    assert!(texts.iter().all(|text| takes(text) == takes("")), "{name}");
                    scalars += 1;
                }
                _ => {}
            }
        }
        assert!(values > 100 && scalars > 5, "{values} values, {scalars} scalars");
    }
}
