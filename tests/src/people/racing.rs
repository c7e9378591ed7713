//! H-03: an approval of a role against an act of the same person, and a revocation against an act.

use super::town::{Town, town};
use quartermaster_tenants::id::{MemberId, TenantId};
use quartermaster_tenants::{Error, Op, members};

/// What needs authority in this test: proposing a role.
async fn act(town: &Town, by: &Op, on: MemberId) -> bool {
    match town.propose(by, on, "requester").await {
        Ok(_) => true,
        Err(Error::Inactive | Error::Refused(_)) => false,
        Err(other) => panic!("{other}"),
    }
}

async fn rounds(town: &Town, tenant: TenantId) {
    let (root, adm) = (town.log_in("sec1", tenant).await, town.log_in("adm1", tenant).await);
    let member = town.member(&root, "racer").await;
    town.grant(tenant, member, "security_admin").await;
    let racer = town.log_in("racer", tenant).await;
    for round in 0..10 {
        let target = town.member(&root, &format!("target{round}")).await;
        let (stopped, _) = tokio::join!(
            members::deactivate(&town.db, &root, member, "race", None),
            act(town, &racer, target)
        );
        stopped.expect("deactivated");
        // Whatever the race came to: after it nothing goes any more.
        let late = town.member(&root, &format!("late{round}")).await;
        assert!(!act(town, &racer, late).await, "a revoked authority acted");
        members::reactivate(&town.db, &root, member, None)
            .await
            .expect("reactivated");
        assert!(act(town, &racer, late).await);
    }
    drop(adm);
}

#[tokio::test]
async fn what_was_revoked_cannot_commit_and_what_committed_came_before() {
    let town = town().await;
    let tenant = town.brand().await;
    rounds(&town, tenant).await;
}
