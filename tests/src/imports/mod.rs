//! Bulk imports over HTTP, as the people who upload and approve them.

mod approving;
mod breaking;
mod command;
mod ending;
mod large;
mod limits;
mod people;
mod refusing;

use crate::database::fixture::{Shop, strict};
use crate::world::{Bearer, Person, World};
use serde_json::{Value, json};

/// A shop with somebody who proposes, somebody who approves, and an administrator.
pub(crate) struct Desk {
    pub world: World,
    pub shop: Shop,
    pub steward: Person,
    pub approver: Person,
    pub admin: Person,
}

impl Desk {
    pub async fn open() -> Self {
        let world = World::start().await;
        let shop = world.shop(&strict()).await;
        let steward = world.member(&shop, &["category_manager"]).await;
        let approver = world.member(&shop, &["supplier_approver", "pricing_manager"]).await;
        let admin = world.member(&shop, &["tenant_admin"]).await;
        Self {
            world,
            shop,
            steward,
            approver,
            admin,
        }
    }
}

/// Uploads a file; gives the status and the answer.
pub(crate) async fn upload(who: &Bearer, path: &str, file: impl Into<reqwest::Body>) -> (u16, Value) {
    let request = who
        .rest(reqwest::Method::POST, &format!("/v1/imports/{path}"))
        .header("content-type", "text/csv");
    let response = request.body(file).send().await.expect("an answer");
    (response.status().as_u16(), response.json().await.expect("JSON"))
}

/// An upload that is read to its end.
pub(crate) async fn imported(who: &Bearer, path: &str, file: impl Into<reqwest::Body>) -> Value {
    let (status, answer) = upload(who, path, file).await;
    assert_eq!(status, 200, "{answer:#}");
    answer["import"].clone()
}

/// What its lines came to: created, updated, unchanged, refused.
pub(crate) fn counts(import: &Value) -> [i64; 4] {
    ["created", "updated", "unchanged", "refused"].map(|c| import[c].as_i64().expect(c))
}

/// What is told about its lines: line number, column, code.
pub(crate) fn told(import: &Value) -> Vec<(i64, String, String)> {
    let text = |v: &Value| v.as_str().expect("text").to_owned();
    let refusals = import["refusals"].as_array().expect("refusals");
    refusals
        .iter()
        .map(|r| {
            (
                r["lineNumber"].as_i64().expect("line"),
                text(&r["field"]),
                text(&r["code"]),
            )
        })
        .collect()
}

/// The file of the refused lines.
pub(crate) async fn refused_file(who: &Bearer, import: &Value) -> String {
    let path = import["refusedFile"].as_str().expect("a file of refused lines");
    let response = who.rest(reqwest::Method::GET, path).send().await.expect("an answer");
    assert_eq!(response.status(), 200);
    response.text().await.expect("text")
}

fn approval(import: &Value) -> String {
    let (mutation, field) = match import["change"]["type"].as_str().expect("a change") {
        "SupplierChange" => ("supplierChangeApprove", "supplierChange"),
        "ItemChange" => ("itemChangeApprove", "itemChange"),
        _ => ("priceListApprove", "priceList"),
    };
    format!(
        "mutation($id: ID!) {{ {mutation}(input: {{ id: $id }}) {{ {field} {{ status lineCount }} userErrors {{ code message ... on SegregationOfDutiesError {{ rule }} }} }} }}"
    )
}

/// Approves what an import proposed.
pub(crate) async fn approve(who: &Bearer, import: &Value) {
    who.done(&approval(import), json!({ "id": import["change"]["id"] }))
        .await;
}

/// Why it may not be approved.
pub(crate) async fn approval_refused(who: &Bearer, import: &Value) -> Value {
    who.refused(&approval(import), json!({ "id": import["change"]["id"] }))
        .await
}

/// A file of items, longer than a chunk.
pub(crate) fn many(lines: usize) -> String {
    let lines: String = (0..lines).map(|n| format!("M-{n},Item {n},EA\n")).collect();
    format!("sku,name,base_unit\n{lines}")
}

/// All imports, the last one first.
async fn jobs(who: &Person) -> Vec<Value> {
    let query = "query { importJobs { nodes { id state failure lines created version change { ... on ItemChange { id status reason } } } } }";
    who.sees(query).await["nodes"].as_array().expect("imports").clone()
}

/// How an import is shown.
pub(crate) async fn shown(who: &Bearer, import: &Value) -> Value {
    let query = "query($id: ID!) { importJob(id: $id) { id kind state dryRun name lines created updated unchanged refused omittedGtins failure refusedFile \
        change { ... on SupplierChange { id status } ... on ItemChange { id status } ... on PriceList { id status } } \
        refusals(first: 50) { totalCount nodes { lineNumber field code message omitted line } } } }";
    who.run(query, json!({ "id": import["id"] })).await
}

pub(crate) const SUPPLIERS: &str = "code,legal_name,currency,tax_id,gln,payment_terms_days,lead_time_days,incoterm,external_key,contact_name,contact_role,contact_email,contact_phone\n\
    ACME,Acme Foods Ltd,USD,12-3456789,9506000117843,30,5,DAP,V-100,Ann Li,Sales,ann@acme.example,+1 515 555 0100\n\
    BOLT,\"Bolt, Sons & Co\",EUR,,,,,,,,,,\n";
pub(crate) const ITEMS: &str = "sku,name,description,category,base_unit,gtin,case_unit,case_quantity,case_gtin,lot_tracked,expiry_tracked,serial_tracked,regulated,status\n\
    A-100,Vodka 0.75 l,,,EA,036000291452,CS,12,10614141000415,false,false,false,true,ACTIVE\n\
    A-200,\"Gin \"\"dry\"\"\",two lines of text,,EA,96385074,,,,,,,,\n";
pub(crate) const PRICES: &str = "supplier_code,sku,unit,price,currency,valid_from,valid_to,minimum_quantity,supplier_sku,minimum_order_quantity,order_multiple,lead_time_days,preference\n\
    S1,SKU0,,2.5000,,,,,V0,24,12,5,1\n\
    S1,SKU1,EA,101.9400,USD,2026-01-01,2026-12-31,10,,,,,\n";
pub(crate) const LOCATIONS: &str = "code,name,kind,region,gln,street,city,postal_code,subdivision,country,time_zone\n\
    S001,Store 1,STORE,,9506000117843,1 Main St,Des Moines,50309,IA,US,America/Chicago\n\
    W001,Warehouse,WAREHOUSE,,,,,,,,UTC\n";
