//! Work on many things at once: what is handed over while earlier work is under way waits, and is then done in
//! one go. Alone, a thing is worked on at once; under load the statements and the commit are shared.
use std::collections::VecDeque;
use std::panic::AssertUnwindSafe;
use std::sync::{Arc, Mutex, PoisonError};

use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use tokio::runtime::Handle;
use tokio::sync::oneshot;

/// What works on a batch; it answers once for each item, in their order.
type Work<I, O> = Box<dyn Fn(Vec<I>) -> BoxFuture<'static, Vec<O>> + Send + Sync>;

/// Gathers items for work that is cheaper for many; cheap to clone.
pub struct Together<I, O> {
    inner: Arc<Inner<I, O>>,
}

struct Inner<I, O> {
    state: Mutex<State<I, O>>,
    work: Work<I, O>,
    /// Items of one batch at most, and batches under way at the same time.
    most: usize,
    at_once: usize,
    /// Where batches run: callers may live on request workers, which end first.
    runtime: Handle,
}

struct State<I, O> {
    waiting: VecDeque<(I, oneshot::Sender<O>)>,
    under_way: usize,
}

impl<I, O> Clone for Together<I, O> {
    fn clone(&self) -> Self {
        Self { inner: self.inner.clone() }
    }
}

impl<I: Send + 'static, O: Send + 'static> Together<I, O> {
    /// Batches of at most `most` items, `at_once` of them under way, on the runtime of the caller.
    pub fn new<W>(most: usize, at_once: usize, work: W) -> Self
    where
        W: Fn(Vec<I>) -> BoxFuture<'static, Vec<O>> + Send + Sync + 'static,
    {
        let state = Mutex::new(State { waiting: VecDeque::new(), under_way: 0 });
        Self { inner: Arc::new(Inner { state, work: Box::new(work), most, at_once, runtime: Handle::current() }) }
    }

    /// Hands an item over and waits for its answer; `None` when the work panicked or the process is stopping.
    /// The work goes on when the caller goes away.
    pub async fn run(&self, item: I) -> Option<O> {
        let (answer, answered) = oneshot::channel();
        let leads = {
            let mut state = self.inner.lock();
            state.waiting.push_back((item, answer));
            let leads = state.under_way < self.inner.at_once;
            state.under_way += usize::from(leads);
            leads
        };
        if leads {
            drop(self.inner.runtime.spawn(self.inner.clone().lead()));
        }
        answered.await.ok()
    }
}

impl<I: Send + 'static, O: Send + 'static> Inner<I, O> {
    fn lock(&self) -> std::sync::MutexGuard<'_, State<I, O>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Works until nothing waits.
    async fn lead(self: Arc<Self>) {
        while let Some((items, answers)) = self.next() {
            // A panic ends one batch and not those after it.
            let Ok(outcomes) = AssertUnwindSafe((self.work)(items)).catch_unwind().await else { continue };
            for (answer, outcome) in answers.into_iter().zip(outcomes) {
                // The caller may have gone away.
                drop(answer.send(outcome));
            }
        }
    }

    /// The next batch; `None` ends this leader.
    fn next(&self) -> Option<(Vec<I>, Vec<oneshot::Sender<O>>)> {
        let mut state = self.lock();
        if state.waiting.is_empty() {
            state.under_way -= 1;
            return None;
        }
        let count = state.waiting.len().min(self.most);
        Some(state.waiting.drain(..count).unzip())
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::time::Duration;

    use futures_util::future::join_all;

    use super::*;

    #[tokio::test]
    async fn what_waits_is_done_in_one_go_and_each_gets_its_own_answer() {
        let batches = Arc::new(AtomicUsize::new(0));
        let counted = batches.clone();
        let together = Together::new(10, 1, move |items: Vec<usize>| {
            counted.fetch_add(1, Ordering::SeqCst);
            Box::pin(async move {
                tokio::time::sleep(Duration::from_millis(20)).await;
                items.into_iter().map(|n| n * 2).collect()
            })
        });
        let answers = join_all((0..21).map(|n| together.run(n))).await;
        assert_eq!(answers, (0..21).map(|n| Some(n * 2)).collect::<Vec<_>>());
        let batches = batches.load(Ordering::SeqCst);
        assert!((3..=4).contains(&batches), "{batches} batches");
    }

    #[tokio::test]
    async fn a_panic_ends_its_batch_only() {
        let together = Together::new(1, 1, |items: Vec<u8>| {
            Box::pin(async move {
                assert_ne!(items[0], 1, "one is not liked");
                items
            })
        });
        let answers = join_all([0, 1, 2].map(|n| together.run(n))).await;
        assert_eq!(answers, [Some(0), None, Some(2)]);
    }
}
