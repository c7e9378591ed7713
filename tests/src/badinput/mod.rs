//! Bad input: each kind gets a clear, coded answer with its place, changes nothing, and is never a failure of ours.

mod bodies;
mod credentials;
mod drawn;
mod generated;
mod values;
mod written;

pub use generated::hostile;

use crate::duties::Company;
use crate::world::Person;
use serde_json::{Value, json};

/// What a refusal says: the HTTP status, the code, and the path of the field, if one is told.
#[derive(Debug, PartialEq, Eq)]
pub struct Answer {
    pub status: u16,
    pub code: String,
    pub field: String,
}

impl Answer {
    /// Of a status and a body: the first of the payload's errors, else the first at the top.
    pub fn of(status: u16, body: &Value) -> Self {
        let payload = body["data"].as_object().and_then(|d| d.values().next());
        let error = payload.map_or(&Value::Null, |p| &p["userErrors"][0]);
        let (code, path) = if error.is_object() {
            (&error["code"], &error["field"])
        } else {
            (&body["errors"][0]["extensions"]["code"], &Value::Null)
        };
        let path = path.as_array().map(Vec::as_slice).unwrap_or_default();
        let path: Vec<&str> = path.iter().filter_map(Value::as_str).collect();
        Self {
            status,
            code: code.as_str().unwrap_or("none").to_owned(),
            field: path.join("."),
        }
    }
}

/// Sends it as a client that reads the status.
pub async fn send(company: &Company, person: &Person, body: &Value) -> (u16, Value) {
    let request = person.post(&company.world.url(), body);
    let answer = request.send().await.expect("an answer");
    let status = answer.status().as_u16();
    (status, answer.json().await.expect("JSON"))
}

/// A copy of an input with one value put in: `/order/lines/0/quantity`.
pub fn with(input: &Value, path: &str, value: Value) -> Value {
    let mut changed = input.clone();
    let mut at = &mut changed;
    for step in path.split('/').skip(1) {
        at = match step.parse::<usize>() {
            Ok(index) => &mut at.as_array_mut().expect("a list")[index],
            Err(_) => {
                if at.is_null() {
                    *at = json!({});
                }
                &mut at[step]
            }
        };
    }
    *at = value;
    changed
}
