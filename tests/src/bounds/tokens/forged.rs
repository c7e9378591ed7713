use super::Foreign;
use super::forge::{EC, ED, RIVAL, RSA, sign};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64;
use jsonwebtoken::{Algorithm, EncodingKey};
use serde_json::{Value, json};

fn header() -> Value {
    json!({ "typ": "at+jwt", "alg": "ES256", "kid": "ec-1" })
}

fn header_with(name: &str, value: Value) -> String {
    let mut header = header();
    header[name] = value;
    header.to_string()
}

fn unsigned(header: &str, claims: &Value, signature: &str) -> String {
    let (header, claims) = (BASE64.encode(header), BASE64.encode(claims.to_string()));
    format!("{header}.{claims}.{signature}")
}

/// Section by section of RFC 8725: what must not be let in.
fn forged(world: &Foreign) -> Vec<(&'static str, String)> {
    let claims = world.claims();
    let good = EC.token(&claims);
    let signed = |header: &str| EC.sign(header, &claims.to_string());
    let (head, signature) = good.rsplit_once('.').expect("three parts");
    let none = |alg: &str| header_with("alg", json!(alg));
    let secret = |bytes: &[u8], alg: &str, algorithm, kid: &str| {
        let header = json!({ "typ": "at+jwt", "alg": alg, "kid": kid }).to_string();
        sign(
            &EncodingKey::from_secret(bytes),
            algorithm,
            &header,
            &claims.to_string(),
        )
    };
    let mut own = EC.jwk.clone();
    own["kid"] = json!("mine");
    let twice = claims.to_string().replacen('{', "{\"sub\":\"somebody\",", 1);
    let with = |name: &str, value: Value| EC.token(&world.claims_with(name, value));
    let mut expired = world.claims_with("exp", json!(world.now - 3_600));
    expired["iat"] = json!(world.now - 7_200);
    let mut all = vec![
        // 3.1, 2.1: the algorithm is verified, and “none” is none.
        ("none", unsigned(&none("none"), &claims, "")),
        ("none with a signature", unsigned(&none("none"), &claims, signature)),
        ("nOnE", unsigned(&none("nOnE"), &claims, "AAAA")),
        ("no signature", format!("{head}.")),
        (
            "a signature of zeros",
            unsigned(&header().to_string(), &claims, &BASE64.encode([0; 64])),
        ),
        (
            "a public key as a secret",
            secret(RSA.public_pem.as_bytes(), "HS256", Algorithm::HS256, "rsa-1"),
        ),
        (
            "another one",
            secret(EC.public_pem.as_bytes(), "HS256", Algorithm::HS256, "ec-1"),
        ),
        ("an empty secret", secret(b"", "HS512", Algorithm::HS512, "ec-1")),
        (
            "the key of another algorithm",
            signed(&header_with("kid", json!("rsa-1"))),
        ),
        (
            "an algorithm that is not agreed on",
            RSA.sign_as(
                Algorithm::PS256,
                &json!({ "typ": "at+jwt", "alg": "PS256", "kid": "rsa-1" }).to_string(),
                &claims.to_string(),
            ),
        ),
        // 3.2, 3.3: what is signed by somebody else.
        ("another key of the same id", RIVAL.token(&claims)),
        (
            "changed claims",
            format!(
                "{}.{}.{signature}",
                head.split('.').next().expect("a header"),
                BASE64.encode(world.claims_with("sub", json!("x")).to_string())
            ),
        ),
        // 3.4: inputs that are no inputs.
        ("a header that is no object", signed("[]")),
        ("a claim said twice", EC.sign(&header().to_string(), &twice)),
        ("claims that are no object", EC.sign(&header().to_string(), "[1]")),
        ("five parts, as of an encrypted token", format!("{good}.AAAA.AAAA")),
        (
            "JSON serialization",
            json!({ "payload": head, "signatures": [] })
                .to_string()
                .replace(' ', ""),
        ),
        ("base64 with padding", format!("{good}=")),
        ("huge claims", with("groups", json!(vec!["x".repeat(100); 200]))),
        // 3.5, 2.2: a key that is too weak is no key; see `keys.rs`.
        // 3.8, 3.9: issuer, subject, audience.
        ("another issuer", with("iss", json!("https://elsewhere.example"))),
        ("no issuer", with("iss", Value::Null)),
        ("an issuer that is SQL", with("iss", json!("' OR 1=1 --"))),
        ("nobody", with("sub", json!("somebody-else"))),
        ("no subject", with("sub", Value::Null)),
        ("another audience", with("aud", json!("somebody-else"))),
        ("no audience", with("aud", Value::Null)),
        ("audiences without ours", with("aud", json!(["a", "b"]))),
        (
            "an audience that begins as ours",
            with("aud", json!("quartermaster.evil.example")),
        ),
        (
            "another tenant",
            with(
                "tenant",
                json!(quartermaster_tenants::id::TenantId::fresh().to_string()),
            ),
        ),
        // 3.10: a key that the token brings along, and a key's id that is more than a name.
        ("its own key", signed(&header_with("jwk", own))),
        (
            "a key somewhere",
            signed(&header_with("jku", json!("http://127.0.0.1/keys"))),
        ),
        (
            "a certificate somewhere",
            signed(&header_with("x5u", json!("http://127.0.0.1/keys"))),
        ),
        ("a certificate", signed(&header_with("x5c", json!(["AAAA"])))),
        (
            "an extension that must be understood",
            signed(&header_with("crit", json!(["exp"]))),
        ),
        ("a packed payload", signed(&header_with("zip", json!("DEF")))),
        ("an unencoded payload", signed(&header_with("b64", json!(false)))),
        // 3.11, 3.12: other kinds of tokens of the same issuer.
        ("an ID token", signed(&header_with("typ", json!("JWT")))),
        ("no type", signed(&json!({ "alg": "ES256", "kid": "ec-1" }).to_string())),
        ("a log-out token", signed(&header_with("typ", json!("logout+jwt")))),
        ("a token in a token", signed(&header_with("cty", json!("JWT")))),
        // RFC 9068: times.
        ("expired", EC.token(&expired)),
        ("without an end", with("exp", Value::Null)),
        ("of the future", with("iat", json!(world.now + 3_000))),
        ("not valid yet", with("nbf", json!(world.now + 3_000))),
        ("for a year", with("exp", json!(world.now + 31_536_000))),
        ("no id of its own", with("jti", Value::Null)),
    ];
    for kid in ["../../../dev/null", "' UNION SELECT 1 --", "| id", "", "\u{0}"] {
        all.push(("a key's id that is none", signed(&header_with("kid", json!(kid)))));
    }
    all
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_on_the_list_of_rfc_8725_lets_anybody_in() {
    let world = Foreign::trusting(&[&EC, &RSA, &ED]).await;
    for signer in [&*EC, &*RSA, &*ED] {
        assert_eq!(
            world.presents(&signer.token(&world.claims())).await.0,
            200,
            "{:?}",
            signer.algorithm
        );
    }
    for (what, token) in forged(&world) {
        let (status, challenge) = world.presents(&token).await;
        assert_eq!(status, 401, "{what}");
        assert!(challenge.contains("error=\"invalid_token\""), "{what}: {challenge}");
        assert!(
            !challenge.contains("ec-1") && !challenge.contains("kid"),
            "{what}: {challenge}"
        );
    }
    assert_eq!(world.presents(&EC.token(&world.claims())).await.0, 200);
}
