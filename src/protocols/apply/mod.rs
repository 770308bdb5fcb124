//! The clocks of the tickets of a batch of events: read once, changed by each event at its own instant, stored once.
//! What events mean for them is in `states.rs`.
mod states;

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;

use super::store::{self, CaseRow};
use crate::clocks::book::{Case, ProtocolVersion};
use crate::clocks::model::{Beginning, ClockPause};
use crate::clocks::store as clock_store;
use crate::clocks::{Book, Clock, ClockState, PhaseKind, PhaseRule, Subject};
use crate::kernel::database::{StoreError, Tx};
use crate::kernel::events::Event;
use crate::kernel::time::Instant;
use crate::tickets::Facets;

/// Clocks looked at at once when a calendar changes.
const PIECE: i64 = 500;
/// Channels on which whoever asks hears or reads the receipt at once.
const AT_ONCE: [&str; 3] = ["phone", "counter", "web"];

/// What the feed calls a clock: row ids change when clocks are rebuilt, this does not.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, Deserialize)]
pub struct Named {
    /// 0 for the ticket itself.
    pub leg: i64,
    pub phase: PhaseKind,
    pub round: i64,
}

impl Named {
    /// The name of a clock.
    pub const fn of(clock: &Clock) -> Self {
        Self { leg: clock.leg_id, phase: clock.phase, round: clock.round }
    }
}

/// What events of the kinds read here may carry.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Told {
    to: Option<Facets>,
    channel: Option<String>,
    category: Option<i64>,
    outcome: Option<String>,
    leg: Option<i64>,
    unit: Option<i64>,
    leg_kind: Option<String>,
    /// Whether what was told answers the leg.
    answers: bool,
    clock: Option<Named>,
    reason: Option<String>,
    until: Option<Instant>,
    interrupts: bool,
    amount: Option<i64>,
    state: Option<ClockState>,
    at: Option<Instant>,
    due: Option<Instant>,
    old: Option<Instant>,
    new: Option<Instant>,
    calendar: Option<i64>,
    /// Of a term that a rule starts: the version of its protocol, and which term.
    protocol_version: Option<i64>,
    phase: Option<String>,
}

struct Held {
    clock: Clock,
    pauses: Vec<ClockPause>,
    changed: bool,
}

/// The tickets of a batch of events, read once and stored at its end.
pub struct Desk<'b> {
    book: &'b Book,
    cases: BTreeMap<i64, Option<CaseRow>>,
    clocks: BTreeMap<i64, Vec<Held>>,
    /// Tickets whose nearest term may be another.
    touched: BTreeSet<i64>,
}

impl<'b> Desk<'b> {
    /// An empty desk.
    pub const fn new(book: &'b Book) -> Self {
        Self { book, cases: BTreeMap::new(), clocks: BTreeMap::new(), touched: BTreeSet::new() }
    }

    /// Applies an event at its own instant.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn event(&mut self, tx: &mut Tx, event: &Event) -> Result<(), StoreError> {
        let Some(told) = event.payload::<Told>() else { return Ok(()) };
        let at = event.at;
        if event.kind == "calendar.changed" {
            return self.recompute(tx, told.calendar.unwrap_or(0), at).await;
        }
        let Some(ticket) = event.ticket else { return Ok(()) };
        if event.kind == "ticket.opened" {
            return self.open(tx, ticket, &told, at).await;
        }
        if !self.load(tx, ticket).await? {
            return Ok(());
        }
        match event.kind.as_str() {
            "ticket.merged" => self.each(ticket, |held| held.clock.cancel(at, "merged")),
            "ticket.unmerged" => self.revive(ticket, at),
            "visit.undone" => self.each(ticket, |held| held.clock.cancel(at, "mistaken")),
            kind => {
                if let Some(to) = told.to {
                    self.moved(ticket, to, told.outcome.as_deref(), at);
                }
                match kind {
                    "ticket.classified" => self.classified(tx, ticket, told.category, at).await?,
                    "contact.sent" => self.answered(ticket, at),
                    "clock.started" => self.started(ticket, &told, at),
                    _ if kind.starts_with("leg.") => self.leg(ticket, kind, &told, at),
                    _ if kind.starts_with("clock.") => self.act(tx, ticket, kind, &told, at).await?,
                    _ => {}
                }
            }
        }
        Ok(())
    }

    /// Reads what is known of a ticket, once; `false` when it began before there was any protocol.
    async fn load(&mut self, tx: &mut Tx, ticket: i64) -> Result<bool, StoreError> {
        if let Some(known) = self.cases.get(&ticket) {
            return Ok(known.is_some());
        }
        let case = store::case(tx, ticket).await?;
        let known = case.is_some();
        if known {
            let mut held = Vec::new();
            for clock in clock_store::of_ticket(tx, ticket).await? {
                let pauses = clock_store::pauses(tx, clock.id).await?;
                held.push(Held { clock, pauses, changed: false });
            }
            self.clocks.insert(ticket, held);
        }
        self.cases.insert(ticket, case);
        Ok(known)
    }

    async fn open(&mut self, tx: &mut Tx, ticket: i64, told: &Told, at: Instant) -> Result<(), StoreError> {
        let Some(to) = told.to.filter(|_| self.book.knows_any(at)) else { return Ok(()) };
        let case = CaseRow {
            ticket_id: ticket,
            opened_at: at,
            category_id: told.category,
            unit_id: to.unit,
            channel: told.channel.clone().unwrap_or_default(),
            waiting: false,
            taken_at: None,
            answered_at: None,
            over_at: None,
        };
        self.cases.insert(ticket, Some(case));
        self.clocks.insert(ticket, Vec::new());
        self.begin_ticket(tx, ticket, at, at).await?;
        self.moved(ticket, to, None, at);
        Ok(())
    }

    /// Begins the terms of a ticket by the protocol that its class and owner call for, if that is another than before.
    async fn begin_ticket(&mut self, tx: &mut Tx, ticket: i64, known: Instant, now: Instant) -> Result<(), StoreError> {
        let Some(case) = self.cases.get(&ticket).cloned().flatten() else { return Ok(()) };
        let chosen = self.book.choose(Case {
            subject: Subject::Ticket,
            category: case.category_id,
            unit: case.unit_id,
            began: case.opened_at,
            known,
        });
        let held = self.clocks.entry(ticket).or_default();
        // A term that a rule started later says nothing of the protocol that the class calls for.
        let own =
            |h: &&Held| h.clock.leg_id == 0 && h.clock.reason != "reclassified" && h.clock.started_at == case.opened_at;
        let before = held.iter().rfind(own);
        if before.map(|h| h.clock.version_id) == chosen.map(|v| v.id) {
            return Ok(());
        }
        let waited: Vec<ClockPause> = held
            .iter()
            .max_by_key(|h| h.pauses.iter().filter(|p| p.reason == "citizen").count())
            .map(|h| h.pauses.iter().filter(|p| p.reason == "citizen").cloned().collect())
            .unwrap_or_default();
        for one in held.iter_mut().filter(|h| h.clock.leg_id == 0 && h.clock.is_owed()) {
            one.clock.cancel(now, "reclassified");
            one.changed = true;
        }
        self.touched.insert(ticket);
        let Some(version) = chosen.filter(|_| case.over_at.is_none()) else { return Ok(()) };
        let acknowledged = AT_ONCE.contains(&case.channel.as_str()) || store::was_acknowledged(tx, ticket).await?;
        for rule in version.body.phases_of(Subject::Ticket) {
            let met = |h: &Held| h.clock.leg_id == 0 && h.clock.phase == rule.kind && h.clock.state == ClockState::Met;
            if self.clocks.get(&ticket).is_some_and(|held| held.iter().any(met)) {
                continue;
            }
            let pauses = if rule.waits { waited.clone() } else { Vec::new() };
            let done = match rule.kind {
                PhaseKind::Receipt if acknowledged => Some(case.opened_at),
                PhaseKind::TakeCharge => case.taken_at,
                PhaseKind::FirstResponse => case.answered_at,
                _ => None,
            };
            self.begin((&case, 0, case.unit_id), version, rule, pauses, (case.opened_at, now));
            if let Some(at) = done
                && let Some(held) = self.clocks.get_mut(&ticket).and_then(|held| held.last_mut())
            {
                held.clock.meet(at);
            }
        }
        Ok(())
    }

    /// Begins one clock as of `at`, as it stands `now`.
    fn begin(
        &mut self,
        (case, leg, unit): (&CaseRow, i64, i64),
        version: &ProtocolVersion,
        rule: &PhaseRule,
        pauses: Vec<ClockPause>,
        (at, now): (Instant, Instant),
    ) {
        let Some(calendar) = self.book.calendar(version.body.calendar, now) else { return };
        let held = self.clocks.entry(case.ticket_id).or_default();
        let same = held.iter().filter(|h| h.clock.leg_id == leg && h.clock.phase == rule.kind);
        let of = Beginning {
            ticket: case.ticket_id,
            leg,
            round: same.map(|h| h.clock.round).max().unwrap_or(0) + 1,
            version: version.id,
            calendar: version.body.calendar,
            category: case.category_id.unwrap_or(0),
            unit,
            at,
        };
        let mut clock = Clock::begin(rule, of);
        let pauses: Vec<ClockPause> = pauses.into_iter().map(|p| ClockPause { id: 0, clock_id: 0, ..p }).collect();
        clock.compute(&calendar, &pauses, now);
        held.push(Held { clock, pauses, changed: true });
        self.touched.insert(case.ticket_id);
    }

    /// Changes the clocks of a ticket and its legs.
    fn each(&mut self, ticket: i64, mut change: impl FnMut(&mut Held)) {
        for held in self.clocks.entry(ticket).or_default() {
            let (clock, pauses) = (held.clock.clone(), held.pauses.clone());
            change(held);
            if held.clock != clock || held.pauses != pauses {
                held.changed = true;
                self.touched.insert(ticket);
            }
        }
    }

    /// Changes the clocks of a ticket alone.
    fn of_ticket(&mut self, ticket: i64, mut change: impl FnMut(&mut Held)) {
        self.each(ticket, |held| {
            if held.clock.leg_id == 0 {
                change(held);
            }
        });
    }

    /// A calendar changed: due instants of what is owed by it are computed anew, and each move is to be told.
    async fn recompute(&mut self, tx: &mut Tx, calendar: i64, at: Instant) -> Result<(), StoreError> {
        self.save(tx).await?;
        let Some(by) = self.book.calendar(calendar, at) else { return Ok(()) };
        let mut after = 0;
        loop {
            let clocks = clock_store::of_calendar(tx, calendar, after, PIECE).await?;
            let Some(last) = clocks.last() else { return Ok(()) };
            after = last.id;
            for mut clock in clocks {
                let pauses = clock_store::pauses(tx, clock.id).await?;
                clock.pass(at);
                let old = clock.due_at;
                clock.compute(&by, &pauses, at);
                if clock.due_at != old {
                    store::insert_move(tx, (clock.id, calendar), at, (old, clock.due_at)).await?;
                    clock_store::update_clock(tx, &clock, clock.acts_at(&pauses)).await?;
                    self.touched.insert(clock.ticket_id);
                }
            }
            self.save(tx).await?;
        }
    }

    /// Stores what changed, and the nearest term of each ticket.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn save(&mut self, tx: &mut Tx) -> Result<(), StoreError> {
        for case in std::mem::take(&mut self.cases).into_values().flatten() {
            store::save_case(tx, &case).await?;
        }
        for held in std::mem::take(&mut self.clocks).into_values().flatten().filter(|h| h.changed) {
            let Held { mut clock, pauses, .. } = held;
            clock.day = counted_on(&clock, self.book.zone());
            let acts_at = clock.acts_at(&pauses);
            if clock.id == 0 {
                clock.id = clock_store::insert_clock(tx, &clock, acts_at).await?;
            } else {
                clock_store::update_clock(tx, &clock, acts_at).await?;
            }
            for mut pause in pauses {
                pause.clock_id = clock.id;
                match pause.until_at {
                    _ if pause.id == 0 => clock_store::insert_pause(tx, &pause).await?,
                    Some(until) => clock_store::end_pause(tx, pause.id, until).await?,
                    None => {}
                }
            }
        }
        // In the order of row ids, as everybody locks tickets who locks two.
        for ticket in std::mem::take(&mut self.touched) {
            refresh(tx, ticket).await?;
        }
        Ok(())
    }
}

/// The local day on which a clock counts in figures; `None` when it counts in none.
pub fn counted_on(clock: &Clock, zone: &jiff::tz::TimeZone) -> Option<String> {
    let at = match clock.state {
        ClockState::Met => clock.ended_at,
        ClockState::Missed => clock.missed_at,
        ClockState::Running | ClockState::Suspended | ClockState::Cancelled => None,
    };
    at.map(|at| at.day(zone))
}

/// Writes the nearest term of a ticket, and the day that its citizen may expect.
///
/// # Errors
/// When the database refuses.
pub async fn refresh(tx: &mut Tx, ticket: i64) -> Result<(), StoreError> {
    let clocks = clock_store::of_ticket(tx, ticket).await?;
    let owed = || clocks.iter().filter(|k| k.is_owed());
    let due = owed().filter_map(|k| k.due_at).min();
    let expected = owed().filter(|k| k.leg_id == 0 && k.phase.is_final()).filter_map(|k| k.due_at).min();
    store::set_due(tx, ticket, due, expected).await
}
