//! The policy of a tenant as plain rows: the standard tables, minus the default rules it switched off, plus its own roles.

use super::PolicyError;
use super::roles::{RoleRef, StandardRole};
use super::vocabulary::{DSOD_LINES, Duty, GRANT_LINES, SSOD_LINES};

/// A duty and the one (document type, action) it opens.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DutyRow {
    /// `PO.APPROVE`.
    pub duty: String,
    /// `PURCHASE_ORDER`.
    pub document: String,
    /// `approve`.
    pub action: String,
    /// Whether a holder may delegate it.
    pub delegable: bool,
}

/// A role.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RoleRow {
    /// Its name, `[a-z0-9_]`.
    pub role: String,
    /// What people read.
    pub title: String,
    /// `tenant`, `partner` or `supplier`.
    pub level: String,
    /// `human`, `integration`, `agent` or `supplier`.
    pub account_kind: String,
}

/// A duty in a role, up to an amount level.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GrantRow {
    /// The role.
    pub role: String,
    /// The duty.
    pub duty: String,
    /// The highest level, 0 to 4.
    pub max_level: u8,
}

/// A static rule: one person may not hold both duties.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SsodRow {
    /// `S-07`.
    pub rule: String,
    /// One duty.
    pub duty_a: String,
    /// The other.
    pub duty_b: String,
    /// `mandatory` or `default`.
    pub tier: String,
}

/// A dynamic rule: one person may not do both on related documents.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DsodRow {
    /// `P2P-03`.
    pub rule: String,
    /// One duty.
    pub duty_a: String,
    /// The other, or `@approver` for every duty of that kind.
    pub duty_b: String,
    /// `same_document`, `same_supplier`...
    pub relation: String,
    /// How long an earlier act counts; 0 means for ever.
    pub days: u32,
    /// `mandatory` or `default`.
    pub tier: String,
}

/// A role that a tenant defined.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CustomRole {
    /// Its name; not that of a standard role.
    pub role: String,
    /// What people read.
    pub title: String,
    /// `human`, `integration`, `agent` or `supplier`.
    pub account_kind: String,
    /// Its duties, each with the highest level.
    pub grants: Vec<(Duty, u8)>,
}

/// The five tables. Their order means nothing: rules are applied in the order of the standard tables.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PolicyRows {
    /// The duties.
    pub duties: Vec<DutyRow>,
    /// The roles.
    pub roles: Vec<RoleRow>,
    /// Which role has which duty.
    pub grants: Vec<GrantRow>,
    /// Static rules.
    pub ssod: Vec<SsodRow>,
    /// Dynamic rules.
    pub dsod: Vec<DsodRow>,
}

impl PolicyRows {
    /// The reference tables as they are.
    pub fn standard() -> Self {
        Self {
            duties: Duty::acting()
                .map(|duty| DutyRow {
                    duty: duty.code().to_owned(),
                    document: duty.document().code().to_owned(),
                    action: duty.action().to_owned(),
                    delegable: duty.delegable(),
                })
                .collect(),
            roles: StandardRole::all()
                .map(|role| RoleRow {
                    role: role.role.to_owned(),
                    title: role.title.to_owned(),
                    level: role.level.to_owned(),
                    account_kind: role.account_kind.to_owned(),
                })
                .collect(),
            grants: GRANT_LINES
                .iter()
                .map(|&(role, duty, max_level)| GrantRow {
                    role: role.to_owned(),
                    duty: duty.to_owned(),
                    max_level,
                })
                .collect(),
            ssod: SSOD_LINES
                .iter()
                .map(|&(rule, a, b, tier, ..)| SsodRow {
                    rule: rule.to_owned(),
                    duty_a: a.to_owned(),
                    duty_b: b.to_owned(),
                    tier: tier.to_owned(),
                })
                .collect(),
            dsod: DSOD_LINES
                .iter()
                .map(|&(rule, a, b, relation, days, tier, ..)| DsodRow {
                    rule: rule.to_owned(),
                    duty_a: a.to_owned(),
                    duty_b: b.to_owned(),
                    relation: relation.to_owned(),
                    days,
                    tier: tier.to_owned(),
                })
                .collect(),
        }
    }

    /// A tenant's rows: the standard ones without the default rules it switched off, with its own roles.
    ///
    /// # Errors
    /// A rule that does not exist or is mandatory; a role name that is malformed, taken or standard; a level above 4.
    pub fn tenant(switched_off: &[String], custom: &[CustomRole]) -> Result<Self, PolicyError> {
        let mut rows = Self::standard();
        for rule in switched_off {
            rows.switch_off(rule)?;
        }
        for role in custom {
            rows.add_role(role)?;
        }
        Ok(rows)
    }

    fn switch_off(&mut self, rule: &str) -> Result<(), PolicyError> {
        let tier = (self.ssod.iter().map(|row| (&row.rule, &row.tier)))
            .chain(self.dsod.iter().map(|row| (&row.rule, &row.tier)))
            .find_map(|(id, tier)| (id == rule).then_some(tier.as_str()));
        match tier {
            Some("default") => {
                self.ssod.retain(|row| row.rule != rule);
                self.dsod.retain(|row| row.rule != rule);
                Ok(())
            }
            Some(_) => Err(PolicyError::MandatoryRule(rule.to_owned())),
            None => Err(PolicyError::UnknownRule(rule.to_owned())),
        }
    }

    fn add_role(&mut self, custom: &CustomRole) -> Result<(), PolicyError> {
        let taken = self.roles.iter().any(|row| row.role == custom.role);
        if taken || !RoleRef::is_well_formed(&custom.role) {
            return Err(PolicyError::RoleName(custom.role.clone()));
        }
        self.roles.push(RoleRow {
            role: custom.role.clone(),
            title: custom.title.clone(),
            level: "tenant".to_owned(),
            account_kind: custom.account_kind.clone(),
        });
        self.grants
            .extend(custom.grants.iter().map(|(duty, max_level)| GrantRow {
                role: custom.role.clone(),
                duty: duty.code().to_owned(),
                max_level: *max_level,
            }));
        Ok(())
    }
}
