//! Counts: movement-aware, blind, by others than those who approve.

use super::shelf::{Shelf, code, done, rule, shelf};
use quartermaster_domain::adjustments;
use quartermaster_domain::counts::{self, NewCount};
use quartermaster_domain::inventory::queries::{self as stock, MovementFilter, PositionFilter};
use quartermaster_domain::shared::{AdjustmentId, StockCountId, Window};
use quartermaster_tenants::Op;
use quartermaster_tenants::error::Code;
use rust_decimal::{Decimal, dec};

async fn started(s: &Shelf, blind: bool) -> StockCountId {
    let planner = s.member("inventory_controller").await;
    let new = NewCount {
        location: s.shop.location,
        items: None,
        blind,
        tolerance: None,
        note: None,
    };
    let id = StockCountId(done(counts::plan(&s.db, &planner, &new).await));
    done(counts::start(&s.db, &planner, id, None).await);
    id
}

async fn enter(
    s: &Shelf,
    by: &Op,
    id: StockCountId,
    quantity: Decimal,
) -> quartermaster_tenants::Result<quartermaster_tenants::Outcome> {
    counts::enter(&s.db, by, id, &[s.place(0, quantity)], None).await
}

#[tokio::test]
async fn what_moves_during_a_count_is_no_variance_and_several_counters_add_up() {
    let s = shelf().await;
    s.stocked(0, dec!(100), dec!(5)).await;
    let id = started(&s, true).await;
    s.stocked(0, dec!(20), dec!(5)).await;
    let (one, two) = (
        s.member("inventory_controller").await,
        s.member("inventory_controller").await,
    );
    done(enter(&s, &one, id, dec!(90)).await);
    done(enter(&s, &two, id, dec!(30)).await);
    s.stocked(0, dec!(7), dec!(5)).await;
    done(counts::submit(&s.db, &one, id, None).await);
    assert_eq!(
        s.status("stock_count", id.0).await,
        "POSTED",
        "no variance: nobody needs to approve"
    );
    assert_eq!(s.stock(0).await, dec!(127));
    let hands: i64 = s
        .owner
        .query_one(
            "SELECT count(DISTINCT person_id) FROM qm.authz_hand WHERE document_id = $1 AND duty = 'CNT.ENTER'",
            &[&id.0],
        )
        .await
        .unwrap()
        .get(0);
    assert_eq!(hands, 2, "everybody who entered is a hand");
}

/// A count with a variance of −20 at 50, counted twice alike by two persons.
async fn reviewed(s: &Shelf) -> (StockCountId, Op, Op) {
    s.stocked(0, dec!(100), dec!(50)).await;
    let id = started(s, true).await;
    let (first, second) = (s.member("inventory_controller").await, s.member("store_manager").await);
    done(enter(s, &first, id, dec!(80)).await);
    done(counts::submit(&s.db, &first, id, None).await);
    assert_eq!(s.status("stock_count", id.0).await, "RECOUNT_ASKED");
    assert_eq!(rule(enter(s, &first, id, dec!(80)).await), "DUAL-05");
    done(enter(s, &second, id, dec!(80)).await);
    done(counts::submit(&s.db, &second, id, None).await);
    assert_eq!(s.status("stock_count", id.0).await, "REVIEWED");
    (id, first, second)
}

#[tokio::test]
async fn inv_02_and_dual_05_counters_neither_count_again_nor_approve() {
    let s = shelf().await;
    let (id, first, _) = reviewed(&s).await;
    assert_eq!(s.stock(0).await, dec!(100), "nothing moved yet");
    s.now_holds(&first, "inventory_manager").await;
    assert_eq!(rule(counts::approve(&s.db, &first, id, None).await), "INV-02");
    done(counts::approve(&s.db, &s.manager, id, None).await);
    assert_eq!(
        (s.stock(0).await, s.status("stock_count", id.0).await),
        (dec!(80), "POSTED".to_owned())
    );
    assert_eq!(
        s.events(id.0).await,
        [
            "stock-count-planned",
            "stock-count-started",
            "stock-count-recorded",
            "stock-count-submitted",
            "stock-recount-requested*",
            "stock-count-recorded",
            "stock-count-submitted",
            "stock-count-reviewed*",
            "stock-count-approved",
            "stock-count-posted*"
        ]
    );
    s.proven().await;
}

#[tokio::test]
async fn inv_10_the_planner_of_a_count_does_not_approve_it() {
    let s = shelf().await;
    s.stocked(0, dec!(100), dec!(50)).await;
    let new = NewCount {
        location: s.shop.location,
        items: None,
        blind: false,
        tolerance: Some(dec!(50)),
        note: None,
    };
    let id = StockCountId(done(counts::plan(&s.db, &s.manager, &new).await));
    done(counts::start(&s.db, &s.manager, id, None).await);
    done(enter(&s, &s.controller, id, dec!(80)).await);
    done(counts::submit(&s.db, &s.controller, id, None).await);
    assert_eq!(rule(counts::approve(&s.db, &s.manager, id, None).await), "INV-10");
    let other = s.member("inventory_manager").await;
    done(counts::approve(&s.db, &other, id, None).await);
}

#[tokio::test]
async fn inv_03_who_counted_does_not_approve_an_adjustment_from_the_count() {
    let s = shelf().await;
    let (id, first, _) = reviewed(&s).await;
    let mut new = s.adjustment(1, dec!(100), Some(dec!(40)));
    new.count = Some(id.0);
    let adjuster = s.member("inventory_controller").await;
    let adjustment = AdjustmentId(done(adjustments::create(&s.db, &adjuster, &new, true).await));
    s.now_holds(&first, "inventory_manager").await;
    assert_eq!(
        rule(adjustments::approve(&s.db, &first, adjustment, None).await),
        "INV-03"
    );
    done(adjustments::approve(&s.db, &s.manager, adjustment, None).await);
}

#[tokio::test]
async fn inv_09_who_adjusted_stock_does_not_count_it() {
    let s = shelf().await;
    s.stocked(0, dec!(100), dec!(5)).await;
    s.stocked(1, dec!(100), dec!(5)).await;
    done(s.adjust(&s.controller, 0, dec!(-1), None).await);
    let id = started(&s, true).await;
    assert_eq!(rule(enter(&s, &s.controller, id, dec!(99)).await), "INV-09");
    let twin = counts::enter(&s.db, &s.controller, id, &[s.place(1, dec!(100))], None).await;
    done(twin);
    let other = s.member("inventory_controller").await;
    done(enter(&s, &other, id, dec!(99)).await);
}

#[tokio::test]
async fn a_blind_counter_finds_the_expected_quantity_nowhere() {
    let s = shelf().await;
    s.stocked(0, dec!(100), dec!(5)).await;
    let counter = s.member("store_manager").await;
    let place = [(s.shop.items[0], s.shop.location)];
    let positions = async |op: &Op| {
        let window = Window {
            limit: 10,
            ..Window::default()
        };
        let order = stock::POSITION_ORDERS[0];
        stock::positions(&s.db, op, &PositionFilter::default(), order, &window)
            .await
            .unwrap()
            .rows
            .len()
    };
    assert_eq!(positions(&counter).await, 1, "he sees it before the count");
    let id = started(&s, true).await;
    let item = s.shop.items[0];
    let now = chrono::DateTime::from_timestamp(4_000_000_000, 0).unwrap();
    assert_eq!(positions(&counter).await, 0);
    assert_eq!(
        stock::count_movements(&s.db, &counter, &MovementFilter::default())
            .await
            .unwrap(),
        0
    );
    assert!(stock::lots_of(&s.db, &counter, &place).await.unwrap().is_empty());
    assert!(stock::as_of(&s.db, &counter, item, None, now).await.unwrap().is_empty());
    assert!(
        stock::by_region(&s.db, &counter, vec![item], None)
            .await
            .unwrap()
            .is_empty()
    );
    assert!(
        stock::availability(&s.db, &counter, item, None, now.date_naive())
            .await
            .unwrap()
            .is_empty()
    );
    assert_eq!(stock::integrity(&s.db, &counter).await.unwrap().value, dec!(0));
    let lines = counts::queries::lines_of(&s.db, &counter, &[id.0]).await.unwrap();
    let line = &lines[&id.0][0];
    assert_eq!((line.snapshot, line.expected, line.counted), (None, None, None));
    // Who plans or approves sees all of it, and so does everybody afterwards.
    assert_eq!(positions(&s.manager).await, 1);
    let lines = counts::queries::lines_of(&s.db, &s.manager, &[id.0]).await.unwrap();
    assert_eq!(lines[&id.0][0].snapshot, Some(dec!(100)));
    done(enter(&s, &counter, id, dec!(100)).await);
    done(counts::submit(&s.db, &counter, id, None).await);
    assert_eq!(positions(&counter).await, 1);
}

#[tokio::test]
async fn a_pass_with_places_that_nobody_counted_is_not_put_forward_and_can_be_called_off() {
    let s = shelf().await;
    s.stocked(0, dec!(100), dec!(5)).await;
    s.stocked(1, dec!(100), dec!(5)).await;
    let id = started(&s, false).await;
    done(enter(&s, &s.controller, id, dec!(100)).await);
    assert_eq!(
        code(counts::submit(&s.db, &s.controller, id, None).await).0,
        Code::Required
    );
    done(counts::cancel(&s.db, &s.manager, id, "Wrong day", None).await);
    assert_eq!(code(enter(&s, &s.controller, id, dec!(1)).await).0, Code::InvalidState);
    s.proven().await;
}
