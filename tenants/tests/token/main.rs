//! Token verification from outside: what a caller can try, and what an issuer's bad day does.
#![allow(clippy::unwrap_used)]

mod attacks;
mod dev_issuer;
mod forge;
mod good_tokens;
mod issuer_server;
mod key_fetch;
mod key_rotation;
