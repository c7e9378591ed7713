//! The release's database, with data that the release wrote, under this version.

use super::{keep::digest_of, read, steps};
use crate::database::fixture::{beside, client, scratch, url};
use crate::world::{Bearer, World};
use quartermaster_api::config::Config;
use quartermaster_api::server::Running;
use quartermaster_domain::shared::PurchaseOrderId;
use quartermaster_tenants::id::TenantId;
use serde_json::json;
use tokio_postgres::Client;
use uuid::Uuid;

/// The release's database, brought up, and a server of this version over it.
pub struct Upgraded {
    pub owner: Client,
    pub world: World,
    pub base: String,
    _server: Running,
}

pub async fn upgraded() -> Upgraded {
    let owner_url = scratch().await;
    let before = u32::try_from(steps().len()).expect("few");
    quartermaster_migrations::migrate(&owner_url, Some(before))
        .await
        .expect("the release's steps");
    let owner = client(&owner_url).await;
    owner
        .batch_execute(&read("data.sql"))
        .await
        .expect("the release's data");
    owner.batch_execute("RESET ALL").await.expect("what the dump set");
    quartermaster_migrations::migrate(&owner_url, None)
        .await
        .expect("the steps since");
    let world = World::start().await;
    let of = |role: &str| beside(&url(role), &owner_url);
    let there = |config: Config| Config {
        database_app_url: of("DATABASE_APP_URL"),
        database_owner_url: owner_url.clone(),
        database_relay_url: of("DATABASE_RELAY_URL"),
        ..config
    };
    let server = world.another_server_with(there).await;
    Upgraded {
        base: format!("http://{}", server.addr),
        owner,
        world,
        _server: server,
    }
}

impl Upgraded {
    /// Whoever has this role in the release's tenant and did nothing yet.
    pub async fn somebody(&self, role: &str) -> Bearer {
        let sql = "SELECT l.subject, a.tenant_id FROM qm.account a JOIN qm.role_assignment r ON r.tenant_id = a.tenant_id AND r.account_id = a.id AND r.state = 'APPROVED' \
            JOIN qm.login l ON l.person_id = a.person_id WHERE a.kind = 'HUMAN' AND a.status = 'ACTIVE' AND r.role = $1 \
            AND NOT EXISTS (SELECT 1 FROM qm.authz_hand h WHERE h.tenant_id = a.tenant_id AND h.person_id = a.person_id) ORDER BY a.id LIMIT 1";
        let row = self.owner.query_one(sql, &[&role]).await.expect(role);
        let (subject, tenant): (String, Uuid) = (row.get(0), row.get(1));
        self.world
            .log_in(&subject, &TenantId(tenant).to_string())
            .await
            .at(&self.base)
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_releases_database_is_brought_up_and_its_people_work_on() {
    let upgraded = upgraded().await;
    let auditor = upgraded.somebody("auditor").await;
    let chains = auditor.sees("{ auditIntegrity { eventCount broken } }").await;
    assert_eq!(chains["broken"], json!([]), "{chains}");
    let events = chains["eventCount"].as_i64().expect("events");
    assert!(events > 50, "{events} events");
    assert_eq!(auditor.sees("{ stockIntegrity { differing } }").await["differing"], 0);

    let waiting = "SELECT id FROM qm.purchase_order WHERE status = 'IN_APPROVAL' ORDER BY id LIMIT 1";
    let order: Uuid = upgraded.owner.query_one(waiting, &[]).await.expect("an order").get(0);
    let order = json!(PurchaseOrderId(order).to_string());
    let approver = upgraded.somebody("approver_l2").await;
    let approved = approver
        .does(
            "purchaseOrderApprove",
            "purchaseOrder { status }",
            json!({ "id": order }),
        )
        .await;
    assert_eq!(approved["purchaseOrder"]["status"], "RELEASED");
    let receiver = upgraded.somebody("receiver").await;
    let delivery = crate::duties::Company::delivery(&order);
    let received = receiver.does("receiptCreate", "receipt { status }", delivery).await;
    assert_eq!(received["receipt"]["status"], "ACCEPTED");
    let chains = auditor.sees("{ auditIntegrity { eventCount broken } }").await;
    assert_eq!(chains["broken"], json!([]), "{chains}");
    assert!(chains["eventCount"].as_i64() > Some(events));
    assert_eq!(auditor.sees("{ stockIntegrity { differing } }").await["differing"], 0);
}

#[test]
fn a_released_step_is_never_edited_nor_moved() {
    let released = steps();
    let known = quartermaster_migrations::steps();
    assert!(released.len() >= 20 && known.len() >= released.len());
    for ((name, digest), now) in released.iter().zip(known) {
        assert_eq!(name, now, "the release's steps come first, in its order");
        assert_eq!(*digest, digest_of(name), "{name} was changed: make a new step");
    }
}
