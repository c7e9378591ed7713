//! Bulk files over HTTP: up as CSV, and down again what was refused of them.

use super::{CallError, Caller, Client, Failed, answer, passing, text};
use bytes::Bytes;
use quartermaster_demo::plan::IdempotencyKey;
use reqwest::header::CONTENT_TYPE;
use reqwest::{Method, StatusCode};
use serde::Deserialize;
use serde_json::Value;
use std::time::Duration;

/// A whole file takes longer than one document.
const PATIENCE: Duration = Duration::from_secs(600);

/// What happens to a line with a GTIN whose form or check digit is wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OnInvalidGtin {
    /// The line is refused.
    Refuse,
    /// The item is taken without it.
    Omit,
}

/// A file on its way up.
#[derive(Debug, Clone, Copy)]
pub struct Upload<'a> {
    /// `suppliers`, `items`, `locations` or `prices`.
    pub kind: &'a str,
    /// What the approver sees.
    pub name: &'a str,
    /// For items.
    pub on_invalid_gtin: OnInvalidGtin,
    /// CSV in UTF-8.
    pub content: &'a Bytes,
}

/// What became of a file.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Import {
    /// `imp_…`
    pub id: String,
    /// `PROPOSED`, `APPLIED`, `UNCHANGED`, …
    pub state: String,
    /// Lines read.
    pub lines: u64,
    /// Records that are new.
    pub created: u64,
    /// Records that change.
    pub updated: u64,
    /// Lines that say what is there already.
    pub unchanged: u64,
    /// Lines that were not taken.
    pub refused: u64,
    /// GTINs that were left out of lines that were taken.
    pub omitted_gtins: u64,
    /// What waits for another person's approval.
    pub change: Option<Change>,
    /// Why the file could not be read to its end.
    pub failure: Option<Value>,
    /// The first of the refused lines, and why.
    pub refusals: Vec<Refusal>,
    /// Where all of them can be fetched, to be corrected.
    pub refused_file: Option<String>,
}

/// A change document.
#[derive(Debug, Clone, Deserialize)]
pub struct Change {
    /// Its id.
    pub id: String,
}

/// A line that was not taken, or not wholly.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Refusal {
    /// Of the file; the header is line 1.
    pub line_number: u64,
    /// The column; empty for the line as a whole.
    pub field: String,
    /// Why, for people.
    pub message: String,
    /// The line was taken without the value.
    #[serde(default)]
    pub omitted: bool,
}

impl Client {
    /// Sends a file up, once: whoever sends it again asks first what became of the one before.
    ///
    /// # Errors
    /// [`CallError`]; refused lines are in the [`Import`], not here.
    pub async fn upload(&self, caller: Caller<'_>, key: IdempotencyKey, file: Upload<'_>) -> Result<Import, CallError> {
        self.count_call();
        let path = format!("/v1/imports/{}?", file.kind);
        let begins = path.len();
        let mut options = url::form_urlencoded::Serializer::for_suffix(path, begins);
        options.append_pair("name", file.name);
        if file.on_invalid_gtin == OnInvalidGtin::Omit {
            options.append_pair("onInvalidGtin", "omit");
        }
        let request = self
            .request(Method::POST, &options.finish(), caller)
            .map_err(|(error, _)| error)?
            .header(CONTENT_TYPE, "text/csv; charset=utf-8")
            .header("Idempotency-Key", format!("\"{key}\""))
            .timeout(PATIENCE)
            .body(file.content.clone());
        let (status, bytes) = answer(request).await.map_err(|(error, _)| error)?;
        if status != StatusCode::OK {
            return Err(fault(status, &bytes).0);
        }
        let answer: Value = serde_json::from_slice(&bytes).unwrap_or_default();
        let import = Import::deserialize(&answer["import"]);
        import.map_err(|e| CallError::strange(&format!("an import: {e}")))
    }

    /// Fetches a file by its path on the server.
    ///
    /// # Errors
    /// [`CallError`]
    pub async fn download(&self, caller: Caller<'_>, path: &str) -> Result<Bytes, CallError> {
        self.patiently(|| async {
            let request = self.request(Method::GET, path, caller)?.timeout(PATIENCE);
            let (status, bytes) = answer(request).await?;
            if status == StatusCode::OK {
                Ok(bytes)
            } else {
                Err(fault(status, &bytes))
            }
        })
        .await
    }
}

/// What a server says that does not do it.
fn fault(status: StatusCode, bytes: &Bytes) -> Failed {
    let answer: Value = serde_json::from_slice(bytes).unwrap_or_default();
    let Some(error) = answer["errors"].get(0) else {
        return (CallError::Silent(format!("HTTP {status}")), passing(status));
    };
    let code = text(&error["extensions"]["code"]);
    let message = text(&error["message"]);
    (CallError::Fault { code, message }, passing(status))
}
