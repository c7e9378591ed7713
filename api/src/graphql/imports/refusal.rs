//! What is told about the lines of a file.

use crate::connection;
use crate::graphql::error::UserErrorCode;
use crate::graphql::loaders::{Batch, LoadError};
use crate::loads;
use async_graphql::dataloader::Loader;
use async_graphql::{Result, SimpleObject};
use quartermaster_domain::imports::queries::{self, BY_LINE, RefusalRecord};
use quartermaster_domain::shared::{Cursor, Page, Window};
use std::collections::HashMap;
use uuid::Uuid;

/// Something that is told about a line of a file.
#[derive(SimpleObject, Clone)]
pub struct ImportRefusal {
    /// The number of the line in the file; the header has 1.
    line_number: i32,
    /// The column; empty for the line as a whole.
    field: String,
    /// Stable; decide by this.
    code: UserErrorCode,
    /// A sentence for people.
    message: String,
    /// The value was left out and the line went in; else the line was refused.
    omitted: bool,
    /// The line as it was, as CSV; only with its first refusal.
    line: Option<String>,
}

impl From<RefusalRecord> for ImportRefusal {
    fn from(r: RefusalRecord) -> Self {
        Self {
            line_number: r.line,
            field: r.field,
            code: r.code.into(),
            message: r.reason,
            omitted: r.omitted,
            line: Some(r.raw).filter(|l| !l.is_empty()),
        }
    }
}

connection!(ImportRefusalConnection, ImportRefusalEdge, ImportRefusal);

/// What is told about the lines of one import; equal windows of many imports load together.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct RefusalsKey {
    import: Uuid,
    limit: i64,
    from_back: bool,
    after: Option<String>,
    before: Option<String>,
}

impl RefusalsKey {
    /// This part of what is told about an import.
    pub(super) fn of(import: Uuid, w: Window) -> Self {
        let place = |c: Option<Cursor>| c.map(|c| c.value.into());
        Self {
            import,
            limit: w.limit,
            from_back: w.from_back,
            after: place(w.after),
            before: place(w.before),
        }
    }

    fn window(&self) -> Window {
        let cursor = |value: &Option<String>| {
            value.as_ref().map(|value| Cursor {
                tag: BY_LINE.tag,
                value: value.as_str().into(),
                id: self.import,
            })
        };
        Window {
            limit: self.limit,
            from_back: self.from_back,
            after: cursor(&self.after),
            before: cursor(&self.before),
        }
    }
}

impl Loader<RefusalsKey> for Batch {
    type Value = Page<RefusalRecord>;
    type Error = LoadError;
    async fn load(&self, keys: &[RefusalsKey]) -> Result<HashMap<RefusalsKey, Page<RefusalRecord>>, LoadError> {
        let mut alike: HashMap<RefusalsKey, Vec<Uuid>> = HashMap::new();
        for key in keys {
            let of_any = RefusalsKey {
                import: Uuid::nil(),
                ..key.clone()
            };
            alike.entry(of_any).or_default().push(key.import);
        }
        let mut out = HashMap::with_capacity(keys.len());
        for (key, imports) in alike {
            let found = queries::told(&self.session.db, &self.session.op, &imports, &key.window()).await?;
            out.extend(
                found
                    .into_iter()
                    .map(|(import, page)| (RefusalsKey { import, ..key.clone() }, page)),
            );
        }
        Ok(out)
    }
}

/// Asks how much is told about the lines of an import.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct RefusalCountKey(pub(super) Uuid);

loads!(RefusalCountKey => i64, queries::counts_told);
