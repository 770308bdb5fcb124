//! Gateways that count for themselves are asked every minute, and what they handed over is compared with what was
//! stored meanwhile. Their counters live in memory: whoever asked once a day would miss what came before a restart.
use std::time::Duration;

use channels::{Hook, Totals};
use jiff::SignedDuration;

use super::compare::in_time;
use super::store;
use super::totals::{Mark, Ours, Step};
use crate::accounts::Accounts;
use crate::kernel::database::{Conn, StoreError, Tx};
use crate::kernel::time::Instant;
use crate::kernel::{Kernel, leases, tally};
use crate::{intake, outbox};

const EVERY: Duration = Duration::from_secs(60);
/// The work of one node at a time, under this name.
const LEASE: &str = "gateway-totals";
const LEASED: SignedDuration = SignedDuration::from_mins(3);
/// Two readings are at least as far apart: what is on its way between both sides has arrived by then.
const APART: SignedDuration = SignedDuration::from_secs(5);
/// How far back our own side is counted.
const SPAN: SignedDuration = SignedDuration::from_hours(24);
/// What remains of it when it is shortened.
const KEPT: SignedDuration = SignedDuration::from_hours(1);

/// What is counted of a gateway for each local day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Figure {
    Received,
    Sent,
    /// Handed over by it and not stored here.
    Lost,
    /// Given to it and not among what it took.
    Untaken,
}

impl Figure {
    /// The name under which it is counted.
    pub fn name(self, account: &str) -> String {
        let what = match self {
            Self::Received => "received",
            Self::Sent => "sent",
            Self::Lost => "lost",
            Self::Untaken => "untaken",
        };
        format!("gateway {what} {account}")
    }
}

/// Reads the totals of an account's gateway into the counts of this day.
///
/// # Errors
/// When the database refuses.
pub async fn note(
    kernel: &Kernel,
    account: &str,
    hook: &dyn Hook,
    totals: Totals,
    waiting: u64,
) -> Result<(), StoreError> {
    let (now, day) = (kernel.now(), kernel.now().day(&kernel.config.zone()));
    let (account, reports) = (account.to_owned(), hook.report_prefix());
    let noted: Result<Option<(String, Step)>, StoreError> = kernel
        .db
        .write(move |tx| {
            Box::pin(async move {
                let Some(mark) = store::mark(tx, &account).await? else {
                    store::put_mark(tx, &account, &Mark::first(&totals, waiting, now)).await?;
                    return Ok(None);
                };
                if now.since(mark.read_at) < APART {
                    return Ok(None);
                }
                let ours = counted(tx, &account, reports, mark.since).await?;
                let (mut next, step) = mark.next(&totals, waiting, ours, now);
                if now.since(next.since) > SPAN {
                    next.since = now.minus(KEPT);
                    let ours = counted(tx, &account, reports, next.since).await?;
                    (next.stored, next.given) = (ours.stored, ours.given);
                }
                // Another node read it meanwhile: what both found is counted once.
                if !store::move_mark(tx, &account, &next, mark.read_at).await? {
                    return Ok(None);
                }
                tell(tx, &day, &account, step).await?;
                Ok(Some((account, step)))
            })
        })
        .await;
    if let Some((account, step)) = noted?
        && (step.lost > 0 || step.untaken > 0)
    {
        let Step { lost, untaken, .. } = step;
        tracing::warn!(intake.account = %account, "the gateway of {account} counts {lost} texts that are not stored, \
            and lacks {untaken} of ours");
    }
    Ok(())
}

async fn tell(tx: &mut Tx, day: &str, account: &str, step: Step) -> Result<(), StoreError> {
    let Step { received, sent, lost, untaken } = step;
    let all = [(Figure::Received, received), (Figure::Sent, sent), (Figure::Lost, lost), (Figure::Untaken, untaken)];
    for (figure, n) in all {
        // A nought for what it received says that it was asked.
        if n > 0 || figure == Figure::Received {
            tally::add(tx, day, &figure.name(account), n).await?;
        }
    }
    Ok(())
}

async fn counted(conn: &mut Conn, account: &str, reports: &str, since: Instant) -> Result<Ours, StoreError> {
    let stored = intake::store::day::stored_since(conn, account, reports, since).await?;
    let lane = outbox::account_lane(account);
    let given = outbox::store::day::sent(conn, &lane, since, Instant(i64::MAX)).await?;
    Ok(Ours { stored, given })
}

/// Asks all gateways that are open here, unless another node does it.
///
/// # Errors
/// When the database refuses. A gateway that does not answer is asked again.
pub async fn read_all(accounts: &Accounts) -> Result<(), StoreError> {
    let kernel = accounts.intake().kernel();
    let counting: Vec<_> = accounts
        .opened()
        .into_iter()
        .filter(|(_, open)| open.enabled)
        .filter_map(|(name, open)| Some((name, open.account.hook.filter(|hook| hook.counts())?)))
        .collect();
    if counting.is_empty() || !leases::hold(&kernel.db, LEASE, &kernel.node, kernel.now(), LEASED).await? {
        return Ok(());
    }
    let asked = counting.iter().map(|(_, hook)| in_time(hook.standing()));
    let stood = futures_util::future::join_all(asked).await;
    for ((name, hook), standing) in counting.iter().zip(stood) {
        // The daily comparison says what a gateway answers instead.
        if let Ok(Some(standing)) = standing
            && let Some(totals) = standing.totals
        {
            note(kernel, name, &**hook, totals, standing.waiting).await?;
        }
    }
    Ok(())
}

/// Asks every minute, until the process stops.
pub async fn follow(accounts: Accounts) {
    let kernel = accounts.intake().kernel().clone();
    loop {
        tokio::select! {
            () = kernel.stop.cancelled() => return,
            () = tokio::time::sleep(EVERY) => {}
        }
        let read = tokio::select! {
            () = kernel.stop.cancelled() => return,
            read = read_all(&accounts) => read,
        };
        if let Err(e) = read {
            tracing::warn!("the totals of gateways are not read for now: {e}");
        }
    }
}
