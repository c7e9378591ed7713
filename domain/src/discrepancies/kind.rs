//! The words of discrepancies.

/// Defines a word of the database and of GraphQL for each case.
macro_rules! words {
    ($(#[$doc:meta])* $name:ident { $($(#[$vdoc:meta])* $variant:ident = $word:literal),* $(,)? }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum $name { $($(#[$vdoc])* $variant),* }
        impl $name {
            /// All of them.
            pub const ALL: &'static [Self] = &[$(Self::$variant),*];
            /// The word in the database and in GraphQL.
            #[must_use]
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $word),* }
            }
            /// Reads the word in the database.
            #[must_use]
            pub fn parse(word: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|s| s.as_str() == word)
            }
        }
    };
}

words! {
    /// What differs.
    Kind {
        /// Less came, and no more is expected.
        Short = "SHORT",
        /// More came than was ordered.
        Over = "OVER",
        /// Goods are broken.
        Damaged = "DAMAGED",
        /// Another item came.
        WrongItem = "WRONG_ITEM",
        /// Nobody ordered it.
        Unordered = "UNORDERED",
        /// Another lot than announced.
        WrongLot = "WRONG_LOT",
        /// The goods are not as good as agreed.
        Quality = "QUALITY",
        /// They came late.
        Late = "LATE",
        /// Papers are missing or wrong.
        Paper = "PAPER",
        /// The price is another one.
        Price = "PRICE",
    }
}

words! {
    /// Where a discrepancy stands.
    DiscrepancyStatus {
        /// Somebody is to decide.
        Open = "OPEN",
        /// Decided.
        Resolved = "RESOLVED",
    }
}

words! {
    /// What was decided.
    Resolution {
        /// Taken as it is.
        Accept = "ACCEPT",
        /// The supplier is asked for compensation.
        Claim = "CLAIM",
        /// No more is expected of the order line.
        ShortClose = "SHORT_CLOSE",
        /// The goods go back.
        Return = "RETURN",
        /// The receipt was taken back: a decision of the system.
        Reversed = "REVERSED",
    }
}
