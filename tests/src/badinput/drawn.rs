//! Whole requests drawn from the schema, right and nearly right, by people of every role: whatever they come to, it is no failure
//! of ours, and the tenant is as consistent as before.

use super::generated::faults;
use crate::duties::{Company, one_of_each, roles_with};
use crate::isolation::draw::{Draw, Drawn};
use crate::isolation::schema::Schema;
use crate::world::Person;
use quartermaster_api::graphql::commands::duties_of;
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// Requests of one run. More of them, or others: `FUZZ_REQUESTS=20000 FUZZ_SEED=7`.
const REQUESTS: u64 = 500;

fn from_environment(name: &str) -> Option<u64> {
    let text = std::env::var(name).ok()?;
    Some(text.parse().unwrap_or_else(|_| panic!("{name} is no number: {text}")))
}

/// Whoever sends a request: mostly somebody who may.
async fn sender<'p>(
    company: &Company,
    people: &'p mut BTreeMap<String, Person>,
    draw: &mut Draw<'_>,
    drawn: &Drawn,
) -> &'p Person {
    let of_duty = duties_of(&drawn.fields[0]).map(roles_with).unwrap_or_default();
    let role = match of_duty.first() {
        Some(role) if !draw.one_in(6) => role.clone(),
        _ => "auditor".to_owned(),
    };
    if !people.contains_key(&role) {
        people.insert(role.clone(), company.person(&[role.as_str()]).await);
    }
    &people[&role]
}

/// Does the answer have the shape that GraphQL over HTTP gives it?
fn misshapen(answer: &Value) -> Vec<String> {
    let mut found = Vec::new();
    let keys: Vec<&str> = answer
        .as_object()
        .into_iter()
        .flatten()
        .map(|(k, _)| k.as_str())
        .collect();
    if keys.is_empty() || keys.iter().any(|k| !["data", "errors"].contains(k)) {
        found.push(format!("members {keys:?}"));
    }
    match answer.get("errors") {
        None if !answer["data"].is_object() => found.push("neither data nor errors".to_owned()),
        Some(errors) if errors.as_array().is_none_or(Vec::is_empty) => found.push("no list of errors".to_owned()),
        _ => {}
    }
    for error in answer["errors"].as_array().into_iter().flatten() {
        let message = error["message"].as_str().unwrap_or_default();
        if message.len() < 8 {
            found.push(format!("no sentence: {error}"));
        }
        for leak in [
            "qm.",
            "SELECT ",
            "panicked",
            "src/",
            "tokio",
            "postgres",
            "Did you mean",
        ] {
            if message.contains(leak) {
                found.push(format!("says “{leak}”: {message}"));
            }
        }
    }
    found
}

/// What must be true of a tenant whatever was done to it, each as a question whose answer is zero.
const CONSISTENT: &[(&str, &str)] = &[
    (
        "positions are the sum of their movements",
        "SELECT count(*) FROM qm.stock_position p WHERE p.tenant_id = $1 AND p.quantity <> \
         (SELECT coalesce(sum(m.quantity), 0) FROM qm.stock_movement m WHERE m.tenant_id = p.tenant_id AND m.position_id = p.id)",
    ),
    (
        "no stock that anybody could pick is negative",
        "SELECT count(*) FROM qm.stock_position p WHERE p.tenant_id = $1 AND p.quantity < 0",
    ),
    (
        "the events of a document are numbered without a gap",
        "SELECT count(*) FROM (SELECT max(e.sequence) - min(e.sequence) + 1 - count(*) AS gap FROM qm.event e \
         WHERE e.tenant_id = $1 GROUP BY e.document_id) g WHERE g.gap <> 0",
    ),
    (
        "each event is chained to the one before",
        "SELECT count(*) FROM qm.event e JOIN qm.event b ON b.tenant_id = e.tenant_id AND b.document_id = e.document_id \
         AND b.sequence = e.sequence - 1 WHERE e.tenant_id = $1 AND e.previous_hash <> b.hash",
    ),
    (
        "an order's chain ends where its last event is",
        "SELECT count(*) FROM qm.purchase_order o WHERE o.tenant_id = $1 AND o.event_sequence <> \
         (SELECT max(e.sequence) FROM qm.event e WHERE e.tenant_id = o.tenant_id AND e.document_id = o.id)",
    ),
];

/// What the tenant's own proofs say: of its audit and of its stock.
async fn proofs(auditor: &Person, controller: &Person) -> [Value; 2] {
    let mut audit = auditor.sees("{ auditIntegrity { broken unexplained } }").await;
    // The test's own people have their roles from the owner of the database: those are told, rightly.
    let unexplained = audit["unexplained"].as_array_mut().expect("a list");
    unexplained.retain(|id| id.as_str().is_none_or(|id| !id.starts_with("rla_")));
    [audit, controller.sees("{ stockIntegrity { ok differing } }").await]
}

async fn inconsistencies(company: &Company) -> Vec<String> {
    let mut found = Vec::new();
    for (what, sql) in CONSISTENT {
        let row = company.world.owner.query_one(*sql, &[&company.shop.tenant.0]).await;
        let wrong: i64 = row.expect(what).get(0);
        if wrong > 0 {
            found.push(format!("not true any more, {wrong} times: {what}"));
        }
    }
    found
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_request_drawn_from_the_schema_is_a_failure_of_ours() {
    let seed = from_environment("FUZZ_SEED").unwrap_or(20_260_314);
    let requests = from_environment("FUZZ_REQUESTS").unwrap_or(REQUESTS);
    let (company, other) = (Company::open().await, Company::open().await);
    let ids = one_of_each(&company).await;
    let buyer = other.person(&["buyer"]).await;
    let order = other.ordered(&buyer).await;
    let foreign: Vec<String> = [
        order,
        other.supplier(),
        other.location(),
        other.item(0),
        Company::member(&buyer),
    ]
    .iter()
    .map(|id| id.as_str().expect("an id").to_owned())
    .collect();
    let nobody = company.person(&[]).await;
    let schema = Schema::ask(&nobody).await;
    let (auditor, controller) = (
        company.person(&["auditor"]).await,
        company.person(&["inventory_controller"]).await,
    );
    let before = proofs(&auditor, &controller).await;
    let mut draw = Draw::new(&schema, &ids, &foreign, seed);
    let mut people = BTreeMap::new();
    let (mut wrong, mut done) = (Vec::new(), 0);
    for n in 0..requests {
        let root = ["Query", "Mutation", "Query", "Mutation", "Mutation"][draw.below(5)];
        let drawn = draw.request(root);
        let person = sender(&company, &mut people, &mut draw, &drawn).await;
        let body = json!({ "query": drawn.document, "variables": drawn.variables });
        let mut request = person.post(&company.world.url(), &body);
        if draw.one_in(5) {
            request = request.header("idempotency-key", format!("k{}", draw.below(30)));
        }
        let answer = request.send().await.expect("an answer");
        let status = answer.status().as_u16();
        let answer: Value = answer.json().await.expect("JSON");
        let mut found = faults(&schema, None, status, &answer);
        found.extend(misshapen(&answer));
        done += u64::from(answer.get("errors").is_none());
        wrong.extend(found.into_iter().map(|what| {
            let shown: String = body.to_string().chars().take(1_500).collect();
            format!("request {n}: {what}\n  {shown}")
        }));
    }
    wrong.extend(inconsistencies(&company).await);
    assert!(
        wrong.is_empty(),
        "{} faults in {requests} requests of FUZZ_SEED={seed}:\n{}",
        wrong.len(),
        wrong.join("\n")
    );
    assert!(
        done * 4 > requests,
        "only {done} of {requests} were answered: too much of it is nonsense"
    );
    assert_eq!(proofs(&auditor, &controller).await, before);
}
