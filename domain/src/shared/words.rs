//! Enums whose variants are words in the database and in GraphQL.

/// Declares one: `words! { /// Docs. Status { /// Docs. Draft "DRAFT" } }` has `ALL`, `as_str`, `parse`.
#[macro_export]
macro_rules! words {
    ($(#[$doc:meta])* $name:ident { $($(#[$vdoc:meta])* $variant:ident $word:literal),* $(,)? }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum $name { $($(#[$vdoc])* $variant),* }

        impl $name {
            /// All of them, in the order of a document's life.
            pub const ALL: &'static [Self] = &[$(Self::$variant),*];

            /// The word in the database and in GraphQL.
            #[must_use]
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $word),* }
            }

            /// Reads the word in the database.
            ///
            /// # Errors
            /// A defect: an unknown word.
            pub fn parse(word: &str) -> quartermaster_tenants::Result<Self> {
                match word {
                    $($word => Ok(Self::$variant),)*
                    other => Err(quartermaster_tenants::Error::internal(format!("{} {other}", stringify!($name)))),
                }
            }
        }
    };
}
