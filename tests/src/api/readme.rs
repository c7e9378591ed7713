use crate::database::fixture::strict;
use crate::house;
use crate::world::{CREATE, World, order_input};
use serde_json::json;

/// The first block of this language in the README.
fn block(language: &str) -> String {
    let text = std::fs::read_to_string(house::root().join("README.md")).expect("README.md");
    let (_, after) = text.split_once(&format!("```{language}\n")).expect("a block");
    after.split_once("```").expect("its end").0.to_owned()
}

#[tokio::test]
async fn the_first_query_of_the_readme_answers_what_it_promises() {
    let world = World::start().await;
    let shop = world.shop(&strict()).await;
    let buyer = world.member(&shop, &["buyer"]).await;
    buyer.done(CREATE, order_input(&shop, true)).await;
    let answer = buyer.ask(&block("graphql"), json!({})).await;
    assert!(answer.get("errors").is_none(), "{answer:#}");
    let me = quartermaster_tenants::id::encode("mem", buyer.op.account);
    assert_eq!(answer["data"]["viewer"]["memberId"], json!(me));
    let orders = &answer["data"]["purchaseOrders"];
    assert_eq!(orders["totalCount"], 1);
    assert_eq!(orders["nodes"][0]["status"], "IN_APPROVAL");
    assert!(orders["nodes"][0]["number"].is_string());
}
