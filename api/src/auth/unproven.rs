//! Keys and operators' credentials that were never good here. Anybody can make them up, and each costs a look into the database before it
//! is refused. So they are proven before they take a place to work at, a few at a time, and those that were good before go by: made-up ones
//! take from people neither the places nor the connections nor, each in the name of another tenant, the turns. The others wait; there
//! are many of them where nobody means harm, when a process is new and a fleet of machines comes with keys that it has not seen. (A token costs
//! nothing before its signature is good; its issuer, if nobody knows it: `Issuers`.)

use super::Denied;
use lru::LruCache;
use sha2::{Digest, Sha256};
use std::num::NonZeroUsize;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;
use tokio::sync::{Semaphore, SemaphorePermit};

/// So many are looked at at the same time, with at most a quarter of the connections.
const AT_ONCE: usize = 4;
/// So many more wait; whoever comes then is told to come again.
const WAITING: usize = 1_000;
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
    /// For a pool of so many connections.
    pub(super) fn new(connections: usize) -> Self {
        let at_once = AT_ONCE.min(connections / 4).max(1);
        Self {
            proven: Mutex::new(LruCache::new(REMEMBERED)),
            turns: Semaphore::new(at_once),
            room: Semaphore::new(at_once + WAITING),
        }
    }

    /// Lets by what was good before; has another looked up when it is its turn.
    pub(super) async fn prove<T, L>(&self, credential: &str, look: impl FnOnce() -> L) -> Result<(), Denied>
    where
        L: Future<Output = Result<T, Denied>>,
    {
        let digest = digest(credential);
        if self.lock().get(&digest).is_some() {
            return Ok(());
        }
        let _turn = self.turn().await?;
        // Meanwhile it may have come another time, and been good.
        if self.lock().get(&digest).is_none() {
            // In a box: few need it, and every request would carry its room.
            Box::pin(look()).await?;
            self.lock().put(digest, ());
        }
        Ok(())
    }

    /// Forgets what is good no more, by what the request found that came with it.
    pub(super) fn heard<T>(&self, credential: &str, found: &Result<T, Denied>) {
        if !matches!(found, Ok(_) | Err(Denied::Unavailable(_))) {
            self.lock().pop(&digest(credential));
        }
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

fn digest(credential: &str) -> [u8; 32] {
    Sha256::digest(credential).into()
}

#[cfg(test)]
mod tests {
    use super::{AT_ONCE, Denied, Unproven, WAITING};
    use futures::FutureExt;
    use std::future::{pending, ready};

    #[tokio::test]
    async fn a_few_strangers_are_looked_up_at_a_time_and_nobody_who_is_known_waits_for_them() {
        let unproven = Unproven::new(100);
        let known = || unproven.prove("known", || ready(Ok(())));
        assert!(known().await.is_ok());
        let names: Vec<String> = (0..AT_ONCE).map(|n| format!("stranger {n}")).collect();
        let mut strangers: Vec<_> = names
            .iter()
            .map(|name| Box::pin(unproven.prove(name, pending::<Result<(), Denied>>)))
            .collect();
        assert!(strangers.iter_mut().all(|s| s.now_or_never().is_none()));
        let another = || unproven.prove("another", || ready(Ok(())));
        assert!(another().now_or_never().is_none(), "waits");
        let mut waiting: Vec<_> = (0..WAITING).map(|_| Box::pin(another())).collect();
        assert!(waiting.iter_mut().all(|s| s.now_or_never().is_none()));
        let turned_away = another().now_or_never();
        assert!(matches!(turned_away, Some(Err(Denied::Unavailable(_)))), "no room");
        drop(waiting);
        assert!(known().now_or_never().is_some(), "does not");
        unproven.heard("known", &Err::<(), _>(Denied::Unavailable(String::new())));
        assert!(known().now_or_never().is_some(), "nobody said that it is not good");
        unproven.heard("known", &Err::<(), _>(Denied::Key));
        assert!(known().now_or_never().is_none(), "known no more");
        drop(strangers);
        assert!(another().now_or_never().is_some_and(|found| found.is_ok()));
    }

    #[tokio::test]
    async fn who_was_proven_while_he_waited_is_not_looked_up_again() {
        // One at a time, of so few connections.
        let unproven = Unproven::new(2);
        let mut stranger = Box::pin(unproven.prove("stranger", pending::<Result<(), Denied>>));
        assert!((&mut stranger).now_or_never().is_none());
        let mut twin = Box::pin(unproven.prove("twin", pending::<Result<(), Denied>>));
        assert!((&mut twin).now_or_never().is_none());
        drop(stranger);
        unproven.lock().put(super::digest("twin"), ());
        assert!(twin.now_or_never().is_some_and(|proven| proven.is_ok()));
    }
}
