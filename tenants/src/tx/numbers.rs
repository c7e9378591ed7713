//! Document numbers by the tenant's own pattern: unique, and without gaps for the kinds that the tenant marks so.
//!
//! A gapless number is taken from its counter as the last lock of the transaction, so that writers hardly wait; others come
//! from blocks that a process takes ahead, so that they never wait, and leave gaps when the process ends.

use super::{Flight, TenantTx, params};
use crate::error::{Error, Result};
use crate::settings::Settings;
use chrono::Datelike;
use serde::{Deserialize, Serialize};
use std::collections::HashMap;
use std::sync::Mutex;
use uuid::Uuid;

/// How documents of one kind are numbered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Numbering {
    /// `PO-{YYYY}-{NNNNNN}`: one run of `N` is the counter with its least width; `{YYYY}` restarts it each year.
    pub pattern: String,
    /// No gaps, ever.
    pub gapless: bool,
}

impl Numbering {
    /// The pattern `{prefix}-{NNNNNN}`, gaps allowed.
    #[must_use]
    pub fn plain(prefix: &str) -> Self {
        Self {
            pattern: format!("{prefix}-{{NNNNNN}}"),
            gapless: false,
        }
    }

    /// What is wrong with the pattern, if anything.
    #[must_use]
    pub fn problem(&self) -> Option<&'static str> {
        let Some((before, width, after)) = self.parts("") else {
            return Some("The pattern needs one counter, such as {NNNNNN}.");
        };
        if width == 0 || width > 12 || before.len() + after.len() > 24 {
            return Some("The counter has 1 to 12 digits, the text around it at most 24 characters.");
        }
        if before
            .chars()
            .chain(after.chars())
            .any(|c| !(c.is_ascii_alphanumeric() || "-/._".contains(c)))
        {
            return Some("Letters, digits and - / . _ may stand around the counter, and {YYYY}.");
        }
        None
    }

    fn parts(&self, year: &str) -> Option<(String, usize, String)> {
        let (before, rest) = self.pattern.split_once("{N")?;
        let (ns, after) = rest.split_once('}')?;
        if ns.chars().any(|c| c != 'N') || after.contains("{N") {
            return None;
        }
        Some((
            before.replace("{YYYY}", year),
            ns.len() + 1,
            after.replace("{YYYY}", year),
        ))
    }
}

/// A number of a new document: known already, or taken by the statement that [`Number::take`] adds.
#[derive(Debug, Clone)]
pub struct Number {
    kind: &'static str,
    period: String,
    prefix: String,
    width: i32,
    suffix: String,
    known: Option<String>,
}

const TAKE_ONE: &str = "INSERT INTO qm.number_counter AS c (tenant_id, document_kind, period, next) VALUES ($1, $2, $3, 2) \
    ON CONFLICT (tenant_id, document_kind, period) DO UPDATE SET next = c.next + 1";
const TAKE_BLOCK: &str = "INSERT INTO qm.number_counter AS c (tenant_id, document_kind, period, next) VALUES ($1, $2, $3, 1 + $4::bigint) \
    ON CONFLICT (tenant_id, document_kind, period) DO UPDATE SET next = c.next + $4::bigint RETURNING c.next - $4::bigint";
const BLOCK: i64 = 32;

/// The SQL expression for a number whose parameters begin at `$n`: kind, period, prefix, width, suffix, known.
#[macro_export]
macro_rules! number_sql {
    ($kind:literal, $period:literal, $prefix:literal, $width:literal, $suffix:literal, $known:literal) => {
        concat!(
            "coalesce($", $known, "::text, $", $prefix, "::text || (SELECT lpad((c.next - 1)::text, greatest($", $width,
            "::int, length((c.next - 1)::text)), '0') FROM qm.number_counter c WHERE c.tenant_id = $1 AND c.document_kind = $", $kind,
            "::text AND c.period = $", $period, "::text) || $", $suffix, "::text)"
        )
    };
}

impl Number {
    /// Adds the statement that takes the number, when it is one without gaps. Call it last before the document's insert.
    pub fn take(&self, tenant: Uuid, flight: &mut Flight) {
        if self.known.is_none() {
            flight.exec(TAKE_ONE, params![tenant, self.kind, self.period.clone()], 1);
        }
    }

    /// The six parameters that [`number_sql!`] wants.
    #[must_use]
    pub fn params(&self) -> Vec<super::Param> {
        params![
            self.kind,
            self.period.clone(),
            self.prefix.clone(),
            self.width,
            self.suffix.clone(),
            self.known.clone()
        ]
    }
}

/// Tenant, kind of document, period.
pub(super) type Key = (Uuid, &'static str, String);

/// Blocks of numbers that this process took ahead.
#[derive(Debug, Default)]
pub(crate) struct Blocks(Mutex<HashMap<Key, (i64, i64)>>);

impl Blocks {
    fn next(&self, key: &Key) -> Option<i64> {
        let mut blocks = self.0.lock().ok()?;
        let (next, end) = blocks.get_mut(key)?;
        (*next < *end).then(|| {
            *next += 1;
            *next - 1
        })
    }

    /// What is left of a block whose first number is used.
    pub(super) fn put(&self, key: Key, from: i64) {
        if let Ok(mut blocks) = self.0.lock() {
            blocks.insert(key, (from, from + BLOCK - 1));
        }
    }
}

impl TenantTx<'_> {
    /// The next number of a kind, by the tenant's published pattern. Costs a round trip only when a block of numbers is used up;
    /// the rest of a new block is other transactions' once this one is committed.
    ///
    /// # Errors
    /// A pattern that is none (settings are checked when they are published), or what the database said.
    pub async fn number(&mut self, kind: &'static str, settings: &Settings) -> Result<Number> {
        let numbering = settings.numbering(kind);
        let year = self.now()?.year().to_string();
        let period = if numbering.pattern.contains("{YYYY}") {
            year.clone()
        } else {
            String::new()
        };
        let (prefix, width, suffix) = numbering
            .parts(&year)
            .ok_or_else(|| Error::internal("number pattern"))?;
        let mut number = Number {
            kind,
            period,
            prefix,
            width: i32::try_from(width).unwrap_or(6),
            suffix,
            known: None,
        };
        if !numbering.gapless {
            let tenant = self.op().tenant.0;
            let key = (tenant, kind, number.period.clone());
            let n = match self.db().numbers.next(&key) {
                Some(n) => n,
                None => {
                    let mut flight = Flight::new();
                    let row = flight.rows(TAKE_BLOCK, params![tenant, kind, number.period.clone(), BLOCK]);
                    let landing = self.fly(flight).await?;
                    let from: i64 = landing.one(row)?.try_get(0)?;
                    self.blocks.push((key, from + 1));
                    from
                }
            };
            number.known = Some(format!("{}{n:0width$}{}", number.prefix, number.suffix));
        }
        Ok(number)
    }
}
