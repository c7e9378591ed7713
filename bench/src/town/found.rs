//! Founds the town: partner, tenants, people and roles by the product's own verbs; master data and all but two orders of each
//! tenant by SQL of this folder, since a million lines through the API would take hours.

use super::{Registry, Shape, Tenant, Town, subject};
use crate::driver::{Client, documents};
use crate::say;
use anyhow::{Context, Result, ensure};
use quartermaster_tenants::directory::bootstrap::{self, IssuerScope, NewIssuer, NewPartner};
use quartermaster_tenants::identity::token::DEV_ISSUER;
use serde_json::{Value, json};
use std::net::SocketAddr;
use std::sync::Arc;
use tokio_postgres::Client as Database;

const ADMINISTRATOR: &str = "bench-partner";
/// Two of each is the least that a tenant begins with.
const FOUNDERS: [(&str, &str); 4] = [
    ("security-1", "SECURITY_ADMIN"),
    ("security-2", "SECURITY_ADMIN"),
    ("admin-1", "TENANT_ADMIN"),
    ("admin-2", "TENANT_ADMIN"),
];
/// Each has the role after which it is called.
const PEOPLE: [&str; 3] = ["buyer", "approver_l4", "receiver"];

const FOUNDED: &str = "SELECT to_regclass('reference.founded') IS NOT NULL, EXISTS (SELECT FROM qm.tenant)";

/// Makes the town and the reference in this shape, unless both are there.
pub async fn found(
    owner_url: &str,
    owner: &Database,
    registry: &Registry,
    server: SocketAddr,
    shape: Shape,
) -> Result<()> {
    let row = owner.query_one(FOUNDED, &[]).await?;
    if row.try_get(0)? {
        return Ok(());
    }
    ensure!(
        !row.try_get::<_, bool>(1)?,
        "An earlier run was stopped while it made its data. Forget that: bench/run --forget"
    );
    say(&format!("{} tenants with their people", shape.tenants));
    let partner = NewPartner {
        code: "bench".to_owned(),
        name: "Bench".to_owned(),
        issuer: NewIssuer {
            issuer: DEV_ISSUER.to_owned(),
            scope: IssuerScope::Platform,
            algorithms: Vec::new(),
            jwks_url: None,
        },
        admin_subject: ADMINISTRATOR.to_owned(),
        admin_name: "Bench".to_owned(),
    };
    let partner = bootstrap::partner(owner_url, &partner).await?.to_string();
    let mut client = Client::open(server, Arc::new(Town { tenants: Vec::new() })).await?;
    for number in 0..shape.tenants {
        tenant(&mut client, registry, &partner, &format!("t{number}")).await?;
    }
    let Shape { tenants, items, orders } = shape;
    owner
        .batch_execute(&format!(
            "SET bench.tenants = {tenants}; SET bench.items = {items}; SET bench.orders = {orders}"
        ))
        .await?;
    owner.batch_execute(include_str!("../../sql/copying.sql")).await?;
    owner.batch_execute(include_str!("../../sql/masters.sql")).await?;
    for tenant in &Town::read(owner, registry, shape).await?.tenants {
        patterns(&mut client, tenant).await?;
    }
    say(&format!("{orders} orders for each tenant, in the product's tables"));
    owner.batch_execute(include_str!("../../sql/seed.sql")).await?;
    say("the same for the reference");
    owner
        .batch_execute(include_str!("../../sql/reference/schema.sql"))
        .await?;
    owner
        .batch_execute(include_str!("../../sql/reference/seed.sql"))
        .await?;
    owner
        .batch_execute(include_str!("../../sql/same_rows/schema.sql"))
        .await?;
    owner.batch_execute("CREATE TABLE reference.founded ()").await?;
    Ok(())
}

/// A tenant whose orders all need an approver, with its three people.
async fn tenant(client: &mut Client, registry: &Registry, partner: &str, code: &str) -> Result<()> {
    let founders: Vec<Value> = FOUNDERS
        .iter()
        .map(|(name, role)| json!({ "issuer": DEV_ISSUER, "subject": subject(code, name), "displayName": name, "role": role }))
        .collect();
    let input = json!({
        "code": code,
        "name": code,
        "kind": "RETAILER",
        "countryCode": "US",
        "currencyCode": "USD",
        "approvalLimits": ["0", "5000", "50000", "500000"],
        "releaseOnApproval": true,
        "founders": founders,
    });
    let administrator = registry.token(ADMINISTRATOR, partner)?;
    let made = client.act(&administrator, documents::TENANT, input).await?;
    let tenant = id(&made, "/data/tenantCreate/tenant/id")?;
    let security = registry.token(&subject(code, "security-1"), &tenant)?;
    let admin = registry.token(&subject(code, "admin-1"), &tenant)?;
    for role in PEOPLE {
        let input = json!({ "issuer": DEV_ISSUER, "subject": subject(code, role), "displayName": role });
        let made = client.act(&security, documents::MEMBER, input).await?;
        let member = id(&made, "/data/memberCreate/member/id")?;
        let input = json!({ "memberId": member, "role": role });
        let made = client.act(&security, documents::PROPOSE, input).await?;
        let assignment = id(&made, "/data/roleAssignmentPropose/roleAssignment/id")?;
        client
            .act(&admin, documents::GRANT, json!({ "id": assignment }))
            .await?;
    }
    Ok(())
}

/// The two orders of a tenant that `seed.sql` copies: one stays released, one is received.
async fn patterns(client: &mut Client, tenant: &Tenant) -> Result<()> {
    let order = client.create(tenant).await?;
    client.approve(tenant, &order).await?;
    let order = client.create(tenant).await?;
    client.approve(tenant, &order).await?;
    client.receive(tenant, &order).await
}

fn id(answer: &Value, path: &str) -> Result<String> {
    let id = answer.pointer(path).and_then(Value::as_str);
    Ok(id.with_context(|| format!("no {path}"))?.to_owned())
}
