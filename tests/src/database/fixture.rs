//! A tenant made by hand, for tests below the API: the owner writes what provisioning would.

use chrono::TimeDelta;
use quartermaster_tenants::act::Tailoring;
use quartermaster_tenants::id::TenantId;
use quartermaster_tenants::op::{AccountKind, LocationScope, Op};
use quartermaster_tenants::policy::Policy;
use quartermaster_tenants::settings::Settings;
use quartermaster_tenants::tx::Tenants;
use rust_decimal::Decimal;
use tokio_postgres::{Client, NoTls};
use uuid::Uuid;

pub fn url(name: &str) -> String {
    std::env::var(name)
        .unwrap_or_else(|_| panic!("{name} is not set: run this through scripts/postgres-run --ephemeral -- …"))
}

pub async fn client(url: &str) -> Client {
    let (client, connection) = tokio_postgres::connect(url, NoTls).await.expect("connect");
    tokio::spawn(connection);
    client
}

/// A migrated database, and a connection of its owner.
pub async fn database() -> (Tenants, Client) {
    quartermaster_migrations::migrate(&url("DATABASE_OWNER_URL"), None)
        .await
        .expect("migrate");
    (
        Tenants::new(&url("DATABASE_APP_URL"), 8).expect("pool"),
        client(&url("DATABASE_OWNER_URL")).await,
    )
}

/// A database of its own, made by the cluster's superuser and owned by the product's owner.
pub async fn scratch() -> String {
    let name = format!("scratch_{}", Uuid::now_v7().simple());
    let admin = client(&url("DATABASE_SUPERUSER_URL")).await;
    admin
        .batch_execute(&format!("CREATE DATABASE {name} OWNER quartermaster_owner"))
        .await
        .expect("create database");
    let owner = url("DATABASE_OWNER_URL");
    let (base, _) = owner.rsplit_once('/').expect("a URL with a database");
    format!("{base}/{name}")
}

/// The URL of another role, for the database of `target`.
pub fn beside(role: &str, target: &str) -> String {
    let cut = |url: &str| url.rfind('/').expect("a URL with a database");
    format!("{}{}", &role[..cut(role)], &target[cut(target)..])
}

pub struct Shop {
    pub tenant: TenantId,
    pub supplier: Uuid,
    pub location: Uuid,
    pub items: Vec<Uuid>,
}

/// A tenant with a supplier, a location and items, with the standard policy and these settings.
pub async fn shop(owner: &Client, settings: &Settings) -> Shop {
    let rows = Tailoring::default().rows().expect("standard rows");
    let digest = Policy::compile(&rows).await.expect("compile").digest();
    let tenant = Uuid::now_v7();
    let settings = serde_json::to_value(settings).expect("settings");
    let now = "statement_timestamp()";
    for sql in [
        format!(
            "INSERT INTO qm.policy_version VALUES ('{tenant}', '{}', 1, '\\x{digest}', '{{}}', '{{}}', {now})",
            Uuid::now_v7()
        ),
        format!(
            "INSERT INTO qm.tenant_setting VALUES ('{tenant}', '{tenant}', 'ACTIVE', '{settings}', NULL, NULL, 1, '\\x{digest}', 1, {now})"
        ),
    ] {
        owner.batch_execute(&sql).await.expect("tenant");
    }
    let (supplier, location) = (Uuid::now_v7(), Uuid::now_v7());
    let items: Vec<Uuid> = (0..10).map(|_| Uuid::now_v7()).collect();
    owner
        .batch_execute(&format!(
            "INSERT INTO qm.supplier (tenant_id, id, code, legal_name, status, currency, version, event_sequence, event_hash, created_at, updated_at) \
             VALUES ('{tenant}', '{supplier}', 'S1', 'Supplier', 'ACTIVE', 'USD', 1, 0, '', {now}, {now}); \
             INSERT INTO qm.location (tenant_id, id, code, name, kind, status, time_zone, version, event_sequence, event_hash, created_at, updated_at) \
             VALUES ('{tenant}', '{location}', 'L1', 'Store', 'STORE', 'ACTIVE', 'UTC', 1, 0, '', {now}, {now})"
        ))
        .await
        .expect("masters");
    for (n, item) in items.iter().enumerate() {
        let sql = format!(
            "INSERT INTO qm.item (tenant_id, id, sku, name, base_unit, status, version, event_sequence, event_hash, created_at, updated_at) \
             VALUES ('{tenant}', '{item}', 'SKU{n}', 'Item {n}', 'EA', 'ACTIVE', 1, 0, '', {now}, {now})"
        );
        owner.batch_execute(&sql).await.expect("item");
    }
    Shop {
        tenant: TenantId(tenant),
        supplier,
        location,
        items,
    }
}

/// A member with these roles, ready to act.
pub async fn member(owner: &Client, tenant: TenantId, roles: &[&str]) -> Op {
    let (account, person, now) = (Uuid::now_v7(), Uuid::now_v7(), "statement_timestamp()");
    owner
        .batch_execute(&format!(
            "INSERT INTO qm.account (tenant_id, id, person_id, kind, status, display_name, all_locations, version, event_sequence, event_hash, created_at, updated_at) \
             VALUES ('{}', '{account}', '{person}', 'HUMAN', 'ACTIVE', 'Somebody', true, 1, 0, '', {now}, {now})",
            tenant.0
        ))
        .await
        .expect("account");
    for role in roles {
        owner
            .batch_execute(&format!(
                "INSERT INTO qm.role_assignment (tenant_id, id, account_id, role, state, round, version, event_sequence, event_hash, created_at, updated_at) \
                 VALUES ('{}', '{}', '{account}', '{role}', 'APPROVED', 1, 1, 0, '', {now}, {now})",
                tenant.0,
                Uuid::now_v7()
            ))
            .await
            .expect("role");
    }
    Op {
        tenant,
        account,
        person: Some(person),
        sponsor: None,
        kind: AccountKind::Human,
        display_name: "Somebody".to_owned(),
        roles: roles.iter().map(|r| (*r).to_owned()).collect(),
        locations: LocationScope::All,
        key_scope: None,
        request_id: Uuid::now_v7(),
        idempotency: None,
        clock_offset: TimeDelta::zero(),
    }
}

/// Ten lines of ten items.
pub fn order(shop: &Shop) -> quartermaster_domain::purchasing::NewOrder {
    quartermaster_domain::purchasing::NewOrder {
        supplier: shop.supplier,
        location: shop.location,
        currency: None,
        ordered_on: None,
        expected_on: None,
        note: None,
        reference: None,
        lines: shop
            .items
            .iter()
            .map(|item| quartermaster_domain::purchasing::NewLine {
                number: None,
                item: *item,
                quantity: Decimal::from(10),
                unit: None,
                unit_price: Some(Decimal::new(25_000, 4)),
                tax_rate: None,
                expected_on: None,
            })
            .collect(),
    }
}

/// The benchmark's settings: every order has an approver, and an approved one is released at once.
pub fn strict() -> Settings {
    let limits = [0, 5_000, 50_000, 500_000].map(Decimal::from);
    Settings {
        approval_limits: limits,
        release_on_approval: true,
        ..Settings::default()
    }
}
