//! Reads a request: JSON on POST, the query string on GET; registered documents by their id, automatic persisted queries by
//! Apollo's protocol.

use super::answer::Fault;
use super::document::{Document, Documents, Shape};
use super::metrics::Sender;
use super::registered::{Registered, unregistered};
use async_graphql::{Name, Value, Variables};
use axum::http::{HeaderMap, StatusCode, header};
use serde::Deserialize;
use sha2::{Digest, Sha256};
use std::sync::{Arc, OnceLock};

/// The parameters of a GraphQL request (GraphQL over HTTP, section 4.1).
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Parameters {
    /// The document.
    pub query: Option<String>,
    /// The id of a registered document, in place of one.
    pub document_id: Option<String>,
    /// Which operation of it.
    pub operation_name: Option<String>,
    /// Values for its variables.
    #[serde(default)]
    pub variables: Variables,
    /// What the protocol does not know.
    pub extensions: Option<Extensions>,
    #[serde(skip)]
    shape: OnceLock<Shape>,
}

/// The extensions that are understood; others are ignored.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Extensions {
    persisted_query: Option<Persisted>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Persisted {
    version: i32,
    sha256_hash: String,
}

/// Is the body JSON? Other types could be sent by a page of another site without asking first (CSRF).
#[must_use]
pub fn is_json(headers: &HeaderMap) -> bool {
    let Some(value) = headers.get(header::CONTENT_TYPE).and_then(|v| v.to_str().ok()) else {
        return false;
    };
    let mut parts = value.split(';').map(|p| p.trim().to_ascii_lowercase());
    parts.next().as_deref() == Some("application/json")
        && parts.all(|p| {
            !p.starts_with("charset=") || matches!(p.trim_start_matches("charset=").trim_matches('"'), "utf-8" | "utf8")
        })
}

impl Parameters {
    /// What it has in common with requests that are alike. Nothing of it changes once it is read.
    #[must_use]
    pub fn shape(&self) -> Shape {
        *self
            .shape
            .get_or_init(|| Shape::of(self.operation_name.as_deref(), &self.variables))
    }

    /// Whether there is a document, or the name of one.
    #[must_use]
    pub fn has_document(&self) -> bool {
        let persisted = self.extensions.as_ref().is_some_and(|e| e.persisted_query.is_some());
        self.query.is_some() || self.document_id.is_some() || persisted
    }

    /// Reads the body of a POST.
    ///
    /// # Errors
    /// 400, coded.
    pub fn from_body(body: &[u8]) -> Result<Self, Fault> {
        let bad = |message: &str| Fault::http(StatusCode::BAD_REQUEST, message);
        match body.iter().find(|b| !b.is_ascii_whitespace()) {
            Some(b'{') => {}
            Some(b'[') => return Err(bad("Batches are not served: send one request at a time.")),
            _ => return Err(bad("The body is not a JSON object.")),
        }
        serde_json::from_slice(body).map_err(|e| {
            bad(&format!(
                "The body is not a GraphQL request in JSON (line {}, column {}).",
                e.line(),
                e.column()
            ))
        })
    }

    /// Reads the query string of a GET.
    ///
    /// # Errors
    /// 400, coded.
    pub fn from_query_string(text: &str) -> Result<Self, Fault> {
        let mut out = Self::default();
        let bad = |name: &str| {
            Fault::http(
                StatusCode::BAD_REQUEST,
                format!("The parameter “{name}” is not JSON of the right kind."),
            )
        };
        for (name, value) in url::form_urlencoded::parse(text.as_bytes()) {
            match name.as_ref() {
                "query" => out.query = Some(value.into_owned()),
                "documentId" if !value.is_empty() => out.document_id = Some(value.into_owned()),
                "operationName" if !value.is_empty() => out.operation_name = Some(value.into_owned()),
                "variables" if !value.is_empty() => {
                    out.variables = serde_json::from_str(&value).map_err(|_| bad("variables"))?
                }
                "extensions" if !value.is_empty() => {
                    out.extensions = Some(serde_json::from_str(&value).map_err(|_| bad("extensions"))?)
                }
                _ => {}
            }
        }
        Ok(out)
    }

    /// The document: registered, parsed now, or kept from before.
    ///
    /// # Errors
    /// Coded faults; `PERSISTED_QUERY_NOT_FOUND` asks the client to send the text as well.
    pub fn document(&self, registered: &Registered, documents: &Documents, by: Sender) -> Result<Arc<Document>, Fault> {
        let text = self.query.as_deref().filter(|t| !t.is_empty());
        let persisted = self.extensions.as_ref().and_then(|e| e.persisted_query.as_ref());
        if let Some(id) = &self.document_id {
            if text.is_some() || persisted.is_some() {
                return Err(Fault::http(
                    StatusCode::BAD_REQUEST,
                    "Give “documentId” alone: it stands for the document.",
                ));
            }
            let found = registered.find(id);
            return found.ok_or_else(|| unregistered("No document of this id is registered."));
        }
        let Some(persisted) = persisted else {
            let text = text.ok_or_else(|| {
                Fault::http(
                    StatusCode::BAD_REQUEST,
                    "The parameter “query” is missing: it holds the GraphQL document.",
                )
            })?;
            registered.check(text)?;
            return documents.read(text, by);
        };
        let hash: Option<[u8; 32]> = hex::decode(&persisted.sha256_hash).ok().and_then(|h| h.try_into().ok());
        let (Some(hash), 1) = (hash, persisted.version) else {
            return Err(Fault::http(
                StatusCode::BAD_REQUEST,
                "A persisted query has version 1 and a SHA-256 in hexadecimal.",
            ));
        };
        match text {
            None => {
                let known = registered
                    .find(&persisted.sha256_hash)
                    .or_else(|| documents.known(&hash));
                known.ok_or_else(|| Fault {
                    status: Some(StatusCode::OK),
                    ..Fault::new("PERSISTED_QUERY_NOT_FOUND", "PersistedQueryNotFound")
                })
            }
            Some(text) if <[u8; 32]>::from(Sha256::digest(text)) == hash => {
                registered.check(text)?;
                documents.read(text, by)
            }
            Some(_) => Err(Fault::http(
                StatusCode::BAD_REQUEST,
                "The document does not have the SHA-256 that came with it.",
            )),
        }
    }

    /// Refuses a NUL in a string of the variables: PostgreSQL's text cannot hold it.
    ///
    /// # Errors
    /// `BAD_USER_INPUT` with the path.
    pub fn check_text(&self) -> Result<(), Fault> {
        for (name, value) in self.variables.iter() {
            if let Some(path) = nul(value) {
                return Err(Fault::bad_input(format!(
                    "The variable “{name}{path}” holds the character U+0000, which no text here can hold."
                )));
            }
        }
        Ok(())
    }
}

fn nul(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => text.contains('\0').then(String::new),
        Value::List(list) => list
            .iter()
            .enumerate()
            .find_map(|(i, v)| nul(v).map(|p| format!(".{i}{p}"))),
        Value::Object(object) => object.iter().find_map(|(k, v)| {
            if k.as_str().contains('\0') {
                Some(String::new())
            } else {
                nul(v).map(|p| format!(".{k}{p}"))
            }
        }),
        _ => None,
    }
}

/// Feeds a value into a hash so that equal values are equal whatever the order of their members.
pub fn digest(value: &Value, into: &mut Sha256) {
    match value {
        Value::Null => into.update(b"n"),
        Value::Boolean(b) => into.update(if *b { b"t" } else { b"f" }),
        Value::Number(n) => text(b"#", &n.to_string(), into),
        Value::String(s) => text(b"s", s, into),
        Value::Enum(e) => text(b"e", e.as_str(), into),
        Value::Binary(b) => {
            into.update(b"b");
            into.update(b.len().to_be_bytes());
            into.update(b);
        }
        Value::List(list) => {
            into.update(b"l");
            into.update(list.len().to_be_bytes());
            list.iter().for_each(|v| digest(v, into));
        }
        Value::Object(object) => {
            let mut members: Vec<(&Name, &Value)> = object.iter().collect();
            members.sort_by(|a, b| a.0.as_str().cmp(b.0.as_str()));
            into.update(b"o");
            into.update(members.len().to_be_bytes());
            for (k, v) in members {
                text(b"k", k.as_str(), into);
                digest(v, into);
            }
        }
    }
}

fn text(tag: &[u8], text: &str, into: &mut Sha256) {
    into.update(tag);
    into.update(text.len().to_be_bytes());
    into.update(text);
}

#[cfg(test)]
mod tests {
    use super::{Parameters, is_json};
    use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn no_body_panics_and_a_refusal_is_a_400(body: Vec<u8>) {
            let refused = Parameters::from_body(&body).err();
            prop_assert!(refused.is_none_or(|f| f.status == Some(StatusCode::BAD_REQUEST)));
        }

        #[test]
        fn no_almost_good_body_panics(query: String, name: String, rest in "[]{}\",:0-9a-z\\\\]{0,30}") {
            let body = serde_json::json!({ "query": query, "operationName": name }).to_string();
            let read = Parameters::from_body(body.as_bytes()).map_err(|f| TestCaseError::fail(f.message))?;
            prop_assert_eq!(read.query, Some(query));
            let _ = Parameters::from_body(format!("{}{rest}", &body[..body.len() - 1]).as_bytes());
        }

        #[test]
        fn no_query_string_panics(text in "[ -~]{0,80}|(query|variables|extensions|operationName)=[%0-9A-Fa-f{}+&=]{0,60}") {
            let refused = Parameters::from_query_string(&text).err();
            prop_assert!(refused.is_none_or(|f| f.status == Some(StatusCode::BAD_REQUEST)));
        }

        #[test]
        fn a_media_type_is_json_or_not_and_never_a_form(text in "[ -~]{0,40}") {
            let mut headers = HeaderMap::new();
            headers.insert(header::CONTENT_TYPE, HeaderValue::from_str(&text).map_err(|_| TestCaseError::reject("header"))?);
            let json = text.split(';').next().is_some_and(|t| t.trim().eq_ignore_ascii_case("application/json"));
            prop_assert!(json || !is_json(&headers));
        }
    }
}
