//! What of a schema is deprecated, and the ways that lead there.

use super::notice::Notice;
use async_graphql::Positioned;
use async_graphql::Value;
use async_graphql::parser::parse_schema;
use async_graphql::parser::types::{
    BaseType, ConstDirective, FieldDefinition, InputValueDefinition, Type, TypeKind, TypeSystemDefinition,
};
use metrics::counter;
use std::collections::{HashMap, HashSet};
use std::sync::Arc;

/// An input: what it takes, and whether it is on its way out.
pub(super) struct Input {
    pub(super) of: String,
    pub(super) notice: Option<Arc<Notice>>,
}

/// A field: where it leads, what it takes, and whether it is on its way out.
pub(super) struct Output {
    pub(super) to: String,
    pub(super) arguments: HashMap<String, Input>,
    pub(super) notice: Option<Arc<Notice>>,
}

/// The members of a schema by their types.
#[derive(Default)]
pub struct Lifecycle {
    pub(super) outputs: HashMap<String, HashMap<String, Output>>,
    pub(super) inputs: HashMap<String, HashMap<String, Input>>,
    pub(super) values: HashMap<String, HashMap<String, Arc<Notice>>>,
    /// Types of inputs in which something deprecated can be given.
    pub(super) touched: HashSet<String>,
    /// Nothing is deprecated: nothing is looked for.
    pub(super) idle: bool,
}

impl Lifecycle {
    /// Of a schema in its own language.
    #[must_use]
    pub fn of(sdl: &str) -> Self {
        let mut all = Self::default();
        let Ok(document) = parse_schema(sdl).map_err(|error| tracing::error!(%error, "the schema cannot be read"))
        else {
            return Self {
                idle: true,
                ..Self::default()
            };
        };
        for definition in document.definitions {
            let TypeSystemDefinition::Type(t) = definition else {
                continue;
            };
            let name = t.node.name.node.to_string();
            match t.node.kind {
                TypeKind::Object(o) => all.output(name, o.fields),
                TypeKind::Interface(i) => all.output(name, i.fields),
                TypeKind::InputObject(o) => {
                    let read = o.fields.into_iter().map(|f| input(&name, None, f)).collect();
                    all.inputs.insert(name, read);
                }
                TypeKind::Enum(e) => {
                    let values = e.values.into_iter().filter_map(|v| {
                        let value = v.node.value.node.to_string();
                        let notice = notice(&format!("{name}.{value}"), &v.node.directives)?;
                        Some((value, notice))
                    });
                    let values: HashMap<_, _> = values.collect();
                    all.values.insert(name, values);
                }
                TypeKind::Scalar | TypeKind::Union(_) => {}
            }
        }
        all.touch();
        let idle = all.notices().next().is_none();
        Self { idle, ..all }
    }

    /// What nobody used yet is 0, and not missing.
    pub fn begin_figures(&self) {
        for notice in self.notices() {
            counter!("quartermaster_deprecated_uses_total", "coordinate" => notice.coordinate.clone()).increment(0);
        }
    }

    /// All that is deprecated.
    fn notices(&self) -> impl Iterator<Item = &Arc<Notice>> {
        let outputs = self.outputs.values().flat_map(HashMap::values);
        let arguments = outputs.clone().flat_map(|o| o.arguments.values());
        let inputs = self.inputs.values().flat_map(HashMap::values).chain(arguments);
        let values = self.values.values().flat_map(HashMap::values);
        let notices = outputs.filter_map(|o| o.notice.as_ref());
        notices.chain(inputs.filter_map(|i| i.notice.as_ref())).chain(values)
    }

    fn output(&mut self, name: String, fields: Vec<Positioned<FieldDefinition>>) {
        let read = fields.into_iter().map(|f| {
            let field = f.node.name.node.to_string();
            let at = format!("{name}.{field}");
            let arguments = f
                .node
                .arguments
                .into_iter()
                .map(|a| input(&name, Some(&field), a))
                .collect();
            let output = Output {
                to: named(&f.node.ty.node),
                arguments,
                notice: notice(&at, &f.node.directives),
            };
            (field, output)
        });
        let read = read.collect();
        self.outputs.insert(name, read);
    }

    /// Works out from which inputs something deprecated can be reached, also through others.
    fn touch(&mut self) {
        let enums = self.values.iter().filter(|(_, values)| !values.is_empty());
        self.touched = enums.map(|(name, _)| name.clone()).collect();
        loop {
            let leads = |i: &Input| i.notice.is_some() || self.touched.contains(&i.of);
            let more: Vec<String> = self
                .inputs
                .iter()
                .filter(|(name, fields)| !self.touched.contains(*name) && fields.values().any(leads))
                .map(|(name, _)| name.clone())
                .collect();
            if more.is_empty() {
                return;
            }
            self.touched.extend(more);
        }
    }
}

fn input(of: &str, field: Option<&str>, definition: Positioned<InputValueDefinition>) -> (String, Input) {
    let name = definition.node.name.node.to_string();
    let at = field.map_or_else(|| format!("{of}.{name}"), |field| format!("{of}.{field}({name}:)"));
    let input = Input {
        of: named(&definition.node.ty.node),
        notice: notice(&at, &definition.node.directives),
    };
    (name, input)
}

/// The type inside lists.
pub(super) fn named(of: &Type) -> String {
    let mut base = &of.base;
    loop {
        match base {
            BaseType::Named(name) => return name.to_string(),
            BaseType::List(inner) => base = &inner.base,
        }
    }
}

fn notice(coordinate: &str, directives: &[Positioned<ConstDirective>]) -> Option<Arc<Notice>> {
    let deprecated = directives.iter().find(|d| d.node.name.node.as_str() == "deprecated")?;
    let reason = match deprecated.node.get_argument("reason").map(|r| &r.node) {
        Some(Value::String(reason)) => reason.as_str(),
        _ => "",
    };
    let read = Notice::read(coordinate, reason);
    if read.is_none() {
        tracing::error!(coordinate, reason, "a deprecation that does not say until when");
    }
    read.map(Arc::new)
}
