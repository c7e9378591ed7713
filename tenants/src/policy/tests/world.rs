//! Random histories: persons (some merged), accounts and machines with changing sponsors, documents with derivation links
//! (some made after the acts), suppliers, stock, earlier acts at the boundaries of the look-back, and a question.

use super::oracle::{Oracle, RuleLine};

/// SplitMix64: small, seedable, good enough to wander.
pub struct Dice(pub u64);

impl Dice {
    pub fn roll(&mut self, sides: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((z ^ (z >> 31)) % sides as u64) as usize
    }
    pub fn percent(&mut self, chance: usize) -> bool {
        self.roll(100) < chance
    }
    pub fn pick<'a, T>(&mut self, all: &'a [T]) -> &'a T {
        &all[self.roll(all.len())]
    }
}

pub enum Account {
    Human {
        person: usize,
    },
    /// Sponsors in order of appointment: (seconds ago, person).
    Machine {
        sponsors: Vec<(i64, usize)>,
    },
}

pub struct Document {
    pub kind: String,
    pub suppliers: Vec<u8>,
    /// Pairs of location and item.
    pub stock: Vec<u8>,
}

pub struct Act {
    pub duty: String,
    pub document: usize,
    pub round: i32,
    pub account: usize,
    pub delegator: Option<usize>,
    pub invoker: Option<usize>,
    /// A party fact about that person, instead of an act.
    pub subject: Option<usize>,
    pub seconds_ago: i64,
    /// Of the first hand; the others follow.
    pub sequence: i32,
}

#[derive(Clone)]
pub struct Ask {
    pub duty: String,
    pub document: usize,
    pub kind: String,
    pub round: i32,
    pub state: Option<String>,
    pub account: usize,
    pub delegator: Option<usize>,
    pub invoker: Option<usize>,
    pub roles: Vec<String>,
    pub level: u8,
    pub active: bool,
    pub sponsor_active: bool,
    pub visible: bool,
    pub side_ok: bool,
    pub invoker_ok: bool,
}

pub struct World {
    pub merged_into: Vec<Option<usize>>,
    pub accounts: Vec<Account>,
    pub documents: Vec<Document>,
    /// (child, parent); parents come earlier in the list.
    pub links: Vec<(usize, usize)>,
    pub acts: Vec<Act>,
    /// By surviving person.
    pub holds: Vec<Vec<String>>,
    pub ask: Ask,
    /// Accounts that might act instead, with their roles.
    pub others: Vec<(usize, Vec<String>)>,
}

const PERSONS: usize = 5;
const HUMANS: usize = 6;
const DAY: i64 = 24 * 3600;
const STATES: [&str; 8] = [
    "NEW",
    "DRAFT",
    "SUBMITTED",
    "PENDING",
    "OPEN",
    "APPROVED",
    "CAPTURED",
    "PROPOSED",
];

impl World {
    pub fn surviving(&self, person: usize) -> usize {
        self.merged_into[person].map_or(person, |into| self.surviving(into))
    }

    pub fn random(dice: &mut Dice, oracle: &Oracle) -> Self {
        let rule = dice.pick(&oracle.dsod);
        let (duty, opposite) = sides(dice, oracle, rule);
        let merged_into = (0..PERSONS)
            .map(|p| (p > 0 && dice.percent(20)).then(|| dice.roll(p)))
            .collect();
        let mut accounts: Vec<Account> = (0..HUMANS).map(|a| Account::Human { person: a % PERSONS }).collect();
        for _ in 0..2 {
            let first = (400 * DAY, dice.roll(PERSONS));
            accounts.push(Account::Machine {
                sponsors: vec![first, (dice.roll(60) as i64 * DAY, dice.roll(PERSONS))],
            });
        }
        let mut documents: Vec<Document> = (0..3 + dice.roll(5)).map(|_| document(dice, oracle)).collect();
        let here = dice.roll(documents.len());
        let kind = &oracle.duties[&duty]["document"];
        documents[here].kind = if dice.percent(97) {
            kind.clone()
        } else {
            "INVOICE".into()
        };
        let mut links = Vec::new();
        for child in 1..documents.len() {
            links.extend((0..dice.roll(3)).map(|_| (child, dice.roll(child))));
        }
        let mut world = Self {
            merged_into,
            ask: ask(dice, oracle, &duty, here, &documents[here].kind),
            accounts,
            documents,
            links,
            acts: Vec::new(),
            holds: Vec::new(),
            others: Vec::new(),
        };
        for _ in 0..1 + dice.roll(3) {
            world.act(dice, &opposite, true);
        }
        for _ in 0..dice.roll(6) {
            let any = dice.pick(&oracle.duty_order).clone();
            world.act(dice, &any, false);
        }
        let roles: Vec<String> = oracle.grants.keys().map(|(role, _)| role.clone()).collect();
        let mut roles: Vec<String> = roles;
        roles.sort_unstable();
        world.holds = (0..PERSONS).map(|_| holdings(dice, oracle, &roles, &duty)).collect();
        for account in 0..world.accounts.len() {
            let able = if dice.percent(70) {
                world.ask.roles.clone()
            } else {
                vec![dice.pick(&roles).clone()]
            };
            world.others.push((account, able));
        }
        world
    }

    /// One more earlier act; a pointed one is likely to be near the question in document and person.
    fn act(&mut self, dice: &mut Dice, duty: &str, pointed: bool) {
        let near = pointed && dice.percent(45);
        let document = if near {
            self.ask.document
        } else {
            dice.roll(self.documents.len())
        };
        let days = [0, 1, 7, 30, 90, 180, 200][dice.roll(7)];
        let edge = [-1, 0, 0, 1][dice.roll(4)];
        let taken = self.acts.iter().filter(|act| act.document == document).count();
        let fact = duty.ends_with(".BENEFIT") || duty == "SUPPLIER.PARTY";
        let same = pointed && dice.percent(60);
        let account = if same {
            self.ask.account
        } else {
            dice.roll(self.accounts.len())
        };
        self.acts.push(Act {
            duty: duty.to_owned(),
            document,
            round: 1 + dice.roll(2) as i32,
            account,
            delegator: dice.percent(15).then(|| dice.roll(HUMANS)),
            invoker: dice.percent(15).then(|| dice.roll(self.accounts.len())),
            subject: fact.then(|| dice.roll(PERSONS)),
            seconds_ago: days * DAY + edge,
            sequence: taken as i32 * 10,
        });
    }
}

/// Which duty of a rule acts now, and which came before.
fn sides(dice: &mut Dice, oracle: &Oracle, rule: &RuleLine) -> (String, String) {
    let member = |dice: &mut Dice, named: &str| {
        let fitting: Vec<&String> = oracle
            .duty_order
            .iter()
            .filter(|duty| oracle.fits(duty, named))
            .collect();
        (*dice.pick(&fitting)).clone()
    };
    let (a, b) = (member(dice, &rule.a), member(dice, &rule.b));
    let acts = |duty: &str| oracle.duties[duty]["kind"] != "party";
    if acts(&a) && (!acts(&b) || dice.percent(50)) {
        (a, b)
    } else {
        (b, a)
    }
}

fn document(dice: &mut Dice, oracle: &Oracle) -> Document {
    let kind = if dice.percent(40) {
        "PURCHASE_ORDER"
    } else {
        &oracle.duties[dice.pick(&oracle.duty_order)]["document"]
    };
    let some = |dice: &mut Dice| (0..dice.roll(3)).map(|_| dice.roll(3) as u8).collect();
    Document {
        kind: kind.to_owned(),
        suppliers: some(dice),
        stock: some(dice),
    }
}

fn ask(dice: &mut Dice, oracle: &Oracle, duty: &str, document: usize, kind: &str) -> Ask {
    let mut able: Vec<&String> = oracle
        .grants
        .keys()
        .filter(|(_, of)| of == duty)
        .map(|(role, _)| role)
        .collect();
    able.sort_unstable();
    let mut roles = vec!["requester".to_owned()];
    if !able.is_empty() && dice.percent(93) {
        roles.push((*dice.pick(&able)).clone());
    }
    let from: Vec<&str> = oracle.duties[duty]["from_states"].split('|').collect();
    let state = if dice.percent(92) {
        *dice.pick(&from)
    } else {
        *dice.pick(&STATES)
    };
    Ask {
        duty: duty.to_owned(),
        document,
        kind: kind.to_owned(),
        round: 1 + dice.roll(2) as i32,
        state: dice.percent(98).then(|| state.to_owned()),
        account: if dice.percent(80) {
            dice.roll(HUMANS)
        } else {
            HUMANS + dice.roll(2)
        },
        delegator: dice.percent(15).then(|| dice.roll(HUMANS)),
        invoker: dice.percent(15).then(|| dice.roll(HUMANS + 2)),
        roles,
        level: [0, 1, 1, 2, 2, 3, 4][dice.roll(7)],
        active: dice.percent(99),
        sponsor_active: dice.percent(99),
        visible: dice.percent(99),
        side_ok: dice.percent(99),
        invoker_ok: dice.percent(99),
    }
}

/// The duties of two roles, and sometimes of a rule that the question meets.
fn holdings(dice: &mut Dice, oracle: &Oracle, roles: &[String], duty: &str) -> Vec<String> {
    let mine = [dice.pick(roles).clone(), dice.pick(roles).clone()];
    let mut held: Vec<String> = oracle
        .duty_order
        .iter()
        .filter(|duty| oracle.holds(&mine, duty, 0))
        .cloned()
        .collect();
    if dice.percent(75) {
        // Without this nearly every act would break a static rule.
        held.retain(|one| !oracle.ssod.iter().any(|rule| [&rule.a, &rule.b].contains(&one)));
    }
    if dice.percent(10) {
        held.extend(
            oracle
                .ssod
                .iter()
                .filter(|rule| rule.a == duty)
                .map(|rule| rule.b.clone()),
        );
        held.extend(
            oracle
                .ssod
                .iter()
                .filter(|rule| rule.b == duty)
                .map(|rule| rule.a.clone()),
        );
    }
    held
}
