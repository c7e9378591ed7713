//! `/graphql`: GraphQL over HTTP.

use super::App;
use super::answer::{Fault, Media, answer, code_all};
use super::document::{Document, Operation};
use super::envelope::RequestId;
use super::events::{self, Watching};
use super::idempotency;
use super::metrics;
use super::registered::{ONLY, unregistered};
use super::request::{Parameters, is_json};
use super::watching::Admission;
use crate::auth::{Denied, Door, Presented};
use crate::graphql::Session;
use crate::graphql::controls::DocumentsRegistered;
use crate::graphql::loaders::{PartnerBatch, loaders, partner_loaders};
use crate::graphql::plan::AnswersJson;
use crate::graphql::turns::Turns;
use async_graphql::parser::types::OperationType;
use async_graphql::{Request as Operations, Response as Executed};
use axum::Extension;
use axum::body::{Body, to_bytes};
use axum::extract::ws::WebSocketUpgrade;
use axum::extract::{FromRequestParts, Request, State};
use axum::http::{HeaderMap, HeaderValue, Method, Response, StatusCode, header};
use quartermaster_tenants::authenticate::Caller;
use quartermaster_tenants::directory::{PartnerOp, PlatformOp};
use quartermaster_tenants::identity::token::{CHALLENGE_MISSING, TokenError};
use quartermaster_tenants::{Op, Tenants};
use std::sync::Arc;
use std::time::{Duration, Instant};
use tracing::Instrument;
use uuid::Uuid;

/// The one mutation that a login without an account may call, alone in its request.
const ACCEPT: &str = "invitationAccept";

/// Serves one request.
pub async fn graphql(
    State(app): State<App>,
    Extension(RequestId(id)): Extension<RequestId>,
    request: Request,
) -> Response<Body> {
    if request
        .headers()
        .get(header::UPGRADE)
        .is_some_and(|v| v.as_bytes().eq_ignore_ascii_case(b"websocket"))
    {
        return upgrade(app, id, request).await;
    }
    let Some(media) = Media::accepted(request.headers()) else {
        return Fault::http(
            StatusCode::NOT_ACCEPTABLE,
            "This answers application/graphql-response+json, application/json or text/event-stream.",
        )
        .answer(Media::Json);
    };
    match serve(&app, id, request).await {
        Ok(Served::Once(executed)) if media == Media::Events => events::once(&executed),
        Ok(Served::Once(executed)) => answer(&executed, media),
        Ok(Served::Watched(watching)) => watching.answer(),
        Err(fault) => {
            metrics::refused(fault.code);
            if media == Media::Events && fault.is_of_the_document() {
                return events::refused(&fault);
            }
            let mut response = fault.answer(media);
            if fault.status == Some(StatusCode::METHOD_NOT_ALLOWED) {
                response
                    .headers_mut()
                    .insert(header::ALLOW, HeaderValue::from_static("GET, POST"));
            }
            response
        }
    }
}

async fn upgrade(app: App, id: Uuid, request: Request) -> Response<Body> {
    let (mut parts, _) = request.into_parts();
    if !super::cors::may_open(&app.config, &parts.headers) {
        return Fault {
            code: "FORBIDDEN",
            ..Fault::http(StatusCode::FORBIDDEN, "Pages of this origin may not open sockets here.")
        }
        .answer(Media::Json);
    }
    match WebSocketUpgrade::from_request_parts(&mut parts, &app).await {
        Ok(upgrade) => super::socket::open(app, id, upgrade),
        Err(_) => Fault::http(StatusCode::BAD_REQUEST, "This is not the opening of a WebSocket.").answer(Media::Json),
    }
}

/// How a request is answered.
#[expect(clippy::large_enum_variant, reason = "one at a time, and gone at once")]
enum Served {
    /// A query or mutation, by its result.
    Once(Executed),
    /// A subscription, by events.
    Watched(Box<Watching>),
}

async fn serve(app: &App, id: Uuid, request: Request) -> Result<Served, Fault> {
    let (parts, body) = request.into_parts();
    let takes_events = Media::takes_events(&parts.headers);
    let parameters = match parts.method {
        Method::POST => {
            if !is_json(&parts.headers) {
                return Err(Fault::http(
                    StatusCode::UNSUPPORTED_MEDIA_TYPE,
                    "Send application/json in UTF-8.",
                ));
            }
            Parameters::from_body(&body_within(app.config.body_limit_bytes, &parts.headers, body).await?)?
        }
        Method::GET => Parameters::from_query_string(parts.uri.query().unwrap_or_default())?,
        _ => {
            return Err(Fault::http(
                StatusCode::METHOD_NOT_ALLOWED,
                "Use POST, or GET for queries and subscriptions.",
            ));
        }
    };
    let db = app.db.for_request();
    let credential = Door::credential(&parts.headers).map_err(|e| denied(&e))?;
    let presented = match credential {
        Some(credential) => Some(app.door.present(&db, credential, id).await.map_err(|e| denied(&e))?),
        None => None,
    };
    let document = parameters.document(&app.registered, &app.documents)?;
    let operation = document.operation(parameters.operation_name.as_deref())?;
    if parts.method == Method::GET && operation.kind == OperationType::Mutation {
        return Err(Fault::http(
            StatusCode::METHOD_NOT_ALLOWED,
            "GET is for queries and subscriptions: send this with POST.",
        ));
    }
    if operation.kind == OperationType::Subscription && !takes_events {
        return Err(Fault::http(
            StatusCode::BAD_REQUEST,
            "Subscriptions are served as events (accept text/event-stream) and over WebSocket (graphql-transport-ws).",
        ));
    }
    let accepts = operation.kind == OperationType::Mutation && operation.only_field.as_deref() == Some(ACCEPT);
    let (admitted, login) = match presented {
        None => (None, None),
        Some(Presented { admitted, login }) => match admitted {
            Ok(admitted) => (Some(admitted), login.filter(|_| accepts)),
            // A good login without an account may accept an invitation.
            Err(_) if accepts => (None, login),
            Err(why) => return Err(denied(&Denied::Stranger(why))),
        },
    };
    let span = tracing::Span::current();
    span.record("document", operation.name.as_deref().unwrap_or("anonymous"));
    if let Some(Caller::Member(op)) = admitted.as_ref().map(|a| &a.caller) {
        span.record("tenant", tracing::field::display(op.tenant));
    }
    fits(
        app,
        admitted.as_ref().map(|a| &a.caller),
        &document,
        operation,
        &parameters,
    )?;
    if operation.kind == OperationType::Subscription {
        let (Some(credential), Some(admitted)) = (credential, admitted) else {
            return Err(Fault::unauthenticated(CHALLENGE_MISSING.to_owned()));
        };
        let counted = app.sockets.clone().try_acquire_owned();
        let admission = Admission::of(app, credential.to_owned(), admitted, id);
        if admission.has_ended() {
            // Taken for a minute more elsewhere, as clocks differ: a stream would end at once, and its client come again and again.
            return Err(denied(&Denied::Token(TokenError::Expired)));
        }
        return Ok(Served::Watched(Box::new(Watching {
            results: admission.results(app, &document, parameters),
            counted: counted.map_err(|_| Fault::unavailable())?,
            admission,
            app: app.clone(),
        })));
    }
    let key = idempotency::key(&parts.headers, &document, operation, &parameters)?;
    let caller = admitted.map(|a| match a.caller {
        Caller::Member(op) => {
            let op = Op {
                idempotency: key,
                ..*op
            };
            Caller::Member(Box::new(op))
        }
        Caller::Partner(op) => Caller::Partner(PartnerOp { idempotency: key, ..op }),
        Caller::Platform(op) => Caller::Platform(PlatformOp { idempotency: key, ..op }),
    });
    let (mut request, turns) = prepare(app, &db, &document, parameters, caller);
    if operation.plannable {
        request = request.data(AnswersJson);
    }
    if let Some(login) = login {
        request = request.data(login).data(app.db.clone());
    }
    run(app, id, operation, (request, turns)).await.map(Served::Once)
}

/// Refuses what the server will not run for this caller.
///
/// # Errors
/// A document that is not registered, for a tenant that runs no others; a NUL in a variable, too high a cost, introspection where it is off.
pub fn fits(
    app: &App,
    caller: Option<&Caller>,
    document: &Document,
    operation: &Operation,
    parameters: &Parameters,
) -> Result<(), Fault> {
    let only = matches!(caller, Some(Caller::Member(op)) if op.registered_documents_only);
    if only && !app.registered.holds(document) {
        return Err(unregistered(ONLY));
    }
    parameters.check_text()?;
    app.tariff.check(
        &document.parsed,
        parameters.operation_name.as_deref(),
        &parameters.variables,
    )?;
    if operation.introspects && !app.config.introspection() {
        return Err(Fault::validation("Introspection is off here."));
    }
    Ok(())
}

/// The answer to a credential that was not accepted.
pub fn denied(why: &Denied) -> Fault {
    if let Denied::Unavailable(what) = why {
        tracing::warn!(%what, "a credential cannot be judged");
        return Fault::unavailable();
    }
    tracing::info!(reason = why.code(), %why, "a credential was refused");
    use quartermaster_tenants::authenticate::Denied as Stranger;
    let forbidden = |sentence: &str| Fault {
        code: "FORBIDDEN",
        ..Fault::http(StatusCode::FORBIDDEN, sentence)
    };
    match why {
        Denied::Stranger(Stranger::AccountInactive) => forbidden("This account is not active."),
        Denied::Stranger(Stranger::OwnerInactive) => forbidden("The person who answers for this key is not active."),
        Denied::Stranger(Stranger::TenantSuspended) => forbidden("This tenant is suspended."),
        Denied::Stranger(Stranger::TenantClosed) => forbidden("This tenant is closed."),
        Denied::Stranger(Stranger::ChooseTenant) => {
            forbidden("You have several accounts: get a token that names the tenant (its claim “tenant”).")
        }
        _ => Fault::unauthenticated(why.challenge()),
    }
}

async fn body_within(limit: usize, headers: &HeaderMap, body: Body) -> Result<axum::body::Bytes, Fault> {
    let too_large = || Fault {
        code: "BAD_USER_INPUT",
        ..Fault::http(
            StatusCode::PAYLOAD_TOO_LARGE,
            format!("A body has at most {limit} bytes."),
        )
    };
    let promised = headers
        .get(header::CONTENT_LENGTH)
        .and_then(|v| v.to_str().ok())
        .and_then(|t| t.parse::<usize>().ok());
    if promised.is_some_and(|n| n > limit) {
        return Err(too_large());
    }
    to_bytes(body, limit).await.map_err(|_| too_large())
}

/// A request for the engine: the parsed document, the variables, who asks; and what drives its loads.
#[must_use]
pub fn prepare(
    app: &App,
    db: &Tenants,
    document: &Document,
    parameters: Parameters,
    caller: Option<Caller>,
) -> (Operations, Turns) {
    let mut request = Operations::new(String::new()).variables(parameters.variables);
    request.operation_name = parameters.operation_name;
    request.set_parsed_query(document.parsed.clone());
    if !app.config.introspection() {
        request = request.disable_introspection();
    }
    if !app.registered.is_empty() {
        request = request.data(DocumentsRegistered);
    }
    request = request.data(app.door.directory().clone());
    let turns = Turns::default();
    let request = match caller {
        Some(Caller::Member(op)) => {
            let session = Session {
                db: db.clone(),
                op: Arc::new(*op),
            };
            request.data(loaders(session.clone(), turns.clone())).data(session)
        }
        Some(Caller::Partner(op)) => {
            let batch = PartnerBatch {
                directory: app.door.directory().clone(),
                db: app.db.clone(),
                op: op.clone(),
            };
            let loaders = partner_loaders(batch, turns.clone());
            request.data(loaders).data(op).data(app.db.clone())
        }
        Some(Caller::Platform(op)) => request.data(op).data(app.db.clone()),
        None => request,
    };
    (request, turns)
}

async fn run(
    app: &App,
    id: Uuid,
    operation: &Operation,
    (request, turns): (Operations, Turns),
) -> Result<Executed, Fault> {
    let began = Instant::now();
    let schema = app.schema.clone();
    let limit = Duration::from_secs(app.config.request_timeout_seconds);
    let (name, kind) = (operation.name.as_deref().unwrap_or("anonymous"), operation.kind);
    let span = tracing::debug_span!("operation", otel.name = name, graphql.operation.type = %kind);
    let work = async move { tokio::time::timeout(limit, turns.drive(schema.execute(request))).await }.instrument(span);
    // A client that hangs up does not stop a mutation in the middle: its key finds the outcome.
    let done = if operation.kind == OperationType::Mutation {
        match tokio::spawn(work.in_current_span()).await {
            Ok(done) => done,
            Err(error) => {
                tracing::error!(%error, "a mutation panicked");
                return Err(Fault {
                    status: Some(StatusCode::INTERNAL_SERVER_ERROR),
                    ..Fault::new(
                        "INTERNAL",
                        format!("Something went wrong on our side. Request id: {id}"),
                    )
                });
            }
        }
    } else {
        work.await
    };
    let mut executed = done.map_err(|_| Fault::unavailable())?;
    code_all(&mut executed, id);
    metrics::ran(operation, &executed, began.elapsed());
    Ok(executed)
}
