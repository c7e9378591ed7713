//! A schema in its language, in the form in which introspection would give it.

use crate::isolation::schema::Schema;
use async_graphql::parser::parse_schema;
use async_graphql::parser::types::{
    BaseType, FieldDefinition, InputValueDefinition, Type, TypeDefinition, TypeKind, TypeSystemDefinition,
};
use async_graphql::{Name, Positioned};
use serde_json::{Value, json};
use std::collections::HashMap;

const SCALARS: [&str; 5] = ["ID", "String", "Int", "Float", "Boolean"];

/// Reads it.
pub fn schema(text: &str) -> Schema {
    let document = parse_schema(text).expect("a schema");
    let types: Vec<TypeDefinition> = document
        .definitions
        .into_iter()
        .filter_map(|d| match d {
            TypeSystemDefinition::Type(t) => Some(t.node),
            TypeSystemDefinition::Schema(_) | TypeSystemDefinition::Directive(_) => None,
        })
        .collect();
    let kinds: HashMap<String, &str> = types
        .iter()
        .map(|t| (t.name.node.to_string(), kind(&t.kind)))
        .chain(SCALARS.map(|s| (s.to_owned(), "SCALAR")))
        .collect();
    let mut out = HashMap::new();
    for name in SCALARS {
        out.insert(name.to_owned(), json!({ "kind": "SCALAR", "name": name }));
    }
    for t in &types {
        out.insert(t.name.node.to_string(), shown(t, &types, &kinds));
    }
    Schema { types: out }
}

fn kind(of: &TypeKind) -> &'static str {
    match of {
        TypeKind::Scalar => "SCALAR",
        TypeKind::Object(_) => "OBJECT",
        TypeKind::Interface(_) => "INTERFACE",
        TypeKind::Union(_) => "UNION",
        TypeKind::Enum(_) => "ENUM",
        TypeKind::InputObject(_) => "INPUT_OBJECT",
    }
}

fn shown(t: &TypeDefinition, all: &[TypeDefinition], kinds: &HashMap<String, &str>) -> Value {
    let name = t.name.node.to_string();
    let names = |list: Vec<&Name>| list.iter().map(|n| json!({ "name": n.as_str() })).collect::<Vec<_>>();
    let mut value = json!({ "kind": kind(&t.kind), "name": name });
    match &t.kind {
        TypeKind::Scalar => {}
        TypeKind::Object(o) => value["fields"] = fields(&o.fields, kinds),
        TypeKind::Interface(i) => {
            value["fields"] = fields(&i.fields, kinds);
            let implement = |t: &&TypeDefinition| match &t.kind {
                TypeKind::Object(o) => o.implements.iter().any(|n| n.node == *name),
                _ => false,
            };
            value["possibleTypes"] = json!(names(all.iter().filter(implement).map(|t| &t.name.node).collect()));
        }
        TypeKind::Union(u) => value["possibleTypes"] = json!(names(u.members.iter().map(|m| &m.node).collect())),
        TypeKind::Enum(e) => value["enumValues"] = json!(names(e.values.iter().map(|v| &v.node.value.node).collect())),
        TypeKind::InputObject(i) => {
            let all: Vec<_> = i.fields.iter().map(|f| input(&f.node, kinds)).collect();
            value["inputFields"] = json!(all);
        }
    }
    value
}

fn fields(all: &[Positioned<FieldDefinition>], kinds: &HashMap<String, &str>) -> Value {
    let one = |f: &Positioned<FieldDefinition>| {
        let arguments: Vec<_> = f.node.arguments.iter().map(|a| input(&a.node, kinds)).collect();
        json!({ "name": f.node.name.node.as_str(), "args": arguments, "type": of(&f.node.ty.node, kinds) })
    };
    json!(all.iter().map(one).collect::<Vec<_>>())
}

fn input(v: &InputValueDefinition, kinds: &HashMap<String, &str>) -> Value {
    let default = v.default_value.as_ref().map(|d| d.node.to_string());
    json!({ "name": v.name.node.as_str(), "type": of(&v.ty.node, kinds), "defaultValue": default })
}

fn of(t: &Type, kinds: &HashMap<String, &str>) -> Value {
    let inner = match &t.base {
        BaseType::Named(name) => {
            json!({ "kind": kinds.get(name.as_str()).copied().unwrap_or("SCALAR"), "name": name.as_str() })
        }
        BaseType::List(inner) => json!({ "kind": "LIST", "ofType": of(inner, kinds) }),
    };
    if t.nullable {
        inner
    } else {
        json!({ "kind": "NON_NULL", "ofType": inner })
    }
}
