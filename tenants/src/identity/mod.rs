//! Who is calling: bearer tokens of people, API keys of machines. No database here; what a credential *may do* is
//! decided elsewhere, from the tenant's members and policy.
//!
//! | credential | verb | what it proves |
//! |---|---|---|
//! | RFC 9068 access token of a trusted OpenID issuer | [`token::Verifier::verify`] | issuer, subject, and for whom the issuer may speak |
//! | token of the built-in development issuer | [`token::DevIssuer::mint`] | the same, outside production |
//! | invitation | [`invitation_token::InvitationToken::parse`] | that the caller holds the token of one invitation of one tenant |
//! | API key | [`api_key::ApiKey::parse`], [`api_key::SecretHash::matches`] | that the caller holds the secret of one key of one tenant |
//! | an operator's credential | [`operator_credential::OperatorCredential::parse`] | the same of one credential |

pub mod api_key;
mod base32;
pub mod invitation_token;
pub mod operator_credential;
mod shown_once;
pub mod token;

pub use shown_once::ShownOnce;
