//! Connections go to tenants in turn.

use super::fixture::{database, member, shop, strict, url};
use quartermaster_tenants::Op;
use quartermaster_tenants::tx::{TenantTx, Tenants};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::task::JoinHandle;

/// A read of its tenant, which notes when it was its turn.
fn reads(db: &Tenants, op: &Op, name: &'static str, served: &Arc<Mutex<Vec<&'static str>>>) -> JoinHandle<()> {
    let (db, op, served) = (db.clone(), op.clone(), served.clone());
    tokio::spawn(async move {
        let mut tx = TenantTx::read(&db, &op).await.expect("a connection");
        served.lock().expect("the list").push(name);
        tx.clock().await.expect("the time");
    })
}

async fn until_waiting(db: &Tenants, many: usize) {
    while db.load().waiting < many {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

#[tokio::test]
async fn a_tenant_of_whom_a_hundred_wait_stands_in_nobodys_way() {
    let (_, owner) = database().await;
    let db = Tenants::new(&url("DATABASE_APP_URL"), 1).expect("pool");
    let (loud, quiet) = (shop(&owner, &strict()).await, shop(&owner, &strict()).await);
    let (many, one) = (
        member(&owner, loud.tenant, &[]).await,
        member(&owner, quiet.tenant, &[]).await,
    );
    let held = TenantTx::read(&db, &many).await.expect("the only connection");
    let served = Arc::default();
    let mut tasks: Vec<_> = (0..100).map(|_| reads(&db, &many, "loud", &served)).collect();
    until_waiting(&db, 100).await;
    tasks.push(reads(&db, &one, "quiet", &served));
    until_waiting(&db, 101).await;
    drop(held);
    for task in tasks {
        task.await.expect("served");
    }
    let served = served.lock().expect("the list");
    assert_eq!(served.len(), 101);
    let place = served.iter().position(|name| *name == "quiet");
    assert!(place.is_some_and(|place| place <= 2), "{place:?}");
}
