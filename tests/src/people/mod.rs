//! Partners, tenants with founders, members, roles by two people, who a login is.

mod founding;
mod login;
mod racing;
mod roles;
mod town;
