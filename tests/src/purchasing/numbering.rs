//! Numbers of documents by the tenant's own patterns: unique, and without gaps where the tenant wants it.

use crate::duties::Company;
use futures::future::join_all;
use serde_json::{Value, json};
use std::collections::BTreeSet;

#[tokio::test]
async fn a_pattern_that_two_people_publish_numbers_the_next_document_and_a_bad_one_is_refused() {
    let company = Company::open().await;
    let buyer = company.person(&["buyer"]).await;
    let number = async || {
        let made = buyer
            .does(
                "purchaseOrderCreate",
                "purchaseOrder { number createdAt }",
                company.order(false),
            )
            .await;
        made["purchaseOrder"].clone()
    };
    assert!(number().await["number"].as_str().unwrap().starts_with("PO-"));
    let pattern = |pattern: &str| json!({ "settings": { "numbering": [{ "documentKind": "PURCHASE_ORDER", "pattern": pattern, "gapless": true }] } });
    let editor = company.person(&["security_admin"]).await;
    for bad in [
        "PO",
        "{N}{N}",
        "PO-{NNNNNNNNNNNNN}",
        "PO {NNN}",
        "<{NNN}>",
        "{YYYY}",
        "",
    ] {
        let refused = editor.cannot("workflowRuleEdit", pattern(bad)).await;
        assert_eq!(refused["code"], "INVALID_INPUT", "{bad}");
        let field = refused["field"].to_string();
        assert!(field.contains("numbering"), "{bad}: {field}");
    }
    company
        .published(pattern("DE/{YYYY}/{NNNN}-A")["settings"].clone())
        .await;
    for n in 1..=3 {
        let made = number().await;
        let year = &made["createdAt"].as_str().unwrap()[..4];
        assert_eq!(made["number"], format!("DE/{year}/{n:04}-A"));
    }
}

/// The counter is taken last, and whoever fails after that gives the number back.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn orders_that_fail_after_they_took_their_number_leave_no_gap() {
    let company = Company::open().await;
    let numbering = json!([{ "documentKind": "PURCHASE_ORDER", "pattern": "B{NNNNN}", "gapless": true }]);
    company.published(json!({ "numbering": numbering })).await;
    let mut buyers = Vec::new();
    for _ in 0..3 {
        buyers.push(company.person(&["buyer"]).await);
    }
    let create = crate::world::command::command("purchaseOrderCreate", "purchaseOrder { id number }");
    let variables = json!({ "input": company.order(true) });
    // The same request four times at once with one key: three of them lose at the very end, after they were numbered.
    let all = (0..48).map(|n| {
        let (buyer, key) = (&buyers[n / 4 % 3], format!("order-{}", n / 4));
        let (create, variables) = (&create, variables.clone());
        async move { (key.clone(), buyer.send(create, variables, Some(&key)).await.1) }
    });
    let mut numbers: BTreeSet<(String, String)> = BTreeSet::new();
    for (key, answer) in join_all(all).await {
        let order: &Value = &answer["data"]["purchaseOrderCreate"]["purchaseOrder"];
        if let Some(number) = order["number"].as_str() {
            numbers.insert((key, number.to_owned()));
        }
    }
    let keys: BTreeSet<&String> = numbers.iter().map(|(key, _)| key).collect();
    assert_eq!(keys.len(), numbers.len(), "one number for each key: {numbers:#?}");
    let made = numbers.len();
    let last = buyers[0]
        .does("purchaseOrderCreate", "purchaseOrder { number }", company.order(false))
        .await;
    let mut numbers: BTreeSet<String> = numbers.into_iter().map(|(_, number)| number).collect();
    numbers.insert(last["purchaseOrder"]["number"].as_str().expect("a number").to_owned());
    assert_eq!(numbers, (1..=made + 1).map(|n| format!("B{n:05}")).collect());
}
