//! What a partner lists of its own side: connections as everywhere.

use super::land::{Land, PROPOSE, at_partner, operator_id, partner_person};
use crate::database::fixture::strict;
use crate::world::Bearer;
use serde_json::{Value, json};

const PAGE: &str = "pageInfo { hasNextPage hasPreviousPage startCursor endCursor } totalCount";

/// All of a list, two rows at a time: forwards, then backwards; the same ids both ways.
async fn walked(side: &Bearer, list: &str, order: &str) -> Vec<Value> {
    let (mut forwards, mut backwards) = (Vec::new(), Vec::new());
    let (mut after, mut before) = (Value::Null, Value::Null);
    loop {
        let query = format!(
            "query($after: String) {{ {list}(first: 2, after: $after, orderBy: {order}) {{ {PAGE} edges {{ cursor node {{ id }} }} }} }}"
        );
        let page = side.run(&query, json!({ "after": after })).await;
        let edges = page["edges"].as_array().expect("edges");
        forwards.extend(edges.iter().map(|e| e["node"]["id"].clone()));
        assert_eq!(page["pageInfo"]["endCursor"], edges.last().expect("a row")["cursor"]);
        after = page["pageInfo"]["endCursor"].clone();
        if page["pageInfo"]["hasNextPage"] == false {
            assert_eq!(page["totalCount"], forwards.len());
            break;
        }
    }
    loop {
        let query = format!(
            "query($before: String) {{ {list}(last: 2, before: $before, orderBy: {order}) {{ {PAGE} nodes {{ id }} }} }}"
        );
        let page = side.run(&query, json!({ "before": before })).await;
        let ids: Vec<Value> = page["nodes"]
            .as_array()
            .expect("nodes")
            .iter()
            .map(|n| n["id"].clone())
            .collect();
        backwards.splice(0..0, ids);
        before = page["pageInfo"]["startCursor"].clone();
        if page["pageInfo"]["hasPreviousPage"] == false {
            break;
        }
    }
    assert_eq!(forwards, backwards, "{list} {order}");
    forwards
}

fn reversed(mut ids: Vec<Value>) -> Vec<Value> {
    ids.reverse();
    ids
}

#[tokio::test]
async fn a_partner_pages_through_its_people_and_their_assignments_both_ways() {
    let land = Land::new().await;
    for _ in 0..4 {
        let (person, _) = partner_person(&land.world, &land.shop, "msp_operator").await;
        let mut proposal = land.proposal(60).await;
        proposal["operator"] = json!(operator_id(person));
        land.ada.done(PROPOSE, proposal).await;
    }
    land.proposed().await;
    let people = walked(&land.ada, "partnerMembers", "CREATED_ASC").await;
    assert_eq!(people.len(), 6);
    assert_eq!(
        reversed(people),
        walked(&land.ada, "partnerMembers", "CREATED_DESC").await
    );
    let assignments = walked(&land.ada, "partnerOperatorAssignments", "CREATED_ASC").await;
    assert_eq!(assignments.len(), 5);
    let newest = walked(&land.ada, "partnerOperatorAssignments", "CREATED_DESC").await;
    assert_eq!(reversed(assignments), newest);

    let filtered = async |list: &str, filter: Value| {
        let of = if list == "partnerMembers" {
            "PartnerMember"
        } else {
            "PartnerOperatorAssignment"
        };
        let query =
            format!("query($filter: {of}FilterInput) {{ {list}(filter: $filter) {{ totalCount nodes {{ id }} }} }}");
        let page = land.ada.run(&query, json!({ "filter": filter })).await;
        assert_eq!(page["totalCount"], page["nodes"].as_array().map_or(0, Vec::len));
        page["totalCount"].clone()
    };
    assert_eq!(
        filtered("partnerMembers", json!({ "roles": ["partner_admin"] })).await,
        1
    );
    assert_eq!(filtered("partnerMembers", json!({ "statuses": ["INACTIVE"] })).await, 0);
    assert_eq!(filtered("partnerMembers", json!({ "ids": [land.operator] })).await, 1);
    let of = "partnerOperatorAssignments";
    assert_eq!(filtered(of, json!({ "operatorIds": [land.operator] })).await, 1);
    assert_eq!(filtered(of, json!({ "statuses": ["ADMITTED", "REVOKED"] })).await, 0);
    assert_eq!(
        filtered(
            of,
            json!({ "tenantIds": [land.shop.tenant.to_string()], "statuses": ["PENDING"] })
        )
        .await,
        5
    );
    assert_eq!(filtered(of, json!({ "ids": [newest[0], newest[1]] })).await, 2);
    // An operator sees his own, whatever he asks for.
    let own = land
        .otto
        .run(
            "{ partnerOperatorAssignments { totalCount nodes { operatorId } } }",
            json!({}),
        )
        .await;
    assert_eq!(
        (&own["totalCount"], &own["nodes"][0]["operatorId"]),
        (&json!(1), &json!(land.operator))
    );
}

#[tokio::test]
async fn a_partner_pages_through_its_tenants_in_each_order_and_by_what_they_are() {
    let land = Land::new().await;
    for n in 0..4 {
        let other = land.world.shop(&strict()).await;
        let sql = "UPDATE qm.tenant SET partner_id = $1, code = $3, status = $4, kind = $5 WHERE id = $2";
        let status = if n == 0 { "SUSPENDED" } else { "ACTIVE" };
        let kind = if n == 1 { "FRANCHISOR" } else { "RETAILER" };
        let code = format!("0{}", 9 - n);
        let params: [&(dyn tokio_postgres::types::ToSql + Sync); 5] =
            [&land.shop.tenant.0, &other.tenant.0, &code, &status, &kind];
        land.world.owner.execute(sql, &params).await.expect("another tenant");
    }
    let by_code = walked(&land.ada, "partnerTenants", "CODE_ASC").await;
    assert_eq!(by_code.len(), 5);
    assert_eq!(
        reversed(by_code.clone()),
        walked(&land.ada, "partnerTenants", "CODE_DESC").await
    );
    let by_time = walked(&land.ada, "partnerTenants", "CREATED_ASC").await;
    assert_eq!(by_time[0], land.shop.tenant.to_string());
    assert_eq!(
        reversed(by_time),
        walked(&land.ada, "partnerTenants", "CREATED_DESC").await
    );
    for (filter, codes) in [
        ("{ statuses: [SUSPENDED] }", json!(["09"])),
        ("{ kinds: [FRANCHISOR] }", json!(["08"])),
        ("{ codes: [\"06\", \"07\"] }", json!(["06", "07"])),
        ("{ codes: [\"06\"], statuses: [CLOSED] }", json!([])),
    ] {
        let page = land
            .ada
            .run(
                &format!("{{ partnerTenants(filter: {filter}) {{ nodes {{ code }} }} }}"),
                json!({}),
            )
            .await;
        let found: Vec<&Value> = page["nodes"]
            .as_array()
            .expect("nodes")
            .iter()
            .map(|n| &n["code"])
            .collect();
        assert_eq!(json!(found), codes, "{filter}");
    }
}

#[tokio::test]
async fn a_cursor_of_another_list_and_both_directions_at_once_are_refused() {
    let land = Land::new().await;
    let page = land
        .ada
        .run("{ partnerMembers(first: 1) { pageInfo { endCursor } } }", json!({}))
        .await;
    let cursor = page["pageInfo"]["endCursor"].clone();
    for arguments in [
        "first: 1, after: $c",
        "first: 1, last: 1",
        "first: 251",
        "last: -1",
        "first: 1, before: \"?\"",
    ] {
        let variable = if arguments.contains("$c") {
            "query($c: String) "
        } else {
            ""
        };
        let query = format!("{variable}{{ partnerTenants({arguments}) {{ totalCount }} }}");
        let answer = land.ada.ask(&query, json!({ "c": cursor })).await;
        assert_eq!(
            answer["errors"][0]["extensions"]["code"], "BAD_USER_INPUT",
            "{arguments}: {answer}"
        );
    }
    // Another partner's people and tenants are nobody's.
    let foreign = land.world.shop(&strict()).await;
    let (_, subject) = partner_person(&land.world, &foreign, "partner_admin").await;
    let eve = at_partner(&land.world, &foreign, &subject).await;
    let query = "query($ids: [ID!]) { partnerTenants(filter: { ids: $ids }) { totalCount } }";
    let found = eve.run(query, json!({ "ids": [land.shop.tenant.to_string()] })).await;
    assert_eq!(found["totalCount"], 0);
}
