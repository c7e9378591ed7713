//! A tenant begins with its founders: all or nothing, once.

use super::town::{codes, town};
use quartermaster_tenants::authenticate::{Caller, Denied};
use quartermaster_tenants::directory::{self, FounderRole, TenantKind, network_create};
use quartermaster_tenants::error::Code;
use quartermaster_tenants::id::TenantId;
use quartermaster_tenants::{Error, Tenants};
use uuid::Uuid;

#[tokio::test]
async fn a_tenant_begins_with_its_founders_and_they_can_log_in_at_once() {
    let town = town().await;
    let tenant = town.brand().await;
    let founder = town.log_in("sec1", tenant).await;
    assert_eq!(founder.roles, ["security_admin"]);
    assert_eq!(town.log_in("adm2", tenant).await.roles, ["tenant_admin"]);
    let list = town.tenants().await;
    assert_eq!(list.len(), 1);
    assert_eq!((list[0].status.as_str(), list[0].id), ("ACTIVE", tenant.0));
}

#[tokio::test]
async fn the_same_request_answers_the_same_and_another_with_its_code_is_refused() {
    let town = town().await;
    let new = town.new_tenant("B1");
    let first = town.create(&new).await.unwrap();
    let again = town.create(&new).await.unwrap();
    assert_eq!(first.document, again.document);
    let mut other = new.clone();
    other.name = "Another".to_owned();
    assert_eq!(codes(town.create(&other).await), [(Code::Duplicate, "code".to_owned())]);
}

#[tokio::test]
async fn a_provisioning_that_stopped_half_way_exists_for_nobody_and_a_repeat_completes_it() {
    let town = town().await;
    let mut new = town.new_tenant("HALF");
    new.time_zone = "Mars/Olympus_Mons".to_owned();
    assert_eq!(
        codes(town.create(&new).await),
        [(Code::UnknownCode, "timeZone".to_owned())]
    );
    new.time_zone = "UTC".to_owned();
    // The directory answers, the tenants' pool does not: the row is made, and nothing inside the tenant.
    let nowhere = Tenants::new("postgres://nobody@127.0.0.1:1/none", 1).unwrap();
    let stopped = directory::tenant_create(&town.directory, &nowhere, &town.partner, &new).await;
    assert!(matches!(stopped, Err(Error::Unavailable(_))), "{stopped:?}");
    let list = town.tenants().await;
    assert!(list.is_empty(), "{list:?}");
    assert!(matches!(town.caller("sec1", None).await, Err(Denied::NoAccount)));
    let made = town.create(&new).await.unwrap();
    town.log_in("sec1", TenantId(made.document.unwrap())).await;
}

#[tokio::test]
async fn founders_are_two_and_two_different_persons_and_none_is_the_creator() {
    let town = town().await;
    let mut few = town.new_tenant("F1");
    few.founders.pop();
    assert_eq!(
        codes(town.create(&few).await),
        [(Code::Required, "founders".to_owned())]
    );
    let mut same = town.new_tenant("F2");
    same.founders[3].subject = "sec1".to_owned();
    assert_eq!(
        codes(town.create(&same).await),
        [(Code::Duplicate, "founders.3.subject".to_owned())]
    );
    let mut creator = town.new_tenant("F3");
    creator.founders.push(town.founder("admin", FounderRole::TenantAdmin));
    assert_eq!(
        codes(town.create(&creator).await),
        [(Code::InvalidInput, "founders.4.subject".to_owned())]
    );
    let mut stranger = town.new_tenant("F4");
    stranger.founders[0].issuer = "https://nobody.example".to_owned();
    assert_eq!(
        codes(town.create(&stranger).await),
        [(Code::InvalidInput, "founders.0.issuer".to_owned())]
    );
}

#[tokio::test]
async fn another_partners_issuer_cannot_name_founders() {
    let (one, two) = (town().await, town().await);
    let mut new = one.new_tenant("X");
    new.founders[0].issuer = two.issuer.clone();
    assert_eq!(
        codes(one.create(&new).await),
        [(Code::InvalidInput, "founders.0.issuer".to_owned())]
    );
}

#[tokio::test]
async fn only_a_partners_administrator_creates_tenants() {
    let town = town().await;
    let mut stranger = town.partner.clone();
    stranger.person = Uuid::now_v7();
    let made = directory::tenant_create(&town.directory, &town.db, &stranger, &town.new_tenant("N")).await;
    assert_eq!(codes(made), [(Code::Forbidden, String::new())]);
}

#[tokio::test]
async fn a_franchisee_needs_a_network_that_a_franchisor_leads_alone() {
    let town = town().await;
    let network = network_create(&town.directory, &town.db, &town.partner, "NET", "Network")
        .await
        .unwrap();
    let of_kind = |code: &str, kind| {
        let mut new = town.new_tenant(code);
        (new.kind, new.network) = (kind, network.document);
        new
    };
    let early = town.create(&of_kind("FEE", TenantKind::Franchisee)).await;
    assert_eq!(codes(early), [(Code::InvalidInput, "networkId".to_owned())]);
    town.create(&of_kind("FOR", TenantKind::Franchisor)).await.unwrap();
    town.create(&of_kind("FEE", TenantKind::Franchisee)).await.unwrap();
    let second = town.create(&of_kind("FOR2", TenantKind::Franchisor)).await;
    assert_eq!(codes(second), [(Code::Duplicate, "networkId".to_owned())]);
}

#[tokio::test]
async fn a_suspended_tenant_lets_nobody_in_until_it_is_resumed_and_a_closed_one_for_good() {
    let town = town().await;
    let tenant = town.brand().await;
    directory::suspend(&town.directory, &town.db, &town.partner, tenant, "unpaid")
        .await
        .unwrap();
    assert!(matches!(
        town.caller("sec1", Some(tenant)).await,
        Err(Denied::TenantSuspended)
    ));
    directory::resume(&town.directory, &town.db, &town.partner, tenant, "paid")
        .await
        .unwrap();
    assert!(matches!(town.caller("sec1", Some(tenant)).await, Ok(Caller::Member(_))));
    directory::close(&town.directory, &town.db, &town.partner, tenant, "left")
        .await
        .unwrap();
    assert!(matches!(
        town.caller("sec1", Some(tenant)).await,
        Err(Denied::TenantClosed)
    ));
    let again = directory::resume(&town.directory, &town.db, &town.partner, tenant, "").await;
    assert_eq!(codes(again), [(Code::InvalidState, "id".to_owned())]);
    let other = super::town::town().await;
    let foreign = directory::suspend(&other.directory, &other.db, &other.partner, tenant, "").await;
    assert_eq!(codes(foreign), [(Code::NotFound, "id".to_owned())]);
}
