//! What stock is worth, what it was, and the proof that the ledger says the same.

use super::shelf::shelf;
use quartermaster_domain::inventory::queries::{self, PositionFilter};
use quartermaster_domain::shared::Window;
use rust_decimal::dec;

#[tokio::test]
async fn positions_follow_the_worked_example_and_the_value_ties_to_the_movements() {
    let s = shelf().await;
    s.stocked(0, dec!(100), dec!(10)).await;
    s.stocked(0, dec!(50), dec!(13)).await;
    assert_eq!(s.at(s.shop.location, 0, "AVAILABLE").await, (dec!(150), dec!(11)));
    s.stocked(0, dec!(-60), dec!(0)).await;
    s.stocked(0, dec!(30), dec!(15.4)).await;
    assert_eq!(s.at(s.shop.location, 0, "AVAILABLE").await, (dec!(120), dec!(12.1)));
    let proof = s.proven().await;
    assert_eq!(
        (proof.value, proof.movement_value, proof.movements),
        (dec!(1452), dec!(1452), 4)
    );
    s.owner
        .execute(
            "UPDATE qm.stock_position SET quantity = quantity + 1 WHERE tenant_id = $1",
            &[&s.shop.tenant.0],
        )
        .await
        .unwrap();
    let broken = queries::integrity(&s.db, &s.manager).await.unwrap();
    assert_eq!(
        (
            broken.differing,
            broken.differences[0].quantity,
            broken.differences[0].ledger
        ),
        (1, dec!(121), dec!(120))
    );
}

#[tokio::test]
async fn the_past_is_what_the_movements_until_then_add_up_to() {
    let s = shelf().await;
    s.stocked(0, dec!(100), dec!(10)).await;
    let between: chrono::DateTime<chrono::Utc> =
        s.owner.query_one("SELECT clock_timestamp()", &[]).await.unwrap().get(0);
    s.stocked(0, dec!(5), dec!(10)).await;
    let past = queries::as_of(&s.db, &s.manager, s.shop.items[0], None, between)
        .await
        .unwrap();
    assert_eq!(
        (past.len(), past[0].quantity, past[0].value),
        (1, dec!(100), dec!(1000))
    );
}

#[tokio::test]
async fn a_position_sums_its_lots_in_one_statement() {
    let s = shelf().await;
    s.stocked(0, dec!(100), dec!(10)).await;
    let window = Window {
        limit: 10,
        ..Window::default()
    };
    let filter = PositionFilter {
        items: Some(vec![s.shop.items[0]]),
        ..PositionFilter::default()
    };
    let before = s.db.round_trips();
    let page = queries::positions(&s.db, &s.manager, &filter, queries::POSITION_ORDERS[0], &window)
        .await
        .unwrap();
    assert_eq!(s.db.round_trips() - before, 1);
    let p = &page.rows[0].0;
    assert_eq!(
        (p.on_hand, p.allocated, p.average_cost, p.unit.as_str()),
        (dec!(100), dec!(0), dec!(10), "EA")
    );
}
