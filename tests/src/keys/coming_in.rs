//! Who a key lets in, for how long, and that all keys which open nothing look the same.

use super::office::{KEY, REVOKE, VIEWER, mem, office};
use crate::database::fixture::strict;
use quartermaster_tenants::id::TenantId;
use quartermaster_tenants::identity::api_key::ApiKey;
use serde_json::json;
use uuid::Uuid;

#[tokio::test]
async fn keys_that_open_nothing_all_look_the_same() {
    let o = office().await;
    let other = o.world.shop(&strict()).await;
    let (id, secret) = o.key_of(o.new_key(&o.owner)).await;
    let (revoked, gone) = o.key_of(o.new_key(&o.owner)).await;
    o.sec.done(REVOKE, json!({ "id": revoked })).await;
    let waiting: Uuid = quartermaster_tenants::id::decode(o.proposed().await.as_str().unwrap())
        .unwrap()
        .1;
    let known = quartermaster_tenants::id::decode(id.as_str().unwrap()).unwrap().1;
    let made = |tenant: TenantId, id| ApiKey::generate(tenant.0, id).unwrap().0;
    // The right secret behind another tenant, and behind another key.
    let part: Vec<String> = secret.split('_').map(str::to_owned).collect();
    let of = |text: String| text.split('_').map(str::to_owned).collect::<Vec<_>>();
    let elsewhere = of(made(other.tenant, known));
    let swapped = [
        format!("qm_{}_{}_{}", elsewhere[1], part[2], part[3]),
        format!("qm_{}_{}_{}", part[1], of(gone.clone())[2], part[3]),
    ];
    let wrong = [
        made(o.shop.tenant, known),
        made(o.shop.tenant, Uuid::now_v7()),
        made(other.tenant, known),
        made(TenantId::fresh(), Uuid::now_v7()),
        made(o.shop.tenant, waiting),
        gone,
        "qm_".to_owned(),
        "qm_not_a_key".to_owned(),
        secret.to_uppercase(),
    ];
    let mut told = Vec::new();
    for credential in wrong.iter().chain(&swapped) {
        told.push(o.told(credential).await);
    }
    told.dedup();
    assert_eq!(told.len(), 1, "{told:#?}");
    assert_eq!((told[0].0, told[0].1.as_str()), (401, "UNAUTHENTICATED"));
    assert!(told[0].3.starts_with("Bearer"));
    assert_eq!(o.told(&secret).await.0, 200);
}

#[tokio::test]
async fn a_revoked_key_stops_at_once_and_its_machine_with_it() {
    let o = office().await;
    let (id, machine) = o.machine().await;
    machine.run(VIEWER, json!({})).await;
    let revoked = o.sec.done(REVOKE, json!({ "id": id })).await["apiKey"].clone();
    assert_eq!(
        (&revoked["status"], &revoked["machine"]["status"]),
        (&json!("REVOKED"), &json!("INACTIVE"))
    );
    assert_eq!(machine.send(VIEWER, json!({}), None).await.0, 401);
    assert_eq!(o.sec.refused(REVOKE, json!({ "id": id })).await["state"], "REVOKED");
}

#[tokio::test]
async fn a_key_stops_with_the_person_who_answers_for_it() {
    let o = office().await;
    let (_, machine) = o.machine().await;
    let stop = "mutation($id: ID!) { memberDeactivate(input: { id: $id, reason: \"left\" }) { userErrors { code } } }";
    let resume = "mutation($id: ID!) { memberReactivate(input: { id: $id }) { userErrors { code } } }";
    let id = json!({ "id": mem(&o.owner) });
    machine.run(VIEWER, json!({})).await;
    o.sec.done(stop, id.clone()).await;
    let (status, answer) = machine.send(VIEWER, json!({}), None).await;
    assert_eq!(
        (status, &answer["errors"][0]["extensions"]["code"]),
        (403, &json!("FORBIDDEN"))
    );
    o.sec.done(resume, id).await;
    machine.run(VIEWER, json!({})).await;
}

#[tokio::test]
async fn a_key_ends_by_its_last_day_and_by_the_stop_of_its_account_and_of_its_tenant() {
    let o = office().await;
    let mut new = o.new_key(&o.owner);
    new["input"]["validUntil"] = json!("2199-01-01T00:00:00Z");
    let (id, secret) = o.key_of(new).await;
    let machine = o.owner.with_credential(secret);
    let tenant = o.shop.tenant.0;
    let owner = &o.world.owner;
    let set = async |sql: &str| {
        owner.execute(sql, &[&tenant]).await.unwrap();
        let (status, answer) = machine.send(VIEWER, json!({}), None).await;
        (
            status,
            answer["errors"][0]["extensions"]["code"]
                .as_str()
                .unwrap_or_default()
                .to_owned(),
        )
    };
    let forbidden = (403, "FORBIDDEN".to_owned());
    let suspend = "UPDATE qm.tenant_setting SET status = 'SUSPENDED' WHERE tenant_id = $1";
    assert_eq!(set(suspend).await, forbidden);
    let resume = "UPDATE qm.tenant_setting SET status = 'ACTIVE' WHERE tenant_id = $1";
    assert_eq!(set(resume).await.0, 200);
    let stop = "UPDATE qm.account SET status = 'INACTIVE' WHERE tenant_id = $1 AND kind = 'INTEGRATION'";
    assert_eq!(set(stop).await, forbidden);
    let again = "UPDATE qm.account SET status = 'ACTIVE' WHERE tenant_id = $1 AND kind = 'INTEGRATION'";
    assert_eq!(set(again).await.0, 200);
    let over = "UPDATE qm.api_key SET expires_at = statement_timestamp() WHERE tenant_id = $1";
    assert_eq!(set(over).await, (401, "UNAUTHENTICATED".to_owned()));
    let seen = o.sec.run(KEY, json!({ "id": id })).await;
    assert_eq!(seen["status"], "ENDED");
    assert_eq!(seen["viewerCan"]["revoke"]["refusal"]["code"], "INVALID_STATE");
    let refused = o.sec.refused(REVOKE, json!({ "id": id })).await;
    assert_eq!(
        (&refused["code"], &refused["state"]),
        (&json!("INVALID_STATE"), &json!("ENDED"))
    );
}

#[tokio::test]
async fn when_a_key_was_used_is_kept_to_the_minute() {
    let o = office().await;
    let (id, machine) = o.machine().await;
    let used = async || o.sec.run(KEY, json!({ "id": id })).await["lastUsedAt"].clone();
    assert!(used().await.is_null());
    machine.run(VIEWER, json!({})).await;
    let first = used().await;
    assert!(first.is_string());
    let age = "UPDATE qm.api_key SET last_used_at = last_used_at - interval '30 seconds' WHERE tenant_id = $1";
    o.world.owner.execute(age, &[&o.shop.tenant.0]).await.unwrap();
    let within = used().await;
    machine.run(VIEWER, json!({})).await;
    assert_eq!(used().await, within, "a second write within the minute");
    o.world.owner.execute(age, &[&o.shop.tenant.0]).await.unwrap();
    machine.run(VIEWER, json!({})).await;
    assert!(used().await.as_str() >= first.as_str());
}

#[tokio::test]
async fn a_machine_sees_its_own_tenant_and_there_its_own_locations() {
    let o = office().await;
    let other = o.world.shop(&strict()).await;
    let foreign = o.world.member(&other, &["buyer"]).await;
    let theirs = foreign
        .done(crate::world::CREATE, crate::world::order_input(&other, false))
        .await["purchaseOrder"]["id"]
        .clone();
    let own = o.world.member(&o.shop, &["buyer"]).await;
    own.done(crate::world::CREATE, crate::world::order_input(&o.shop, false))
        .await;
    let (_, machine) = o.machine().await;
    let orders = "{ purchaseOrders { totalCount } }";
    assert_eq!(machine.run(orders, json!({})).await["totalCount"], 1);
    let node = "query($id: ID!) { node(id: $id) { id } }";
    assert!(machine.run(node, json!({ "id": theirs })).await.is_null());

    // Limited to a place where nothing happened, it sees nothing of the other.
    let place: Uuid = Uuid::now_v7();
    let sql = format!(
        "INSERT INTO qm.location (tenant_id, id, code, name, kind, status, time_zone, version, event_sequence, event_hash, created_at, updated_at) \
         VALUES ('{}', '{place}', 'L2', 'Other', 'STORE', 'ACTIVE', 'UTC', 1, 0, '', statement_timestamp(), statement_timestamp())",
        o.shop.tenant.0
    );
    o.world.owner.batch_execute(&sql).await.unwrap();
    let mut limited = o.new_key(&o.owner);
    limited["input"]["locationIds"] = json!([quartermaster_tenants::id::encode("loc", place)]);
    let (_, secret) = o.key_of(limited).await;
    let limited = o.owner.with_credential(secret);
    assert_eq!(limited.run(orders, json!({})).await["totalCount"], 0);
}
