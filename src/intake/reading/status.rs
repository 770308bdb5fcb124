//! How the accounts that this node receives from do, for metrics, probes and the administration page.
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use channels::{ReceiverState, ReceiverStatus};
use serde_json::{Value, json};
use tokio::sync::watch;

use crate::kernel::telemetry::Metrics;

/// The receiving accounts of a process; cheap to clone.
#[derive(Debug, Clone, Default)]
pub struct ReceivingStatus {
    accounts: Arc<Mutex<BTreeMap<String, Place>>>,
}

#[derive(Debug, Clone)]
enum Place {
    /// This node receives from it.
    Here(watch::Receiver<ReceiverStatus>),
    /// Another node receives from it, or nobody yet.
    Elsewhere,
    /// Its configuration cannot be used.
    Broken(String),
}

/// How one account does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccountStatus {
    pub account: String,
    /// Whether this node receives from it.
    pub here: bool,
    pub connected: bool,
    /// Messages at the source not yet stored.
    pub lag: u64,
    /// When everything at the source had last been stored.
    pub last_success: Option<jiff::Timestamp>,
    /// What went wrong last; empty when it works.
    pub last_error: String,
}

impl ReceivingStatus {
    fn set(&self, account: &str, place: Place) {
        self.accounts.lock().unwrap_or_else(PoisonError::into_inner).insert(account.to_owned(), place);
    }

    pub(super) fn reading(&self, account: &str, status: watch::Receiver<ReceiverStatus>) {
        self.set(account, Place::Here(status));
    }

    pub(super) fn left(&self, account: &str) {
        self.set(account, Place::Elsewhere);
    }

    /// Remembers that an account cannot be used, and why.
    pub fn broken(&self, account: &str, why: String) {
        self.set(account, Place::Broken(why));
    }

    pub(super) fn forget(&self, account: &str) {
        self.accounts.lock().unwrap_or_else(PoisonError::into_inner).remove(account);
    }

    /// One account by name; `None` when nothing is received for it.
    pub fn of(&self, account: &str) -> Option<AccountStatus> {
        let accounts = self.accounts.lock().unwrap_or_else(PoisonError::into_inner);
        accounts.get(account).map(|place| describe(account, place))
    }

    /// All accounts by name.
    pub fn all(&self) -> Vec<AccountStatus> {
        let accounts = self.accounts.lock().unwrap_or_else(PoisonError::into_inner);
        accounts.iter().map(|(account, place)| describe(account, place)).collect()
    }

    /// Brings the gauges of the accounts that this node receives from up to date.
    pub fn measure(&self, metrics: &Metrics) {
        for account in self.all() {
            let labels = [account.account.as_str()];
            if account.here {
                metrics.mailbox_connected.with_label_values(&labels).set(i64::from(account.connected));
                metrics.mailbox_lag.with_label_values(&labels).set(i64::try_from(account.lag).unwrap_or(i64::MAX));
            } else {
                // Nothing to remove is no error: another node tells of it.
                drop(metrics.mailbox_connected.remove_label_values(&labels));
                drop(metrics.mailbox_lag.remove_label_values(&labels));
            }
        }
    }

    /// For `/readyz`.
    pub fn details(&self) -> Value {
        let of = |m: AccountStatus| {
            (m.account, json!({ "here": m.here, "connected": m.connected, "lag": m.lag, "last_error": m.last_error }))
        };
        Value::Object(self.all().into_iter().map(of).collect())
    }
}

fn describe(account: &str, place: &Place) -> AccountStatus {
    let mut described = AccountStatus {
        account: account.to_owned(),
        here: false,
        connected: false,
        lag: 0,
        last_success: None,
        last_error: String::new(),
    };
    match place {
        Place::Elsewhere => {}
        Place::Broken(why) => described.last_error.clone_from(why),
        Place::Here(status) => {
            let status = status.borrow();
            described.here = true;
            described.connected = matches!(status.state, ReceiverState::Fetching | ReceiverState::Waiting);
            described.lag = status.lag;
            described.last_success = status.last_success;
            described.last_error = status.last_error.clone().unwrap_or_default();
        }
    }
    described
}
