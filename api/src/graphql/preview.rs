//! Asking before doing: `viewerCan`, computed from the same policy that the mutation asks.

use super::error::UserErrorCode;
use super::loaders::{Batch, LoadError};
use async_graphql::SimpleObject;
use async_graphql::dataloader::Loader;
use quartermaster_tenants::act::{Asked, Preview, Subject, preview};
use quartermaster_tenants::{Op, Tenants};
use std::collections::HashMap;
use std::hash::{Hash, Hasher};
use std::sync::Arc;
use uuid::Uuid;

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

/// Commands that are about the same.
pub type Questions<C> = (Subject, Vec<(C, Asked)>);

/// A record of a document, whose commands can be asked about.
pub trait Previewed: Send + Sync + 'static {
    /// Its commands.
    type Command: Copy + PartialEq + Send + Sync;
    /// The answers, as clients see them.
    type Can: Clone + Send + Sync + 'static;
    /// The document and its version: what an answer holds for.
    fn key(&self) -> (Uuid, i32);
    /// What each command would be about, and where the document stands for it: one subject for most documents, several where
    /// commands are about different things.
    fn questions(&self) -> Vec<Questions<Self::Command>>;
    /// What the documents themselves would refuse, by id, beyond authority and state: for commands that look further. Asked once for
    /// all of a list.
    fn refusals(
        _: &Tenants,
        _: &Op,
        _: &[&Self],
    ) -> impl Future<Output = quartermaster_tenants::Result<HashMap<Uuid, (Self::Command, Preview)>>> + Send {
        std::future::ready(Ok(HashMap::new()))
    }
    /// Of the answers, each with its command; what the document itself asks of this viewer is added here.
    ///
    /// # Errors
    /// A command without an answer: a defect.
    fn can(&self, op: &Op, answers: Vec<(Self::Command, Preview)>) -> quartermaster_tenants::Result<Self::Can>;
}

/// Asks for the previews of a document; those of a list load with two flights.
#[derive(Debug)]
pub struct CanKey<R>(pub Arc<R>);

impl<R> Clone for CanKey<R> {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

impl<R: Previewed> PartialEq for CanKey<R> {
    fn eq(&self, other: &Self) -> bool {
        self.0.key() == other.0.key()
    }
}

impl<R: Previewed> Eq for CanKey<R> {}

impl<R: Previewed> Hash for CanKey<R> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.0.key().hash(state);
    }
}

impl<R: Previewed> Loader<CanKey<R>> for Batch {
    type Value = R::Can;
    type Error = LoadError;
    async fn load(&self, keys: &[CanKey<R>]) -> Result<HashMap<CanKey<R>, R::Can>, LoadError> {
        let asked: Vec<_> = keys.iter().map(|k| k.0.questions()).collect();
        let documents: Vec<_> = asked
            .iter()
            .flatten()
            .map(|(s, commands)| (s.clone(), commands.iter().map(|(_, a)| a.clone()).collect()))
            .collect();
        let mut answers = preview(&self.session.db, &self.session.op, &documents)
            .await?
            .into_iter();
        let records: Vec<&R> = keys.iter().map(|k| &*k.0).collect();
        let refusals = R::refusals(&self.session.db, &self.session.op, &records).await?;
        let mut out = HashMap::with_capacity(keys.len());
        for (key, asked) in keys.iter().zip(asked) {
            let mut pairs = Vec::new();
            for (_, commands) in asked {
                let told = answers.next().unwrap_or_default();
                pairs.extend(commands.into_iter().map(|(c, _)| c).zip(told));
            }
            if let Some((command, refused)) = refusals.get(&key.0.key().0) {
                let allowed = pairs
                    .iter_mut()
                    .filter(|(c, answer)| c == command && *answer == Preview::Allowed);
                allowed.for_each(|(_, answer)| *answer = refused.clone());
            }
            out.insert(key.clone(), key.0.can(&self.session.op, pairs)?);
        }
        Ok(out)
    }
}

/// Says how a record is asked about: `previewed!(AdjustmentRecord, AdjustmentCommand, AdjustmentViewerCan, |r| (r.id, r.version))`.
#[macro_export]
macro_rules! previewed {
    ($record:ty, $command:ty, $can:ty, |$r:ident| $key:expr) => {
        impl $crate::graphql::preview::Previewed for $record {
            type Command = $command;
            type Can = $can;
            fn key(&self) -> (uuid::Uuid, i32) {
                let $r = self;
                $key
            }
            fn questions(&self) -> Vec<$crate::graphql::preview::Questions<$command>> {
                vec![self.asked()]
            }
            fn can(
                &self,
                _: &quartermaster_tenants::Op,
                answers: Vec<($command, quartermaster_tenants::act::Preview)>,
            ) -> quartermaster_tenants::Result<$can> {
                <$can>::of(&answers)
            }
        }
    };
}
