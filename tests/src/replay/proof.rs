//! The proof is worth something: whatever is planted between files and product, it names.

use super::town::{Town, differences};
use quartermaster_demo::Size;
use quartermaster_demo::description::TenantKind;

/// A world of one brand.
const SMALL: Size = Size {
    stores: 6,
    vendors: 2,
    items: 20,
    weeks: 1,
    lines_per_order: 3,
};

#[tokio::test]
async fn whatever_is_planted_the_proof_names() {
    let town = Town::start().await;
    town.invent(SMALL, |world| {
        world.tenants.truncate(1);
        world.networks.clear();
        world.tenants[0].kind = TenantKind::Brand;
        world.tenants[0].takes_the_rest = true;
    });
    let lived = town.live().await.expect("lived");
    assert_eq!(differences(&lived), Vec::<String>::new());
    let code = lived.plan.tenants[0].entry.code.clone();
    let tenant = lived.world.place(&code).expect("a place").tenant.clone();
    drop(lived);

    let tenant: quartermaster_tenants::id::TenantId = tenant.parse().expect("an id");
    // Only the owner of the database can do these at all.
    for (planted, named) in [
        (
            "UPDATE qm.stock_position SET quantity = quantity + 1 WHERE tenant_id = $1 AND id = (SELECT min(id::text)::uuid FROM qm.stock_position WHERE tenant_id = $1)",
            &[
                "stock of ",
                "positions that are not the sum of their movements: expected 0, found 1",
            ][..],
        ),
        (
            "UPDATE qm.purchase_order SET net_amount = net_amount + 0.01 WHERE tenant_id = $1 AND id = (SELECT min(id::text)::uuid FROM qm.purchase_order WHERE tenant_id = $1)",
            &["ordered: "],
        ),
        (
            "UPDATE qm.event SET type = 'something-else' WHERE tenant_id = $1 AND id = (SELECT min(id::text)::uuid FROM qm.event WHERE tenant_id = $1 AND type = 'goods-received')",
            &["events goods-received: "],
        ),
    ] {
        let changed = town.owner.execute(planted, &[&tenant.0]).await.expect("planted");
        assert_eq!(changed, 1, "{planted}");
        let lived = town.live().await.expect("proved again");
        let found = differences(&lived);
        for name in named {
            assert!(
                found.iter().any(|difference| difference.starts_with(name)),
                "{name}: {found:?}"
            );
        }
        assert!(!lived.equal());
    }
}
