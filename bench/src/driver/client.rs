//! What one client does: draws a tenant and what the work is about, asks as the person whose turn it is, checks the answer.

use super::connection::{Connection, shown};
use super::{Kind, Work, documents};
use crate::town::{Tenant, Town};
use anyhow::{Context, Result, bail, ensure};
use rand::rngs::SmallRng;
use rand::seq::IndexedRandom;
use rand::{Rng, SeedableRng};
use serde_json::{Value, json};
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};
use uuid::Uuid;

/// Reads are taken apart at first and then once in so many; between, a look at the bytes must do.
const LOOK_CLOSELY: u64 = 64;

/// One client with one connection.
pub struct Client {
    pub town: Arc<Town>,
    connection: Connection,
    random: SmallRng,
    reads: u64,
}

impl Client {
    pub async fn open(address: SocketAddr, town: Arc<Town>) -> Result<Self> {
        Ok(Self {
            town,
            connection: Connection::open(address).await?,
            random: SmallRng::from_os_rng(),
            reads: 0,
        })
    }

    /// One unit of the work; how long each of its requests took.
    pub async fn unit(&mut self, work: Work) -> Result<Vec<Duration>> {
        let town = Arc::clone(&self.town);
        let tenant = draw(&town.tenants, &mut self.random)?;
        match work {
            Work::W1 => {
                let nodes = "/data/purchaseOrders/nodes";
                self.read(&tenant.maker, documents::NEWEST_ORDERS, json!({}), |answer| {
                    let orders = list(answer, nodes)?;
                    ensure!(orders.len() == 50, "{} orders", orders.len());
                    orders.iter().try_for_each(ten_lines)
                })
                .await?;
            }
            Work::W2 => {
                let id = draw(&tenant.orders, &mut self.random)?;
                self.read(&tenant.maker, documents::ONE_ORDER, json!({ "id": id }), |answer| {
                    ten_lines(&answer["data"]["purchaseOrder"])
                })
                .await?;
            }
            Work::W6 => {
                let item = draw(&tenant.items, &mut self.random)?;
                self.read(
                    &tenant.maker,
                    documents::STOCK_OF_ITEM,
                    json!({ "item": item }),
                    |answer| {
                        let places = list(answer, "/data/inventoryPositions/nodes")?;
                        ensure!(places.len() == 20, "{} places", places.len());
                        Ok(())
                    },
                )
                .await?;
            }
            Work::W7 => {
                let began = Instant::now();
                let order = self.create(tenant).await?;
                let created = Instant::now();
                self.approve(tenant, &order).await?;
                let approved = Instant::now();
                self.receive(tenant, &order).await?;
                return Ok(vec![created - began, approved - created, approved.elapsed()]);
            }
        }
        Ok(Vec::new())
    }

    /// One request.
    pub async fn one(&mut self, kind: Kind) -> Result<()> {
        let town = Arc::clone(&self.town);
        let tenant = draw(&town.tenants, &mut self.random)?;
        match kind {
            Kind::List => self.unit(Work::W1).await.map(drop),
            Kind::Order => self.unit(Work::W2).await.map(drop),
            Kind::Create => self.create(tenant).await.map(drop),
            Kind::Most => {
                self.read(&tenant.maker, documents::MOST, json!({}), |answer| {
                    let orders = list(answer, "/data/b/nodes")?;
                    ensure!(orders.len() == 250, "{} orders", orders.len());
                    Ok(())
                })
                .await
            }
        }
    }

    /// W3: an order of 10 lines, created and submitted by the buyer.
    pub async fn create(&mut self, tenant: &Tenant) -> Result<String> {
        let random = &mut self.random;
        let items = tenant.items.choose_multiple(random, 10);
        let lines: Vec<Value> = (1..)
            .zip(items)
            .map(|(n, item)| json!({ "itemId": item, "quantity": n.to_string(), "unitPrice": "2.5" }))
            .collect();
        let order = json!({
            "supplierId": draw(&tenant.suppliers, random)?,
            "locationId": draw(&tenant.locations, random)?,
            "lines": lines,
        });
        let input = json!({ "order": order, "submit": true });
        let made = self.act(&tenant.maker, documents::CREATE, input).await?;
        let order = &made["data"]["purchaseOrderCreate"]["purchaseOrder"];
        ensure!(order["status"] == "IN_APPROVAL", "not submitted: {made}");
        Ok(order["id"].as_str().context("an order without an id")?.to_owned())
    }

    /// W4: another person approves it, and the tenant's setting releases it.
    pub async fn approve(&mut self, tenant: &Tenant, order: &str) -> Result<()> {
        let done = self
            .act(&tenant.approver, documents::APPROVE, json!({ "id": order }))
            .await?;
        let order = &done["data"]["purchaseOrderApprove"]["purchaseOrder"];
        ensure!(order["status"] == "RELEASED", "not released: {done}");
        Ok(())
    }

    /// W5: a third receives all of it. Movements and positions are counted when the load has ended.
    pub async fn receive(&mut self, tenant: &Tenant, order: &str) -> Result<()> {
        let lines: Vec<Value> = (1..=10)
            .map(|n| json!({ "orderLineNumber": n, "quantity": n.to_string() }))
            .collect();
        let input = json!({ "orderIds": [order], "lines": lines });
        let done = self.act(&tenant.receiver, documents::RECEIVE, input).await?;
        let receipt = &done["data"]["receiptCreate"]["receipt"];
        ensure!(receipt["status"] == "ACCEPTED", "not accepted: {done}");
        Ok(())
    }

    /// A mutation of one person, with a key of its own.
    pub async fn act(&mut self, token: &str, document: &str, input: Value) -> Result<Value> {
        let body = serde_json::to_vec(&json!({ "query": document, "variables": { "input": input } }))?;
        let key = Uuid::now_v7().to_string();
        let answer = self.connection.post(token, Some(&key), &body).await?;
        let value: Value = serde_json::from_slice(&answer)?;
        let payload = value["data"].as_object().and_then(|data| data.values().next());
        let refused = payload.is_none_or(|payload| payload["userErrors"] != json!([]));
        if refused || !value["errors"].is_null() {
            bail!("{}", shown(&answer));
        }
        Ok(value)
    }

    /// A query, of which the answer is taken apart.
    pub async fn ask(&mut self, token: &str, document: &str) -> Result<Value> {
        let body = serde_json::to_vec(&json!({ "query": document }))?;
        let answer = self.connection.post(token, None, &body).await?;
        let value: Value = serde_json::from_slice(&answer)?;
        ensure!(value["errors"].is_null(), "{}", shown(&answer));
        Ok(value)
    }

    async fn read(
        &mut self,
        token: &str,
        document: &str,
        variables: Value,
        check: impl FnOnce(&Value) -> Result<()>,
    ) -> Result<()> {
        let body = serde_json::to_vec(&json!({ "query": document, "variables": variables }))?;
        let closely = self.reads < 3 || self.reads.is_multiple_of(LOOK_CLOSELY);
        self.reads += 1;
        let answer = self.connection.post(token, None, &body).await?;
        if !answer.starts_with(b"{\"data\":{") {
            bail!("{}", shown(&answer));
        }
        if closely {
            let value: Value = serde_json::from_slice(&answer)?;
            ensure!(value["errors"].is_null(), "{}", shown(&answer));
            check(&value).with_context(|| shown(&answer))?;
        }
        Ok(())
    }
}

fn draw<'a, T>(from: &'a [T], random: &mut impl Rng) -> Result<&'a T> {
    from.choose(random).context("nothing to draw from")
}

fn list<'a>(answer: &'a Value, path: &str) -> Result<&'a Vec<Value>> {
    answer.pointer(path).and_then(Value::as_array).context("no list")
}

fn ten_lines(order: &Value) -> Result<()> {
    let lines = list(order, "/lines/nodes")?.len();
    ensure!(lines == 10, "{lines} lines");
    Ok(())
}
