//! `quartermaster import`: sends a file to a server as it is read, and shows what came of it.

use super::replay::progress::Progress;
use super::{Failure, runtime};
use clap::{Args, ValueEnum};
use futures::StreamExt;
use reqwest::header::{CONTENT_ENCODING, CONTENT_TYPE};
use reqwest::{Body, Client, Response, StatusCode};
use serde_json::Value;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::time::Duration;
use tokio::io::AsyncWriteExt;
use tokio_util::io::ReaderStream;

/// Imports suppliers, items, locations or prices from a CSV file, through a running server.
///
/// Good lines of suppliers, items and prices are proposed as one change, which another person approves; locations are in force at
/// once. Refused lines are written to a file beside FILE, each behind its number, its columns and the reasons: correct that file and
/// import it. The same file again changes nothing.
#[derive(Debug, Args)]
#[command(
    after_help = "The first line of the file names its columns; * must be there, others may be missing:
  suppliers  code* legal_name* currency* tax_id gln payment_terms_days lead_time_days incoterm external_key
             contact_name contact_role contact_email contact_phone
  items      sku* name* base_unit* description category gtin inner_unit inner_quantity inner_gtin case_unit
             case_quantity case_gtin pallet_unit pallet_quantity pallet_gtin lot_tracked expiry_tracked
             serial_tracked regulated status
  prices     supplier_code* sku* price* unit currency valid_from valid_to minimum_quantity supplier_sku
             minimum_order_quantity order_multiple lead_time_days preference
  locations  code* name* kind* time_zone* region gln street city postal_code subdivision country
A column that the file does not have leaves what a record has; an empty cell empties it. UTF-8, commas, dates as 2026-03-14.

  export QUARTERMASTER_TOKEN=$(quartermaster token SUBJECT)
  quartermaster import items items.csv --dry-run
  quartermaster import items items.csv && quartermaster import prices prices.csv.gz

Exit codes: 0 every line is in; 65 lines were refused, or the file was; 77 you may not; 69 the server does not answer."
)]
pub struct Import {
    /// What the file holds
    pub kind: Kind,
    /// The file (.csv or .csv.gz)
    pub file: PathBuf,
    /// The server
    #[arg(
        long,
        env = "QUARTERMASTER_SERVER",
        default_value = "http://127.0.0.1:8080",
        value_name = "URL"
    )]
    pub server: String,
    /// An access token or API key of who imports
    #[arg(long, env = "QUARTERMASTER_TOKEN", hide_env_values = true, value_name = "TOKEN")]
    pub token: String,
    /// Check every line and change nothing
    #[arg(long)]
    pub dry_run: bool,
    /// What becomes of a GTIN with a wrong check digit: refuse its line, or leave it out
    #[arg(long, value_enum, default_value_t = InvalidGtin::Refuse)]
    pub on_invalid_gtin: InvalidGtin,
    /// What the approver reads [default: the file's name]
    #[arg(long)]
    pub name: Option<String>,
}

/// What a file holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Kind {
    /// Supplier records
    Suppliers,
    /// Items with packs and GTINs
    Items,
    /// Stores, warehouses, distribution centres
    Locations,
    /// Agreed prices and terms
    Prices,
}

/// What becomes of a GTIN that is none.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum InvalidGtin {
    /// Its line is refused
    Refuse,
    /// It is left out, and its line goes in
    Omit,
}

impl Import {
    pub fn run(self) -> Result<(), Failure> {
        runtime()?.block_on(async {
            let report = self.send().await?;
            print!("{}", report.text);
            if report.refused {
                return Err(Failure::new(65, "Not every line went in; see above."));
            }
            Ok(())
        })
    }

    /// Sends the file, and fetches the refused lines.
    ///
    /// # Errors
    /// A sentence: no such file, no server, no right, a file that is refused as a whole.
    pub async fn send(&self) -> Result<Report, Failure> {
        let unreadable = |e: std::io::Error| Failure::new(66, format!("{} cannot be read: {e}", self.file.display()));
        let file = tokio::fs::File::open(&self.file).await.map_err(unreadable)?;
        let length = file.metadata().await.map_err(unreadable)?.len();
        let mut progress = Progress::of(length.div_ceil(1024), "kB");
        let mut sent = 0;
        let pieces = ReaderStream::with_capacity(file, 64 * 1024).map(move |piece| {
            if let Ok(bytes) = &piece {
                let before = u64::div_ceil(sent, 1024);
                sent += bytes.len() as u64;
                progress.step(u64::div_ceil(sent, 1024) - before);
                if sent == length {
                    progress.end();
                }
            }
            piece
        });
        let client = Client::builder()
            .connect_timeout(Duration::from_secs(10))
            .no_proxy()
            .build()
            .map_err(|e| Failure::new(71, format!("No HTTP client: {e}")))?;
        let mut request = client
            .post(self.address()?)
            .bearer_auth(&self.token)
            .header(CONTENT_TYPE, "text/csv");
        if self.file.extension().is_some_and(|e| e == "gz") {
            request = request.header(CONTENT_ENCODING, "gzip");
        }
        let response = request.body(Body::wrap_stream(pieces)).send().await;
        let (status, answer) = answered(response.map_err(|e| self.silent(&e))?).await?;
        let import = &answer["import"];
        if status != StatusCode::OK {
            let code = match status {
                StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => 77,
                s if s.is_server_error() => 69,
                _ => 65,
            };
            return Err(Failure::new(code, sentences(&answer)));
        }
        let mut text = told(&self.file, import);
        let refused = import["refused"].as_i64().unwrap_or_default() > 0;
        if let Some(path) = import["refusedFile"].as_str() {
            let beside = beside(&self.file);
            self.fetch(&client, path, &beside).await?;
            let _ = writeln!(
                text,
                "Refused lines: {}. Correct and import that file.",
                beside.display()
            );
        }
        Ok(Report { text, refused })
    }

    fn address(&self) -> Result<String, Failure> {
        let name = self.name.clone().unwrap_or_else(|| {
            let name = self.file.file_name().unwrap_or_default();
            name.to_string_lossy().into_owned()
        });
        let word = |value: Option<clap::builder::PossibleValue>| value.map(|v| v.get_name().to_owned());
        let (kind, gtin) = (
            word(self.kind.to_possible_value()),
            word(self.on_invalid_gtin.to_possible_value()),
        );
        let base = format!(
            "{}/v1/imports/{}",
            self.server.trim_end_matches('/'),
            kind.unwrap_or_default()
        );
        let mut url = url::Url::parse(&base)
            .map_err(|e| Failure::new(64, format!("“{}” is no address of a server: {e}", self.server)))?;
        url.query_pairs_mut()
            .append_pair("name", &name)
            .append_pair("dryRun", if self.dry_run { "true" } else { "false" })
            .append_pair("onInvalidGtin", &gtin.unwrap_or_default());
        Ok(url.into())
    }

    async fn fetch(&self, client: &Client, path: &str, into: &Path) -> Result<(), Failure> {
        let url = format!("{}{path}", self.server.trim_end_matches('/'));
        let response = client.get(url).bearer_auth(&self.token).send().await;
        let response = response
            .and_then(Response::error_for_status)
            .map_err(|e| self.silent(&e))?;
        let unwritable = |e: std::io::Error| Failure::new(73, format!("{} cannot be written: {e}", into.display()));
        let mut file = tokio::fs::File::create(into).await.map_err(unwritable)?;
        let mut pieces = response.bytes_stream();
        while let Some(piece) = pieces.next().await {
            let piece = piece.map_err(|e| self.silent(&e))?;
            file.write_all(&piece).await.map_err(unwritable)?;
        }
        file.flush().await.map_err(unwritable)
    }

    fn silent(&self, error: &reqwest::Error) -> Failure {
        Failure::new(69, format!("The server at {} does not answer: {error}", self.server))
    }
}

/// What came of an import.
#[derive(Debug)]
pub struct Report {
    /// For people.
    pub text: String,
    /// Not every line went in.
    pub refused: bool,
}

async fn answered(response: Response) -> Result<(StatusCode, Value), Failure> {
    let status = response.status();
    match response.json().await {
        Ok(answer) => Ok((status, answer)),
        Err(e) => Err(Failure::new(
            69,
            format!("The server answered {status}, and not as an import does: {e}"),
        )),
    }
}

fn sentences(answer: &Value) -> String {
    let errors = answer["errors"].as_array().map(Vec::as_slice).unwrap_or_default();
    errors
        .iter()
        .filter_map(|e| e["message"].as_str())
        .collect::<Vec<_>>()
        .join("\n")
}

/// `items.csv.gz` → `items.refused.csv`.
fn beside(file: &Path) -> PathBuf {
    let name = file.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let bare = name.trim_end_matches(".gz").trim_end_matches(".csv");
    file.with_file_name(format!("{bare}.refused.csv"))
}

fn told(file: &Path, import: &Value) -> String {
    let count = |name: &str| import[name].as_i64().unwrap_or_default();
    let mut text = format!(
        "{}: {} lines, {} new, {} changed, {} unchanged, {} refused\n",
        file.display(),
        count("lines"),
        count("created"),
        count("updated"),
        count("unchanged"),
        count("refused")
    );
    if count("omittedGtins") > 0 {
        let _ = writeln!(text, "{} GTINs were left out.", count("omittedGtins"));
    }
    let change = import["change"]["id"].as_str().unwrap_or_default();
    let _ = match import["state"].as_str() {
        Some("PROPOSED") => {
            let mutation = match import["change"]["type"].as_str() {
                Some("SupplierChange") => "supplierChangeApprove",
                Some("ItemChange") => "itemChangeApprove",
                _ => "priceListApprove",
            };
            writeln!(
                text,
                "Proposed as {change}: in force when another person approves it ({mutation})."
            )
        }
        Some("APPLIED") => writeln!(text, "In force."),
        Some("CHECKED") => writeln!(text, "A dry run: nothing was changed."),
        Some("UNCHANGED") => writeln!(text, "Nothing in it was new."),
        other => writeln!(text, "State: {}.", other.unwrap_or("unknown")),
    };
    for refusal in import["refusals"].as_array().into_iter().flatten() {
        let _ = writeln!(
            text,
            "  line {} {}: {}",
            refusal["lineNumber"],
            refusal["field"].as_str().unwrap_or_default(),
            refusal["message"].as_str().unwrap_or_default()
        );
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn refused_lines_are_written_beside_the_file() {
        for (file, refused) in [
            ("a/items.csv", "a/items.refused.csv"),
            ("items.csv.gz", "items.refused.csv"),
            ("items", "items.refused.csv"),
        ] {
            assert_eq!(beside(Path::new(file)), Path::new(refused));
        }
    }
}
