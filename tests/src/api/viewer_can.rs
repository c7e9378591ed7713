//! Asking before doing: every document that people decide about says for each of its commands what the mutation would answer.

use crate::database::fixture::strict;
use crate::world::{CREATE, World, order_input};
use quartermaster_tenants::id::encode;
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// Records that people keep rather than decide about: a change of theirs is a document of its own, or needs one person only.
const RECORDS: &[&str] = &[
    "Category",
    // An upload of somebody's own, which he may end; what people decide about is the change that it makes.
    "ImportJob",
    "Item",
    "Location",
    "Member",
    "PartnerMember",
    "Region",
    "Supplier",
    "PartnerTenant",
];

const TYPE: &str = "kind name ofType { kind name ofType { kind name } }";

fn base(of: &Value) -> &str {
    let mut t = of;
    while !t["ofType"].is_null() {
        t = &t["ofType"];
    }
    t["name"].as_str().unwrap_or_default()
}

#[tokio::test]
async fn every_document_with_commands_tells_what_its_viewer_can_do_one_field_for_each_command() {
    let world = World::start().await;
    let shop = world.shop(&strict()).await;
    let buyer = world.member(&shop, &["buyer"]).await;
    let query = format!(
        "{{ __schema {{ types {{ name fields {{ name args {{ name type {{ {TYPE} }} }} type {{ {TYPE} }} }} inputFields {{ name type {{ {TYPE} }} }} }} }} }}"
    );
    let answer = buyer.run(&query, json!({})).await;
    let types: BTreeMap<&str, &Value> = answer["types"]
        .as_array()
        .expect("types")
        .iter()
        .map(|t| (t["name"].as_str().expect("name"), t))
        .collect();
    let fields = |of: &str| -> Vec<&Value> {
        let all = types.get(of).and_then(|t| t["fields"].as_array());
        all.map(|f| f.iter().collect()).unwrap_or_default()
    };
    let (mut commands, mut missing) = (0, Vec::new());
    for mutation in fields("Mutation") {
        let name = mutation["name"].as_str().expect("name");
        let input = types[base(&mutation["args"][0]["type"])]["inputFields"]
            .as_array()
            .expect("input");
        // A command acts on one document that there is: its input has the document's id.
        if !input.iter().any(|f| f["name"] == "id" && base(&f["type"]) == "ID") {
            continue;
        }
        let payload = fields(base(&mutation["type"]));
        let document = payload
            .iter()
            .find(|f| f["name"] != "userErrors")
            .map(|f| base(&f["type"]))
            .expect("document");
        if RECORDS.contains(&document) {
            continue;
        }
        let mut stem: Vec<char> = document.trim_end_matches("Draft").chars().collect();
        stem[0] = stem[0].to_ascii_lowercase();
        let stem: String = stem.into_iter().collect();
        let mut command: Vec<char> = name
            .strip_prefix(&stem)
            // Credentials are no documents of their own: what is done to them is a command on the assignment.
            .or_else(|| name.strip_prefix("operator"))
            .unwrap_or_else(|| panic!("{name} of {document}"))
            .chars()
            .collect();
        command[0] = command[0].to_ascii_lowercase();
        let command: String = command.into_iter().collect();
        let can = fields(document).into_iter().find(|f| f["name"] == "viewerCan");
        let told = can.map(|f| fields(base(&f["type"]))).unwrap_or_default();
        if !told
            .iter()
            .any(|f| f["name"] == command.as_str() && base(&f["type"]) == "ActionPreview")
        {
            missing.push(format!("{document}.viewerCan.{command}"));
        }
        commands += 1;
    }
    assert_eq!(missing, [""; 0]);
    assert!(commands > 40, "only {commands} commands were found");
}

#[tokio::test]
async fn what_a_viewer_can_do_is_what_the_mutation_answers() {
    let world = World::start().await;
    let shop = world.shop(&strict()).await;
    let buyer = world.member(&shop, &["buyer"]).await;
    let people = [
        buyer.clone(),
        world.member(&shop, &["approver_l2"]).await,
        world.member(&shop, &["receiver"]).await,
        world.member(&shop, &["tenant_admin"]).await,
    ];
    let order = buyer.done(CREATE, order_input(&shop, true)).await["purchaseOrder"]["id"].clone();
    let other = world.member(&shop, &["approver_l2"]).await;
    other
        .done("mutation($id: ID!) { purchaseOrderApprove(input: { id: $id }) { purchaseOrder { id } userErrors { message } } }", json!({ "id": order }))
        .await;
    let change = "mutation($id: ID!) { changeOrderCreate(input: { purchaseOrderId: $id, reason: \"More\", lines: [{ lineNumber: 1, quantity: \"20\" }] }) { changeOrder { id } userErrors { code message } } }";
    let change = buyer.done(change, json!({ "id": order })).await["changeOrder"]["id"].clone();
    let proposer = world.member(&shop, &["security_admin"]).await;
    let propose = "mutation($m: ID!) { roleAssignmentPropose(input: { memberId: $m, role: \"buyer\" }) { roleAssignment { id } userErrors { code message } } }";
    let member = quartermaster_tenants::id::encode("mem", people[2].op.account);
    let role = proposer.done(propose, json!({ "m": member })).await["roleAssignment"]["id"].clone();

    // Commands that change nothing when they are refused, and what each is refused with.
    let mut compared = 0;
    for (kind, id, command, mutation) in [
        (
            "ChangeOrder",
            &change,
            "withdraw",
            "changeOrderWithdraw(input: { id: $id, reason: \"x\" })",
        ),
        (
            "ChangeOrder",
            &change,
            "reject",
            "changeOrderReject(input: { id: $id, reason: \"x\" })",
        ),
        (
            "ChangeOrder",
            &change,
            "approve",
            "changeOrderApprove(input: { id: $id })",
        ),
        (
            "RoleAssignment",
            &role,
            "proposeRemoval",
            "roleAssignmentProposeRemoval(input: { id: $id })",
        ),
        (
            "RoleAssignment",
            &role,
            "reject",
            "roleAssignmentReject(input: { id: $id, reason: \"x\" })",
        ),
        (
            "PurchaseOrder",
            &order,
            "approve",
            "purchaseOrderApprove(input: { id: $id })",
        ),
        (
            "PurchaseOrder",
            &order,
            "cancel",
            "purchaseOrderCancel(input: { id: $id, reason: \"x\" })",
        ),
    ] {
        for person in &people {
            let ask = format!(
                "query($id: ID!) {{ node(id: $id) {{ ... on {kind} {{ viewerCan {{ {command} {{ allowed refusal {{ code rule }} }} }} }} }} }}"
            );
            let told = person.run(&ask, json!({ "id": id })).await["viewerCan"][command].clone();
            if told["allowed"] == true {
                continue;
            }
            let act = format!("mutation($id: ID!) {{ {mutation} {{ userErrors {{ code }} }} }}");
            let refused = person.refused(&act, json!({ "id": id })).await;
            assert_eq!(told["refusal"]["code"], refused["code"], "{kind}.{command}");
            compared += 1;
        }
    }
    assert!(compared > 15, "{compared}");
    // And what is allowed is done.
    for (person, id, command, mutation) in [
        (
            &buyer,
            &change,
            "withdraw",
            "changeOrderWithdraw(input: { id: $id, reason: \"x\" })",
        ),
        (
            &people[3],
            &role,
            "reject",
            "roleAssignmentReject(input: { id: $id, reason: \"x\" })",
        ),
    ] {
        let ask = "query($id: ID!) { node(id: $id) { ... on ChangeOrder { viewerCan { withdraw { allowed } } } ... on RoleAssignment { viewerCan { reject { allowed } } } } }";
        assert_eq!(
            person.run(ask, json!({ "id": id })).await["viewerCan"][command]["allowed"],
            true,
            "{mutation}"
        );
        person
            .done(
                &format!("mutation($id: ID!) {{ {mutation} {{ userErrors {{ code }} }} }}"),
                json!({ "id": id }),
            )
            .await;
    }
}

#[tokio::test]
async fn a_proposed_role_that_a_static_rule_forbids_is_not_the_approvers_to_approve() {
    const PROPOSE: &str = "mutation($member: ID!, $role: String!) { roleAssignmentPropose(input: { memberId: $member, role: $role }) { roleAssignment { id } userErrors { message } } }";
    const APPROVE: &str = "mutation($id: ID!) { roleAssignmentApprove(input: { id: $id }) { roleAssignment { id } \
        userErrors { code message ... on SegregationOfDutiesError { rule } } } }";
    let world = World::start().await;
    let shop = world.shop(&strict()).await;
    let security = world.member(&shop, &["security_admin"]).await;
    let admin = world.member(&shop, &["tenant_admin"]).await;
    let clerk = world.member(&shop, &[]).await;
    let member = encode("mem", clerk.op.account);
    let mut ids = Vec::new();
    for role in ["approver_l1", "receiver", "requester"] {
        let proposed = security.done(PROPOSE, json!({ "member": member, "role": role })).await;
        ids.push(proposed["roleAssignment"]["id"].clone());
    }
    let can = async |id: &Value| {
        let query = "query($ids: [ID!]) { roleAssignments(filter: { ids: $ids }) { nodes { viewerCan { approve { allowed refusal { code rule message } } reject { allowed } } } } }";
        let found = admin.run(query, json!({ "ids": [id] })).await;
        found["nodes"][0]["viewerCan"].clone()
    };
    for id in &ids {
        assert_eq!(can(id).await["approve"]["allowed"], true, "nothing is held yet");
    }
    admin.done(APPROVE, json!({ "id": ids[0] })).await;
    let seen = can(&ids[1]).await;
    let refused = admin.refused(APPROVE, json!({ "id": ids[1] })).await;
    assert_eq!(refused["rule"], "S-16", "{refused}");
    for told in ["code", "rule", "message"] {
        assert_eq!(seen["approve"]["refusal"][told], refused[told], "{seen}");
    }
    assert_eq!(
        (&seen["approve"]["allowed"], &seen["reject"]["allowed"]),
        (&json!(false), &json!(true))
    );
    assert_eq!(can(&ids[2]).await["approve"]["allowed"], true);
    admin.done(APPROVE, json!({ "id": ids[2] })).await;
}
