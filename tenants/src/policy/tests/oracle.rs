//! Section 6 written a second time, from the tables as they are on disk and in plain words, sharing no code with the product.

use std::collections::HashMap;

use super::world::{Account, Ask, World};

pub struct RuleLine {
    pub id: String,
    pub a: String,
    pub b: String,
    pub relation: String,
    pub days: i64,
    pub mandatory: bool,
}

/// The tables, after the tenant's choices.
pub struct Oracle {
    pub duties: HashMap<String, HashMap<String, String>>,
    pub duty_order: Vec<String>,
    pub grants: HashMap<(String, String), u8>,
    pub ssod: Vec<RuleLine>,
    pub dsod: Vec<RuleLine>,
}

/// An earlier act as a refusal names it: duty, document, seconds ago, place among the hands of the document, person.
pub type Named = (String, usize, i64, i32, usize);

#[derive(Debug, PartialEq, Eq, Clone)]
pub enum Answer {
    Allowed,
    Forbidden,
    NotFound,
    InvalidState,
    Machine(String),
    Dynamic(String, Named),
    /// The rule, the opposite duty held, the person.
    Static(String, String, usize),
}

pub fn table(name: &str) -> Vec<HashMap<String, String>> {
    let path = format!("{}/src/policy/data/{name}.csv", env!("CARGO_MANIFEST_DIR"));
    csv::Reader::from_path(path)
        .unwrap()
        .deserialize()
        .map(Result::unwrap)
        .collect()
}

impl Oracle {
    pub fn read() -> Self {
        let rules = |name: &str| {
            let lines = table(name).into_iter().map(|line| RuleLine {
                id: line["rule"].clone(),
                a: line["duty_a"].clone(),
                b: line["duty_b"].clone(),
                relation: line.get("relation").cloned().unwrap_or_default(),
                days: line.get("days").map_or(0, |days| days.parse().unwrap()),
                mandatory: line["tier"] == "mandatory",
            });
            let (mut first, second): (Vec<_>, Vec<_>) = lines.partition(|rule| rule.mandatory);
            first.extend(second);
            first
        };
        let grants = table("grants").into_iter();
        let lines = table("duties");
        Self {
            duty_order: lines.iter().map(|line| line["duty"].clone()).collect(),
            duties: lines.into_iter().map(|line| (line["duty"].clone(), line)).collect(),
            grants: grants
                .map(|g| ((g["role"].clone(), g["duty"].clone()), g["max_level"].parse().unwrap()))
                .collect(),
            ssod: rules("ssod"),
            dsod: rules("dsod"),
        }
    }

    fn is(&self, duty: &str, column: &str, value: &str) -> bool {
        self.duties.get(duty).is_some_and(|line| line[column] == value)
    }

    /// Whether a duty is the one a rule names, or of the kind it names.
    pub fn fits(&self, duty: &str, named: &str) -> bool {
        match named.strip_prefix('@') {
            Some(kind) => self.is(duty, "kind", kind),
            None => duty == named,
        }
    }

    fn opposite(&self, rule: &RuleLine, duty: &str, other: &str) -> bool {
        (self.fits(duty, &rule.a) && self.fits(other, &rule.b))
            || (self.fits(duty, &rule.b) && self.fits(other, &rule.a))
    }

    pub fn holds(&self, roles: &[String], duty: &str, level: u8) -> bool {
        let granted = |role: &String| self.grants.get(&(role.clone(), duty.to_owned())).copied();
        let needed = if self.is(duty, "amount", "y") { level } else { 0 };
        roles.iter().filter_map(granted).any(|max| max >= needed)
    }

    pub fn decide(&self, world: &World, ask: &Ask) -> Answer {
        let duty = ask.duty.as_str();
        if !ask.active || !ask.sponsor_active {
            return Answer::Forbidden;
        }
        if !ask.visible {
            return Answer::NotFound;
        }
        if !ask.side_ok || !ask.invoker_ok || !self.is(duty, "document", &ask.kind) {
            return Answer::Forbidden;
        }
        let machine = matches!(world.accounts[ask.account], Account::Machine { .. });
        if machine {
            let ruled = |rule: &&RuleLine| rule.relation == "same_act" && self.opposite(rule, duty, "AGENT.ACTOR");
            if let Some(rule) = self.dsod.iter().find(ruled) {
                return Answer::Machine(rule.id.clone());
            }
            let human_work = ["approver", "admin", "custodian"]
                .iter()
                .any(|kind| self.is(duty, "kind", kind));
            if !human_work && self.is(duty, "agent_ok", "n") {
                return Answer::Forbidden;
            }
        }
        if !self.holds(&ask.roles, duty, ask.level) {
            return Answer::Forbidden;
        }
        let from = &self.duties[duty]["from_states"];
        if !ask
            .state
            .as_ref()
            .is_some_and(|state| from.split('|').any(|known| known == state))
        {
            return Answer::InvalidState;
        }
        let mut mine = self.hands(world, ask.account, ask.delegator, ask.invoker, 0);
        mine.sort_unstable();
        if let Some(answer) = self.dynamic(world, ask, &mine) {
            return answer;
        }
        for rule in self.ssod.iter().filter(|rule| rule.mandatory) {
            for (_, person) in &mine {
                let holds = |held: &&String| world.holds[*person].contains(*held) && self.opposite(rule, duty, held);
                if let Some(held) = self.duty_order.iter().find(holds) {
                    return Answer::Static(rule.id.clone(), held.clone(), *person);
                }
            }
        }
        Answer::Allowed
    }

    /// Step 7: rule by rule, all hands that meet it, the oldest of them.
    fn dynamic(&self, world: &World, ask: &Ask, mine: &[(u8, usize)]) -> Option<Answer> {
        let mut earlier = Vec::new();
        for act in &world.acts {
            let mut hands = match &act.subject {
                Some(person) => vec![(4, world.surviving(*person))],
                None => self.hands(world, act.account, act.delegator, act.invoker, act.seconds_ago),
            };
            hands.sort_unstable_by_key(|(via, _)| *via);
            for (place, (_, person)) in (0..).zip(hands) {
                if mine.iter().any(|(_, own)| *own == person) {
                    earlier.push((act, act.sequence + place, person));
                }
            }
        }
        for rule in &self.dsod {
            let meets = |(act, ..): &&(&super::world::Act, i32, usize)| {
                self.opposite(rule, &ask.duty, &act.duty) && self.related(world, rule, ask, act)
            };
            let oldest = earlier.iter().filter(meets).min_by_key(|(act, sequence, person)| {
                (std::cmp::Reverse(act.seconds_ago), *sequence, act.document, *person)
            });
            if let Some((act, sequence, person)) = oldest {
                let named = (act.duty.clone(), act.document, act.seconds_ago, *sequence, *person);
                return Some(Answer::Dynamic(rule.id.clone(), named));
            }
        }
        None
    }

    /// The persons behind an act at that time, with the rank of the way they are: actor, delegator, sponsor, invoker.
    fn hands(
        &self,
        world: &World,
        account: usize,
        delegator: Option<usize>,
        invoker: Option<usize>,
        ago: i64,
    ) -> Vec<(u8, usize)> {
        let behind = |account: usize, human: u8, machine: u8| match &world.accounts[account] {
            Account::Human { person } => (human, world.surviving(*person)),
            Account::Machine { sponsors } => {
                // The last one appointed before the act.
                let (_, person) = sponsors.iter().rfind(|(since, _)| *since >= ago).unwrap();
                (machine, world.surviving(*person))
            }
        };
        let mut hands = vec![behind(account, 0, 2)];
        hands.extend(delegator.map(|account| behind(account, 1, 1)));
        hands.extend(invoker.map(|account| behind(account, 3, 3)));
        hands
    }

    fn related(&self, world: &World, rule: &RuleLine, ask: &Ask, act: &super::world::Act) -> bool {
        let (here, there) = (ask.document, act.document);
        let young = rule.days == 0 || act.seconds_ago <= rule.days * 24 * 3600;
        let shares = |mine: &[u8], other: &[u8]| mine.iter().any(|one| other.contains(one));
        match rule.relation.as_str() {
            "same_document" => here == there,
            "same_round" => here == there && act.round == ask.round,
            "same_chain" => self.chained(world, here, there),
            "same_supplier" => young && shares(&world.documents[here].suppliers, &world.documents[there].suppliers),
            "same_stock" => young && shares(&world.documents[here].stock, &world.documents[there].stock),
            _ => false,
        }
    }

    fn chained(&self, world: &World, x: usize, y: usize) -> bool {
        if x == y || self.descends(world, x, y) || self.descends(world, y, x) {
            return true;
        }
        let near = |document: usize, order: usize| {
            document == order || self.descends(world, document, order) || self.descends(world, order, document)
        };
        let orders = (0..world.documents.len()).filter(|order| world.documents[*order].kind == "PURCHASE_ORDER");
        orders.into_iter().any(|order| near(x, order) && near(y, order))
    }

    fn descends(&self, world: &World, from: usize, ancestor: usize) -> bool {
        let parents = world
            .links
            .iter()
            .filter(|(child, _)| *child == from)
            .map(|(_, parent)| *parent);
        parents
            .into_iter()
            .any(|parent| parent == ancestor || self.descends(world, parent, ancestor))
    }
}
