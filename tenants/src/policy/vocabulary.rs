//! The words of the policy as types. Duties, document types and control states are generated from `data/duties.csv`.

use std::fmt;
use std::str::FromStr;

include!(concat!(env!("OUT_DIR"), "/policy_vocabulary.rs"));

mod sealed {
    pub trait Sealed {}
}

/// A duty as a type, so that `Authorized<duty::PoApprove>` is another type than `Authorized<duty::PoCancel>`.
pub trait DutyType: sealed::Sealed {
    /// The duty that the type stands for.
    const DUTY: Duty;
}

/// A line of `duties.csv`.
pub(super) struct DutyFacts {
    kind: DutyKind,
    document: DocumentKind,
    action: &'static str,
    mutation: Option<&'static str>,
    from_states: &'static [ControlState],
    to_state: Option<ControlState>,
    amount_limited: bool,
    machine_ok: bool,
    delegable: bool,
    side: Side,
}

impl Duty {
    /// How many there are, party facts included.
    pub const COUNT: usize = Self::ALL.len();

    /// What sort of control the duty is.
    pub const fn kind(self) -> DutyKind {
        self.facts().kind
    }
    /// The document type it acts on.
    pub const fn document(self) -> DocumentKind {
        self.facts().document
    }
    /// The verb on that document, as the access model knows it.
    pub const fn action(self) -> &'static str {
        self.facts().action
    }
    /// The GraphQL mutation that exercises it; none for party facts.
    pub const fn mutation(self) -> Option<&'static str> {
        self.facts().mutation
    }
    /// The control states it may start from; none for party facts.
    pub const fn from_states(self) -> &'static [ControlState] {
        self.facts().from_states
    }
    /// The control state it leads to.
    pub const fn to_state(self) -> Option<ControlState> {
        self.facts().to_state
    }
    /// Whether the amount of the document asks for a level.
    pub const fn amount_limited(self) -> bool {
        self.facts().amount_limited
    }
    /// Whether AI agents, automations and API keys may exercise it.
    pub const fn machine_ok(self) -> bool {
        self.facts().machine_ok
    }
    /// Whether a holder may delegate it.
    pub const fn delegable(self) -> bool {
        self.facts().delegable
    }
    /// The side of a network document it belongs to.
    pub const fn side(self) -> Side {
        self.facts().side
    }
    /// Whether it is a party fact: a hand without an act, never granted and never acting.
    pub const fn is_party_fact(self) -> bool {
        matches!(self.kind(), DutyKind::Party)
    }
    /// The duties that people and machines can exercise: all but the party facts.
    pub fn acting() -> impl Iterator<Item = Self> {
        Self::ALL.into_iter().filter(|duty| !duty.is_party_fact())
    }
    pub(super) const fn index(self) -> usize {
        self as usize
    }
}

impl DocumentKind {
    pub(super) const fn index(self) -> usize {
        self as usize
    }
}

/// A word that the tables do not know.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{word}` is no {what} of the policy tables")]
pub struct UnknownWord {
    /// What was looked for, such as "duty".
    pub what: &'static str,
    /// The word as given.
    pub word: String,
}

impl UnknownWord {
    pub(super) fn new(what: &'static str, word: &str) -> Self {
        Self {
            what,
            word: word.to_owned(),
        }
    }
}

macro_rules! words {
    ($($name:ident $what:literal),*) => { $(
        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(self.code())
            }
        }
        impl FromStr for $name {
            type Err = UnknownWord;
            fn from_str(word: &str) -> Result<Self, UnknownWord> {
                Self::ALL.into_iter().find(|known| known.code() == word).ok_or_else(|| UnknownWord::new($what, word))
            }
        }
    )* };
}

macro_rules! word_enum {
    ($(#[$doc:meta])* $name:ident $what:literal { $($(#[$vdoc:meta])* $variant:ident = $code:literal),* $(,)? }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum $name { $($(#[$vdoc])* $variant),* }
        impl $name {
            /// All of them, in order.
            pub const ALL: [Self; [$($code),*].len()] = [$(Self::$variant),*];
            /// The word of the tables.
            pub const fn code(self) -> &'static str {
                match self { $(Self::$variant => $code),* }
            }
        }
        words!($name $what);
    };
}

words!(Duty "duty", DocumentKind "document type", ControlState "control state");

word_enum! {
    /// What sort of control a duty is.
    DutyKind "kind of duty" {
        /// Makes or changes a document.
        Maker = "maker",
        /// Decides on it.
        Approver = "approver",
        /// Moves goods, or stops and undoes.
        Custodian = "custodian",
        /// Records a fact.
        Recorder = "recorder",
        /// Administers people, roles, settings.
        Admin = "admin",
        /// Reads.
        Reader = "reader",
        /// A party fact: written by the system, never granted.
        Party = "party",
    }
}

word_enum! {
    /// The side of a network document that a duty belongs to.
    Side "side" {
        /// The buying tenant.
        Buy = "buy",
        /// The selling tenant.
        Sell = "sell",
        /// Either.
        Any = "any",
    }
}

word_enum! {
    /// Whether a tenant may switch a rule off. Mandatory sorts first.
    Tier "tier" {
        /// Nothing lifts it.
        Mandatory = "mandatory",
        /// On unless published off; may be excepted.
        Default = "default",
    }
}

word_enum! {
    /// How a person comes to be a hand of an act.
    Via "via" {
        /// Acted.
        Actor = "actor",
        /// Lent the authority.
        Delegator = "delegator",
        /// Answers for the machine that acted.
        Sponsor = "sponsor",
        /// Triggered the automation that acted.
        Invoker = "invoker",
        /// Is concerned by the document: a party fact, or a hand of imported history.
        Subject = "subject",
    }
}

/// An amount level: how many of the four limits the exposure exceeds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Level(u8);

impl Level {
    /// Nothing exceeded: no approval needed.
    pub const ZERO: Self = Self(0);
    /// All five, lowest first.
    pub const ALL: [Self; 5] = [Self(0), Self(1), Self(2), Self(3), Self(4)];

    /// The level of that number, 0 to 4.
    pub fn new(level: u8) -> Option<Self> {
        Self::ALL.get(usize::from(level)).copied()
    }
    /// The number.
    pub const fn get(self) -> u8 {
        self.0
    }
    /// The word Casbin is told.
    pub const fn code(self) -> &'static str {
        match self.0 {
            0 => "0",
            1 => "1",
            2 => "2",
            3 => "3",
            _ => "4",
        }
    }
}

words!(Level "level");
