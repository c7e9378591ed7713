//! A shop with stock, and people who look after it.

use crate::database::fixture::{Shop, database, member, shop, strict};
use quartermaster_domain::adjustments::{self, NewAdjustment, NewAdjustmentLine};
use quartermaster_domain::inventory::queries::{self, Integrity};
use quartermaster_domain::inventory::references::EnteredLine;
use quartermaster_domain::inventory::{Reason, StockStatus};
use quartermaster_domain::shared::AdjustmentId;
use quartermaster_tenants::error::{Code, Detail, Error, Refusal};
use quartermaster_tenants::settings::Settings;
use quartermaster_tenants::{Op, Outcome, Result, Tenants};
use rust_decimal::Decimal;
use tokio_postgres::Client;
use uuid::Uuid;

pub struct Shelf {
    pub db: Tenants,
    pub owner: Client,
    pub shop: Shop,
    pub controller: Op,
    pub manager: Op,
}

pub async fn shelf() -> Shelf {
    shelf_with(strict()).await
}

pub async fn shelf_with(settings: Settings) -> Shelf {
    let (db, owner) = database().await;
    let shop = shop(&owner, &settings).await;
    Shelf {
        controller: member(&owner, shop.tenant, &["inventory_controller"]).await,
        manager: member(&owner, shop.tenant, &["inventory_manager"]).await,
        db,
        owner,
        shop,
    }
}

impl Shelf {
    pub async fn member(&self, role: &str) -> Op {
        member(&self.owner, self.shop.tenant, &[role]).await
    }

    /// The same person with another role only: his hands stay.
    pub async fn now_holds(&self, op: &Op, role: &str) {
        self.owner
            .execute(
                "UPDATE qm.role_assignment SET role = $3 WHERE tenant_id = $1 AND account_id = $2",
                &[&self.shop.tenant.0, &op.account, &role],
            )
            .await
            .unwrap();
    }

    pub fn place(&self, item: usize, quantity: Decimal) -> EnteredLine {
        EnteredLine {
            item: self.shop.items[item],
            quantity,
            unit: None,
            lot: String::new(),
            status: StockStatus::Available,
        }
    }

    pub fn adjustment(&self, item: usize, quantity: Decimal, cost: Option<Decimal>) -> NewAdjustment {
        NewAdjustment {
            location: self.shop.location,
            reason: if quantity > Decimal::ZERO {
                Reason::Found
            } else {
                Reason::Damage
            },
            note: None,
            count: None,
            lines: vec![NewAdjustmentLine {
                entered: self.place(item, quantity),
                unit_cost: cost,
            }],
        }
    }

    pub async fn adjust(&self, by: &Op, item: usize, quantity: Decimal, cost: Option<Decimal>) -> Result<Outcome> {
        adjustments::create(&self.db, by, &self.adjustment(item, quantity, cost), true).await
    }

    /// Puts stock on the shelf, by people who do nothing else.
    pub async fn stocked(&self, item: usize, quantity: Decimal, cost: Decimal) {
        let cost = (quantity > Decimal::ZERO).then_some(cost);
        let (maker, approver) = (
            self.member("inventory_controller").await,
            self.member("approver_l4").await,
        );
        let id = AdjustmentId(done(self.adjust(&maker, item, quantity, cost).await));
        if self.status("adjustment", id.0).await == "IN_APPROVAL" {
            done(adjustments::approve(&self.db, &approver, id, None).await);
        }
    }

    /// What lies somewhere, in a state, and its average cost.
    pub async fn at(&self, location: Uuid, item: usize, status: &str) -> (Decimal, Decimal) {
        let sql = "SELECT coalesce(sum(quantity), 0), coalesce(max(average_cost), 0) FROM qm.stock_position WHERE tenant_id = $1 AND location_id = $2 AND item_id = $3 AND stock_status = $4";
        let row = self
            .owner
            .query_one(sql, &[&self.shop.tenant.0, &location, &self.shop.items[item], &status])
            .await
            .unwrap();
        (row.get(0), row.get(1))
    }

    pub async fn stock(&self, item: usize) -> Decimal {
        self.at(self.shop.location, item, "AVAILABLE").await.0
    }

    pub async fn status(&self, table: &str, id: Uuid) -> String {
        let sql = format!("SELECT status FROM qm.{table} WHERE tenant_id = $1 AND id = $2");
        self.owner
            .query_one(&sql, &[&self.shop.tenant.0, &id])
            .await
            .unwrap()
            .get(0)
    }

    /// The types of a document's events, in order; a star behind those of system acts.
    pub async fn events(&self, document: Uuid) -> Vec<String> {
        let sql = "SELECT type || CASE WHEN account_id IS NULL THEN '*' ELSE '' END FROM qm.event WHERE tenant_id = $1 AND document_id = $2 ORDER BY sequence";
        let rows = self.owner.query(sql, &[&self.shop.tenant.0, &document]).await.unwrap();
        rows.iter().map(|r| r.get(0)).collect()
    }

    pub async fn events_of_type(&self, kind: &str) -> i64 {
        let sql = "SELECT count(*) FROM qm.event WHERE tenant_id = $1 AND type = $2";
        self.owner
            .query_one(sql, &[&self.shop.tenant.0, &kind])
            .await
            .unwrap()
            .get(0)
    }

    /// Ledger = positions.
    pub async fn proven(&self) -> Integrity {
        let i = queries::integrity(&self.db, &self.manager).await.unwrap();
        assert_eq!((i.differing, i.differences.len()), (0, 0));
        i
    }
}

pub fn done(result: Result<Outcome>) -> Uuid {
    result.expect("done").document.expect("id")
}

pub fn refused(result: Result<Outcome>) -> Vec<Refusal> {
    match result {
        Err(Error::Refused(refusals)) => refusals,
        other => panic!("not refused: {other:?}"),
    }
}

/// The rule that refused.
pub fn rule(result: Result<Outcome>) -> String {
    match &refused(result)[0].detail {
        Detail::Duties(d) => d.rule.clone(),
        other => panic!("not refused for duties: {other:?}"),
    }
}

pub fn code(result: Result<Outcome>) -> (Code, String) {
    let refusal = refused(result).remove(0);
    (refusal.code, refusal.field.join("."))
}
