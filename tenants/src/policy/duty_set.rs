//! A set of duties, as small as a number: what a person holds.

use super::vocabulary::Duty;

/// A set of duties.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct DutySet(u128);

const _: () = assert!(Duty::COUNT <= 128, "a DutySet has room for 128 duties");

impl DutySet {
    /// No duty.
    pub const EMPTY: Self = Self(0);

    /// Puts a duty in.
    pub fn insert(&mut self, duty: Duty) {
        self.0 |= 1 << duty.index();
    }
    /// Whether it is in.
    pub const fn contains(self, duty: Duty) -> bool {
        self.0 & (1 << duty.index()) != 0
    }
    /// What is in either.
    #[must_use]
    pub const fn union(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }
    /// What is in both.
    #[must_use]
    pub const fn intersection(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }
    /// Whether nothing is in.
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }
    /// The duties, in the order of the table.
    pub fn iter(self) -> impl Iterator<Item = Duty> {
        Duty::ALL.into_iter().filter(move |duty| self.contains(*duty))
    }
}

impl FromIterator<Duty> for DutySet {
    fn from_iter<I: IntoIterator<Item = Duty>>(duties: I) -> Self {
        let mut set = Self::EMPTY;
        duties.into_iter().for_each(|duty| set.insert(duty));
        set
    }
}
