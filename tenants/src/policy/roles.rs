//! Roles: named sets of (duty, highest level). The standard ones are data; a tenant may add its own.

use std::fmt;
use std::sync::Arc;

use super::vocabulary::ROLE_LINES;

/// The name of a role, standard or a tenant's own: `[a-z0-9_]`, exact case. A name that no policy knows grants nothing.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RoleRef(Arc<str>);

impl RoleRef {
    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
    /// Whether a role may be called that: 1 to 40 characters of `[a-z0-9_]`, beginning with a letter.
    pub fn is_well_formed(name: &str) -> bool {
        name.len() <= 40
            && name.starts_with(|first: char| first.is_ascii_lowercase())
            && name
                .bytes()
                .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_')
    }
}

impl From<&str> for RoleRef {
    fn from(name: &str) -> Self {
        Self(name.into())
    }
}

impl fmt::Display for RoleRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A role that every tenant has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StandardRole {
    /// Its name in code and data, such as `approver_l1`.
    pub role: &'static str,
    /// What people read.
    pub title: &'static str,
    /// Where it is assigned: `tenant`, `partner` or `supplier`.
    pub level: &'static str,
    /// Who may hold it: `human`, `integration`, `agent` or `supplier`.
    pub account_kind: &'static str,
    /// What it is for, in a sentence.
    pub description: &'static str,
}

impl StandardRole {
    /// All of them, in the order of the table.
    pub fn all() -> impl Iterator<Item = Self> {
        ROLE_LINES
            .iter()
            .map(|&(role, title, level, account_kind, description)| Self {
                role,
                title,
                level,
                account_kind,
                description,
            })
    }
    /// The one of that name.
    pub fn find(name: &str) -> Option<Self> {
        Self::all().find(|standard| standard.role == name)
    }
    /// Whether machines hold it.
    pub fn is_for_machines(&self) -> bool {
        is_machine_kind(self.account_kind)
    }
}

/// Whether accounts of that kind are machines: API keys, automations, AI agents.
pub fn is_machine_kind(account_kind: &str) -> bool {
    matches!(account_kind, "integration" | "agent")
}
