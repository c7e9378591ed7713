//! `GET /v1/exports/{kind}`: what is in force as a CSV file, written while it is read.

use super::{customer, fault, kind_of, member, refuse};
use crate::http::App;
use crate::http::answer::Fault;
use crate::http::envelope::RequestId;
use axum::Extension;
use axum::body::{Body, Bytes};
use axum::extract::{Path, Request, State};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, Response, StatusCode, Version, header};
use futures::{StreamExt, stream};
use quartermaster_domain::exports::{self, Page, Place};
use quartermaster_domain::imports::ImportKind;
use quartermaster_tenants::Error;
use std::sync::Arc;
use uuid::Uuid;

/// Serves the file.
pub async fn download(
    State(app): State<App>,
    Extension(RequestId(id)): Extension<RequestId>,
    Path(kind): Path<String>,
    request: Request,
) -> Response<Body> {
    let (parts, _) = request.into_parts();
    match app.unless_gone(serve(app.clone(), id, &kind, parts)).await {
        Ok(response) => response,
        Err(refused) => refuse(refused),
    }
}

async fn serve(app: App, id: Uuid, kind: &str, asked: Parts) -> Result<Response<Body>, Fault> {
    // Until the first page is read: the others come as the client takes them.
    let place = app.enter(&asked.headers, id).await?;
    let op = customer(&app, id, &asked.headers, &place).await?;
    let kind = kind_of(kind)?;
    if asked.uri.query().is_some_and(|q| !q.is_empty()) {
        return Err(Fault::bad_input("An export has no parameters."));
    }
    if asked.version < Version::HTTP_11 {
        return Err(Fault::http(
            StatusCode::HTTP_VERSION_NOT_SUPPORTED,
            "An export needs HTTP/1.1: before it, a file that breaks off looks like a whole one.",
        ));
    }
    let first = exports::page(&app.db, &op, kind, None).await;
    let first = first.map_err(|e| fault(&e, id))?;
    let whole = Whole {
        app,
        id,
        headers: asked.headers,
        kind,
    };
    let mut response = Response::new(whole.body(first));
    let headers = response.headers_mut();
    headers.insert(
        header::CONTENT_TYPE,
        HeaderValue::from_static("text/csv; charset=utf-8; header=present"),
    );
    headers.insert(header::CONTENT_DISPOSITION, named(kind));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    Ok(response)
}

fn named(kind: ImportKind) -> HeaderValue {
    HeaderValue::from_static(match kind {
        ImportKind::Suppliers => "attachment; filename=\"suppliers.csv\"",
        ImportKind::Items => "attachment; filename=\"items.csv\"",
        ImportKind::Locations => "attachment; filename=\"locations.csv\"",
        ImportKind::Prices => "attachment; filename=\"prices.csv\"",
    })
}

/// Who asks for which file.
struct Whole {
    app: App,
    id: Uuid,
    headers: HeaderMap,
    kind: ImportKind,
}

impl Whole {
    /// Header and pages; the next one is read once the client has taken the last. Whatever fails on the way breaks the connection
    /// off, and the client sees that the file has no end.
    fn body(self, first: Page) -> Body {
        let begin = Bytes::from(exports::header(self.kind) + first.lines.as_str());
        let whole = Arc::new(self);
        let rest = stream::try_unfold(first.next, move |next| {
            let whole = whole.clone();
            async move {
                let Some(after) = next else { return Ok(None) };
                let page = whole.page(&after).await.inspect_err(|error| {
                    tracing::warn!(request_id = %whole.id, %error, "an export broke off");
                })?;
                Ok(Some((Bytes::from(page.lines), page.next)))
            }
        });
        Body::from_stream(stream::iter([Ok::<_, Error>(begin)]).chain(rest))
    }

    /// Each page asks anew who asks: whoever loses his access meanwhile, or whose token ends, gets no more.
    async fn page(&self, after: &Place) -> Result<Page, Error> {
        let op = member(&self.app, self.id, &self.headers).await;
        let op = op.map_err(|f| Error::Unavailable(f.message))?;
        exports::page(&self.app.db, &op, self.kind, Some(after)).await
    }
}
