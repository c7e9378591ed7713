//! Is the process alive; may it be given requests?

use super::App;
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde_json::json;

/// The process answers.
pub async fn alive() -> &'static str {
    "alive\n"
}

/// The database answers, is migrated, and the role is safe.
pub async fn ready(State(app): State<App>) -> Response {
    let problems = if app.stopping.is_cancelled() {
        vec!["stopping".to_owned()]
    } else {
        match quartermaster_tenants::tx::problems(&app.db).await {
            Ok(found) => found.into_iter().map(|p| p.code.to_owned()).collect(),
            Err(error) => {
                tracing::warn!(%error, "not ready");
                vec!["database-unreachable".to_owned()]
            }
        }
    };
    let status = if problems.is_empty() {
        StatusCode::OK
    } else {
        StatusCode::SERVICE_UNAVAILABLE
    };
    (
        status,
        Json(json!({ "ready": problems.is_empty(), "problems": problems })),
    )
        .into_response()
}
