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
async fn receipts_that_fail_after_they_took_their_number_leave_no_gap() {
    let company = Company::open().await;
    let numbering = json!([{ "documentKind": "RECEIPT", "pattern": "R{NNNNN}", "gapless": true }]);
    company.published(json!({ "numbering": numbering })).await;
    let mut work = Vec::new();
    for n in 0..12 {
        let (order, receiver) = (company.some_released().await, company.person(&["receiver"]).await);
        work.push((n, order, receiver));
    }
    let receive = crate::world::command::command("receiptCreate", "receipt { id number }");
    // The same request four times at once with one key: three of them lose, with their numbers, to the first.
    let all = work.iter().flat_map(|(n, order, receiver)| {
        let (receive, key) = (&receive, format!("truck-{n}"));
        (0..4).map(move |_| {
            let (key, variables) = (key.clone(), json!({ "input": Company::delivery(order) }));
            async move { (key.clone(), receiver.send(receive, variables, Some(&key)).await.1) }
        })
    });
    let mut numbers: BTreeSet<(String, String)> = BTreeSet::new();
    for (key, answer) in join_all(all).await {
        let receipt: &Value = &answer["data"]["receiptCreate"]["receipt"];
        if let Some(number) = receipt["number"].as_str() {
            numbers.insert((key, number.to_owned()));
        }
    }
    assert_eq!(numbers.len(), 12, "one number for each key: {numbers:#?}");
    let numbers: BTreeSet<String> = numbers.into_iter().map(|(_, number)| number).collect();
    assert_eq!(numbers, (1..=12).map(|n| format!("R{n:05}")).collect());
    let next = company
        .received(&company.some_released().await, &company.person(&["receiver"]).await)
        .await;
    let ask = "query($id: ID!) { receipt(id: $id) { number } }";
    let last = company
        .person(&["receiver"])
        .await
        .run(ask, json!({ "id": next }))
        .await;
    assert_eq!(last["number"], "R00013");
}
