//! The states of all documents in one vocabulary, for refusals.

use async_graphql::Enum;
use async_graphql::resolver_utils::EnumType;

/// A state of a document. Each type of document has an enum of its own states; a refusal can be about any of them, so this one has
/// the values of all: one of the same name means the same there and here. A value may be added when a new type of document is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
pub enum DocumentState {
    /// Taken into stock, or up.
    Accepted,
    /// In use.
    Active,
    /// Let in by the tenant.
    Admitted,
    /// Agreed to.
    Approved,
    /// Called off.
    Cancelled,
    /// Ended; nothing more is expected.
    Closed,
    /// What came differs, and somebody is to decide.
    Discrepant,
    /// Being written.
    Draft,
    /// Part of what it changes.
    Effective,
    /// Over by its date.
    Ended,
    /// Not taken up in time.
    Expired,
    /// Waits for approval.
    InApproval,
    /// People are at it.
    InProgress,
    /// On its way.
    InTransit,
    /// In use no more.
    Inactive,
    /// Waits for its person.
    Invited,
    /// Not there before this command.
    New,
    /// Stopped for the time being.
    OnHold,
    /// Can be worked on.
    Open,
    /// A part has come.
    PartiallyReceived,
    /// Waits for another person.
    Pending,
    /// Waits for its first approval.
    PendingApproval,
    /// Being made ready.
    Picking,
    /// Foreseen, not begun.
    Planned,
    /// In the ledger.
    Posted,
    /// In force, or was until a later one.
    Published,
    /// All of it has come.
    Received,
    /// Others count it again.
    RecountAsked,
    /// Refused.
    Rejected,
    /// Given out; others count on it.
    Released,
    /// In force; its removal waits for another person.
    RemovalPending,
    /// In force no more.
    Removed,
    /// Asked for.
    Requested,
    /// Decided.
    Resolved,
    /// Taken back after it had an effect.
    Reversed,
    /// Counted; waits for the approval of its variance.
    Reviewed,
    /// Stopped before its end.
    Revoked,
    /// Left.
    Shipped,
    /// Nobody works in it until it is resumed.
    Suspended,
    /// Taken back by its side.
    Withdrawn,
}

impl DocumentState {
    /// Reads the word of a document's machine; none for one that this release does not know.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        let found = Self::items().iter().find(|item| item.name == word);
        if found.is_none() {
            tracing::error!(state = word, "a refusal names a state without a name in the schema");
        }
        found.map(|item| item.value)
    }
}
