//! What a partner sees of its tenants: names and states, no documents.

use super::entities::{network, partner as partner_entity, tenant};
use super::{Directory, DirectoryTx, PartnerOp};
use crate::error::Result;
use sea_orm::{ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect};
use uuid::Uuid;

/// A tenant as its partner sees it.
pub type TenantRecord = tenant::Model;

/// The partner's tenants by id: at most `first` after `after`, and how many there are in all.
///
/// # Errors
/// What the database said.
#[expect(clippy::disallowed_methods, reason = "inside DirectoryTx, which is of one partner")]
pub async fn tenants(
    directory: &Directory,
    op: &PartnerOp,
    first: u64,
    after: Option<Uuid>,
) -> Result<(Vec<TenantRecord>, u64)> {
    let tx = DirectoryTx::begin(directory, op.partner, op.clock_offset).await?;
    let mut wanted = tenant::Entity::find()
        .filter(tenant::Column::PartnerId.eq(op.partner.0))
        .filter(tenant::Column::Status.ne("PROVISIONING"));
    let total = wanted.clone().count(tx.orm()).await?;
    if let Some(after) = after {
        wanted = wanted.filter(tenant::Column::Id.gt(after));
    }
    let rows = wanted
        .order_by_asc(tenant::Column::Id)
        .limit(first)
        .all(tx.orm())
        .await?;
    tx.commit().await?;
    Ok((rows, total))
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
