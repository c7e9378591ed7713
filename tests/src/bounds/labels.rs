//! Labels of the figures come from clients, and are bounded: a stranger cannot use them up.

use crate::api::{post, query};
use crate::database::fixture::strict;
use crate::world::World;
use serde_json::json;

#[tokio::test]
async fn the_name_of_a_strangers_operation_becomes_no_label() {
    let world = World::start().await;
    let shop = world.shop(&strict()).await;
    let buyer = world.member(&shop, &["buyer"]).await;
    let (stranger, known) = (
        format!("S{}", uuid::Uuid::now_v7().simple()),
        format!("K{}", uuid::Uuid::now_v7().simple()),
    );
    let text = |name: &str| format!("query {name} {{ __typename }}");
    let answer = post(&world, &query(&text(&stranger))).send().await.expect("an answer");
    assert_eq!(answer.status().as_u16(), 200);
    buyer.run(&text(&known), json!({})).await;
    let figures = world.http.get(format!("http://{}/metrics", world.server.addr));
    let figures = figures.send().await.expect("an answer").text().await.expect("text");
    assert!(!figures.contains(&stranger));
    assert!(figures.contains("operation=\"stranger\""));
    // Unless others of the process have used up the labels.
    assert!(figures.contains(&known) || figures.contains("operation=\"other\""));
}
