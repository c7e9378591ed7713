//! Answers: status, media type and codes, as GraphQL over HTTP has them.

use super::media::Media;
use async_graphql::{ErrorExtensionValues, Pos, Response as Executed, ServerError, Value};
use axum::body::Body;
use axum::http::{HeaderValue, Response, StatusCode, header};
use uuid::Uuid;

/// A request that is refused before it runs.
#[derive(Debug, Clone)]
pub struct Fault {
    /// `extensions.code`.
    pub code: &'static str,
    /// A sentence.
    pub message: String,
    /// The status, whatever the media type; `None` lets the media type decide between 200 and 400.
    pub status: Option<StatusCode>,
    /// Where in the document.
    pub at: Option<Pos>,
    /// `WWW-Authenticate`.
    pub challenge: Option<String>,
}

impl Fault {
    /// A fault of this code.
    pub fn new(code: &'static str, message: impl Into<String>) -> Self {
        Self {
            code,
            message: message.into(),
            status: None,
            at: None,
            challenge: None,
        }
    }
    /// What is asked for costs too much.
    pub fn too_complex(message: impl Into<String>) -> Self {
        Self::new("QUERY_TOO_COMPLEX", message)
    }
    /// A value cannot be read.
    pub fn bad_input(message: impl Into<String>) -> Self {
        Self::new("BAD_USER_INPUT", message)
    }
    /// The document is no GraphQL.
    pub fn parse(message: impl Into<String>) -> Self {
        Self::new("GRAPHQL_PARSE_FAILED", message)
    }
    /// The parser's complaint, with its place.
    #[must_use]
    pub fn parse_at(error: &async_graphql::parser::Error) -> Self {
        let sentence = match error {
            async_graphql::parser::Error::MissingOperation => "The document has no operation.",
            _ => "The document is not GraphQL: see the location.",
        };
        Self {
            at: error.positions().next(),
            ..Self::parse(sentence)
        }
    }
    /// The document does not fit the schema.
    pub fn validation(message: impl Into<String>) -> Self {
        Self::new("GRAPHQL_VALIDATION_FAILED", message)
    }
    /// The request is not one that GraphQL over HTTP knows.
    pub fn http(status: StatusCode, message: impl Into<String>) -> Self {
        Self {
            status: Some(status),
            ..Self::bad_input(message)
        }
    }
    /// No or no good credential.
    pub fn unauthenticated(challenge: String) -> Self {
        Self {
            status: Some(StatusCode::UNAUTHORIZED),
            challenge: Some(challenge),
            ..Self::new("UNAUTHENTICATED", "This needs a valid access token or API key.")
        }
    }
    /// Come again.
    pub fn unavailable() -> Self {
        Self {
            status: Some(StatusCode::SERVICE_UNAVAILABLE),
            ..Self::new(
                "UNAVAILABLE",
                "The service is not available at the moment. Repeat the request in a while.",
            )
        }
    }

    /// More is asked than can be done.
    pub fn overloaded() -> Self {
        let message = "There is more to do than can be done at the moment. Repeat the request in a while.";
        Self {
            message: message.to_owned(),
            ..Self::unavailable()
        }
    }

    /// Is the document at fault, and not the HTTP request around it?
    #[must_use]
    pub fn is_of_the_document(&self) -> bool {
        self.status.is_none_or(|status| status == StatusCode::OK)
    }

    /// The error as GraphQL writes it.
    #[must_use]
    pub fn error(&self) -> ServerError {
        let mut error = ServerError::new(self.message.clone(), self.at);
        let mut extensions = ErrorExtensionValues::default();
        extensions.set("code", self.code);
        error.extensions = Some(extensions);
        error
    }

    /// The answer.
    #[must_use]
    pub fn answer(&self, media: Media) -> Response<Body> {
        let status = self.status.unwrap_or(match media {
            Media::Json | Media::Events => StatusCode::OK,
            Media::GraphqlResponse => StatusCode::BAD_REQUEST,
        });
        let body = serde_json::json!({ "errors": [self.error()] });
        let mut response = respond(status, media, body.to_string().into_bytes());
        if let Some(value) = self.challenge.as_deref().and_then(|c| HeaderValue::from_str(c).ok()) {
            response.headers_mut().insert(header::WWW_AUTHENTICATE, value);
        }
        if status == StatusCode::SERVICE_UNAVAILABLE {
            response
                .headers_mut()
                .insert(header::RETRY_AFTER, HeaderValue::from_static("2"));
        }
        response
    }
}

fn respond(status: StatusCode, media: Media, body: Vec<u8>) -> Response<Body> {
    let mut response = Response::new(Body::from(body));
    *response.status_mut() = status;
    response.headers_mut().insert(header::CONTENT_TYPE, media.value());
    response
        .headers_mut()
        .insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

/// The code of an error; every error that leaves has one after [`code_all`].
#[must_use]
pub fn code_of(error: &ServerError) -> Option<&str> {
    match error.extensions.as_ref()?.get("code")? {
        async_graphql::Value::String(code) => Some(code),
        _ => None,
    }
}

/// Gives every error a stable code, and takes away what is not the client's to know.
pub fn code_all(executed: &mut Executed, request_id: Uuid) {
    for error in &mut executed.errors {
        error.source = None;
        // The engine adds by which types it came to a value: no path, and nothing that a client could use.
        if let Some((sentence, _)) = error.message.split_once(" (occurred while parsing ") {
            error.message = sentence.to_owned();
        }
        if code_of(error).is_some() {
            continue;
        }
        let code = code_for(error);
        if code == "INTERNAL" {
            tracing::error!(message = %error.message, path = ?error.path, "an error without a code");
            error.message = format!("Something went wrong on our side. Request id: {request_id}");
        }
        error.extensions.get_or_insert_default().set("code", code);
    }
}

/// What an error of the engine itself means. Ours carry their code already.
fn code_for(error: &ServerError) -> &'static str {
    let says = |words: &[&str]| words.iter().any(|w| error.message.starts_with(w));
    if says(&[
        "Query is too complex",
        "Query is nested too deep",
        "The recursion depth",
        "The number of ",
    ]) {
        return "QUERY_TOO_COMPLEX";
    }
    if says(&[
        "Invalid value for argument",
        "Invalid default value",
        "Failed to parse ",
        "Expected input type ",
        "Unknown operation named",
        "Operation name required",
        "Variable ",
    ]) && !error.message.contains(" is not used")
        && !error.message.contains(" is not defined")
        && !error.message.contains("used in position")
        && !error.message.contains("non-input type")
    {
        return "BAD_USER_INPUT";
    }
    if error.path.is_empty() {
        "GRAPHQL_VALIDATION_FAILED"
    } else {
        "INTERNAL"
    }
}

/// The answer of an executed operation.
#[must_use]
pub fn answer(executed: &Executed, media: Media) -> Response<Body> {
    let no_data = matches!(executed.data, async_graphql::Value::Null);
    let first = executed.errors.first().and_then(code_of).unwrap_or_default();
    let status = match first {
        "UNAUTHENTICATED" if no_data => StatusCode::UNAUTHORIZED,
        "UNAVAILABLE" if no_data => StatusCode::SERVICE_UNAVAILABLE,
        "RATE_LIMITED" if no_data => StatusCode::TOO_MANY_REQUESTS,
        // draft-ietf-httpapi-idempotency-key-header section 2.7: another request with the same key is 422.
        "IDEMPOTENCY_KEY_REUSED" if no_data && media == Media::GraphqlResponse => StatusCode::UNPROCESSABLE_ENTITY,
        "INTERNAL" if no_data && media == Media::GraphqlResponse => StatusCode::INTERNAL_SERVER_ERROR,
        _ if no_data
            && !executed.errors.is_empty()
            && media == Media::GraphqlResponse
            && executed.errors.iter().all(|e| e.path.is_empty()) =>
        {
            StatusCode::BAD_REQUEST
        }
        _ => StatusCode::OK,
    };
    let mut response = respond(status, media, body(executed));
    if status == StatusCode::TOO_MANY_REQUESTS {
        response
            .headers_mut()
            .insert(header::RETRY_AFTER, HeaderValue::from_static("60"));
    }
    if status == StatusCode::UNAUTHORIZED {
        response.headers_mut().insert(
            header::WWW_AUTHENTICATE,
            HeaderValue::from_static(quartermaster_tenants::identity::token::CHALLENGE_MISSING),
        );
    }
    response
}

/// The answer as JSON. What was refused before it ran has no `data`.
#[must_use]
pub fn body(executed: &Executed) -> Vec<u8> {
    let no_data = matches!(executed.data, async_graphql::Value::Null);
    let refused = no_data && !executed.errors.is_empty() && executed.errors.iter().all(|e| e.path.is_empty());
    let mut body = Vec::with_capacity(512 + planned(&executed.data));
    let written = if refused {
        serde_json::to_writer(&mut body, &serde_json::json!({ "errors": executed.errors }))
    } else {
        write(executed, &mut body)
    };
    if let Err(error) = written {
        tracing::error!(%error, "an answer cannot be written");
        return b"{\"errors\":[{\"message\":\"The answer cannot be written.\",\"extensions\":{\"code\":\"INTERNAL\"}}]}".to_vec();
    }
    body
}

/// How many bytes plans have written, of a long answer nearly all.
fn planned(value: &Value) -> usize {
    match value {
        Value::Binary(json) => json.len(),
        Value::Object(fields) => fields.values().map(planned).sum(),
        _ => 0,
    }
}

/// Writes `data`, and `errors` where there are any.
fn write(executed: &Executed, body: &mut Vec<u8>) -> serde_json::Result<()> {
    body.extend_from_slice(b"{\"data\":");
    write_value(&executed.data, body)?;
    if !executed.errors.is_empty() {
        body.extend_from_slice(b",\"errors\":");
        serde_json::to_writer(&mut *body, &executed.errors)?;
    }
    body.push(b'}');
    Ok(())
}

/// Writes a value: as serde_json does, but for what a plan has written already (`Planned`), which is passed on as it is.
fn write_value(value: &Value, out: &mut Vec<u8>) -> serde_json::Result<()> {
    match value {
        Value::Binary(json) => out.extend_from_slice(json),
        Value::Object(fields) => {
            out.push(b'{');
            for (i, (key, value)) in fields.iter().enumerate() {
                if i > 0 {
                    out.push(b',');
                }
                serde_json::to_writer(&mut *out, key)?;
                out.push(b':');
                write_value(value, out)?;
            }
            out.push(b'}');
        }
        Value::List(values) => {
            out.push(b'[');
            for (i, value) in values.iter().enumerate() {
                if i > 0 {
                    out.push(b',');
                }
                write_value(value, out)?;
            }
            out.push(b']');
        }
        leaf => serde_json::to_writer(out, leaf)?,
    }
    Ok(())
}
