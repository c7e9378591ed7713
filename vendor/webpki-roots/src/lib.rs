//! In place of the published crate of this name, which holds the public authorities of the web. Its one user here is sqlx, which trusts
//! them in addition to `sslrootcert`, by no option to be turned off: with `sslmode=verify-ca`, whoever has any certificate of the web
//! could be the directory's database. So it has none, and `sslrootcert` alone says who is trusted, as for libpq.

#![no_std]

use pki_types::TrustAnchor;

/// Nobody.
pub const TLS_SERVER_ROOTS: &[TrustAnchor<'static>] = &[];
