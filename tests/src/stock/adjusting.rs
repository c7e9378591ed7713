//! Adjustments: who, how much, and a hundred at once.

use super::shelf::{code, done, rule, shelf, shelf_with};
use crate::database::fixture::strict;
use quartermaster_domain::adjustments;
use quartermaster_domain::inventory::Reason;
use quartermaster_domain::shared::AdjustmentId;
use quartermaster_tenants::Error;
use quartermaster_tenants::error::Code;
use quartermaster_tenants::settings::{NegativeStock, Settings};
use rust_decimal::{Decimal, dec};

/// Nothing needs an approval.
fn lenient() -> Settings {
    Settings {
        approval_limits: [dec!(1000000); 4],
        ..strict()
    }
}

#[tokio::test]
async fn inv_01_who_proposed_an_adjustment_does_not_approve_it() {
    let s = shelf().await;
    let id = AdjustmentId(done(s.adjust(&s.controller, 0, dec!(100), Some(dec!(40))).await));
    assert_eq!(s.stock(0).await, dec!(0), "pending");
    s.now_holds(&s.controller, "inventory_manager").await;
    assert_eq!(
        rule(adjustments::approve(&s.db, &s.controller, id, None).await),
        "INV-01"
    );
    done(adjustments::approve(&s.db, &s.manager, id, None).await);
    assert_eq!(s.stock(0).await, dec!(100));
    assert_eq!(
        s.events(id.0).await,
        [
            "adjustment-created",
            "adjustment-requested",
            "adjustment-approved",
            "stock-adjusted*"
        ]
    );
    s.proven().await;
}

#[tokio::test]
async fn an_adjustment_is_taken_back_by_another_than_its_poster_at_the_cost_it_moved_at() {
    let s = shelf().await;
    s.stocked(0, dec!(100), dec!(40)).await;
    let id = AdjustmentId(done(s.adjust(&s.controller, 0, dec!(-60), None).await));
    done(adjustments::approve(&s.db, &s.manager, id, None).await);
    let own = adjustments::reverse(&s.db, &s.manager, id, "Mine", None).await;
    assert_eq!(code(own).0, Code::Forbidden);
    let other = s.member("approver_l4").await;
    done(adjustments::reverse(&s.db, &other, id, "It was found again", None).await);
    assert_eq!(s.at(s.shop.location, 0, "AVAILABLE").await, (dec!(100), dec!(40)));
    let again = adjustments::reverse(&s.db, &other, id, "Twice", None).await;
    assert_eq!(code(again).0, Code::InvalidState);
    s.proven().await;
}

#[tokio::test]
async fn a_rejected_adjustment_moves_nothing() {
    let s = shelf().await;
    let id = AdjustmentId(done(s.adjust(&s.controller, 0, dec!(100), Some(dec!(40))).await));
    done(adjustments::reject(&s.db, &s.manager, id, "No", None).await);
    assert_eq!(s.stock(0).await, dec!(0));
    assert_eq!(
        code(adjustments::approve(&s.db, &s.manager, id, None).await).0,
        Code::InvalidState
    );
}

#[tokio::test]
async fn a_hundred_issues_for_fifty_units_are_fifty() {
    let s = shelf_with(lenient()).await;
    s.stocked(0, dec!(50), dec!(2)).await;
    let issues = (0..100).map(|_| async {
        loop {
            match s.adjust(&s.controller, 0, dec!(-1), None).await {
                Ok(_) => return true,
                Err(Error::Contended(_) | Error::Unavailable(_)) => {}
                Err(Error::Refused(r)) => {
                    assert_eq!(r[0].code, Code::InsufficientStock);
                    return false;
                }
                Err(e) => panic!("{e:?}"),
            }
        }
    });
    let issued = futures::future::join_all(issues)
        .await
        .into_iter()
        .filter(|ok| *ok)
        .count();
    assert_eq!((issued, s.stock(0).await), (50, dec!(0)));
    assert_eq!(s.proven().await.movements, 51);
}

#[tokio::test]
async fn many_people_post_the_same_new_places_in_any_order_without_deadlock() {
    let s = shelf_with(lenient()).await;
    let posts = (0..40).map(|n| {
        let s = &s;
        async move {
            let mut new = s.adjustment(0, dec!(1), Some(dec!(1)));
            let mut lines: Vec<_> = (0..6)
                .map(|i| s.adjustment(i, dec!(1), Some(dec!(1))).lines.remove(0))
                .collect();
            lines.rotate_left(n % 6);
            new.lines = lines;
            loop {
                match adjustments::create(&s.db, &s.controller, &new, true).await {
                    Ok(_) => return,
                    Err(Error::Unavailable(_)) => {}
                    Err(e) => panic!("{e:?}"),
                }
            }
        }
    });
    futures::future::join_all(posts).await;
    for item in 0..6 {
        assert_eq!(s.stock(item).await, dec!(40));
    }
    assert_eq!(s.proven().await.positions, 6);
}

#[tokio::test]
async fn a_tenant_that_allows_negative_stock_is_told_once() {
    let s = shelf_with(Settings {
        negative_stock: NegativeStock::Flag,
        ..lenient()
    })
    .await;
    s.stocked(0, dec!(1), dec!(2)).await;
    done(s.adjust(&s.controller, 0, dec!(-3), None).await);
    done(s.adjust(&s.controller, 0, dec!(-3), None).await);
    assert_eq!(s.stock(0).await, dec!(-5));
    assert_eq!(s.events_of_type("inventory-negative-detected").await, 1);
    s.proven().await;
}

#[tokio::test]
async fn what_is_wrong_with_an_adjustment_is_told_with_its_place() {
    let s = shelf().await;
    let try_one = async |item: usize, quantity: Decimal, cost: Option<Decimal>| {
        code(s.adjust(&s.controller, item, quantity, cost).await)
    };
    assert_eq!(
        try_one(0, dec!(1), None).await,
        (Code::Required, "lines.0.unitCost".to_owned())
    );
    assert_eq!(
        try_one(0, dec!(0), None).await,
        (Code::InvalidInput, "lines.0.quantity".to_owned())
    );
    assert_eq!(
        try_one(0, dec!(-1), None).await,
        (Code::InsufficientStock, "lines".to_owned())
    );
    assert_eq!(try_one(0, dec!(1e12), None).await.1, "lines.0.quantity");
    assert_eq!(try_one(0, dec!(0.0000001), None).await.1, "lines.0.quantity");
    let mut wrong_way = s.adjustment(0, dec!(1), Some(dec!(1)));
    wrong_way.reason = Reason::Theft;
    let found = code(adjustments::create(&s.db, &s.controller, &wrong_way, false).await);
    assert_eq!(found, (Code::InvalidInput, "lines.0.quantity".to_owned()));
    let mut nobody = s.adjustment(0, dec!(1), Some(dec!(1)));
    nobody.lines[0].entered.item = uuid::Uuid::now_v7();
    let found = code(adjustments::create(&s.db, &s.controller, &nobody, true).await);
    assert_eq!(found, (Code::NotFound, "lines.0.itemId".to_owned()));
    nobody.lines.clear();
    assert_eq!(
        code(adjustments::create(&s.db, &s.controller, &nobody, true).await).0,
        Code::Required
    );
}
