//! JSON as a page shows it: in the order in which it was answered, and on one line what fits into one.

use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_json::Value;
use std::fmt;

/// The longest line.
const WIDTH: usize = 120;

/// JSON whose members stay where they are.
enum Json {
    Leaf(Value),
    List(Vec<Json>),
    Object(Vec<(String, Json)>),
}

struct Any;

impl<'de> Visitor<'de> for Any {
    type Value = Json;

    fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str("JSON")
    }
    fn visit_bool<E>(self, v: bool) -> Result<Json, E> {
        Ok(Json::Leaf(v.into()))
    }
    fn visit_i64<E>(self, v: i64) -> Result<Json, E> {
        Ok(Json::Leaf(v.into()))
    }
    fn visit_u64<E>(self, v: u64) -> Result<Json, E> {
        Ok(Json::Leaf(v.into()))
    }
    fn visit_f64<E>(self, v: f64) -> Result<Json, E> {
        Ok(Json::Leaf(v.into()))
    }
    fn visit_str<E>(self, v: &str) -> Result<Json, E> {
        Ok(Json::Leaf(v.into()))
    }
    fn visit_unit<E>(self) -> Result<Json, E> {
        Ok(Json::Leaf(Value::Null))
    }
    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Json, A::Error> {
        let mut all = Vec::new();
        while let Some(element) = list.next_element()? {
            all.push(element);
        }
        Ok(Json::List(all))
    }
    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Json, A::Error> {
        let mut all = Vec::new();
        while let Some(member) = map.next_entry()? {
            all.push(member);
        }
        Ok(Json::Object(all))
    }
}

impl<'de> Deserialize<'de> for Json {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        from.deserialize_any(Any)
    }
}

/// The same JSON, for people.
pub fn pretty(json: &str) -> String {
    let read: Json = serde_json::from_str(json).unwrap_or_else(|e| panic!("{e}: {json}"));
    let mut out = String::new();
    write(&read, 0, 0, &mut out);
    out + "\n"
}

/// On one line.
fn flat(json: &Json) -> String {
    let joined = |all: Vec<String>| all.join(", ");
    match json {
        Json::Leaf(value) => value.to_string(),
        Json::List(all) if all.is_empty() => "[]".to_owned(),
        Json::List(all) => format!("[{}]", joined(all.iter().map(flat).collect())),
        Json::Object(all) => {
            let member = |(key, value): &(String, Json)| format!("{}: {}", Value::from(key.as_str()), flat(value));
            format!("{{ {} }}", joined(all.iter().map(member).collect()))
        }
    }
}

/// Is there a list of several objects in it? Each of these has a line of its own.
fn listed(json: &Json) -> bool {
    match json {
        Json::Leaf(_) => false,
        Json::List(all) => all.iter().filter(|e| matches!(e, Json::Object(_))).count() > 1 || all.iter().any(listed),
        Json::Object(all) => all.iter().any(|(_, v)| listed(v)),
    }
}

/// `used` is what stands before it on its line.
fn write(json: &Json, indent: usize, used: usize, out: &mut String) {
    let line = flat(json);
    let fits = indent + used + line.len() <= WIDTH && !(indent == 0 && matches!(json, Json::Object(_)));
    if matches!(json, Json::Leaf(_)) || fits && !listed(json) {
        out.push_str(&line);
        return;
    }
    let inner = indent + 2;
    let brackets = match json {
        Json::List(_) => ["[", "]"],
        _ => ["{", "}"],
    };
    out.push_str(brackets[0]);
    let each = |n: usize, key: Option<&str>, value: &Json, out: &mut String| {
        out.push_str(if n == 0 { "\n" } else { ",\n" });
        let key = key.map_or_else(String::new, |k| format!("{}: ", Value::from(k)));
        out.push_str(&format!("{:inner$}{key}", ""));
        write(value, inner, key.len(), out);
    };
    match json {
        Json::List(all) => all.iter().enumerate().for_each(|(n, v)| each(n, None, v, out)),
        Json::Object(all) => all.iter().enumerate().for_each(|(n, (k, v))| each(n, Some(k), v, out)),
        Json::Leaf(_) => {}
    }
    out.push_str(&format!("\n{:indent$}{}", "", brackets[1]));
}

#[test]
fn what_fits_stays_on_one_line_and_in_order() {
    let text = r#"{"data":{"b":{"z":"1.50","a":[]},"list":[{"id":1,"x":{"y":null}},{"id":2,"x":null}]}}"#;
    let shown = "{\n  \"data\": {\n    \"b\": { \"z\": \"1.50\", \"a\": [] },\n    \"list\": [\n      { \"id\": 1, \"x\": { \"y\": null } },\n      { \"id\": 2, \"x\": null }\n    ]\n  }\n}\n";
    assert_eq!(pretty(text), shown);
}
