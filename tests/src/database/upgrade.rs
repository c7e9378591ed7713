//! Migrations: several processes at once, and an older database that holds data.

use super::fixture::{client, scratch};

#[tokio::test]
async fn many_processes_may_migrate_at_once() {
    let target = scratch().await;
    let all = (0..4).map(|_| quartermaster_migrations::migrate(&target, None));
    for done in futures::future::join_all(all).await {
        done.expect("migrate");
    }
    let (known, applied) = quartermaster_migrations::state(&target).await.expect("state");
    assert_eq!(known, applied);
    quartermaster_migrations::migrate(&target, None)
        .await
        .expect("again changes nothing");
}

#[tokio::test]
async fn an_older_database_with_data_is_brought_up_and_keeps_it() {
    let target = scratch().await;
    quartermaster_migrations::migrate(&target, Some(2))
        .await
        .expect("the first two steps");
    let owner = client(&target).await;
    let shop = super::fixture::shop(&owner, &super::fixture::strict()).await;
    quartermaster_migrations::migrate(&target, None)
        .await
        .expect("the rest");
    let items: i64 = owner
        .query_one("SELECT count(*) FROM qm.item WHERE tenant_id = $1", &[&shop.tenant.0])
        .await
        .expect("count")
        .get(0);
    assert_eq!(items, 10);
    let secured: i64 = owner
        .query_one(
            "SELECT count(*) FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace AND n.nspname = 'qm' WHERE c.relkind = 'r' AND NOT c.relrowsecurity",
            &[],
        )
        .await
        .expect("secured")
        .get(0);
    assert_eq!(secured, 0);
}
