//! Legs that wait: their operative referents are reminded before and at the term, then the executive is told, then the
//! director; each once, each an event. What a referent who is away was given goes to whoever stands in.
use std::collections::HashMap;
use std::time::Duration;

use jiff::SignedDuration;
use serde_json::json;

use super::answer::lock;
use super::mail::{self, Said};
use super::model::{Leg, LegAct, LegState};
use super::store::referents as links;
use super::terms::{Step, Terms};
use super::{LegError, referent_links, rules, store};
use crate::kernel::Kernel;
use crate::kernel::database::Tx;
use crate::kernel::events::{self, Actor, NewEvent};
use crate::kernel::leases;
use crate::kernel::time::Instant;
use crate::organisation::{self, Rank, Referent};
use crate::outbox::Purpose;
use crate::tickets::Ticket;

/// How often legs are looked at.
const EVERY: Duration = Duration::from_secs(60);
/// The work of one node at a time, under this name.
const LEASE: &str = "leg reminders";
const LEASED: SignedDuration = SignedDuration::from_mins(5);
const BATCH: i64 = 100;
/// After how long the leg of a closed request is looked at again.
const PATIENCE: SignedDuration = SignedDuration::from_hours(24);

/// Reminds of what is due and gives on what the absent have; answers how many legs it touched.
///
/// # Errors
/// When the database refuses; what was done so far stays done.
pub async fn run(kernel: &Kernel) -> Result<u64, LegError> {
    let now = kernel.now();
    let mut touched = 0;
    let mut conn = kernel.db.read().await?;
    let (due, given) = (links::to_remind(&mut conn, now, BATCH).await?, links::given(&mut conn).await?);
    drop(conn);
    if due.is_empty() && given.is_empty() {
        return Ok(0);
    }
    if !leases::hold(&kernel.db, LEASE, &kernel.node, now, LEASED).await? {
        return Ok(0);
    }
    touched += give_on(kernel, given).await?;
    let mut due = due;
    while !due.is_empty() {
        for leg in due {
            let kernel = kernel.clone();
            let db = kernel.db.clone();
            touched += u64::from(db.write(move |tx| Box::pin(async move { remind(tx, &kernel, leg).await })).await?);
        }
        let mut conn = kernel.db.read().await?;
        due = links::to_remind(&mut conn, now, BATCH).await?;
    }
    Ok(touched)
}

/// The latest step that is due: after a time in which nothing ran, nobody gets two mails at once.
fn latest(terms: &Terms, due: Instant, reminders: i64, now: Instant) -> Option<(i64, Step)> {
    (reminders..)
        .map_while(|n| Some((n, Step::after(n)?)))
        .take_while(|(n, _)| terms.remind_at(due, *n).is_some_and(|at| at <= now))
        .last()
}

async fn remind(tx: &mut Tx, kernel: &Kernel, leg: i64) -> Result<bool, LegError> {
    let now = kernel.now();
    let (change, mut leg) = lock(tx, leg, Actor::System, now).await?;
    let Some(due) = leg.due_at.filter(|_| leg.remind_at.is_some_and(|at| at <= now)) else { return Ok(false) };
    let terms = Terms::new(kernel, rules::read(tx).await?);
    if change.ticket.state.is_over() {
        // Nobody is chased about a request that is closed; if it is opened again, the leg is.
        leg.remind_at = Some(now.plus(PATIENCE));
        store::update_leg(tx, &leg).await?;
        return Ok(false);
    }
    let open = leg.state.is_open() && leg.state != LegState::Asked;
    let Some((n, step)) = latest(&terms, due, leg.reminders, now).filter(|_| open) else {
        // Rules that changed moved it away, or it needs no reminder any more.
        leg.remind_at = terms.remind_at(due, leg.reminders).filter(|at| open && *at > now);
        store::update_leg(tx, &leg).await?;
        return Ok(false);
    };
    leg.reminders = n + 1;
    leg.remind_at = terms.remind_at(due, leg.reminders);
    store::update_leg(tx, &leg).await?;
    let ticket = change.ticket;
    let told = tell(tx, kernel, &ticket, &leg, due, step).await?;
    let kind = match step {
        Step::Before | Step::Term => "leg.reminded",
        Step::Executive | Step::Director => "leg.escalated",
    };
    let data = json!({
        "leg": leg.id, "number": leg.number, "unit": leg.unit_id, "leg_kind": leg.kind, "step": step, "referents": told,
    });
    events::append(tx, now, &[NewEvent { kind, ticket: Some(ticket.id), actor: Actor::System, data }]).await?;
    Ok(true)
}

/// Writes to whoever a step is for; answers their row ids, none when only the unit's own address is known.
async fn tell(
    tx: &mut Tx,
    kernel: &Kernel,
    ticket: &Ticket,
    leg: &Leg,
    due: Instant,
    step: Step,
) -> Result<Vec<i64>, LegError> {
    let now = kernel.now();
    let (rank, key) = match step {
        Step::Before => (Rank::Operative, "leg-mail-remind-before"),
        Step::Term => (Rank::Operative, "leg-mail-remind-term"),
        Step::Executive => (Rank::Executive, "leg-mail-remind-executive"),
        Step::Director => (Rank::Director, "leg-mail-remind-director"),
    };
    let holder = match leg.referent_id.filter(|_| rank == Rank::Operative) {
        Some(id) => organisation::store::referent(tx, id).await?.filter(|r| r.is_valid(now) && !r.email.is_empty()),
        None => None,
    };
    let people = match holder {
        Some(referent) => vec![referent],
        None => organisation::referents::recipients(tx, leg.unit_id, rank, now).await?,
    };
    let people: Vec<Referent> = people.into_iter().filter(|r| !r.email.is_empty()).collect();
    let unit = organisation::store::unit(tx, leg.unit_id).await?.ok_or(LegError::NotFound)?;
    // The last day of the term: it ends at the midnight after.
    let day = Instant(due.0 - 1).zoned(&kernel.config.zone()).strftime("%d/%m/%Y").to_string();
    for referent in &people {
        let link =
            format!("{}/{}/{}", referent_links::address(tx, kernel, referent.id).await?, ticket.code, leg.number);
        let values = [("unit", unit.name.clone()), ("day", day.clone()), ("link", link)];
        let name = format!("remind-{}-{}", step.as_str(), referent.id);
        let said = Said { purpose: Purpose::LegReminder, key, name: &name, values: &values };
        mail::tell(tx, kernel, ticket, leg, referent.email.clone(), said, now).await?;
    }
    if people.is_empty()
        && rank == Rank::Operative
        && let Some(recipient) = mail::address_of(tx, &unit).await?
    {
        let days = kernel.config.desk.leg_link_days;
        let (token, _) = super::tokens::issue(tx, leg.id, days, now).await?;
        let link = kernel.config.link(&format!("/invio/{token}"));
        let values = [("unit", unit.name.clone()), ("day", day), ("link", link)];
        let name = format!("remind-{}", step.as_str());
        let said = Said { purpose: Purpose::LegReminder, key, name: &name, values: &values };
        mail::tell(tx, kernel, ticket, leg, recipient, said, now).await?;
    }
    Ok(people.iter().map(|r| r.id).collect())
}

/// Gives the legs of referents who are away to whoever stands in, and those of referents who left back to the unit.
async fn give_on(kernel: &Kernel, given: Vec<(i64, i64)>) -> Result<u64, LegError> {
    let now = kernel.now();
    let mut conn = kernel.db.read().await?;
    let absences = organisation::store::absences_at(&mut conn, now).await?;
    let present = organisation::store::referents_at(&mut conn, now).await?;
    drop(conn);
    let mut away: HashMap<i64, Option<i64>> = HashMap::new();
    for absence in absences {
        let substitute = away.entry(absence.referent_id).or_default();
        *substitute = substitute.or(absence.substitute_id);
    }
    let reachable = |id: &i64| present.iter().any(|r| r.id == *id && !r.email.is_empty());
    let mut moved = 0;
    for (leg, referent) in given {
        let mut to = Some(referent).filter(reachable);
        // Each stands in for another at most once, so that a circle ends.
        for _ in 0..away.len() {
            match to.and_then(|id| away.get(&id)) {
                Some(substitute) => to = substitute.filter(reachable),
                None => break,
            }
        }
        // A circle of people who are all away.
        let to = to.filter(|id| !away.contains_key(id));
        if to == Some(referent) || (to.is_none() && away.contains_key(&referent) && reachable(&referent)) {
            continue;
        }
        let kernel = kernel.clone();
        let db = kernel.db.clone();
        moved += u64::from(
            db.write(move |tx| {
                Box::pin(async move { super::reassign::give(tx, &kernel, leg, to, Actor::System).await.map(|_| true) })
            })
            .await?,
        );
    }
    Ok(moved)
}

/// Whether a leg can be given to somebody now.
pub(super) fn can_be_given(leg: &Leg) -> bool {
    leg.after(LegAct::Reassign).is_some()
}

/// Reminds, now and then, until the process stops.
pub async fn follow(kernel: Kernel) {
    while !kernel.stop.is_cancelled() {
        match run(&kernel).await {
            Ok(0) => {}
            Ok(n) => tracing::info!(legs.reminded = n, "reminded of {n} legs, or gave them on"),
            Err(e) => tracing::warn!("legs that are due were not reminded of: {e}"),
        }
        match super::digest::run(&kernel).await {
            Ok(0) => {}
            Ok(n) => tracing::info!(digests.sent = n, "sent {n} monthly digests to referents"),
            Err(e) => tracing::warn!("the monthly digest was not sent: {e}"),
        }
        tokio::select! {
            () = kernel.stop.cancelled() => {}
            () = tokio::time::sleep(EVERY) => {}
        }
    }
    drop(leases::release(&kernel.db, LEASE, &kernel.node).await);
}
