use super::{post, refusal};
use crate::world::World;
use serde_json::{Value, json};

const TEXT: &str = "query Persisted { __typename }";
/// SHA-256 of the text.
const HASH: &str = "91af733d64d0f4f3b774f94cd400e6bec6ddd22eddb2f1a60d2143c2619b0a52";

fn body(text: Option<&str>, hash: &str) -> Value {
    let mut body = json!({ "extensions": { "persistedQuery": { "version": 1, "sha256Hash": hash } } });
    if let Some(text) = text {
        body["query"] = json!(text);
    }
    body
}

#[tokio::test]
async fn a_document_is_sent_once_and_then_named_by_its_hash() {
    let world = World::start().await;
    let unknown = refusal(post(&world, &body(None, HASH))).await;
    assert_eq!(unknown, (200, "PERSISTED_QUERY_NOT_FOUND".to_owned()));
    for body in [body(Some(TEXT), HASH), body(None, HASH)] {
        let answer: Value = post(&world, &body).send().await.unwrap().json().await.unwrap();
        assert_eq!(answer, json!({ "data": { "__typename": "Query" } }), "{body}");
    }
}

#[tokio::test]
async fn a_hash_that_is_not_the_documents_is_refused() {
    let world = World::start().await;
    let other = HASH.chars().rev().collect::<String>();
    for wrong in [other.as_str(), "", "zz"] {
        let refused = refusal(post(&world, &body(Some(TEXT), wrong))).await;
        assert_eq!(refused, (400, "BAD_USER_INPUT".to_owned()), "{wrong}");
    }
}
