//! What mutations answer: the document as it is now, and why nothing was done, if so.

/// Declares a payload: `payload!(PurchaseOrderPayload, purchase_order: PurchaseOrder, PurchaseOrderId)`. The document is loaded
/// when its field is selected, also on an idempotent repeat.
#[macro_export]
macro_rules! payload {
    ($(#[$doc:meta])* $payload:ident, $field:ident: $node:ty, $id:ty) => {
        $(#[$doc])*
        pub struct $payload(pub quartermaster_tenants::Outcome);

        #[async_graphql::Object]
        impl $payload {
            /// The document as it is now; null when there is none that you may see.
            async fn $field(&self, ctx: &async_graphql::Context<'_>) -> async_graphql::Result<Option<$node>> {
                let Some(id) = self.0.document else { return Ok(None) };
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
        }
    }};
}

use quartermaster_tenants::Outcome;
use quartermaster_tenants::error::Detail;
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
