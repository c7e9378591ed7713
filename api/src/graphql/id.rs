//! Ids at the edge: typed, so that the id of an item is no id of an order. An id of the wrong type is `BAD_USER_INPUT`.

use async_graphql::registry::Registry;
use async_graphql::{ID, InputType, InputValueError, InputValueResult, Value};
use quartermaster_domain::shared::IdError;
use std::borrow::Cow;
use std::fmt::Display;
use std::str::FromStr;
use uuid::Uuid;

/// An argument or input field of type `ID` that must be the id of a `T`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Id<T>(pub T);

impl<T: Into<Uuid> + Copy> Id<T> {
    /// The UUID inside.
    #[must_use]
    pub fn uuid(&self) -> Uuid {
        self.0.into()
    }
}

/// The UUIDs of a list of ids, for filters.
#[must_use]
pub fn uuids<T: Into<Uuid> + Copy>(ids: Option<Vec<Id<T>>>) -> Option<Vec<Uuid>> {
    ids.map(|ids| ids.iter().map(Id::uuid).collect())
}

impl<T: FromStr<Err = IdError> + Display + Send + Sync> InputType for Id<T> {
    type RawValueType = Self;

    fn type_name() -> Cow<'static, str> {
        <ID as InputType>::type_name()
    }

    fn create_type_info(registry: &mut Registry) -> String {
        <ID as InputType>::create_type_info(registry)
    }

    fn parse(value: Option<Value>) -> InputValueResult<Self> {
        match value {
            Some(Value::String(text)) => text
                .parse()
                .map(Self)
                .map_err(|e: IdError| InputValueError::custom(e).with_extension("code", "BAD_USER_INPUT")),
            other => Err(InputValueError::expected_type(other.unwrap_or_default())),
        }
    }

    fn to_value(&self) -> Value {
        Value::String(self.0.to_string())
    }

    fn as_raw_value(&self) -> Option<&Self::RawValueType> {
        Some(self)
    }
}
