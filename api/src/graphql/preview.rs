//! Asking before doing: `viewerCan`, computed from the same policy that the mutation asks.

use super::error::UserErrorCode;
use async_graphql::SimpleObject;
use quartermaster_tenants::act::Preview;

/// What a mutation would answer.
#[derive(SimpleObject, Clone, Debug)]
pub struct ActionPreview {
    /// It would go on.
    allowed: bool,
    /// Why it would not.
    refusal: Option<RefusalPreview>,
}

/// Why a mutation would be refused. Names no other person.
#[derive(SimpleObject, Clone, Debug)]
#[graphql(name = "Refusal")]
pub struct RefusalPreview {
    /// The code that the mutation would answer with.
    code: UserErrorCode,
    /// The rule; only for segregation of duties.
    rule: Option<String>,
    /// The sentence; only for segregation of duties.
    message: Option<String>,
}

impl From<Preview> for ActionPreview {
    fn from(preview: Preview) -> Self {
        match preview {
            Preview::Allowed => Self {
                allowed: true,
                refusal: None,
            },
            Preview::Refused { code, rule, message } => Self {
                allowed: false,
                refusal: Some(RefusalPreview {
                    code: code.into(),
                    rule,
                    message,
                }),
            },
        }
    }
}

/// Declares the previews of a document: `viewer_can!(PurchaseOrderViewerCan, OrderCommand; submit = Submit, approve = Approve)`.
#[macro_export]
macro_rules! viewer_can {
    ($(#[$doc:meta])* $name:ident, $command:ident; $($(#[$fdoc:meta])* $field:ident = $variant:ident),* $(,)?) => {
        $(#[$doc])*
        #[derive(async_graphql::SimpleObject, Clone, Debug)]
        pub struct $name {
            $($(#[$fdoc])* $field: $crate::graphql::preview::ActionPreview,)*
        }

        impl $name {
            /// Of the answers, each with its command.
            ///
            /// # Errors
            /// A command without an answer: a defect.
            pub fn of(answers: &[($command, quartermaster_tenants::act::Preview)]) -> quartermaster_tenants::Result<Self> {
                let answer = |command: $command| {
                    let found = answers.iter().find(|(c, _)| *c == command).map(|(_, p)| p.clone().into());
                    found.ok_or_else(|| quartermaster_tenants::Error::internal("a command without a preview"))
                };
                Ok(Self { $($field: answer($command::$variant)?,)* })
            }
        }
    };
}

/// Declares how the previews of a document load, for its record's `asked()`: `preview_loader!(AdjustmentCanKey, AdjustmentRecord,
/// AdjustmentViewerCan)`.
#[macro_export]
macro_rules! preview_loader {
    ($key:ident, $record:ty, $can:ty) => {
        /// Asks for the previews of a document.
        #[derive(Debug, Clone)]
        pub struct $key(pub std::sync::Arc<$record>);

        impl PartialEq for $key {
            fn eq(&self, other: &Self) -> bool {
                (self.0.id, self.0.version) == (other.0.id, other.0.version)
            }
        }

        impl Eq for $key {}

        impl std::hash::Hash for $key {
            fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
                (self.0.id, self.0.version).hash(state);
            }
        }

        impl async_graphql::dataloader::Loader<$key> for $crate::graphql::loaders::Batch {
            type Value = $can;
            type Error = $crate::graphql::loaders::LoadError;
            async fn load(
                &self,
                keys: &[$key],
            ) -> Result<std::collections::HashMap<$key, $can>, $crate::graphql::loaders::LoadError> {
                let asked: Vec<_> = keys.iter().map(|k| k.0.asked()).collect();
                let documents: Vec<_> = asked
                    .iter()
                    .map(|(s, commands)| (s.clone(), commands.iter().map(|(_, a)| a.clone()).collect()))
                    .collect();
                let (db, op) = (&self.session.db, &self.session.op);
                let answers = quartermaster_tenants::act::preview(db, op, &documents).await?;
                let mut out = std::collections::HashMap::with_capacity(keys.len());
                for ((key, (_, commands)), answers) in keys.iter().zip(asked).zip(answers) {
                    let pairs: Vec<_> = commands.iter().map(|(c, _)| *c).zip(answers).collect();
                    out.insert(key.clone(), <$can>::of(&pairs)?);
                }
                Ok(out)
            }
        }
    };
}
