//! Roles of the segregation policy, as they are read and as a tenant defines its own.

use async_graphql::{Enum, InputObject, SimpleObject};
use quartermaster_tenants::act::{CustomRoleBody, Tailoring};
use quartermaster_tenants::policy::{PolicyRows, RoleRow};

/// Who holds a role.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
pub enum AccountKind {
    /// People.
    Human,
    /// Systems that send and fetch.
    Integration,
    /// AI agents.
    Agent,
    /// People of a supplier.
    Supplier,
}

impl AccountKind {
    /// The word of the policy's tables.
    fn word(self) -> &'static str {
        match self {
            Self::Human => "human",
            Self::Integration => "integration",
            Self::Agent => "agent",
            Self::Supplier => "supplier",
        }
    }

    /// Reads it: the tables know no other.
    fn parse(word: &str) -> Self {
        let all = [Self::Human, Self::Integration, Self::Agent, Self::Supplier];
        all.into_iter().find(|kind| kind.word() == word).unwrap_or(Self::Human)
    }
}

/// A duty in a role.
#[derive(SimpleObject, Debug, Clone)]
pub struct SodRoleDuty {
    /// Such as `PO.APPROVE`.
    duty: String,
    /// The highest amount level, 0 to 4.
    max_level: i32,
}

/// A role with its duties.
#[derive(SimpleObject, Debug, Clone)]
pub struct SodRole {
    /// Its name in assignments.
    name: String,
    /// What people read.
    title: String,
    /// Whose role it is.
    account_kind: AccountKind,
    /// Every tenant has it.
    standard: bool,
    /// What it gives.
    duties: Vec<SodRoleDuty>,
}

impl SodRole {
    /// One of the tenant's own.
    pub(super) fn of_tenant((name, body): (String, CustomRoleBody)) -> Self {
        let duty = |(duty, level): (String, u8)| SodRoleDuty {
            duty,
            max_level: i32::from(level),
        };
        Self {
            name,
            title: body.title,
            account_kind: AccountKind::parse(&body.account_kind),
            standard: false,
            duties: body.grants.into_iter().map(duty).collect(),
        }
    }
}

/// All roles of a policy.
pub(super) fn roles(rows: &PolicyRows, tailoring: &Tailoring) -> Vec<SodRole> {
    let duties = |role: &str| {
        let of = rows.grants.iter().filter(|g| g.role == role);
        of.map(|g| SodRoleDuty {
            duty: g.duty.clone(),
            max_level: i32::from(g.max_level),
        })
        .collect()
    };
    let role = |r: &RoleRow| SodRole {
        name: r.role.clone(),
        title: r.title.clone(),
        account_kind: AccountKind::parse(&r.account_kind),
        standard: !tailoring.roles.contains_key(&r.role),
        duties: duties(&r.role),
    };
    rows.roles.iter().map(role).collect()
}

/// A duty in a role.
#[derive(InputObject)]
pub struct SodRoleDutyInput {
    /// Such as `PO.APPROVE`.
    pub(super) duty: String,
    /// The highest amount level, 0 to 4.
    #[graphql(default)]
    pub(super) max_level: i32,
}

/// A role of the tenant's own.
#[derive(InputObject)]
pub struct SodRoleInput {
    /// `[a-z0-9_]`, beginning with a letter, at most 40; not that of a standard role.
    pub(super) name: String,
    /// What people read.
    pub(super) title: String,
    /// Whose role it is; suppliers have no roles of the tenant's own.
    pub(super) account_kind: AccountKind,
    /// What it gives.
    pub(super) duties: Vec<SodRoleDutyInput>,
}

impl SodRoleInput {
    /// Its name and what it is.
    pub(super) fn read(self) -> (String, CustomRoleBody) {
        let grant = |d: SodRoleDutyInput| (d.duty, u8::try_from(d.max_level).unwrap_or(u8::MAX));
        let body = CustomRoleBody {
            title: self.title,
            account_kind: self.account_kind.word().to_owned(),
            grants: self.duties.into_iter().map(grant).collect(),
        };
        (self.name, body)
    }
}
