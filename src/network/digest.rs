//! The referents' monthly digest: what came, what was answered in time, what waits, and the link; on the first working
//! day of a month, once, and later in it if nothing ran that day. Executives and directors read of the units below, too.
use std::collections::BTreeSet;

use jiff::{SignedDuration, ToSpan};

use super::LegError;
use super::referent_links::{self, looks_below, notice};
use super::store::referents as store;
use crate::kernel::Kernel;
use crate::kernel::leases;
use crate::kernel::time::Instant;
use crate::organisation;

/// The work of one node at a time, under this name.
const LEASE: &str = "referent digest";
const LEASED: SignedDuration = SignedDuration::from_mins(10);

/// The month that is over, as `YYYY-MM`, its beginning and its end, if the first working day after it has come.
fn due(kernel: &Kernel) -> Option<(String, Instant, Instant)> {
    let hours = kernel.office.ordinary();
    let first = hours.day_of(kernel.now()).first_of_month();
    if kernel.now() < hours.morning_of(hours.working_day(first, 0)) {
        return None;
    }
    let before = first.checked_sub(1.month()).ok()?;
    let month = format!("{:04}-{:02}", before.year(), before.month());
    Some((month, hours.end_of(before.yesterday().ok()?), hours.end_of(first.yesterday().ok()?)))
}

/// Sends the digests that are due; answers how many.
///
/// # Errors
/// When the database refuses; what was sent so far is not sent again.
pub async fn run(kernel: &Kernel) -> Result<u64, LegError> {
    let Some((month, from, to)) = due(kernel) else { return Ok(0) };
    let now = kernel.now();
    let mut conn = kernel.db.read().await?;
    let had = store::digested(&mut conn, &month).await?;
    let all = organisation::store::referents_at(&mut conn, now).await?;
    drop(conn);
    let missing: Vec<_> = all.into_iter().filter(|r| !had.contains(&r.id) && !r.email.is_empty()).collect();
    if missing.is_empty() || !leases::hold(&kernel.db, LEASE, &kernel.node, now, LEASED).await? {
        return Ok(0);
    }
    let mut sent = 0;
    for referent in missing {
        let (kernel, month) = (kernel.clone(), month.clone());
        let db = kernel.db.clone();
        sent += u64::from(
            db.write(move |tx| {
                Box::pin(async move {
                    if !store::insert_digest(tx, &month, referent.id, now).await? {
                        return Ok::<_, LegError>(false);
                    }
                    let units = if looks_below(referent.rank) {
                        organisation::store::units_below(tx, referent.unit_id).await?
                    } else {
                        BTreeSet::from([referent.unit_id])
                    };
                    let counts = store::month(tx, &units, from, to).await?;
                    if counts == store::Month::default() {
                        return Ok(false);
                    }
                    let values = [
                        ("name", referent.name.clone()),
                        ("month", month.clone()),
                        ("came", counts.came.to_string()),
                        ("answered", counts.answered.to_string()),
                        ("in_time", counts.in_time.to_string()),
                        ("waiting", counts.waiting.to_string()),
                        ("link", referent_links::address(tx, &kernel, referent.id).await?),
                    ];
                    let name = format!("referent-digest-{month}-{}", referent.id);
                    notice(tx, &kernel, &referent.email, "referent-mail-digest", &values, &name).await?;
                    Ok(true)
                })
            })
            .await?,
        );
    }
    Ok(sent)
}
