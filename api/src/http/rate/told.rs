//! What an answer says about limits: `RateLimit` and `RateLimit-Policy` (draft-ietf-httpapi-ratelimit-headers-10), and `Retry-After` with
//! a refusal.

use super::bucket::WINDOW;
use super::{Share, Standing};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use std::cell::RefCell;
use std::fmt::Write as _;

pub const RATE_LIMIT: HeaderName = HeaderName::from_static("ratelimit");
pub const RATE_LIMIT_POLICY: HeaderName = HeaderName::from_static("ratelimit-policy");

tokio::task_local! {
    static STANDING: RefCell<Option<Standing>>;
}

/// Answers a request, and writes into the answer's headers how whoever sent it stands.
pub async fn tell<B>(answer: impl Future<Output = axum::http::Response<B>>) -> axum::http::Response<B> {
    let told = async {
        let response = answer.await;
        (response, STANDING.with(|told| told.borrow_mut().take()))
    };
    let (mut response, standing) = STANDING.scope(RefCell::new(None), told).await;
    if let Some(standing) = standing {
        let status = response.status();
        write(&standing, status, response.headers_mut());
    }
    response
}

/// Notes how the sender of this task's request stands; nothing where nobody answers it with headers, as on a socket.
pub(super) fn note(standing: Standing) {
    let _ = STANDING.try_with(|told| *told.borrow_mut() = Some(standing));
}

fn write(standing: &Standing, status: StatusCode, headers: &mut HeaderMap) {
    let (mut policy, mut limit) = (String::new(), String::new());
    for share in standing.shares() {
        let Share { name, quota, level } = share;
        let comma = if policy.is_empty() { "" } else { ", " };
        let (left, reset) = (level.left, seconds_up(level.full_in));
        let _ = write!(policy, "{comma}\"{name}\";q={quota};qu=\"points\";w={WINDOW}");
        let _ = write!(limit, "{comma}\"{name}\";r={left};t={reset}");
    }
    for (name, value) in [(RATE_LIMIT_POLICY, policy), (RATE_LIMIT, limit)] {
        if let Ok(value) = HeaderValue::from_str(&value) {
            headers.insert(name, value);
        }
    }
    let wait = standing
        .shares()
        .map(|share| share.level.open_in)
        .max()
        .unwrap_or_default();
    // Refusals for other reasons say themselves when to come again.
    if status == StatusCode::TOO_MANY_REQUESTS && !wait.is_zero() {
        headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds_up(wait)));
    }
}

fn seconds_up(duration: std::time::Duration) -> u64 {
    duration.as_secs() + u64::from(duration.subsec_nanos() > 0)
}
