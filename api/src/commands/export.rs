//! `quartermaster export`: writes what is in force as a CSV file, as a server sends it.

use super::import::Kind;
use super::{Failure, runtime};
use clap::{Args, ValueEnum};
use futures::StreamExt;
use reqwest::{Client, Response, StatusCode};
use serde_json::Value;
use std::io::Write;
use std::time::Duration;

/// Exports suppliers, items, locations or prices as CSV, from a running server.
///
/// The file has the columns that `quartermaster import` reads, and holds what is in force: suppliers that are active or on hold,
/// items active or inactive, active locations, all agreed prices. What is only proposed, and what has ended, is not in it. Change
/// some lines and import the file: only those change. Imported as it is, it changes nothing.
#[derive(Debug, Args)]
#[command(
    after_help = "The file is read page by page, so that a large one needs no memory and a slow reader keeps nobody waiting: it is no picture
of one moment. Lines, commas and quotation marks as RFC 4180 has them, UTF-8.

Text is as it was entered, also where it begins with = + - or @: a spreadsheet may take that for a formula. Open the file
there by importing its columns as text.

  export QUARTERMASTER_TOKEN=$(quartermaster token SUBJECT)
  quartermaster export items > items.csv
  quartermaster export prices | gzip > prices.csv.gz
  quartermaster import prices prices.csv.gz --dry-run

Exit codes: 0 the file is whole; 69 the server does not answer, or broke off: the file is not whole; 73 it cannot be
written; 77 you may not."
)]
pub struct Export {
    /// What the file holds
    pub kind: Kind,
    /// The server
    #[arg(
        long,
        env = "QUARTERMASTER_SERVER",
        default_value = "http://127.0.0.1:8080",
        value_name = "URL"
    )]
    pub server: String,
    /// An access token or API key of who exports
    #[arg(long, env = "QUARTERMASTER_TOKEN", hide_env_values = true, value_name = "TOKEN")]
    pub token: String,
}

impl Export {
    pub fn run(self) -> Result<(), Failure> {
        runtime()?.block_on(self.write(&mut std::io::stdout()))
    }

    /// Fetches the file and writes it.
    ///
    /// # Errors
    /// A sentence: no server, no right, a file that breaks off, a place that cannot be written.
    pub async fn write(&self, out: &mut impl Write) -> Result<(), Failure> {
        let mut pieces = self.fetch().await?.bytes_stream();
        let unwritable = |e: std::io::Error| Failure::new(73, format!("The file cannot be written: {e}"));
        while let Some(piece) = pieces.next().await {
            let piece = piece.map_err(|e| {
                let message = "The server broke off: the file is not whole. Export it again.";
                Failure::new(69, format!("{message} ({e})"))
            })?;
            out.write_all(&piece).map_err(unwritable)?;
        }
        out.flush().map_err(unwritable)
    }

    async fn fetch(&self) -> Result<Response, Failure> {
        let client = Client::builder()
            .connect_timeout(Duration::from_secs(10))
            .no_proxy()
            .build()
            .map_err(|e| Failure::new(71, format!("No HTTP client: {e}")))?;
        let kind = self.kind.to_possible_value();
        let kind = kind.map(|k| k.get_name().to_owned()).unwrap_or_default();
        let base = format!("{}/v1/exports/{kind}", self.server.trim_end_matches('/'));
        let address = url::Url::parse(&base)
            .map_err(|e| Failure::new(64, format!("“{}” is no address of a server: {e}", self.server)))?;
        let response = client.get(address).bearer_auth(&self.token).send().await;
        let response =
            response.map_err(|e| Failure::new(69, format!("The server at {} does not answer: {e}", self.server)))?;
        let status = response.status();
        if status == StatusCode::OK {
            return Ok(response);
        }
        let code = match status {
            StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => 77,
            _ => 69,
        };
        let answer: Value = response.json().await.unwrap_or_default();
        let told = answer["errors"][0]["message"].as_str().unwrap_or("It gives no reason.");
        Err(Failure::new(code, format!("The server answered {status}: {told}")))
    }
}
