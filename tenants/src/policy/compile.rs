//! From rows to a policy that answers.

use std::collections::HashMap;
use std::fmt;

use super::duty_set::DutySet;
use super::relation::Relation;
use super::roles::RoleRef;
use super::rows::PolicyRows;
use super::rules::{self, DynamicRule, StaticRule};
use super::shard::{AskError, ShardError};
use super::shards::{self, Shards};
use super::tables::{Subject, Tables, Thoroughness};
use super::vocabulary::{DocumentKind, Duty, Level, UnknownWord};

/// Why rows are no policy.
#[derive(Debug, thiserror::Error)]
pub enum PolicyError {
    /// A table has no rows: half loaded.
    #[error("the {0} table of the policy is empty")]
    Empty(&'static str),
    /// A duty, relation, tier or kind that does not exist.
    #[error(transparent)]
    UnknownWord(#[from] UnknownWord),
    /// A rule that does not exist.
    #[error("there is no rule `{0}`")]
    UnknownRule(String),
    /// A mandatory rule cannot be switched off.
    #[error("rule `{0}` is mandatory and cannot be switched off")]
    MandatoryRule(String),
    /// A rule id that is malformed or there twice.
    #[error("rule id `{0}` is malformed or there twice")]
    RuleId(String),
    /// A rule that can never apply.
    #[error("rule `{0}` can never apply: its duties are the same or party facts")]
    Meaningless(String),
    /// A role name that is malformed or taken.
    #[error("role name `{0}` is malformed or taken")]
    RoleName(String),
    /// A grant that names no role of the policy, or a duty that is never granted.
    #[error("role `{0}` cannot be granted `{1}`")]
    Grant(String, String),
    /// A level that does not exist.
    #[error("role `{0}` has a grant up to level {1}; the highest is 4")]
    Level(String, u8),
    /// A duty without exactly one row.
    #[error("duty {0} needs exactly one row")]
    DutyRow(Duty),
    /// Rows that make no enforcer.
    #[error(transparent)]
    Shard(#[from] ShardError),
    /// A question without an answer.
    #[error(transparent)]
    Ask(#[from] AskError),
    /// The engine denies and no rule says so.
    #[error("the engine denies without a rule: a duty lacks its allow row")]
    Unexplained,
    /// Compiling was interrupted: the process is ending.
    #[error("compiling the policy was interrupted")]
    Interrupted,
    /// More rules than the tables can number.
    #[error("the policy is too large")]
    TooLarge,
}

/// SHA-256 over a policy's sorted rows, the model texts and the engine's version: tenants with the same digest share one
/// compiled policy.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Digest(pub [u8; 32]);

impl fmt::Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&hex::encode(self.0))
    }
}

impl fmt::Debug for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Digest({self})")
    }
}

/// A compiled policy: Casbin's enforcers and the tables of their answers. Immutable.
pub struct Policy {
    pub(super) digest: Digest,
    pub(super) roles: Vec<String>,
    places: HashMap<RoleRef, usize>,
    pub(super) relations: Vec<(Relation, String)>,
    pub(super) ssod: Vec<StaticRule>,
    pub(super) dsod: Vec<DynamicRule>,
    pub(super) shards: Shards,
    pub(super) tables: Tables,
}

impl Policy {
    /// Builds the enforcers and asks them everything. Pure computation, long enough (a good part of a second in a debug
    /// build) to be kept off the threads that serve; [`PolicyCache`](super::PolicyCache) does.
    ///
    /// # Errors
    /// See [`PolicyError`].
    pub async fn compile(rows: &PolicyRows) -> Result<Self, PolicyError> {
        Self::compile_as(rows, Thoroughness::Brief).await
    }

    /// Like [`Policy::compile`], asking also every question whose answer cannot differ from that of another: ten times
    /// as many, for publishing. The result is the same.
    ///
    /// # Errors
    /// See [`PolicyError`].
    pub async fn compile_fully(rows: &PolicyRows) -> Result<Self, PolicyError> {
        Self::compile_as(rows, Thoroughness::Full).await
    }

    async fn compile_as(rows: &PolicyRows, thoroughness: Thoroughness) -> Result<Self, PolicyError> {
        let (ssod, dsod) = parse(rows)?;
        let dealt = shards::deal(rows, &ssod, &dsod)?;
        let shards = Shards::build(&dealt).await?;
        let mut roles: Vec<String> = rows.roles.iter().map(|row| row.role.clone()).collect();
        roles.sort_unstable();
        let mut relations: Vec<_> = dsod
            .iter()
            .map(|rule| (rule.relation, rule.relation.to_string()))
            .collect();
        relations.sort_unstable();
        relations.dedup();
        let subject = Subject {
            roles: &roles,
            relations: &relations,
            ssod: &ssod,
            dsod: &dsod,
            shards: &shards,
            thoroughness,
        };
        let tables = Tables::ask_all(&subject)?;
        let places = roles
            .iter()
            .enumerate()
            .map(|(place, role)| (RoleRef::from(role.as_str()), place))
            .collect();
        Ok(Self {
            digest: shards::digest(&dealt),
            roles,
            places,
            relations,
            ssod,
            dsod,
            shards,
            tables,
        })
    }

    /// What identifies the policy.
    pub const fn digest(&self) -> Digest {
        self.digest
    }
    /// Whether a role carries a duty at a level.
    pub fn may(&self, role: &RoleRef, duty: Duty, level: Level) -> bool {
        self.role(role)
            .is_some_and(|role| self.tables.levels(role, duty) & (1 << level.get()) != 0)
    }
    /// Whether any of the roles carries a duty at the level asked for; duties without amounts need level 0 only.
    pub fn has_authority(&self, roles: &[RoleRef], duty: Duty, level: Level) -> bool {
        let level = if duty.amount_limited() { level } else { Level::ZERO };
        roles.iter().any(|role| self.may(role, duty, level))
    }
    /// The duties of a role, at whatever level; empty for a role that the policy does not know.
    pub fn duties_of(&self, role: &RoleRef) -> DutySet {
        let Some(role) = self.role(role) else {
            return DutySet::EMPTY;
        };
        Duty::acting()
            .filter(|duty| self.tables.levels(role, *duty) != 0)
            .collect()
    }
    /// The duties of all these roles together: what a person who has them holds.
    pub fn duties_of_all<'a>(&self, roles: impl IntoIterator<Item = &'a RoleRef>) -> DutySet {
        roles
            .into_iter()
            .fold(DutySet::EMPTY, |held, role| held.union(self.duties_of(role)))
    }
    /// The highest level of a duty in a role.
    pub fn max_level(&self, role: &RoleRef, duty: Duty) -> Option<Level> {
        Level::ALL.into_iter().rev().find(|level| self.may(role, duty, *level))
    }
    /// Whether a duty acts on a document type.
    pub fn opens(&self, duty: Duty, document: DocumentKind) -> bool {
        self.tables.access(duty, document)
    }
    /// Whether a holder may delegate a duty to another person of the tenant.
    pub fn delegable(&self, duty: Duty) -> bool {
        self.tables.delegable(duty)
    }
    /// The roles of the policy, by name.
    pub fn roles(&self) -> impl Iterator<Item = RoleRef> {
        self.roles.iter().map(|role| RoleRef::from(role.as_str()))
    }
    /// The static rules, in table order.
    pub fn static_rules(&self) -> &[StaticRule] {
        &self.ssod
    }
    /// The dynamic rules, in the order in which a refusal names them.
    pub fn dynamic_rules(&self) -> &[DynamicRule] {
        &self.dsod
    }
    pub(super) fn role(&self, role: &RoleRef) -> Option<usize> {
        self.places.get(role).copied()
    }
}

impl fmt::Debug for Policy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Policy")
            .field("digest", &self.digest)
            .finish_non_exhaustive()
    }
}

impl PolicyRows {
    /// The digest of the policy that these rows make, without compiling it.
    ///
    /// # Errors
    /// Rows that cannot be read; see [`PolicyError`].
    pub fn digest(&self) -> Result<Digest, PolicyError> {
        let (ssod, dsod) = parse(self)?;
        Ok(shards::digest(&shards::deal(self, &ssod, &dsod)?))
    }
}

/// Reads the rows into rules and refuses what could not have been meant.
fn parse(rows: &PolicyRows) -> Result<(Vec<StaticRule>, Vec<DynamicRule>), PolicyError> {
    let tables = [
        ("duties", rows.duties.is_empty()),
        ("roles", rows.roles.is_empty()),
        ("grants", rows.grants.is_empty()),
        ("ssod", rows.ssod.is_empty()),
        ("dsod", rows.dsod.is_empty()),
    ];
    if let Some((table, _)) = tables.into_iter().find(|(_, empty)| *empty) {
        return Err(PolicyError::Empty(table));
    }
    for row in &rows.duties {
        row.duty.parse::<Duty>()?;
    }
    let mut names = std::collections::HashSet::new();
    for row in &rows.roles {
        if !RoleRef::is_well_formed(&row.role) || !names.insert(row.role.as_str()) {
            return Err(PolicyError::RoleName(row.role.clone()));
        }
    }
    for grant in &rows.grants {
        let duty: Duty = grant.duty.parse()?;
        if duty.is_party_fact() || !names.contains(grant.role.as_str()) {
            return Err(PolicyError::Grant(grant.role.clone(), grant.duty.clone()));
        }
    }
    Ok((rules::static_rules(&rows.ssod)?, rules::dynamic_rules(&rows.dsod)?))
}
