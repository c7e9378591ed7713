//! How much authority an amount asks for, step by step, and what two people publish about it.

use crate::database::fixture::strict;
use crate::duties::Company;
use quartermaster_tenants::settings::Settings;
use rust_decimal::Decimal;
use serde_json::{Value, json};

/// An order of one line.
fn of(company: &Company, quantity: &str, price: &str) -> Value {
    let mut input = company.order(true);
    input["order"]["lines"].as_array_mut().unwrap().truncate(1);
    input["order"]["lines"][0]["quantity"] = json!(quantity);
    input["order"]["lines"][0]["unitPrice"] = json!(price);
    input
}

const STANDS: &str = "purchaseOrder { id status requiredLevel approvals totalAmount { amount } }";

#[tokio::test]
async fn each_limit_asks_for_the_next_level_and_an_amount_equal_to_it_does_not() {
    let company = Company::with(Settings {
        approval_limits: [100, 200, 300, 400].map(Decimal::from),
        ..strict()
    })
    .await;
    let buyer = company.person(&["buyer"]).await;
    let mut approvers = Vec::new();
    for role in ["approver_l1", "approver_l2", "approver_l3", "approver_l4"] {
        approvers.push(company.person(&[role]).await);
    }
    for (amount, level) in [
        ("100", 0),
        ("100.01", 1),
        ("200", 1),
        ("200.01", 2),
        ("300", 2),
        ("300.01", 3),
        ("400", 3),
        ("400.01", 4),
    ] {
        let made = buyer
            .does("purchaseOrderCreate", STANDS, of(&company, "1", amount))
            .await["purchaseOrder"]
            .clone();
        assert_eq!(made["requiredLevel"], level, "{amount}");
        let id = json!({ "id": made["id"] });
        if level == 0 {
            assert_eq!(made["status"], "RELEASED", "nobody has to approve it");
            continue;
        }
        for lower in &approvers[..level - 1] {
            assert_eq!(
                lower.cannot("purchaseOrderApprove", id.clone()).await["code"],
                "FORBIDDEN",
                "{amount}"
            );
        }
        let enough = &approvers[level - 1];
        let step = enough.does("purchaseOrderApprove", STANDS, id.clone()).await["purchaseOrder"].clone();
        if level < 4 {
            assert_eq!(
                (&step["status"], &step["approvals"]),
                (&json!("RELEASED"), &json!(1)),
                "{amount}"
            );
            continue;
        }
        assert_eq!(
            (&step["status"], &step["approvals"]),
            (&json!("IN_APPROVAL"), &json!(1)),
            "two approve the most"
        );
        assert_eq!(
            enough.cannot("purchaseOrderApprove", id.clone()).await["rule"],
            "DUAL-01"
        );
        let second = company.person(&["approver_l4"]).await;
        let last = second.does("purchaseOrderApprove", STANDS, id).await["purchaseOrder"].clone();
        assert_eq!((&last["status"], &last["approvals"]), (&json!("RELEASED"), &json!(2)));
        let auditor = company.person(&["auditor"]).await;
        let log = format!(
            "{{ events(filter: {{ documentIds: [{}] }}, orderBy: OLDEST) {{ nodes {{ type }} }} }}",
            made["id"]
        );
        let log = auditor.sees(&log).await;
        let steps: Vec<&str> = log["nodes"]
            .as_array()
            .unwrap()
            .iter()
            .map(|e| e["type"].as_str().unwrap())
            .collect();
        assert_eq!(
            steps[2..],
            [
                "purchase-order-approval-step-completed",
                "purchase-order-approved",
                "purchase-order-released"
            ]
        );
    }
}

/// H-23: neither by fractions of a cent nor by lines that lower the sum.
#[tokio::test]
async fn rounding_and_negative_lines_go_around_no_limit() {
    let company = Company::with(Settings {
        approval_limits: [100, 200, 300, 400].map(Decimal::from),
        ..strict()
    })
    .await;
    let buyer = company.person(&["buyer"]).await;
    // Each line is rounded to the cent by itself: 3 × 33.335 are 100.01 as 33.34 + 33.34 + 33.34 would be, never 100.005.
    let mut input = of(&company, "1", "33.335");
    let line = input["order"]["lines"][0].clone();
    input["order"]["lines"] = json!([line, line, line]);
    let made = buyer.does("purchaseOrderCreate", STANDS, input).await["purchaseOrder"].clone();
    assert_eq!(made["requiredLevel"], 1, "{made:#}");
    assert!(
        made["totalAmount"]["amount"]
            .as_str()
            .unwrap()
            .parse::<Decimal>()
            .unwrap()
            > Decimal::ONE_HUNDRED
    );
    for (field, value) in [("quantity", "-1"), ("unitPrice", "-50"), ("taxRate", "-10")] {
        let mut input = of(&company, "1", "150");
        let mut line = input["order"]["lines"][0].clone();
        line[field] = json!(value);
        input["order"]["lines"].as_array_mut().unwrap().push(line);
        let refused = buyer.cannot("purchaseOrderCreate", input).await;
        assert_eq!(
            (&refused["code"], &refused["field"]),
            (&json!("INVALID_INPUT"), &json!(["order", "lines", "1", field]))
        );
    }
}

#[tokio::test]
async fn an_approved_order_is_released_by_the_rule_that_is_published_and_only_then() {
    let company = Company::with(Settings {
        release_on_approval: false,
        ..strict()
    })
    .await;
    let (buyer, approver) = (company.person(&["buyer"]).await, company.person(&["approver_l2"]).await);
    let approved = async || {
        let id = json!({ "id": company.ordered(&buyer).await });
        approver.does("purchaseOrderApprove", STANDS, id).await["purchaseOrder"].clone()
    };
    assert_eq!(approved().await["status"], "APPROVED");
    let rule = company.published(json!({ "releaseOnApproval": true })).await;
    let released = approved().await;
    assert_eq!(released["status"], "RELEASED");
    let auditor = company.person(&["auditor"]).await;
    let log = format!(
        "{{ events(filter: {{ documentIds: [{}] }}, orderBy: NEWEST) {{ nodes {{ id type actorKind actorId onBehalfOf causationId data }} }} }}",
        released["id"]
    );
    let log = auditor.sees(&log).await["nodes"].clone();
    assert_eq!(
        (&log[0]["type"], &log[0]["actorKind"], &log[0]["actorId"]),
        (&json!("purchase-order-released"), &json!("SYSTEM"), &Value::Null)
    );
    assert_eq!(log[0]["causationId"], log[1]["id"], "the approval caused it: {log:#}");
    assert!(log[0]["data"].to_string().contains("releaseOnApproval"), "{log:#}");
    assert!(rule.is_string());
}
