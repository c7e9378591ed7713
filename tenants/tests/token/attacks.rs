use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::{Algorithm, EncodingKey};
use proptest::prelude::*;
use quartermaster_tenants::identity::token::{KeySet, SigningAlgorithm, TokenError};
use serde_json::{Value, json};

use crate::forge::*;

/// Every row must be refused, and for its own reason: a token refused for another reason than the one it was made for
/// proves nothing about the check it was made for.
async fn refused(attacks: Vec<(&str, String, TokenError)>) {
    let verifier = verifier();
    verifier.verify(&EC.token(&claims()), now()).await.unwrap();
    for (attack, token, reason) in attacks {
        assert_eq!(verifier.verify(&token, now()).await.err(), Some(reason), "{attack}");
    }
}

fn with_header(header: Value) -> String {
    EC.sign(&header.to_string(), &claims().to_string())
}

fn header_with(name: &str, value: Value) -> String {
    let mut header = json!({"typ": "at+jwt", "alg": "ES256", "kid": "ec-1"});
    header[name] = value;
    with_header(header)
}

fn unsigned(header: &str, signature: &str) -> String {
    format!(
        "{}.{}.{signature}",
        URL_SAFE_NO_PAD.encode(header),
        URL_SAFE_NO_PAD.encode(claims().to_string())
    )
}

#[tokio::test]
async fn unsigned_tokens_are_refused() {
    let none = |alg: &str| format!(r#"{{"typ":"at+jwt","alg":"{alg}","kid":"ec-1"}}"#);
    let es256 = none("ES256");
    refused(vec![
        (
            "none, empty signature",
            unsigned(&none("none"), ""),
            TokenError::NotCompact,
        ),
        (
            "none, some signature",
            unsigned(&none("none"), "AAAA"),
            TokenError::AlgorithmRefused,
        ),
        ("None", unsigned(&none("None"), "AAAA"), TokenError::AlgorithmRefused),
        ("NONE", unsigned(&none("NONE"), "AAAA"), TokenError::AlgorithmRefused),
        ("empty alg", unsigned(&none(""), "AAAA"), TokenError::AlgorithmRefused),
        (
            "es256 in lower case",
            unsigned(&none("es256"), "AAAA"),
            TokenError::AlgorithmRefused,
        ),
        (
            "no alg",
            unsigned(r#"{"typ":"at+jwt"}"#, "AAAA"),
            TokenError::HeaderMalformed,
        ),
        (
            "alg as list",
            unsigned(r#"{"typ":"at+jwt","alg":["ES256"]}"#, "AAAA"),
            TokenError::HeaderMalformed,
        ),
        (
            "zeros (CVE-2022-21449)",
            unsigned(&es256, &URL_SAFE_NO_PAD.encode([0; 64])),
            TokenError::BadSignature,
        ),
        ("short signature", unsigned(&es256, "AAAA"), TokenError::BadSignature),
        (
            "DER signature",
            unsigned(&es256, &URL_SAFE_NO_PAD.encode([0x30, 6, 2, 1, 0, 2, 1, 0])),
            TokenError::BadSignature,
        ),
    ])
    .await;
}

#[tokio::test]
async fn a_public_key_is_not_a_shared_secret() {
    let n = URL_SAFE_NO_PAD.decode(RSA.jwk["n"].as_str().unwrap()).unwrap();
    let mut attacks = Vec::new();
    let secrets = [
        ("JWK text", RSA.jwk.to_string().into_bytes()),
        ("modulus", n),
        ("RSA PEM", RSA.public_pem.clone().into_bytes()),
        ("RSA PEM without its last line break", RSA.public_pem.trim_end().into()),
        ("EC PEM", EC.public_pem.clone().into_bytes()),
        ("EC x", URL_SAFE_NO_PAD.decode(EC.jwk["x"].as_str().unwrap()).unwrap()),
        ("empty", Vec::new()),
    ];
    for (name, secret) in secrets {
        for (alg, algorithm) in [("HS256", Algorithm::HS256), ("HS512", Algorithm::HS512)] {
            for kid in ["rsa-1", "ec-1"] {
                let header = json!({"typ": "at+jwt", "alg": alg, "kid": kid}).to_string();
                let key = EncodingKey::from_secret(&secret);
                let token = sign(&key, algorithm, &header, &claims().to_string());
                attacks.push((name, token, TokenError::AlgorithmRefused));
            }
        }
    }
    refused(attacks).await;
}

#[tokio::test]
async fn algorithm_and_key_must_belong_together() {
    let mixed = |alg: &str, kid: &str| unsigned(&json!({"typ": "at+jwt", "alg": alg, "kid": kid}).to_string(), "AAAA");
    let ps_with_rs_key = RSA.sign_as(
        Algorithm::PS256,
        r#"{"typ":"at+jwt","alg":"PS256","kid":"rsa-1"}"#,
        &claims().to_string(),
    );
    let rs384 = RSA.sign_as(
        Algorithm::RS384,
        r#"{"typ":"at+jwt","alg":"RS384","kid":"rsa-1"}"#,
        &claims().to_string(),
    );
    refused(vec![
        ("EC alg, RSA key", mixed("ES256", "rsa-1"), TokenError::KeyMismatch),
        ("RSA alg, EC key", mixed("RS256", "ec-1"), TokenError::KeyMismatch),
        ("EdDSA alg, EC key", mixed("EdDSA", "ec-1"), TokenError::KeyMismatch),
        ("ES256 alg, Ed key", mixed("ES256", "ed-1"), TokenError::KeyMismatch),
        ("PS256 by a key for RS256", ps_with_rs_key, TokenError::KeyMismatch),
        ("RS384", rs384, TokenError::AlgorithmRefused),
        (
            "signed by another key of the issuer",
            RSA.sign_as(
                Algorithm::RS256,
                r#"{"typ":"at+jwt","alg":"RS256","kid":"ec-1"}"#,
                &claims().to_string(),
            ),
            TokenError::KeyMismatch,
        ),
    ])
    .await;
    let only_rsa = verifier_of(&key_set(&[&EC]), &[SigningAlgorithm::Rs256]);
    let outside = only_rsa.verify(&EC.token(&claims()), now()).await;
    assert_eq!(outside.err(), Some(TokenError::AlgorithmRefused));
}

#[tokio::test]
async fn keys_that_say_they_are_for_something_else_are_not_used() {
    let mut weak = RSA.jwk.clone();
    weak["n"] = json!(URL_SAFE_NO_PAD.encode([0xff; 128]));
    weak["kid"] = json!("ec-1");
    let changed = |name: &str, value: Value| {
        let mut jwk = EC.jwk.clone();
        jwk[name] = value;
        jwk
    };
    for (jwk, alg) in [
        (changed("use", json!("enc")), "ES256"),
        (changed("use", json!(["sig"])), "ES256"),
        (changed("key_ops", json!(["sign"])), "ES256"),
        (changed("key_ops", json!("verify")), "ES256"),
        (changed("alg", json!("ES384")), "ES256"),
        (changed("alg", json!("HS256")), "ES256"),
        (changed("crv", json!("P-384")), "ES256"),
        (changed("crv", json!("secp256k1")), "ES256"),
        (changed("kty", json!("oct")), "ES256"),
        (changed("x", json!("AAAA")), "ES256"),
        (weak, "RS256"),
        (json!({"kty": "oct", "kid": "ec-1", "k": "c2VjcmV0"}), "ES256"),
    ] {
        let verifier = verifier_of(&json!({"keys": [jwk]}), &SigningAlgorithm::ALL);
        let header = json!({"typ": "at+jwt", "alg": alg, "kid": "ec-1"}).to_string();
        let token = EC.sign(&header, &claims().to_string());
        let refused = verifier.verify(&token, now()).await.err();
        assert_eq!(refused, Some(TokenError::KeyMismatch), "{jwk}");
    }
    let twice = verifier_of(&json!({"keys": [EC.jwk, RIVAL.jwk]}), &SigningAlgorithm::ALL);
    let ambiguous = twice.verify(&EC.token(&claims()), now()).await.err();
    assert_eq!(ambiguous, Some(TokenError::KeyMismatch));
}

#[tokio::test]
async fn a_token_brings_no_key_and_no_extension() {
    let refused_parameter = TokenError::HeaderParameterRefused;
    refused(vec![
        ("jwk", header_with("jwk", EC.jwk.clone()), refused_parameter("jwk")),
        (
            "jku",
            header_with("jku", json!("https://evil.example/keys")),
            refused_parameter("jku"),
        ),
        (
            "jku of the issuer",
            header_with("jku", json!(format!("{ISSUER}/keys"))),
            refused_parameter("jku"),
        ),
        (
            "x5u",
            header_with("x5u", json!("https://evil.example/c")),
            refused_parameter("x5u"),
        ),
        ("x5c", header_with("x5c", json!(["MIIB"])), refused_parameter("x5c")),
        ("crit", header_with("crit", json!(["exp"])), refused_parameter("crit")),
        ("empty crit", header_with("crit", json!([])), refused_parameter("crit")),
        ("b64", header_with("b64", json!(false)), refused_parameter("b64")),
        ("null jwk", header_with("jwk", Value::Null), refused_parameter("jwk")),
        ("nested", header_with("cty", json!("JWT")), refused_parameter("cty")),
        ("compressed", header_with("zip", json!("DEF")), refused_parameter("zip")),
        (
            "encrypted",
            header_with("enc", json!("A256GCM")),
            refused_parameter("enc"),
        ),
    ])
    .await;
}

#[tokio::test]
async fn a_key_id_is_compared_and_nothing_else() {
    refused(vec![
        (
            "path",
            header_with("kid", json!("../../../../dev/null")),
            TokenError::UnknownKey,
        ),
        (
            "absolute path",
            header_with("kid", json!("/etc/passwd")),
            TokenError::UnknownKey,
        ),
        (
            "SQL",
            header_with("kid", json!("x' UNION SELECT 'k';--")),
            TokenError::UnknownKey,
        ),
        (
            "URL",
            header_with("kid", json!("https://evil.example/k")),
            TokenError::UnknownKey,
        ),
        ("shell", header_with("kid", json!("|id")), TokenError::UnknownKey),
        ("other case", header_with("kid", json!("EC-1")), TokenError::UnknownKey),
        ("space", header_with("kid", json!("ec-1 ")), TokenError::UnknownKey),
        ("NUL", header_with("kid", json!("ec-1\0")), TokenError::HeaderMalformed),
        ("empty", header_with("kid", json!("")), TokenError::KeyIdRefused),
        (
            "long",
            header_with("kid", json!("k".repeat(257))),
            TokenError::KeyIdRefused,
        ),
        ("number", header_with("kid", json!(1)), TokenError::KeyIdRefused),
        ("null", header_with("kid", Value::Null), TokenError::KeyIdRefused),
        (
            "missing",
            with_header(json!({"typ": "at+jwt", "alg": "ES256"})),
            TokenError::KeyIdRequired,
        ),
    ])
    .await;
}

#[tokio::test]
async fn only_access_tokens_are_accepted() {
    let typed = |typ: Value| header_with("typ", typ);
    let mut id_token = claims_with("client_id", Value::Null);
    id_token["nonce"] = json!("n");
    let id_token = |typ: &str| {
        let header = json!({"typ": typ, "alg": "ES256", "kid": "ec-1"}).to_string();
        EC.sign(&header, &id_token.to_string())
    };
    refused(vec![
        ("JWT", typed(json!("JWT")), TokenError::WrongType),
        ("ID token", id_token("JWT"), TokenError::WrongType),
        (
            "ID token in disguise",
            id_token("at+jwt"),
            TokenError::MissingClaim("client_id"),
        ),
        ("logout token", typed(json!("logout+jwt")), TokenError::WrongType),
        ("DPoP proof", typed(json!("dpop+jwt")), TokenError::WrongType),
        ("with parameter", typed(json!("at+jwt; v=1")), TokenError::WrongType),
        ("with space", typed(json!(" at+jwt")), TokenError::WrongType),
        ("other tree", typed(json!("text/at+jwt")), TokenError::WrongType),
        ("list", typed(json!(["at+jwt"])), TokenError::WrongType),
        ("null", typed(Value::Null), TokenError::WrongType),
        (
            "untyped",
            with_header(json!({"alg": "ES256", "kid": "ec-1"})),
            TokenError::WrongType,
        ),
    ])
    .await;
}

#[tokio::test]
async fn an_issuer_cannot_speak_for_another() {
    let iss = |iss: Value| EC.token(&claims_with("iss", iss));
    refused(vec![
        (
            "own key, other's name",
            iss(json!(OTHER_ISSUER)),
            TokenError::BadSignature,
        ),
        (
            "other's key, our name",
            RIVAL.token(&claims()),
            TokenError::BadSignature,
        ),
        (
            "stranger",
            iss(json!("https://evil.example")),
            TokenError::UnknownIssuer,
        ),
        ("slash", iss(json!(format!("{ISSUER}/"))), TokenError::UnknownIssuer),
        ("case", iss(json!(ISSUER.to_uppercase())), TokenError::UnknownIssuer),
        (
            "look-alike",
            iss(json!(ISSUER.replace('a', "\u{430}"))),
            TokenError::UnknownIssuer,
        ),
        (
            "prefix",
            iss(json!(format!("{ISSUER}.evil.example"))),
            TokenError::UnknownIssuer,
        ),
        ("list", iss(json!([ISSUER])), TokenError::MalformedClaim("iss")),
        ("empty", iss(json!("")), TokenError::MalformedClaim("iss")),
        ("long", iss(json!("i".repeat(2000))), TokenError::MalformedClaim("iss")),
        ("missing", iss(Value::Null), TokenError::MissingClaim("iss")),
    ])
    .await;
}

#[tokio::test]
async fn a_token_for_another_audience_is_refused() {
    let aud = |aud: Value| EC.token(&claims_with("aud", aud));
    refused(vec![
        ("other", aud(json!("https://other.example")), TokenError::WrongAudience),
        (
            "others",
            aud(json!(["https://other.example", ISSUER])),
            TokenError::WrongAudience,
        ),
        ("slash", aud(json!(format!("{AUDIENCE}/"))), TokenError::WrongAudience),
        ("case", aud(json!(AUDIENCE.to_uppercase())), TokenError::WrongAudience),
        ("none", aud(json!([])), TokenError::WrongAudience),
        ("empty", aud(json!("")), TokenError::WrongAudience),
        ("nested", aud(json!([[AUDIENCE]])), TokenError::MalformedClaim("aud")),
        ("mixed", aud(json!([AUDIENCE, 1])), TokenError::MalformedClaim("aud")),
        (
            "object",
            aud(json!({AUDIENCE: true})),
            TokenError::MalformedClaim("aud"),
        ),
        ("missing", aud(Value::Null), TokenError::MissingClaim("aud")),
    ])
    .await;
}

#[tokio::test]
async fn times_are_checked() {
    let with = |name: &str, value: Value| EC.token(&claims_with(name, value));
    let both = |iat: i64, exp: i64| {
        let mut claims = claims_with("iat", json!(iat));
        claims["exp"] = json!(exp);
        EC.token(&claims)
    };
    refused(vec![
        ("expired", both(NOW - 600, NOW - 31), TokenError::Expired),
        ("long expired", both(10, 20), TokenError::Expired),
        ("not yet", with("nbf", json!(NOW + 31)), TokenError::NotYetValid),
        (
            "issued in the future",
            with("iat", json!(NOW + 31)),
            TokenError::IssuedInFuture,
        ),
        ("no life", both(NOW + 20, NOW + 20), TokenError::LifetimeRefused),
        ("negative life", both(NOW + 20, NOW), TokenError::LifetimeRefused),
        (
            "long life",
            both(NOW - 60, NOW - 60 + 86_401),
            TokenError::LifetimeRefused,
        ),
        (
            "eternal",
            with("exp", json!(253_402_300_799_i64)),
            TokenError::LifetimeRefused,
        ),
        (
            "beyond time",
            with("exp", json!(253_402_300_800_i64)),
            TokenError::MalformedClaim("exp"),
        ),
        (
            "i64::MAX",
            with("exp", json!(i64::MAX)),
            TokenError::MalformedClaim("exp"),
        ),
        (
            "u64::MAX",
            with("exp", json!(u64::MAX)),
            TokenError::MalformedClaim("exp"),
        ),
        ("1e300", with("exp", json!(1e300)), TokenError::MalformedClaim("exp")),
        ("negative", with("nbf", json!(-1)), TokenError::MalformedClaim("nbf")),
        (
            "text",
            with("exp", json!((NOW + 600).to_string())),
            TokenError::MalformedClaim("exp"),
        ),
        ("true", with("iat", json!(true)), TokenError::MalformedClaim("iat")),
        ("list", with("nbf", json!([NOW])), TokenError::MalformedClaim("nbf")),
    ])
    .await;
    let whole_day = both(NOW - 60, NOW - 60 + 86_400);
    assert!(judge(&whole_day).await.is_ok());
}

#[tokio::test]
async fn every_required_claim_is_required_and_must_be_readable() {
    let with = |name: &str, value: Value| EC.token(&claims_with(name, value));
    let mut attacks = Vec::new();
    for name in ["sub", "client_id", "jti", "exp", "iat"] {
        attacks.push((name, with(name, Value::Null), TokenError::MissingClaim(name)));
        let mut null = claims();
        null[name] = Value::Null;
        attacks.push((name, EC.token(&null), TokenError::MalformedClaim(name)));
    }
    for name in ["sub", "client_id", "jti", "tenant"] {
        for value in [
            json!(""),
            json!(1),
            json!(["anna"]),
            json!("a\nb"),
            json!("a\u{85}"),
            json!("a".repeat(256)),
        ] {
            attacks.push((name, with(name, value), TokenError::MalformedClaim(name)));
        }
        attacks.push((name, with(name, json!("anna\0")), TokenError::PayloadMalformed));
    }
    attacks.push((
        "scope",
        with("scope", json!(["a"])),
        TokenError::MalformedClaim("scope"),
    ));
    refused(attacks).await;
}

#[tokio::test]
async fn a_member_named_twice_is_refused() {
    let header = r#"{"typ":"at+jwt","alg":"ES256","kid":"ec-1"}"#;
    let claims = claims().to_string();
    let twice = |member: &str| EC.sign(header, &claims.replacen('{', &format!("{{{member},"), 1));
    refused(vec![
        ("sub", twice(r#""sub":"boss""#), TokenError::DuplicateMember),
        ("escaped", twice(r#""s\u0075b":"boss""#), TokenError::DuplicateMember),
        ("same value", twice(r#""sub":"anna""#), TokenError::DuplicateMember),
        (
            "iss",
            twice(r#""iss":"https://evil.example""#),
            TokenError::DuplicateMember,
        ),
        (
            "nested",
            twice(r#""realm_access":{"roles":[],"roles":["admin"]}"#),
            TokenError::DuplicateMember,
        ),
        (
            "alg",
            EC.sign(r#"{"typ":"at+jwt","alg":"none","alg":"ES256","kid":"ec-1"}"#, &claims),
            TokenError::DuplicateMember,
        ),
        (
            "kid",
            EC.sign(r#"{"typ":"at+jwt","kid":"x","alg":"ES256","kid":"ec-1"}"#, &claims),
            TokenError::DuplicateMember,
        ),
    ])
    .await;
}

#[tokio::test]
async fn only_the_compact_form_is_read() {
    let good = EC.token(&claims());
    let (signed, signature) = good.rsplit_once('.').unwrap();
    let (head, payload) = signed.split_once('.').unwrap();
    let json_form = json!({"protected": head, "payload": payload, "signature": signature});
    let large = EC.token(&claims_with("padding", json!("p".repeat(8 * 1024))));
    let header = r#"{"typ":"at+jwt","alg":"ES256","kid":"ec-1"}"#;
    let not_compact = TokenError::NotCompact;
    let payload_of = |text: &str| EC.sign(header, text);
    let last = char::from(signature.as_bytes()[signature.len() - 1]);
    // The last character of 86 carries two bits; the other four must be zero.
    let altered = format!("{}{}", &good[..good.len() - 1], if last == 'B' { 'C' } else { 'B' });
    refused(vec![
        ("empty", String::new(), not_compact.clone()),
        ("dots", "..".into(), not_compact.clone()),
        ("one part", "abc".into(), not_compact.clone()),
        ("two parts", signed.into(), not_compact.clone()),
        ("no signature", format!("{signed}."), not_compact.clone()),
        ("no header", format!(".{payload}.{signature}"), not_compact.clone()),
        ("no payload", format!("{head}..{signature}"), not_compact.clone()),
        ("trailing dot", format!("{good}."), not_compact.clone()),
        ("leading dot", format!(".{good}"), not_compact.clone()),
        ("five parts (JWE)", format!("{good}.AAAA.AAAA"), not_compact.clone()),
        ("JSON form", json_form.to_string(), not_compact.clone()),
        ("leading space", format!(" {good}"), not_compact.clone()),
        ("trailing newline", format!("{good}\n"), not_compact.clone()),
        ("inner space", good.replacen('.', " .", 1), not_compact.clone()),
        ("Bearer", format!("Bearer {good}"), not_compact.clone()),
        ("padding", format!("{good}=="), not_compact.clone()),
        (
            "padded payload",
            format!("{head}.{payload}=.{signature}"),
            not_compact.clone(),
        ),
        (
            "standard alphabet",
            format!("{head}.{payload}.+/{}", &signature[2..]),
            not_compact.clone(),
        ),
        ("loose last bits", altered, not_compact.clone()),
        ("full width dot", good.replace('.', "\u{ff0e}"), not_compact.clone()),
        (
            "zero width space",
            good.replacen('.', "\u{200b}.", 1),
            not_compact.clone(),
        ),
        ("NUL", format!("{good}\0"), not_compact),
        ("huge", large, TokenError::TooLarge),
        ("megabytes", "A".repeat(4 << 20), TokenError::TooLarge),
        (
            "changed payload",
            format!(
                "{head}.{}.{signature}",
                URL_SAFE_NO_PAD.encode(claims_with("sub", json!("boss")).to_string())
            ),
            TokenError::BadSignature,
        ),
        ("payload is a list", payload_of("[]"), TokenError::PayloadMalformed),
        ("payload is text", payload_of("\"x\""), TokenError::PayloadMalformed),
        ("two payloads", payload_of("{}{}"), TokenError::PayloadMalformed),
        (
            "byte order mark",
            payload_of(&format!("\u{feff}{}", claims())),
            TokenError::PayloadMalformed,
        ),
        (
            "lone surrogate",
            payload_of(r#"{"iss":"\ud800"}"#),
            TokenError::PayloadMalformed,
        ),
        (
            "deep payload",
            payload_of(&format!(r#"{{"a":{}{}}}"#, "[".repeat(2000), "]".repeat(2000))),
            TokenError::PayloadMalformed,
        ),
        (
            "header is no JSON",
            EC.sign("ES256", &claims().to_string()),
            TokenError::HeaderMalformed,
        ),
    ])
    .await;
}

#[tokio::test]
async fn every_changed_character_of_a_good_token_is_noticed() {
    let verifier = verifier();
    let good = EC.token(&claims());
    for at in 0..good.len() {
        let mut changed = good.clone().into_bytes();
        changed[at] = if changed[at] == b'Q' { b'R' } else { b'Q' };
        let changed = String::from_utf8(changed).unwrap();
        assert!(verifier.verify(&changed, now()).await.is_err(), "position {at}");
    }
}

fn run<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap()
        .block_on(future)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn arbitrary_text_is_refused_without_a_panic(text: String) {
        prop_assert!(run(judge(&text)).is_err());
    }

    #[test]
    fn arbitrary_bytes_in_each_part_are_refused_without_a_panic(
        header: Vec<u8>, payload: Vec<u8>, signature: Vec<u8>,
    ) {
        let text = [header, payload, signature].map(|part| URL_SAFE_NO_PAD.encode(part)).join(".");
        prop_assert!(run(judge(&text)).is_err());
    }

    #[test]
    fn a_good_token_with_any_claim_replaced_never_panics(
        name in "iss|aud|sub|exp|iat|nbf|jti|client_id|scope|tenant|x",
        value in prop_oneof![
            any::<i64>().prop_map(|number| json!(number)),
            any::<f64>().prop_map(|number| json!(number)),
            any::<String>().prop_map(|text| json!(text)),
            any::<Vec<bool>>().prop_map(|list| json!(list)),
        ],
    ) {
        let _ = run(judge(&EC.token(&claims_with(&name, value))));
    }

    #[test]
    fn arbitrary_key_sets_are_read_without_a_panic(bytes: Vec<u8>, text: String) {
        let _ = KeySet::parse(&bytes);
        let jwk = json!({"kty": "EC", "crv": "P-256", "kid": text, "x": text, "y": text});
        let _ = KeySet::parse(json!({"keys": [jwk]}).to_string().as_bytes());
    }
}
