//! Faults of one tenant show in its figures and in no other's.

use crate::database::fixture::{client, strict, url};
use crate::imports;
use crate::world::World;
use futures::StreamExt;
use quartermaster_tenants::id::TenantId;
use serde_json::json;
use std::time::Duration;
use uuid::Uuid;

/// The figures of a server.
struct Figures(String);

impl Figures {
    async fn of(world: &World) -> Self {
        let url = format!("http://{}/metrics", world.server.addr);
        let answer = world.http.get(url).send().await.expect("figures");
        Self(answer.text().await.expect("text"))
    }

    /// A tenant's figure, with these labels behind its name; 0 when there is none.
    fn of_tenant(&self, name: &str, tenant: TenantId, more: &str) -> u64 {
        let sample = format!("quartermaster_tenant_{name}{{tenant=\"{tenant}\"{more}}} ");
        let line = self.0.lines().find_map(|line| line.strip_prefix(&sample));
        line.map_or(0, |value| value.parse().expect("a number"))
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn an_induced_fault_moves_the_right_figure_of_the_right_tenant() {
    let world = World::start().await;
    let (ill, well) = (world.shop(&strict()).await, world.shop(&strict()).await);
    let (admin, steward) = (
        world.member(&ill, &["tenant_admin"]).await,
        world.member(&ill, &["category_manager"]).await,
    );
    let other = world.member(&well, &["tenant_admin"]).await;
    for who in [&admin, &other] {
        who.run("{ viewer { memberId } }", json!({})).await;
    }
    let before = Figures::of(&world).await;
    assert_eq!(before.of_tenant("requests_total", ill.tenant, ""), 1);

    // An error.
    admin.ask("{ node(id: \"nonsense\") { id } }", json!({})).await;
    // Somebody else makes the same location at the same moment, and waits for more than a second before it is certain.
    let rival = client(&url("DATABASE_OWNER_URL")).await;
    let insert = format!(
        "BEGIN; INSERT INTO qm.location (tenant_id, id, code, name, kind, status, time_zone, version, event_sequence, event_hash, created_at, updated_at) \
         VALUES ('{}', '{}', 'CORNER', 'Corner', 'STORE', 'ACTIVE', 'UTC', 1, 0, '', statement_timestamp(), statement_timestamp())",
        ill.tenant.0,
        Uuid::now_v7()
    );
    rival.batch_execute(&insert).await.expect("a location");
    let input = json!({ "code": "CORNER", "name": "Corner", "kind": "STORE", "timeZone": "UTC" });
    let act = {
        let admin = admin.clone();
        tokio::spawn(async move { admin.cannot("locationCreate", input).await })
    };
    let pid: i32 = rival
        .query_one("SELECT pg_backend_pid()", &[])
        .await
        .expect("a pid")
        .get(0);
    let waits = "SELECT count(*) FROM pg_locks l WHERE NOT l.granted AND $1 = ANY(pg_blocking_pids(l.pid))";
    while world
        .owner
        .query_one(waits, &[&pid])
        .await
        .expect("locks")
        .get::<_, i64>(0)
        == 0
    {
        assert!(!act.is_finished(), "it did not wait");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    tokio::time::sleep(Duration::from_millis(1_100)).await;
    rival.batch_execute("COMMIT").await.expect("committed");
    assert_eq!(act.await.expect("an answer")["code"], "DUPLICATE");
    // A file that is refused; and one that comes slowly.
    let (status, _) = imports::upload(&steward, "items", "nonsense\n1\n").await;
    assert_ne!(status, 200);
    let (send, pieces) = tokio::sync::mpsc::channel::<Result<String, std::io::Error>>(1);
    send.send(Ok("sku,name,base_unit\n".to_owned())).await.expect("a piece");
    let pieces = futures::stream::unfold(pieces, |mut p| async move { p.recv().await.map(|piece| (piece, p)) });
    let slow = {
        let steward = steward.clone();
        let body = reqwest::Body::wrap_stream(pieces.boxed());
        tokio::spawn(async move { imports::imported(&steward, "items", body).await })
    };
    while Figures::of(&world).await.of_tenant("imports_running", ill.tenant, "") == 0 {
        assert!(!slow.is_finished(), "it ended before its file did");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    assert_eq!(
        Figures::of(&world).await.of_tenant("imports_running", well.tenant, ""),
        0
    );
    send.send(Ok("S-1,One,EA\n".to_owned())).await.expect("a piece");
    drop(send);
    slow.await.expect("an import");

    let after = Figures::of(&world).await;
    let moved = |tenant: TenantId, name: &str, more: &str| {
        after.of_tenant(name, tenant, more) - before.of_tenant(name, tenant, more)
    };
    for (name, more, by) in [
        ("requests_total", "", 2),
        ("errors_total", ",code=\"BAD_USER_INPUT\"", 1),
        ("retries_total", "", 1),
        ("imports_total", ",outcome=\"refused\"", 1),
        ("imports_total", ",outcome=\"done\"", 1),
        ("request_duration_seconds_count", "", 2),
        // One of the two took longer than a second.
        ("request_duration_seconds_bucket", ",le=\"1\"", 1),
    ] {
        assert_eq!(moved(ill.tenant, name, more), by, "{name}{more}\n{}", after.0);
        assert_eq!(
            moved(well.tenant, name, more),
            0,
            "{name}{more} of the tenant that is well"
        );
    }
    assert_eq!(after.of_tenant("imports_running", ill.tenant, ""), 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn tenants_beyond_those_that_are_kept_apart_are_one() {
    let world = World::start().await;
    let most = quartermaster_api::config::Config::default().tenants_in_metrics;
    for _ in 0..=most {
        let shop = world.shop(&strict()).await;
        let member = world.member(&shop, &["buyer"]).await;
        member.run("{ viewer { memberId } }", json!({})).await;
    }
    let figures = Figures::of(&world).await.0;
    let own = figures
        .lines()
        .filter(|line| line.starts_with("quartermaster_tenant_requests_total{tenant=\"ten_"));
    assert_eq!(own.count(), most);
    assert!(
        figures.contains("quartermaster_tenant_requests_total{tenant=\"other\"} 1"),
        "{figures}"
    );
}
