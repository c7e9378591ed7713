//! What sockets and streams of events have in common: who watches and for how long, and what an operation tells them. Both end
//! with the credential that opened them, and at once when its account may no more.

use super::App;
use super::admission::Whose;
use super::answer::{Fault, code_all};
use super::document::{Document, Operation};
use super::fits::{Asker, Program};
use super::graphql::prepare;
use super::places::Place;
use super::request::Parameters;
use super::standing::Standing;
use crate::auth::{Admitted, Denied};
use async_graphql::Response as Executed;
use async_graphql::parser::types::OperationType;
use axum::http::StatusCode;
use futures::stream::BoxStream;
use futures::{FutureExt, StreamExt};
use quartermaster_tenants::Op;
use quartermaster_tenants::authenticate::Caller;
use quartermaster_tenants::op::AccountKind;
use std::time::Duration;
use tokio::time::Instant;
use uuid::Uuid;

/// How often a credential is looked at again.
pub const LOOK: Duration = Duration::from_secs(25);
/// A client that does not take a message for this long is gone.
pub const SLOW: Duration = Duration::from_secs(10);

/// Who watches.
pub struct Watcher {
    credential: String,
    caller: Caller,
    ends: Option<Instant>,
    standing: Option<Standing>,
    id: Uuid,
    _place: Place,
}

impl Watcher {
    /// From now on, for who was admitted with this credential by the request of this id.
    ///
    /// # Errors
    /// He has as many sockets and streams as he may.
    pub async fn of(app: &App, credential: String, admitted: Admitted, id: Uuid) -> Result<Self, Fault> {
        let place = app.places.take(&admitted.caller).ok_or_else(too_many)?;
        let left = admitted
            .until
            .map(|until| (until - app.door.clock().now()).to_std().unwrap_or_default());
        Ok(Self {
            standing: Standing::of(&admitted.caller, app.live.as_ref()).await,
            credential,
            caller: admitted.caller,
            ends: left.map(|left| Instant::now() + left),
            id,
            _place: place,
        })
    }

    /// For [`super::fits::fits`], through the program of this name.
    #[must_use]
    pub fn asks<'a>(&'a self, program: &'a str) -> Asker<'a> {
        Asker {
            caller: &self.caller,
            credential: &self.credential,
            program: Program::Named(program),
        }
    }

    /// What he came in with.
    #[must_use]
    pub fn credential(&self) -> &str {
        &self.credential
    }

    /// When the credential ends, if it does.
    #[must_use]
    pub fn ends(&self) -> Option<Instant> {
        self.ends
    }

    /// Has it ended by now?
    #[must_use]
    pub fn has_ended(&self) -> bool {
        self.ends.is_some_and(|at| at <= Instant::now())
    }

    /// Does the credential still hold, and may its account still see the same?
    pub async fn holds(&self, app: &App) -> bool {
        match app.door.admit(&self.credential, self.id).await {
            Ok(now) => same(&now.caller, &self.caller),
            Err(why) => matches!(why, Denied::Unavailable(_)),
        }
    }

    /// The same before each message, where something may have happened since. A partner's operator is out at once: his credential
    /// is looked at before each message, and not only with the next look.
    pub async fn may_hear(&mut self, app: &App) -> bool {
        let operator = matches!(&self.caller, Caller::Member(op) if op.kind == AccountKind::Operator);
        let happened = self.standing.as_mut().is_some_and(Standing::has_changed);
        !(operator || happened) || self.holds(app).await
    }

    /// Waits until something happens to the account; for ever where nothing can.
    pub async fn changed(&mut self) {
        match &mut self.standing {
            Some(standing) => standing.wait().await,
            None => std::future::pending().await,
        }
    }

    /// What an operation that fits tells them. A question takes room like one in a request of its own; a subscription lasts, and each of
    /// its messages is short.
    #[must_use]
    pub fn results(
        &self,
        app: &App,
        document: &Document,
        operation: &Operation,
        parameters: Parameters,
    ) -> BoxStream<'static, Executed> {
        let request_id = Uuid::now_v7();
        let caller = match self.caller.clone() {
            Caller::Member(op) => Caller::Member(Box::new(Op { request_id, ..*op })),
            above @ (Caller::Partner(_) | Caller::Platform(_)) => above,
        };
        let (mut request, turns) = prepare(app, &app.db, document, parameters, Some(caller));
        if let Some(live) = &app.live {
            request = request.data(live.clone());
        }
        let executed = turns.drive_stream(app.schema.execute_stream(request).boxed());
        let coded = executed.map(move |mut executed| {
            code_all(&mut executed, request_id);
            executed
        });
        if operation.kind == OperationType::Subscription {
            return coded.boxed();
        }
        let (app, whose) = (app.clone(), Whose::of(&self.caller));
        let with_room = async move {
            match app.enter_as(whose).await {
                Ok(room) => coded
                    .map(move |executed| {
                        let _held = &room;
                        executed
                    })
                    .boxed(),
                Err(fault) => {
                    let refused = Executed::from_errors(vec![fault.error()]);
                    futures::stream::once(async { refused }).boxed()
                }
            }
        };
        with_room.flatten_stream().boxed()
    }
}

fn too_many() -> Fault {
    Fault {
        code: "RATE_LIMITED",
        ..Fault::http(
            StatusCode::TOO_MANY_REQUESTS,
            "This account has as many sockets and streams as it may. Close one, then ask again.",
        )
    }
}

/// May they still see the same, and ask the same?
fn same(now: &Caller, then: &Caller) -> bool {
    match (now, then) {
        (Caller::Member(now), Caller::Member(then)) => {
            now.locations == then.locations
                && now.roles == then.roles
                && now.registered_documents_only == then.registered_documents_only
        }
        (Caller::Partner(now), Caller::Partner(then)) => now.roles == then.roles,
        (Caller::Platform(now), Caller::Platform(then)) => now.person == then.person,
        _ => false,
    }
}
