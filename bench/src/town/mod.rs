//! Where the work happens: the tenants of one partner, each with three people who buy, approve and receive.
//!
//! `found.rs` makes it once in a database; later runs find it there.

mod found;

use crate::driver::{Client, documents};
use crate::measure::Size;
use crate::server::issuer_folder;
use anyhow::{Context, Result, ensure};
use chrono::{DateTime, TimeDelta, Utc};
pub use found::found;
use quartermaster_tenants::id::{TenantId, encode};
use quartermaster_tenants::identity::token::{DevIssuer, DevIssuerConfig};
use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use tokio_postgres::NoTls;
use uuid::Uuid;

/// How large the town is: so many tenants, and of each so many items and orders.
#[derive(Debug, Clone, Copy)]
pub struct Shape {
    pub tenants: i64,
    pub items: i64,
    pub orders: i64,
}

/// Everything that a client needs to know.
pub struct Town {
    pub tenants: Vec<Tenant>,
}

/// One tenant: tokens of its people, and the ids to draw from.
pub struct Tenant {
    pub maker: String,
    pub approver: String,
    pub receiver: String,
    pub suppliers: Vec<String>,
    pub items: Vec<String>,
    pub locations: Vec<String>,
    pub orders: Vec<String>,
}

/// The database as the owner of the schema.
pub async fn owner(url: &str) -> Result<tokio_postgres::Client> {
    let (client, connection) = tokio_postgres::connect(url, NoTls).await?;
    tokio::spawn(connection);
    Ok(client)
}

/// The database of `bench/run` as the owner of the schema, and the town of S1 in it, which an earlier measurement made.
pub async fn measured(state: &Path) -> Result<(tokio_postgres::Client, Town)> {
    let owner = owner(&from_environment("DATABASE_OWNER_URL")?).await?;
    let registry = Registry::open(&issuer_folder(state), &owner).await?;
    let town = Town::read(&owner, &registry, Size::S1.shape()).await?;
    ensure!(!town.tenants.is_empty(), "there is no town yet: measure a size first");
    Ok((owner, town))
}

/// What `bench/run` says.
pub fn from_environment(name: &str) -> Result<String> {
    std::env::var(name).with_context(|| format!("{name} is missing: bench/run sets it"))
}

/// Whoever says who the people are: the same key as the server's.
pub struct Registry {
    issuer: DevIssuer,
    now: DateTime<Utc>,
}

impl Registry {
    pub async fn open(folder: &Path, owner: &tokio_postgres::Client) -> Result<Self> {
        Ok(Self {
            issuer: DevIssuer::open(folder, DevIssuerConfig::new("quartermaster"))?,
            now: owner.query_one("SELECT clock_timestamp()", &[]).await?.try_get(0)?,
        })
    }

    /// A token for this person on this side: a tenant or a partner.
    pub fn token(&self, subject: &str, side: &str) -> Result<String> {
        let lives = TimeDelta::hours(12);
        Ok(self
            .issuer
            .mint(subject, Some(side), "quartermaster-bench", lives, self.now)?)
    }
}

/// The subject of a person of a tenant.
fn subject(tenant: &str, function: &str) -> String {
    format!("bench-{tenant}-{function}")
}

impl Town {
    /// Reads what there is, with at most so many orders of each tenant to draw from: the seeded ones are the oldest.
    pub async fn read(owner: &tokio_postgres::Client, registry: &Registry, shape: Shape) -> Result<Self> {
        let mut tenants = Vec::new();
        for row in owner.query("SELECT id, code FROM qm.tenant ORDER BY code", &[]).await? {
            let (id, code): (Uuid, String) = (row.try_get(0)?, row.try_get(1)?);
            let ids = async |prefix: &str, table: &str, most: i64| -> Result<Vec<String>> {
                let sql = format!("SELECT t.id FROM qm.{table} t WHERE t.tenant_id = $1 ORDER BY t.id LIMIT $2");
                let rows = owner.query(&sql, &[&id, &most]).await?;
                rows.iter().map(|row| Ok(encode(prefix, row.try_get(0)?))).collect()
            };
            let side = TenantId(id).to_string();
            let token = |function: &str| registry.token(&subject(&code, function), &side);
            tenants.push(Tenant {
                maker: token("buyer")?,
                approver: token("approver_l4")?,
                receiver: token("receiver")?,
                suppliers: ids("sup", "supplier", 100).await?,
                items: ids("itm", "item", shape.items).await?,
                locations: ids("loc", "location", 20).await?,
                orders: ids("po", "purchase_order", shape.orders).await?,
            });
        }
        Ok(Self { tenants })
    }

    /// Movements in all tenants, after a look whether every ledger agrees with its positions: at two at a time.
    pub async fn movements(self: &Arc<Self>, address: SocketAddr) -> Result<u64> {
        let (some, others) = self.tenants.split_at(self.tenants.len() / 2);
        let (some, others) = tokio::try_join!(self.movements_of(some, address), self.movements_of(others, address))?;
        Ok(some + others)
    }

    async fn movements_of(self: &Arc<Self>, tenants: &[Tenant], address: SocketAddr) -> Result<u64> {
        let mut client = Client::open(address, Arc::clone(self)).await?;
        let mut movements = 0;
        for tenant in tenants {
            let answer = client.ask(&tenant.maker, documents::INTEGRITY).await?;
            let found = &answer["data"]["stockIntegrity"];
            ensure!(found["ok"] == true, "ledger and positions differ: {found}");
            movements += found["movements"].as_u64().context("no movements")?;
        }
        Ok(movements)
    }
}
