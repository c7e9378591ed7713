//! The rows of a policy, dealt out to one enforcer for each (model, acting duty).

use sha2::{Digest as _, Sha256};

use super::models::Model;
use super::rows::PolicyRows;
use super::rules::{DynamicRule, StaticRule};
use super::shard::{AskError, Row, Shard};
use super::vocabulary::{Duty, ENGINE, Level};
use super::{Digest, PolicyError};

/// The rows of one enforcer.
pub(super) struct ShardRows {
    pub(super) model: Model,
    pub(super) duty: Duty,
    pub(super) rows: Vec<Row>,
}

fn row(words: &[&str]) -> Row {
    words.iter().map(|word| (*word).to_owned()).collect()
}

/// Expands the tables to Casbin rows: groups to their members, levels to words, and the explicit allow row of each duty.
pub(super) fn deal(
    rows: &PolicyRows,
    ssod: &[StaticRule],
    dsod: &[DynamicRule],
) -> Result<Vec<ShardRows>, PolicyError> {
    let mut shards = Vec::new();
    for duty in Duty::acting() {
        let of_duty: Vec<_> = rows.duties.iter().filter(|line| line.duty == duty.code()).collect();
        let [line] = of_duty.as_slice() else {
            return Err(PolicyError::DutyRow(duty));
        };
        let code = duty.code();
        shards.push(ShardRows {
            model: Model::Access,
            duty,
            rows: vec![row(&[code, &line.document, &line.action, "allow"])],
        });
        if line.delegable {
            let deleg = vec![row(&[code, "human", "human", "same_tenant", "1", "allow"])];
            shards.push(ShardRows {
                model: Model::Deleg,
                duty,
                rows: deleg,
            });
        }
        shards.push(ShardRows {
            model: Model::Grant,
            duty,
            rows: grant_rows(rows, duty)?,
        });
        shards.push(ShardRows {
            model: Model::Ssod,
            duty,
            rows: ssod_rows(ssod, duty),
        });
        shards.push(ShardRows {
            model: Model::Dsod,
            duty,
            rows: dsod_rows(dsod, duty),
        });
    }
    Ok(shards)
}

fn grant_rows(rows: &PolicyRows, duty: Duty) -> Result<Vec<Row>, PolicyError> {
    let mut out = Vec::new();
    for grant in rows.grants.iter().filter(|grant| grant.duty == duty.code()) {
        let max = Level::new(grant.max_level).ok_or_else(|| PolicyError::Level(grant.role.clone(), grant.max_level))?;
        let levels = Level::ALL.into_iter().take_while(|level| *level <= max);
        out.extend(levels.map(|level| row(&[&grant.role, duty.code(), level.code(), "allow"])));
    }
    Ok(out)
}

fn ssod_rows(rules: &[StaticRule], duty: Duty) -> Vec<Row> {
    let of_duty = rules.iter().filter(|rule| rule.a == duty || rule.b == duty);
    let deny = of_duty.map(|rule| row(&[&rule.id, rule.tier.code(), rule.a.code(), rule.b.code(), "deny"]));
    deny.chain([row(&["*", "default", duty.code(), "*", "allow"])])
        .collect()
}

fn dsod_rows(rules: &[DynamicRule], duty: Duty) -> Vec<Row> {
    let mut out = Vec::new();
    for rule in rules {
        let relation = rule.relation.to_string();
        for &b in rule.b.iter().filter(|b| rule.a == duty || **b == duty) {
            out.push(row(&[
                &rule.id,
                rule.tier.code(),
                rule.a.code(),
                b.code(),
                &relation,
                "deny",
            ]));
        }
    }
    out.push(row(&["*", "default", duty.code(), "*", "*", "allow"]));
    out
}

/// SHA-256 over the sorted rows, the model texts and the engine's version.
pub(super) fn digest(shards: &[ShardRows]) -> Digest {
    let mut lines: Vec<String> = Vec::new();
    for shard in shards {
        let prefix = format!("{}\u{1f}{}", shard.model.code(), shard.duty);
        lines.extend(
            shard
                .rows
                .iter()
                .map(|row| format!("{prefix}\u{1f}{}\n", row.join("\u{1f}"))),
        );
    }
    lines.sort_unstable();
    let mut hash = Sha256::new();
    hash.update(ENGINE);
    Model::ALL.iter().for_each(|model| hash.update(model.text()));
    lines.iter().for_each(|line| hash.update(line));
    Digest(hash.finalize().into())
}

/// All enforcers of a policy.
pub(super) struct Shards(Vec<Option<Shard>>);

impl Shards {
    pub(super) async fn build(dealt: &[ShardRows]) -> Result<Self, PolicyError> {
        let mut shards: Vec<Option<Shard>> = Vec::new();
        shards.resize_with(Model::ALL.len() * Duty::COUNT, || None);
        for one in dealt {
            let built = Shard::build(one.model, &one.rows).await?;
            if let Some(place) = shards.get_mut(slot(one.model, one.duty)) {
                *place = Some(built);
            }
        }
        Ok(Self(shards))
    }

    /// Whether a row of that enforcer holds the word.
    pub(super) fn mentions(&self, model: Model, duty: Duty, word: &str) -> bool {
        matches!(self.0.get(slot(model, duty)), Some(Some(shard)) if shard.mentions(word))
    }

    /// Asks the enforcer of that duty. Where there is none the answer is no.
    pub(super) fn ask(&self, model: Model, duty: Duty, words: &[&str]) -> Result<bool, AskError> {
        match self.0.get(slot(model, duty)) {
            Some(Some(shard)) => shard.ask(words),
            _ => Ok(false),
        }
    }
}

const fn slot(model: Model, duty: Duty) -> usize {
    model as usize * Duty::COUNT + duty.index()
}
