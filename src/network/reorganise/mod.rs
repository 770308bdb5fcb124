//! Reorganisations on their day, and what hangs on units that closed: users, categories and sheets go over in
//! the transaction of the change; open tickets and legs follow one by one, each with an event. Looking for
//! what is left behind never ends, so that what arrives late for a closed unit follows too (D19).
pub mod api;
pub mod api_transfer;
pub mod pages;
pub mod plan;
pub mod preview;
pub mod transfer;

use std::time::Duration;

use jiff::SignedDuration;
use serde_json::json;

use super::{LegError, store};
use crate::kernel::Kernel;
use crate::kernel::database::{Conn, StoreError, Tx};
use crate::kernel::events::Actor;
use crate::kernel::language::Language;
use crate::kernel::leases;
use crate::kernel::time::Instant;
use crate::organisation::reorganise::{self, Applied, State};
use crate::tickets::TicketError;
use crate::tickets::change::Change;
use crate::tickets::succeed;
use crate::{identity, knowledge, organisation};

/// How often the due ones, and what was left behind, are looked for.
const EVERY: Duration = Duration::from_secs(20);
/// The work of one node at a time, under this name.
const LEASE: &str = "reorganisations";
const LEASED: SignedDuration = SignedDuration::from_mins(5);
/// Tickets or legs of a unit looked up at once.
const BATCH: i64 = 100;
/// Units that followed each other by closing: more than any history has, so that a circle ends.
const GENERATIONS: usize = 50;

/// What a pass did.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Done {
    /// Reorganisations that were carried out or refused.
    pub reorganisations: u64,
    /// Tickets and legs that followed a closed unit's work.
    pub moved: u64,
}

/// Carries out what is due and moves what was left behind, until nothing is.
///
/// # Errors
/// When the database refuses; what was done so far stays done.
pub async fn carry_out(kernel: &Kernel) -> Result<Done, LegError> {
    let mut done = Done::default();
    let now = kernel.now();
    let mut conn = kernel.db.read().await?;
    let due = organisation::store::reorganisations(&mut conn, State::Planned, now).await?;
    let closed = organisation::store::succeeded_units(&mut conn, now).await?;
    drop(conn);
    if due.is_empty() && closed.is_empty() {
        return Ok(done);
    }
    if !leases::hold(&kernel.db, LEASE, &kernel.node, now, LEASED).await? {
        return Ok(done);
    }
    for reorganisation in due {
        done.reorganisations += u64::from(one(kernel, reorganisation.id, now).await?);
    }
    let mut conn = kernel.db.read().await?;
    let closed = organisation::store::succeeded_units(&mut conn, now).await?;
    drop(conn);
    for unit in closed {
        done.moved += follow_unit(kernel, unit, now).await?;
    }
    Ok(done)
}

/// Carries one reorganisation out, whole or not at all.
async fn one(kernel: &Kernel, id: i64, now: Instant) -> Result<bool, LegError> {
    kernel
        .db
        .write(move |tx| {
            Box::pin(async move {
                let applied = reorganise::apply(tx, id, now).await?;
                if let Some(applied) = &applied {
                    hand_on(tx, applied).await?;
                }
                Ok(applied.is_some())
            })
        })
        .await
}

/// What goes over at once: categories that were named, then all else of the closed units.
async fn hand_on(tx: &mut Tx, applied: &Applied) -> Result<(), LegError> {
    let closing: Vec<i64> = applied.closed.iter().map(|(unit, _)| *unit).collect();
    for (category, unit) in &applied.categories {
        knowledge::store::give_category(tx, *category, *unit, &closing).await?;
    }
    for (unit, successor) in &applied.closed {
        knowledge::store::move_unit(tx, *unit, *successor).await?;
        identity::move_users(tx, *unit, *successor).await?;
    }
    Ok(())
}

/// Moves what is left at a closed unit; answers how many tickets and legs.
async fn follow_unit(kernel: &Kernel, unit: i64, now: Instant) -> Result<u64, LegError> {
    let mut moved = 0;
    loop {
        let mut conn = kernel.db.read().await?;
        let tickets = succeed::left_behind(&mut conn, unit, BATCH).await?;
        let legs = store::waiting_at(&mut conn, unit, BATCH).await?;
        let heir = heir(&mut conn, unit, 0).await?;
        let named =
            knowledge::store::names_unit(&mut conn, unit).await? || identity::has_users(&mut conn, unit).await?;
        drop(conn);
        if let Some(heir) = heir.filter(|_| named) {
            let applied = Applied { closed: vec![(unit, heir)], categories: Vec::new() };
            kernel.db.write(move |tx| Box::pin(async move { hand_on(tx, &applied).await })).await?;
        }
        let before = moved;
        for (ticket, category) in tickets {
            moved += u64::from(move_ticket(kernel, unit, ticket, category, now).await?);
        }
        for (leg, category) in legs {
            moved += u64::from(move_leg(kernel, unit, leg, category, now).await?);
        }
        if moved == before {
            return Ok(moved);
        }
    }
}

/// The unit that goes on for a closed one in a category, and still exists.
async fn heir(conn: &mut Conn, unit: i64, category: i64) -> Result<Option<i64>, StoreError> {
    let mut place = unit;
    for _ in 0..GENERATIONS {
        match organisation::store::successor_of(conn, place, category).await? {
            Some(next) => place = next,
            None => return Ok((place != unit).then_some(place)),
        }
    }
    Ok(None)
}

async fn reason(conn: &mut Conn, kernel: &Kernel, from: i64, to: i64) -> Result<String, StoreError> {
    let language = Language::from_tag(&kernel.config.desk.language).unwrap_or(Language::Italian);
    let name = async |conn: &mut Conn, id| -> Result<String, StoreError> {
        let unit = organisation::store::unit(conn, id).await?;
        Ok(unit.map(|u| organisation::directory::unit_name(&u, language).to_owned()).unwrap_or_default())
    };
    let (before, unit) = (name(conn, from).await?, name(conn, to).await?);
    Ok(language.text_with("reorganise-note", &[("before", before), ("unit", unit)]))
}

async fn move_ticket(kernel: &Kernel, unit: i64, ticket: i64, category: i64, now: Instant) -> Result<bool, LegError> {
    let inner = kernel.clone();
    kernel
        .db
        .write(move |tx| {
            Box::pin(async move {
                let Some(heir) = heir(tx, unit, category).await? else { return Ok(false) };
                let change = match Change::begin_by_id(tx, ticket, None, Actor::System, now).await {
                    Ok(change) => change,
                    // It was merged meanwhile; the one that goes on moves by itself.
                    Err(TicketError::Merged { .. } | TicketError::NotFound) => return Ok(false),
                    Err(e) => return Err(e.into()),
                };
                if change.ticket.owner_unit_id != unit {
                    return Ok(false);
                }
                let reason = reason(tx, &inner, unit, heir).await?;
                succeed::succeed(tx, change, heir, reason).await?;
                Ok(true)
            })
        })
        .await
}

async fn move_leg(kernel: &Kernel, unit: i64, leg: i64, category: i64, now: Instant) -> Result<bool, LegError> {
    kernel
        .db
        .write(move |tx| {
            Box::pin(async move {
                let Some(heir) = heir(tx, unit, category).await? else { return Ok(false) };
                let (change, leg) = super::answer::lock(tx, leg, Actor::System, now).await?;
                if leg.unit_id != unit {
                    return Ok(false);
                }
                store::move_leg(tx, leg.id, heir).await?;
                let data = json!({ "leg": leg.id, "number": leg.number, "unit": heir, "unit_before": unit });
                change.save(tx, "leg.moved", data).await?;
                Ok(true)
            })
        })
        .await
}

/// Carries out what is due, now and then, until the process stops.
pub async fn follow(kernel: Kernel) {
    while !kernel.stop.is_cancelled() {
        match carry_out(&kernel).await {
            Ok(done) if done == Done::default() => {}
            Ok(done) => tracing::info!(
                reorganisations = done.reorganisations,
                moved = done.moved,
                "carried out {} reorganisations, moved {} tickets and legs",
                done.reorganisations,
                done.moved
            ),
            Err(e) => tracing::warn!("reorganisations were not carried out: {e}"),
        }
        tokio::select! {
            () = kernel.stop.cancelled() => {}
            () = tokio::time::sleep(EVERY) => {}
        }
    }
    let released: Result<(), StoreError> = leases::release(&kernel.db, LEASE, &kernel.node).await;
    drop(released);
}
