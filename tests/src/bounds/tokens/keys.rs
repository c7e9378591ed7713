use super::Foreign;
use super::forge::{EC, Signer, key_set, sign};
use super::issuer_server::Answer;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64;
use futures::future::join_all;
use jsonwebtoken::{Algorithm, EncodingKey};
use serde_json::json;
use std::time::Duration;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_new_key_is_taken_soon_after_the_issuer_signs_with_it() {
    let world = Foreign::trusting(&[&EC]).await;
    assert_eq!(world.presents(&EC.token(&world.claims())).await.0, 200);
    let fresh = Signer::ec("ec-2");
    world.issuer.publish(&[&EC, &fresh]);
    let token = fresh.token(&world.claims());
    // Fifteen seconds after the last fetch, at most; how many exactly is tested with a clock that is turned by hand.
    for _ in 0..300 {
        if world.presents(&token).await.0 == 200 {
            assert_eq!(
                world.presents(&EC.token(&world.claims())).await.0,
                200,
                "the old one goes on"
            );
            return;
        }
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
    panic!("the new key was never fetched");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_storm_of_unknown_key_ids_asks_the_issuer_once() {
    let world = Foreign::trusting(&[&EC]).await;
    let strangers: Vec<String> = (0..200)
        .map(|n| Signer::ec(&format!("nobodys-{n}")).token(&world.claims()))
        .collect();
    let told = join_all(strangers.iter().map(|token| world.presents(token))).await;
    assert!(told.iter().all(|(status, _)| *status == 401), "{told:?}");
    assert_eq!(world.issuer.asked(), 1, "fetches");
    assert_eq!(world.presents(&EC.token(&world.claims())).await.0, 200);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_issuer_that_does_not_answer_any_more_stops_nobody_who_is_known() {
    let world = Foreign::trusting(&[&EC]).await;
    assert_eq!(world.presents(&EC.token(&world.claims())).await.0, 200);
    world
        .issuer
        .answer_keys(Answer::status(axum::http::StatusCode::BAD_GATEWAY));
    assert_eq!(world.presents(&EC.token(&world.claims())).await.0, 200);
    let stranger = Signer::ec("nobodys").token(&world.claims());
    let asked = world.issuer.asked();
    // Fifteen seconds after the last fetch it is asked again.
    for _ in 0..300 {
        assert_eq!(world.presents(&stranger).await.0, 401);
        if world.issuer.asked() > asked {
            assert_eq!(world.presents(&EC.token(&world.claims())).await.0, 200);
            return;
        }
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
    panic!("the issuer was never asked again");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_issuer_that_never_answered_is_unavailable_and_its_people_are_not_told_that_their_tokens_are_bad() {
    let world = Foreign::trusting(&[&EC]).await;
    world
        .issuer
        .answer_keys(Answer::status(axum::http::StatusCode::BAD_GATEWAY));
    let (status, challenge) = world.presents(&EC.token(&world.claims())).await;
    assert_eq!((status, challenge.as_str()), (503, ""));
}

/// RFC 8725 section 3.5: RSA keys of fewer than 2048 bits, and keys that are not for signatures.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_key_that_is_too_weak_or_for_something_else_verifies_nothing() {
    let (weak, strong) = (Signer::ec("weak"), Signer::ec("strong"));
    let world = Foreign::trusting(&[&weak, &strong]).await;
    let mut keys = key_set(&[&weak, &strong]);
    let short = BASE64.encode([0xC5; 128]);
    keys["keys"][0] = json!({ "kty": "RSA", "kid": "weak", "n": short, "e": "AQAB", "use": "sig" });
    keys["keys"]
        .as_array_mut()
        .expect("keys")
        .push(json!({ "kty": "oct", "kid": "secret", "k": "AAAA", "alg": "HS256" }));
    world.issuer.answer_keys(Answer::json(&keys));
    for kid in ["weak", "secret"] {
        let header = json!({ "typ": "at+jwt", "alg": if kid == "weak" { "RS256" } else { "HS256" }, "kid": kid });
        let (header, claims) = (header.to_string(), world.claims().to_string());
        let token = match kid {
            // By whoever knows what the issuer publishes.
            "secret" => sign(&EncodingKey::from_secret(&[0; 3]), Algorithm::HS256, &header, &claims),
            _ => weak.sign(&header, &claims),
        };
        assert_eq!(world.presents(&token).await.0, 401, "{kid}");
    }
    assert_eq!(
        world.presents(&strong.token(&world.claims())).await.0,
        200,
        "the others are of use"
    );
}
