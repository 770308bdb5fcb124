//! Planning a reorganisation, and carrying it out at once when its day is today.
use jiff::civil::Date;

use super::super::LegError;
use super::carry_out;
use super::preview::{Preview, preview};
use crate::kernel::Kernel;
use crate::kernel::permissions::{Permission, Principal};
use crate::kernel::time::Instant;
use crate::organisation::chart::Plan;
use crate::organisation::{OrganisationError, reorganise};

/// What an administrator wants, and from which day on.
#[derive(Debug, Clone)]
pub struct Wanted {
    pub plan: Plan,
    /// `None`: today.
    pub on: Option<Date>,
    pub reason: String,
}

/// When it takes effect, and the earliest instant that is accepted: a change of today holds from now on, and
/// no day that is over is ever changed.
fn when(kernel: &Kernel, on: Option<Date>) -> Result<(Instant, Instant), OrganisationError> {
    let (zone, now) = (kernel.config.zone(), kernel.now());
    let today = now.zoned(&zone).date();
    match on.filter(|day| *day != today) {
        Some(day) => Ok((reorganise::start_of(day, &zone)?, now)),
        None => Ok((now, now)),
    }
}

/// What it would change and move.
///
/// # Errors
/// When it does not fit, lies in the past, or the caller is no administrator.
pub async fn look_ahead(kernel: &Kernel, who: &Principal, wanted: &Wanted) -> Result<Preview, LegError> {
    who.require(Permission::Administer)?;
    let (at, earliest) = when(kernel, wanted.on)?;
    if at < earliest {
        return Err(OrganisationError::Invalid { field: "on", wrong: "past" }.into());
    }
    let mut conn = kernel.db.read().await?;
    preview(&mut conn, &wanted.plan, at, kernel.now()).await
}

/// Plans it; answers its row id. One of today has taken effect when this returns, unless another node is at
/// work on reorganisations: then within a minute.
///
/// # Errors
/// As [`look_ahead`], and without a reason.
pub async fn plan(kernel: &Kernel, who: &Principal, wanted: Wanted) -> Result<i64, LegError> {
    who.require(Permission::Administer)?;
    let (at, earliest) = when(kernel, wanted.on)?;
    let (now, actor) = (kernel.now(), who.actor.clone());
    let id = kernel
        .db
        .write(move |tx| {
            Box::pin(async move { reorganise::plan(tx, &wanted.plan, &wanted.reason, at, earliest, &actor, now).await })
        })
        .await?;
    if at <= now {
        carry_out(kernel).await?;
    }
    Ok(id)
}

/// Takes a plan back before its day.
///
/// # Errors
/// When it is not planned any more, or the caller is no administrator.
pub async fn cancel(kernel: &Kernel, who: &Principal, id: i64) -> Result<(), LegError> {
    who.require(Permission::Administer)?;
    let (now, actor) = (kernel.now(), who.actor.clone());
    Ok(kernel.db.write(move |tx| Box::pin(async move { reorganise::cancel(tx, id, actor, now).await })).await?)
}
