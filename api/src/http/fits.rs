//! Whether an operation is run at all, however it came: in a request, over a socket, as a stream of events.

use super::App;
use super::answer::Fault;
use super::document::{Document, Operation};
use super::registered::{ONLY, unregistered};
use super::request::Parameters;
use super::variables;
use crate::lifecycle::{self, Notice};
use axum::http::HeaderMap;
use quartermaster_tenants::authenticate::Caller;
use std::sync::Arc;

/// Who asks, with what, and how.
pub struct Asker<'a> {
    /// Who.
    pub caller: &'a Caller,
    /// What he came in with.
    pub credential: &'a str,
    /// Through which program.
    pub program: Program<'a>,
}

/// What says through which program somebody asks.
pub enum Program<'a> {
    /// The headers of his request.
    Headers(&'a HeaderMap),
    /// The opening of his socket, from which its name was taken.
    Named(&'a str),
}

/// Refuses what the server will not run for whoever asks, and charges him for the rest, unless the request was `charged` before. Says what
/// of it is deprecated.
///
/// # Errors
/// A document that is not registered, for a tenant that runs no others; a NUL in a variable, introspection where it is off, what was
/// withdrawn, a variable without its value, too high a cost, no points left.
pub async fn fits(
    app: &App,
    asker: Option<Asker<'_>>,
    document: &Document,
    operation: &Operation,
    parameters: &Parameters,
    charged: &mut bool,
) -> Result<Vec<Arc<Notice>>, Fault> {
    let op = match asker.as_ref().map(|asker| asker.caller) {
        Some(Caller::Member(op)) => Some(op),
        _ => None,
    };
    if op.is_some_and(|op| op.registered_documents_only) && !app.registered.holds(document) {
        return Err(unregistered(ONLY));
    }
    parameters.check_text()?;
    if operation.introspects && !app.config.introspection() {
        return Err(Fault::validation("Introspection is off here."));
    }
    let (name, variables, clock) = (
        parameters.operation_name.as_deref(),
        &parameters.variables,
        app.door.clock(),
    );
    let used = app.lifecycle.pass(document, name, variables, || clock.now())?;
    let price = || {
        variables::check(&document.parsed, name, variables)?;
        app.tariff.check(&document.parsed, name, variables)
    };
    let fields = document.seen.cost(parameters.shape(), price)?;
    let Some(asker) = asker.filter(|_| !*charged) else {
        return Ok(used);
    };
    let directory = app.door.directory();
    let (caller, credential) = (asker.caller, Some(asker.credential));
    app.limits.charge(directory, caller, credential, fields).await?;
    *charged = true;
    if let (Some(op), false) = (op, used.is_empty()) {
        let client = match asker.program {
            Program::Headers(headers) => lifecycle::client(headers),
            Program::Named(name) => name.to_owned(),
        };
        app.deprecated.add(op, client, &used);
    }
    Ok(used)
}
