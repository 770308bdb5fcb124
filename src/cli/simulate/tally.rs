//! What was sent and how it was answered, in memory that does not grow.
use std::fmt;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use serde::Serialize;

/// Steps of the histogram within each doubling: a latency is known to three per cent.
const STEPS: u32 = 32;
/// Doublings from a microsecond to an hour.
const DOUBLINGS: u32 = 32;

/// Counts of one run. Shared by all that is under way.
#[derive(Debug)]
pub struct Tally {
    began: Instant,
    counts: Mutex<Counts>,
}

#[derive(Debug)]
struct Counts {
    sent: u64,
    accepted: u64,
    refused: u64,
    last_refusal: String,
    buckets: Vec<u64>,
}

/// A tally at one moment.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Report {
    pub seconds: f64,
    /// Contacts that were begun.
    pub sent: u64,
    /// Requests that were answered well.
    pub accepted: u64,
    pub refused: u64,
    pub median_ms: f64,
    pub p99_ms: f64,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub last_refusal: String,
}

impl Default for Tally {
    fn default() -> Self {
        let buckets = vec![0; (STEPS * DOUBLINGS) as usize];
        let counts = Counts { sent: 0, accepted: 0, refused: 0, last_refusal: String::new(), buckets };
        Self { began: Instant::now(), counts: Mutex::new(counts) }
    }
}

impl Tally {
    fn counts(&self) -> std::sync::MutexGuard<'_, Counts> {
        self.counts.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A contact was begun.
    pub fn sent(&self) {
        self.counts().sent += 1;
    }

    /// A request was taken.
    pub fn accepted(&self, after: Duration) {
        let mut counts = self.counts();
        counts.accepted += 1;
        let place = place(after);
        if let Some(bucket) = counts.buckets.get_mut(place) {
            *bucket += 1;
        }
    }

    /// A request was not taken, or not answered.
    pub fn refused(&self, why: impl fmt::Display) {
        let mut counts = self.counts();
        counts.refused += 1;
        counts.last_refusal = why.to_string().chars().take(300).collect();
    }

    /// How it stands now.
    pub fn report(&self) -> Report {
        let counts = self.counts();
        let quantile = |share: f64| {
            let total: u64 = counts.buckets.iter().sum();
            let mut left = (total as f64 * share).ceil().max(1.0) as u64;
            let found = counts.buckets.iter().position(|n| {
                let here = *n >= left;
                left = left.saturating_sub(*n);
                here
            });
            found.map_or(0.0, |place| upper_end(place) * 1000.0)
        };
        Report {
            seconds: self.began.elapsed().as_secs_f64(),
            sent: counts.sent,
            accepted: counts.accepted,
            refused: counts.refused,
            median_ms: quantile(0.5),
            p99_ms: quantile(0.99),
            last_refusal: counts.last_refusal.clone(),
        }
    }
}

/// Contacts that a mailbox gave to the platform are taken when it fetched them.
impl channels::simulate::Taken for Tally {
    fn taken(&self, after: Duration) {
        self.accepted(after);
    }
}

fn place(after: Duration) -> usize {
    let micros = after.as_secs_f64() * 1e6;
    let place = (micros.max(1.0).log2() * f64::from(STEPS)).floor();
    (place as usize).min((STEPS * DOUBLINGS - 1) as usize)
}

/// Seconds at the end of a bucket.
fn upper_end(place: usize) -> f64 {
    ((place + 1) as f64 / f64::from(STEPS)).exp2() / 1e6
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { seconds, sent, accepted, refused, median_ms, p99_ms, last_refusal } = self;
        write!(f, "{seconds:.0} s: sent {sent}, accepted {accepted}, refused {refused}")?;
        write!(f, ", median {median_ms:.1} ms, p99 {p99_ms:.1} ms")?;
        if last_refusal.is_empty() { Ok(()) } else { write!(f, "; last refusal: {last_refusal}") }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn latencies_are_known_to_some_per_cent() {
        let tally = Tally::default();
        for ms in 1..=100 {
            tally.sent();
            tally.accepted(Duration::from_millis(ms));
        }
        tally.refused("403 Forbidden");
        let report = tally.report();
        assert_eq!((report.sent, report.accepted, report.refused), (100, 100, 1));
        assert!((report.median_ms - 50.0).abs() < 2.5 && (report.p99_ms - 99.0).abs() < 4.0, "{report}");
        assert!(report.to_string().ends_with("last refusal: 403 Forbidden"));
        assert!(place(Duration::ZERO) == 0 && place(Duration::MAX) == (STEPS * DOUBLINGS - 1) as usize);
    }
}
