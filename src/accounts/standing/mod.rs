//! How the accounts stand: what waits at the provider, what arrived and is not read yet, what is to leave, when the
//! provider called last. Told from the database, so that every node says the same, whoever receives.
mod store;

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use jiff::SignedDuration;

use super::Accounts;
use crate::intake::reading::AccountStatus;
use crate::kernel::Kernel;
use crate::kernel::database::StoreError;
use crate::kernel::time::Instant;
use crate::outbox::account_lane;

const EVERY: Duration = Duration::from_secs(10);
/// A node that says nothing for so long receives no more.
const SILENT: SignedDuration = SignedDuration::from_secs(60);
/// What waits for so long to leave is stuck.
const STUCK: SignedDuration = SignedDuration::from_mins(10);
/// The lane of mail that leaves by the server of the configuration.
pub(super) const OWN_LANE: &str = "email";

/// Things that wait, and since when.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Waiting {
    pub count: i64,
    pub since: Option<Instant>,
}

impl Waiting {
    fn seconds(self, now: Instant) -> i64 {
        self.since.map_or(0, |at| now.since(at).as_secs().max(0))
    }
}

/// How one account stands.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Standing {
    /// What the node that receives says; `None` when none does, or it fell silent.
    pub receiving: Option<Receiving>,
    /// When its provider called last.
    pub called_at: Option<Instant>,
    /// What arrived and is not read yet.
    pub unread: Waiting,
    /// What is to leave.
    pub unsent: Waiting,
}

/// How receiving goes.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Receiving {
    /// Whether it is this node that receives.
    pub here: bool,
    pub connected: bool,
    /// Messages at the provider not yet stored.
    pub lag: i64,
    /// What went wrong last; empty when it works.
    pub last_error: String,
}

impl Standing {
    /// Whether messages wait so long to leave that somebody must look.
    pub fn is_stuck(&self, now: Instant) -> bool {
        self.unsent.since.is_some_and(|at| now.since(at) > STUCK)
    }

    /// Messages that are on their way to a contact: at the provider, and here.
    pub fn arriving(&self) -> i64 {
        self.unread.count + self.receiving.as_ref().map_or(0, |r| r.lag)
    }
}

/// Every lane that has something, and how all accounts stand, by name.
#[derive(Debug, Default)]
pub struct All {
    accounts: BTreeMap<String, Standing>,
    lanes: BTreeMap<String, Waiting>,
}

impl All {
    /// How one account stands.
    pub fn of(&self, account: &str) -> Standing {
        self.accounts.get(account).cloned().unwrap_or_default()
    }

    /// What waits for the mail server of the configuration.
    pub fn own_server(&self) -> Waiting {
        self.lanes.get(OWN_LANE).copied().unwrap_or_default()
    }
}

/// How all accounts stand now. What this node knows better than what it wrote down counts.
///
/// # Errors
/// When the database cannot be read.
pub async fn read(accounts: &Accounts) -> Result<All, StoreError> {
    let kernel = accounts.intake().kernel();
    let now = kernel.now();
    let mut conn = kernel.db.read().await?;
    let rows = store::all(&mut conn).await?;
    let unread = store::unread(&mut conn).await?;
    let unsent = store::unsent(&mut conn).await?;
    drop(conn);
    let mut all = All::default();
    for row in rows {
        let told = row.told_at.is_some_and(|at| now.since(at) <= SILENT);
        let receiving = told.then_some(Receiving {
            here: false,
            connected: row.connected,
            lag: row.lag,
            last_error: row.last_error,
        });
        let standing = Standing { receiving, called_at: row.called_at, ..Standing::default() };
        all.accounts.insert(row.account, standing);
    }
    for row in unread {
        all.accounts.entry(row.name).or_default().unread = Waiting { count: row.count, since: row.since };
    }
    for row in unsent {
        let waiting = Waiting { count: row.count, since: row.since };
        if let Some(account) = row.name.strip_prefix(&account_lane("")) {
            all.accounts.entry(account.to_owned()).or_default().unsent = waiting;
        }
        all.lanes.insert(row.name, waiting);
    }
    for status in accounts.status().all() {
        let (here, name) = (status.here || !status.last_error.is_empty(), status.account.clone());
        if here {
            all.accounts.entry(name).or_default().receiving = Some(receiving(status));
        }
    }
    for (name, at) in accounts.called() {
        let standing = all.accounts.entry(name).or_default();
        standing.called_at = standing.called_at.max(Some(at));
    }
    Ok(all)
}

fn receiving(status: AccountStatus) -> Receiving {
    Receiving {
        here: status.here,
        connected: status.connected,
        lag: i64::try_from(status.lag).unwrap_or(i64::MAX),
        last_error: status.last_error,
    }
}

/// Writes down what this node saw, and keeps the gauges up to date, until the process stops.
pub async fn follow(accounts: Accounts) {
    let kernel = accounts.intake().kernel().clone();
    let mut lanes = BTreeSet::new();
    while !kernel.stop.is_cancelled() {
        if let Err(e) = write(&kernel, &accounts).await {
            tracing::warn!("how the accounts stand is not written down: {e}");
        }
        match read(&accounts).await {
            Ok(all) => measure(&kernel, &all, &mut lanes),
            Err(e) => tracing::warn!("the accounts are not measured: {e}"),
        }
        tokio::select! {
            () = kernel.stop.cancelled() => {}
            () = tokio::time::sleep(EVERY) => {}
        }
    }
}

async fn write(kernel: &Kernel, accounts: &Accounts) -> Result<(), StoreError> {
    let now = kernel.now();
    let called = accounts.called();
    let receiving: Vec<AccountStatus> = accounts.status().all().into_iter().filter(|s| s.here).collect();
    if called.is_empty() && receiving.is_empty() {
        return Ok(());
    }
    kernel
        .db
        // A power cut may undo the last of it: it is said again.
        .write_derived(move |tx| {
            Box::pin(async move {
                for (account, at) in &called {
                    store::write_called(tx, account, *at).await?;
                }
                for status in receiving {
                    let account = status.account.clone();
                    store::write_receiving(tx, &account, &self::receiving(status), now).await?;
                }
                Ok(())
            })
        })
        .await
}

fn measure(kernel: &Kernel, all: &All, lanes: &mut BTreeSet<String>) {
    let (now, metrics) = (kernel.now(), &kernel.metrics);
    for (account, standing) in &all.accounts {
        let labels = [account.as_str()];
        metrics.channel_unread.with_label_values(&labels).set(standing.unread.count);
        metrics.channel_unread_seconds.with_label_values(&labels).set(standing.unread.seconds(now));
        if let Some(at) = standing.called_at {
            metrics.channel_called.with_label_values(&labels).set(at.timestamp().as_second());
        }
    }
    lanes.extend(all.lanes.keys().cloned());
    lanes.extend(all.accounts.keys().map(|account| account_lane(account)));
    for lane in lanes.iter() {
        let waiting = all.lanes.get(lane).copied().unwrap_or_default();
        metrics.lane_pending.with_label_values(&[lane.as_str()]).set(waiting.count);
        metrics.lane_seconds.with_label_values(&[lane.as_str()]).set(waiting.seconds(now));
    }
}
