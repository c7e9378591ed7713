use std::sync::Arc;

use chrono::TimeDelta;
use quartermaster_tenants::identity::token::{
    DEV_ISSUER, DevIssuer, DevIssuerConfig, DevIssuerError, IssuerBinding, KeySet, TokenError, Verifier, VerifierConfig,
};
use serde_json::{Map, json};
use uuid::Uuid;

use crate::forge::{AUDIENCE, now};

fn open(folder: &std::path::Path) -> DevIssuer {
    DevIssuer::open(folder, DevIssuerConfig::new(AUDIENCE)).unwrap()
}

fn verifier(issuer: &DevIssuer) -> Verifier {
    Verifier::new(
        VerifierConfig::new(AUDIENCE),
        Arc::new(issuer.trusted(Uuid::from_u128(7))),
    )
}

#[tokio::test]
async fn its_tokens_are_good_and_name_person_and_tenant() {
    let folder = tempfile::tempdir().unwrap();
    let issuer = open(folder.path());
    let mut groups = Map::new();
    groups.insert("groups".into(), json!(["buyers"]));
    groups.insert("sub".into(), json!("boss"));
    let token = issuer
        .mint_with(groups, "anna", Some("brand-one"), "demo", TimeDelta::hours(8), now())
        .unwrap();
    let token = verifier(&issuer).verify(&token, now()).await.unwrap();
    assert_eq!(token.issuer, DEV_ISSUER);
    assert_eq!(token.issuer_id, Uuid::from_u128(7));
    assert_eq!(token.binding, IssuerBinding::Platform);
    assert_eq!((token.subject.as_str(), token.client_id.as_str()), ("anna", "demo"));
    assert_eq!(token.tenant.as_deref(), Some("brand-one"));
    assert_eq!(token.claims["groups"], json!(["buyers"]));
    assert_eq!(token.expires_at, now() + TimeDelta::hours(8));
}

#[tokio::test]
async fn no_two_tokens_have_the_same_id_and_each_expires() {
    let folder = tempfile::tempdir().unwrap();
    let issuer = open(folder.path());
    let mint = || issuer.mint("anna", None, "demo", TimeDelta::hours(1), now()).unwrap();
    let verifier = verifier(&issuer);
    let (one, two) = (mint(), mint());
    let one_id = verifier.verify(&one, now()).await.unwrap().jti;
    assert_ne!(one_id, verifier.verify(&two, now()).await.unwrap().jti);
    let later = now() + TimeDelta::minutes(61);
    assert_eq!(verifier.verify(&one, later).await.err(), Some(TokenError::Expired));
}

#[tokio::test]
async fn the_key_is_kept_private_and_serves_again_after_a_restart() {
    let folder = tempfile::tempdir().unwrap();
    let state = folder.path().join("a/b");
    let first = open(&state);
    let token = first.mint("anna", None, "demo", TimeDelta::hours(1), now()).unwrap();
    let again = open(&state);
    assert_eq!(first.jwks(), again.jwks());
    verifier(&again).verify(&token, now()).await.unwrap();
    let files: Vec<_> = std::fs::read_dir(&state).unwrap().map(|file| file.unwrap()).collect();
    assert_eq!(files.len(), 1, "no draft is left behind");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let mode = |path: &std::path::Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!(mode(&files[0].path()), 0o600);
        assert_eq!(mode(&state), 0o700);
    }
    let printed = format!("{first:?}");
    assert!(
        !printed.contains("PRIVATE") && !printed.contains("signing_key"),
        "{printed}"
    );
}

#[test]
fn many_that_start_at_once_agree_on_one_key() {
    let folder = tempfile::tempdir().unwrap();
    for round in 0..8 {
        let state = folder.path().join(round.to_string());
        let barrier = std::sync::Barrier::new(8);
        let keys: Vec<_> = std::thread::scope(|scope| {
            let threads: Vec<_> = (0..8)
                .map(|_| {
                    scope.spawn(|| {
                        barrier.wait();
                        open(&state).jwks().clone()
                    })
                })
                .collect();
            threads.into_iter().map(|thread| thread.join().unwrap()).collect()
        });
        assert!(keys.iter().all(|set| *set == keys[0]));
    }
}

#[cfg(unix)]
#[test]
fn a_key_that_others_can_read_is_refused_with_advice() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().unwrap();
    open(folder.path());
    let path = std::fs::read_dir(folder.path())
        .unwrap()
        .next()
        .unwrap()
        .unwrap()
        .path();
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o644)).unwrap();
    let refused = DevIssuer::open(folder.path(), DevIssuerConfig::new(AUDIENCE)).unwrap_err();
    assert!(refused.to_string().contains("chmod 600"), "{refused}");
}

#[test]
fn a_key_file_with_something_else_in_it_is_said_to_be_malformed() {
    let folder = tempfile::tempdir().unwrap();
    open(folder.path());
    let path = std::fs::read_dir(folder.path())
        .unwrap()
        .next()
        .unwrap()
        .unwrap()
        .path();
    std::fs::write(&path, "nonsense").unwrap();
    let refused = DevIssuer::open(folder.path(), DevIssuerConfig::new(AUDIENCE)).unwrap_err();
    assert!(matches!(refused, DevIssuerError::KeyMalformed(_)), "{refused}");
}

#[test]
fn it_mints_nothing_that_the_verifier_would_refuse_for_its_lifetime() {
    let folder = tempfile::tempdir().unwrap();
    let issuer = open(folder.path());
    for ttl in [TimeDelta::zero(), TimeDelta::seconds(-1), TimeDelta::seconds(86_401)] {
        let refused = issuer.mint("anna", None, "demo", ttl, now());
        assert!(matches!(refused, Err(DevIssuerError::Lifetime)), "{ttl}");
    }
}

#[test]
fn what_it_publishes_is_a_key_set_without_private_parts() {
    let folder = tempfile::tempdir().unwrap();
    let published = serde_json::to_string(open(folder.path()).jwks()).unwrap();
    KeySet::parse(published.as_bytes()).unwrap();
    assert!(!published.contains("\"d\""), "{published}");
}
