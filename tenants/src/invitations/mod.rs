//! Invitations: how somebody joins whose login is not known yet.
//!
//! | document | states | verbs |
//! |---|---|---|
//! | invitation | Pending, Accepted, Revoked; a pending one expires after two weeks | [`invite`], [`accept`], [`revoke`] |
//!
//! Whoever manages users invites, which makes a member that waits (Invited) and shows a token once; only its hash is kept. Roles are
//! proposed for the member as for any other. Whoever presents the token with a verified login of an issuer that speaks for the
//! tenant becomes that member: from then on the login is the person, and the person has the account. The token has 256 random
//! bits, and all tokens that open nothing are answered alike.

mod accept;
mod invitation;
mod invite;
pub mod queries;
mod repo;
mod revoke;

pub use accept::{Login, accept};
pub use invitation::{Invitation, InvitationCommand, InvitationStatus};
pub use invite::{NewInvitation, VALID_DAYS, invite};
pub use revoke::revoke;
