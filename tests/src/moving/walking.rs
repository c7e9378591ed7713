//! Nobody needs to remember: a table that is added moves with the tenant, and one that cannot is refused.

use super::elsewhere::{Elsewhere, try_export};
use crate::database::fixture::{Shop, strict};
use quartermaster_domain::archive::{Refused, STAYS, TRAVELS};
use std::collections::BTreeSet;
use tokio_postgres::Client;
use uuid::Uuid;

/// A tenant with a little of its own, where there is no server.
async fn tenant(at: &Elsewhere) -> Shop {
    let shop = crate::database::fixture::shop(&at.owner, &strict()).await;
    let sql = format!(
        "INSERT INTO qm.tenant (id, partner_id, code, name, kind, status, currency, locale, time_zone, country, version, created_at, updated_at, request_digest) \
         VALUES ('{0}', '{1}', 'ONE', 'One', 'RETAILER', 'CLOSED', 'USD', 'en', 'UTC', 'US', 1, statement_timestamp(), statement_timestamp(), '')",
        shop.tenant.0, at.partner.0
    );
    at.owner.batch_execute(&sql).await.unwrap();
    shop
}

const NOVELTY: &str = "CREATE TABLE qm.a_novelty (tenant_id uuid NOT NULL, id uuid NOT NULL, item_id uuid NOT NULL, words text, \
    doubled text GENERATED ALWAYS AS (words || words) STORED, CONSTRAINT a_novelty_pkey PRIMARY KEY (tenant_id, id), \
    CONSTRAINT a_novelty_item_fkey FOREIGN KEY (tenant_id, item_id) REFERENCES qm.item (tenant_id, id))";

#[tokio::test]
async fn a_table_that_is_added_moves_without_anybody_remembering_it() {
    let issuer = format!("https://{}.example", Uuid::now_v7());
    let (here, there) = (Elsewhere::trusting(&issuer).await, Elsewhere::trusting(&issuer).await);
    let shop = tenant(&here).await;
    for owner in [&here.owner, &there.owner] {
        owner.batch_execute(NOVELTY).await.unwrap();
    }
    // Whatever text may hold: the file's own signs, line breaks, an empty text and none.
    let words = [Some("a,\"b\"\r\n\\N\t\\."), Some(""), Some("\u{feff}ü – 漢"), None];
    for text in words {
        let sql = "INSERT INTO qm.a_novelty (tenant_id, id, item_id, words) VALUES ($1, $2, $3, $4)";
        here.owner
            .execute(sql, &[&shop.tenant.0, &Uuid::now_v7(), &shop.items[0], &text])
            .await
            .unwrap();
    }
    let folder = tempfile::tempdir().unwrap();
    let file = try_export(&here.owner_url, shop.tenant, folder.path(), false)
        .await
        .unwrap();
    there.import(&file).await.unwrap();
    let found = async |owner: &Client| {
        let rows = owner
            .query("SELECT words, doubled FROM qm.a_novelty ORDER BY id", &[])
            .await
            .unwrap();
        rows.iter()
            .map(|r| (r.get(0), r.get(1)))
            .collect::<Vec<(Option<String>, Option<String>)>>()
    };
    assert_eq!(found(&there.owner).await, found(&here.owner).await);
    assert_eq!(found(&there.owner).await.len(), words.len());
}

#[tokio::test]
async fn a_sealed_column_that_nobody_thought_of_is_not_exported() {
    let here = Elsewhere::trusting("https://nobody.example").await;
    let shop = tenant(&here).await;
    let table = "CREATE TABLE qm.a_secret (tenant_id uuid NOT NULL, id uuid NOT NULL, sealed bytea, key_id text, CONSTRAINT a_secret_pkey PRIMARY KEY (tenant_id, id))";
    here.owner.batch_execute(table).await.unwrap();
    let folder = tempfile::tempdir().unwrap();
    let said = try_export(&here.owner_url, shop.tenant, folder.path(), false).await;
    assert_eq!(said.unwrap_err(), Refused::UnknownSealed("a_secret".to_owned()));
}

#[tokio::test]
async fn of_each_table_of_the_directory_it_is_said_whether_it_moves() {
    let (_, owner) = crate::database::fixture::database().await;
    let sql = "SELECT c.relname::text FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace AND n.nspname = 'qm' WHERE c.relkind IN ('r', 'p') \
        AND NOT EXISTS (SELECT 1 FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attname = 'tenant_id')";
    let rows = owner.query(sql, &[]).await.unwrap();
    let there: BTreeSet<String> = rows.iter().map(|r| r.get(0)).collect();
    let said: BTreeSet<String> = TRAVELS
        .iter()
        .chain(&STAYS)
        .map(|(table, _)| (*table).to_owned())
        .collect();
    assert_eq!(there, said);
}
