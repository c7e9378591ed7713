//! Casbin's answers to every question there is, in dense arrays indexed by the enums of the vocabulary: a word that the
//! policy does not know cannot be asked.
//!
//! Matchers compare words for equality and nothing else, so a prior duty that no row of an enforcer mentions gets the same
//! answer in every relation, and a role that no row mentions the same at every level. Starting a server asks such a
//! question once ([`Thoroughness::Brief`]); publishing asks all of them ([`Thoroughness::Full`]).

use std::collections::HashMap;

use super::PolicyError;
use super::models::Model;
use super::relation::Relation;
use super::rules::{DynamicRule, StaticRule};
use super::shard::AskError;
use super::shards::Shards;
use super::vocabulary::{DocumentKind, Duty, Level};

/// Lists of rules, most of them empty and many the same.
#[derive(Debug, PartialEq, Eq)]
struct Cells {
    index: Vec<u16>,
    lists: Vec<Box<[u16]>>,
}

/// Everything the policy answers.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Tables {
    access: Vec<bool>,
    grant: Vec<u8>,
    ssod: Cells,
    dsod: Cells,
    delegable: Vec<bool>,
}

/// Whether questions that differ only in words that no row mentions are asked one by one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Thoroughness {
    /// One of them stands for all.
    Brief,
    /// Each by itself: ten times as many.
    Full,
}

/// What there is to ask about.
pub(super) struct Subject<'a> {
    pub(super) roles: &'a [String],
    pub(super) relations: &'a [(Relation, String)],
    pub(super) ssod: &'a [StaticRule],
    pub(super) dsod: &'a [DynamicRule],
    pub(super) shards: &'a Shards,
    pub(super) thoroughness: Thoroughness,
}

impl Subject<'_> {
    fn some_or_all<'t, T>(&self, all: &'t [T], mentioned: bool) -> &'t [T] {
        let few = self.thoroughness == Thoroughness::Brief && !mentioned;
        if few { all.get(..1).unwrap_or(all) } else { all }
    }
}

impl Tables {
    /// Asks every question once, each of the enforcer of its acting duty.
    pub(super) fn ask_all(subject: &Subject<'_>) -> Result<Self, PolicyError> {
        Ok(Self {
            access: ask_access(subject.shards)?,
            grant: ask_grants(subject)?,
            ssod: ask_ssod(subject)?,
            dsod: ask_dsod(subject)?,
            delegable: ask_delegations(subject.shards)?,
        })
    }

    pub(super) fn access(&self, duty: Duty, document: DocumentKind) -> bool {
        self.access
            .get(duty.index() * KINDS + document.index())
            .copied()
            .unwrap_or(false)
    }

    /// The levels of a duty in a role, one bit each.
    pub(super) fn levels(&self, role: usize, duty: Duty) -> u8 {
        self.grant.get(role * Duty::COUNT + duty.index()).copied().unwrap_or(0)
    }

    /// The static rules that keep two duties apart, in table order.
    pub(super) fn ssod(&self, a: Duty, b: Duty) -> &[u16] {
        self.ssod.get(a.index() * Duty::COUNT + b.index())
    }

    /// The dynamic rules that refuse a duty after a prior one in the relation of that place, in the order of naming.
    pub(super) fn dsod(&self, relation: usize, duty: Duty, prior: Duty) -> &[u16] {
        self.dsod.get(dsod_place(relation, duty, prior))
    }

    pub(super) fn delegable(&self, duty: Duty) -> bool {
        self.delegable.get(duty.index()).copied().unwrap_or(false)
    }
}

const KINDS: usize = DocumentKind::ALL.len() + 1;

const fn dsod_place(relation: usize, duty: Duty, prior: Duty) -> usize {
    (relation * Duty::COUNT + duty.index()) * Duty::COUNT + prior.index()
}

impl Cells {
    fn get(&self, place: usize) -> &[u16] {
        let list = self.index.get(place).copied().unwrap_or(0);
        self.lists.get(usize::from(list)).map_or(&[], |rules| rules)
    }
}

/// Collects lists, each kept once; list 0 is the empty one.
struct CellsBuilder {
    cells: Cells,
    known: HashMap<Box<[u16]>, u16>,
}

impl CellsBuilder {
    fn new(places: usize) -> Self {
        Self {
            cells: Cells {
                index: vec![0; places],
                lists: vec![Box::from([])],
            },
            known: HashMap::from([(Box::from([]), 0)]),
        }
    }
    fn put(&mut self, place: usize, rules: Vec<u16>) -> Result<(), PolicyError> {
        let rules: Box<[u16]> = rules.into();
        let list = match self.known.get(&rules) {
            Some(list) => *list,
            None => {
                let list = u16::try_from(self.cells.lists.len()).map_err(|_| PolicyError::TooLarge)?;
                self.cells.lists.push(rules.clone());
                self.known.insert(rules, list);
                list
            }
        };
        *self.cells.index.get_mut(place).ok_or(PolicyError::TooLarge)? = list;
        Ok(())
    }
}

fn ask_access(shards: &Shards) -> Result<Vec<bool>, PolicyError> {
    let mut access = vec![false; Duty::COUNT * KINDS];
    for duty in Duty::acting() {
        for document in DocumentKind::ALL {
            let words = [duty.code(), document.code(), duty.action()];
            if let Some(place) = access.get_mut(duty.index() * KINDS + document.index()) {
                *place = shards.ask(Model::Access, duty, &words)?;
            }
        }
    }
    Ok(access)
}

fn ask_grants(subject: &Subject<'_>) -> Result<Vec<u8>, PolicyError> {
    let mut grant = vec![0; subject.roles.len() * Duty::COUNT];
    for (role, name) in subject.roles.iter().enumerate() {
        for duty in Duty::acting() {
            let mut levels = 0;
            let mentioned = subject.shards.mentions(Model::Grant, duty, name);
            for level in subject.some_or_all(&Level::ALL, mentioned) {
                if subject
                    .shards
                    .ask(Model::Grant, duty, &[name, duty.code(), level.code()])?
                {
                    levels |= 1 << level.get();
                }
            }
            if let Some(place) = grant.get_mut(role * Duty::COUNT + duty.index()) {
                *place = levels;
            }
        }
    }
    Ok(grant)
}

/// `*` asks whether any rule denies; only then each rule is asked by name.
fn ask_ssod(subject: &Subject<'_>) -> Result<Cells, PolicyError> {
    let mut cells = CellsBuilder::new(Duty::COUNT * Duty::COUNT);
    for a in Duty::acting() {
        for b in Duty::acting() {
            let ask = |rule: &str| subject.shards.ask(Model::Ssod, a, &[rule, a.code(), b.code()]);
            if ask("*")? {
                continue;
            }
            let in_shard = |id: &str| subject.shards.mentions(Model::Ssod, a, id);
            let rules = named(subject.ssod.iter().map(|rule| rule.id.as_str()), in_shard, ask)?;
            cells.put(a.index() * Duty::COUNT + b.index(), rules)?;
        }
    }
    Ok(cells.cells)
}

fn ask_dsod(subject: &Subject<'_>) -> Result<Cells, PolicyError> {
    let mut cells = CellsBuilder::new(subject.relations.len() * Duty::COUNT * Duty::COUNT);
    for duty in Duty::acting() {
        for prior in Duty::ALL {
            let mentioned = subject.shards.mentions(Model::Dsod, duty, prior.code());
            for (place, (_, relation)) in subject.some_or_all(subject.relations, mentioned).iter().enumerate() {
                let ask = |rule: &str| {
                    let words = [rule, duty.code(), prior.code(), relation, "shared"];
                    subject.shards.ask(Model::Dsod, duty, &words)
                };
                if ask("*")? {
                    continue;
                }
                let in_shard = |id: &str| subject.shards.mentions(Model::Dsod, duty, id);
                let rules = named(subject.dsod.iter().map(|rule| rule.id.as_str()), in_shard, ask)?;
                cells.put(dsod_place(place, duty, prior), rules)?;
            }
        }
    }
    Ok(cells.cells)
}

/// The places of the rules that deny by name. None although `*` denied means that the duty lacks its allow row.
fn named<'a>(
    ids: impl Iterator<Item = &'a str>,
    in_shard: impl Fn(&str) -> bool,
    ask: impl Fn(&str) -> Result<bool, AskError>,
) -> Result<Vec<u16>, PolicyError> {
    let mut rules = Vec::new();
    for (place, id) in ids.enumerate() {
        if in_shard(id) && !ask(id)? {
            rules.push(u16::try_from(place).map_err(|_| PolicyError::TooLarge)?);
        }
    }
    if rules.is_empty() {
        Err(PolicyError::Unexplained)
    } else {
        Ok(rules)
    }
}

fn ask_delegations(shards: &Shards) -> Result<Vec<bool>, PolicyError> {
    let mut delegable = vec![false; Duty::COUNT];
    for duty in Duty::acting() {
        if let Some(place) = delegable.get_mut(duty.index()) {
            *place = shards.ask(Model::Deleg, duty, &[duty.code(), "human", "human", "same_tenant", "1"])?;
        }
    }
    Ok(delegable)
}
