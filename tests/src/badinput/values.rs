//! Values that cannot be, one at a time, each in an input that is good otherwise.

use super::written::{Written, written};
use super::{Answer, send, with};
use crate::world::command::command;
use serde_json::{Value, json};

/// What an answer must be. What cannot be read at all is an error at the top: 400 where the request tells, 200 where it takes
/// a scalar to tell.
fn expected(told: Option<(&str, &str)>, status: u16) -> Answer {
    let (code, field) = told.unwrap_or(("BAD_USER_INPUT", ""));
    let at_top = told.is_none() && status == 400;
    Answer {
        status: if at_top { 400 } else { 200 },
        code: code.to_owned(),
        field: field.to_owned(),
    }
}

const FORTY: &str = "0.1234567890123456789012345678901234567890";

/// A mutation, where in its input, what is put there, and what the answer says; no answer: it cannot be read.
type Case = (&'static str, &'static str, Value, Option<(&'static str, &'static str)>);

#[rustfmt::skip]
fn quantities() -> Vec<Case> {
    let mut cases = Vec::new();
    for (mutation, path, field) in [
        ("purchaseOrderCreate", "/order/lines/0/quantity", "order.lines.0.quantity"),
        ("receiptCreate", "/lines/0/quantity", "lines.0.quantity"),
        ("adjustmentCreate", "/lines/0/quantity", "lines.0.quantity"),
        ("transferCreate", "/lines/0/quantity", "lines.0.quantity"),
        ("supplierReturnCreate", "/lines/0/quantity", "lines.0.quantity"),
        ("discrepancyRaise", "/quantity", "quantity"),
        ("changeOrderCreate", "/lines/0/quantity", "lines.0.quantity"),
        ("itemCreate", "/packs/0/baseQuantity", "packs.0.baseQuantity"),
    ] {
        cases.push((mutation, path, json!("0"), Some(("INVALID_INPUT", field))));
        cases.push((mutation, path, json!("0.0000001"), Some(("INVALID_INPUT", field))));
        cases.push((mutation, path, json!("1000000001"), Some(("INVALID_INPUT", field))));
        for never in [
            json!("1e30"),
            json!(1e30),
            json!(FORTY),
            json!("NaN"),
            json!("1,5"),
            json!("٣"),
            json!(""),
        ] {
            cases.push((mutation, path, never, None));
        }
        if mutation != "adjustmentCreate" {
            cases.push((mutation, path, json!("-1"), Some(("INVALID_INPUT", field))));
        }
    }
    cases
}

#[rustfmt::skip]
fn codes() -> Vec<Case> {
    vec![
        ("purchaseOrderCreate", "/order/lines/0/unitCode", json!("XPX"), Some(("UNKNOWN_CODE", "order.lines.0.unitCode"))),
        ("purchaseOrderCreate", "/order/lines/0/unitCode", json!("each"), None),
        ("receiptCreate", "/lines/0/unitCode", json!("XPX"), Some(("UNKNOWN_CODE", "lines.0.unitCode"))),
        ("adjustmentCreate", "/lines/0/unitCode", json!("XPX"), Some(("UNKNOWN_CODE", "lines.0.unitCode"))),
        ("transferCreate", "/lines/0/unitCode", json!("XPX"), Some(("UNKNOWN_CODE", "lines.0.unitCode"))),
        ("supplierReturnCreate", "/lines/0/unitCode", json!("XPX"), Some(("UNKNOWN_CODE", "lines.0.unitCode"))),
        ("priceListPropose", "/lines/0/unitCode", json!("XPX"), Some(("UNKNOWN_CODE", "lines.0.unitCode"))),
        ("itemCreate", "/baseUnitCode", json!("ZZZ"), Some(("UNKNOWN_CODE", "baseUnitCode"))),
        ("itemCreate", "/packs/0/unitCode", json!("ZZZ"), Some(("UNKNOWN_CODE", "packs.0.unitCode"))),
        ("purchaseOrderCreate", "/order/currencyCode", json!("XTS"), Some(("UNKNOWN_CODE", "order.currencyCode"))),
        ("purchaseOrderCreate", "/order/currencyCode", json!("usd"), None),
        ("supplierReturnCreate", "/currencyCode", json!("ZZZ"), Some(("UNKNOWN_CODE", "currencyCode"))),
        ("priceListPropose", "/currencyCode", json!("ZZZ"), Some(("UNKNOWN_CODE", "currencyCode"))),
        ("supplierCreate", "/currencyCode", json!("ZZZ"), Some(("UNKNOWN_CODE", "currencyCode"))),
        ("supplierCreate", "/incoterm", json!("FREE"), None),
        ("itemCreate", "/gtins/0/gtin", json!("4006381333932"), Some(("INVALID_INPUT", "gtins.0.gtin"))),
        ("itemCreate", "/gtins/0/gtin", json!("40063813339"), None),
        ("supplierCreate", "/gln", json!("4006381333932"), Some(("INVALID_INPUT", "gln"))),
        ("locationCreate", "/gln", json!("4006381333932"), Some(("INVALID_INPUT", "gln"))),
        ("locationCreate", "/timeZone", json!("Mars"), Some(("UNKNOWN_CODE", "timeZone"))),
        ("locationCreate", "/kind", json!("MOON"), None),
        ("supplierBankChangePropose", "/account", json!("DE89370400440532013001"), Some(("INVALID_INPUT", "account"))),
        ("roleAssignmentPropose", "/role", json!("emperor"), Some(("INVALID_INPUT", "role"))),
        ("sodPolicyEdit", "/rulesOff", json!(["S-99"]), Some(("UNKNOWN_CODE", "rulesOff.0"))),
        ("sodPolicyEdit", "/rulesOff", json!(["P2P-02"]), Some(("INVALID_INPUT", "rulesOff.0"))),
    ]
}

/// Words that look like others (H-21), and names that are taken (H-22).
fn lookalikes() -> Vec<Case> {
    let role = |name: &str, duty: &str| json!([{ "name": name, "title": "Own", "accountKind": "HUMAN", "duties": [{ "duty": duty, "maxLevel": 0 }] }]);
    let mut cases: Vec<Case> = ["Buyer", "ｂuyer", "buуer", " buyer", "*"]
        .map(|r| {
            (
                "roleAssignmentPropose",
                "/role",
                json!(r),
                Some(("INVALID_INPUT", "role")),
            )
        })
        .to_vec();
    for duty in ["po.create", "PO．CREATE", "PO.СREATE", "*", "ROLE.BENEFIT"] {
        let place = Some(("INVALID_INPUT", "roles.0.duties.0.duty"));
        cases.push(("sodPolicyEdit", "/roles", role("own", duty), place));
    }
    for rule in ["p2p-08", "P2P–08", "P2P-08 ", "Ρ2P-08", "*", ""] {
        let place = Some(("UNKNOWN_CODE", "rulesOff.0"));
        cases.push(("sodPolicyEdit", "/rulesOff", json!([rule]), place));
    }
    for name in [
        "buyer",
        "*",
        "Own",
        "own role",
        "",
        "buуer",
        "ｏwn",
        "o\u{308}wn",
        "1own",
    ] {
        cases.push((
            "sodPolicyEdit",
            "/roles",
            role(name, "PO.CREATE"),
            Some(("INVALID_INPUT", "roles.0.name")),
        ));
    }
    cases
}

#[rustfmt::skip]
fn dates() -> Vec<Case> {
    vec![
        ("purchaseOrderCreate", "/order/expectedOn", json!("2020-01-01"), Some(("INVALID_INPUT", "order.expectedOn"))),
        ("purchaseOrderCreate", "/order/lines/0/expectedOn", json!("2020-01-01"), Some(("INVALID_INPUT", "order.lines.0.expectedOn"))),
        ("purchaseOrderCreate", "/order/orderedOn", json!("2026-02-30"), None),
        ("changeOrderCreate", "/lines/0/expectedOn", json!("2020-01-01"), Some(("INVALID_INPUT", "lines.0.expectedOn"))),
        ("receiptCreate", "/receivedOn", json!("2020-01-01"), Some(("INVALID_INPUT", "receivedOn"))),
        ("receiptCreate", "/receivedOn", json!("2999-01-01"), Some(("INVALID_INPUT", "receivedOn"))),
        ("supplierReturnCreate", "/returnedOn", json!("2999-01-01"), Some(("INVALID_INPUT", "returnedOn"))),
        ("discrepancyRaise", "/dueOn", json!("2020-01-01"), Some(("INVALID_INPUT", "dueOn"))),
        ("priceListPropose", "/lines/0/validTo", json!("2020-01-01"), Some(("INVALID_INPUT", "lines.0.validTo"))),
        ("roleAssignmentPropose", "/validUntil", json!("2020-01-01T00:00:00Z"), Some(("INVALID_INPUT", "validUntil"))),
        ("memberCreate", "/validUntil", json!("2020-01-01T00:00:00Z"), Some(("INVALID_INPUT", "validUntil"))),
        ("transferCreate", "/expectedOn", json!("2020-01-01"), Some(("INVALID_INPUT", "expectedOn"))),
    ]
}

#[rustfmt::skip]
fn lines(w: &Written) -> Vec<Case> {
    let many = |line: &Value| Value::Array(vec![line.clone(); 10_001]);
    let twice = |line: &Value, number: &str| {
        let numbered = with(line, &format!("/{number}"), json!(1));
        json!([numbered, numbered])
    };
    let of = |mutation: &str, path: &str| w.input(mutation).pointer(path).expect("a line").clone();
    vec![
        ("purchaseOrderCreate", "/order/lines", many(&of("purchaseOrderCreate", "/order/lines/0")), Some(("TOO_LARGE", "order.lines"))),
        ("purchaseOrderCreate", "/order/lines", json!([]), Some(("REQUIRED", "order.lines"))),
        ("purchaseOrderCreate", "/order/lines", twice(&of("purchaseOrderCreate", "/order/lines/0"), "lineNumber"), Some(("DUPLICATE", "order.lines.1.lineNumber"))),
        ("purchaseOrderCreate", "/order/lines/0/lineNumber", json!(0), Some(("INVALID_INPUT", "order.lines.0.lineNumber"))),
        ("purchaseOrderCreate", "/order/lines/0/itemId", w.inactive.clone(), Some(("INACTIVE", "order.lines.0.itemId"))),
        ("receiptCreate", "/lines", many(&of("receiptCreate", "/lines/0")), Some(("TOO_LARGE", "lines"))),
        ("receiptCreate", "/lines", json!([]), Some(("REQUIRED", "lines"))),
        ("receiptCreate", "/lines/0/orderLineNumber", json!(77), Some(("NOT_FOUND", "lines.0.orderLineNumber"))),
        ("receiptCreate", "/lines/0/damagedQuantity", json!("11"), Some(("INVALID_INPUT", "lines.0.damagedQuantity"))),
        ("adjustmentCreate", "/lines", many(&of("adjustmentCreate", "/lines/0")), Some(("TOO_LARGE", "lines"))),
        ("adjustmentCreate", "/lines/0/itemId", w.inactive.clone(), Some(("INACTIVE", "lines.0.itemId"))),
        ("transferCreate", "/lines", many(&of("transferCreate", "/lines/0")), Some(("TOO_LARGE", "lines"))),
        ("transferCreate", "/lines/0/itemId", w.inactive.clone(), Some(("INACTIVE", "lines.0.itemId"))),
        ("replenishmentPolicyPropose", "/lines", many(&of("replenishmentPolicyPropose", "/lines/0")), Some(("TOO_LARGE", "lines"))),
        ("replenishmentPolicyPropose", "/lines", json!([]), Some(("REQUIRED", "lines"))),
        ("replenishmentPolicyPropose", "/lines/0/itemId", w.inactive.clone(), Some(("INACTIVE", "lines.0.itemId"))),
        ("replenishmentPolicyPropose", "/lines/0/reorderPoint", json!("1000000001"), Some(("INVALID_INPUT", "lines.0.reorderPoint"))),
        ("replenishmentPolicyPropose", "/lines/0/safetyStock", json!("0.0000001"), Some(("INVALID_INPUT", "lines.0.safetyStock"))),
        ("supplierReturnCreate", "/lines", many(&of("supplierReturnCreate", "/lines/0")), Some(("TOO_LARGE", "lines"))),
        ("supplierReturnCreate", "/lines/0/quantity", json!("11"), Some(("INVALID_INPUT", "lines.0.quantity"))),
        ("priceListPropose", "/lines", many(&of("priceListPropose", "/lines/0")), Some(("TOO_LARGE", "lines"))),
        ("priceListPropose", "/lines/0/price", json!("-1"), Some(("INVALID_INPUT", "lines.0.price"))),
        ("changeOrderCreate", "/lines", twice(&of("changeOrderCreate", "/lines/0"), "lineNumber"), Some(("DUPLICATE", "lines.1.lineNumber"))),
        ("changeOrderCreate", "/lines/0/lineNumber", json!(77), Some(("NOT_FOUND", "lines.0.lineNumber"))),
        ("workflowRuleEdit", "/settings/approvalLimits", json!(["5", "4", "3", "2"]), Some(("INVALID_INPUT", "settings.approvalLimits"))),
        ("workflowRuleEdit", "/settings/approvalLimits", json!(["5"]), None),
        ("workflowRuleEdit", "/settings/overReceiptTolerancePercent", json!("101"), Some(("INVALID_INPUT", "settings.overReceiptTolerancePercent"))),
    ]
}

/// Ids of another type, of another tenant, of nobody; each in a place that wants one of its own type.
#[rustfmt::skip]
fn ids(w: &Written) -> Vec<Case> {
    let mut cases = Vec::new();
    for (mutation, path, field, theirs) in [
        ("purchaseOrderCreate", "/order/supplierId", "order.supplierId", &w.theirs.supplier),
        ("purchaseOrderCreate", "/order/locationId", "order.locationId", &w.theirs.location),
        ("purchaseOrderCreate", "/order/lines/0/itemId", "order.lines.0.itemId", &w.theirs.item),
        ("receiptCreate", "/orderIds/0", "orderIds.0", &w.theirs.order),
        ("adjustmentCreate", "/locationId", "locationId", &w.theirs.location),
        ("adjustmentCreate", "/lines/0/itemId", "lines.0.itemId", &w.theirs.item),
        ("transferCreate", "/fromLocationId", "fromLocationId", &w.theirs.location),
        ("replenishmentPolicyPropose", "/lines/0/itemId", "lines.0.itemId", &w.theirs.item),
        ("replenishmentPolicyPropose", "/lines/0/locationId", "lines.0.locationId", &w.theirs.location),
        ("supplierReturnCreate", "/supplierId", "supplierId", &w.theirs.supplier),
        ("priceListPropose", "/supplierId", "supplierId", &w.theirs.supplier),
        ("priceListPropose", "/lines/0/itemId", "lines.0.itemId", &w.theirs.item),
        ("changeOrderCreate", "/purchaseOrderId", "purchaseOrderId", &w.theirs.order),
        ("purchaseOrderSubmit", "/id", "id", &w.theirs.order),
        ("roleAssignmentPropose", "/memberId", "memberId", &w.theirs.member),
    ] {
        cases.push((mutation, path, theirs.clone(), Some(("NOT_FOUND", field))));
        let text = theirs.as_str().expect("an id");
        let (prefix, rest) = text.split_once('_').expect("a prefix");
        cases.push((mutation, path, json!(format!("evt_{rest}")), None));
        cases.push((mutation, path, json!(format!("{prefix}_nonsense")), None));
        cases.push((mutation, path, json!(rest), None));
        cases.push((mutation, path, json!(text.to_uppercase()), None));
        cases.push((mutation, path, json!(7), None));
    }
    cases
}

#[rustfmt::skip]
fn texts() -> Vec<Case> {
    let long = "x".repeat(10_000);
    let mut cases = vec![
        ("purchaseOrderCreate", "/order/note", json!(long), Some(("TOO_LARGE", "order.note"))),
        ("receiptCreate", "/deliveryNote", json!(long), Some(("TOO_LARGE", "deliveryNote"))),
        ("supplierCreate", "/legalName", json!(long), Some(("TOO_LARGE", "legalName"))),
        ("supplierCreate", "/legalName", json!("   "), Some(("REQUIRED", "legalName"))),
        ("supplierCreate", "/code", json!("a b"), Some(("INVALID_INPUT", "code"))),
        ("purchaseOrderCancel", "/reason", json!(""), Some(("REQUIRED", "reason"))),
        ("purchaseOrderCancel", "/reason", json!(long), Some(("TOO_LARGE", "reason"))),
    ];
    for (mutation, path) in [
        ("purchaseOrderCreate", "/order/note"),
        ("purchaseOrderCancel", "/reason"),
        ("supplierCreate", "/code"),
        ("adjustmentCreate", "/lines/0/lot"),
        ("memberCreate", "/displayName"),
        ("sodPolicyEdit", "/note"),
    ] {
        cases.push((mutation, path, json!("a\u{0}b"), None));
    }
    cases
}

/// A version that was read too long ago, and states that do not allow the step.
#[rustfmt::skip]
fn standings() -> Vec<Case> {
    vec![
        ("purchaseOrderSubmit", "/expectedVersion", json!(7), Some(("CONFLICT", "expectedVersion"))),
        ("purchaseOrderSubmit", "/expectedVersion", json!(-1), Some(("CONFLICT", "expectedVersion"))),
        ("purchaseOrderCancel", "/expectedVersion", json!(7), Some(("CONFLICT", "expectedVersion"))),
        ("purchaseOrderRelease", "/expectedVersion", Value::Null, Some(("INVALID_STATE", ""))),
        ("purchaseOrderResume", "/expectedVersion", Value::Null, Some(("INVALID_STATE", ""))),
        ("receiptComplete", "/expectedVersion", Value::Null, Some(("INVALID_STATE", ""))),
        ("transferReceive", "/expectedVersion", Value::Null, Some(("INVALID_STATE", ""))),
        ("supplierRelease", "/expectedVersion", Value::Null, Some(("INVALID_STATE", ""))),
    ]
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_value_that_cannot_be_is_told_with_its_code_and_place_and_changes_nothing() {
    let w = written().await;
    let before = w.company.events().await;
    let mut wrong = Vec::new();
    let all = [
        quantities(),
        codes(),
        lookalikes(),
        dates(),
        lines(&w),
        ids(&w),
        texts(),
        standings(),
    ];
    let cases = all.into_iter().flatten();
    for (mutation, path, value, told) in cases {
        let shown = value.to_string().chars().take(60).collect::<String>();
        let input = with(w.input(mutation), path, value);
        let body = json!({ "query": command(mutation, ""), "variables": { "input": input } });
        let (status, answer) = send(&w.company, w.person(mutation), &body).await;
        let (expected, found) = (expected(told, status), Answer::of(status, &answer));
        if found != expected {
            wrong.push(format!(
                "{mutation} {path} = {shown}\n  expected {expected:?}\n  found    {found:?} {}",
                answer["errors"][0]["message"]
            ));
        }
    }
    assert!(
        wrong.is_empty(),
        "{} answers are wrong:\n{}",
        wrong.len(),
        wrong.join("\n")
    );
    assert_eq!(w.company.events().await, before, "nothing changed");
    // The same inputs without the bad value are good: it was the value.
    for (mutation, (person, input)) in w.good() {
        person.does(mutation, "", input.clone()).await;
    }
}
