//! An import that is killed leaves nothing, and an export of a suspended tenant misses nothing.

use super::elsewhere::{Elsewhere, exported, nothing_of, try_export};
use crate::database::fixture::{client, strict, url};
use crate::world::{CREATE, World, order_input};
use quartermaster_tenants::act::lock::policy_key;
use std::process::Stdio;
use tokio_postgres::Client;

/// Waits until a command of the console waits for a lock that somebody else has.
async fn waits(owner: &Client) {
    let sql = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'quartermaster console' AND wait_event_type = 'Lock'";
    while owner.query_one(sql, &[]).await.unwrap().get::<_, i64>(0) == 0 {
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_import_that_is_killed_in_its_middle_leaves_nothing_and_can_be_done_again() {
    let world = World::start().await;
    let shop = world.shop(&strict()).await;
    world
        .member(&shop, &["buyer"])
        .await
        .done(CREATE, order_input(&shop, true))
        .await;
    let folder = tempfile::tempdir().unwrap();
    let archive = exported(shop.tenant, folder.path()).await;
    let there = Elsewhere::of(&world).await;
    // Somebody else keeps it from the orders' lines, which come after much else.
    let mut other = client(&there.owner_url).await;
    let held = other.transaction().await.unwrap();
    held.batch_execute("LOCK TABLE qm.purchase_order_line IN ACCESS EXCLUSIVE MODE")
        .await
        .unwrap();
    let mut import = there
        .importing(&archive)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    waits(&there.owner).await;
    import.kill().unwrap();
    import.wait().unwrap();
    held.rollback().await.unwrap();
    let gone = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'quartermaster console'";
    while there.owner.query_one(gone, &[]).await.unwrap().get::<_, i64>(0) > 0 {
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    assert!(nothing_of(&there.owner, shop.tenant).await);
    there.import(&archive).await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_export_of_a_suspended_tenant_waits_for_the_acts_that_were_under_way() {
    let world = World::start().await;
    let shop = world.shop(&strict()).await;
    let status = "UPDATE qm.tenant SET status = 'SUSPENDED' WHERE id = $1";
    world.owner.execute(status, &[&shop.tenant.0]).await.unwrap();
    // An act holds the tenant's policy lock, shared, until it is committed.
    let mut acting = client(&url("DATABASE_OWNER_URL")).await;
    let act = acting.transaction().await.unwrap();
    act.query("SELECT pg_advisory_xact_lock_shared($1)", &[&policy_key(shop.tenant)])
        .await
        .unwrap();
    let renamed = "UPDATE qm.supplier SET legal_name = 'Written while it was exported' WHERE tenant_id = $1";
    act.execute(renamed, &[&shop.tenant.0]).await.unwrap();
    let folder = tempfile::tempdir().unwrap();
    let into = folder.path().to_owned();
    let export = tokio::spawn(async move { try_export(&url("DATABASE_OWNER_URL"), shop.tenant, &into, false).await });
    let waiting = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted AND ((classid::bigint << 32) | objid::bigint) = $1";
    while world
        .owner
        .query_one(waiting, &[&policy_key(shop.tenant)])
        .await
        .unwrap()
        .get::<_, i64>(0)
        == 0
    {
        assert!(!export.is_finished(), "the export did not wait");
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    act.commit().await.unwrap();
    let file = export.await.unwrap().unwrap();
    let there = Elsewhere::of(&world).await;
    there.import(&file).await.unwrap();
    let name = "SELECT s.legal_name, t.status FROM qm.supplier s JOIN qm.tenant t ON t.id = s.tenant_id";
    let row = there.owner.query_one(name, &[]).await.unwrap();
    assert_eq!((row.get(0), row.get(1)), ("Written while it was exported", "SUSPENDED"));
}
