use crate::database::fixture::strict;
use crate::world::{APPROVE, CREATE, World, order_input};
use quartermaster_tenants::settings::Settings;
use serde_json::json;

#[tokio::test]
async fn a_buyer_cannot_approve_what_he_submitted_and_learns_who_can() {
    let world = World::start().await;
    let shop = world.shop(&strict()).await;
    // One person with both roles: the roles are compatible, the two acts on one order are not.
    let both = world.member(&shop, &["buyer", "approver_l2"]).await;
    let other = world.member(&shop, &["approver_l2"]).await;
    let order = both.done(CREATE, order_input(&shop, true)).await["purchaseOrder"].clone();
    assert_eq!(order["status"], "IN_APPROVAL");

    let refused = both.refused(APPROVE, json!({ "id": order["id"] })).await;
    assert_eq!(
        (
            refused["code"].as_str(),
            refused["rule"].as_str(),
            refused["tier"].as_str()
        ),
        (Some("SEGREGATION_OF_DUTIES"), Some("P2P-02"), Some("MANDATORY"))
    );
    assert_eq!(refused["conflictsWith"]["personDisplay"], "you");
    let eligible: Vec<_> = refused["eligibleActors"]
        .as_array()
        .unwrap()
        .iter()
        .map(|a| a["accountId"].clone())
        .collect();
    assert_eq!(
        eligible,
        [json!(quartermaster_tenants::id::encode("mem", other.op.account))]
    );

    let approved = other.done(APPROVE, json!({ "id": order["id"] })).await;
    assert_eq!(
        approved["purchaseOrder"]["status"], "RELEASED",
        "the published rule releases at once"
    );
}

#[tokio::test]
async fn what_viewer_can_says_is_what_the_mutation_answers() {
    let world = World::start().await;
    let shop = world
        .shop(&Settings {
            release_on_approval: false,
            ..strict()
        })
        .await;
    let buyer = world.member(&shop, &["buyer", "approver_l2"]).await;
    let approver = world.member(&shop, &["approver_l2"]).await;
    let stranger_to_it = world.member(&shop, &["receiver"]).await;
    let order = buyer.done(CREATE, order_input(&shop, true)).await["purchaseOrder"]["id"].clone();
    let can = "query($id: ID!) { purchaseOrder(id: $id) { viewerCan { approve { allowed refusal { code rule } } release { allowed refusal { code } } } } }";
    let of = |answer: serde_json::Value| answer["viewerCan"].clone();
    let mine = of(buyer.run(can, json!({ "id": order })).await);
    assert_eq!(
        mine["approve"],
        json!({ "allowed": false, "refusal": { "code": "SEGREGATION_OF_DUTIES", "rule": "P2P-02" } })
    );
    assert_eq!(
        mine["release"],
        json!({ "allowed": false, "refusal": { "code": "INVALID_STATE" } })
    );
    assert_eq!(
        of(approver.run(can, json!({ "id": order })).await)["approve"]["allowed"],
        true
    );
    let theirs = of(stranger_to_it.run(can, json!({ "id": order })).await);
    assert_eq!(
        theirs["approve"],
        json!({ "allowed": false, "refusal": { "code": "FORBIDDEN", "rule": null } })
    );
    assert_eq!(
        stranger_to_it.refused(APPROVE, json!({ "id": order })).await["code"],
        "FORBIDDEN"
    );
}

#[tokio::test]
async fn the_top_level_needs_two_persons_and_level_zero_needs_nobody() {
    let world = World::start().await;
    let limits = [0, 1, 2, 3].map(rust_decimal::Decimal::from);
    let shop = world
        .shop(&Settings {
            approval_limits: limits,
            ..strict()
        })
        .await;
    let buyer = world.member(&shop, &["buyer"]).await;
    let first = world.member(&shop, &["approver_l4"]).await;
    let second = world.member(&shop, &["approver_l4"]).await;
    let order = buyer.done(CREATE, order_input(&shop, true)).await["purchaseOrder"]["id"].clone();
    let step = first.done(APPROVE, json!({ "id": order })).await;
    assert_eq!(step["purchaseOrder"]["status"], "IN_APPROVAL");
    assert_eq!(first.refused(APPROVE, json!({ "id": order })).await["rule"], "DUAL-01");
    assert_eq!(
        second.done(APPROVE, json!({ "id": order })).await["purchaseOrder"]["status"],
        "RELEASED"
    );

    let easy = world.shop(&Settings::default()).await;
    let clerk = world.member(&easy, &["buyer"]).await;
    let free = clerk.done(CREATE, order_input(&easy, true)).await["purchaseOrder"].clone();
    assert_eq!(free["status"], "APPROVED", "250 is under the lowest limit of 500");
}

#[tokio::test]
async fn returning_begins_a_new_round_and_an_editor_is_a_maker() {
    let world = World::start().await;
    let shop = world.shop(&strict()).await;
    let buyer = world.member(&shop, &["buyer"]).await;
    let editor = world.member(&shop, &["buyer", "approver_l2"]).await;
    let approver = world.member(&shop, &["approver_l2"]).await;
    let order = buyer.done(CREATE, order_input(&shop, true)).await["purchaseOrder"]["id"].clone();
    let back = "mutation($id: ID!) { purchaseOrderReturn(input: { id: $id, reason: \"Too much\" }) { purchaseOrder { status round reason } userErrors { code message } } }";
    let returned = approver.done(back, json!({ "id": order })).await["purchaseOrder"].clone();
    assert_eq!(
        (&returned["status"], &returned["round"], &returned["reason"]),
        (&json!("DRAFT"), &json!(2), &json!("Too much"))
    );
    let update = "mutation($input: PurchaseOrderUpdateInput!) { purchaseOrderUpdate(input: $input) { purchaseOrder { version } userErrors { code message field } } }";
    let mut input = order_input(&shop, false);
    input["input"] = json!({ "id": order, "order": input["input"]["order"] });
    editor.done(update, input).await;
    let submit = "mutation($id: ID!) { purchaseOrderSubmit(input: { id: $id }) { purchaseOrder { status } userErrors { code message } } }";
    buyer.done(submit, json!({ "id": order })).await;
    assert_eq!(editor.refused(APPROVE, json!({ "id": order })).await["rule"], "P2P-02");
    approver.done(APPROVE, json!({ "id": order })).await;
}

#[tokio::test]
async fn every_bad_line_is_told_with_its_path_and_nothing_is_kept() {
    let world = World::start().await;
    let shop = world.shop(&strict()).await;
    let buyer = world.member(&shop, &["buyer"]).await;
    let mut input = order_input(&shop, true);
    input["input"]["order"]["lines"][0]["quantity"] = json!("0");
    input["input"]["order"]["lines"][1]["unitCode"] = json!("XPX");
    input["input"]["order"]["lines"][2]["unitPrice"] = json!("1.23456");
    input["input"]["order"]["lines"][3]["lineNumber"] = json!(1);
    input["input"]["order"]["lines"][4]["itemId"] =
        json!(quartermaster_tenants::id::encode("itm", uuid::Uuid::now_v7()));
    input["input"]["order"]["currencyCode"] = json!("XTS");
    let payload = buyer.run(CREATE, input).await;
    let fields: Vec<String> = payload["userErrors"]
        .as_array()
        .unwrap()
        .iter()
        .map(|e| {
            e["field"]
                .as_array()
                .unwrap()
                .iter()
                .map(|f| f.as_str().unwrap())
                .collect::<Vec<_>>()
                .join(".")
        })
        .collect();
    for wanted in [
        "currencyCode",
        "lines.0.quantity",
        "lines.1.unitCode",
        "lines.2.unitPrice",
        "lines.3.lineNumber",
        "lines.4.itemId",
    ] {
        assert!(fields.iter().any(|f| f.ends_with(wanted)), "{wanted} in {fields:?}");
    }
    let count = buyer.run("{ purchaseOrders { totalCount } }", json!({})).await;
    assert_eq!(count["totalCount"], 0);
}

#[tokio::test]
async fn the_same_key_makes_one_order_and_another_request_with_it_is_refused() {
    let world = World::start().await;
    let shop = world.shop(&strict()).await;
    let buyer = world.member(&shop, &["buyer"]).await;
    let input = order_input(&shop, true);
    let all = (0..10).map(|_| buyer.send(CREATE, input.clone(), Some("one-and-the-same")));
    let answers = futures::future::join_all(all).await;
    let ids: std::collections::HashSet<String> = answers
        .iter()
        .map(|(_, a)| {
            a["data"]["purchaseOrderCreate"]["purchaseOrder"]["id"]
                .as_str()
                .unwrap_or_else(|| panic!("{a:#}"))
                .to_owned()
        })
        .collect();
    assert_eq!(ids.len(), 1);
    let (_, other) = buyer
        .send(CREATE, order_input(&shop, false), Some("one-and-the-same"))
        .await;
    assert_eq!(other["errors"][0]["extensions"]["code"], "IDEMPOTENCY_KEY_REUSED");
    assert_eq!(
        buyer.run("{ purchaseOrders { totalCount } }", json!({})).await["totalCount"],
        1
    );
}
