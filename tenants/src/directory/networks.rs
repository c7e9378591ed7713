//! Create a franchise network: tenants of one partner, led by a franchisor.

use super::{Directory, PartnerOp, entities};
use crate::error::{Code, Refusal, Result};
use crate::id::NetworkId;
use crate::input::{code, required_text};
use crate::policy::Duty;
use crate::tx::{Outcome, Tenants};
use sea_orm::ActiveValue::Set;
use sea_orm::sea_query::OnConflict;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
use serde_json::json;

/// A network of the partner, by its code. The same again answers the same.
///
/// # Errors
/// Refusals of authority and input; a network of this code and another name.
#[expect(clippy::disallowed_methods, reason = "inside DirectoryTx, which is of one partner")]
pub async fn network_create(
    directory: &Directory,
    db: &Tenants,
    op: &PartnerOp,
    new_code: &str,
    new_name: &str,
) -> Result<Outcome> {
    let (new_code, new_name) = (code(&["code"], new_code)?, required_text(&["name"], new_name, 200)?);
    let tx = op.begin(directory, db, Duty::PtnTenantCreate).await?;
    let id = NetworkId::fresh();
    let row = entities::network::ActiveModel {
        id: Set(id.0),
        partner_id: Set(op.partner.0),
        code: Set(new_code.clone()),
        name: Set(new_name.clone()),
        created_at: Set(tx.now()),
    };
    use entities::network::{Column, Entity};
    let made = Entity::insert(row)
        .on_conflict(
            OnConflict::columns([Column::PartnerId, Column::Code])
                .do_nothing()
                .to_owned(),
        )
        .exec_without_returning(tx.orm())
        .await?;
    let found = Entity::find()
        .filter(Column::Code.eq(&new_code))
        .one(tx.orm())
        .await?
        .ok_or_else(|| crate::Error::internal("the network was not made"))?;
    if found.name != new_name {
        return Err(Refusal::new(Code::Duplicate, &["code"], "A network with this code exists.").into());
    }
    if made == 1 {
        let data = json!({ "network": id.to_string(), "code": new_code });
        tx.record(op, "network-created", None, data).await?;
    }
    tx.finish(op, Outcome::done(found.id, 1)).await
}
