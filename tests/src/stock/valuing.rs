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

#[tokio::test]
async fn all_stock_page_by_page_is_what_its_items_and_locations_have() {
    let s = shelf().await;
    let tenant = s.shop.tenant.0;
    // Three locations, one in a region; of each item lots in several states, made in no order of their ids.
    let sql = format!(
        "INSERT INTO qm.region (tenant_id, id, code, name, version, event_sequence, event_hash, created_at, updated_at) \
         VALUES ('{tenant}', '{tenant}', 'NORTH', 'North', 1, 0, '', statement_timestamp(), statement_timestamp()); \
         INSERT INTO qm.location (tenant_id, id, code, name, kind, status, region_id, time_zone, version, event_sequence, event_hash, created_at, updated_at) \
         SELECT '{tenant}', gen_random_uuid(), 'W' || n, 'W', 'STORE', 'ACTIVE', CASE WHEN n = 1 THEN '{tenant}'::uuid END, 'UTC', 1, 0, '', statement_timestamp(), statement_timestamp() FROM generate_series(1, 2) n; \
         INSERT INTO qm.stock_position (tenant_id, id, item_id, location_id, lot, stock_status, owner_id, quantity, allocated, average_cost, version, updated_at) \
         SELECT '{tenant}', gen_random_uuid(), i.id, l.id, lot, state, '{tenant}', (length(l.code) * ascii(i.sku) + ascii(right(i.sku, 1))) % 7, 0, 1.5, 1, statement_timestamp() \
         FROM qm.item i, qm.location l, unnest(ARRAY['', 'A', 'B']) lot, unnest(ARRAY['AVAILABLE', 'QUARANTINE']) state \
         WHERE i.tenant_id = '{tenant}' AND l.tenant_id = '{tenant}' AND (lot <> 'B' OR state = 'AVAILABLE')"
    );
    s.owner.batch_execute(&sql).await.unwrap();
    for filter in [
        PositionFilter::default(),
        PositionFilter {
            on_hand: Some(true),
            ..PositionFilter::default()
        },
        PositionFilter {
            regions: Some(vec![tenant]),
            ..PositionFilter::default()
        },
    ] {
        for order in &queries::POSITION_ORDERS[..2] {
            // All at once and by name of its items, and so added up in another way.
            let named = PositionFilter {
                items: Some(s.shop.items.clone()),
                ..filter.clone()
            };
            let window = Window {
                limit: 1_000,
                ..Window::default()
            };
            let whole = queries::positions(&s.db, &s.manager, &named, *order, &window)
                .await
                .unwrap();
            let whole: Vec<String> = whole.rows.iter().map(|r| format!("{:?}", r.0)).collect();
            assert!(whole.len() >= 10, "{filter:?}");
            for from_back in [false, true] {
                let mut found: Vec<String> = Vec::new();
                let mut window = Window {
                    limit: 7,
                    from_back,
                    ..Window::default()
                };
                loop {
                    let page = queries::positions(&s.db, &s.manager, &filter, *order, &window)
                        .await
                        .unwrap();
                    let rows = page.rows.iter().map(|r| format!("{:?}", r.0));
                    if from_back {
                        found = rows.chain(found).collect();
                        window.before = page.rows.first().map(|r| r.1.clone());
                    } else {
                        found.extend(rows);
                        window.after = page.rows.last().map(|r| r.1.clone());
                    }
                    if !(if from_back { page.has_previous } else { page.has_next }) {
                        break;
                    }
                }
                assert_eq!(found, whole, "{filter:?} {} {from_back}", order.tag);
            }
            let count = queries::count_positions(&s.db, &s.manager, &filter).await.unwrap();
            assert_eq!(count, i64::try_from(whole.len()).unwrap());
        }
    }
    let sums =
        "SELECT count(*), sum(quantity) FROM qm.stock_position WHERE tenant_id = $1 AND stock_status = 'AVAILABLE'";
    let sums = s.owner.query_one(sums, &[&tenant]).await.unwrap();
    let window = Window {
        limit: 1_000,
        ..Window::default()
    };
    let everything = PositionFilter::default();
    let all = queries::positions(&s.db, &s.manager, &everything, queries::POSITION_ORDERS[0], &window);
    let all = all.await.unwrap().rows;
    let on_hand: rust_decimal::Decimal = all.iter().map(|r| r.0.on_hand).sum();
    assert_eq!((all.len(), on_hand), (30, sums.get(1)));
}
