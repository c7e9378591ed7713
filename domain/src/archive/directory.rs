//! What belongs to a tenant above its own tables, and how it comes below another partner.
//!
//! It arrives in tables of the transaction's own (`incoming_…`), is held against what is here, and only then goes in.

use super::error::{Refused, Result};
use quartermaster_tenants::id::TenantId;
use quartermaster_tenants::wire::time;
use tokio_postgres::Client;
use tokio_postgres::types::ToSql;
use uuid::Uuid;

/// The people of the tenant: those with an account of their own in it, whoever was merged with them, and nobody else. A partner's
/// operators are not: where the tenant comes to, its partner proposes its own.
const PEOPLE: &str = "(WITH RECURSIVE account (id) AS ( \
    SELECT m.person_id FROM qm.person_tenant m WHERE m.member_tenant_id = {tenant} \
    UNION SELECT a.person_id FROM qm.account a WHERE a.tenant_id = {tenant} AND a.kind = 'HUMAN'), \
    merged (id) AS (SELECT id FROM account UNION SELECT p.merged_into FROM merged l JOIN qm.person p ON p.id = l.id), \
    people (id) AS (SELECT id FROM merged UNION SELECT p.id FROM people l JOIN qm.person p ON p.merged_into = l.id) \
    SELECT x.id FROM people x JOIN qm.person y ON y.id = x.id)";

/// The issuers that may speak for the tenant: its own, its partner's, the platform's.
const ISSUERS: &str = "(SELECT i.id FROM qm.issuer i WHERE i.bound_tenant_id = {tenant} OR (i.bound_tenant_id IS NULL \
    AND (i.partner_id IS NULL OR i.partner_id = (SELECT o.partner_id FROM qm.tenant o WHERE o.id = {tenant}))))";

/// A table of the directory whose rows travel with a tenant, in an order in which their foreign keys hold, and which rows those are.
pub const TRAVELS: [(&str, &str); 8] = [
    (
        "network",
        "t.id = (SELECT x.network_id FROM qm.tenant x WHERE x.id = {tenant})",
    ),
    ("tenant", "t.id = {tenant}"),
    ("branding", "t.id = {tenant}"),
    ("host", "t.branding_id = {tenant}"),
    ("person", "t.id IN {people}"),
    // Those that others log in at too are only named, so that logins find them again.
    (
        "issuer",
        "t.bound_tenant_id = {tenant} OR (t.id IN {issuers} AND t.id IN (SELECT l.issuer_id FROM qm.login l WHERE l.person_id IN {people}))",
    ),
    ("login", "t.person_id IN {people} AND t.issuer_id IN {issuers}"),
    ("person_tenant", "t.member_tenant_id = {tenant}"),
];

/// The tables of the directory that stay where they are, and why.
pub const STAYS: [(&str, &str); 5] = [
    ("partner", "a tenant comes below a partner that is there"),
    ("partner_member", "people of the partner"),
    ("partner_idempotency", "what people of the partner asked for"),
    ("directory_event", "what the partner did: its own history"),
    ("server_spending", "what the servers of the moment have charged"),
];

/// Which rows of a table travel.
pub(super) fn condition(rows: &str, tenant: TenantId) -> String {
    rows.replace("{people}", PEOPLE)
        .replace("{issuers}", ISSUERS)
        .replace("{tenant}", &format!("'{}'::uuid", tenant.0))
}

/// What stands in a file for a column: nobody is one of the platform's people because another platform says so.
pub(super) fn left_out(table: &str, column: &str) -> Option<&'static str> {
    (table == "person" && column == "platform").then_some("false")
}

/// The partner of this code or id.
pub(super) async fn partner(owner: &Client, named: &str) -> Result<Uuid> {
    let id = named.parse::<quartermaster_tenants::id::PartnerId>().ok().map(|p| p.0);
    let sql = "SELECT id FROM qm.partner WHERE code = $1 OR id = $2";
    match owner.query_opt(sql, &[&named, &id]).await? {
        Some(row) => Ok(row.try_get(0)?),
        None => Err(Refused::NoPartner(named.to_owned()).into()),
    }
}

/// A question that names what stands against an import, and what is said then.
type Objection = (&'static str, fn(String) -> Refused);

/// What can stand against it.
const AGAINST: [Objection; 7] = [
    (
        "SELECT i.code FROM incoming_tenant i JOIN qm.tenant t ON t.partner_id = $1 AND t.code = i.code",
        Refused::CodeTaken,
    ),
    (
        "SELECT i.host FROM incoming_host i JOIN qm.host h ON h.host = i.host",
        Refused::HostTaken,
    ),
    (
        "SELECT i.code FROM incoming_network i JOIN qm.network n ON (n.id = i.id AND (n.partner_id <> $1 OR n.code <> i.code)) OR (n.partner_id = $1 AND n.code = i.code AND n.id <> i.id)",
        Refused::NetworkTaken,
    ),
    (
        "SELECT i.issuer FROM incoming_issuer i JOIN qm.issuer x ON x.issuer = i.issuer OR x.id = i.id WHERE i.bound_tenant_id IS NOT NULL",
        Refused::IssuerTaken,
    ),
    (
        "SELECT i.issuer FROM incoming_issuer i WHERE i.bound_tenant_id IS NULL AND NOT EXISTS (SELECT 1 FROM qm.issuer x \
         WHERE x.issuer = i.issuer AND x.bound_tenant_id IS NULL AND (x.partner_id IS NULL OR x.partner_id = $1))",
        Refused::NoIssuer,
    ),
    (
        "SELECT l.subject || ' of ' || i.issuer FROM incoming_login l JOIN incoming_issuer i ON i.id = l.issuer_id JOIN qm.issuer x ON x.issuer = i.issuer \
         JOIN qm.login m ON m.issuer_id = x.id AND m.subject = l.subject WHERE m.person_id <> l.person_id",
        Refused::OtherPerson,
    ),
    (
        "SELECT i.id::text FROM incoming_person i JOIN qm.person p ON p.id = i.id WHERE p.merged_into IS DISTINCT FROM i.merged_into",
        Refused::OtherPerson,
    ),
];

/// Everything in its place, below the partner.
const SETTLE: [&str; 11] = [
    "UPDATE incoming_network SET partner_id = $1",
    "UPDATE incoming_tenant SET partner_id = $1",
    "UPDATE incoming_login l SET issuer_id = x.id FROM incoming_issuer i JOIN qm.issuer x ON x.issuer = i.issuer \
     WHERE i.id = l.issuer_id AND i.bound_tenant_id IS NULL",
    "INSERT INTO qm.network SELECT * FROM incoming_network WHERE partner_id = $1 ON CONFLICT (id) DO NOTHING",
    "INSERT INTO qm.tenant SELECT * FROM incoming_tenant WHERE partner_id = $1",
    "INSERT INTO qm.branding SELECT * FROM incoming_branding",
    "INSERT INTO qm.host SELECT * FROM incoming_host",
    "INSERT INTO qm.person SELECT * FROM incoming_person ON CONFLICT (id) DO NOTHING",
    "INSERT INTO qm.issuer SELECT * FROM incoming_issuer WHERE bound_tenant_id IS NOT NULL",
    "INSERT INTO qm.login SELECT * FROM incoming_login ON CONFLICT (issuer_id, subject) DO NOTHING",
    "INSERT INTO qm.person_tenant SELECT * FROM incoming_person_tenant",
];
const RECORD: &str = "INSERT INTO qm.directory_event (id, partner_id, subject_tenant_id, type, at, request_id, data) \
    VALUES ($1, $2, $3, $4, $5, $6, $7)";

/// Where the rows of a table arrive.
pub(super) fn incoming(table: &str) -> String {
    format!("incoming_{table}")
}

/// The tables that they arrive in; they end with the transaction.
pub(super) async fn expect(owner: &Client) -> Result<()> {
    for (table, _) in TRAVELS {
        let sql = format!(
            "CREATE TEMPORARY TABLE {} (LIKE qm.{table}) ON COMMIT DROP",
            incoming(table)
        );
        owner.batch_execute(&sql).await?;
    }
    Ok(())
}

/// Refuses what stands against it, and puts everything in its place.
pub(super) async fn settle(owner: &Client, partner: Uuid) -> Result<()> {
    let below: [&(dyn ToSql + Sync); 1] = [&partner];
    for (question, refused) in AGAINST {
        let question = owner.prepare(question).await?;
        let found = owner.query(&question, &below[..question.params().len()]).await?;
        if let Some(row) = found.first() {
            return Err(refused(row.try_get(0)?).into());
        }
    }
    for statement in SETTLE {
        let statement = owner.prepare(statement).await?;
        owner.execute(&statement, &below[..statement.params().len()]).await?;
    }
    Ok(())
}

/// What the partner's own history says of it.
pub(super) async fn record(
    owner: &Client,
    partner: Uuid,
    tenant: TenantId,
    kind: &str,
    data: &serde_json::Value,
) -> Result<()> {
    let at = time(owner).await?;
    let params: [&(dyn ToSql + Sync); 7] = [&Uuid::now_v7(), &partner, &tenant.0, &kind, &at, &Uuid::now_v7(), data];
    owner.execute(RECORD, &params).await?;
    Ok(())
}
