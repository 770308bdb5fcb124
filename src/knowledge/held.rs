//! A value read from the database and kept for a few seconds, or until somebody says it changed.
use std::future::Future;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use jiff::SignedDuration;

use crate::kernel::time::Instant;

/// How long a value is used when nobody says that it changed.
const FRESH: SignedDuration = SignedDuration::from_secs(5);

#[derive(Debug)]
pub(super) struct Held<T> {
    /// Counts what was forgotten: a value read before it is not kept after it.
    generation: AtomicU64,
    value: Mutex<Option<(Instant, Arc<T>)>>,
}

impl<T> Default for Held<T> {
    fn default() -> Self {
        Self { generation: AtomicU64::new(0), value: Mutex::new(None) }
    }
}

impl<T> Held<T> {
    /// The kept value, or the one that `read` gives.
    pub async fn get<E>(&self, now: Instant, read: impl Future<Output = Result<T, E>>) -> Result<Arc<T>, E> {
        if let Some((read_at, value)) = &*self.value.lock().unwrap_or_else(PoisonError::into_inner)
            && now.since(*read_at).abs() < FRESH
        {
            return Ok(value.clone());
        }
        let generation = self.generation.load(Ordering::SeqCst);
        let value = Arc::new(read.await?);
        let mut held = self.value.lock().unwrap_or_else(PoisonError::into_inner);
        if self.generation.load(Ordering::SeqCst) == generation {
            *held = Some((now, value.clone()));
        }
        Ok(value)
    }

    /// Makes the next caller read again.
    pub fn forget(&self) {
        let mut held = self.value.lock().unwrap_or_else(PoisonError::into_inner);
        self.generation.fetch_add(1, Ordering::SeqCst);
        *held = None;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn read(value: i32) -> Result<i32, ()> {
        Ok(value)
    }

    #[tokio::test]
    async fn a_value_is_read_again_when_it_is_old_or_forgotten() {
        let held = Held::default();
        let start = Instant(0);
        assert_eq!(*held.get(start, read(1)).await.unwrap(), 1);
        assert_eq!(*held.get(start, read(2)).await.unwrap(), 1);
        assert_eq!(*held.get(start.plus(FRESH), read(3)).await.unwrap(), 3);
        held.forget();
        assert_eq!(*held.get(start.plus(FRESH), read(4)).await.unwrap(), 4);
    }

    #[tokio::test]
    async fn what_was_read_before_a_change_is_not_kept_after_it() {
        let held = Held::default();
        let overtaken = held.get(Instant(0), async {
            held.forget();
            read(1).await
        });
        assert_eq!(*overtaken.await.unwrap(), 1);
        assert_eq!(*held.get(Instant(0), read(2)).await.unwrap(), 2);
    }
}
