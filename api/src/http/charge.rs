//! What an operation may cost, worked out from its own arguments before anything runs: each field once for each row that it
//! could be read for. A list has as many rows as `first` or `last` ask for. No extension of the engine: those cost more than
//! what they would save.

use super::answer::Fault;
use super::document::meant;
use async_graphql::parser::parse_schema;
use async_graphql::parser::types::{
    BaseType, ExecutableDocument, Field, FieldDefinition, OperationDefinition, OperationType, Selection, SelectionSet,
    TypeKind, TypeSystemDefinition,
};
use async_graphql::{Positioned, Value, Variables};
use std::collections::HashMap;

/// The most that an operation may cost.
const MOST: u64 = 100_000;
/// Counting a whole list, in fields.
const COUNTED: u64 = 100;
/// Rows that a list without pages is taken for.
const PLAIN_LIST: u64 = 10;
/// A value that a mutation is given, in fields that are read.
const WRITTEN: u64 = 10;
/// The most elements of a list that a query or subscription gives. Mutations have limits of their own, each with its sentence.
const ELEMENTS: usize = 1_000;
/// Rows of a page when nothing else is asked for, and the most.
const PAGE: u64 = crate::graphql::page::DEFAULT.unsigned_abs();
const LARGEST_PAGE: u64 = crate::graphql::page::MOST.unsigned_abs();

/// What a field leads to.
struct Leads {
    to: String,
    list: bool,
    connection: bool,
}

/// The fields of each type, with what a charge needs to know of them.
pub struct Tariff(HashMap<String, HashMap<String, Leads>>);

impl Tariff {
    /// Of a schema in its own language. One that cannot be read charges each field once.
    #[must_use]
    pub fn of(sdl: &str) -> Self {
        let mut types = HashMap::new();
        let Ok(document) = parse_schema(sdl) else {
            tracing::error!("the schema cannot be read: lists are not charged");
            return Self(types);
        };
        for definition in document.definitions {
            let TypeSystemDefinition::Type(t) = definition else {
                continue;
            };
            let fields = match t.node.kind {
                TypeKind::Object(o) => o.fields,
                TypeKind::Interface(i) => i.fields,
                _ => continue,
            };
            types.insert(t.node.name.node.to_string(), fields.into_iter().map(leads).collect());
        }
        Self(types)
    }

    /// What an operation costs: the fields that it could read, and of a mutation what it was given. One that costs too much is refused.
    ///
    /// # Errors
    /// `QUERY_TOO_COMPLEX`
    pub fn check(
        &self,
        document: &ExecutableDocument,
        name: Option<&str>,
        variables: &Variables,
    ) -> Result<u64, Fault> {
        let Some(operation) = meant(document, name) else {
            return Ok(0);
        };
        let bill = Bill {
            tariff: self,
            document,
            operation,
            variables,
        };
        if operation.ty != OperationType::Mutation && variables.values().any(|v| longest(v) > ELEMENTS) {
            return Err(too_long());
        }
        let root = match operation.ty {
            OperationType::Query => "Query",
            OperationType::Mutation => "Mutation",
            OperationType::Subscription => "Subscription",
        };
        let cost = bill.set(root, &operation.selection_set.node, 1)?;
        if cost > MOST {
            return Err(Fault::too_complex(format!(
                "This could read {cost} fields, lists counted by the rows that they ask for; at most {MOST} are answered. Ask for fewer rows, or for less of each."
            )));
        }
        Ok(match operation.ty {
            OperationType::Mutation => cost.saturating_add(variables.values().map(elements).sum::<u64>() * WRITTEN),
            OperationType::Query | OperationType::Subscription => cost,
        })
    }
}

fn leads(field: Positioned<FieldDefinition>) -> (String, Leads) {
    let (mut base, mut list) = (&field.node.ty.node.base, false);
    let to = loop {
        match base {
            BaseType::Named(name) => break name.to_string(),
            BaseType::List(inner) => (base, list) = (&inner.base, true),
        }
    };
    let connection = to.ends_with("Connection");
    (field.node.name.node.to_string(), Leads { to, list, connection })
}

fn too_long() -> Fault {
    Fault::too_complex(format!("A list in a query has at most {ELEMENTS} elements."))
}

/// Everything that a value holds.
fn elements(value: &Value) -> u64 {
    match value {
        Value::List(list) => list.iter().map(elements).sum::<u64>(),
        Value::Object(object) => object.values().map(elements).sum::<u64>(),
        _ => 1,
    }
}

/// The length of the longest list in a value.
fn longest(value: &Value) -> usize {
    match value {
        Value::List(list) => list.iter().map(longest).fold(list.len(), usize::max),
        Value::Object(object) => object.values().map(longest).max().unwrap_or(0),
        _ => 0,
    }
}

struct Bill<'a> {
    tariff: &'a Tariff,
    document: &'a ExecutableDocument,
    operation: &'a OperationDefinition,
    variables: &'a Variables,
}

impl Bill<'_> {
    /// What a selection of a type costs; `rows` is how many a connection has, if the type is one.
    fn set(&self, of: &str, set: &SelectionSet, rows: u64) -> Result<u64, Fault> {
        let mut sum = 0_u64;
        for selection in &set.items {
            let cost = match &selection.node {
                Selection::Field(field) => self.field(of, &field.node, rows)?,
                Selection::InlineFragment(inline) => {
                    let on = inline.node.type_condition.as_ref().map(|t| t.node.on.node.as_str());
                    self.set(on.unwrap_or(of), &inline.node.selection_set.node, rows)?
                }
                Selection::FragmentSpread(spread) => match self.document.fragments.get(&spread.node.fragment_name.node)
                {
                    Some(f) => self.set(
                        f.node.type_condition.node.on.node.as_str(),
                        &f.node.selection_set.node,
                        rows,
                    )?,
                    None => 0,
                },
            };
            sum = sum.saturating_add(cost);
        }
        Ok(sum)
    }

    fn field(&self, of: &str, field: &Field, rows: u64) -> Result<u64, Fault> {
        if self.operation.ty != OperationType::Mutation {
            let mut given = field
                .arguments
                .iter()
                .map(|(name, _)| self.given(field, name.node.as_str()));
            if given.any(|v| v.is_some_and(|v| longest(&v) > ELEMENTS)) {
                return Err(too_long());
            }
        }
        let name = field.name.node.as_str();
        let Some(leads) = self.tariff.0.get(of).and_then(|fields| fields.get(name)) else {
            return Ok(1);
        };
        if name == "totalCount" {
            return Ok(COUNTED);
        }
        let asked = self.asked(field);
        let (times, rows) = match (leads.connection, leads.list) {
            (true, _) => (1, asked.unwrap_or(PAGE)),
            (false, true) if of.ends_with("Connection") => (rows, 1),
            (false, true) => (asked.unwrap_or(PLAIN_LIST), 1),
            (false, false) => (1, 1),
        };
        let inside = self.set(&leads.to, &field.selection_set.node, rows)?;
        Ok(times.saturating_mul(inside).saturating_add(1))
    }

    /// How many rows a field asks for: by `first` or `last`, or by as many `ids` or `representations` as it gives.
    fn asked(&self, field: &Field) -> Option<u64> {
        let size = ["first", "last"]
            .iter()
            .find_map(|name| match self.given(field, name)? {
                Value::Number(n) => Some(n.as_i64().unwrap_or(0).max(0).unsigned_abs().min(LARGEST_PAGE)),
                _ => None,
            });
        size.or_else(|| {
            let mut named = ["ids", "representations"].iter();
            named.find_map(|name| match self.given(field, name)? {
                Value::List(named) => Some(named.len() as u64),
                _ => None,
            })
        })
    }

    /// The value of an argument, with its variables filled in.
    fn given(&self, field: &Field, name: &str) -> Option<Value> {
        let value = field.get_argument(name)?.node.clone();
        let filled = value.into_const_with(|variable| {
            let given = self.variables.get(&variable).cloned();
            let defined = || {
                let mut all = self.operation.variable_definitions.iter();
                all.find(|d| d.node.name.node == variable)
                    .and_then(|d| d.node.default_value().cloned())
            };
            Ok::<_, ()>(given.or_else(defined).unwrap_or_default())
        });
        filled.ok()
    }
}

#[cfg(test)]
mod tests {
    use super::{COUNTED, Tariff};
    use async_graphql::parser::parse_query;
    use async_graphql::{Value, Variables};
    use serde_json::json;

    fn cost(query: &str, variables: serde_json::Value) -> Result<u64, String> {
        let sdl = "type Query { orders(first: Int, last: Int): OrderConnection! nodes(ids: [ID!]!): [Order]! } \
            type OrderConnection { nodes: [Order!]! totalCount: Int! } \
            type Order { id: ID! tags: [Tag!]! lines(first: Int): LineConnection! } type LineConnection { nodes: [Line!]! totalCount: Int! } \
            type Line { id: ID! } type Tag { id: ID! }";
        let (tariff, document) = (Tariff::of(sdl), parse_query(query).unwrap());
        let variables = Variables::from_json(variables);
        tariff
            .check(&document, None, &variables)
            .map_err(|f| f.code.to_owned())?;
        let (_, operation) = document.operations.iter().next().unwrap();
        let bill = super::Bill {
            tariff: &tariff,
            document: &document,
            operation: &operation.node,
            variables: &variables,
        };
        Ok(bill
            .set("Query", &operation.node.selection_set.node, 1)
            .unwrap_or_default())
    }

    #[test]
    fn a_list_costs_its_rows_and_a_list_in_it_the_product() {
        assert_eq!(cost("{ orders(first: 5) { nodes { id } } }", json!({})), Ok(1 + 1 + 5));
        assert_eq!(cost("{ orders { nodes { id } } }", json!({})), Ok(1 + 1 + 50));
        let nested = "query($n: Int = 3) { orders(last: 10) { nodes { ...o } } } fragment o on Order { lines(first: $n) { nodes { id } } }";
        assert_eq!(cost(nested, json!({})), Ok(1 + 1 + 10 * (1 + 1 + 3)));
        assert_eq!(cost(nested, json!({ "n": 7 })), Ok(1 + 1 + 10 * (1 + 1 + 7)));
    }

    #[test]
    fn counting_and_plain_lists_and_ids_are_charged() {
        assert_eq!(cost("{ orders { totalCount } }", json!({})), Ok(1 + COUNTED));
        assert_eq!(
            cost("{ nodes(ids: [1, 2]) { tags { id } } }", json!({})),
            Ok(1 + 2 * (1 + 10))
        );
    }

    #[test]
    fn the_same_under_another_name_costs_the_same_again() {
        let twice = "{ a: orders(first: 5) { nodes { id } } b: orders(first: 5) { nodes { id } } }";
        assert_eq!(cost(twice, json!({})), Ok(2 * (1 + 1 + 5)));
    }

    #[test]
    fn a_mutation_costs_what_it_is_given_and_a_subscription_what_it_tells() {
        let tariff = |query: &str, variables| {
            let sdl = "type Query { a: Int } type Mutation { orderCreate(input: Json!): Order } type Subscription { orderChanged: Order } type Order { id: ID! }";
            let document = parse_query(query).unwrap();
            Tariff::of(sdl)
                .check(&document, None, &Variables::from_json(variables))
                .unwrap()
        };
        let create = "mutation($input: Json!) { orderCreate(input: $input) { id } }";
        let lines: Vec<_> = (0..100).map(|n| json!({ "item": n, "quantity": "1" })).collect();
        assert_eq!(
            tariff(create, json!({ "input": { "lines": lines } })),
            2 + 200 * super::WRITTEN
        );
        assert_eq!(tariff("subscription { orderChanged { id } }", json!({})), 2);
    }

    #[test]
    fn too_many_rows_and_too_long_lists_are_refused() {
        let wide = "{ orders(first: 250) { nodes { lines(first: 250) { nodes { a: id b: id } } } } }";
        assert_eq!(cost(wide, json!({})), Err("QUERY_TOO_COMPLEX".to_owned()));
        let ids: Vec<_> = (0..1_001).collect();
        let many = "query($ids: [ID!]!) { nodes(ids: $ids) { id } }";
        assert_eq!(cost(many, json!({ "ids": ids })), Err("QUERY_TOO_COMPLEX".to_owned()));
        assert_eq!(super::longest(&Value::Null), 0);
    }
}
