//! Thin edges beside GraphQL, for what is no question and answer: streamed uploads and downloads. Each capability adds its
//! routes here.
//!
//! | route | file |
//! |---|---|
//! | `POST /v1/imports/{kind}` | `imports.rs`; the bytes of the file: `body.rs` |
//! | `GET /v1/imports/{id}/refused.csv` | `refused.rs` |
//! | `GET /v1/exports/{kind}` | `exports.rs` |

mod body;
mod exports;
mod imports;
mod refused;

use crate::auth::Door;
use crate::http::App;
use crate::http::admission::Place;
use crate::http::answer::Fault;
use crate::http::graphql::denied;
use crate::http::media::Media;
use crate::http::rate;
use axum::Router;
use axum::body::Body;
use axum::http::{HeaderMap, Response, StatusCode};
use axum::routing::{get, post};
use quartermaster_domain::imports::ImportKind;
use quartermaster_tenants::authenticate::Caller;
use quartermaster_tenants::{Error, Op};
use uuid::Uuid;

/// All routes besides GraphQL.
pub fn routes() -> Router<App> {
    Router::new()
        .route("/v1/imports/{kind}", post(imports::upload))
        .route("/v1/imports/{id}/refused.csv", get(refused::download))
        .route("/v1/exports/{kind}", get(exports::download))
}

/// Who asks: a member of a tenant, by the same credential as for GraphQL.
async fn member(app: &App, id: Uuid, headers: &HeaderMap) -> Result<Op, Fault> {
    let credential = Door::credential(headers).map_err(|e| denied(&e))?;
    let Some(credential) = credential else {
        return Err(Fault::unauthenticated(
            quartermaster_tenants::identity::token::CHALLENGE_MISSING.to_owned(),
        ));
    };
    match app.door.admit(credential, id).await.map_err(|e| denied(&e))?.caller {
        Caller::Member(op) => {
            tracing::Span::current().record("tenant", tracing::field::display(op.tenant));
            Ok(*op)
        }
        Caller::Partner(_) | Caller::Platform(_) => Err(Fault {
            code: "FORBIDDEN",
            ..Fault::http(StatusCode::FORBIDDEN, "This needs the token of a member of a tenant.")
        }),
    }
}

/// The same, charged for a file.
async fn customer(app: &App, id: Uuid, headers: &HeaderMap, place: &Place) -> Result<Op, Fault> {
    let credential = Door::credential(headers).map_err(|e| denied(&e))?;
    if let Some(credential) = credential {
        app.limits.look(credential)?;
    }
    let op = member(app, id, headers).await?;
    let caller = Caller::Member(Box::new(op.clone()));
    place.is_of(&caller);
    let directory = app.door.directory();
    app.limits.charge(directory, &caller, credential, rate::FILE).await?;
    Ok(op)
}

/// What a file holds, by the word in the path.
fn kind_of(word: &str) -> Result<ImportKind, Fault> {
    let found = ImportKind::ALL
        .iter()
        .copied()
        .find(|k| k.as_str().eq_ignore_ascii_case(word));
    found.ok_or_else(|| Fault {
        code: "NOT_FOUND",
        ..Fault::http(
            StatusCode::NOT_FOUND,
            "There are files of suppliers, items, locations and prices.",
        )
    })
}

/// A request that is refused, as JSON with a status that says so.
fn refuse(mut fault: Fault) -> Response<Body> {
    crate::http::metrics::refused(fault.code);
    fault.status = Some(fault.status.unwrap_or(StatusCode::BAD_REQUEST));
    fault.answer(Media::Json)
}

/// A fault of the domain.
fn fault(error: &Error, request: Uuid) -> Fault {
    match error {
        Error::Unavailable(what) => {
            tracing::warn!(%what, "unavailable");
            Fault::unavailable()
        }
        Error::KeyReused => Fault {
            code: "IDEMPOTENCY_KEY_REUSED",
            ..Fault::http(
                StatusCode::UNPROCESSABLE_ENTITY,
                "This Idempotency-Key was used before for another request.",
            )
        },
        Error::Inactive => Fault {
            code: "FORBIDDEN",
            ..Fault::http(StatusCode::FORBIDDEN, "This account or tenant is not active.")
        },
        Error::TooOften => Fault {
            code: "RATE_LIMITED",
            ..Fault::http(
                StatusCode::TOO_MANY_REQUESTS,
                "Too much was asked in too short a time. Repeat it in a while.",
            )
        },
        Error::Contended(_) => Fault {
            code: "CONFLICT",
            ..Fault::http(
                StatusCode::CONFLICT,
                "Others changed the same records at the same time. Repeat it.",
            )
        },
        Error::Refused(_) | Error::Repeated(_) | Error::Internal(_) => {
            tracing::error!(%error, "a request failed");
            Fault {
                status: Some(StatusCode::INTERNAL_SERVER_ERROR),
                ..Fault::new(
                    "INTERNAL",
                    format!("Something went wrong on our side. Request id: {request}"),
                )
            }
        }
    }
}
