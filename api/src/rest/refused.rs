//! `GET /v1/imports/{id}/refused.csv`: the refused lines as they were, each behind its number, its columns and the reasons.
//! Corrected, it can be uploaded as it is.

use super::{customer, fault, refuse};
use crate::http::App;
use crate::http::answer::Fault;
use crate::http::envelope::RequestId;
use axum::Extension;
use axum::body::{Body, Bytes};
use axum::extract::{Path, State};
use axum::http::{HeaderMap, HeaderValue, Response, StatusCode, header};
use futures::stream;
use quartermaster_domain::imports::queries::{self, RefusedLine};
use quartermaster_domain::imports::{REFUSAL_COLUMNS, written};
use quartermaster_domain::shared::ImportId;
use quartermaster_tenants::{Error, Op, Tenants};
use uuid::Uuid;

/// Lines that are read at once.
const CHUNK: i64 = 1_000;

/// Serves the file.
pub async fn download(
    State(app): State<App>,
    Extension(RequestId(id)): Extension<RequestId>,
    Path(import): Path<String>,
    headers: HeaderMap,
) -> Response<Body> {
    match app.unless_gone(serve(&app, id, &import, &headers)).await {
        Ok(response) => response,
        Err(refused) => refuse(refused),
    }
}

async fn serve(app: &App, id: Uuid, import: &str, asked: &HeaderMap) -> Result<Response<Body>, Fault> {
    let place = app.enter(asked, id).await?;
    let op = customer(app, id, asked, &place).await?;
    let not_found = || Fault {
        code: "NOT_FOUND",
        ..Fault::http(StatusCode::NOT_FOUND, "There is no import with this id.")
    };
    let import: ImportId = import.parse().map_err(|_| not_found())?;
    let found = queries::imports_by_ids(&app.db, &op, &[import.0]).await;
    let found = found.map_err(|e| fault(&e, id))?.remove(&import.0);
    let header = found.ok_or_else(not_found)?.job.header;
    let first = format!("{},{header}\r\n", REFUSAL_COLUMNS.join(","));
    let mut response = Response::new(lines(app.db.clone(), op, import.0, first));
    let headers = response.headers_mut();
    headers.insert(
        header::CONTENT_TYPE,
        HeaderValue::from_static("text/csv; charset=utf-8; header=present"),
    );
    headers.insert(
        header::CONTENT_DISPOSITION,
        HeaderValue::from_static("attachment; filename=\"refused.csv\""),
    );
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    Ok(response)
}

fn lines(db: Tenants, op: Op, import: Uuid, first: String) -> Body {
    let chunks = stream::try_unfold(
        (db, op, Some((0, first))),
        move |(db, op, next): (Tenants, Op, Option<(i32, String)>)| async move {
            let Some((after, mut text)) = next else {
                return Ok::<_, Error>(None);
            };
            let lines = queries::refused(&db, &op, import, after, CHUNK).await?;
            text.extend(lines.iter().map(line));
            let next = lines.last().map(|l| (l.line, String::new()));
            Ok(Some((Bytes::from(text), (db, op, next))))
        },
    );
    Body::from_stream(chunks)
}

fn line(refused: &RefusedLine) -> String {
    let report = [
        refused.line.to_string(),
        refused.fields.clone(),
        refused.reasons.clone(),
    ];
    format!("{},{}\r\n", written(report.into_iter()), refused.raw)
}
