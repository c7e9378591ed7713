//! `/graphql`: GraphQL over HTTP.

use super::App;
use super::answer::{Fault, Media, answer, code_all};
use super::document::{Document, Operation};
use super::envelope::RequestId;
use super::idempotency;
use super::metrics;
use super::request::{Parameters, is_json};
use crate::auth::{Denied, Door, Presented};
use crate::graphql::Session;
use crate::graphql::loaders::{PartnerBatch, loaders, partner_loaders};
use crate::graphql::plan::AnswersJson;
use crate::graphql::turns::Turns;
use async_graphql::parser::types::OperationType;
use async_graphql::{Request as Operations, Response as Executed};
use axum::Extension;
use axum::body::{Body, to_bytes};
use axum::extract::ws::WebSocketUpgrade;
use axum::extract::{FromRequestParts, Request, State};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, Method, Response, StatusCode, header};
use quartermaster_tenants::authenticate::Caller;
use quartermaster_tenants::directory::{PartnerOp, PlatformOp};
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
            "This answers application/graphql-response+json or application/json.",
        )
        .answer(Media::Json);
    };
    match serve(&app, id, request).await {
        Ok(executed) => answer(&executed, media),
        Err(fault) => {
            metrics::refused(fault.code);
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

async fn serve(app: &App, id: Uuid, request: Request) -> Result<Executed, Fault> {
    let (parts, body) = request.into_parts();
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
                "Use POST, or GET for queries.",
            ));
        }
    };
    let document = parameters.document(&app.documents);
    // A query begins with what is remembered of who asks. Its first flight asks whether that holds; if not, all is done anew.
    if only_reads(&document, &parameters) {
        let db = app.db.for_query();
        let answer = answered(app, id, &db, &parts, document.clone(), parameters.clone()).await;
        if db.premise_held().await {
            return answer;
        }
    }
    answered(app, id, &app.db.for_request(), &parts, document, parameters).await
}

fn only_reads(document: &Result<Arc<Document>, Fault>, parameters: &Parameters) -> bool {
    let Ok(document) = document else { return false };
    let operation = document.operation(parameters.operation_name.as_deref());
    operation.is_ok_and(|o| o.kind == OperationType::Query)
}

async fn answered(
    app: &App,
    id: Uuid,
    db: &Tenants,
    parts: &Parts,
    document: Result<Arc<Document>, Fault>,
    parameters: Parameters,
) -> Result<Executed, Fault> {
    let presented = match Door::credential(&parts.headers).map_err(|e| denied(&e))? {
        Some(credential) => Some(app.door.present(db, credential, id).await.map_err(|e| denied(&e))?),
        None => None,
    };
    let document = document?;
    let operation = document.operation(parameters.operation_name.as_deref())?;
    if parts.method == Method::GET && operation.kind != OperationType::Query {
        return Err(Fault::http(
            StatusCode::METHOD_NOT_ALLOWED,
            "GET is for queries: send this with POST.",
        ));
    }
    if operation.kind == OperationType::Subscription {
        return Err(Fault::http(
            StatusCode::BAD_REQUEST,
            "Subscriptions are served over WebSocket (graphql-transport-ws).",
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
    parameters.check_text()?;
    app.tariff.check(
        &document.parsed,
        parameters.operation_name.as_deref(),
        &parameters.variables,
    )?;
    let key = idempotency::key(&parts.headers, &document, operation, &parameters)?;
    let span = tracing::Span::current();
    span.record("document", operation.name.as_deref().unwrap_or("anonymous"));
    let caller = admitted.map(|a| match a.caller {
        Caller::Member(op) => {
            span.record("tenant", tracing::field::display(op.tenant));
            let op = Op {
                idempotency: key,
                ..*op
            };
            Caller::Member(Box::new(op))
        }
        Caller::Partner(op) => Caller::Partner(PartnerOp { idempotency: key, ..op }),
        Caller::Platform(op) => Caller::Platform(PlatformOp { idempotency: key, ..op }),
    });
    let (mut request, turns) = prepare(app, db, &document, parameters, caller);
    if operation.plannable {
        let alone = operation.root_fields == 1;
        request = request.data(AnswersJson { alone });
    }
    if let Some(login) = login {
        request = request.data(login).data(app.db.clone());
    }
    run(app, id, operation, (request, turns)).await
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
    if operation.introspects && !app.config.introspection() {
        return Err(Fault::validation("Introspection is off here."));
    }
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
