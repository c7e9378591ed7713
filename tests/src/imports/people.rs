//! Who may import what, and who sees it.

use super::{Desk, ITEMS, LOCATIONS, PRICES, SUPPLIERS, approve, counts, imported, shown, told, upload};
use quartermaster_tenants::id::encode;
use reqwest::Method;
use serde_json::{Value, json};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_import_needs_the_duty_of_its_kind_also_for_a_dry_run() {
    let desk = Desk::open().await;
    let buyer = desk.world.member(&desk.shop, &["buyer"]).await;
    for (who, kind, file) in [
        (&desk.admin, "items", ITEMS),
        (&desk.admin, "suppliers", SUPPLIERS),
        (&desk.approver, "prices", PRICES),
        (&desk.steward, "locations", LOCATIONS),
        (&buyer, "prices?dryRun=true", PRICES),
        (&buyer, "locations?dryRun=true", LOCATIONS),
    ] {
        let (status, answer) = upload(who, kind, file).await;
        assert_eq!(status, 403, "{kind} {answer}");
        assert_eq!(answer["errors"][0]["extensions"]["code"], "FORBIDDEN", "{kind}");
        assert_eq!(answer["import"], Value::Null, "{kind}");
    }
    // A buyer may propose items.
    assert_eq!(counts(&imported(&buyer, "items", ITEMS).await), [2, 0, 0, 0]);
    let nobody = desk
        .world
        .http
        .post(desk.world.url().replace("/graphql", "/v1/imports/items"));
    let answer = nobody
        .header("content-type", "text/csv")
        .body(ITEMS)
        .send()
        .await
        .unwrap();
    assert_eq!(answer.status(), 401);
    assert!(answer.headers().contains_key("www-authenticate"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn another_tenant_sees_nothing_of_an_import() {
    let desk = Desk::open().await;
    let elsewhere = desk.world.shop(&crate::database::fixture::strict()).await;
    let stranger = desk.world.member(&elsewhere, &["category_manager"]).await;
    let import = imported(&desk.steward, "items", format!("{ITEMS}A-9,,,,EA,,,,,,,,,\n")).await;
    let id = import["id"].as_str().unwrap();
    assert_eq!(shown(&stranger, &import).await, Value::Null);
    let jobs = stranger
        .run("query { importJobs { totalCount nodes { id } } }", json!({}))
        .await;
    assert_eq!(jobs, json!({ "totalCount": 0, "nodes": [] }));
    let known = stranger
        .rest(Method::GET, &format!("/v1/imports/{id}/refused.csv"))
        .send()
        .await
        .unwrap();
    let unknown = format!("/v1/imports/{}/refused.csv", encode("imp", uuid::Uuid::now_v7()));
    let unknown = stranger.rest(Method::GET, &unknown).send().await.unwrap();
    assert_eq!((known.status().as_u16(), unknown.status().as_u16()), (404, 404));
    assert_eq!(known.text().await.unwrap(), unknown.text().await.unwrap());
    // The same codes there are records of their own.
    assert_eq!(counts(&imported(&stranger, "items", ITEMS).await), [2, 0, 0, 0]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_import_is_a_node_with_its_change_and_in_lists_by_state() {
    let desk = Desk::open().await;
    let items = imported(
        &desk.steward,
        "items?name=spring.csv",
        format!("{ITEMS}A-9,,,,EA,,,,,,,,,\n"),
    )
    .await;
    let locations = imported(&desk.admin, "locations", LOCATIONS).await;
    let node = "query($id: ID!) { node(id: $id) { id ... on ImportJob { kind name state importerId refused refusals(first: 1) { totalCount nodes { lineNumber field code line } } } } }";
    let node = desk.approver.run(node, json!({ "id": items["id"] })).await;
    assert_eq!(
        node,
        json!({ "id": items["id"], "kind": "ITEMS", "name": "spring.csv", "state": "PROPOSED", "importerId": encode("mem", desk.steward.op.account), "refused": 1,
            "refusals": { "totalCount": 1, "nodes": [{ "lineNumber": 4, "field": "name", "code": "REQUIRED", "line": "A-9,,,,EA,,,,,,,,," }] } })
    );
    let list = "query($filter: ImportJobFilter!) { importJobs(filter: $filter) { nodes { id refusals { totalCount } change { __typename } } } }";
    let waiting = json!({ "filter": { "states": ["PROPOSED"] } });
    let found = desk.steward.run(list, waiting.clone()).await;
    assert_eq!(
        found["nodes"],
        json!([{ "id": items["id"], "refusals": { "totalCount": 1 }, "change": { "__typename": "ItemChange" } }])
    );
    approve(&desk.approver, &items).await;
    assert_eq!(desk.steward.run(list, waiting).await["nodes"], json!([]));
    let applied = desk
        .steward
        .run(list, json!({ "filter": { "states": ["APPLIED"] } }))
        .await;
    let ids: Vec<&Value> = applied["nodes"].as_array().unwrap().iter().map(|n| &n["id"]).collect();
    assert_eq!(ids, [&locations["id"], &items["id"]]);
    let auditor = desk.world.member(&desk.shop, &["auditor"]).await;
    let events = auditor
        .run(
            "query($ids: [ID!]) { events(filter: { documentIds: $ids }) { nodes { type documentKind } } }",
            json!({ "ids": [items["id"]] }),
        )
        .await;
    let types: std::collections::BTreeSet<&str> = events["nodes"]
        .as_array()
        .unwrap()
        .iter()
        .map(|e| e["type"].as_str().unwrap())
        .collect();
    assert_eq!(types, ["import-proposed", "import-started"].into());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn lines_that_a_rule_of_duties_forbids_are_refused_alone() {
    let desk = Desk::open().await;
    approve(&desk.approver, &imported(&desk.steward, "suppliers", SUPPLIERS).await).await;
    // Whoever approved orders to a supplier does not change it: both halves of the file but that line go in.
    let person = desk.steward.op.person.unwrap();
    let sql = format!(
        "INSERT INTO qm.authz_hand (tenant_id, document_id, sequence, act_id, duty, round, person_id, via, account_id, policy_version, at, supplier_id) \
         VALUES ('{}', '{}', 1, '{}', 'PO.APPROVE', 1, '{person}', 'actor', '{}', 1, statement_timestamp(), '{}')",
        desk.shop.tenant.0,
        uuid::Uuid::now_v7(),
        uuid::Uuid::now_v7(),
        desk.steward.op.account,
        desk.shop.supplier,
    );
    desk.world.owner.batch_execute(&sql).await.unwrap();
    let file = "code,legal_name,currency\nACME,Acme Holding,USD\nS1,Mine,USD\nBOLT,Bolt Holding,EUR\nNEW,New,USD\n";
    let import = imported(&desk.steward, "suppliers", file).await;
    assert_eq!(counts(&import), [1, 2, 0, 1], "{import:#}");
    assert_eq!(told(&import), [(3, String::new(), "SEGREGATION_OF_DUTIES".to_owned())]);
}

/// H-25: what a job writes is in the hands of the machine that sent it and of the person who answers for it.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_a_machine_imports_is_in_the_hand_of_who_answers_for_it() {
    let desk = Desk::open().await;
    let security = desk.world.member(&desk.shop, &["security_admin"]).await;
    let owner = desk.world.member(&desk.shop, &["pricing_manager"]).await;
    let member = encode("mem", owner.op.account);
    let key =
        json!({ "name": "Catalogue feed", "kind": "INTEGRATION", "role": "integration_client", "ownerId": member });
    let key = security.does("apiKeyPropose", "apiKey { id }", key).await["apiKey"]["id"].clone();
    let secret = desk.admin.does("apiKeyApprove", "secret", json!({ "id": key })).await["secret"].clone();
    let feed = owner.with_credential(secret.as_str().unwrap().to_owned());
    for (kind, file, rule) in [("items", ITEMS, "VND-09"), ("prices", PRICES, "P2P-27")] {
        let import = imported(&feed, kind, file).await;
        assert_eq!(import["state"], "PROPOSED", "{kind}");
        let refused = super::approval_refused(&owner, &import).await;
        assert_eq!(
            (&refused["code"], &refused["rule"]),
            (&json!("SEGREGATION_OF_DUTIES"), &json!(rule))
        );
        approve(&desk.approver, &import).await;
    }
    let hands = "SELECT array_agg(DISTINCT h.via ORDER BY h.via), array_agg(DISTINCT h.person_id) FROM qm.authz_hand h WHERE h.tenant_id = $1 AND h.duty IN ('ITEM.PROPOSE', 'PRICE.PROPOSE')";
    let row = desk.world.owner.query_one(hands, &[&desk.shop.tenant.0]).await.unwrap();
    assert_eq!(row.get::<_, Vec<String>>(0), ["sponsor"]);
    assert_eq!(row.get::<_, Vec<uuid::Uuid>>(1), [owner.op.person.unwrap()]);
    // Without somebody who answers for it, it writes nothing.
    security
        .does("memberDeactivate", "", json!({ "id": member, "reason": "Left" }))
        .await;
    let (status, _) = upload(&feed, "items", "sku,name,base_unit\nB-1,New,EA\n").await;
    assert_eq!(status, 403);
}
