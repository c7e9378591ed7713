//! Keys and operators' credentials that were never good. Anybody can make them up, and each costs a look into the database before it is
//! refused. So a few at a time are looked up, and those that were good before go by: made-up ones take from people neither the connections
//! nor, each in the name of another tenant, the turns. (A token costs nothing before its signature is good; its issuer, if nobody knows it:
//! `Issuers`.)

use super::Denied;
use lru::LruCache;
use sha2::{Digest, Sha256};
use std::num::NonZeroUsize;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;
use tokio::sync::{Semaphore, SemaphorePermit};

/// So many are looked at at the same time.
const AT_ONCE: usize = 4;
/// So many more wait; whoever comes then is told to come again. Each of them has a place to work at, and those must never all be theirs.
const WAITING: usize = 2;
/// Whoever waits longer is told to come again.
const LONGEST_WAIT: Duration = Duration::from_secs(5);
/// Good credentials that are remembered.
const REMEMBERED: NonZeroUsize = NonZeroUsize::new(50_000).unwrap();

/// Who was good before, and the others' turns.
pub(super) struct Unproven {
    proven: Mutex<LruCache<[u8; 32], ()>>,
    turns: Semaphore,
    room: Semaphore,
}

impl Unproven {
    pub(super) fn new() -> Self {
        Self {
            proven: Mutex::new(LruCache::new(REMEMBERED)),
            turns: Semaphore::new(AT_ONCE),
            room: Semaphore::new(AT_ONCE + WAITING),
        }
    }

    /// Looks a credential up: at once if it was good before, else when it is its turn.
    pub(super) async fn look_up<T>(
        &self,
        credential: &str,
        found: impl Future<Output = Result<T, Denied>>,
    ) -> Result<T, Denied> {
        let digest: [u8; 32] = Sha256::digest(credential).into();
        let proven = self.lock().get(&digest).is_some();
        let _turn = if proven { None } else { Some(self.turn().await?) };
        let found = found.await;
        match &found {
            Ok(_) => {
                self.lock().put(digest, ());
            }
            Err(Denied::Unavailable(_)) => {}
            Err(_) => {
                self.lock().pop(&digest);
            }
        }
        found
    }

    async fn turn(&self) -> Result<[SemaphorePermit<'_>; 2], Denied> {
        let too_many = || Denied::Unavailable("too many unknown credentials".to_owned());
        let room = self.room.try_acquire().map_err(|_| too_many())?;
        let turn = tokio::time::timeout(LONGEST_WAIT, self.turns.acquire()).await;
        let turn = turn.ok().and_then(Result::ok).ok_or_else(too_many)?;
        Ok([turn, room])
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, LruCache<[u8; 32], ()>> {
        self.proven.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::{AT_ONCE, Denied, Unproven, WAITING};
    use futures::FutureExt;
    use std::future::{pending, ready};

    #[tokio::test]
    async fn a_few_strangers_are_looked_up_at_a_time_and_nobody_who_is_known_waits_for_them() {
        let unproven = Unproven::new();
        let known = || unproven.look_up("known", ready(Ok(())));
        assert!(known().await.is_ok());
        let names: Vec<String> = (0..AT_ONCE).map(|n| format!("stranger {n}")).collect();
        let mut strangers: Vec<_> = names
            .iter()
            .map(|name| Box::pin(unproven.look_up(name, pending::<Result<(), Denied>>())))
            .collect();
        assert!(strangers.iter_mut().all(|s| s.now_or_never().is_none()));
        let another = || unproven.look_up("another", ready(Ok(())));
        assert!(another().now_or_never().is_none(), "waits");
        let mut waiting: Vec<_> = (0..WAITING).map(|_| Box::pin(another())).collect();
        assert!(waiting.iter_mut().all(|s| s.now_or_never().is_none()));
        let turned_away = another().now_or_never();
        assert!(matches!(turned_away, Some(Err(Denied::Unavailable(_)))), "no room");
        drop(waiting);
        assert!(known().now_or_never().is_some(), "does not");
        let refused = unproven.look_up("known", ready(Err::<(), _>(Denied::Key)));
        assert!(refused.await.is_err());
        assert!(known().now_or_never().is_none(), "known no more");
        drop(strangers);
        assert!(another().now_or_never().is_some_and(|found| found.is_ok()));
    }
}
