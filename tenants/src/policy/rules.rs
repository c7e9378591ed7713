//! Rules as values: the two duties that must not meet, how near, and which rule is named first.

use super::PolicyError;
use super::relation::Relation;
use super::rows::{DsodRow, SsodRow};
use super::vocabulary::{DSOD_LINES, Duty, DutyKind, SSOD_LINES, Tier};

/// A static rule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StaticRule {
    /// `S-07`.
    pub id: String,
    /// Whether a tenant may switch it off.
    pub tier: Tier,
    /// One duty.
    pub a: Duty,
    /// The other.
    pub b: Duty,
}

/// A dynamic rule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DynamicRule {
    /// `P2P-03`.
    pub id: String,
    /// Whether a tenant may switch it off.
    pub tier: Tier,
    /// One duty.
    pub a: Duty,
    /// The others: one, or all duties of a kind.
    pub b: Vec<Duty>,
    /// How near the two acts must be.
    pub relation: Relation,
}

/// The static rules in table order.
pub(super) fn static_rules(rows: &[SsodRow]) -> Result<Vec<StaticRule>, PolicyError> {
    let parse = |row: &SsodRow| {
        let (a, b) = (row.duty_a.parse::<Duty>()?, row.duty_b.parse::<Duty>()?);
        if a == b || a.is_party_fact() || b.is_party_fact() {
            return Err(PolicyError::Meaningless(row.rule.clone()));
        }
        Ok(StaticRule {
            id: row.rule.clone(),
            tier: row.tier.parse()?,
            a,
            b,
        })
    };
    let mut rules = rows.iter().map(parse).collect::<Result<Vec<_>, PolicyError>>()?;
    let place = |id: &str| SSOD_LINES.iter().position(|line| line.0 == id).unwrap_or(usize::MAX);
    rules.sort_by(|x, y| (place(&x.id), &x.id).cmp(&(place(&y.id), &y.id)));
    check_ids(rules.iter().map(|rule| rule.id.as_str()))?;
    Ok(rules)
}

/// The dynamic rules in the order in which a refusal names them: mandatory first, then table order.
pub(super) fn dynamic_rules(rows: &[DsodRow]) -> Result<Vec<DynamicRule>, PolicyError> {
    let parse = |row: &DsodRow| {
        let a: Duty = row.duty_a.parse()?;
        let b = members(&row.duty_b)?;
        if a.is_party_fact() && b.iter().all(|duty| duty.is_party_fact()) {
            return Err(PolicyError::Meaningless(row.rule.clone()));
        }
        let relation = Relation::parse(&row.relation, row.days)?;
        Ok(DynamicRule {
            id: row.rule.clone(),
            tier: row.tier.parse()?,
            a,
            b,
            relation,
        })
    };
    let mut rules = rows.iter().map(parse).collect::<Result<Vec<_>, PolicyError>>()?;
    let place = |id: &str| DSOD_LINES.iter().position(|line| line.0 == id).unwrap_or(usize::MAX);
    rules.sort_by(|x, y| (x.tier, place(&x.id), &x.id).cmp(&(y.tier, place(&y.id), &y.id)));
    check_ids(rules.iter().map(|rule| rule.id.as_str()))?;
    Ok(rules)
}

fn members(word: &str) -> Result<Vec<Duty>, PolicyError> {
    match word.strip_prefix('@') {
        Some(kind) => {
            let kind: DutyKind = kind.parse()?;
            Ok(Duty::acting().filter(|duty| duty.kind() == kind).collect())
        }
        None => Ok(vec![word.parse()?]),
    }
}

/// Rule ids match `[A-Z0-9-]`, so that none is `*`, and each is there once.
fn check_ids<'a>(ids: impl Iterator<Item = &'a str>) -> Result<(), PolicyError> {
    let mut seen = std::collections::HashSet::new();
    for id in ids {
        let plain = |byte: u8| byte.is_ascii_uppercase() || byte.is_ascii_digit() || byte == b'-';
        if id.is_empty() || !id.bytes().all(plain) || !seen.insert(id) {
            return Err(PolicyError::RuleId(id.to_owned()));
        }
    }
    Ok(())
}

/// The dynamic rules of the standard tables.
pub fn standard_rules() -> &'static [DynamicRule] {
    static RULES: std::sync::LazyLock<Vec<DynamicRule>> =
        std::sync::LazyLock::new(|| dynamic_rules(&super::PolicyRows::standard().dsod).unwrap_or_default());
    &RULES
}
