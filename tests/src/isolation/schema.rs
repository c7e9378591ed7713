//! The schema as a client sees it, and a document for each of its root fields.

use crate::world::Person;
use serde_json::{Map, Value, json};
use std::collections::HashMap;

/// The types of the schema by name, as introspection gives them.
pub struct Schema {
    pub types: HashMap<String, Value>,
}

/// A document for one root field.
pub struct Operation {
    pub name: String,
    pub document: String,
    pub is_mutation: bool,
    variables: Map<String, Value>,
}

/// A place of the variables that holds an id, and the prefix that it must have.
#[derive(Debug, Clone)]
pub struct Place {
    pub path: Vec<String>,
    pub prefix: String,
    /// An id of that type which nobody has.
    pub unknown: String,
}

const TYPE: &str = "kind name ofType { kind name ofType { kind name ofType { kind name ofType { kind name } } } }";

impl Schema {
    pub async fn ask(person: &Person) -> Self {
        let query = format!(
            "{{ __schema {{ types {{ kind name fields {{ name args {{ name type {{ {TYPE} }} }} type {{ {TYPE} }} }} \
             inputFields {{ name defaultValue type {{ {TYPE} }} }} enumValues {{ name }} possibleTypes {{ name }} }} }} }}"
        );
        let answer = person.run(&query, json!({})).await;
        let types = answer["types"]
            .as_array()
            .expect("types")
            .iter()
            .map(|t| (t["name"].as_str().unwrap_or_default().to_owned(), t.clone()));
        Self { types: types.collect() }
    }

    /// Every root field of queries and mutations, as a document that asks for all that needs no argument.
    pub fn operations(&self) -> Vec<Operation> {
        let mut out = self.of_root("Query", "query");
        out.extend(self.of_root("Mutation", "mutation"));
        out
    }

    /// The same of subscriptions.
    pub fn subscriptions(&self) -> Vec<Operation> {
        self.of_root("Subscription", "subscription")
    }

    /// The types that implement an interface.
    pub fn implementing(&self, interface: &str) -> Vec<String> {
        let types = self.types[interface]["possibleTypes"].as_array().expect("an interface");
        types
            .iter()
            .map(|t| t["name"].as_str().expect("name").to_owned())
            .collect()
    }

    fn of_root(&self, root: &str, keyword: &str) -> Vec<Operation> {
        let mut out = Vec::new();
        for field in self.fields(root) {
            let name = field["name"].as_str().expect("name");
            let mut variables = Map::new();
            let mut declared = Vec::new();
            let mut passed = Vec::new();
            for arg in field["args"].as_array().expect("args") {
                let (arg_name, written) = (arg["name"].as_str().expect("name"), written(&arg["type"]));
                if ["after", "before", "last"].contains(&arg_name) {
                    continue;
                }
                declared.push(format!("${arg_name}: {written}"));
                passed.push(format!("{arg_name}: ${arg_name}"));
                if let Some(value) = self.value(&arg["type"], 0) {
                    variables.insert(arg_name.to_owned(), if arg_name == "first" { json!(5) } else { value });
                }
            }
            let paren = |list: &[String]| {
                if list.is_empty() {
                    String::new()
                } else {
                    format!("({})", list.join(", "))
                }
            };
            let selection = self.selection(&field["type"], 0);
            let document = format!(
                "{keyword}{} {{ {name}{}{selection} }}",
                paren(&declared),
                paren(&passed)
            );
            out.push(Operation {
                name: name.to_owned(),
                document,
                is_mutation: keyword == "mutation",
                variables,
            });
        }
        out
    }

    pub fn fields(&self, of: &str) -> Vec<&Value> {
        self.types
            .get(of)
            .and_then(|t| t["fields"].as_array())
            .map(|f| f.iter().collect())
            .unwrap_or_default()
    }

    /// The same of an object type.
    pub fn selection_of(&self, object: &str) -> String {
        self.selection(&json!({ "kind": "OBJECT", "name": object }), 0)
    }

    /// Scalars, then two levels of objects; `nodes` in place of `edges`.
    fn selection(&self, of: &Value, depth: usize) -> String {
        let name = base(of);
        let Some(t) = self.types.get(name) else {
            return String::new();
        };
        match t["kind"].as_str() {
            Some("OBJECT") => {}
            Some("INTERFACE") => {
                return if name == "Node" {
                    " { __typename id }".to_owned()
                } else {
                    " { code message field }".to_owned()
                };
            }
            _ => return String::new(),
        }
        let mut parts = vec!["__typename".to_owned()];
        for field in self.fields(name) {
            let field_name = field["name"].as_str().expect("name");
            let needs = field["args"]
                .as_array()
                .is_some_and(|a| a.iter().any(|a| a["type"]["kind"] == "NON_NULL"));
            if needs || field_name == "edges" {
                continue;
            }
            let kind = self
                .types
                .get(base(&field["type"]))
                .and_then(|t| t["kind"].as_str())
                .unwrap_or_default();
            if matches!(kind, "SCALAR" | "ENUM") {
                parts.push(field_name.to_owned());
            } else if depth < 3 {
                let inner = self.selection(&field["type"], depth + 1);
                if !inner.is_empty() {
                    parts.push(format!("{field_name}{inner}"));
                }
            }
        }
        format!(" {{ {} }}", parts.join(" "))
    }

    /// A value that the type accepts; optional parts only where they hold ids.
    pub fn value(&self, of: &Value, depth: usize) -> Option<Value> {
        if of["kind"] == "NON_NULL" {
            return self.value(&of["ofType"], depth);
        }
        if of["kind"] == "LIST" {
            return self.value(&of["ofType"], depth).map(|v| json!([v]));
        }
        let name = of["name"].as_str().unwrap_or_default();
        Some(match name {
            "ID" => json!("zzz_00000000000000000000000000"),
            "String" => json!("x"),
            "Int" => json!(1),
            "Float" => json!(1.0),
            "Boolean" => json!(false),
            "Decimal" => json!("1"),
            "Date" => json!("2026-06-01"),
            "DateTime" => json!("2026-06-01T00:00:00Z"),
            "CurrencyCode" => json!("USD"),
            "CountryCode" => json!("US"),
            "UnitCode" => json!("EA"),
            "Gtin" => json!("4006381333931"),
            "Gln" => json!("4006381333931"),
            _ => match self.types.get(name)?["kind"].as_str()? {
                "ENUM" => self.types[name]["enumValues"][0]["name"].clone(),
                "INPUT_OBJECT" if depth < 5 => {
                    let mut object = Map::new();
                    for field in self.types[name]["inputFields"].as_array()? {
                        let required = field["type"]["kind"] == "NON_NULL";
                        if (required || self.holds_id(&field["type"], 0))
                            && let Some(value) = self.value(&field["type"], depth + 1)
                        {
                            object.insert(field["name"].as_str()?.to_owned(), value);
                        }
                    }
                    Value::Object(object)
                }
                "SCALAR" => json!({}),
                _ => return None,
            },
        })
    }

    fn holds_id(&self, of: &Value, depth: usize) -> bool {
        let name = base(of);
        name == "ID"
            || depth < 4
                && self
                    .types
                    .get(name)
                    .and_then(|t| t["inputFields"].as_array())
                    .is_some_and(|f| f.iter().any(|f| self.holds_id(&f["type"], depth + 1)))
    }
}

impl Operation {
    /// Variables without any id: optional ones left out.
    pub fn variables(&self) -> Value {
        let mut v = Value::Object(self.variables.clone());
        prune(&mut v);
        v
    }

    /// The places that hold ids, each with the prefix that the server asks for there.
    pub async fn id_places(&self, person: &Person) -> Vec<Place> {
        let mut paths = Vec::new();
        walk(&Value::Object(self.variables.clone()), &mut vec![], &mut paths);
        let mut variables = Value::Object(self.variables.clone());
        let mut places = Vec::new();
        for _ in 0..paths.len() * 2 {
            let answer = person.ask(&self.document, variables.clone()).await.to_string();
            let Some((_, rest)) = answer.split_once("begins with “") else {
                break;
            };
            let prefix = rest.split('_').next().unwrap_or_default().to_owned();
            // Which one was meant is found by giving that prefix to each of those that are still open.
            let fresh = quartermaster_tenants::id::encode(&prefix, uuid::Uuid::now_v7());
            let open: Vec<Vec<String>> = paths
                .iter()
                .filter(|p| !places.iter().any(|q: &Place| q.path == **p))
                .cloned()
                .collect();
            // Two places of the same type hide each other: open ones are filled until the answer changes, and those that did
            // not matter are emptied again.
            let changed = |after: &str| {
                count(after) != count(&answer) || after.split_once("begins with “").map(|(_, r)| r) != Some(rest)
            };
            let (mut tried, mut filled, mut found) = (variables.clone(), Vec::new(), false);
            for path in open {
                put(&mut tried, &path, &fresh);
                filled.push(path);
                if !changed(&person.ask(&self.document, tried.clone()).await.to_string()) {
                    continue;
                }
                for path in filled {
                    let mut without = tried.clone();
                    put(&mut without, &path, UNTYPED);
                    if changed(&person.ask(&self.document, without.clone()).await.to_string()) {
                        tried = without;
                        continue;
                    }
                    places.push(Place {
                        path,
                        prefix: prefix.clone(),
                        unknown: fresh.clone(),
                    });
                }
                (variables, found) = (tried, true);
                break;
            }
            if !found {
                break;
            }
        }
        // `node(id:)` takes any type: asked for apart.
        places
    }

    /// All places that hold ids, whether or not the server says of which type.
    pub fn all_id_paths(&self) -> Vec<Vec<String>> {
        let mut paths = Vec::new();
        walk(&Value::Object(self.variables.clone()), &mut vec![], &mut paths);
        paths
    }

    /// The variables with this id at one place, and without any other.
    pub fn variables_at(&self, path: &[String], id: &str) -> Value {
        let mut variables = Value::Object(self.variables.clone());
        put(&mut variables, path, id);
        prune(&mut variables);
        variables
    }

    /// All that it takes, with the id of each place as `id_of` knows it for the prefix.
    pub fn variables_of(&self, places: &[Place], id_of: impl Fn(&str) -> Option<String>) -> Value {
        let mut variables = Value::Object(self.variables.clone());
        let mut open = Vec::new();
        walk(&variables, &mut vec![], &mut open);
        // Where two places of one type follow each other the server's words do not tell them apart; their names do.
        let own = if self.name.starts_with("category") {
            "cat"
        } else {
            "reg"
        };
        let named = [("ocationId", "loc"), ("itemId", "itm"), ("id", own), ("parentId", own)];
        for path in &open {
            let name = path.last().map(String::as_str).unwrap_or_default();
            let prefix = named
                .into_iter()
                .find(|(n, _)| name == *n || n.len() > 4 && name.ends_with(n));
            if let Some(id) = prefix.and_then(|(_, prefix)| id_of(prefix)) {
                put(&mut variables, path, &id);
            }
        }
        for place in places {
            let id = id_of(&place.prefix).unwrap_or_else(|| place.unknown.clone());
            put(&mut variables, &place.path, &id);
        }
        prune(&mut variables);
        for (name, value) in &self.variables {
            if value.is_object() && variables[name].is_null() {
                variables[name] = json!({});
            }
        }
        variables
    }

    /// All ids unknown but of the right type, and this one at its place.
    pub fn variables_with(&self, places: &[Place], place: &Place, id: &str) -> Value {
        let mut variables = Value::Object(self.variables.clone());
        for other in places {
            put(&mut variables, &other.path, &other.unknown);
        }
        put(&mut variables, &place.path, id);
        prune(&mut variables);
        variables
    }
}

fn count(answer: &str) -> usize {
    answer.matches("begins with “").count()
}

pub fn base(of: &Value) -> &str {
    let mut t = of;
    while !t["ofType"].is_null() {
        t = &t["ofType"];
    }
    t["name"].as_str().unwrap_or_default()
}

pub fn written(of: &Value) -> String {
    match of["kind"].as_str() {
        Some("NON_NULL") => format!("{}!", written(&of["ofType"])),
        Some("LIST") => format!("[{}]", written(&of["ofType"])),
        _ => of["name"].as_str().unwrap_or_default().to_owned(),
    }
}

const UNTYPED: &str = "zzz_00000000000000000000000000";

fn walk(value: &Value, path: &mut Vec<String>, out: &mut Vec<Vec<String>>) {
    match value {
        Value::String(s) if s == UNTYPED => out.push(path.clone()),
        Value::Array(list) => {
            for (i, v) in list.iter().enumerate() {
                path.push(i.to_string());
                walk(v, path, out);
                path.pop();
            }
        }
        Value::Object(map) => {
            for (k, v) in map {
                path.push(k.clone());
                walk(v, path, out);
                path.pop();
            }
        }
        _ => {}
    }
}

fn put(value: &mut Value, path: &[String], id: &str) {
    let mut at = value;
    for step in path {
        at = match at {
            Value::Array(list) => &mut list[step.parse::<usize>().expect("index")],
            other => &mut other[step.as_str()],
        };
    }
    *at = json!(id);
}

/// Takes out what still holds an id of no type.
fn prune(value: &mut Value) {
    match value {
        Value::Object(map) => {
            map.values_mut().for_each(prune);
            map.retain(|_, v| {
                let empty = v.as_object().is_some_and(Map::is_empty) || v.as_array().is_some_and(Vec::is_empty);
                v.as_str() != Some(UNTYPED) && !empty
            });
        }
        Value::Array(list) => {
            list.iter_mut().for_each(prune);
            list.retain(|v| v.as_str() != Some(UNTYPED));
        }
        _ => {}
    }
}
