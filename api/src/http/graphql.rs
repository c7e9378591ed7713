//! `/graphql`: GraphQL over HTTP.

use super::App;
use super::admission::Place;
use super::answer::{Fault, answer, code_all};
use super::arrive::{arrived, may_come_so};
use super::document::{Document, Operation};
use super::envelope::RequestId;
use super::events::{self, Watching};
use super::fits::{Asker, Program, fits};
use super::idempotency;
use super::media::Media;
use super::metrics::{self, Sender};
use super::request::Parameters;
use super::tenant_figures;
use super::watching::Watcher;
use crate::auth::{Denied, Door, Presented};
use crate::graphql::controls::DocumentsRegistered;
use crate::graphql::loaders::{PartnerBatch, loaders, partner_loaders};
use crate::graphql::plan::AnswersJson;
use crate::graphql::turns::Turns;
use crate::graphql::{ApiSchema, Session};
use crate::lifecycle;
use async_graphql::parser::types::OperationType;
use async_graphql::{Request as Operations, Response as Executed};
use axum::Extension;
use axum::body::Body;
use axum::extract::ws::WebSocketUpgrade;
use axum::extract::{FromRequestParts, Request, State};
use axum::http::request::Parts;
use axum::http::{HeaderValue, Response, StatusCode, header};
use quartermaster_tenants::authenticate::Caller;
use quartermaster_tenants::directory::{PartnerOp, PlatformOp};
use quartermaster_tenants::identity::token::CHALLENGE_MISSING;
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
    match app.unless_gone(serve(&app, id, request)).await {
        Ok(Served::Once(executed)) => {
            let mut response = match media {
                Media::Events => events::once(&executed),
                _ => answer(&executed, media),
            };
            response.headers_mut().extend(executed.http_headers);
            response
        }
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
        Ok(upgrade) => super::socket::open(app, id, upgrade, lifecycle::client(&parts.headers)),
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

/// Begins with what is remembered of who asks. The first flight asks whether that holds; if not, all is done anew, and charged
/// once.
async fn serve(app: &App, id: Uuid, request: Request) -> Result<Served, Fault> {
    let (parts, body) = request.into_parts();
    let (place, mut parameters) = arrived(app, id, &parts, body).await?;
    let place = Arc::new(place);
    if let Some(credential) = Door::credential(&parts.headers).map_err(|e| denied(&e))? {
        app.limits.look(credential)?;
    }
    let db = app.db.supposing();
    let mut charged = false;
    // In a box: it is large, each layer around would move it, and so would those who are sent away.
    let answer = Box::pin(answered(app, id, &db, &parts, &mut parameters, &place, &mut charged)).await;
    let held = db.premise_held().await;
    if let Some(took) = db.looked() {
        place.looked(took);
    }
    if held {
        return answer;
    }
    let db = app.db.for_request();
    Box::pin(answered(app, id, &db, &parts, &mut parameters, &place, &mut charged)).await
}

async fn answered(
    app: &App,
    id: Uuid,
    db: &Tenants,
    parts: &Parts,
    parameters: &mut Parameters,
    place: &Arc<Place>,
    charged: &mut bool,
) -> Result<Served, Fault> {
    let credential = Door::credential(&parts.headers).map_err(|e| denied(&e))?;
    let presented = match credential {
        Some(credential) => Some(app.door.present(db, credential, id).await.map_err(|e| denied(&e))?),
        None => None,
    };
    let admitted = presented.as_ref().is_some_and(|p| p.admitted.is_ok());
    let sender = if admitted { Sender::Known } else { Sender::Stranger };
    let document = parameters.document(&app.registered, &app.documents, sender)?;
    let operation = document.operation(parameters.operation_name.as_deref())?;
    may_come_so(parts, operation.kind)?;
    if operation.kind == OperationType::Subscription && !db.premise_held().await {
        // Whoever watches is sure to be who he was. This answer is thrown away.
        return Err(Fault::unavailable());
    }
    // What is asked or done may be answered anew.
    let parameters = match operation.kind {
        OperationType::Query | OperationType::Mutation => parameters.clone(),
        OperationType::Subscription => std::mem::take(parameters),
    };
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
    let caller = admitted.as_ref().map(|a| &a.caller);
    if let Some(caller) = caller {
        place.is_of(caller);
    }
    let span = tracing::Span::current();
    span.record("document", operation.name.as_deref().unwrap_or("anonymous"));
    let tenant = match caller {
        Some(Caller::Member(op)) => Some(op.tenant),
        _ => None,
    };
    if let Some(tenant) = tenant {
        span.record("tenant", tracing::field::display(tenant));
    }
    let asker = caller.zip(credential).map(|(caller, credential)| Asker {
        caller,
        credential,
        program: Program::Headers(&parts.headers),
    });
    let used = fits(app, asker, &document, operation, &parameters, charged).await?;
    if operation.kind == OperationType::Subscription {
        let (Some(credential), Some(admitted)) = (credential, admitted) else {
            return Err(Fault::unauthenticated(CHALLENGE_MISSING.to_owned()));
        };
        let watcher = Watcher::of(app, credential.to_owned(), admitted, id).await?;
        return Watching::of(app, watcher, &document, operation, parameters)
            .map(|watching| Served::Watched(Box::new(watching)));
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
    let shape = parameters.shape();
    let known = operation.plannable && document.seen.keeps_the_rules(shape);
    let schema = if known { &app.proven } else { &app.schema };
    let (mut request, turns) = prepare(app, db, &document, parameters, caller);
    if operation.plannable {
        let alone = operation.root_fields == 1;
        request = request.data(AnswersJson { alone });
    }
    if let Some(login) = login {
        request = request.data(login).data(app.db.clone());
    }
    let began = Instant::now();
    let ran = run(app, id, (operation, sender), place.clone(), (schema, request, turns)).await;
    if let Some(tenant) = tenant {
        tenant_figures::ran(tenant, ran.as_ref().map_err(|fault| fault.code), began.elapsed());
    }
    let mut executed = ran?;
    if !known && executed.errors.is_empty() {
        document.seen.kept_the_rules(shape);
    }
    lifecycle::announce(&used, &mut executed.http_headers);
    Ok(Served::Once(executed))
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
    (operation, sender): (&Operation, Sender),
    place: Arc<Place>,
    (schema, request, turns): (&ApiSchema, Operations, Turns),
) -> Result<Executed, Fault> {
    let began = Instant::now();
    let schema = schema.clone();
    let limit = Duration::from_secs(app.config.request_timeout_seconds);
    let (name, kind) = (operation.name.as_deref().unwrap_or("anonymous"), operation.kind);
    let span = tracing::debug_span!("operation", otel.name = name, graphql.operation.type = %kind);
    let work = async move {
        let _place = place;
        tokio::time::timeout(limit, turns.drive(schema.execute(request))).await
    }
    .instrument(span);
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
    metrics::ran(operation, sender, &executed, began.elapsed());
    Ok(executed)
}
