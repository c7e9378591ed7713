//! When loads begin: not before everything that could ask has asked. The task that executes a request also runs its loads, and
//! starts them only when nothing of the request can go on without them. So a level is one statement whatever its length, on
//! however many threads, without waiting for a clock.

use futures::future::{FutureExt, poll_fn};
use futures::stream::{FuturesUnordered, Stream, StreamExt, poll_fn as stream_fn};
use futures::task::{AtomicWaker, FutureObj, Spawn, SpawnError};
use std::pin::pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, Wake, Waker};

type Load = FutureObj<'static, ()>;

/// The loads that a request has asked for and that have not begun.
#[derive(Clone, Default)]
pub struct Turns(Arc<Mutex<Vec<Load>>>);

impl Spawn for Turns {
    fn spawn_obj(&self, load: Load) -> Result<(), SpawnError> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push(load);
        Ok(())
    }
}

impl Turns {
    /// Runs a request with its loads to its end.
    pub async fn drive<T>(self, work: impl Future<Output = T>) -> T {
        let mut work = pin!(work);
        let mut driver = Driver::new(self);
        poll_fn(move |cx| driver.poll(cx, |cx| work.poll_unpin(cx))).await
    }

    /// The same for what is executed again and again.
    pub fn drive_stream<T>(self, work: impl Stream<Item = T> + Send + Unpin) -> impl Stream<Item = T> + Send {
        let (mut work, mut driver) = (work, Driver::new(self));
        stream_fn(move |cx| driver.poll(cx, |cx| work.poll_next_unpin(cx)))
    }

    fn take(&self) -> Vec<Load> {
        std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

struct Driver {
    turns: Turns,
    running: FuturesUnordered<Load>,
    bell: Arc<Bell>,
}

impl Driver {
    fn new(turns: Turns) -> Self {
        Self {
            turns,
            running: FuturesUnordered::new(),
            bell: Arc::default(),
        }
    }

    fn poll<T>(&mut self, cx: &mut Context<'_>, mut work: impl FnMut(&mut Context<'_>) -> Poll<T>) -> Poll<T> {
        self.bell.task.register(cx.waker());
        let waker = Waker::from(self.bell.clone());
        loop {
            self.bell.rung.store(false, Ordering::Relaxed);
            if let Poll::Ready(done) = work(&mut Context::from_waker(&waker)) {
                return Poll::Ready(done);
            }
            // Long lists pause on the way and ring for themselves: not all of it has asked yet.
            if self.bell.rung.load(Ordering::Relaxed) {
                return Poll::Pending;
            }
            self.running.extend(self.turns.take());
            let mut loaded = false;
            while let Poll::Ready(Some(())) = self.running.poll_next_unpin(cx) {
                loaded = true;
            }
            if !loaded {
                return Poll::Pending;
            }
        }
    }
}

/// Wakes the task, and remembers that it was rung.
#[derive(Default)]
struct Bell {
    rung: AtomicBool,
    task: AtomicWaker,
}

impl Wake for Bell {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        self.rung.store(true, Ordering::Relaxed);
        self.task.wake();
    }
}

#[cfg(test)]
mod tests {
    use super::Turns;
    use async_graphql::dataloader::{DataLoader, Loader};
    use async_graphql::runtime::Timer;
    use futures::future::{BoxFuture, join_all};
    use std::collections::HashMap;
    use std::sync::Mutex;
    use std::time::Duration;

    struct Sizes(Mutex<Vec<usize>>);

    impl Loader<u32> for Sizes {
        type Value = u32;
        type Error = ();
        async fn load(&self, keys: &[u32]) -> Result<HashMap<u32, u32>, ()> {
            tokio::task::yield_now().await;
            self.0.lock().unwrap().push(keys.len());
            Ok(keys.iter().map(|k| (*k, k + 1)).collect())
        }
    }

    struct AtOnce;

    impl Timer for AtOnce {
        fn delay(&self, _: Duration) -> BoxFuture<'static, ()> {
            Box::pin(std::future::ready(()))
        }
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 4)]
    async fn each_level_of_a_wide_and_deep_request_is_one_load() {
        let turns = Turns::default();
        let loader = DataLoader::new(Sizes(Mutex::default()), turns.clone(), AtOnce).max_batch_size(usize::MAX);
        let loader = &loader;
        // 60 parents, each with 60 children: both longer than what futures poll at one go.
        let parents = (0..60u32).map(|p| async move {
            let p = loader.load_one(p * 1000).await.unwrap().unwrap();
            join_all((0..60).map(|c| loader.load_one(p + c))).await.len()
        });
        let counted = turns.drive(join_all(parents)).await;
        assert_eq!(counted.iter().sum::<usize>(), 3600);
        assert_eq!(*loader.loader().0.lock().unwrap(), [60, 3600]);
    }
}
