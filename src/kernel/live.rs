//! Waking those who follow the event feed: on this node by a channel, on the other nodes by PostgreSQL's
//! NOTIFY, always beside a slow poll, so that a lost wake-up costs a second and never an event.
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::Notify;
use tokio::time::Instant;

/// Says "something was committed"; cheap to clone, coalesces by nature.
#[derive(Clone, Default)]
pub struct Wake {
    inner: Arc<Inner>,
}

#[derive(Default)]
struct Inner {
    local: Notify,
    remote: Notify,
}

impl Wake {
    /// Called after each commit of this process.
    pub fn committed(&self) {
        self.inner.local.notify_waiters();
        // `notify_one` keeps a permit, so the announcer never misses the last commit of a burst.
        self.inner.remote.notify_one();
    }

    /// Called when another node says that it committed.
    pub fn heard(&self) {
        self.inner.local.notify_waiters();
    }

    /// A future that resolves at the next commit. Create it before looking at the database, await it after.
    pub fn next(&self) -> tokio::sync::futures::Notified<'_> {
        self.inner.local.notified()
    }

    /// Resolves when this process committed since the last call: for the task that tells the other nodes.
    pub async fn to_announce(&self) {
        self.inner.remote.notified().await;
    }
}

/// Paces looks at the database that follow wake-ups. A commit that comes alone is looked at after a moment; while
/// commits follow each other closely, looks keep a distance: each would find little, and costs as much as a commit.
#[derive(Debug, Clone)]
pub struct Pace {
    moment: Duration,
    distance: Duration,
    looked: Option<Instant>,
}

impl Pace {
    /// Looks come a moment after a wake-up, to see a burst of commits at once, and at this distance at least.
    pub const fn new(moment: Duration, distance: Duration) -> Self {
        Self { moment, distance, looked: None }
    }

    /// Waits, after a wake-up, until it is time to look again.
    pub async fn rest(&mut self) {
        tokio::time::sleep_until(self.next(Instant::now())).await;
    }

    /// When it is time to look, after a wake-up now.
    fn next(&mut self, now: Instant) -> Instant {
        let next = self.looked.map_or(now, |looked| looked + self.distance).max(now + self.moment);
        self.looked = Some(next);
        next
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn looks_follow_a_lone_wake_up_soon_and_a_storm_at_a_distance() {
        let mut pace = Pace::new(Duration::from_millis(10), Duration::from_millis(100));
        let started = Instant::now();
        let woken = [0, 10, 15, 110, 1000].map(|ms| started + Duration::from_millis(ms));
        let looks = woken.map(|now| (pace.next(now) - started).as_millis());
        assert_eq!(looks, [10, 110, 210, 310, 1010]);
    }
}
