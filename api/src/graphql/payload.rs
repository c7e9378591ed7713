//! What mutations answer: the document as it is now, and why nothing was done, if so.

/// Declares a payload: `payload!(PurchaseOrderPayload, purchase_order: PurchaseOrder, PurchaseOrderId)`. The document is loaded
/// when its field is selected, also on an idempotent repeat. With a record – `…, PurchaseOrderId, OrderRecord` – an outcome that
/// shows one needs no load.
#[macro_export]
macro_rules! payload {
    ($(#[$doc:meta])* $payload:ident, $field:ident: $node:ty, $id:ty $(, $record:ty)?) => {
        $(#[$doc])*
        pub struct $payload(pub quartermaster_tenants::Outcome);

        /// What came of it.
        #[async_graphql::Object]
        impl $payload {
            /// The document as it is now; null when there is none that you may see.
            async fn $field(&self, ctx: &async_graphql::Context<'_>) -> async_graphql::Result<Option<$node>> {
                let Some(id) = self.0.document else { return Ok(None) };
                $(if let Some(record) = self.0.shown::<$record>() {
                    return Ok(Some(record.clone().into()));
                })?
                $crate::graphql::loaders::one(ctx, <$id>::from(id)).await
            }
            /// Why nothing was done; empty when it was.
            async fn user_errors(&self) -> Vec<$crate::graphql::error::UserError> {
                self.0.refusals.iter().cloned().map(Into::into).collect()
            }
        }

        impl From<quartermaster_tenants::Outcome> for $payload {
            fn from(outcome: quartermaster_tenants::Outcome) -> Self {
                Self(outcome)
            }
        }
    };
}

/// Declares the inputs of commands on one document: `command_input!(PurchaseOrderId; PurchaseOrderSubmitInput, …)`.
#[macro_export]
macro_rules! command_input {
    ($id:ty; $($(#[$doc:meta])* $input:ident),* $(,)?) => {$(
        $(#[$doc])*
        #[derive(async_graphql::InputObject)]
        pub struct $input {
            /// The document.
            pub id: $crate::graphql::id::Id<$id>,
            /// The version that you have read; a stale one is refused with `CONFLICT`.
            pub expected_version: Option<i32>,
        }
    )*};
}

/// The same with a reason.
#[macro_export]
macro_rules! reason_input {
    ($id:ty; $($(#[$doc:meta])* $input:ident),* $(,)?) => {$(
        $(#[$doc])*
        #[derive(async_graphql::InputObject)]
        pub struct $input {
            /// The document.
            pub id: $crate::graphql::id::Id<$id>,
            /// Why; people read it.
            pub reason: String,
            /// The version that you have read; a stale one is refused with `CONFLICT`.
            pub expected_version: Option<i32>,
        }
    )*};
}

/// Runs a domain verb to its end, trying again what lost to a concurrent transaction: `perform!(s, purchasing::submit(&s.db,
/// &s.op, id, version))` gives the outcome, or returns the fault as a coded error.
#[macro_export]
macro_rules! perform {
    ($session:expr, $verb:expr) => {{
        let session: &$crate::graphql::Session = $session;
        let mut attempts = quartermaster_tenants::tx::Attempts::default();
        loop {
            let result = $verb.await;
            if let Some(end) = attempts.settle(&session.db, &session.op, result).await {
                break session.read(end)?;
            }
            $crate::http::tenant_figures::retried(session.op.tenant);
        }
    }};
}

use super::Session;
use super::error::coded;
use quartermaster_tenants::Outcome;
use quartermaster_tenants::error::Detail;
use std::sync::Arc;
use uuid::Uuid;

/// After a stale version or a wrong state, the document as it is now comes beside the error.
#[must_use]
pub fn about(document: impl Into<Uuid>, mut outcome: Outcome) -> Outcome {
    if outcome.document.is_none()
        && outcome
            .refusals
            .iter()
            .any(|r| matches!(r.detail, Detail::State { .. } | Detail::Version { .. }))
    {
        outcome.document = Some(document.into());
    }
    outcome
}

/// The most elements of a bulk mutation.
const MOST_ELEMENTS: usize = 100;

/// The elements of a bulk mutation, each with a session of its own: its own idempotency key, so that a repeat finds each
/// element's own outcome and goes on where the first attempt ended. The first element has the request's own key, so that the
/// key stays that of this request; no client's key holds a space.
///
/// # Errors
/// `BAD_USER_INPUT` for too many.
pub fn each<E>(session: &Session, elements: Vec<E>) -> async_graphql::Result<impl Iterator<Item = (Session, E)>> {
    if elements.len() > MOST_ELEMENTS {
        let message = format!("At most {MOST_ELEMENTS} elements in one call.");
        return Err(coded("BAD_USER_INPUT", message));
    }
    let own = |n: usize| {
        let mut op = (*session.op).clone();
        if let Some(key) = op.idempotency.as_mut().filter(|_| n > 0) {
            key.key = format!("{} {n}", key.key);
        }
        Session {
            op: Arc::new(op),
            ..session.clone()
        }
    };
    let sessions: Vec<Session> = (0..elements.len()).map(own).collect();
    Ok(sessions.into_iter().zip(elements))
}

/// Runs a verb for each element of a bulk mutation, one after the other, each in a transaction of its own: what one does counts
/// for those behind it. `each!(s, input.elements, |s, e| purchasing::submit(&s.db, &s.op, e.id.0, e.expected_version))` gives
/// a payload for each, in order.
#[macro_export]
macro_rules! each {
    ($session:expr, $elements:expr, |$s:ident, $e:ident| $verb:expr) => {{
        let mut results = Vec::new();
        for ($s, $e) in $crate::graphql::payload::each($session, $elements)? {
            let outcome = $crate::perform!(&$s, $verb);
            results.push($crate::graphql::payload::about($e.id.0, outcome).into());
        }
        results
    }};
}

/// Declares the inputs of bulk mutations: `bulk_input!(PurchaseOrderSubmitBulkInput of PurchaseOrderSubmitInput, …)`.
#[macro_export]
macro_rules! bulk_input {
    ($($(#[$doc:meta])* $input:ident of $element:ty),* $(,)?) => {$(
        $(#[$doc])*
        #[derive(async_graphql::InputObject)]
        pub struct $input {
            /// At most 100, each decided by itself.
            pub elements: Vec<$element>,
        }
    )*};
}

/// Declares what a bulk mutation answers: `bulk_payload!(PurchaseOrderBulkPayload of PurchaseOrderPayload)`.
#[macro_export]
macro_rules! bulk_payload {
    ($($(#[$doc:meta])* $payload:ident of $one:ty),* $(,)?) => {$(
        $(#[$doc])*
        #[derive(async_graphql::SimpleObject)]
        pub struct $payload {
            /// One for each element, in the order of the input.
            results: Vec<$one>,
        }

        impl From<Vec<$one>> for $payload {
            fn from(results: Vec<$one>) -> Self {
                Self { results }
            }
        }
    )*};
}
