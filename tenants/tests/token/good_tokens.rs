use jsonwebtoken::Algorithm;
use quartermaster_tenants::identity::token::{IssuerBinding, SigningAlgorithm, Verifier, VerifierConfig};
use serde_json::json;
use uuid::Uuid;

use crate::forge::*;

#[tokio::test]
async fn a_good_token_of_every_algorithm_is_accepted() {
    for signer in [&*EC, &*RSA, &*ED] {
        let token = judge(&signer.token(&claims())).await.unwrap();
        assert_eq!(token.subject, "anna");
    }
    let header = r#"{"typ":"at+jwt","alg":"PS256","kid":"rsa-1"}"#;
    let set = json!({"keys": [{"kty": "RSA", "kid": "rsa-1", "n": RSA.jwk["n"], "e": RSA.jwk["e"]}]});
    let verifier = verifier_of(&set, &SigningAlgorithm::ALL);
    let token = RSA.sign_as(Algorithm::PS256, header, &claims().to_string());
    verifier.verify(&token, now()).await.unwrap();
}

#[tokio::test]
async fn the_verified_token_says_who_issued_it_for_whom_and_until_when() {
    let mut claims = claims();
    claims["scope"] = json!("orders:read orders:write");
    claims["tenant"] = json!("brand-one");
    claims["groups"] = json!(["buyers"]);
    claims["aud"] = json!(["https://elsewhere.example", AUDIENCE]);
    let token = judge(&EC.token(&claims)).await.unwrap();
    assert_eq!(token.issuer, ISSUER);
    assert_eq!(token.binding, IssuerBinding::Tenant(Uuid::from_u128(1)));
    assert_eq!((token.subject.as_str(), token.client_id.as_str()), ("anna", "web"));
    assert_eq!((token.issued_at, token.expires_at), (at(NOW - 60), at(NOW + 600)));
    assert_eq!(token.jti, "t-1");
    assert_eq!(token.scope, ["orders:read", "orders:write"]);
    assert_eq!(token.tenant.as_deref(), Some("brand-one"));
    assert_eq!(token.claims["groups"], json!(["buyers"]));
    assert!(!format!("{token:?}").contains("anna"));
}

#[tokio::test]
async fn the_type_is_a_media_type_and_so_read_in_any_case() {
    for typ in ["at+jwt", "AT+JWT", "application/at+jwt", "Application/at+JWT"] {
        let header = json!({"typ": typ, "alg": "ES256", "kid": "ec-1"}).to_string();
        judge(&EC.sign(&header, &claims().to_string())).await.unwrap();
    }
}

#[tokio::test]
async fn clocks_may_differ_by_thirty_seconds_and_no_more() {
    let verifier = verifier();
    let token = EC.token(&claims());
    for (moment, good) in [
        (NOW + 629, true),
        (NOW + 630, false),
        (NOW - 90, true),
        (NOW - 91, false),
    ] {
        assert_eq!(verifier.verify(&token, at(moment)).await.is_ok(), good, "{moment}");
    }
    let later = EC.token(&claims_with("nbf", json!(NOW + 30)));
    assert!(judge(&later).await.is_ok());
}

#[tokio::test]
async fn a_numeric_date_may_have_a_fraction() {
    let token = judge(&EC.token(&claims_with("exp", json!(NOW as f64 + 10.75))))
        .await
        .unwrap();
    assert_eq!(token.expires_at, at(NOW + 10));
}

#[tokio::test]
async fn a_token_without_key_id_is_accepted_where_the_issuer_has_one_key() {
    let header = r#"{"typ":"at+jwt","alg":"ES256"}"#;
    let token = EC.sign(header, &claims().to_string());
    let one = verifier_of(&key_set(&[&EC]), &SigningAlgorithm::ALL);
    one.verify(&token, now()).await.unwrap();
}

#[tokio::test]
async fn keys_of_unknown_kinds_in_a_set_do_no_harm() {
    let set = json!({"keys": [
        {"kty": "AKP", "alg": "ML-DSA-44", "kid": "quantum", "pub": "AAAA"},
        {"kty": "EC", "crv": "P-521", "kid": "wide", "x": "AA", "y": "AA"},
        {"kid": 7},
        EC.jwk,
    ]});
    let verifier = verifier_of(&set, &SigningAlgorithm::ALL);
    verifier.verify(&EC.token(&claims()), now()).await.unwrap();
}

#[tokio::test]
async fn the_audience_is_the_verifiers_own() {
    let other = Verifier::new(
        VerifierConfig::new("https://other.example"),
        Directory::of([trusted(ISSUER, static_keys(&key_set(&[&EC])))]),
    );
    assert!(other.verify(&EC.token(&claims()), now()).await.is_err());
}
