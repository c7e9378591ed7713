//! A partner's people, and how one of them comes to work in a tenant: proposed by the partner, admitted by the tenant, until a
//! date, with a credential for that one tenant that lives for minutes.
//!
//! | document | states | verbs of the partner | verbs of the tenant |
//! |---|---|---|---|
//! | partner member | Active, Inactive | [`member_create`], [`member_deactivate`] | – |
//! | operator assignment (OPERATOR_ASSIGNMENT) | Pending, Admitted, Rejected, Revoked | [`propose`], [`revoke_from_above`] | [`admit`], [`reject`], [`revoke`] |
//! | operator's credential (OPERATOR_CREDENTIAL) | open, until it expires or is revoked | [`credential_create`], [`credential_revoke_from_above`] | [`credential_revoke`] |
//!
//! The partner proposes and the tenant admits (ADM-15); nobody admits himself (ADM-16). The admission makes an account of kind
//! OPERATOR with the role `msp_operator`; whatever else the operator is to do, the tenant grants him like any member
//! (6.10), and all of it ends with the assignment. Inside he is an ordinary person: his own hands, the tenant's rules. Nobody of the
//! partner sees anything of a tenant without an admission, an administrator as little as anybody.
//!
//! His log-in at the partner never opens the tenant. Only the credential does: opaque and kept as a hash, since it has to be asked
//! for with every request anyway – it may have been revoked a moment ago, and so may the assignment or the partner's member. Its
//! making, its first use and its revocation are events of the tenant, with his name.

mod admit;
mod assignment;
mod credential;
mod credential_create;
mod credential_revoke;
mod ending;
mod enter;
mod member_create;
mod member_deactivate;
pub mod own_side;
pub mod preview;
mod propose;
pub mod queries;
mod reject;
mod repo;
mod revoke;

pub use admit::admit;
pub use assignment::{AssignmentCommand, AssignmentStatus, OperatorAssignment};
pub use credential_create::{Issued, NewCredential, credential_create};
pub use credential_revoke::{credential_revoke, credential_revoke_from_above};
pub use enter::{Entered, enter};
pub use member_create::{NewPartnerMember, member_create};
pub use member_deactivate::member_deactivate;
pub use propose::{NewOperatorAssignment, propose};
pub use reject::reject;
pub use revoke::{revoke, revoke_from_above};

/// What a partner's people do inside a tenant, unless the tenant grants more.
pub(crate) const ROLE: &str = "msp_operator";
