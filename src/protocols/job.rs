//! What happens to clocks by the mere passing of time: warnings, misses, pauses that end. One node at a time tells the
//! feed; each event carries the instant at which it was due, whenever the job ran.
use std::time::Duration;

use jiff::SignedDuration;
use serde_json::json;

use super::acts::catch_up;
use super::apply::Named;
use super::store;
use crate::clocks::store as clock_store;
use crate::clocks::{Book, Clock, ClockState};
use crate::kernel::database::{StoreError, Tx};
use crate::kernel::events::{self, Actor, NewEvent};
use crate::kernel::language::Language;
use crate::kernel::time::Instant;
use crate::kernel::{Kernel, codes, leases};
use crate::outbox::{self, MailAddresses, MailPayload, Manner};

const EVERY: Duration = Duration::from_secs(20);
const LEASE: &str = "clocks";
const LEASED: SignedDuration = SignedDuration::from_mins(5);
const BATCH: i64 = 200;
/// What was done just before a due instant may still be committing.
const GRACE: SignedDuration = SignedDuration::from_secs(30);

/// What one pass told.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Marked {
    pub warned: u64,
    pub missed: u64,
    pub resumed: u64,
    pub moved: u64,
}

impl Marked {
    const fn all(self) -> u64 {
        self.warned + self.missed + self.resumed + self.moved
    }
}

/// Tells what is due by now.
///
/// # Errors
/// When the database refuses; what was told so far stays told.
pub async fn mark(kernel: &Kernel) -> Result<Marked, StoreError> {
    catch_up(kernel).await?;
    let mut sum = Marked::default();
    if !leases::hold(&kernel.db, LEASE, &kernel.node, kernel.now(), LEASED).await? {
        return Ok(sum);
    }
    loop {
        let (now, teller) = (kernel.now(), Teller::of(kernel));
        let zone = kernel.config.zone();
        let write = kernel.db.write(move |tx| Box::pin(async move { piece(tx, &zone, now, &teller).await }));
        let done = write.await?;
        sum.warned += done.warned;
        sum.missed += done.missed;
        sum.resumed += done.resumed;
        sum.moved += done.moved;
        if done.all() == 0 {
            break;
        }
    }
    kernel.metrics.sla_breaches.with_label_values(&["term"]).inc_by(sum.missed);
    Ok(sum)
}

async fn piece(tx: &mut Tx, zone: &jiff::tz::TimeZone, now: Instant, teller: &Teller) -> Result<Marked, StoreError> {
    let mut done = Marked::default();
    let until = now.minus(GRACE);
    if store::lock_place(tx).await?.is_none() {
        return Ok(done);
    }
    // A reader that is behind, as after a rebuild, does not know yet what was told before.
    let behind = |oldest: Option<Instant>| oldest.is_some_and(|at| at <= until);
    if events::lags(tx).await?.into_iter().any(|(reader, oldest)| reader == "clocks" && behind(oldest)) {
        return Ok(done);
    }
    let book = Book::read(tx, zone).await?;
    let mut told = Vec::new();
    for moved in store::moves(tx, BATCH).await? {
        let data = json!({
            "clock": { "leg": moved.leg_id, "phase": moved.phase, "round": moved.round },
            "old": moved.old_due_at, "new": moved.new_due_at, "calendar": moved.calendar_id, "why": "calendar",
        });
        told.push(event("clock.moved", moved.ticket_id, data));
        store::forget_told(tx, moved.id).await?;
        done.moved += 1;
    }
    for mut clock in clock_store::to_act(tx, until, BATCH).await? {
        let pauses = clock_store::pauses(tx, clock.id).await?;
        let data = |clock: &Clock| json!({ "clock": Named::of(clock), "due": clock.due_at.or(clock.missed_at) });
        let lasting = clock.is_live() && clock.due_at.is_none_or(|due| due > until);
        if lasting && clock.warned_at.is_none() && clock.warn_at.is_some_and(|at| at <= until) {
            clock.warned_at = Some(now);
            told.push(event("clock.warned", clock.ticket_id, data(&clock)));
            teller.tell(tx, &clock, "warned", now).await?;
            done.warned += 1;
        }
        clock.pass(Instant(until.0.saturating_add(1)));
        if clock.state == ClockState::Missed && !clock.told {
            clock.told = true;
            told.push(event("clock.missed", clock.ticket_id, data(&clock)));
            teller.tell(tx, &clock, "missed", now).await?;
            done.missed += 1;
        }
        if clock.state == ClockState::Suspended
            && let Some(calendar) = book.calendar(clock.calendar_id, now)
        {
            clock.compute(&calendar, &pauses, until);
            if clock.state == ClockState::Running {
                let ended = pauses.iter().filter_map(|p| p.until_at).max();
                let data = json!({ "clock": Named::of(&clock), "until": ended, "reason": "ended" });
                told.push(event("clock.resumed", clock.ticket_id, data));
                done.resumed += 1;
            }
        }
        clock.day = super::apply::counted_on(&clock, zone);
        // What stands still before the limit was looked at: it is not looked at for ever.
        let next = clock.acts_at(&pauses).filter(|at| *at > until);
        clock_store::update_clock(tx, &clock, next).await?;
        super::apply::refresh(tx, clock.ticket_id).await?;
    }
    events::append(tx, now, &told).await?;
    Ok(done)
}

fn event(kind: &'static str, ticket: i64, data: serde_json::Value) -> NewEvent {
    NewEvent { kind, ticket: Some(ticket), actor: Actor::System, data }
}

/// Writes to the owner unit; silent where the installation sends no mail.
struct Teller {
    addresses: MailAddresses,
    root: Option<String>,
    agency: String,
    language: Language,
    zone: jiff::tz::TimeZone,
}

impl Teller {
    fn of(kernel: &Kernel) -> Self {
        Self {
            addresses: MailAddresses::new(kernel),
            root: kernel.config.mail.smtp.as_ref().map(|_| kernel.config.link("/scrivania/pratiche")),
            agency: kernel.agency_name(),
            language: Language::from_tag(&kernel.config.desk.language).unwrap_or(Language::Italian),
            zone: kernel.config.zone(),
        }
    }

    /// One mail about a warning or a miss, to the unit that owns the ticket.
    async fn tell(&self, tx: &mut Tx, clock: &Clock, what: &str, now: Instant) -> Result<(), StoreError> {
        let Some(root) = self.root.as_ref().filter(|_| clock.tells) else { return Ok(()) };
        let Some((code, unit)) = store::notice(tx, clock.ticket_id).await? else { return Ok(()) };
        if unit.is_empty() {
            return Ok(());
        }
        let due = clock.missed_at.or(clock.due_at).unwrap_or(now).zoned(&self.zone);
        let values = [
            ("code", codes::grouped(&code)),
            ("phase", self.language.text(&format!("term-phase-{}", clock.phase.as_str().replace('_', "-")))),
            ("due", due.strftime("%d/%m/%Y %H:%M").to_string()),
            ("link", format!("{root}/{code}")),
            ("agency", self.agency.clone()),
        ];
        let payload = MailPayload {
            subject: self.language.text_with(&format!("term-mail-{what}-subject"), &values),
            text: self.language.text_with(&format!("term-mail-{what}"), &values),
            manner: Manner::AutoGenerated,
            reply_to: None,
            in_reply_to: None,
            references: Vec::new(),
            attachments: Vec::new(),
        };
        let name = format!("term-{}-{}-{}-{}-{what}", code, clock.leg_id, clock.phase.as_str(), clock.round);
        outbox::enqueue_notice(tx, &unit, &payload, &self.addresses.notice_id(&name), now).await?;
        Ok(())
    }
}

/// Tells what is due, now and then, and keeps the gauge of what is overdue, until the process stops.
pub async fn follow(kernel: Kernel) {
    while !kernel.stop.is_cancelled() {
        if let Err(e) = mark(&kernel).await {
            tracing::warn!("terms that are due were not told: {e}");
        }
        if let Err(e) = measure(&kernel).await {
            tracing::warn!("terms are not measured: {e}");
        }
        tokio::select! {
            () = kernel.stop.cancelled() => {}
            () = tokio::time::sleep(EVERY) => {}
        }
    }
    drop(leases::release(&kernel.db, LEASE, &kernel.node).await);
}

async fn measure(kernel: &Kernel) -> Result<(), StoreError> {
    let mut conn = kernel.db.read().await?;
    let (_, oldest) = clock_store::overdue(&mut conn).await?;
    let age = oldest.map_or(0, |at| kernel.now().since(at).as_secs());
    kernel.metrics.oldest.with_label_values(&["overdue terms"]).set(age);
    Ok(())
}
