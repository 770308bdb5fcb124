//! How the mailboxes of this node do, for metrics, probes and the doctor.
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use channels::{ReceiverState, ReceiverStatus};
use serde_json::{Value, json};
use tokio::sync::watch;

use crate::kernel::telemetry::Metrics;

/// The mailboxes of a process; cheap to clone.
#[derive(Debug, Clone, Default)]
pub struct MailStatus {
    mailboxes: Arc<Mutex<BTreeMap<String, Place>>>,
}

#[derive(Debug, Clone)]
enum Place {
    /// This node reads it.
    Here(watch::Receiver<ReceiverStatus>),
    /// Another node reads it, or nobody yet.
    Elsewhere,
    /// Its configuration cannot be used.
    Broken(String),
}

/// How one mailbox does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MailboxStatus {
    pub account: String,
    /// Whether this node reads it.
    pub here: bool,
    pub connected: bool,
    /// Messages at the server not yet stored.
    pub lag: u64,
    /// What went wrong last; empty when it works.
    pub last_error: String,
}

impl MailStatus {
    fn set(&self, account: &str, place: Place) {
        self.mailboxes.lock().unwrap_or_else(PoisonError::into_inner).insert(account.to_owned(), place);
    }

    pub(super) fn reading(&self, account: &str, status: watch::Receiver<ReceiverStatus>) {
        self.set(account, Place::Here(status));
    }

    pub(super) fn left(&self, account: &str) {
        self.set(account, Place::Elsewhere);
    }

    pub(super) fn broken(&self, account: &str, why: String) {
        self.set(account, Place::Broken(why));
    }

    /// All mailboxes by name.
    pub fn all(&self) -> Vec<MailboxStatus> {
        let mailboxes = self.mailboxes.lock().unwrap_or_else(PoisonError::into_inner);
        mailboxes.iter().map(|(account, place)| describe(account, place)).collect()
    }

    /// Brings the gauges of the mailboxes that this node reads up to date.
    pub fn measure(&self, metrics: &Metrics) {
        for mailbox in self.all() {
            let labels = [mailbox.account.as_str()];
            if mailbox.here {
                metrics.mailbox_connected.with_label_values(&labels).set(i64::from(mailbox.connected));
                metrics.mailbox_lag.with_label_values(&labels).set(i64::try_from(mailbox.lag).unwrap_or(i64::MAX));
            } else {
                // Nothing to remove is no error: another node tells of it.
                drop(metrics.mailbox_connected.remove_label_values(&labels));
                drop(metrics.mailbox_lag.remove_label_values(&labels));
            }
        }
    }

    /// For `/readyz`.
    pub fn details(&self) -> Value {
        let of = |m: MailboxStatus| {
            (m.account, json!({ "here": m.here, "connected": m.connected, "lag": m.lag, "last_error": m.last_error }))
        };
        Value::Object(self.all().into_iter().map(of).collect())
    }
}

fn describe(account: &str, place: &Place) -> MailboxStatus {
    let mut described =
        MailboxStatus { account: account.to_owned(), here: false, connected: false, lag: 0, last_error: String::new() };
    match place {
        Place::Elsewhere => {}
        Place::Broken(why) => described.last_error.clone_from(why),
        Place::Here(status) => {
            let status = status.borrow();
            described.here = true;
            described.connected = matches!(status.state, ReceiverState::Fetching | ReceiverState::Waiting);
            described.lag = status.lag;
            described.last_error = status.last_error.clone().unwrap_or_default();
        }
    }
    described
}
