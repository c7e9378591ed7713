//! Statements that travel together: any number, one round trip.
//!
//! They go out in one piece with one `Sync` behind the last, and come back in one piece: a `Sync` for each would have the database
//! write to the network, and this process wake up, once for each statement, which costs more than many a statement.

use crate::act::signature::{self, Signature};
use crate::error::{Error, Result};
use crate::op::Op;
use deadpool_postgres::Object;
use std::time::{Duration, Instant};
use tokio_postgres::types::ToSql;
use tokio_postgres::{Pipeline, PipelineAnswer, Row};

/// An owned parameter of a statement.
pub type Param = Box<dyn ToSql + Sync + Send>;

/// The most statements that one flight carries: no use case needs as many.
const MOST: usize = 30;

const NONE: [&(dyn ToSql + Sync); 0] = [];

/// Which statement of a transaction's first flight looks at who asks: the one behind the tenant.
const LOOK: usize = 1;

struct Leg {
    sql: &'static str,
    sql_owned: Option<String>,
    params: Vec<Param>,
    /// `None`: rows are wanted. `Some(None)`: any count. `Some(Some(n))`: exactly n.
    count: Option<Option<u64>>,
}

impl Leg {
    fn text(&self) -> &str {
        self.sql_owned.as_deref().unwrap_or(self.sql)
    }
}

/// Where the rows of a statement will be in the [`Landing`].
#[derive(Debug, Clone, Copy)]
pub struct Rows(usize);

/// Statements that travel together. They run in the order in which they were added.
#[derive(Default)]
pub struct Flight {
    legs: Vec<Leg>,
    signatures: Vec<Signature>,
    last: bool,
}

impl Flight {
    /// An empty one.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a statement whose rows are wanted.
    pub fn rows(&mut self, sql: &'static str, params: Vec<Param>) -> Rows {
        self.legs.push(Leg {
            sql,
            sql_owned: None,
            params,
            count: None,
        });
        Rows(self.legs.len() - 1)
    }

    /// Adds a list statement whose text was composed from constant parts (a page with its filters and its order).
    pub fn composed(&mut self, sql: String, params: Vec<Param>) -> Rows {
        self.legs.push(Leg {
            sql: "",
            sql_owned: Some(sql),
            params,
            count: None,
        });
        Rows(self.legs.len() - 1)
    }

    /// Adds a write that must touch exactly `rows` rows; another count fails the flight, and with it the transaction.
    pub fn exec(&mut self, sql: &'static str, params: Vec<Param>, rows: u64) -> &mut Self {
        self.legs.push(Leg {
            sql,
            sql_owned: None,
            params,
            count: Some(Some(rows)),
        });
        self
    }

    /// Adds a write that may touch any number of rows.
    pub fn exec_any(&mut self, sql: &'static str, params: Vec<Param>) -> &mut Self {
        self.legs.push(Leg {
            sql,
            sql_owned: None,
            params,
            count: Some(None),
        });
        self
    }

    /// Nothing is to be read after it: the transaction ends with this flight. Whoever reads after all begins another one.
    pub fn last(&mut self) -> &mut Self {
        self.last = true;
        self
    }

    /// Does the transaction end with it?
    pub(super) fn is_last(&self) -> bool {
        self.last
    }

    /// Leaves the hands of an act: those of all acts of a flight are written by one statement, when it is sent.
    pub(crate) fn sign(&mut self, signature: Signature) {
        self.signatures.push(signature);
    }

    /// Adds the statement for the hands.
    pub(super) fn write_signatures(&mut self, op: &Op) {
        let signatures = std::mem::take(&mut self.signatures);
        signature::write(signatures, op, self);
    }

    /// How many statements.
    #[must_use]
    pub fn len(&self) -> usize {
        self.legs.len()
    }

    /// None yet?
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.legs.is_empty() && self.signatures.is_empty()
    }

    /// This flight's statements, then the other's.
    #[must_use]
    pub fn append(mut self, mut other: Self) -> Self {
        self.legs.append(&mut other.legs);
        self.signatures.append(&mut other.signatures);
        self.last |= other.last;
        self
    }

    /// Writes the statements for this connection. Only a text that it never saw costs a round trip.
    pub(super) async fn board(&self, conn: &Object, begin: bool, look: bool) -> Result<Boarded> {
        if self.legs.len() > MOST {
            return Err(Error::internal(format!("a flight of {} statements", self.legs.len())));
        }
        let mut pipeline = Pipeline::new();
        if begin {
            pipeline.push(&conn.prepare_cached("BEGIN").await?, NONE)?;
        }
        for (i, leg) in self.legs.iter().enumerate() {
            let statement = conn.prepare_cached(leg.text()).await?;
            let params = leg.params.iter().map(|p| &**p as &(dyn ToSql + Sync));
            pipeline.push(&statement, params).map_err(|e| explain(e, leg))?;
            if look && i == LOOK {
                pipeline.flush();
            }
        }
        if self.last {
            pipeline.push(&conn.prepare_cached("ROLLBACK").await?, NONE)?;
        }
        Ok(Boarded { pipeline, begin, look })
    }

    /// Sends everything, then waits for everything. The first error ends it: the database runs nothing behind it.
    pub(super) async fn send(&self, conn: &Object, boarded: Boarded) -> Result<Landing> {
        let Boarded { pipeline, begin, look } = boarded;
        let sent = Instant::now();
        let mut landing = Landing {
            rows: Vec::with_capacity(self.legs.len()),
            looked: None,
        };
        let mut answers = conn.send_pipeline(pipeline)?;
        if begin {
            answers.next().await?;
        }
        for (i, leg) in self.legs.iter().enumerate() {
            let answer = answers.next().await.map_err(|e| explain(e, leg))?;
            let PipelineAnswer { rows, rows_affected } =
                answer.ok_or_else(|| Error::internal("a statement without an answer"))?;
            if look && i == LOOK {
                landing.looked = Some(sent.elapsed());
            }
            if let Some(Some(wanted)) = leg.count
                && wanted != rows_affected
            {
                let text = leg.text();
                return Err(Error::internal(format!(
                    "{rows_affected} rows instead of {wanted}: {text}"
                )));
            }
            landing.rows.push(rows);
        }
        // The end of a last flight, and that the connection is ready for the next.
        while answers.next().await?.is_some() {}
        Ok(landing)
    }
}

/// A flight, written for a connection.
pub(super) struct Boarded {
    pipeline: Pipeline,
    begin: bool,
    look: bool,
}

fn explain(e: tokio_postgres::Error, leg: &Leg) -> Error {
    match Error::from(e) {
        Error::Internal(what) => Error::Internal(format!("{what} in {}", leg.text())),
        other => other,
    }
}

/// What a flight brought back.
#[derive(Debug)]
pub struct Landing {
    rows: Vec<Vec<Row>>,
    /// How long the look at who asks took, if this flight began with it.
    pub(super) looked: Option<Duration>,
}

impl Landing {
    /// The rows of one statement.
    #[must_use]
    pub fn get(&self, of: Rows) -> &[Row] {
        &self.rows[of.0]
    }

    /// The first row, if there is one.
    #[must_use]
    pub fn optional(&self, of: Rows) -> Option<&Row> {
        self.rows[of.0].first()
    }

    /// The row of a statement that always has one.
    ///
    /// # Errors
    /// A defect: there is none.
    pub fn one(&self, of: Rows) -> Result<&Row> {
        self.optional(of)
            .ok_or_else(|| Error::internal("a statement that always has a row had none"))
    }

    /// Without the answers of the first statements: what is left counts from zero again.
    #[must_use]
    pub(crate) fn without_first(mut self, statements: usize) -> Self {
        self.rows.drain(..statements);
        self
    }
}
