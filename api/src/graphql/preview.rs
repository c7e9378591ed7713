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
