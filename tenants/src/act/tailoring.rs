//! What a tenant published of its own on top of the standard policy: rules switched off, roles added.

use crate::error::{Error, Result};
use crate::policy::{CustomRole, PolicyError, PolicyRows};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// A tenant's own part of its policy, as stored with each policy version.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Tailoring {
    /// Default rules that do not apply.
    pub rules_off: Vec<String>,
    /// Roles besides the standard ones, by name.
    pub roles: BTreeMap<String, CustomRoleBody>,
}

/// A role that a tenant defined.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CustomRoleBody {
    /// What people read.
    pub title: String,
    /// `human`, `integration` or `agent`.
    pub account_kind: String,
    /// Duties, each with its highest level.
    pub grants: BTreeMap<String, u8>,
}

impl Tailoring {
    /// The tenant's whole policy.
    ///
    /// # Errors
    /// A tailoring that is no policy: it was checked when it was published, so this is a defect.
    pub fn rows(&self) -> Result<PolicyRows> {
        self.checked_rows().map_err(Error::internal)
    }

    /// The whole policy of a draft.
    ///
    /// # Errors
    /// What makes it no policy.
    pub fn checked_rows(&self) -> Result<PolicyRows, PolicyError> {
        let mut custom = Vec::with_capacity(self.roles.len());
        for (role, body) in &self.roles {
            let grants = body
                .grants
                .iter()
                .map(|(d, l)| Ok((d.parse()?, *l)))
                .collect::<Result<_, crate::policy::UnknownWord>>();
            custom.push(CustomRole {
                role: role.clone(),
                title: body.title.clone(),
                account_kind: body.account_kind.clone(),
                grants: grants?,
            });
        }
        PolicyRows::tenant(&self.rules_off, &custom)
    }
}
