use std::sync::{Arc, LazyLock, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use axum::http::{StatusCode, header};
use quartermaster_tenants::identity::token::{
    DirectoryUnavailable, IssuerDirectory, TokenError, TrustedIssuer, Verifier, VerifierConfig,
};

use crate::forge::{AUDIENCE, EC, OTHER_ISSUER, Signer, claims, key_set, now, static_keys, trusted};
use crate::issuer_server::{Answer, Clock, IssuerServer, http, verifier};

const DAY: u64 = 24 * 60 * 60;

static NEXT: LazyLock<Signer> = LazyLock::new(|| Signer::ec("ec-2"));

async fn reason(verifier: &Verifier, token: &str) -> Option<TokenError> {
    verifier.verify(token, now()).await.err()
}

#[tokio::test]
async fn keys_are_found_by_discovery_and_kept() {
    let server = IssuerServer::start(&[&EC]).await;
    let verifier = verifier(server.by_discovery(), &Clock::default());
    for _ in 0..3 {
        assert_eq!(reason(&verifier, &server.token(&EC)).await, None);
    }
    assert_eq!(server.asked(), 1);
}

#[tokio::test]
async fn a_new_key_is_seen_within_fifteen_seconds() {
    let (server, clock) = (IssuerServer::start(&[&EC]).await, Clock::default());
    let verifier = verifier(server.by_key_set(), &clock);
    assert_eq!(reason(&verifier, &server.token(&EC)).await, None);
    server.publish(&[&EC, &NEXT]);
    clock.advance(14);
    let early = reason(&verifier, &server.token(&NEXT)).await;
    assert_eq!((early, server.asked()), (Some(TokenError::UnknownKey), 1));
    clock.advance(1);
    let in_time = reason(&verifier, &server.token(&NEXT)).await;
    assert_eq!((in_time, server.asked()), (None, 2));
    assert_eq!(reason(&verifier, &server.token(&EC)).await, None);
}

#[tokio::test]
async fn a_withdrawn_key_is_refused_after_five_minutes() {
    let (server, clock) = (IssuerServer::start(&[&EC, &NEXT]).await, Clock::default());
    let verifier = verifier(server.by_key_set(), &clock);
    assert_eq!(reason(&verifier, &server.token(&EC)).await, None);
    server.publish(&[&NEXT]);
    clock.advance(299);
    assert_eq!(reason(&verifier, &server.token(&EC)).await, None);
    clock.advance(1);
    let withdrawn = reason(&verifier, &server.token(&EC)).await;
    assert_eq!(withdrawn, Some(TokenError::UnknownKey));
    assert_eq!(server.asked(), 2);
}

#[tokio::test]
async fn the_issuer_says_how_long_between_one_minute_and_fifteen() {
    for (said, seconds) in [
        ("max-age=600", 600),
        ("max-age=1", 60),
        ("no-store", 60),
        ("max-age=86400", 900),
        ("private", 300),
    ] {
        let (server, clock) = (IssuerServer::start(&[&EC]).await, Clock::default());
        let answer = Answer::json(&key_set(&[&EC])).header(header::CACHE_CONTROL, said);
        server.answer_keys(answer);
        let verifier = verifier(server.by_key_set(), &clock);
        assert_eq!(reason(&verifier, &server.token(&EC)).await, None);
        clock.advance(seconds - 1);
        assert_eq!(reason(&verifier, &server.token(&EC)).await, None);
        assert_eq!(server.asked(), 1, "{said}");
        clock.advance(1);
        assert_eq!(reason(&verifier, &server.token(&EC)).await, None);
        assert_eq!(server.asked(), 2, "{said}");
    }
}

/// Verifies a thousand tokens at once while the issuer holds its answer back.
async fn storm(server: &IssuerServer, verifier: Arc<Verifier>, tokens: Vec<String>) -> Vec<Option<TokenError>> {
    let asked = server.asked();
    server.close_door().await;
    let callers: Vec<_> = tokens
        .into_iter()
        .map(|token| {
            let verifier = Arc::clone(&verifier);
            tokio::spawn(async move { reason(&verifier, &token).await })
        })
        .collect();
    server.wait_until_asked(asked + 1).await;
    server.open_door();
    let mut reasons = Vec::new();
    for caller in callers {
        reasons.push(caller.await.unwrap());
    }
    reasons
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_thousand_tokens_with_forged_key_ids_ask_the_issuer_once() {
    let (server, clock) = (IssuerServer::start(&[&EC]).await, Clock::default());
    let verifier = Arc::new(verifier(server.by_key_set(), &clock));
    assert_eq!(reason(&verifier, &server.token(&EC)).await, None);
    clock.advance(60);
    let forged = |number| server.token(&Signer::ec(&format!("forged-{number}")));
    let tokens = (0..1000).map(forged).collect();
    let reasons = storm(&server, verifier, tokens).await;
    assert_eq!(reasons.len(), 1000);
    assert!(reasons.iter().all(|reason| *reason == Some(TokenError::UnknownKey)));
    assert_eq!(server.asked(), 2);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_thousand_first_tokens_ask_the_issuer_once_and_all_are_accepted() {
    let server = IssuerServer::start(&[&EC]).await;
    let verifier = Arc::new(verifier(server.by_discovery(), &Clock::default()));
    let tokens = (0..1000).map(|_| server.token(&EC)).collect();
    let reasons = storm(&server, verifier, tokens).await;
    assert!(reasons.iter().all(Option::is_none));
    assert_eq!(server.asked(), 1);
}

#[tokio::test]
async fn an_outage_is_survived_for_a_day_and_ends_when_the_issuer_is_back() {
    let (server, clock) = (IssuerServer::start(&[&EC]).await, Clock::default());
    let verifier = verifier(server.by_discovery(), &clock);
    assert_eq!(reason(&verifier, &server.token(&EC)).await, None);
    server.answer_keys(Answer::status(StatusCode::SERVICE_UNAVAILABLE));
    for _ in 0..23 {
        clock.advance(3600);
        assert_eq!(reason(&verifier, &server.token(&EC)).await, None);
    }
    assert_eq!(server.asked(), 24);
    clock.advance(3599);
    assert_eq!(reason(&verifier, &server.token(&EC)).await, None);
    clock.advance(1);
    let after_a_day = reason(&verifier, &server.token(&EC)).await;
    assert_eq!(after_a_day, Some(TokenError::KeysUnavailable));
    server.publish(&[&EC]);
    clock.advance(15);
    assert_eq!(reason(&verifier, &server.token(&EC)).await, None);
}

#[tokio::test]
async fn an_issuer_in_trouble_is_asked_once_in_fifteen_seconds() {
    let (server, clock) = (IssuerServer::start(&[&EC]).await, Clock::default());
    let verifier = verifier(server.by_key_set(), &clock);
    assert_eq!(reason(&verifier, &server.token(&EC)).await, None);
    server.answer_keys(Answer::status(StatusCode::INTERNAL_SERVER_ERROR));
    clock.advance(DAY / 2);
    for second in 0..15 {
        assert_eq!(reason(&verifier, &server.token(&EC)).await, None);
        assert_eq!(server.asked(), 2, "second {second}");
        clock.advance(1);
    }
    assert_eq!(reason(&verifier, &server.token(&EC)).await, None);
    assert_eq!(server.asked(), 3);
}

#[tokio::test]
async fn an_issuer_that_was_down_at_the_start_is_asked_again_after_three_seconds() {
    let (server, clock) = (IssuerServer::start(&[&EC]).await, Clock::default());
    server.answer_discovery(Answer::status(StatusCode::BAD_GATEWAY));
    let verifier = verifier(server.by_discovery(), &clock);
    let down = reason(&verifier, &server.token(&EC)).await;
    assert_eq!(down, Some(TokenError::KeysUnavailable));
    let discovery = serde_json::json!({"issuer": server.url, "jwks_uri": format!("{}/keys", server.url)});
    server.answer_discovery(Answer::json(&discovery));
    clock.advance(2);
    let early = reason(&verifier, &server.token(&EC)).await;
    assert_eq!((early, server.asked()), (Some(TokenError::KeysUnavailable), 0));
    clock.advance(1);
    assert_eq!(reason(&verifier, &server.token(&EC)).await, None);
}

#[tokio::test]
async fn while_one_caller_renews_stale_keys_the_others_go_on_with_them() {
    let (server, clock) = (IssuerServer::start(&[&EC]).await, Clock::default());
    let verifier = Arc::new(verifier(server.by_key_set(), &clock));
    assert_eq!(reason(&verifier, &server.token(&EC)).await, None);
    clock.advance(301);
    server.close_door().await;
    let (renewing, token) = (Arc::clone(&verifier), server.token(&EC));
    let first = tokio::spawn(async move { reason(&renewing, &token).await });
    server.wait_until_asked(2).await;
    let token = server.token(&EC);
    let other = tokio::time::timeout(Duration::from_secs(10), reason(&verifier, &token));
    assert_eq!(other.await, Ok(None), "the others do not wait");
    assert!(!first.is_finished());
    server.open_door();
    assert_eq!(first.await.unwrap(), None);
}

#[tokio::test]
async fn a_caller_who_goes_away_does_not_stop_the_fetch() {
    let (server, clock) = (IssuerServer::start(&[&EC]).await, Clock::default());
    let verifier = Arc::new(verifier(server.by_key_set(), &clock));
    server.close_door().await;
    let (leaving, token) = (Arc::clone(&verifier), server.token(&EC));
    let caller = tokio::spawn(async move { reason(&leaving, &token).await });
    server.wait_until_asked(1).await;
    caller.abort();
    assert!(caller.await.unwrap_err().is_cancelled());
    server.open_door();
    assert_eq!(reason(&verifier, &server.token(&EC)).await, None);
    assert_eq!(server.asked(), 1);
}

struct Down;

#[async_trait]
impl IssuerDirectory for Down {
    async fn issuer(&self, _: &str) -> Result<Option<TrustedIssuer>, DirectoryUnavailable> {
        Err(DirectoryUnavailable)
    }
}

#[tokio::test]
async fn a_directory_that_does_not_answer_is_an_outage_and_not_a_bad_token() {
    let verifier = Verifier::new(VerifierConfig::new(AUDIENCE), Arc::new(Down));
    let outage = reason(&verifier, &EC.token(&claims())).await.unwrap();
    assert_eq!(outage, TokenError::DirectoryUnavailable(DirectoryUnavailable));
    assert!(outage.is_outage());
}

struct Moving(Mutex<TrustedIssuer>);

#[async_trait]
impl IssuerDirectory for Moving {
    async fn issuer(&self, _: &str) -> Result<Option<TrustedIssuer>, DirectoryUnavailable> {
        Ok(Some(self.0.lock().unwrap().clone()))
    }
}

#[tokio::test]
async fn keys_from_a_place_that_is_no_longer_trusted_are_forgotten() {
    let (old, new) = (IssuerServer::start(&[&EC]).await, IssuerServer::start(&[&NEXT]).await);
    let directory = Arc::new(Moving(Mutex::new(old.by_key_set())));
    let mut config = VerifierConfig::new(AUDIENCE);
    config.http = http();
    let verifier = Verifier::new(config, directory.clone());
    assert_eq!(reason(&verifier, &old.token(&EC)).await, None);
    directory.0.lock().unwrap().keys = new.by_key_set().keys;
    let forgotten = reason(&verifier, &old.token(&EC)).await;
    assert_eq!(forgotten, Some(TokenError::UnknownKey));
    assert_eq!(reason(&verifier, &old.token(&NEXT)).await, None);
}

#[tokio::test]
async fn a_directory_that_answers_with_another_issuer_is_not_believed() {
    let careless = Moving(Mutex::new(trusted(OTHER_ISSUER, static_keys(&key_set(&[&EC])))));
    let verifier = Verifier::new(VerifierConfig::new(AUDIENCE), Arc::new(careless));
    let refused = reason(&verifier, &EC.token(&claims())).await;
    assert_eq!(refused, Some(TokenError::UnknownIssuer));
}
