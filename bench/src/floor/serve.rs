//! The server of the floor.

use super::shown::{Answer, Nodes, OneOrder, Order, Place, StockOfItem};
use anyhow::{Context, Result, anyhow};
use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use chrono::{DateTime, TimeDelta, Utc};
use quartermaster_tenants::id::{TenantId, decode};
use quartermaster_tenants::identity::token::{DevIssuer, DevIssuerConfig, Verifier, VerifierConfig};
use quartermaster_tenants::tx::SESSION;
use serde::Deserialize;
use std::borrow::Cow;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;
use tokio_postgres::types::ToSql;
use tokio_postgres::{Client, NoTls, Pipeline, Row, Statement};
use uuid::Uuid;

/// A pipeline is a transaction from its beginning to its end, so that requests can share a connection.
const CONNECTIONS: usize = 8;

const SET_TENANT: &str = "SELECT qm.set_tenant($1)";
const ORDER: &str = "SELECT o.number, o.status, o.created_at, o.net_amount + o.tax_amount, s.id, s.code, s.legal_name FROM qm.purchase_order o \
    JOIN qm.supplier s ON s.tenant_id = o.tenant_id AND s.id = o.supplier_id WHERE o.tenant_id = $1 AND o.id = $2";
const LINES: &str = "SELECT l.line_number, l.quantity, l.unit_price, l.received_quantity, i.id, i.sku, i.name, i.base_unit FROM qm.purchase_order_line l \
    JOIN qm.item i ON i.tenant_id = l.tenant_id AND i.id = l.item_id WHERE l.tenant_id = $1 AND l.id = $2 ORDER BY l.line_number LIMIT 10";
const STOCK: &str = "SELECT p.id, l.id, l.code, l.name, p.quantity FROM qm.stock_position p \
    JOIN qm.location l ON l.tenant_id = p.tenant_id AND l.id = p.location_id WHERE p.tenant_id = $1 AND p.item_id = $2 ORDER BY p.location_id LIMIT 20";

struct Connection {
    client: Client,
    begin: Statement,
    set_tenant: Statement,
    order: Statement,
    lines: Statement,
    stock: Statement,
    rollback: Statement,
}

struct Floor {
    verifier: Verifier,
    began: (DateTime<Utc>, Instant),
    connections: Vec<Connection>,
    next: AtomicUsize,
}

#[derive(Deserialize)]
struct Asked<'a> {
    #[serde(borrow)]
    variables: Variables<'a>,
}

#[derive(Deserialize)]
struct Variables<'a> {
    #[serde(borrow)]
    id: Option<Cow<'a, str>>,
    #[serde(borrow)]
    item: Option<Cow<'a, str>>,
}

/// Serves where the environment says, as the product would.
pub async fn serve() -> Result<()> {
    let setting = |name: &str| std::env::var(name).with_context(|| format!("{name} is missing"));
    let issuer = DevIssuer::open(
        Path::new(&setting("QUARTERMASTER_DEVELOPMENT_ISSUER_FOLDER")?),
        DevIssuerConfig::new("quartermaster"),
    )?;
    let mut connections = Vec::new();
    for _ in 0..CONNECTIONS {
        connections.push(Connection::open(&setting("DATABASE_APP_URL")?).await?);
    }
    let first = connections.first().context("no connection")?;
    let now = first
        .client
        .query_one("SELECT clock_timestamp()", &[])
        .await?
        .try_get(0)?;
    let floor = Floor {
        verifier: Verifier::new(
            VerifierConfig::new("quartermaster"),
            Arc::new(issuer.trusted(Uuid::nil())),
        ),
        began: (now, Instant::now()),
        connections,
        next: AtomicUsize::new(0),
    };
    let listener = tokio::net::TcpListener::bind(setting("QUARTERMASTER_LISTEN")?).await?;
    let routes = Router::new()
        .route("/graphql", post(answer))
        .with_state(Arc::new(floor));
    Ok(axum::serve(listener, routes).await?)
}

async fn answer(State(floor): State<Arc<Floor>>, headers: HeaderMap, body: Bytes) -> Response {
    match floor.answer(&headers, &body).await {
        Ok(json) => ([(header::CONTENT_TYPE, "application/json")], json).into_response(),
        Err(error) => (StatusCode::INTERNAL_SERVER_ERROR, format!("{error:#}")).into_response(),
    }
}

impl Floor {
    async fn answer(&self, headers: &HeaderMap, body: &[u8]) -> Result<Vec<u8>> {
        let credential = headers.get(header::AUTHORIZATION).context("no credential")?.to_str()?;
        let credential = credential.strip_prefix("Bearer ").context("no token")?;
        let now = self.began.0 + TimeDelta::from_std(self.began.1.elapsed())?;
        let token = self.verifier.verify(credential, now).await?;
        let tenant: TenantId = token.tenant.context("a token for no tenant")?.parse()?;
        let asked: Asked<'_> = serde_json::from_slice(body)?;
        let at = self.next.fetch_add(1, Ordering::Relaxed) % self.connections.len();
        let connection = self.connections.get(at).context("no connection")?;
        match (asked.variables.id, asked.variables.item) {
            (Some(id), _) => connection.order(tenant.0, &id).await,
            (None, Some(item)) => connection.stock(tenant.0, &item).await,
            (None, None) => Err(anyhow!("nothing is asked for")),
        }
    }
}

impl Connection {
    async fn open(url: &str) -> Result<Self> {
        let mut config: tokio_postgres::Config = url.parse()?;
        let (client, connection) = config.options(SESSION).connect(NoTls).await?;
        tokio::spawn(connection);
        let [begin, set_tenant, order, lines, stock, rollback] =
            ["BEGIN", SET_TENANT, ORDER, LINES, STOCK, "ROLLBACK"].map(|sql| client.prepare(sql));
        Ok(Self {
            begin: begin.await?,
            set_tenant: set_tenant.await?,
            order: order.await?,
            lines: lines.await?,
            stock: stock.await?,
            rollback: rollback.await?,
            client,
        })
    }

    /// The rows of statements about this thing of this tenant, in one round trip.
    async fn read(&self, tenant: Uuid, id: Uuid, statements: &[&Statement]) -> Result<Vec<Vec<Row>>> {
        let nothing: [&(dyn ToSql + Sync); 0] = [];
        let mut pipeline = Pipeline::new();
        pipeline.push(&self.begin, nothing)?;
        pipeline.push(&self.set_tenant, [&tenant as &(dyn ToSql + Sync)])?;
        for statement in statements {
            pipeline.push(statement, [&tenant as &(dyn ToSql + Sync), &id])?;
        }
        pipeline.push(&self.rollback, nothing)?;
        let mut answers = self.client.send_pipeline(pipeline)?;
        let mut all = Vec::with_capacity(statements.len() + 3);
        while let Some(answer) = answers.next().await? {
            all.push(answer.rows);
        }
        Ok(all.drain(2..).collect())
    }

    async fn order(&self, tenant: Uuid, id: &str) -> Result<Vec<u8>> {
        let order = decode(id)?.1;
        let found = self.read(tenant, order, &[&self.order, &self.lines]).await?;
        let [head, lines, ..] = found.as_slice() else {
            return Err(anyhow!("no rows"));
        };
        let shown = head.first().map(|head| Order::read(id, order, head, lines));
        let data = OneOrder {
            purchase_order: shown.transpose()?,
        };
        Ok(serde_json::to_vec(&Answer { data })?)
    }

    async fn stock(&self, tenant: Uuid, item: &str) -> Result<Vec<u8>> {
        let found = self.read(tenant, decode(item)?.1, &[&self.stock]).await?;
        let places = found.first().context("no rows")?.iter().map(Place::read);
        let nodes = places.collect::<Result<_, _>>()?;
        let data = StockOfItem {
            inventory_positions: Nodes { nodes },
        };
        Ok(serde_json::to_vec(&Answer { data })?)
    }
}
