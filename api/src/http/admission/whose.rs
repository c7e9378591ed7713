//! Whose a request is, before anything of it is looked at: the tenant's that its credential was good for when it was last let in. A
//! tenant is one, however many people and machines ask in its name; and all whose credentials were never good are one, so that nobody
//! gets more by making them up.

use lru::LruCache;
use quartermaster_tenants::authenticate::Caller;
use std::hash::{BuildHasher, RandomState};
use std::num::NonZeroUsize;
use std::sync::{Mutex, MutexGuard, PoisonError};
use uuid::Uuid;

/// Credentials that are remembered.
const REMEMBERED: NonZeroUsize = NonZeroUsize::new(10_000).unwrap();

/// Whose a request is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Whose {
    /// Nobody's that is known.
    Stranger,
    /// A tenant's, a partner's.
    Of(Uuid),
    /// The platform's.
    Platform,
}

impl Whose {
    /// The request of somebody who is known by now.
    #[must_use]
    pub fn of(caller: &Caller) -> Self {
        match caller {
            Caller::Member(op) => Self::Of(op.tenant.0),
            Caller::Partner(op) => Self::Of(op.partner.0),
            Caller::Platform(_) => Self::Platform,
        }
    }
}

/// A credential as it is remembered: not itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct Fingerprint(u64);

/// Whose which credential is.
pub(super) struct Known {
    keys: RandomState,
    whose: Mutex<LruCache<Fingerprint, Whose>>,
}

impl Default for Known {
    fn default() -> Self {
        Self {
            keys: RandomState::new(),
            whose: Mutex::new(LruCache::new(REMEMBERED)),
        }
    }
}

impl Known {
    pub(super) fn fingerprint(&self, credential: &[u8]) -> Fingerprint {
        Fingerprint(self.keys.hash_one(credential))
    }

    pub(super) fn whose(&self, of: Fingerprint) -> Whose {
        self.remembered().get(&of).copied().unwrap_or(Whose::Stranger)
    }

    pub(super) fn is(&self, of: Fingerprint, whose: Whose) {
        self.remembered().put(of, whose);
    }

    fn remembered(&self) -> MutexGuard<'_, LruCache<Fingerprint, Whose>> {
        self.whose.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::{Known, Whose};
    use uuid::Uuid;

    #[test]
    fn whoever_is_not_known_is_a_stranger_like_all_others() {
        let known = Known::default();
        let [one, other] = [&b"Bearer one"[..], b"Bearer other"].map(|text| known.fingerprint(text));
        assert_eq!(
            (known.whose(one), known.whose(other)),
            (Whose::Stranger, Whose::Stranger)
        );
        let tenant = Whose::Of(Uuid::from_u128(7));
        known.is(one, tenant);
        assert_eq!((known.whose(one), known.whose(other)), (tenant, Whose::Stranger));
    }
}
