use std::time::Duration;

use axum::http::StatusCode;
use quartermaster_tenants::identity::token::{HttpConfig, KeySource, TokenError};
use serde_json::{Value, json};

use crate::forge::{EC, RIVAL, key_set, now};
use crate::issuer_server::{Answer, Clock, IssuerServer, http, verifier, verifier_with};

#[tokio::test]
async fn a_production_configuration_reaches_no_service_of_its_own_machine() {
    let server = IssuerServer::start(&[&EC]).await;
    for issuer in [server.by_discovery(), server.by_key_set()] {
        let verifier = verifier_with(HttpConfig::default(), issuer, &Clock::default());
        let refused = verifier.verify(&server.token(&EC), now()).await.err();
        assert_eq!(refused, Some(TokenError::KeysUnavailable));
    }
    assert_eq!(server.asked(), 0);
}

#[tokio::test]
async fn a_discovery_document_must_be_the_issuers_own_and_name_a_reachable_key_set() {
    let server = IssuerServer::start(&[&EC]).await;
    let keys = format!("{}/keys", server.url);
    let documents = [
        json!({"issuer": format!("{}/", server.url), "jwks_uri": keys}),
        json!({"issuer": "https://login.rival.example", "jwks_uri": keys}),
        json!({"issuer": [server.url], "jwks_uri": keys}),
        json!({"jwks_uri": keys}),
        json!({"issuer": server.url}),
        json!({"issuer": server.url, "jwks_uri": 7}),
        json!({"issuer": server.url, "jwks_uri": "/keys"}),
        json!({"issuer": server.url, "jwks_uri": "file:///etc/passwd"}),
        json!({"issuer": server.url, "jwks_uri": "http://192.0.2.1/keys"}),
        json!({"issuer": server.url, "jwks_uri": "https://169.254.169.254/keys"}),
        json!([]),
    ];
    for document in documents {
        server.answer_discovery(Answer::json(&document));
        let verifier = verifier(server.by_discovery(), &Clock::default());
        let refused = verifier.verify(&server.token(&EC), now()).await.err();
        assert_eq!(refused, Some(TokenError::KeysUnavailable), "{document}");
    }
    assert_eq!(server.asked(), 0);
}

#[tokio::test]
async fn answers_that_are_no_key_set_are_an_outage() {
    let server = IssuerServer::start(&[&EC]).await;
    let mut large = key_set(&[&EC]);
    large["padding"] = Value::String("p".repeat(300_000));
    let many: Vec<_> = (0..101).map(|_| EC.jwk.clone()).collect();
    let mut twice = Answer::json(&Value::Null);
    twice.body = format!(r#"{{"keys":[],"keys":[{}]}}"#, EC.jwk);
    for (case, answer) in [
        ("too long", Answer::json(&large)),
        ("too many", Answer::json(&json!({"keys": many}))),
        ("no object", Answer::json(&json!([EC.jwk]))),
        ("no keys", Answer::json(&json!({"keys": "none"}))),
        ("no list of objects", Answer::json(&json!({"keys": [1]}))),
        ("duplicate member", twice),
        ("empty", Answer::status(StatusCode::OK)),
        ("not found", Answer::status(StatusCode::NOT_FOUND)),
        (
            "accepted",
            Answer {
                status: StatusCode::ACCEPTED,
                ..Answer::json(&key_set(&[&EC]))
            },
        ),
    ] {
        server.answer_keys(answer);
        let verifier = verifier(server.by_key_set(), &Clock::default());
        let refused = verifier.verify(&server.token(&EC), now()).await.err();
        assert_eq!(refused, Some(TokenError::KeysUnavailable), "{case}");
    }
}

#[tokio::test]
async fn a_redirect_is_followed_within_the_issuer_three_times_and_nowhere_else() {
    let (server, other) = (IssuerServer::start(&[&EC]).await, IssuerServer::start(&[&EC]).await);
    let moved = |to: String| {
        server.answer_discovery(Answer::redirect(&to));
        let mut issuer = server.by_discovery();
        let from = format!("{}/.well-known/openid-configuration", server.url);
        issuer.keys = KeySource::Jwks(from.parse().unwrap());
        verifier(issuer, &Clock::default())
    };
    let token = server.token(&EC);

    let within = moved(format!("{}/keys", server.url));
    assert_eq!(within.verify(&token, now()).await.err(), None);
    assert_eq!(server.asked(), 1);

    let outside = moved(format!("{}/keys", other.url));
    let refused = outside.verify(&token, now()).await.err();
    assert_eq!(refused, Some(TokenError::KeysUnavailable));
    assert_eq!(other.asked(), 0);

    let circle = moved(format!("{}/keys", server.url));
    server.answer_keys(Answer::redirect(&format!("{}/keys", server.url)));
    let refused = circle.verify(&token, now()).await.err();
    assert_eq!(refused, Some(TokenError::KeysUnavailable));
    assert_eq!(server.asked(), 1 + 3);
}

#[tokio::test]
async fn an_issuer_that_never_answers_is_given_up() {
    let server = IssuerServer::start(&[&EC]).await;
    server.close_door().await;
    let hasty = HttpConfig {
        timeout: Duration::from_millis(20),
        ..http()
    };
    let verifier = verifier_with(hasty, server.by_key_set(), &Clock::default());
    let refused = verifier.verify(&server.token(&EC), now()).await.err();
    assert_eq!(refused, Some(TokenError::KeysUnavailable));
}

#[tokio::test]
async fn a_forger_who_knows_the_key_id_is_refused() {
    let server = IssuerServer::start(&[&EC]).await;
    let verifier = verifier(server.by_discovery(), &Clock::default());
    assert!(verifier.verify(&server.token(&EC), now()).await.is_ok());
    let forged = verifier.verify(&server.token(&RIVAL), now()).await.err();
    assert_eq!(forged, Some(TokenError::BadSignature));
}
