//! GraphiQL from the binary: no content network, nothing loaded from elsewhere.

use super::App;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use sha2::{Digest, Sha256};

struct Asset {
    name: &'static str,
    media: &'static str,
    gzip: bool,
    bytes: &'static [u8],
}

const HTML: &str = "text/html; charset=utf-8";
const SCRIPT: &str = "text/javascript; charset=utf-8";
const STYLE: &str = "text/css; charset=utf-8";

const ASSETS: &[Asset] = &[
    Asset {
        name: "",
        media: HTML,
        gzip: false,
        bytes: include_bytes!("../../assets/graphiql/index.html"),
    },
    Asset {
        name: "boot.js",
        media: SCRIPT,
        gzip: false,
        bytes: include_bytes!("../../assets/graphiql/boot.js"),
    },
    Asset {
        name: "boot.css",
        media: STYLE,
        gzip: false,
        bytes: include_bytes!("../../assets/graphiql/boot.css"),
    },
    Asset {
        name: "react.production.min.js",
        media: SCRIPT,
        gzip: true,
        bytes: include_bytes!("../../assets/graphiql/react.production.min.js.gz"),
    },
    Asset {
        name: "react-dom.production.min.js",
        media: SCRIPT,
        gzip: true,
        bytes: include_bytes!("../../assets/graphiql/react-dom.production.min.js.gz"),
    },
    Asset {
        name: "graphiql.min.js",
        media: SCRIPT,
        gzip: true,
        bytes: include_bytes!("../../assets/graphiql/graphiql.min.js.gz"),
    },
    Asset {
        name: "graphiql.min.css",
        media: STYLE,
        gzip: true,
        bytes: include_bytes!("../../assets/graphiql/graphiql.min.css.gz"),
    },
];

/// What the page may do: only what came from here.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; font-src 'self' data:; connect-src 'self' ws: wss:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/// The page.
pub async fn page(state: State<App>, headers: HeaderMap) -> Response {
    asset(state, Path(String::new()), headers).await
}

/// What the page loads.
pub async fn asset(State(app): State<App>, Path(name): Path<String>, headers: HeaderMap) -> Response {
    let found = ASSETS.iter().find(|a| a.name == name).filter(|_| app.config.graphiql());
    let Some(asset) = found else {
        return super::unrouted::unknown().await;
    };
    let tag = format!("\"{}\"", hex::encode(&Sha256::digest(asset.bytes)[..16]));
    let fresh = headers.get(header::IF_NONE_MATCH).and_then(|v| v.to_str().ok()) == Some(tag.as_str());
    let mut response = if fresh {
        StatusCode::NOT_MODIFIED.into_response()
    } else {
        asset.bytes.into_response()
    };
    let out = response.headers_mut();
    out.insert(header::CONTENT_TYPE, HeaderValue::from_static(asset.media));
    out.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    out.insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY));
    if asset.gzip && !fresh {
        out.insert(header::CONTENT_ENCODING, HeaderValue::from_static("gzip"));
    }
    if let Ok(tag) = HeaderValue::from_str(&tag) {
        out.insert(header::ETAG, tag);
    }
    response
}
