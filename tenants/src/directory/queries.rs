//! What a partner sees of its tenants: names and states, no documents.

use super::entities::{network, partner as partner_entity, tenant};
use super::{Directory, DirectoryTx, PartnerOp};
use crate::error::Result;
use crate::listing::{Listing, Order, Page, Window};
use sea_orm::{ColumnTrait, EntityTrait, FromQueryResult, QueryFilter, QueryOrder, QueryResult, QuerySelect, Value};
use uuid::Uuid;

/// A tenant as its partner sees it.
pub type TenantRecord = tenant::Model;

/// Which tenants are wanted; all conditions together.
#[derive(Debug, Clone, Default)]
pub struct TenantFilter {
    /// One of these ids.
    pub ids: Option<Vec<Uuid>>,
    /// With one of these codes.
    pub codes: Option<Vec<String>>,
    /// Of one of these kinds: RETAILER, FRANCHISOR, FRANCHISEE.
    pub kinds: Option<Vec<&'static str>>,
    /// In one of these states: ACTIVE, SUSPENDED, CLOSED.
    pub statuses: Option<Vec<&'static str>>,
}

/// The orders in which tenants can be listed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum TenantOrder {
    /// By code.
    #[default]
    CodeAsc,
    /// By code, last first.
    CodeDesc,
    /// The first made first.
    CreatedAsc,
    /// The last made first.
    CreatedDesc,
}

impl TenantOrder {
    /// As the pager knows it.
    #[must_use]
    pub fn order(self) -> Order {
        let by = |tag, column, cast, descending| Order {
            tag,
            column,
            cast,
            descending,
        };
        match self {
            Self::CodeAsc => by("tenants-code-asc", "t.code", "text", false),
            Self::CodeDesc => by("tenants-code-desc", "t.code", "text", true),
            Self::CreatedAsc => by("tenants-created-asc", "t.created_at", "timestamptz", false),
            Self::CreatedDesc => by("tenants-created-desc", "t.created_at", "timestamptz", true),
        }
    }
}

/// One that is not wholly provisioned exists for nobody.
const THERE: &str = "(SELECT x.* FROM qm.tenant x WHERE x.status <> 'PROVISIONING') t";

fn listing(op: &PartnerOp, filter: &TenantFilter) -> Result<Listing<Value>> {
    let mut list = Listing::of_partner("t.*", THERE, op.partner);
    list.filter_words(
        "t.id::text IN (SELECT jsonb_array_elements_text(?))",
        filter.ids.as_ref(),
    )?
    .filter_words("t.code IN (SELECT jsonb_array_elements_text(?))", filter.codes.as_ref())?
    .filter_words("t.kind IN (SELECT jsonb_array_elements_text(?))", filter.kinds.as_ref())?
    .filter_words(
        "t.status IN (SELECT jsonb_array_elements_text(?))",
        filter.statuses.as_ref(),
    )?;
    Ok(list)
}

/// A page of the partner's tenants.
///
/// # Errors
/// What the database said.
pub async fn tenants(
    directory: &Directory,
    op: &PartnerOp,
    filter: &TenantFilter,
    order: Order,
    window: &Window,
) -> Result<Page<TenantRecord>> {
    let tx = DirectoryTx::begin(directory, op.partner, op.clock_offset).await?;
    let read = |row: &QueryResult| Ok(TenantRecord::from_query_result(row, "")?);
    let page = listing(op, filter)?.read(&tx, order, window, read).await?;
    tx.commit().await?;
    Ok(page)
}

/// How many.
///
/// # Errors
/// What the database said.
pub async fn count_tenants(directory: &Directory, op: &PartnerOp, filter: &TenantFilter) -> Result<i64> {
    let tx = DirectoryTx::begin(directory, op.partner, op.clock_offset).await?;
    let length = listing(op, filter)?.length(&tx).await?;
    tx.commit().await?;
    Ok(length)
}

/// One of the partner's tenants.
///
/// # Errors
/// What the database said.
#[expect(clippy::disallowed_methods, reason = "inside DirectoryTx, which is of one partner")]
pub async fn tenant(directory: &Directory, op: &PartnerOp, id: Uuid) -> Result<Option<TenantRecord>> {
    let tx = DirectoryTx::begin(directory, op.partner, op.clock_offset).await?;
    let row = tenant::Entity::find_by_id(id)
        .filter(tenant::Column::Status.ne("PROVISIONING"))
        .one(tx.orm())
        .await?;
    tx.commit().await?;
    Ok(row)
}

/// The partner's networks, by code: no partner has more than some dozens.
///
/// # Errors
/// What the database said.
#[expect(clippy::disallowed_methods, reason = "inside DirectoryTx, which is of one partner")]
pub async fn networks(directory: &Directory, op: &PartnerOp) -> Result<Vec<network::Model>> {
    let tx = DirectoryTx::begin(directory, op.partner, op.clock_offset).await?;
    let rows = network::Entity::find()
        .filter(network::Column::PartnerId.eq(op.partner.0))
        .order_by_asc(network::Column::Code)
        .limit(500)
        .all(tx.orm())
        .await?;
    tx.commit().await?;
    Ok(rows)
}

/// The partner itself.
///
/// # Errors
/// What the database said.
#[expect(clippy::disallowed_methods, reason = "inside DirectoryTx, which is of one partner")]
pub async fn partner(directory: &Directory, op: &PartnerOp) -> Result<Option<partner_entity::Model>> {
    let tx = DirectoryTx::begin(directory, op.partner, op.clock_offset).await?;
    let row = partner_entity::Entity::find_by_id(op.partner.0).one(tx.orm()).await?;
    tx.commit().await?;
    Ok(row)
}
