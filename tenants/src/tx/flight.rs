//! Statements that travel together: any number, one round trip.

use crate::act::signature::{self, Signature};
use crate::error::{Error, Result};
use crate::op::Op;
use deadpool_postgres::Object;
use futures::future::{BoxFuture, join_all};
use std::sync::OnceLock;
use std::time::{Duration, Instant};
use tokio_postgres::types::ToSql;
use tokio_postgres::{Row, Statement};

/// An owned parameter of a statement.
pub type Param = Box<dyn ToSql + Sync + Send>;

/// The most statements that one flight carries; polled in order only up to here, and no use case needs as many.
const MOST: usize = 30;

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

    /// Statement handles, from the connection's cache. Only a text that this connection never saw costs a round trip.
    pub(super) async fn prepare(&self, conn: &Object) -> Result<Vec<Statement>> {
        if self.legs.len() > MOST {
            return Err(Error::internal(format!("a flight of {} statements", self.legs.len())));
        }
        let mut out = Vec::with_capacity(self.legs.len());
        for leg in &self.legs {
            out.push(conn.prepare_cached(leg.text()).await?);
        }
        Ok(out)
    }

    /// Sends everything, then waits for everything. The first error counts: what follows it is an echo.
    pub(super) async fn send(&self, conn: &Object, prepared: &[Statement], begin: bool) -> Result<Landing> {
        type Answer = Result<(Vec<Row>, u64), tokio_postgres::Error>;
        let (sent, looked) = (Instant::now(), OnceLock::new());
        let mut futures: Vec<BoxFuture<'_, Answer>> = Vec::with_capacity(self.legs.len() + 2);
        if begin {
            futures.push(Box::pin(async {
                conn.batch_execute("BEGIN").await.map(|()| (vec![], 0))
            }));
        }
        for (i, (leg, statement)) in self.legs.iter().zip(prepared).enumerate() {
            let looked = &looked;
            futures.push(Box::pin(async move {
                let params: Vec<&(dyn ToSql + Sync)> = leg.params.iter().map(|p| &**p as &(dyn ToSql + Sync)).collect();
                let answer = match leg.count {
                    None => conn.query(statement, &params).await.map(|rows| (rows, 0)),
                    Some(_) => conn.execute(statement, &params).await.map(|n| (vec![], n)),
                };
                if begin && i == LOOK {
                    let _ = looked.set(sent.elapsed());
                }
                answer
            }));
        }
        if self.last {
            futures.push(Box::pin(async {
                conn.batch_execute("ROLLBACK").await.map(|()| (vec![], 0))
            }));
        }
        let answers = join_all(futures).await;
        let mut rows = Vec::with_capacity(self.legs.len());
        for (i, answer) in answers.into_iter().enumerate() {
            // The first may be BEGIN, and behind the last there may be ROLLBACK.
            let leg = i.checked_sub(usize::from(begin)).and_then(|i| self.legs.get(i));
            let (found, touched) = answer.map_err(|e| explain(e, leg))?;
            let Some(leg) = leg else { continue };
            if let Some(Some(wanted)) = leg.count
                && wanted != touched
            {
                return Err(Error::internal(format!(
                    "{touched} rows instead of {wanted}: {}",
                    leg.text()
                )));
            }
            rows.push(found);
        }
        Ok(Landing {
            rows,
            looked: looked.into_inner(),
        })
    }
}

fn explain(e: tokio_postgres::Error, leg: Option<&Leg>) -> Error {
    match (Error::from(e), leg) {
        (Error::Internal(what), Some(leg)) => Error::Internal(format!("{what} in {}", leg.text())),
        (other, _) => other,
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
