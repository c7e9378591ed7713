//! What of an operation is deprecated: worked out once for a document, but for what its variables bring.

use super::index::{Lifecycle, named};
use super::notice::Notice;
use crate::http::document::Document;
use async_graphql::parser::types::{
    ExecutableDocument, Field, OperationDefinition, OperationType, Selection, SelectionSet,
};
use async_graphql::{Name, Value, Variables};
use std::collections::HashMap;
use std::sync::{Arc, OnceLock};

/// What the operations of a document use, by their names.
pub type Kept = OnceLock<HashMap<Option<String>, Uses>>;

/// What an operation uses.
#[derive(Debug, Default)]
pub struct Uses {
    /// What its text says.
    written: Vec<Arc<Notice>>,
    /// Variables that can bring more, with their types.
    watched: Vec<(Name, String)>,
}

impl Lifecycle {
    pub(super) fn used(&self, document: &Document, name: Option<&str>, variables: &Variables) -> Vec<Arc<Notice>> {
        if self.idle {
            return Vec::new();
        }
        let kept = document.uses.get_or_init(|| self.all(&document.parsed));
        let found = kept.iter().find(|(n, _)| name.is_none() || n.as_deref() == name);
        let Some((_, uses)) = found.filter(|(_, u)| !u.written.is_empty() || !u.watched.is_empty()) else {
            return Vec::new();
        };
        let mut used = uses.written.clone();
        for (variable, of) in &uses.watched {
            if let Some(value) = variables.get(variable) {
                self.given(of, value, &mut used);
            }
        }
        used
    }

    fn all(&self, document: &ExecutableDocument) -> HashMap<Option<String>, Uses> {
        let operations = document.operations.iter();
        let read = operations
            .map(|(name, operation)| (name.map(ToString::to_string), self.operation(document, &operation.node)));
        read.collect()
    }

    fn operation(&self, document: &ExecutableDocument, operation: &OperationDefinition) -> Uses {
        let root = match operation.ty {
            OperationType::Query => "Query",
            OperationType::Mutation => "Mutation",
            OperationType::Subscription => "Subscription",
        };
        let mut uses = Uses::default();
        self.set(document, root, &operation.selection_set.node, &mut uses.written);
        for definition in &operation.variable_definitions {
            let of = named(&definition.node.var_type.node);
            if self.touched.contains(&of) {
                uses.watched.push((definition.node.name.node.clone(), of));
            }
        }
        uses
    }

    /// A document is charged before: fragments written out, it is small.
    fn set(&self, document: &ExecutableDocument, of: &str, set: &SelectionSet, used: &mut Vec<Arc<Notice>>) {
        for selection in &set.items {
            match &selection.node {
                Selection::Field(field) => self.field(document, of, &field.node, used),
                Selection::InlineFragment(inline) => {
                    let on = inline.node.type_condition.as_ref().map(|t| t.node.on.node.as_str());
                    self.set(document, on.unwrap_or(of), &inline.node.selection_set.node, used);
                }
                Selection::FragmentSpread(spread) => {
                    if let Some(f) = document.fragments.get(&spread.node.fragment_name.node) {
                        let on = f.node.type_condition.node.on.node.as_str();
                        self.set(document, on, &f.node.selection_set.node, used);
                    }
                }
            }
        }
    }

    fn field(&self, document: &ExecutableDocument, of: &str, field: &Field, used: &mut Vec<Arc<Notice>>) {
        let name = field.name.node.as_str();
        let Some(output) = self.outputs.get(of).and_then(|fields| fields.get(name)) else {
            return;
        };
        note(output.notice.as_ref(), used);
        for (name, value) in &field.arguments {
            let Some(input) = output.arguments.get(name.node.as_str()) else {
                continue;
            };
            note(input.notice.as_ref(), used);
            if self.touched.contains(&input.of) {
                // Variables are looked at when they come.
                let literal = value.node.clone().into_const_with(|_| Ok::<_, ()>(Value::Null));
                if let Ok(literal) = literal {
                    self.given(&input.of, &literal, used);
                }
            }
        }
        self.set(document, &output.to, &field.selection_set.node, used);
    }

    fn given(&self, of: &str, value: &Value, used: &mut Vec<Arc<Notice>>) {
        if !self.touched.contains(of) {
            return;
        }
        match value {
            Value::Enum(word) => self.word(of, word.as_str(), used),
            Value::String(word) => self.word(of, word, used),
            Value::List(list) => list.iter().for_each(|v| self.given(of, v, used)),
            Value::Object(object) => {
                let fields = self.inputs.get(of);
                for (name, value) in object {
                    if let Some(input) = fields.and_then(|f| f.get(name.as_str())) {
                        note(input.notice.as_ref(), used);
                        self.given(&input.of, value, used);
                    }
                }
            }
            _ => {}
        }
    }

    fn word(&self, of: &str, word: &str, used: &mut Vec<Arc<Notice>>) {
        note(self.values.get(of).and_then(|values| values.get(word)), used);
    }
}

/// Each once.
fn note(notice: Option<&Arc<Notice>>, used: &mut Vec<Arc<Notice>>) {
    if let Some(notice) = notice
        && !used.iter().any(|u| u.coordinate == notice.coordinate)
    {
        used.push(notice.clone());
    }
}

#[cfg(test)]
mod tests {
    use super::Lifecycle;
    use crate::http::document::Document;
    use async_graphql::Variables;
    use chrono::{DateTime, Utc};
    use serde_json::json;

    const SDL: &str = r#"
        type Query { orders(filter: Filter, order: Order, old: Int @deprecated(reason: "Use `filter`. Deprecated on 2026-01-01, withdrawn on 2027-01-01.")): [Node!]! plain: Int! }
        interface Node { id: ID! }
        type Purchase implements Node { id: ID! name: String! title: String @deprecated(reason: "Use `name`. Deprecated on 2026-02-01, withdrawn on 2026-09-01.") }
        input Filter { and: [Filter!] state: State status: Int @deprecated(reason: "Use `state`. Deprecated on 2026-01-01, withdrawn on 2027-01-01.") }
        enum State { OPEN DONE CLOSED @deprecated(reason: "Use `DONE`. Deprecated on 2026-01-01, withdrawn on 2027-01-01.") }
        enum Order { UP DOWN }
    "#;

    fn used(query: &str, variables: serde_json::Value) -> Vec<String> {
        let (lifecycle, document) = (Lifecycle::of(SDL), Document::read(query).map_err(|f| f.code).unwrap());
        let used = lifecycle.used(&document, None, &Variables::from_json(variables));
        used.iter().map(|notice| notice.coordinate.clone()).collect()
    }

    #[test]
    fn fields_arguments_inputs_and_values_are_found_in_the_text_and_in_what_variables_bring() {
        let none: Vec<String> = Vec::new();
        assert_eq!(
            used("{ plain orders(order: UP, filter: { state: OPEN }) { id } }", json!({})),
            none
        );
        let field = "{ orders { ...f } } fragment f on Purchase { a: title title }";
        assert_eq!(used(field, json!({})), ["Purchase.title"]);
        assert_eq!(
            used("{ orders { ... on Purchase { title } } }", json!({})),
            ["Purchase.title"]
        );
        assert_eq!(used("{ orders(old: 1) { id } }", json!({})), ["Query.orders(old:)"]);
        let literal = "{ orders(filter: { and: [{ status: 1 }, { state: CLOSED }] }) { id } }";
        assert_eq!(used(literal, json!({})), ["Filter.status", "State.CLOSED"]);
        let variable =
            "query($f: Filter, $s: State) { orders(filter: $f) { id } b: orders(filter: { state: $s }) { id } }";
        assert_eq!(used(variable, json!({ "f": { "state": "OPEN" }, "s": "DONE" })), none);
        assert_eq!(
            used(variable, json!({ "f": { "and": [{ "status": 1 }] }, "s": "CLOSED" })),
            ["Filter.status", "State.CLOSED"]
        );
    }

    #[test]
    fn what_was_withdrawn_is_refused_from_its_day_on_and_says_what_to_use() {
        let lifecycle = Lifecycle::of(SDL);
        let document = Document::read("{ orders { ... on Purchase { title } } }")
            .map_err(|f| f.code)
            .unwrap();
        let at = |text: &str| {
            let now: DateTime<Utc> = text.parse().unwrap();
            lifecycle.pass(&document, None, &Variables::default(), || now)
        };
        assert_eq!(
            at("2026-08-31T23:59:59Z").map(|used| used.len()).map_err(|f| f.code),
            Ok(1)
        );
        let refused = at("2026-09-01T00:00:00Z").map(|used| used.len()).unwrap_err();
        assert_eq!(refused.code, "WITHDRAWN");
        assert_eq!(
            refused.message,
            "Purchase.title was withdrawn on 2026-09-01. Use `name`."
        );
    }

    #[test]
    fn a_document_is_walked_once_and_one_of_a_schema_without_deprecations_never() {
        let document = Document::read("{ plain }").map_err(|f| f.code).unwrap();
        let none = Lifecycle::of("type Query { plain: Int! }");
        assert!(none.used(&document, None, &Variables::default()).is_empty());
        assert!(document.uses.get().is_none());
        assert!(
            Lifecycle::of(SDL)
                .used(&document, None, &Variables::default())
                .is_empty()
        );
        assert_eq!(document.uses.get().map(|kept| kept.len()), Some(1));
    }
}
