//! Whether the variables of a request may be what they are, as far as the engine does not ask: a value that must not be null is there, and
//! is not null (GraphQL, 6.1.2). Whether it is one of its type, the engine says where it is used.

use super::answer::Fault;
use super::document::meant;
use async_graphql::parser::types::{BaseType, ExecutableDocument, Type};
use async_graphql::{Value, Variables};

/// Looks at each variable that the operation of this name declares.
///
/// # Errors
/// `BAD_USER_INPUT`: one that has no value, or null, where its type or that of its elements says that it must have one.
pub fn check(document: &ExecutableDocument, name: Option<&str>, variables: &Variables) -> Result<(), Fault> {
    let declared = meant(document, name).map_or(&[][..], |operation| &operation.variable_definitions);
    for definition in declared {
        let (name, of) = (&definition.node.name.node, &definition.node.var_type.node);
        match variables.get(name) {
            Some(value) => {
                if let Some((element, of)) = null(value, of) {
                    let value = format!("{name}{element}");
                    return Err(Fault::bad_input(format!(
                        "The variable “{value}” is null, and its type {of} must not be."
                    )));
                }
            }
            None if of.nullable || definition.node.default_value.is_some() => {}
            None => {
                return Err(Fault::bad_input(format!(
                    "The variable “{name}” of the type {of} has no value."
                )));
            }
        }
    }
    Ok(())
}

/// Where in a value there is null instead of a value of which type.
fn null<'a>(value: &Value, of: &'a Type) -> Option<(String, &'a Type)> {
    match (value, &of.base) {
        (Value::Null, _) => (!of.nullable).then(|| (String::new(), of)),
        (Value::List(list), BaseType::List(element)) => list
            .iter()
            .enumerate()
            .find_map(|(nth, value)| null(value, element).map(|(at, of)| (format!(".{nth}{at}"), of))),
        // One element alone stands for a list of it.
        (value, BaseType::List(element)) => null(value, element),
        _ => None,
    }
}
