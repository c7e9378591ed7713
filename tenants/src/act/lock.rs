//! The locks of an act: which keys, which mode, one hash, one statement.
//!
//! Rules over a chain, a supplier or stock meet on different documents, so no document's row lock stops two acts of one person
//! at the same instant. Each act therefore locks, for each person behind it, the person (shared) and the person together with
//! each thing that a relation could meet on (exclusive). What changes a person's authority locks the person exclusively.

use crate::id::TenantId;
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use uuid::Uuid;

/// Takes the locks of [`Locks::arrays`], which come sorted, one after the other.
pub(super) const TAKE_LOCKS: &str = "SELECT count(CASE WHEN u.exclusive THEN pg_advisory_xact_lock(u.key)::text ELSE pg_advisory_xact_lock_shared(u.key)::text END) \
    FROM unnest($1::bigint[], $2::bool[]) u (key, exclusive)";

/// With more keys than this for one person, the person is locked exclusively instead.
const MOST_KEYS: usize = 32;

/// What kind of thing a key is about, so that equal ids of different things do not meet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
enum Realm {
    Policy = 1,
    Person = 2,
    PersonDocument = 3,
    PersonSupplier = 4,
    PersonStock = 5,
    Supplier = 6,
}

/// The one hash of lock keys.
fn hash(realm: Realm, parts: &[Uuid]) -> i64 {
    let mut h = Sha256::new();
    h.update([realm as u8]);
    for part in parts {
        h.update(part.as_bytes());
    }
    let digest = h.finalize();
    let mut first = [0; 8];
    first.copy_from_slice(&digest[..8]);
    i64::from_be_bytes(first)
}

/// Held shared by every act, exclusively by publishing a policy.
#[must_use]
pub fn policy_key(tenant: TenantId) -> i64 {
    hash(Realm::Policy, &[tenant.0])
}

/// All locks that one act takes, their modes decided before the first is taken.
#[derive(Debug, Default)]
pub struct Locks {
    keys: BTreeMap<i64, bool>,
}

impl Locks {
    /// The hand locks of 8: for each person, the person and what the act's relations could meet on.
    #[must_use]
    pub fn of_hands(
        tenant: TenantId,
        persons: &[Uuid],
        documents: &[Uuid],
        suppliers: &[Uuid],
        stock: Option<(Uuid, &[Uuid])>,
    ) -> Self {
        let mut locks = Self::default();
        for person in persons {
            let items = stock.map_or(&[][..], |(_, items)| items);
            if documents.len() + suppliers.len() + items.len() > MOST_KEYS {
                locks.add(hash(Realm::Person, &[tenant.0, *person]), true);
                continue;
            }
            locks.add(hash(Realm::Person, &[tenant.0, *person]), false);
            for document in documents {
                locks.add(hash(Realm::PersonDocument, &[*person, *document]), true);
            }
            for supplier in suppliers {
                locks.add(hash(Realm::PersonSupplier, &[*person, *supplier]), true);
            }
            if let Some((location, items)) = stock {
                for item in items {
                    locks.add(hash(Realm::PersonStock, &[*person, location, *item]), true);
                }
            }
        }
        locks
    }

    /// A person whose authority this act changes.
    pub fn person(&mut self, tenant: TenantId, person: Uuid) {
        self.add(hash(Realm::Person, &[tenant.0, person]), true);
    }

    /// A supplier's standing: read by releasing an order, changed by blocking.
    pub fn supplier(&mut self, tenant: TenantId, supplier: Uuid, exclusive: bool) {
        self.add(hash(Realm::Supplier, &[tenant.0, supplier]), exclusive);
    }

    fn add(&mut self, key: i64, exclusive: bool) {
        *self.keys.entry(key).or_default() |= exclusive;
    }

    /// The keys, sorted so that two acts never wait for each other in a circle, and whether each is taken exclusively.
    #[must_use]
    pub fn arrays(&self) -> (Vec<i64>, Vec<bool>) {
        self.keys.iter().map(|(k, x)| (*k, *x)).unzip()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn many_keys_become_one_exclusive_lock_on_the_person() {
        let (tenant, person) = (TenantId::fresh(), Uuid::now_v7());
        let items: Vec<Uuid> = (0..33).map(|_| Uuid::now_v7()).collect();
        let few = Locks::of_hands(tenant, &[person], &[], &[], Some((person, &items[..5])));
        let many = Locks::of_hands(tenant, &[person], &[], &[], Some((person, &items)));
        assert_eq!(few.arrays().1.iter().filter(|x| **x).count(), 5);
        assert_eq!(many.arrays().1, [true]);
    }

    #[test]
    fn a_key_wanted_in_both_modes_is_taken_exclusively_once() {
        let (tenant, person) = (TenantId::fresh(), Uuid::now_v7());
        let mut locks = Locks::of_hands(tenant, &[person], &[], &[], None);
        locks.person(tenant, person);
        assert_eq!(locks.arrays().1, [true]);
    }
}
