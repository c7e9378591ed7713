//! Master data: what one person proposes and another approves, bank details that nobody reads, prices that orders find.

mod bank;
mod changes;
mod looking_up;
mod prices;
mod standing;

use crate::database::fixture::{Shop, database, member, shop};
use quartermaster_domain::items::{Item, ItemGtin, Pack, PackLevel};
use quartermaster_domain::suppliers::Supplier;
use quartermaster_tenants::error::{Code, Detail};
use quartermaster_tenants::{Error, Op, Outcome, Result, Tenants, settings::Settings};
use rust_decimal::Decimal;
use tokio_postgres::Client;
use uuid::Uuid;

/// A tenant, and one person for each job.
pub(crate) struct World {
    pub db: Tenants,
    pub owner: Client,
    pub shop: Shop,
    pub steward: Op,
    pub approver: Op,
    pub both: Op,
}

/// Roles of both sides of a change in one hand: only the rule of the document is left to stop it.
const MAKERS: [&str; 2] = ["category_manager", "supplier_steward"];
const APPROVERS: [&str; 2] = ["supplier_approver", "pricing_manager"];

pub(crate) async fn world() -> World {
    let (db, owner) = database().await;
    let shop = shop(&owner, &Settings::default()).await;
    let steward = member(&owner, shop.tenant, &MAKERS).await;
    let approver = member(&owner, shop.tenant, &APPROVERS).await;
    let both = member(
        &owner,
        shop.tenant,
        &["category_manager", "supplier_approver", "pricing_manager"],
    )
    .await;
    World {
        db,
        owner,
        shop,
        steward,
        approver,
        both,
    }
}

pub(crate) fn supplier(code: &str) -> Supplier {
    Supplier {
        code: code.to_owned(),
        legal_name: format!("{code} Ltd"),
        currency: "USD".to_owned(),
        ..Supplier::default()
    }
}

pub(crate) fn item(sku: &str, gtin: Option<&str>) -> Item {
    Item {
        sku: sku.to_owned(),
        name: format!("Item {sku}"),
        base_unit: "EA".to_owned(),
        packs: vec![Pack {
            unit: "CS".to_owned(),
            level: PackLevel::Case,
            quantity: Decimal::from(12),
        }],
        gtins: gtin
            .map(|g| ItemGtin {
                gtin: g.to_owned(),
                unit: String::new(),
            })
            .into_iter()
            .collect(),
        ..Item::default()
    }
}

/// The code of the first refusal.
pub(crate) fn code(result: &Result<Outcome>) -> Option<Code> {
    match result {
        Err(Error::Refused(r)) => r.first().map(|r| r.code),
        Err(other) => panic!("a fault: {other:?}"),
        Ok(_) => None,
    }
}

/// The rule that refused.
pub(crate) fn rule(result: &Result<Outcome>) -> Option<String> {
    match result {
        Err(Error::Refused(r)) => r.iter().find_map(|r| match &r.detail {
            Detail::Duties(d) => Some(d.rule.clone()),
            _ => None,
        }),
        _ => None,
    }
}

pub(crate) fn change_of(outcome: &Outcome) -> Uuid {
    outcome.id("change").expect("a change")
}
