//! Waiting between attempts, and the time of day for those who have no other clock.

use std::hash::{BuildHasher, RandomState};
use std::time::Duration;

use jiff::Timestamp;

const FIRST_PAUSE: Duration = Duration::from_millis(500);
const LONGEST_PAUSE: Duration = Duration::from_secs(60);

/// Pauses that grow, with jitter so that many accounts do not come back together.
#[derive(Debug, Default)]
pub(crate) struct Pause(u32);

impl Pause {
    pub(crate) fn next(&mut self) -> Duration {
        let full = FIRST_PAUSE.saturating_mul(1 << self.0.min(10)).min(LONGEST_PAUSE);
        self.0 += 1;
        let random = RandomState::new().hash_one(self.0) % 1000;
        full / 2 + full.mul_f64(random as f64 / 2000.0)
    }
}

/// The time at which a live connection saw something; no rule of the platform hangs on it.
#[expect(clippy::disallowed_methods, reason = "a live connection has no other clock")]
pub(crate) fn wall_clock() -> Timestamp {
    Timestamp::now()
}
