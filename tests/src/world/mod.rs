//! A server of this test's own, tenants of its own, and people who speak to it over HTTP.

pub mod command;

use crate::database::fixture;
use chrono::TimeDelta;
use quartermaster_api::config::Config;
use quartermaster_api::server::{Running, start};
use quartermaster_tenants::id::encode;
use quartermaster_tenants::settings::Settings;
use serde_json::{Value, json};
use tokio_postgres::Client;
use uuid::Uuid;

/// A running server on the test run's database.
pub struct World {
    pub server: Running,
    pub owner: Client,
    pub http: reqwest::Client,
    config: Config,
    issuer: Uuid,
    folder: tempfile::TempDir,
}

/// Whoever holds a credential, and the server that it is presented to.
#[derive(Clone)]
pub struct Bearer {
    token: String,
    url: String,
    http: reqwest::Client,
}

/// A person with an account and a token.
#[derive(Clone)]
pub struct Person {
    pub op: quartermaster_tenants::Op,
    bearer: Bearer,
}

impl std::ops::Deref for Person {
    type Target = Bearer;
    fn deref(&self) -> &Bearer {
        &self.bearer
    }
}

/// As it is in development, on the tests' database.
fn development() -> Config {
    Config::development(
        fixture::url("DATABASE_APP_URL"),
        fixture::url("DATABASE_OWNER_URL"),
        fixture::url("DATABASE_RELAY_URL"),
    )
}

impl World {
    pub async fn start() -> Self {
        Self::ahead_by(0).await
    }

    /// A server whose clock is this far ahead, on the same database.
    pub async fn ahead_by(seconds: i64) -> Self {
        Self::of(Config {
            clock_offset_seconds: seconds,
            ..development()
        })
        .await
    }

    /// A server that lets in whoever comes, and sends nobody away.
    pub async fn with_room() -> Self {
        Self::of(Config {
            requests_at_once: Some(1_000),
            requests_waiting: 1_000,
            ..development()
        })
        .await
    }

    /// A server set up so, on the database of its configuration, which is migrated first.
    pub async fn of(config: Config) -> Self {
        quartermaster_migrations::migrate(&config.database_owner_url, None)
            .await
            .expect("migrate");
        let owner = fixture::client(&config.database_owner_url).await;
        let folder = tempfile::tempdir().expect("folder");
        let config = Config {
            development_issuer_folder: folder.path().to_owned(),
            // However busy the machine of the tests is.
            request_timeout_seconds: 10 * config.request_timeout_seconds,
            ..config
        };
        let server = start(config.clone()).await.expect("start");
        let issuer = server
            .development_issuer()
            .expect("development issuer")
            .issuer()
            .to_owned();
        let issuer = owner
            .query_one(
                "INSERT INTO qm.issuer (id, issuer, algorithms, status, created_at) VALUES ($1, $2, '{ES256}', 'ACTIVE', statement_timestamp()) \
                 ON CONFLICT (issuer) DO UPDATE SET status = 'ACTIVE' RETURNING id",
                &[&Uuid::now_v7(), &issuer],
            )
            .await
            .expect("issuer")
            .get(0);
        let http = reqwest::Client::builder().no_proxy().build().expect("client");
        Self {
            server,
            owner,
            http,
            config,
            issuer,
            folder,
        }
    }

    /// A second server over the same database, which takes the same tokens.
    pub async fn another_server(&self) -> Running {
        self.another_server_with(|config| config).await
    }

    /// The same, set up otherwise.
    pub async fn another_server_with(&self, change: impl FnOnce(Config) -> Config) -> Running {
        start(change(self.config.clone())).await.expect("start")
    }

    /// How the server is set up.
    pub fn config(&self) -> &Config {
        &self.config
    }

    /// Where the development issuer keeps its key.
    pub fn folder(&self) -> &std::path::Path {
        self.folder.path()
    }

    pub fn url(&self) -> String {
        format!("http://{}/graphql", self.server.addr)
    }

    /// A tenant with a supplier, a location and ten items.
    pub async fn shop(&self, settings: &Settings) -> fixture::Shop {
        let shop = fixture::shop(&self.owner, settings).await;
        let code = shop.tenant.0.simple().to_string();
        let sql = format!(
            "INSERT INTO qm.partner (id, code, name, created_at) VALUES ('{0}', '{code}', 'Partner', statement_timestamp()); \
             INSERT INTO qm.tenant (id, partner_id, code, name, kind, status, currency, locale, time_zone, country, version, created_at, updated_at, request_digest) \
             VALUES ('{0}', '{0}', '{code}', 'Tenant', 'RETAILER', 'ACTIVE', 'USD', 'en', 'UTC', 'US', 1, statement_timestamp(), statement_timestamp(), '')",
            shop.tenant.0
        );
        self.owner.batch_execute(&sql).await.expect("directory");
        let look =
            "INSERT INTO qm.branding (id, name, version, updated_at) VALUES ($1, 'Tenant', 1, statement_timestamp())";
        self.owner.execute(look, &[&shop.tenant.0]).await.expect("branding");
        shop
    }

    /// A member of it with these roles.
    pub async fn member(&self, shop: &fixture::Shop, roles: &[&str]) -> Person {
        let op = fixture::member(&self.owner, shop.tenant, roles).await;
        let (person, subject) = (op.person.expect("person"), op.account.to_string());
        let sql = format!(
            "INSERT INTO qm.person (id, created_at) VALUES ('{person}', statement_timestamp()); \
             INSERT INTO qm.login (issuer_id, subject, person_id, created_at) VALUES ('{}', '{subject}', '{person}', statement_timestamp()); \
             INSERT INTO qm.person_tenant (person_id, member_tenant_id) VALUES ('{person}', '{}')",
            self.issuer, shop.tenant.0
        );
        self.owner.batch_execute(&sql).await.expect("login");
        let bearer = self.log_in(&subject, &shop.tenant.to_string()).await;
        Person { op, bearer }
    }

    /// The issuer of every login here, as its tokens write it.
    pub fn issuer(&self) -> &str {
        let issuer = self.server.development_issuer();
        issuer.expect("development issuer").issuer()
    }

    /// Whoever has this login, for a tenant, a partner or the platform.
    pub async fn log_in(&self, subject: &str, to: &str) -> Bearer {
        let row = self.owner.query_one("SELECT clock_timestamp()", &[]).await;
        let now: chrono::DateTime<chrono::Utc> = row.expect("clock").get(0);
        let issuer = self.server.development_issuer().expect("development issuer");
        let token = issuer.mint(subject, Some(to), "tests", TimeDelta::hours(1), now);
        self.bearer(token.expect("token"))
    }

    /// Whoever presents this credential here.
    pub fn bearer(&self, token: String) -> Bearer {
        Bearer {
            token,
            url: self.url(),
            http: self.http.clone(),
        }
    }

    /// A login of a person who is nobody anywhere yet: its subject.
    pub async fn stranger(&self) -> (Uuid, String) {
        let (person, subject) = (Uuid::now_v7(), Uuid::now_v7().to_string());
        let sql = format!(
            "INSERT INTO qm.person (id, created_at) VALUES ('{person}', statement_timestamp()); \
             INSERT INTO qm.login (issuer_id, subject, person_id, created_at) VALUES ('{}', '{subject}', '{person}', statement_timestamp())",
            self.issuer
        );
        self.owner.batch_execute(&sql).await.expect("login");
        (person, subject)
    }
}

impl Bearer {
    /// Somebody or something else at the same server: whoever has this credential.
    pub fn with_credential(&self, token: String) -> Self {
        Self { token, ..self.clone() }
    }

    /// The whole answer to a document.
    pub async fn ask(&self, query: &str, variables: Value) -> Value {
        self.send(query, variables, None).await.1
    }

    /// The same person, at a server elsewhere: `http://…`.
    pub fn at(&self, base: &str) -> Self {
        Self {
            url: format!("{base}/graphql"),
            ..self.clone()
        }
    }

    /// The same person, by way of another server.
    pub fn through(&self, server: &Running) -> Self {
        Self {
            url: format!("http://{}/graphql", server.addr),
            ..self.clone()
        }
    }

    /// A request of theirs that is not sent yet, by a client that reads the status.
    pub fn post(&self, url: &str, body: &Value) -> reqwest::RequestBuilder {
        let request = self.http.post(url).bearer_auth(&self.token).json(body);
        request.header("accept", "application/graphql-response+json")
    }

    /// The whole answer as it is sent.
    pub async fn text(&self, query: &str, variables: &Value) -> String {
        let request = self.post(&self.url, &json!({ "query": query, "variables": variables }));
        let response = request.send().await.expect("an answer");
        response.text().await.expect("text")
    }

    /// The same with an idempotency key; gives the HTTP status too.
    pub async fn send(&self, query: &str, variables: Value, key: Option<&str>) -> (u16, Value) {
        self.attempt(query, variables, key).await.expect("an answer")
    }

    /// The same where there may be no answer.
    pub async fn attempt(&self, query: &str, variables: Value, key: Option<&str>) -> reqwest::Result<(u16, Value)> {
        let mut request = self
            .http
            .post(&self.url)
            .bearer_auth(&self.token)
            .json(&json!({ "query": query, "variables": variables }));
        if let Some(key) = key {
            request = request.header("idempotency-key", key);
        }
        let response = request.send().await?;
        Ok((response.status().as_u16(), response.json().await?))
    }

    /// The person's token.
    pub fn token(&self) -> &str {
        &self.token
    }

    /// A request to another path than GraphQL's, with the person's token.
    pub fn rest(&self, method: reqwest::Method, path: &str) -> reqwest::RequestBuilder {
        let base = self.url.trim_end_matches("/graphql");
        self.http
            .request(method, format!("{base}{path}"))
            .bearer_auth(&self.token)
    }

    /// What a mutation or query with one root field answered; the test fails on a top-level error.
    pub async fn run(&self, query: &str, variables: Value) -> Value {
        let answer = self.ask(query, variables).await;
        assert!(answer.get("errors").is_none(), "{answer:#}\n{query}");
        answer["data"]
            .as_object()
            .expect("data")
            .values()
            .next()
            .expect("one field")
            .clone()
    }

    /// A mutation that must do what it says.
    pub async fn done(&self, query: &str, variables: Value) -> Value {
        let payload = self.run(query, variables).await;
        assert_eq!(payload["userErrors"], json!([]), "{payload:#}");
        payload
    }

    /// A mutation that must be refused: its first error.
    pub async fn refused(&self, query: &str, variables: Value) -> Value {
        let payload = self.run(query, variables).await;
        let error = payload["userErrors"][0].clone();
        assert!(error.is_object(), "not refused: {payload:#}");
        error
    }
}

pub const CREATE: &str = "mutation($input: PurchaseOrderCreateInput!) { purchaseOrderCreate(input: $input) { purchaseOrder { id status version number } userErrors { code message field } } }";
pub const APPROVE: &str = "mutation($id: ID!) { purchaseOrderApprove(input: { id: $id }) { purchaseOrder { id status version } \
    userErrors { code message field ... on SegregationOfDutiesError { rule tier conflictsWith { duty personDisplay relation } eligibleActors { accountId displayName } } } } }";

/// The input of an order over all ten items of a shop.
pub fn order_input(shop: &fixture::Shop, submit: bool) -> Value {
    let lines: Vec<Value> = shop
        .items
        .iter()
        .map(|i| json!({ "itemId": encode("itm", *i), "quantity": "10", "unitPrice": "2.5" }))
        .collect();
    json!({ "input": { "submit": submit, "order": { "supplierId": encode("sup", shop.supplier), "locationId": encode("loc", shop.location), "lines": lines } } })
}
