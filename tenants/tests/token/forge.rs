//! Makes tokens that no honest issuer would.

use std::collections::HashMap;
use std::sync::{Arc, LazyLock};

use async_trait::async_trait;
use aws_lc_rs::encoding::{AsDer, Pkcs8V1Der, PublicKeyX509Der};
use aws_lc_rs::rsa::{KeyPair as RsaKeyPair, KeySize};
use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, Ed25519KeyPair, KeyPair};
use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use chrono::{DateTime, Utc};
use jsonwebtoken::jwk::Jwk;
use jsonwebtoken::{Algorithm, EncodingKey};
use quartermaster_tenants::identity::token::{
    DirectoryUnavailable, IssuerBinding, IssuerDirectory, KeySet, KeySource, SigningAlgorithm, TokenError,
    TrustedIssuer, VerifiedToken, Verifier, VerifierConfig,
};
use serde_json::{Value, json};
use uuid::Uuid;

pub const AUDIENCE: &str = "https://quartermaster.example/api";
pub const ISSUER: &str = "https://login.brand.example";
pub const OTHER_ISSUER: &str = "https://login.rival.example";
pub const NOW: i64 = 1_750_000_000;

pub fn now() -> DateTime<Utc> {
    at(NOW)
}

pub fn at(seconds: i64) -> DateTime<Utc> {
    DateTime::from_timestamp(seconds, 0).unwrap()
}

/// A private key and its public half.
pub struct Signer {
    pub key: EncodingKey,
    pub algorithm: Algorithm,
    pub jwk: Value,
    /// The public half as people publish it in files.
    pub public_pem: String,
}

pub static EC: LazyLock<Signer> = LazyLock::new(|| Signer::ec("ec-1"));
pub static RIVAL: LazyLock<Signer> = LazyLock::new(|| Signer::ec("ec-1"));
pub static RSA: LazyLock<Signer> = LazyLock::new(|| {
    let pair = RsaKeyPair::generate(KeySize::Rsa2048).unwrap();
    let der = AsDer::<Pkcs8V1Der>::as_der(&pair).unwrap();
    let key = EncodingKey::from_rsa_pem(pem("PRIVATE KEY", der.as_ref()).as_bytes()).unwrap();
    Signer::new(key, pair.public_key(), Algorithm::RS256, "rsa-1")
});
pub static ED: LazyLock<Signer> = LazyLock::new(|| {
    let pair = Ed25519KeyPair::generate().unwrap();
    let der = pair.to_pkcs8v1().unwrap();
    let key = EncodingKey::from_ed_pem(pem("PRIVATE KEY", der.as_ref()).as_bytes()).unwrap();
    Signer::new(key, pair.public_key(), Algorithm::EdDSA, "ed-1")
});

impl Signer {
    pub fn ec(kid: &str) -> Self {
        let pair = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).unwrap();
        let der = pair.to_pkcs8v1().unwrap();
        let key = EncodingKey::from_ec_pem(pem("PRIVATE KEY", der.as_ref()).as_bytes()).unwrap();
        Self::new(key, pair.public_key(), Algorithm::ES256, kid)
    }

    fn new(key: EncodingKey, public: &impl AsDer<PublicKeyX509Der<'static>>, algorithm: Algorithm, kid: &str) -> Self {
        let public_pem = pem("PUBLIC KEY", public.as_der().unwrap().as_ref());
        let mut jwk = serde_json::to_value(Jwk::from_encoding_key(&key, algorithm).unwrap()).unwrap();
        jwk["kid"] = json!(kid);
        jwk["use"] = json!("sig");
        Self {
            key,
            algorithm,
            jwk,
            public_pem,
        }
    }

    pub fn kid(&self) -> &str {
        self.jwk["kid"].as_str().unwrap()
    }

    /// Signs these very bytes.
    pub fn sign(&self, header: &str, payload: &str) -> String {
        self.sign_as(self.algorithm, header, payload)
    }

    pub fn sign_as(&self, algorithm: Algorithm, header: &str, payload: &str) -> String {
        sign(&self.key, algorithm, header, payload)
    }

    /// An honest token with these claims.
    pub fn token(&self, claims: &Value) -> String {
        let header = json!({"typ": "at+jwt", "alg": format!("{:?}", self.algorithm), "kid": self.kid()});
        self.sign(&header.to_string(), &claims.to_string())
    }
}

pub fn sign(key: &EncodingKey, algorithm: Algorithm, header: &str, payload: &str) -> String {
    let message = format!("{}.{}", URL_SAFE_NO_PAD.encode(header), URL_SAFE_NO_PAD.encode(payload));
    let signature = jsonwebtoken::crypto::sign(message.as_bytes(), key, algorithm).unwrap();
    format!("{message}.{signature}")
}

pub fn pem(label: &str, der: &[u8]) -> String {
    format!(
        "-----BEGIN {label}-----\n{}\n-----END {label}-----\n",
        STANDARD.encode(der)
    )
}

pub fn claims() -> Value {
    json!({
        "iss": ISSUER,
        "aud": AUDIENCE,
        "sub": "anna",
        "client_id": "web",
        "jti": "t-1",
        "iat": NOW - 60,
        "exp": NOW + 600,
    })
}

/// The claims with one of them replaced, or removed where the value is null.
pub fn claims_with(name: &str, value: Value) -> Value {
    let mut claims = claims();
    if value.is_null() {
        claims.as_object_mut().unwrap().remove(name);
    } else {
        claims[name] = value;
    }
    claims
}

pub fn key_set(signers: &[&Signer]) -> Value {
    json!({"keys": signers.iter().map(|signer| signer.jwk.clone()).collect::<Vec<_>>()})
}

pub fn static_keys(set: &Value) -> KeySource {
    KeySource::Static(KeySet::parse(set.to_string().as_bytes()).unwrap())
}

pub fn trusted(issuer: &str, keys: KeySource) -> TrustedIssuer {
    TrustedIssuer {
        id: Uuid::new_v4(),
        issuer: issuer.to_owned(),
        binding: IssuerBinding::Tenant(Uuid::from_u128(1)),
        algorithms: SigningAlgorithm::ALL.to_vec(),
        keys,
    }
}

#[derive(Default)]
pub struct Directory(pub HashMap<String, TrustedIssuer>);

impl Directory {
    pub fn of(issuers: impl IntoIterator<Item = TrustedIssuer>) -> Arc<Self> {
        Arc::new(Self(
            issuers
                .into_iter()
                .map(|issuer| (issuer.issuer.clone(), issuer))
                .collect(),
        ))
    }
}

#[async_trait]
impl IssuerDirectory for Directory {
    async fn issuer(&self, iss: &str) -> Result<Option<TrustedIssuer>, DirectoryUnavailable> {
        Ok(self.0.get(iss).cloned())
    }
}

/// Trusts a brand (three keys) and its rival (one key of the same id).
pub fn verifier() -> Verifier {
    Verifier::new(
        VerifierConfig::new(AUDIENCE),
        Directory::of([
            trusted(ISSUER, static_keys(&key_set(&[&EC, &RSA, &ED]))),
            trusted(OTHER_ISSUER, static_keys(&key_set(&[&RIVAL]))),
        ]),
    )
}

/// Trusts one issuer with exactly these keys and algorithms.
pub fn verifier_of(set: &Value, algorithms: &[SigningAlgorithm]) -> Verifier {
    let mut issuer = trusted(ISSUER, static_keys(set));
    issuer.algorithms = algorithms.to_vec();
    Verifier::new(VerifierConfig::new(AUDIENCE), Arc::new(issuer))
}

pub async fn judge(token: &str) -> Result<VerifiedToken, TokenError> {
    verifier().verify(token, now()).await
}
