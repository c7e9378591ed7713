//! A shop with people who order and receive.

use crate::database::fixture::{Shop, database, member, shop, strict};
use quartermaster_domain::purchasing::{self, NewLine, NewOrder};
use quartermaster_domain::receiving::{self, EnteredLine, NewReceipt};
use quartermaster_domain::shared::PurchaseOrderId;
use quartermaster_tenants::error::{Code, Detail, Error, Refusal};
use quartermaster_tenants::settings::Settings;
use quartermaster_tenants::{Op, Outcome, Result, Tenants};
use rust_decimal::Decimal;
use tokio_postgres::Client;
use uuid::Uuid;

pub struct Yard {
    pub db: Tenants,
    pub owner: Client,
    pub shop: Shop,
    pub buyer: Op,
    pub approver: Op,
    pub receiver: Op,
    pub other_receiver: Op,
}

pub async fn yard() -> Yard {
    yard_with(strict()).await
}

pub async fn yard_with(settings: Settings) -> Yard {
    let (db, owner) = database().await;
    let shop = shop(&owner, &settings).await;
    Yard {
        buyer: member(&owner, shop.tenant, &["buyer"]).await,
        approver: member(&owner, shop.tenant, &["approver_l2"]).await,
        receiver: member(&owner, shop.tenant, &["receiver"]).await,
        other_receiver: member(&owner, shop.tenant, &["receiver"]).await,
        db,
        owner,
        shop,
    }
}

impl Yard {
    /// A released order of these quantities, one for each of the first items, at 2.50.
    pub async fn ordered(&self, quantities: &[i64]) -> Uuid {
        let lines = quantities.iter().zip(&self.shop.items);
        let input = NewOrder {
            supplier: self.shop.supplier,
            location: self.shop.location,
            currency: None,
            ordered_on: None,
            expected_on: None,
            note: None,
            reference: None,
            lines: lines
                .map(|(quantity, item)| NewLine {
                    number: None,
                    item: *item,
                    quantity: Decimal::from(*quantity),
                    unit: None,
                    unit_price: Some(Decimal::new(250, 2)),
                    tax_rate: None,
                    expected_on: None,
                })
                .collect(),
        };
        let created = purchasing::create(&self.db, &self.buyer, &input, true)
            .await
            .expect("order");
        let id = created.document.expect("id");
        purchasing::approve(&self.db, &self.approver, PurchaseOrderId(id), None)
            .await
            .expect("approve");
        id
    }

    pub async fn receive(&self, by: &Op, order: Uuid, lines: &[EnteredLine]) -> Result<Outcome> {
        receiving::create(&self.db, by, &against(order), lines).await
    }

    /// What lies at the shop of an item, in a stock status.
    pub async fn stock(&self, item: usize, status: &str) -> Decimal {
        self.one(
            "SELECT coalesce(sum(quantity), 0) FROM qm.stock_position WHERE tenant_id = $1 AND item_id = $2 AND stock_status = $3",
            &[&self.shop.tenant.0, &self.shop.items[item], &status],
        )
        .await
    }

    /// The same by the ledger.
    pub async fn ledger(&self, item: usize) -> Decimal {
        self.one(
            "SELECT coalesce(sum(m.quantity), 0) FROM qm.stock_movement m JOIN qm.stock_position p ON p.tenant_id = m.tenant_id AND p.id = m.position_id \
             WHERE m.tenant_id = $1 AND p.item_id = $2",
            &[&self.shop.tenant.0, &self.shop.items[item]],
        )
        .await
    }

    pub async fn order_status(&self, order: Uuid) -> String {
        self.text(
            "SELECT status FROM qm.purchase_order WHERE tenant_id = $1 AND id = $2",
            order,
        )
        .await
    }

    pub async fn receipt_status(&self, receipt: Uuid) -> String {
        self.text(
            "SELECT status FROM qm.receipt WHERE tenant_id = $1 AND id = $2",
            receipt,
        )
        .await
    }

    /// The types of a document's events, in order.
    pub async fn events(&self, document: Uuid) -> Vec<String> {
        self.owner
            .query(
                "SELECT type FROM qm.event WHERE tenant_id = $1 AND document_id = $2 ORDER BY sequence",
                &[&self.shop.tenant.0, &document],
            )
            .await
            .expect("events")
            .iter()
            .map(|r| r.get(0))
            .collect()
    }

    /// Kind, quantity and amount of a receipt's discrepancies, with their ids.
    pub async fn discrepancies(&self, receipt: Uuid) -> Vec<(String, Decimal, Decimal, Uuid)> {
        self.owner
            .query(
                "SELECT kind, quantity, amount, id FROM qm.discrepancy WHERE tenant_id = $1 AND receipt_id = $2 ORDER BY kind, id",
                &[&self.shop.tenant.0, &receipt],
            )
            .await
            .expect("discrepancies")
            .iter()
            .map(|r| (r.get(0), r.get(1), r.get(2), r.get(3)))
            .collect()
    }

    async fn one(&self, sql: &str, params: &[&(dyn tokio_postgres::types::ToSql + Sync)]) -> Decimal {
        self.owner.query_one(sql, params).await.expect("query").get(0)
    }

    async fn text(&self, sql: &str, id: Uuid) -> String {
        self.owner
            .query_one(sql, &[&self.shop.tenant.0, &id])
            .await
            .expect("query")
            .get(0)
    }
}

pub fn against(order: Uuid) -> NewReceipt {
    NewReceipt {
        orders: vec![order],
        ..NewReceipt::default()
    }
}

/// So many of a line of the only order.
pub fn line(number: i32, quantity: i64) -> EnteredLine {
    EnteredLine {
        order_line: Some(number),
        quantity: Decimal::from(quantity),
        ..EnteredLine::default()
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
