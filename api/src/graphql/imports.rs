//! Bulk imports: how far they are, what they came to, which lines were refused. Files arrive at `POST /v1/imports/{kind}`.

use super::error::UserErrorCode;
use super::id::{Id, uuids};
use super::loaders::{Batch, LoadError, one};
use super::master_changes::{ItemChange, PriceList, SupplierChange};
use super::page::{count, counted, window};
use super::scalar::DateTime;
use super::session;
use crate::connection;
use async_graphql::dataloader::Loader;
use async_graphql::{ComplexObject, Context, Enum, ID, InputObject, Object, Result, SimpleObject, Union};
use quartermaster_domain::changes::ChangeKind;
use quartermaster_domain::imports;
use quartermaster_domain::imports::queries::{self, BY_LINE, ImportRecord, RefusalRecord};
use quartermaster_domain::shared::{
    Cursor, ImportId, ItemChangeId, MemberId, Page, PriceListId, SupplierChangeId, Window,
};
use std::collections::HashMap;
use std::sync::Arc;
use uuid::Uuid;

/// What a file holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "imports::ImportKind")]
pub enum ImportKind {
    /// Supplier records.
    Suppliers,
    /// Items with packs and GTINs.
    Items,
    /// Stores, warehouses, distribution centres.
    Locations,
    /// Agreed prices and terms of supplier items.
    Prices,
}

/// Where an import stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "imports::ImportState")]
pub enum ImportState {
    /// Its file is being read.
    Reading,
    /// Its change waits for another person.
    Proposed,
    /// In force: its change was approved; locations are in force at once.
    Applied,
    /// Nothing in it was new.
    Unchanged,
    /// A dry run: everything was checked, nothing was changed.
    Checked,
    /// Its change was refused or taken back.
    Declined,
    /// The file could not be read to its end: its change was taken back.
    Failed,
}

/// The change that an import proposed: another person approves it.
#[derive(Union, Clone)]
pub enum ImportedChange {
    /// Suppliers.
    SupplierChange(SupplierChange),
    /// Items.
    ItemChange(ItemChange),
    /// Prices.
    PriceList(PriceList),
}

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

/// A file that was uploaded to be imported.
#[derive(SimpleObject, Clone)]
#[graphql(complex)]
pub struct ImportJob {
    /// Opaque; begins with `imp_`.
    pub id: ID,
    /// What its file holds.
    kind: ImportKind,
    /// Where it stands.
    state: ImportState,
    /// It checks everything and changes nothing.
    dry_run: bool,
    /// What people call it: the file's name.
    name: String,
    /// The member who uploaded it.
    importer_id: ID,
    /// Lines read so far, without the header.
    lines: i32,
    /// Lines that make new records.
    created: i32,
    /// Lines that give records another content.
    updated: i32,
    /// Lines that say what is in force or proposed already.
    unchanged: i32,
    /// Refused lines: they come back as a file.
    refused: i32,
    /// GTINs that were left out of lines that went in.
    omitted_gtins: i32,
    /// Why it failed.
    failure: Option<String>,
    /// The path of the refused lines as a CSV file, which can be corrected and uploaded again.
    refused_file: Option<String>,
    /// When it began.
    created_at: DateTime,
    /// When it last moved.
    updated_at: DateTime,
    #[graphql(skip)]
    uuid: Uuid,
    #[graphql(skip)]
    change_of: Option<(ChangeKind, Uuid)>,
}

impl From<ImportRecord> for ImportJob {
    fn from(r: ImportRecord) -> Self {
        let job = r.job;
        let id = ImportId(job.id).to_string();
        Self {
            kind: job.kind.into(),
            state: job.state.into(),
            dry_run: job.dry_run,
            importer_id: ID(MemberId(job.account).to_string()),
            lines: job.counts.lines,
            created: job.counts.created,
            updated: job.counts.updated,
            unchanged: job.counts.unchanged,
            refused: job.counts.refused,
            omitted_gtins: job.counts.omitted,
            failure: job.failure,
            refused_file: (job.counts.refused > 0).then(|| format!("/v1/imports/{id}/refused.csv")),
            created_at: DateTime(r.created_at),
            updated_at: DateTime(r.updated_at),
            uuid: job.id,
            change_of: job.kind.change().zip(job.change),
            name: job.name,
            id: ID(id),
        }
    }
}

#[ComplexObject]
impl ImportJob {
    /// The change that it proposed; none before its first good line, for locations and for a dry run.
    async fn change(&self, ctx: &Context<'_>) -> Result<Option<ImportedChange>> {
        Ok(match self.change_of {
            None => None,
            Some((ChangeKind::Supplier, id)) => one(ctx, SupplierChangeId(id))
                .await?
                .map(ImportedChange::SupplierChange),
            Some((ChangeKind::Item, id)) => one(ctx, ItemChangeId(id)).await?.map(ImportedChange::ItemChange),
            Some((ChangeKind::Price, id)) => one(ctx, PriceListId(id)).await?.map(ImportedChange::PriceList),
        })
    }

    /// What is told about its lines, by line number.
    #[graphql(complexity = "first.or(last).unwrap_or(50).max(1) as usize * child_complexity")]
    async fn refusals(
        &self,
        ctx: &Context<'_>,
        first: Option<i32>,
        after: Option<String>,
        last: Option<i32>,
        before: Option<String>,
    ) -> Result<ImportRefusalConnection> {
        let w = window(first, after, last, before, BY_LINE)?;
        let place = |c: Option<Cursor>| c.map(|c| c.value);
        let key = RefusalsKey {
            import: self.uuid,
            limit: w.limit,
            from_back: w.from_back,
            after: place(w.after),
            before: place(w.before),
        };
        let page = one(ctx, key).await?.unwrap_or(Page {
            rows: vec![],
            has_next: false,
            has_previous: false,
        });
        let total = counted(ctx, RefusalCountKey(self.uuid))?;
        Ok(ImportRefusalConnection::of(page, total))
    }
}

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
    fn window(&self) -> Window {
        let cursor = |value: &Option<String>| {
            value.as_ref().map(|value| Cursor {
                tag: BY_LINE.tag.to_owned(),
                value: value.clone(),
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
pub struct RefusalCountKey(Uuid);

impl Loader<RefusalCountKey> for Batch {
    type Value = i64;
    type Error = LoadError;
    async fn load(&self, keys: &[RefusalCountKey]) -> Result<HashMap<RefusalCountKey, i64>, LoadError> {
        let ids: Vec<Uuid> = keys.iter().map(|k| k.0).collect();
        let found = queries::counts_told(&self.session.db, &self.session.op, &ids).await?;
        Ok(found.into_iter().map(|(id, n)| (RefusalCountKey(id), n)).collect())
    }
}

impl Loader<ImportId> for Batch {
    type Value = ImportJob;
    type Error = LoadError;
    async fn load(&self, keys: &[ImportId]) -> Result<HashMap<ImportId, ImportJob>, LoadError> {
        let ids: Vec<Uuid> = keys.iter().map(|k| k.0).collect();
        let found = queries::imports_by_ids(&self.session.db, &self.session.op, &ids).await?;
        Ok(found.into_iter().map(|(id, r)| (ImportId(id), r.into())).collect())
    }
}

connection!(ImportJobConnection, ImportJobEdge, ImportJob);

/// Which imports are wanted; all conditions together.
#[derive(InputObject, Default)]
pub struct ImportJobFilter {
    /// With one of these ids.
    ids: Option<Vec<Id<ImportId>>>,
    /// Of these kinds.
    kinds: Option<Vec<ImportKind>>,
    /// In one of these states; one that is abandoned counts as being read until the next import begins.
    states: Option<Vec<ImportState>>,
}

/// The orders in which imports can be listed; ties are broken by id.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum, Default)]
pub enum ImportJobOrder {
    /// Newest first.
    #[default]
    CreatedAtDesc,
    /// Oldest first.
    CreatedAtAsc,
}

/// Queries about imports.
#[derive(Default)]
pub struct ImportQuery;

#[Object]
impl ImportQuery {
    /// An import by its id.
    async fn import_job(&self, ctx: &Context<'_>, id: Id<ImportId>) -> Result<Option<ImportJob>> {
        one(ctx, id.0).await
    }

    /// Imports, newest first unless asked otherwise.
    #[allow(clippy::too_many_arguments)]
    async fn import_jobs(
        &self,
        ctx: &Context<'_>,
        filter: Option<ImportJobFilter>,
        #[graphql(default)] order_by: ImportJobOrder,
        first: Option<i32>,
        after: Option<String>,
        last: Option<i32>,
        before: Option<String>,
    ) -> Result<ImportJobConnection> {
        let s = session(ctx)?;
        let order = queries::ORDERS[order_by as usize];
        let window = window(first, after, last, before, order)?;
        let f = filter.unwrap_or_default();
        let filter = Arc::new(queries::ImportFilter {
            ids: uuids(f.ids),
            kinds: f.kinds.map(|k| k.into_iter().map(Into::into).collect()),
            states: f.states.map(|s| s.into_iter().map(Into::into).collect()),
        });
        let page = s.read(queries::imports(&s.db, &s.op, &filter, order, &window).await)?;
        let total = count(s, move |db, op| {
            let filter = filter.clone();
            async move { queries::count_imports(&db, &op, &filter).await }
        });
        Ok(ImportJobConnection::of(page, total))
    }
}
