//! Rate limits of one node: a token bucket per key, forgotten when full again.
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use jiff::SignedDuration;

use super::time::Instant;

/// A limit of `burst` at once, refilled evenly over `per`.
#[derive(Debug, Clone, Copy)]
pub struct Rate {
    pub burst: u32,
    pub per: SignedDuration,
}

/// Buckets by key; cheap to clone. Keys are hashed addresses or codes, kept in memory only.
#[derive(Debug, Clone)]
pub struct Limiter {
    rate: Rate,
    buckets: Arc<Mutex<HashMap<String, (f64, Instant)>>>,
}

/// How many keys are remembered before full buckets are swept out.
const SWEEP_AT: usize = 10_000;

impl Limiter {
    /// A limiter with one rate for all keys.
    pub fn new(rate: Rate) -> Self {
        Self { rate, buckets: Arc::default() }
    }

    /// Takes one from the bucket of `key`; `false` when it is empty.
    pub fn take(&self, key: &str, now: Instant) -> bool {
        let full = f64::from(self.rate.burst);
        let per_second = full / self.rate.per.as_secs_f64().max(0.001);
        let mut buckets = self.buckets.lock().unwrap_or_else(PoisonError::into_inner);
        if buckets.len() > SWEEP_AT {
            buckets.retain(|_, (left, at)| *left + now.since(*at).as_secs_f64() * per_second < full);
        }
        let (left, at) = buckets.entry(key.to_owned()).or_insert((full, now));
        *left = (*left + now.since(*at).as_secs_f64().max(0.0) * per_second).min(full);
        *at = now;
        if *left < 1.0 {
            return false;
        }
        *left -= 1.0;
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_empty_bucket_refuses_until_time_refills_it() {
        let limiter = Limiter::new(Rate { burst: 3, per: SignedDuration::from_secs(30) });
        let start = Instant(0);
        assert!((0..3).all(|_| limiter.take("a", start)));
        assert!(!limiter.take("a", start));
        assert!(limiter.take("b", start), "another key has its own bucket");
        assert!(limiter.take("a", start.plus(SignedDuration::from_secs(10))));
        assert!(!limiter.take("a", start.plus(SignedDuration::from_secs(10))));
    }
}
