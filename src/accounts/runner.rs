//! Keeps the accounts of this node as they are stored: opens what was added, opens anew what was changed,
//! closes what was disabled. Whatever one account does, the others go on.
use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use channels::{ChannelKind, drivers};
use futures_util::future::BoxFuture;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use super::model::AccountRow;
use super::{Accounts, Open, settings, store};
use crate::intake::reading::{self, OpenAccount};
use crate::kernel::Kernel;
use crate::kernel::database::StoreError;
use crate::kernel::live::Pace;
use crate::outbox::{AccountLane, work_until};

/// How often the accounts are looked at beside every wake-up.
const LOOK: Duration = Duration::from_secs(3);
const COALESCE: Duration = Duration::from_millis(50);
const DISTANCE: Duration = Duration::from_millis(300);

/// The background tasks of the accounts: one that keeps them open, and a reader for each channel.
pub fn start(accounts: &Accounts) -> Vec<(&'static str, BoxFuture<'static, ()>)> {
    let mut tasks: Vec<(&'static str, BoxFuture<'static, ()>)> = vec![("accounts", Box::pin(keep(accounts.clone())))];
    // Mail is read also without accounts of its own: mailboxes may be in the configuration.
    let mut kinds = vec![ChannelKind::Email];
    for driver in drivers() {
        if !kinds.contains(&driver.kind()) {
            kinds.push(driver.kind());
        }
    }
    for kind in kinds {
        tasks.push(("reader", Box::pin(reading::read(accounts.intake().clone(), kind))));
    }
    tasks
}

struct Running {
    version: i64,
    stop: CancellationToken,
}

async fn keep(accounts: Accounts) {
    let kernel = accounts.intake().kernel().clone();
    let mut running: HashMap<String, Running> = HashMap::new();
    let mut work = JoinSet::new();
    let mut pace = Pace::new(COALESCE, DISTANCE);
    while !kernel.stop.is_cancelled() {
        let woken = kernel.wake.next();
        if let Err(e) = follow(&kernel, &accounts, &mut running, &mut work).await {
            tracing::warn!("the accounts cannot be read: {e}");
        }
        while let Some(ended) = work.try_join_next() {
            if let Err(e) = ended {
                tracing::error!("the work of an account failed: {e}");
            }
        }
        tokio::select! {
            () = kernel.stop.cancelled() => {}
            () = woken => pace.rest().await,
            () = tokio::time::sleep(LOOK) => {}
        }
    }
    for account in running.values() {
        account.stop.cancel();
    }
    while work.join_next().await.is_some() {}
}

async fn follow(
    kernel: &Kernel,
    accounts: &Accounts,
    running: &mut HashMap<String, Running>,
    work: &mut JoinSet<()>,
) -> Result<(), StoreError> {
    let mut conn = kernel.db.read().await?;
    let rows = store::all(&mut conn).await?;
    drop(conn);
    for row in rows {
        if running.get(&row.name).is_some_and(|r| r.version == row.version) {
            continue;
        }
        if let Some(old) = running.remove(&row.name) {
            old.stop.cancel();
        }
        let stop = kernel.stop.child_token();
        open(kernel, accounts, &row, &stop, work);
        running.insert(row.name, Running { version: row.version, stop });
    }
    Ok(())
}

fn open(kernel: &Kernel, accounts: &Accounts, row: &AccountRow, stop: &CancellationToken, work: &mut JoinSet<()>) {
    let name = row.name.clone();
    let (driver, account) = match settings::open(kernel, &name, &row.driver, row.values()) {
        Ok(opened) => opened,
        Err(e) => {
            tracing::error!(intake.account = %name, "the account {name} cannot be opened: {e}");
            accounts.remove(&name);
            accounts.status().broken(&name, e.to_string());
            return;
        }
    };
    // Also of a disabled account, what it received before is read.
    let unit = Some(row.unit.clone()).filter(|unit| !unit.is_empty());
    let reading = OpenAccount { normaliser: account.normaliser.clone(), unit };
    accounts.intake().accounts().open(&name, reading);
    accounts.set(&name, Open { kind: driver.kind(), account: account.clone(), enabled: row.enabled });
    if !row.enabled {
        return;
    }
    if let Some(receiver) = account.receiver {
        let status = accounts.status().clone();
        work.spawn(reading::receive(kernel.clone(), driver.kind(), name.clone(), receiver, status, stop.clone()));
    }
    if let Some(sender) = account.sender {
        let lane = Arc::new(AccountLane::new(kernel, &name, sender));
        work.spawn(work_until(kernel.clone(), lane, stop.clone()));
    }
}
