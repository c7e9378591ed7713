//! What means the same wherever it stands is described once, here: the arguments of lists and of mutations. It is written into
//! the registry when all types are there, so the schema as text and introspection say the same.

use super::page::{DEFAULT, MOST};
use async_graphql::parser::types::Field;
use async_graphql::registry::{MetaType, Registry};
use async_graphql::{ContextSelectionSet, OutputType, Positioned, ServerResult, Value};
use std::borrow::Cow;

/// What an argument of this name means, where its field does not say so itself.
fn meaning(argument: &str) -> Option<String> {
    let sentence = match argument {
        "input" => "What is to be done.",
        "id" => "Which one.",
        "filter" => "Which rows; without it, all that you may see.",
        "orderBy" => "Which row comes first. A cursor holds for the order that it was given in.",
        "first" => {
            return Some(format!(
                "So many rows from the front: {DEFAULT} unless asked otherwise, at most {MOST}."
            ));
        }
        "last" => {
            return Some(format!(
                "So many rows from the end, at most {MOST}; not together with `first`."
            ));
        }
        "after" => "Only rows behind this cursor.",
        "before" => "Only rows in front of this cursor.",
        _ => return None,
    };
    Some(sentence.to_owned())
}

fn describe(registry: &mut Registry) {
    for found in registry.types.values_mut() {
        match found {
            MetaType::Object { fields, .. } | MetaType::Interface { fields, .. } => {
                let arguments = fields.values_mut().flat_map(|field| field.args.values_mut());
                for argument in arguments.filter(|argument| argument.description.is_none()) {
                    argument.description = meaning(&argument.name);
                }
            }
            // The engine's own scalar, the only one that does not name its standard.
            MetaType::Scalar {
                name, specified_by_url, ..
            } if name == "JSON" => *specified_by_url = Some("https://www.rfc-editor.org/rfc/rfc8259".to_owned()),
            _ => {}
        }
    }
}

/// No type of its own: what the schema's builder registers last, and so the hook to describe all the others.
pub struct Described;

impl OutputType for Described {
    fn type_name() -> Cow<'static, str> {
        Cow::Borrowed("Query")
    }

    fn create_type_info(registry: &mut Registry) -> String {
        describe(registry);
        Self::type_name().into_owned()
    }

    async fn resolve(&self, _: &ContextSelectionSet<'_>, _: &Positioned<Field>) -> ServerResult<Value> {
        Ok(Value::Null)
    }
}
