//! Many people, one order.

use super::yard::{line, yard_with};
use crate::database::fixture::{member, strict};
use quartermaster_tenants::Error;
use quartermaster_tenants::error::Code;
use quartermaster_tenants::settings::Settings;
use rust_decimal::dec;

#[tokio::test]
async fn sixty_four_receivers_of_one_order_never_pass_its_tolerance() {
    let y = yard_with(Settings {
        over_receipt_tolerance_percent: dec!(2),
        ..strict()
    })
    .await;
    let order = y.ordered(&[100]).await;
    let mut receivers = Vec::new();
    for _ in 0..64 {
        receivers.push(member(&y.owner, y.shop.tenant, &["receiver"]).await);
    }
    let tries = receivers.iter().map(|op| {
        let y = &y;
        async move {
            loop {
                match y.receive(op, order, &[line(1, 7)]).await {
                    Err(Error::Contended(_) | Error::Unavailable(_)) => {}
                    Ok(_) => return true,
                    Err(Error::Refused(r)) => {
                        assert!([Code::OverTolerance, Code::InvalidState].contains(&r[0].code), "{r:?}");
                        return false;
                    }
                    Err(e) => panic!("{e:?}"),
                }
            }
        }
    });
    let taken = futures::future::join_all(tries)
        .await
        .into_iter()
        .filter(|ok| *ok)
        .count();
    assert_eq!(taken, 14, "14 × 7 = 98; 15 × 7 = 105 is beyond 102");
    assert_eq!((y.stock(0, "AVAILABLE").await, y.ledger(0).await), (dec!(98), dec!(98)));
}
