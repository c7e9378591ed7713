use super::{Cursor, Order, PageCursor, decode};
use proptest::prelude::*;
use uuid::Uuid;

const BY_NUMBER: Order = Order::ascending("number", "t.number", "text");

proptest! {
    #[test]
    fn a_cursor_leads_back_to_its_row(value in "[^\0]{0,40}", n: u128) {
        let cursor = Cursor { tag: BY_NUMBER.tag, value: value.as_str().into(), id: Uuid::from_u128(n) };
        let read = decode(&PageCursor(cursor).to_string(), BY_NUMBER, "after").map_err(|e| TestCaseError::fail(e.message))?;
        prop_assert_eq!((read.tag, read.value.as_str(), read.id), (BY_NUMBER.tag, value.as_str(), Uuid::from_u128(n)));
    }

    #[test]
    fn no_text_panics_as_a_cursor_and_a_refusal_has_its_code(text in ".{0,60}|[A-Za-z0-9_-]{0,80}") {
        if let Err(error) = decode(&text, BY_NUMBER, "after") {
            let code = error.extensions.as_ref().and_then(|e| e.get("code").cloned());
            prop_assert_eq!(code, Some(async_graphql::Value::from("BAD_USER_INPUT")));
        }
    }

    #[test]
    fn a_cursor_of_another_order_is_refused(value in "[a-z]{0,10}") {
        let cursor = Cursor { tag: "name", value: value.into(), id: Uuid::nil() };
        prop_assert!(decode(&PageCursor(cursor).to_string(), BY_NUMBER, "after").is_err());
    }
}
