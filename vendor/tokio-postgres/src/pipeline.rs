//! Statements that travel together under one `Sync`.

use crate::client::{InnerClient, Responses};
use crate::codec::FrontendMessage;
use crate::connection::RequestMessages;
use crate::query::{encode_bind, extract_row_affected};
use crate::types::BorrowToSql;
use crate::{Error, Row, Statement};
use bytes::BytesMut;
use postgres_protocol::message::backend::Message;
use postgres_protocol::message::frontend;

/// Prepared statements that are sent together, with one `Sync` behind the last.
///
/// The server runs them in order, answers in one piece, and after an error skips what is left. Outside of a transaction block all
/// of them are one transaction. [`Client::send_pipeline`](crate::Client::send_pipeline) sends it.
#[derive(Default)]
pub struct Pipeline {
    buf: BytesMut,
    statements: Vec<Statement>,
}

impl Pipeline {
    /// An empty one.
    pub fn new() -> Pipeline {
        Pipeline::default()
    }

    /// Adds a statement, which must have been prepared on the connection that the pipeline is sent on.
    ///
    /// # Errors
    ///
    /// The number of parameters is another than the statement's, or one cannot be written as its type. What was added before can
    /// still be sent.
    pub fn push<P, I>(&mut self, statement: &Statement, params: I) -> Result<(), Error>
    where
        P: BorrowToSql,
        I: IntoIterator<Item = P>,
        I::IntoIter: ExactSizeIterator,
    {
        let len = self.buf.len();
        let encoded = encode_bind(statement, params, "", &mut self.buf)
            .and_then(|()| frontend::execute("", 0, &mut self.buf).map_err(Error::encode));
        match encoded {
            Ok(()) => {
                self.statements.push(statement.clone());
                Ok(())
            }
            Err(e) => {
                self.buf.truncate(len);
                Err(e)
            }
        }
    }

    /// Asks the server to send the answers so far without waiting for the rest.
    pub fn flush(&mut self) {
        frontend::flush(&mut self.buf);
    }

    pub(crate) fn send(mut self, client: &InnerClient) -> Result<PipelineAnswers, Error> {
        frontend::sync(&mut self.buf);
        let messages = RequestMessages::Single(FrontendMessage::Raw(self.buf.freeze()));
        Ok(PipelineAnswers {
            responses: client.send(messages)?,
            statements: self.statements.into_iter(),
        })
    }
}

/// What a statement of a pipeline brought.
#[derive(Debug)]
pub struct PipelineAnswer {
    /// Its rows.
    pub rows: Vec<Row>,
    /// How many rows it returned or changed.
    pub rows_affected: u64,
}

/// The answers of a pipeline, in the order of its statements.
pub struct PipelineAnswers {
    responses: Responses,
    statements: std::vec::IntoIter<Statement>,
}

impl PipelineAnswers {
    /// The answer of the next statement; `None` once all have answered and the server is ready for the next request.
    ///
    /// # Errors
    ///
    /// What the server said about this statement. None of those behind it was run.
    pub async fn next(&mut self) -> Result<Option<PipelineAnswer>, Error> {
        let Some(statement) = self.statements.next() else {
            return match self.responses.next().await? {
                Message::ReadyForQuery(_) => Ok(None),
                _ => Err(Error::unexpected_message()),
            };
        };
        let mut rows = Vec::new();
        loop {
            match self.responses.next().await? {
                Message::BindComplete => {}
                Message::DataRow(body) => rows.push(Row::new(statement.clone(), body)?),
                Message::CommandComplete(body) => {
                    let rows_affected = extract_row_affected(&body)?;
                    return Ok(Some(PipelineAnswer { rows, rows_affected }));
                }
                Message::EmptyQueryResponse => {
                    return Ok(Some(PipelineAnswer { rows, rows_affected: 0 }));
                }
                _ => return Err(Error::unexpected_message()),
            }
        }
    }
}
