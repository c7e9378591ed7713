//! Access tokens of people: RFC 9068, checked as RFC 8725 (JWT best current practices) asks.
//!
//! A token's own words choose nothing but which trusted issuer to ask: `iss` selects the issuer, `kid` selects among
//! that issuer's keys, and `alg` must be one that the issuer was registered with *and* fit the key. Keys named or carried by
//! the token itself (`jku`, `jwk`, `x5u`, `x5c`) are refused.
//!
//! | step | file |
//! |---|---|
//! | shape, header, issuer, key, signature, claims, in this order | `verifier.rs` |
//! | the three parts, and what was read of them before | `compact.rs` |
//! | JSON without duplicate members | `strict_json.rs` |
//! | header parameters | `header.rs` |
//! | who issued it, for whom, when | `claims.rs` |
//! | what is trusted, and whom it may speak for | `issuer.rs` |
//! | which key of the issuer | `key_set.rs` |
//! | keys over the network, kept and renewed | `jwks.rs`, `fetch.rs`, `public_address.rs` |
//! | does an issuer publish keys, for `doctor` | `probe.rs` |
//! | refusals, and what the client sees of them | `error.rs` |
//! | the built-in development issuer | `dev_issuer.rs`, `dev_key.rs` |

mod claims;
mod compact;
mod dev_issuer;
mod dev_key;
mod error;
mod fetch;
mod header;
mod issuer;
mod jwks;
mod key_set;
mod probe;
mod public_address;
mod strict_json;
mod verifier;

pub use dev_issuer::{DEV_ISSUER, DevIssuer, DevIssuerConfig, DevIssuerError};
pub use error::{CHALLENGE_MISSING, TokenError, challenge};
pub use fetch::HttpConfig;
pub use issuer::{DirectoryUnavailable, IssuerBinding, IssuerDirectory, KeySource, SigningAlgorithm, TrustedIssuer};
pub use jwks::MonotonicClock;
pub use key_set::{KeySet, KeySetError};
pub use probe::KeyProbe;
pub use verifier::{VerifiedToken, Verifier, VerifierConfig};
