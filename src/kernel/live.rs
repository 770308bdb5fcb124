//! Waking those who follow the event feed: on this node by a channel, on the other nodes by PostgreSQL's
//! NOTIFY, always beside a slow poll, so that a lost wake-up costs a second and never an event.
use std::sync::Arc;

use tokio::sync::Notify;

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
