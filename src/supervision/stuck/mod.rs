//! What stands still (C24): nothing open may be without an owner, with somebody who left, or untouched beyond the limit of
//! its state. A job gives tickets of people who left back to their queue and keeps a gauge; a page shows each figure
//! with the list behind it, counted by the same statement.
pub mod api;
pub mod pages;
mod store;

use std::time::Duration;

use jiff::SignedDuration;
use serde_json::json;

use crate::kernel::Kernel;
use crate::kernel::database::{Conn, StoreError};
use crate::kernel::events::Actor;
use crate::kernel::leases;
use crate::kernel::names::stored_enum;
use crate::kernel::time::Instant;
use crate::network::rules::{self, Rule, Rules};
use crate::tickets::TicketError;
use crate::tickets::change::Change;

pub use store::{Count, Still};

stored_enum! {
    /// Why something counts as standing still.
    Kind {
        /// Nobody took it.
        New = "new",
        /// In work, and nobody touched it.
        Open = "open",
        /// The citizen does not answer.
        WaitingCitizen = "waiting_citizen",
        /// No unit answers.
        Referred = "referred",
        /// A leg that nobody took in charge.
        Leg = "leg",
        /// Its owner unit no longer exists.
        Ownerless = "ownerless",
        /// Whoever has it no longer works here.
        Left = "left",
        /// In work, and whoever has it is away.
        Absent = "absent",
    }
}

impl Kind {
    /// The rule that holds its limit; `None` for what may not be at all.
    pub const fn rule(self) -> Option<Rule> {
        match self {
            Self::New => Some(Rule::IdleNew),
            Self::Open => Some(Rule::IdleOpen),
            Self::WaitingCitizen => Some(Rule::IdleWaiting),
            Self::Referred => Some(Rule::IdleReferred),
            Self::Leg => Some(Rule::IdleLeg),
            Self::Ownerless | Self::Left | Self::Absent => None,
        }
    }

    /// The instant before which it must have been touched to count now.
    fn limit(self, rules: &Rules, now: Instant) -> Instant {
        self.rule().map_or(now, |rule| now.minus(SignedDuration::from_hours(rules.get(rule))))
    }
}

/// The figures, by kind.
///
/// # Errors
/// When the database cannot be read.
pub async fn counts(conn: &mut Conn, now: Instant) -> Result<Vec<(Kind, Count)>, StoreError> {
    let rules = rules::read(conn).await?;
    let mut found = Vec::with_capacity(Kind::ALL.len());
    for &kind in Kind::ALL {
        found.push((kind, store::count(conn, kind, kind.limit(&rules, now), now).await?));
    }
    Ok(found)
}

/// What is behind a figure, longest untouched first, at most `limit`.
///
/// # Errors
/// When the database cannot be read.
pub async fn list(conn: &mut Conn, kind: Kind, now: Instant, limit: i64) -> Result<Vec<Still>, StoreError> {
    let rules = rules::read(conn).await?;
    store::list(conn, kind, kind.limit(&rules, now), now, limit).await
}

const EVERY: Duration = Duration::from_secs(60);
/// The work of one node at a time, under this name.
const LEASE: &str = "tickets of who left";
const LEASED: SignedDuration = SignedDuration::from_mins(5);
const BATCH: i64 = 200;

/// Gives tickets of people who left back to their queue; answers how many.
///
/// # Errors
/// When the database refuses; those given back so far stay so.
pub async fn give_back(kernel: &Kernel) -> Result<u64, TicketError> {
    let now = kernel.now();
    let mut conn = kernel.db.read().await?;
    let left = store::held_by_who_left(&mut conn, BATCH).await?;
    drop(conn);
    if left.is_empty() || !leases::hold(&kernel.db, LEASE, &kernel.node, now, LEASED).await? {
        return Ok(0);
    }
    let mut given = 0;
    for (ticket, holder) in left {
        given += u64::from(
            kernel
                .db
                .write(move |tx| {
                    Box::pin(async move {
                        let mut change = Change::begin_by_id(tx, ticket, None, Actor::System, now).await?;
                        // Somebody may have taken it meanwhile.
                        if change.ticket.assignee_id != Some(holder) || change.ticket.state.is_over() {
                            return Ok::<_, TicketError>(false);
                        }
                        change.ticket.assignee_id = None;
                        change.save(tx, "ticket.put_back", json!({ "left": holder })).await?;
                        Ok(true)
                    })
                })
                .await?,
        );
    }
    Ok(given)
}

/// Keeps the gauges and gives back, now and then, until the process stops.
pub async fn follow(kernel: Kernel) {
    while !kernel.stop.is_cancelled() {
        match give_back(&kernel).await {
            Ok(0) => {}
            Ok(n) => tracing::info!(tickets.given_back = n, "gave {n} tickets of people who left back to their queue"),
            Err(e) => tracing::warn!("tickets of people who left were not given back: {e}"),
        }
        if let Err(e) = measure(&kernel).await {
            tracing::warn!("what stands still is not measured: {e}");
        }
        tokio::select! {
            () = kernel.stop.cancelled() => {}
            () = tokio::time::sleep(EVERY) => {}
        }
    }
    drop(leases::release(&kernel.db, LEASE, &kernel.node).await);
}

/// Sets `oldest_unhandled_seconds{queue}` for each kind: how long the oldest has stood still, below its limit, too.
///
/// # Errors
/// When the database cannot be read.
pub async fn measure(kernel: &Kernel) -> Result<(), StoreError> {
    let now = kernel.now();
    let mut conn = kernel.db.read().await?;
    for &kind in Kind::ALL {
        let oldest = store::count(&mut conn, kind, now, now).await?.oldest;
        let seconds = oldest.map_or(0, |at| now.since(at).as_secs().max(0));
        kernel.metrics.oldest.with_label_values(&[kind.as_str()]).set(seconds);
    }
    Ok(())
}
