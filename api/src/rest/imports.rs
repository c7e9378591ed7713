//! `POST /v1/imports/{kind}`: a CSV file, imported while it arrives.

use super::{body, customer, fault, kind_of, refuse};
use crate::http::App;
use crate::http::answer::Fault;
use crate::http::envelope::RequestId;
use crate::http::idempotency;
use crate::http::metrics;
use axum::Extension;
use axum::body::Body;
use axum::extract::{Path, Request, State};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, Response, StatusCode, header};
use quartermaster_domain::changes::ChangeKind;
use quartermaster_domain::imports::{self, Import, ImportKind, InvalidGtin, Upload, queries};
use quartermaster_domain::shared::{ImportId, ItemChangeId, PriceListId, SupplierChangeId, Window};
use quartermaster_tenants::error::{Code, Refusal};
use quartermaster_tenants::op::IdempotencyKey;
use quartermaster_tenants::{Error, Op, Tenants};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use tracing::Instrument;
use uuid::Uuid;

/// The refusals that stand in the answer; all of them are in GraphQL and in the file of refused lines.
const SHOWN: i64 = 20;

/// Serves an upload.
pub async fn upload(
    State(app): State<App>,
    Extension(RequestId(id)): Extension<RequestId>,
    Path(kind): Path<String>,
    request: Request,
) -> Response<Body> {
    match app.unless_gone(serve(&app, id, &kind, request)).await {
        Ok(response) => response,
        Err(refused) => refuse(refused),
    }
}

async fn serve(app: &App, id: Uuid, kind: &str, request: Request) -> Result<Response<Body>, Fault> {
    let (parts, body) = request.into_parts();
    let (op, upload, gzip) = match asked(app, id, kind, &parts).await {
        Ok(asked) => asked,
        Err(refused) => {
            body::leave(body).await;
            return Err(refused);
        }
    };
    let importing = metrics::importing(upload.kind, op.tenant);
    let (db, stopping, limit) = (app.db.clone(), app.stopping.clone(), app.config.import_limit_bytes);
    let work = async move {
        let mut file = body::file(body, gzip, limit, stopping);
        let ended = imports::import(&db, &op, &upload, file.pieces()).await;
        if matches!(ended.error, Some(Error::Refused(_))) {
            file.leave().await;
        }
        importing.ended(match ended.error {
            None => "done",
            Some(Error::Refused(_) | Error::KeyReused | Error::TooOften | Error::Inactive) => "refused",
            Some(_) => "failed",
        });
        answer(&db, &op, ended).await
    };
    // A client that hangs up ends its import as failed, and that must not be dropped half way.
    tokio::spawn(work.in_current_span()).await.unwrap_or_else(|error| {
        tracing::error!(%error, "an import panicked");
        Err(fault(&Error::internal("panic"), id))
    })
}

/// Who sends what, and whether it is packed: all that can be refused before the file.
async fn asked(app: &App, id: Uuid, kind: &str, parts: &Parts) -> Result<(Op, Upload, bool), Fault> {
    // Until the file is read: each of its pieces is short.
    let place = app.enter(&parts.headers, id).await?;
    let op = customer(app, id, &parts.headers, &place).await?;
    let kind = kind_of(kind)?;
    is_csv(&parts.headers)?;
    let gzip = is_packed(&parts.headers)?;
    let limit = app.config.import_limit_bytes;
    if !gzip && promised(&parts.headers).is_some_and(|n| n > limit) {
        let message = format!("A file has at most {limit} bytes: import it in parts.");
        return Err(Fault {
            code: "TOO_LARGE",
            ..Fault::http(StatusCode::PAYLOAD_TOO_LARGE, message)
        });
    }
    let upload = parameters(kind, parts.uri.query().unwrap_or_default())?;
    let key = idempotency::given(&parts.headers)?.map(|key| IdempotencyKey {
        key,
        fingerprint: fingerprint(&upload),
    });
    Ok((Op { idempotency: key, ..op }, upload, gzip))
}

fn is_csv(headers: &HeaderMap) -> Result<(), Fault> {
    let value = headers.get(header::CONTENT_TYPE).and_then(|v| v.to_str().ok());
    let mut parts = value.unwrap_or_default().split(';').map(str::trim);
    let media = parts.next().unwrap_or_default().eq_ignore_ascii_case("text/csv");
    let foreign = parts.any(|p| {
        p.split_once('=').is_some_and(|(name, value)| {
            name.eq_ignore_ascii_case("charset") && !value.trim_matches('"').eq_ignore_ascii_case("utf-8")
        })
    });
    if media && !foreign {
        return Ok(());
    }
    Err(Fault::http(
        StatusCode::UNSUPPORTED_MEDIA_TYPE,
        "Send text/csv in UTF-8.",
    ))
}

fn is_packed(headers: &HeaderMap) -> Result<bool, Fault> {
    match headers
        .get(header::CONTENT_ENCODING)
        .map(|v| v.to_str().unwrap_or("?").to_ascii_lowercase())
        .as_deref()
    {
        None | Some("" | "identity") => Ok(false),
        Some("gzip") => Ok(true),
        Some(_) => Err(Fault::http(
            StatusCode::UNSUPPORTED_MEDIA_TYPE,
            "Content-Encoding is gzip, or none.",
        )),
    }
}

fn promised(headers: &HeaderMap) -> Option<u64> {
    headers.get(header::CONTENT_LENGTH)?.to_str().ok()?.parse().ok()
}

fn parameters(kind: ImportKind, query: &str) -> Result<Upload, Fault> {
    let mut upload = Upload {
        kind,
        name: String::new(),
        dry_run: false,
        on_invalid_gtin: InvalidGtin::Refuse,
    };
    for (name, value) in url::form_urlencoded::parse(query.as_bytes()) {
        match (&*name, &*value) {
            ("name", name) => upload.name = name.to_owned(),
            ("dryRun", "true") => upload.dry_run = true,
            ("dryRun", "false") => upload.dry_run = false,
            ("onInvalidGtin", "refuse") => upload.on_invalid_gtin = InvalidGtin::Refuse,
            ("onInvalidGtin", "omit") => upload.on_invalid_gtin = InvalidGtin::Omit,
            _ => {
                return Err(Fault::bad_input(
                    "The parameters are name, dryRun (true or false) and onInvalidGtin (refuse or omit).",
                ));
            }
        }
    }
    Ok(upload)
}

/// Of the request without its file.
fn fingerprint(upload: &Upload) -> [u8; 32] {
    let mut hash = Sha256::new();
    for part in [
        "import",
        upload.kind.as_str(),
        upload.on_invalid_gtin.as_str(),
        if upload.dry_run { "dry" } else { "" },
        &upload.name,
    ] {
        hash.update(part.len().to_be_bytes());
        hash.update(part);
    }
    hash.finalize().into()
}

async fn answer(db: &Tenants, op: &Op, ended: Import) -> Result<Response<Body>, Fault> {
    let job = match ended.job {
        Some(id) => Some(shown(db, op, id).await.map_err(|e| fault(&e, op.request_id))?),
        None => None,
    };
    let (status, errors) = match ended.error {
        None => (StatusCode::OK, Value::Null),
        Some(Error::Refused(refusals)) => {
            let first = refusals.first().map_or(Code::InvalidInput, |r| r.code);
            (status_of(first), refusals.iter().map(error_of).collect())
        }
        Some(other) => {
            let fault = fault(&other, op.request_id);
            let status = fault.status.unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
            (
                status,
                json!([{ "message": fault.message, "extensions": { "code": fault.code } }]),
            )
        }
    };
    let mut told = serde_json::Map::new();
    if !errors.is_null() {
        told.insert("errors".to_owned(), errors);
    }
    if let Some(job) = job {
        told.insert("import".to_owned(), job);
    }
    let mut response = Response::new(Body::from(Value::Object(told).to_string()));
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(
        header::CONTENT_TYPE,
        HeaderValue::from_static("application/json; charset=utf-8"),
    );
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    Ok(response)
}

fn status_of(code: Code) -> StatusCode {
    match code {
        Code::Forbidden | Code::SegregationOfDuties => StatusCode::FORBIDDEN,
        Code::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
        Code::InvalidState | Code::Conflict => StatusCode::CONFLICT,
        _ => StatusCode::UNPROCESSABLE_ENTITY,
    }
}

fn error_of(refusal: &Refusal) -> Value {
    json!({ "message": refusal.message, "extensions": { "code": refusal.code, "field": refusal.field } })
}

/// The import as the answer shows it; GraphQL shows the same.
async fn shown(db: &Tenants, op: &Op, id: Uuid) -> quartermaster_tenants::Result<Value> {
    let found = queries::imports_by_ids(db, op, &[id]).await?.remove(&id);
    let job = found
        .ok_or_else(|| Error::internal("an import is not there after it ended"))?
        .job;
    let window = Window {
        limit: SHOWN,
        ..Window::default()
    };
    let told = queries::told(db, op, &[id], &window).await?.remove(&id);
    let refusals: Vec<Value> = told
        .map(|page| page.rows)
        .unwrap_or_default()
        .into_iter()
        .map(|(r, _)| {
            json!({ "lineNumber": r.line, "field": r.field, "code": r.code, "message": r.reason, "omitted": r.omitted })
        })
        .collect();
    let change = job.kind.change().zip(job.change).map(|(kind, id)| match kind {
        ChangeKind::Supplier => json!({ "type": "SupplierChange", "id": SupplierChangeId(id).to_string() }),
        ChangeKind::Item => json!({ "type": "ItemChange", "id": ItemChangeId(id).to_string() }),
        ChangeKind::Price => json!({ "type": "PriceList", "id": PriceListId(id).to_string() }),
    });
    let (id, c) = (ImportId(job.id).to_string(), job.counts);
    Ok(json!({
        "id": id, "kind": job.kind.as_str(), "state": job.state.as_str(), "dryRun": job.dry_run, "name": job.name,
        "lines": c.lines, "created": c.created, "updated": c.updated, "unchanged": c.unchanged, "refused": c.refused, "omittedGtins": c.omitted,
        "change": change, "failure": job.failure, "refusals": refusals,
        "refusedFile": (c.refused > 0).then(|| format!("/v1/imports/{id}/refused.csv")),
    }))
}
