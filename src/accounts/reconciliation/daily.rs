//! Once on each local day one node compares the days before; the gauges follow what was found last.
use std::time::Duration;

use futures_util::{StreamExt, stream};
use jiff::{SignedDuration, ToSpan};

use super::compare::{Subject, by_kind, compare, subjects};
use super::model::{Day, Sheet};
use super::{ReconciliationError, store};
use crate::accounts::Accounts;
use crate::kernel::database::StoreError;
use crate::kernel::{leases, tally};

const EVERY: Duration = Duration::from_secs(60);
/// The work of one node at a time, under this name.
const LEASE: &str = "reconciliation";
const LEASED: SignedDuration = SignedDuration::from_mins(15);
/// Local hour from which the day before is compared: what came at midnight has been read by then.
const FROM_HOUR: i8 = 1;
/// Days compared daily: reports may take three.
const DAYS: i64 = 4;
/// Accounts asked at the same time.
const TOGETHER: usize = 8;
/// Days that comparisons are kept.
const KEPT_DAYS: i64 = 400;

/// Compares all accounts on some days; answers what was found.
///
/// # Errors
/// [`ReconciliationError::UnderWay`] while another does it, or when the database refuses.
pub async fn compare_days(accounts: &Accounts, days: &[Day]) -> Result<Vec<Sheet>, ReconciliationError> {
    let kernel = accounts.intake().kernel();
    // The holder is this run and not this node: two requests on one node must not both begin.
    let holder = crate::kernel::codes::random_token();
    if !leases::hold(&kernel.db, LEASE, &holder, kernel.now(), LEASED).await? {
        return Err(ReconciliationError::UnderWay);
    }
    let compared = all(accounts, days).await;
    leases::release(&kernel.db, LEASE, &holder).await?;
    let sheets = compared?;
    measure(accounts).await?;
    Ok(sheets)
}

async fn all(accounts: &Accounts, days: &[Day]) -> Result<Vec<Sheet>, StoreError> {
    let kernel = accounts.intake().kernel();
    tally::write(kernel).await?;
    let subjects = subjects(kernel).await?;
    let work: Vec<_> = subjects.into_iter().map(|subject| one(accounts.clone(), subject, days.to_vec())).collect();
    let mut compared = stream::iter(work).buffered(TOGETHER);
    let mut sheets = Vec::new();
    while let Some(found) = compared.next().await {
        sheets.extend(found?);
    }
    Ok(sheets)
}

/// One account, day after day: no peer is asked two things at once.
async fn one(accounts: Accounts, subject: Subject, days: Vec<Day>) -> Result<Vec<Sheet>, StoreError> {
    let mut sheets = Vec::with_capacity(days.len());
    for day in &days {
        let (sheet, items) = compare(&accounts, &subject, day).await?;
        if !items.is_empty() {
            let (account, day, found) = (&sheet.account, &sheet.day, by_kind(&items));
            tracing::warn!(intake.account = %account, "on {day} the account {account} differs: {found:?}");
        }
        sheets.push(sheet);
    }
    Ok(sheets)
}

/// Makes the daily comparison if it is due and nobody made it; answers whether it did.
///
/// # Errors
/// As [`compare_days`].
pub async fn run_due(accounts: &Accounts) -> Result<bool, ReconciliationError> {
    let kernel = accounts.intake().kernel();
    let (now, zone) = (kernel.now(), kernel.config.zone());
    let days = Day::up_to(now, &zone, DAYS + 1);
    let Some((today, before)) = days.split_first() else { return Ok(false) };
    let mut conn = kernel.db.read().await?;
    let last = store::last_run(&mut conn).await?;
    drop(conn);
    if now.zoned(&zone).hour() < FROM_HOUR || last.is_some_and(|(day, _)| day >= today.text()) {
        return Ok(false);
    }
    match compare_days(accounts, before).await {
        Err(ReconciliationError::UnderWay) => return Ok(false),
        other => other.map(drop)?,
    }
    let (today, forget) = (*today, today.date.saturating_sub(KEPT_DAYS.days()).to_string());
    kernel.db.write(move |tx| Box::pin(async move { store::note_run(tx, &today, &forget, now).await })).await?;
    measure(accounts).await?;
    Ok(true)
}

/// Brings the gauges up to date.
///
/// # Errors
/// When the database cannot be read.
pub(super) async fn measure(accounts: &Accounts) -> Result<(), StoreError> {
    let kernel = accounts.intake().kernel();
    let first = super::first_shown(kernel);
    let mut conn = kernel.db.read().await?;
    let standing = store::standing(&mut conn, &first).await?;
    let receipts = store::receipts_missing(&mut conn, &first).await?;
    let last = store::last_run(&mut conn).await?;
    drop(conn);
    let metrics = &kernel.metrics;
    metrics.differences.reset();
    for (account, count) in standing {
        metrics.differences.with_label_values(&[account.as_str()]).set(count);
    }
    metrics.receipts_missing.set(receipts);
    let age = last.map_or(-1, |(_, at)| kernel.now().since(at).as_secs());
    metrics.reconciliation_age.set(age);
    Ok(())
}

/// Compares when it is due, until the process stops.
pub async fn follow(accounts: Accounts) {
    let kernel = accounts.intake().kernel().clone();
    loop {
        tokio::select! {
            () = kernel.stop.cancelled() => return,
            () = tokio::time::sleep(EVERY) => {}
        }
        let due = tokio::select! {
            () = kernel.stop.cancelled() => return,
            due = run_due(&accounts) => due,
        };
        let measured = match due {
            Ok(_) => measure(&accounts).await.map_err(ReconciliationError::from),
            Err(e) => Err(e),
        };
        if let Err(e) = measured {
            tracing::warn!("accounts are not compared for now: {e}");
        }
    }
}
