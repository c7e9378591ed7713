//! The category tree.

use super::id::{Id, uuids};
use super::loaders::one;
use super::page::{count, window};
use super::payload::about;
use super::session;
use crate::{connection, loads, payload, perform};
use async_graphql::{ComplexObject, Context, Enum, ID, InputObject, Object, Result, SimpleObject};
use quartermaster_domain::items::queries::{self, CategoryRecord};
use quartermaster_domain::items::{self, NewCategory};
use quartermaster_domain::shared::CategoryId;
use std::sync::Arc;
use uuid::Uuid;

/// A node of the category tree.
#[derive(SimpleObject, Clone)]
#[graphql(complex)]
pub struct Category {
    /// Opaque; begins with `cat_`.
    pub id: ID,
    /// Unique in the tenant.
    code: String,
    /// What people call it.
    name: String,
    /// The row's version, for `expectedVersion`.
    version: i32,
    #[graphql(skip)]
    parent_id: Option<Uuid>,
}

#[ComplexObject]
impl Category {
    /// The one above.
    async fn parent(&self, ctx: &Context<'_>) -> Result<Option<Category>> {
        match self.parent_id {
            Some(id) => one(ctx, CategoryId(id)).await,
            None => Ok(None),
        }
    }
}

impl From<CategoryRecord> for Category {
    fn from(r: CategoryRecord) -> Self {
        Self {
            id: ID(CategoryId(r.id).to_string()),
            code: r.code,
            name: r.name,
            version: r.version,
            parent_id: r.parent,
        }
    }
}

loads!(CategoryId => Category, queries::categories_by_ids);

connection!(CategoryConnection, CategoryEdge, Category);
payload!(
    /// A category after a mutation.
    CategoryPayload, category: Category, CategoryId
);
/// A new category.
#[derive(InputObject)]
pub struct CategoryCreateInput {
    /// Unique in the tenant; never changes.
    code: String,
    /// What people call it.
    name: String,
    /// The one above.
    parent_id: Option<Id<CategoryId>>,
}

/// Another name or place of a category.
#[derive(InputObject)]
pub struct CategoryUpdateInput {
    /// The category.
    id: Id<CategoryId>,
    /// What people call it.
    name: String,
    /// The one above; none puts it at the top.
    parent_id: Option<Id<CategoryId>>,
    /// The version that you have read; a stale one is refused with `CONFLICT`.
    expected_version: Option<i32>,
}

/// Which categories are wanted; all conditions together.
#[derive(InputObject, Default)]
pub struct CategoryFilter {
    /// With one of these codes.
    codes: Option<Vec<String>>,
    /// Directly under one of these.
    parent_ids: Option<Vec<Id<CategoryId>>>,
    /// At the top only.
    #[graphql(default)]
    roots_only: bool,
}

/// The orders in which categories can be listed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum, Default)]
pub enum CategoryOrder {
    /// By code.
    #[default]
    CodeAsc,
    /// By code, last first.
    CodeDesc,
}

/// Queries about categories.
#[derive(Default)]
pub struct CategoryQuery;

#[Object]
impl CategoryQuery {
    /// A category by its id.
    async fn category(&self, ctx: &Context<'_>, id: Id<CategoryId>) -> Result<Option<Category>> {
        one(ctx, id.0).await
    }

    /// Categories, by code unless asked otherwise.
    #[allow(clippy::too_many_arguments)]
    async fn categories(
        &self,
        ctx: &Context<'_>,
        filter: Option<CategoryFilter>,
        #[graphql(default)] order_by: CategoryOrder,
        first: Option<i32>,
        after: Option<String>,
        last: Option<i32>,
        before: Option<String>,
    ) -> Result<CategoryConnection> {
        let s = session(ctx)?;
        let order = queries::CATEGORY_ORDERS[order_by as usize];
        let window = window(first, after, last, before, order)?;
        let f = filter.unwrap_or_default();
        let filter = Arc::new(queries::CategoryFilter {
            codes: f.codes,
            parents: uuids(f.parent_ids),
            roots: f.roots_only,
        });
        let page = s.read(queries::categories(&s.db, &s.op, &filter, order, &window).await)?;
        let total = count(s, move |db, op| {
            let filter = filter.clone();
            async move { queries::count_categories(&db, &op, &filter).await }
        });
        Ok(CategoryConnection::of(page, total))
    }
}

/// Mutations of categories.
#[derive(Default)]
pub struct CategoryMutation;

#[Object]
impl CategoryMutation {
    /// Makes a category.
    async fn category_create(&self, ctx: &Context<'_>, input: CategoryCreateInput) -> Result<CategoryPayload> {
        let s = session(ctx)?;
        let new = NewCategory {
            code: input.code,
            name: input.name,
            parent: input.parent_id.map(|p| p.uuid()),
        };
        Ok(perform!(s, items::category_create(&s.db, &s.op, &new)).into())
    }

    /// Renames or moves a category.
    async fn category_update(&self, ctx: &Context<'_>, input: CategoryUpdateInput) -> Result<CategoryPayload> {
        let (s, id, version) = (session(ctx)?, input.id.0, input.expected_version);
        let new = NewCategory {
            code: String::new(),
            name: input.name,
            parent: input.parent_id.map(|p| p.uuid()),
        };
        Ok(about(id, perform!(s, items::category_update(&s.db, &s.op, id, &new, version))).into())
    }
}
