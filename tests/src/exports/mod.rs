//! Bulk exports over HTTP: the files that imports read.

mod breaking;
mod command;
mod people;
mod round_trip;

use crate::imports::Desk;
use crate::world::Person;
use reqwest::Method;

/// An export that ends well.
async fn exported(who: &Person, kind: &str) -> String {
    let response = who.rest(Method::GET, &format!("/v1/exports/{kind}")).send().await;
    let response = response.expect("an answer");
    assert_eq!(response.status(), 200, "{kind}");
    response.text().await.expect("a whole file")
}

/// Items that are in force, with long descriptions: `E-0000001` and so on.
async fn many_items(desk: &Desk, items: i32) {
    let sql = "INSERT INTO qm.item (tenant_id, id, sku, name, description, base_unit, status, version, event_sequence, event_hash, created_at, updated_at) \
        SELECT $1, gen_random_uuid(), 'E-' || lpad(n::text, 7, '0'), 'Item ' || n, repeat('so long ', 250), 'EA', 'ACTIVE', 1, 0, '', statement_timestamp(), statement_timestamp() \
        FROM generate_series(1, $2::int) n";
    let made = desk.world.owner.execute(sql, &[&desk.shop.tenant.0, &items]).await;
    made.expect("items");
}
