//! While a tenant is suspended nothing of it changes, whichever way somebody comes.

use super::elsewhere::all_of;
use crate::api::socket::Socket;
use crate::duties::Company;
use crate::operators::land::{at_partner, partner_person};
use crate::world::{Bearer, Person};
use futures::{StreamExt, stream};
use reqwest::Method;
use serde_json::json;

const SUSPEND: &str =
    "mutation($id: ID!) { tenantSuspend(input: { id: $id, reason: \"It moves\" }) { userErrors { code message } } }";
const RESUME: &str =
    "mutation($id: ID!) { tenantResume(input: { id: $id, reason: \"It stays\" }) { userErrors { code message } } }";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_suspended_tenant_is_changed_by_nobody_on_no_way() {
    let company = Company::open().await;
    let (world, shop) = (&company.world, &company.shop);
    let (buyer, steward) = (
        company.person(&["buyer"]).await,
        company.person(&["category_manager"]).await,
    );
    let (_, subject) = partner_person(world, shop, "partner_admin").await;
    let partner = at_partner(world, shop, &subject).await;
    let machine = a_machine(&company).await;
    let mut socket = Socket::admitted(world, buyer.token()).await;
    let upload = half_a_file(&steward).await;

    let id = shop.tenant.to_string();
    partner.done(SUSPEND, json!({ "id": id })).await;
    assert_eq!(socket.closed().await, 4403);
    let failed = upload.await;
    assert!(!failed.is_success(), "{failed}");
    settled(&company).await;
    let before = all_of(&world.owner, shop.tenant).await;

    let order = json!({ "input": company.order(true) });
    let create = crate::world::command::command("purchaseOrderCreate", "");
    for who in [&*buyer, &machine] {
        let (status, answer) = who.send(&create, order.clone(), Some("once")).await;
        assert_eq!(
            (status, &answer["errors"][0]["extensions"]["code"]),
            (403, &json!("FORBIDDEN")),
            "{answer}"
        );
    }
    let import = steward
        .rest(Method::POST, "/v1/imports/items")
        .header("content-type", "text/csv");
    assert_eq!(
        import
            .body("sku,name,base_unit\nA,A,EA\n")
            .send()
            .await
            .unwrap()
            .status(),
        403
    );
    assert_eq!(
        steward
            .rest(Method::GET, "/v1/exports/items")
            .send()
            .await
            .unwrap()
            .status(),
        403
    );
    let mut late = Socket::open(world).await;
    let hello =
        json!({ "type": "connection_init", "payload": { "authorization": format!("Bearer {}", buyer.token()) } });
    late.say(hello).await;
    assert_eq!(late.closed().await, 4403);
    assert_eq!(all_of(&world.owner, shop.tenant).await, before);

    partner.done(RESUME, json!({ "id": id })).await;
    let (status, done) = buyer.send(&create, order, Some("once")).await;
    assert_eq!(
        (status, &done["data"]["purchaseOrderCreate"]["userErrors"]),
        (200, &json!([])),
        "{done}"
    );
}

/// A machine with a key, which may create orders.
async fn a_machine(company: &Company) -> Bearer {
    let (security, admin) = (
        company.person(&["security_admin"]).await,
        company.person(&["tenant_admin"]).await,
    );
    let owner = company.person(&["approver_l2"]).await;
    let till = json!({ "name": "Till", "kind": "INTEGRATION", "role": "integration_client", "ownerId": Company::member(&owner) });
    let key = security.does("apiKeyPropose", "apiKey { id }", till).await["apiKey"]["id"].clone();
    let made = admin.does("apiKeyApprove", "secret", json!({ "id": key })).await;
    owner.with_credential(made["secret"].as_str().expect("a secret").to_owned())
}

/// An upload of which a thousand lines and more have been read, and the rest waits for the tenant to be suspended.
async fn half_a_file(by: &Person) -> impl Future<Output = reqwest::StatusCode> {
    let lines = |from: usize| {
        (from..from + 1_500)
            .map(|n| format!("M-{n},Item {n},EA\n"))
            .collect::<String>()
    };
    let (first, rest) = (format!("sku,name,base_unit\n{}", lines(0)), lines(1_500));
    let (go_on, told) = tokio::sync::oneshot::channel::<()>();
    let tail = async move {
        let _ = told.await;
        Ok::<_, std::io::Error>(rest)
    };
    let body = reqwest::Body::wrap_stream(stream::iter([Ok(first)]).chain(stream::once(tail)));
    let request = by
        .rest(Method::POST, "/v1/imports/items")
        .header("content-type", "text/csv")
        .body(body);
    let sent = tokio::spawn(request.send());
    let jobs = "query { importJobs { nodes { lines } } }";
    while by.sees(jobs).await["nodes"][0]["lines"].as_i64() < Some(1_000) {
        assert!(!sent.is_finished(), "the upload ended by itself");
    }
    async move {
        go_on.send(()).expect("the upload waits");
        sent.await.expect("a task").expect("an answer").status()
    }
}

/// Waits until what the upload had proposed is taken back: the system's own act, which may come after the suspension.
async fn settled(company: &Company) {
    let open = "SELECT count(*) FROM qm.import_job WHERE tenant_id = $1 AND state = 'READING'";
    let count = async || {
        let row = company.world.owner.query_one(open, &[&company.shop.tenant.0]).await;
        row.expect("imports").get::<_, i64>(0)
    };
    while count().await > 0 {
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
}
