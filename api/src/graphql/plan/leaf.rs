//! What can be planned: values that write themselves.

use super::{Have, Planner, Selection, Wants};
use async_graphql::ID;
use async_graphql::Positioned;
use async_graphql::parser::types::SelectionSet;
use std::sync::Arc;

/// A value that a plan can write.
pub trait Plain: Send + Sync {
    /// What is selected of it; `None` when something is selected that no plan knows.
    fn plan<'a>(planner: &Planner<'_, 'a>, set: &'a Positioned<SelectionSet>) -> Option<Selection>;

    /// Says what it needs to be written.
    fn want<'s>(&self, selection: &'s Selection, wants: &mut Wants<'s>);

    /// Writes it as JSON.
    fn write(&self, selection: &Selection, have: &Have, out: &mut Vec<u8>);
}

/// Writes a string of JSON.
pub fn text(value: &str, out: &mut Vec<u8>) {
    // Looked at as a whole, without a branch for each byte: nearly every text can be copied as it is.
    let escaped = |b: u8| b < b' ' || b == b'"' || b == b'\\';
    if value.bytes().fold(false, |any, b| any | escaped(b)) {
        // Writing to memory does not fail.
        let _ = serde_json::to_writer(out, value);
        return;
    }
    out.push(b'"');
    out.extend_from_slice(value.as_bytes());
    out.push(b'"');
}

/// Writes a list of JSON.
pub fn list<'v, T: Plain + 'v>(
    values: impl IntoIterator<Item = &'v T>,
    selection: &Selection,
    have: &Have,
    out: &mut Vec<u8>,
) {
    out.push(b'[');
    for (i, value) in values.into_iter().enumerate() {
        if i > 0 {
            out.push(b',');
        }
        value.write(selection, have, out);
    }
    out.push(b']');
}

/// Declares values that refer to nothing: `leaf!(i32, |value, out| …)`.
#[macro_export]
macro_rules! leaf {
    ($type:ty, |$value:ident, $out:ident| $write:expr) => {
        impl $crate::graphql::plan::Plain for $type {
            fn plan<'a>(
                _: &$crate::graphql::plan::Planner<'_, 'a>,
                _: &'a async_graphql::Positioned<async_graphql::parser::types::SelectionSet>,
            ) -> Option<$crate::graphql::plan::Selection> {
                Some($crate::graphql::plan::Selection::leaf())
            }
            fn want<'s>(&self, _: &'s $crate::graphql::plan::Selection, _: &mut $crate::graphql::plan::Wants<'s>) {}
            fn write(&self, _: &$crate::graphql::plan::Selection, _: &$crate::graphql::plan::Have, $out: &mut Vec<u8>) {
                let $value = self;
                $write
            }
        }
    };
}

/// Lets a plan write an enum: `plan_enum!(PurchaseOrderStatus)`.
#[macro_export]
macro_rules! plan_enum {
    ($type:ty) => {
        $crate::leaf!($type, |value, out| {
            if let async_graphql::Value::Enum(name) = async_graphql::resolver_utils::enum_value(*value) {
                $crate::graphql::plan::text(&name, out);
            }
        });
    };
}

leaf!(bool, |value, out| out.extend_from_slice(if *value {
    b"true"
} else {
    b"false"
}));
leaf!(i32, |value, out| {
    // Writing to memory does not fail.
    let _ = serde_json::to_writer(out, value);
});
leaf!(String, |value, out| text(value, out));
leaf!(ID, |value, out| text(value, out));

impl<T: Plain> Plain for Option<T> {
    fn plan<'a>(planner: &Planner<'_, 'a>, set: &'a Positioned<SelectionSet>) -> Option<Selection> {
        T::plan(planner, set)
    }

    fn want<'s>(&self, selection: &'s Selection, wants: &mut Wants<'s>) {
        if let Some(value) = self {
            value.want(selection, wants);
        }
    }

    fn write(&self, selection: &Selection, have: &Have, out: &mut Vec<u8>) {
        match self {
            Some(value) => value.write(selection, have, out),
            None => out.extend_from_slice(b"null"),
        }
    }
}

impl<T: Plain> Plain for Vec<T> {
    fn plan<'a>(planner: &Planner<'_, 'a>, set: &'a Positioned<SelectionSet>) -> Option<Selection> {
        T::plan(planner, set)
    }

    fn want<'s>(&self, selection: &'s Selection, wants: &mut Wants<'s>) {
        for value in self {
            value.want(selection, wants);
        }
    }

    fn write(&self, selection: &Selection, have: &Have, out: &mut Vec<u8>) {
        list(self, selection, have, out);
    }
}

impl<T: Plain> Plain for Arc<T> {
    fn plan<'a>(planner: &Planner<'_, 'a>, set: &'a Positioned<SelectionSet>) -> Option<Selection> {
        T::plan(planner, set)
    }

    fn want<'s>(&self, selection: &'s Selection, wants: &mut Wants<'s>) {
        T::want(self, selection, wants);
    }

    fn write(&self, selection: &Selection, have: &Have, out: &mut Vec<u8>) {
        T::write(self, selection, have, out);
    }
}

#[cfg(test)]
mod tests {
    use super::text;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn a_text_is_written_as_serde_json_writes_it(value in ".{0,40}|[ -~\\x00-\\x1f\\x7f]{0,40}") {
            let mut out = Vec::new();
            text(&value, &mut out);
            prop_assert_eq!(out, serde_json::to_vec(&value).map_err(|e| TestCaseError::fail(e.to_string()))?);
        }
    }
}
