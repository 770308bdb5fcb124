//! Leads runs on: leases what is due, then takes one step after the other, each in a transaction of its own.
use std::time::Duration;

use jiff::SignedDuration;

use super::act::{self, Outcome, Refused};
use super::model::Step;
use super::store::{self, RunRow};
use crate::kernel::Kernel;
use crate::kernel::database::{StoreError, Tx};
use crate::kernel::time::Instant;
use crate::tickets::tell::Office;

/// Longer than a step takes.
const LEASE: SignedDuration = SignedDuration::from_mins(2);
const POLL: Duration = Duration::from_secs(1);
/// Runs leased at once.
const WIDTH: i64 = 20;
/// Attempts at one step when the database refuses.
const ATTEMPTS: i64 = 8;
const PAUSE: SignedDuration = SignedDuration::from_secs(30);

/// What steps need beside the database.
pub struct Worker {
    pub(super) kernel: Kernel,
}

/// Leads runs on until the process stops.
pub async fn work(kernel: Kernel) {
    let worker = Worker::new(&kernel);
    while !kernel.stop.is_cancelled() {
        let woken = kernel.wake.next();
        match worker.pass().await {
            // What was done may have started more.
            Ok(done) if done > 0 => continue,
            Ok(_) => {}
            Err(e) => tracing::warn!("rules cannot be led on: {e}"),
        }
        tokio::select! {
            () = kernel.stop.cancelled() => {}
            () = woken => tokio::time::sleep(Duration::from_millis(50)).await,
            () = tokio::time::sleep(POLL) => {}
        }
    }
}

impl Worker {
    /// On this kernel.
    pub fn new(kernel: &Kernel) -> Self {
        Self { kernel: kernel.clone() }
    }

    /// Takes what is due as far as it goes; answers how many runs were taken.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn pass(&self) -> Result<usize, StoreError> {
        let now = self.kernel.now();
        let mut conn = self.kernel.db.read().await?;
        if !store::any_due(&mut conn, now).await? {
            return Ok(0);
        }
        drop(conn);
        let holder = self.kernel.node.to_string();
        let lease = self
            .kernel
            .db
            .write(move |tx| Box::pin(async move { store::lease(tx, &holder, now, now.plus(LEASE), WIDTH).await }));
        let runs = lease.await?;
        for run in &runs {
            self.lead(run).await?;
        }
        Ok(runs.len())
    }

    /// Takes the next step of a leased run, and frees it.
    async fn lead(&self, run: &RunRow) -> Result<(), StoreError> {
        let (kernel, node, leased, now) =
            (self.kernel.clone(), self.kernel.node.to_string(), run.clone(), self.kernel.now());
        let office = Office::of(&self.kernel);
        let done: Result<&'static str, Refused> = self
            .kernel
            .db
            .write(move |tx| {
                Box::pin(async move {
                    let Some(run) = store::lock_run(tx, leased.id, &node, leased.attempts).await? else {
                        return Ok("gone");
                    };
                    step(tx, &kernel, &office, &run, now).await
                })
            })
            .await;
        match done {
            Ok(result) => {
                self.kernel.metrics.automation.with_label_values(&["step", result]).inc();
                Ok(())
            }
            Err(refused) => self.failed(run, refused, now).await,
        }
    }

    async fn failed(&self, run: &RunRow, refused: Refused, now: Instant) -> Result<(), StoreError> {
        let (again, reason) = match &refused {
            Refused::Store(e) if run.attempts < ATTEMPTS => {
                tracing::warn!(run.id = run.id, "a step of a rule is tried again: {e}");
                (Some(now.plus(PAUSE.saturating_mul(i32::try_from(run.attempts).unwrap_or(1)))), "internal")
            }
            Refused::Store(_) => (None, "internal"),
            Refused::Said(code) => (None, *code),
        };
        if again.is_none() {
            self.kernel.metrics.automation.with_label_values(&["step", "failed"]).inc();
            tracing::warn!(run.id = run.id, "a step of a rule failed: {reason}");
        }
        let (run, node) = (run.clone(), self.kernel.node.to_string());
        self.kernel
            .db
            .write(move |tx| {
                Box::pin(async move {
                    if store::lock_run(tx, run.id, &node, run.attempts).await?.is_none() {
                        return Ok(());
                    }
                    if again.is_none() {
                        let kind = kind_of(tx, &run).await?;
                        store::insert_step(tx, &run, kind, ("failed", reason), now).await?;
                    }
                    store::settle_failed(tx, run.id, again, reason, now).await
                })
            })
            .await
    }
}

async fn the_step(tx: &mut Tx, run: &RunRow) -> Result<Option<Step>, StoreError> {
    let version = store::version(tx, run.version_id).await?;
    let Some(version) = version else { return Ok(None) };
    let (place, step) = (usize::try_from(run.place).unwrap_or(0), usize::try_from(run.step).unwrap_or(0));
    Ok(version.rules()?.into_iter().nth(place).and_then(|rule| rule.then.into_iter().nth(step)))
}

async fn kind_of(tx: &mut Tx, run: &RunRow) -> Result<&'static str, StoreError> {
    Ok(the_step(tx, run).await?.map_or("", |step| step.kind().as_str()))
}

/// Takes a step of a locked run, writes what it came to and leads the run on.
async fn step(
    tx: &mut Tx,
    kernel: &Kernel,
    office: &Office,
    run: &RunRow,
    now: Instant,
) -> Result<&'static str, Refused> {
    let Some(step) = the_step(tx, run).await? else {
        store::finish_step(tx, run.id, (run.step, "done"), (now, ""), "", now).await?;
        return Ok("over");
    };
    // Its citizen may be another one; what goes on in its place has events of its own.
    if store::is_merged(tx, run.ticket_id).await? {
        store::finish_step(tx, run.id, (run.step, "stopped"), (now, ""), "merged", now).await?;
        return Ok("over");
    }
    if store::done_before(tx, run.id, run.step).await? {
        store::finish_step(tx, run.id, (run.step + 1, "pending"), (now, ""), "", now).await?;
        return Ok("over");
    }
    let outcome = act::take(tx, kernel, office, run, &step, now).await?;
    let kind = step.kind().as_str();
    let result = match &outcome {
        Outcome::Done(_) => "done",
        Outcome::Skipped(_) => "skipped",
        Outcome::Waits { .. } => "waiting",
        Outcome::Ends(_) => "ended",
    };
    match outcome {
        Outcome::Done(detail) => {
            store::insert_step(tx, run, kind, (result, &detail), now).await?;
            store::finish_step(tx, run.id, (run.step + 1, "pending"), (now, ""), "", now).await?;
        }
        Outcome::Skipped(why) => {
            store::insert_step(tx, run, kind, (result, why), now).await?;
            store::finish_step(tx, run.id, (run.step + 1, "pending"), (now, ""), "", now).await?;
        }
        Outcome::Waits { until, awaits } => {
            store::insert_step(tx, run, kind, (result, &until.rfc3339()), now).await?;
            store::finish_step(tx, run.id, (run.step, "waiting"), (until, awaits), "", now).await?;
        }
        Outcome::Ends(why) => {
            store::insert_step(tx, run, kind, (result, why), now).await?;
            store::finish_step(tx, run.id, (run.step, "done"), (now, ""), why, now).await?;
        }
    }
    Ok(result)
}
