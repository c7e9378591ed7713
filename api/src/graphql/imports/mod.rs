//! Bulk imports: how far they are, what they came to, which lines were refused. Files arrive at `POST /v1/imports/{kind}`.

mod mutation;
mod refusal;

use crate::connection;
use crate::graphql::id::{Id, uuids};
use crate::graphql::loaders::one;
use crate::graphql::master_changes::{ItemChange, PriceList, SupplierChange};
use crate::graphql::page::{count, counted, window};
use crate::graphql::scalar::DateTime;
use crate::graphql::session;
use crate::loads;
use async_graphql::{ComplexObject, Context, Enum, ID, InputObject, Object, Result, SimpleObject, Union};
use quartermaster_domain::changes::ChangeKind;
use quartermaster_domain::imports;
use quartermaster_domain::imports::queries::{self, BY_LINE, ImportRecord};
use quartermaster_domain::shared::{ImportId, ItemChangeId, MemberId, Page, PriceListId, SupplierChangeId};
use std::sync::Arc;
use uuid::Uuid;

pub use mutation::ImportMutation;
use refusal::{ImportRefusalConnection, RefusalCountKey, RefusalsKey};

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
    /// Who uploaded it ended it before it was read to its end: its change was taken back.
    Cancelled,
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
    /// Rises at every write, also while its file is read.
    version: i32,
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
            version: job.trail.version,
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
        let key = RefusalsKey::of(self.uuid, w);
        let page = one(ctx, key).await?.unwrap_or(Page {
            rows: vec![],
            has_next: false,
            has_previous: false,
        });
        let total = counted(ctx, RefusalCountKey(self.uuid))?;
        Ok(ImportRefusalConnection::of(page, total))
    }
}

loads!(ImportId => ImportJob, queries::imports_by_ids);

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
