//! Who a login is: one person, one account for each tenant, and an issuer that speaks for its own only.

use super::town::{codes, town};
use chrono::TimeDelta;
use quartermaster_tenants::authenticate::{Caller, Denied, authenticate};
use quartermaster_tenants::error::Code;
use quartermaster_tenants::identity::token::IssuerBinding;
use quartermaster_tenants::members::{self, NewMember};
use uuid::Uuid;

#[tokio::test]
async fn one_person_has_at_most_one_account_in_a_tenant() {
    let town = town().await;
    let tenant = town.brand().await;
    let sec = town.log_in("sec1", tenant).await;
    let new = NewMember {
        issuer: town.issuer.clone(),
        subject: "sec2".to_owned(),
        display_name: "Again".to_owned(),
        email: None,
        locations: None,
        valid_until: None,
    };
    let made = members::create(&town.db, &town.directory, &sec, &new).await;
    assert_eq!(codes(made), [(Code::Duplicate, "subject".to_owned())]);
}

#[tokio::test]
async fn the_same_subject_is_the_same_person_in_two_tenants_and_has_to_say_which() {
    let town = town().await;
    let one = town.brand().await;
    let made = town.create(&town.new_tenant("B2")).await.unwrap();
    let two = quartermaster_tenants::id::TenantId(made.document.unwrap());
    let (here, there) = (town.log_in("sec1", one).await, town.log_in("sec1", two).await);
    assert_eq!(here.person, there.person);
    assert_ne!(here.account, there.account);
    assert!(matches!(town.caller("sec1", None).await, Err(Denied::ChooseTenant)));
}

#[tokio::test]
async fn without_a_tenant_in_the_token_the_only_account_is_meant() {
    let town = town().await;
    let tenant = town.brand().await;
    match town.caller("adm1", None).await.unwrap() {
        Caller::Member(op) => assert_eq!(op.tenant, tenant),
        Caller::Partner(_) | Caller::Platform(_) => panic!("a member was expected"),
    }
}

#[tokio::test]
async fn an_issuer_bound_elsewhere_does_not_speak_for_the_tenant_whatever_its_token_says() {
    let town = town().await;
    let tenant = town.brand().await;
    for binding in [
        IssuerBinding::Partner(Uuid::now_v7()),
        IssuerBinding::Tenant(Uuid::now_v7()),
    ] {
        let mut token = town.token("sec1", Some(tenant.to_string()));
        token.binding = binding;
        let found = authenticate(&town.db, &town.directory, &token, TimeDelta::zero(), Uuid::now_v7()).await;
        assert!(matches!(found, Err(Denied::OtherIssuer)), "{binding:?}: {found:?}");
    }
    let mut token = town.token("admin", None);
    token.binding = IssuerBinding::Tenant(tenant.0);
    let found = authenticate(&town.db, &town.directory, &token, TimeDelta::zero(), Uuid::now_v7()).await;
    assert!(found.is_err(), "{found:?}");
}

#[tokio::test]
async fn an_issuer_of_a_partner_names_nobody_of_the_platform() {
    let town = town().await;
    let person = town.partner.person;
    let (_, owner) = crate::database::fixture::database().await;
    let sql = "UPDATE qm.person SET platform = true WHERE id = $1";
    owner.execute(sql, &[&person]).await.unwrap();
    let mut token = town.token("admin", Some("platform".to_owned()));
    let ask = async |token: &_| authenticate(&town.db, &town.directory, token, TimeDelta::zero(), Uuid::now_v7()).await;
    assert!(matches!(ask(&token).await, Err(Denied::OtherIssuer)));
    token.binding = IssuerBinding::Platform;
    assert!(matches!(ask(&token).await, Ok(Caller::Platform(p)) if p.person == person));
    owner
        .execute("UPDATE qm.person SET platform = false WHERE id = $1", &[&person])
        .await
        .unwrap();
    assert!(matches!(ask(&token).await, Err(Denied::NoAccount)));
}

#[tokio::test]
async fn strangers_other_tenants_and_nonsense_look_the_same() {
    let (town, other) = (town().await, super::town::town().await);
    let (tenant, foreign) = (town.brand().await, other.brand().await);
    assert!(matches!(
        town.caller("nobody", Some(tenant)).await,
        Err(Denied::NoAccount)
    ));
    for text in [
        foreign.to_string(),
        "ten_x".to_owned(),
        "nul\0".to_owned(),
        String::new(),
    ] {
        let token = town.token("sec1", Some(text.clone()));
        let found = authenticate(&town.db, &town.directory, &token, TimeDelta::zero(), Uuid::now_v7()).await;
        let code = found.map_err(|d| d.code()).err();
        assert_eq!(code, Some("no_account"), "{text:?}");
    }
    assert!(matches!(
        town.caller("nul\0", Some(tenant)).await,
        Err(Denied::NoAccount)
    ));
}

#[tokio::test]
async fn a_member_limited_to_locations_is_told_so_and_unknown_ones_are_refused() {
    let town = town().await;
    let mut new = town.new_tenant("LOC");
    new.location = Some(quartermaster_tenants::directory::FirstLocation {
        code: "S1".to_owned(),
        name: "Store".to_owned(),
        kind: "STORE".to_owned(),
    });
    let made = town.create(&new).await.unwrap();
    let tenant = quartermaster_tenants::id::TenantId(made.document.unwrap());
    let sec = town.log_in("sec1", tenant).await;
    let member = town.member(&sec, "m").await;
    let unknown = members::set_locations(&town.db, &sec, member, Some(&[Uuid::now_v7()]), None).await;
    assert_eq!(codes(unknown), [(Code::NotFound, "locationIds".to_owned())]);
    let none = members::set_locations(&town.db, &sec, member, Some(&[]), None).await;
    assert_eq!(codes(none), [(Code::Required, "locationIds".to_owned())]);
}
