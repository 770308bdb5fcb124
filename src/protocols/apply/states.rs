//! What a change of a ticket, an act on a leg or on a term itself means for clocks.
use std::collections::BTreeMap;

use super::super::store;
use super::{Desk, Held, Named, Told};
use crate::clocks::Book;
use crate::clocks::book::Case;
use crate::clocks::model::ClockPause;
use crate::clocks::{ClockState, PhaseKind, Subject};
use crate::kernel::database::{StoreError, Tx};
use crate::kernel::time::Instant;
use crate::tickets::{Facets, State};

impl Held {
    /// Stands still from an instant, for nobody knows how long.
    fn wait(&mut self, reason: &str, book: &Book, at: Instant) {
        self.clock.pass(at);
        if !self.clock.is_live() {
            return;
        }
        self.pauses.push(ClockPause {
            id: 0,
            clock_id: self.clock.id,
            from_at: at,
            until_at: None,
            reason: reason.to_owned(),
            interrupts: false,
        });
        if let Some(calendar) = book.calendar(self.clock.calendar_id, at) {
            self.clock.compute(&calendar, &self.pauses, at);
        }
    }

    /// Ends, or sets the end of, the pauses of these reasons that hold at `at`.
    fn go_on(&mut self, reasons: &[&str], book: &Book, at: Instant, until: Instant) {
        for pause in &mut self.pauses {
            let holds = pause.from_at <= at && pause.until_at.is_none_or(|until| at < until);
            if holds && reasons.contains(&pause.reason.as_str()) {
                pause.until_at = Some(until);
            }
        }
        if let Some(calendar) = book.calendar(self.clock.calendar_id, at) {
            self.clock.compute(&calendar, &self.pauses, at);
            self.clock.pass(at);
        }
    }
}

impl Desk<'_> {
    /// The ticket stands elsewhere: taken, waiting, over, or back to work.
    pub(super) fn moved(&mut self, ticket: i64, to: Facets, outcome: Option<&str>, at: Instant) {
        let Some(Some(case)) = self.cases.get_mut(&ticket) else { return };
        case.unit_id = to.unit;
        let taken = case.taken_at.is_none() && (to.state != State::New || to.assignee != 0);
        if taken {
            case.taken_at = Some(at);
        }
        let waits = to.state == State::WaitingCitizen;
        let (began, ended) = (waits && !case.waiting, !waits && case.waiting);
        case.waiting = waits;
        let closes = to.state.is_over() && case.over_at.is_none();
        let reopens = case.over_at.filter(|_| !to.state.is_over());
        if closes {
            case.over_at = Some(at);
        }
        if reopens.is_some() {
            case.over_at = None;
        }
        if taken {
            self.of_ticket(ticket, |h| {
                if h.clock.phase == PhaseKind::TakeCharge {
                    h.clock.meet(at);
                }
            });
        }
        if began {
            self.pause_waiting(ticket, at);
        }
        if ended {
            self.end_pauses(ticket, None, &["citizen"], at, at);
        }
        if closes {
            self.over(ticket, outcome.unwrap_or_default(), at);
        }
        if let Some(since) = reopens {
            self.reopen(ticket, since, at);
        }
    }

    /// Somebody of ours wrote to the citizen.
    pub(super) fn answered(&mut self, ticket: i64, at: Instant) {
        if let Some(Some(case)) = self.cases.get_mut(&ticket) {
            case.answered_at.get_or_insert(at);
        }
        self.of_ticket(ticket, |h| {
            if matches!(h.clock.phase, PhaseKind::FirstResponse | PhaseKind::Receipt) {
                h.clock.meet(at);
            }
        });
    }

    pub(super) fn over(&mut self, ticket: i64, outcome: &str, at: Instant) {
        self.each(ticket, |h| match h.clock.phase {
            _ if h.clock.leg_id != 0 => h.clock.cancel(at, "closed"),
            PhaseKind::NonAppropriateness if outcome == "not_competent" => h.clock.refuse(at),
            PhaseKind::Answer | PhaseKind::Conclusion | PhaseKind::Works
                if matches!(outcome, "not_competent" | "withdrawn" | "duplicate") =>
            {
                h.clock.cancel(at, outcome);
            }
            _ => h.clock.meet(at),
        });
    }

    /// What reopening starts again begins anew, by the version the ticket began with. Units that still have a leg go on
    /// from where they were when the ticket was over.
    pub(super) fn reopen(&mut self, ticket: i64, since: Instant, at: Instant) {
        let book = self.book;
        self.each(ticket, |held| {
            if held.clock.leg_id == 0 || held.clock.reason != "closed" {
                return;
            }
            let Some(calendar) = book.calendar(held.clock.calendar_id, at) else { return };
            held.pauses.push(ClockPause {
                id: 0,
                clock_id: held.clock.id,
                from_at: since,
                until_at: Some(at),
                reason: "closed".to_owned(),
                interrupts: false,
            });
            held.clock.revive(&calendar, &held.pauses, at);
        });
        let Some(case) = self.cases.get(&ticket).cloned().flatten() else { return };
        let mut last: BTreeMap<PhaseKind, i64> = BTreeMap::new();
        for held in self.clocks.get(&ticket).into_iter().flatten() {
            let clock = &held.clock;
            if clock.leg_id == 0 && clock.phase.starts_again() && !clock.is_owed() && clock.reason != "reclassified" {
                last.insert(clock.phase, clock.version_id);
            }
        }
        for (phase, version) in last {
            let Some(version) = self.book.version(version) else { continue };
            let rule = version.body.phases_of(Subject::Ticket).find(|rule| rule.kind == phase);
            if let Some(rule) = rule {
                self.begin((&case, 0, case.unit_id), version, rule, Vec::new(), (at, at));
            }
        }
    }

    pub(super) async fn classified(
        &mut self,
        tx: &mut Tx,
        ticket: i64,
        category: Option<i64>,
        at: Instant,
    ) -> Result<(), StoreError> {
        let Some(Some(case)) = self.cases.get_mut(&ticket) else { return Ok(()) };
        if case.category_id == category {
            return Ok(());
        }
        case.category_id = category;
        self.begin_ticket(tx, ticket, at, at).await?;
        self.each(ticket, |held| held.clock.pass(at));
        Ok(())
    }

    /// A leg for competence or inquiry went out, was acted on or came back; one for knowledge has no clocks, so nothing
    /// is found.
    pub(super) fn leg(&mut self, ticket: i64, kind: &str, told: &Told, at: Instant) {
        let (Some(leg), Some(case)) = (told.leg, self.cases.get(&ticket).cloned().flatten()) else { return };
        if kind == "leg.sent" {
            let decisive = told.leg_kind.as_deref().is_some_and(|kind| kind != "knowledge");
            let Some(unit) = told.unit.filter(|_| decisive) else { return };
            let (category, began) = (case.category_id, case.opened_at);
            let chosen = self.book.choose(Case { subject: Subject::Leg, category, unit, began, known: at });
            if let Some(version) = chosen {
                for rule in version.body.phases_of(Subject::Leg) {
                    self.begin((&case, leg, unit), version, rule, Vec::new(), (at, at));
                }
            }
            return;
        }
        let book = self.book;
        let begun = |phase| matches!(phase, PhaseKind::Receipt | PhaseKind::TakeCharge);
        self.each(ticket, |held| {
            if held.clock.leg_id != leg {
                return;
            }
            let phase = held.clock.phase;
            match kind {
                "leg.seen" | "leg.updated" | "leg.asked" if phase == PhaseKind::Receipt => held.clock.meet(at),
                "leg.accepted" | "leg.works_announced" if begun(phase) => held.clock.meet(at),
                // The days in which a unit may say that it is not competent go on.
                "leg.asked" if phase != PhaseKind::NonAppropriateness => held.wait("asked", book, at),
                "leg.informed" => held.go_on(&["asked"], book, at, at),
                "leg.answered" if phase != PhaseKind::Works => held.clock.meet(at),
                // Works that are done answer a leg that waits for one.
                "leg.works_done" if phase == PhaseKind::Works || told.answers => held.clock.meet(at),
                "leg.recalled" => held.clock.cancel(at, "recalled"),
                "leg.refused" => match phase {
                    PhaseKind::NonAppropriateness => held.clock.refuse(at),
                    phase if begun(phase) => held.clock.meet(at),
                    _ => held.clock.cancel(at, "returned"),
                },
                _ => {}
            }
        });
    }

    /// A rule starts a term of a protocol, unless that very term is owed already.
    pub(super) fn started(&mut self, ticket: i64, told: &Told, at: Instant) {
        let Some(case) = self.cases.get(&ticket).cloned().flatten() else { return };
        let book = self.book;
        let Some(version) = told.protocol_version.and_then(|id| book.version(id)) else { return };
        let phase = told.phase.as_deref().and_then(PhaseKind::from_text);
        let rule = version.body.phases_of(Subject::Ticket).find(|rule| Some(rule.kind) == phase);
        let owed = |h: &Held| {
            h.clock.leg_id == 0 && h.clock.is_owed() && Some(h.clock.phase) == phase && h.clock.version_id == version.id
        };
        if let Some(rule) = rule
            && !self.clocks.get(&ticket).is_some_and(|held| held.iter().any(owed))
        {
            self.begin((&case, 0, case.unit_id), version, rule, Vec::new(), (at, at));
        }
    }

    /// An explicit act on one clock, or what a job told of it.
    pub(super) async fn act(
        &mut self,
        tx: &mut Tx,
        ticket: i64,
        kind: &str,
        told: &Told,
        at: Instant,
    ) -> Result<(), StoreError> {
        let Some(named) = &told.clock else { return Ok(()) };
        let book = self.book;
        let reason = told.reason.as_deref().unwrap_or_default();
        if kind == "clock.resumed" {
            self.end_pauses(ticket, Some(named), &["documents", "notice"], at, told.until.unwrap_or(at));
            return Ok(());
        }
        let mut told_move = None;
        self.each(ticket, |held| {
            let clock = &mut held.clock;
            if Named::of(clock) != *named {
                return;
            }
            match kind {
                "clock.moved" => told_move = Some(clock.id),
                "clock.warned" => clock.warned_at = Some(at),
                "clock.missed" => {
                    if let Some(due) = told.due.filter(|_| clock.is_live()) {
                        clock.due_at = Some(due);
                        clock.state = ClockState::Missed;
                        clock.missed_at = Some(due);
                        clock.left_over = None;
                    }
                    clock.told = true;
                }
                "clock.corrected" => clock.correct(told.state.unwrap_or(ClockState::Met), told.at.unwrap_or(at)),
                "clock.suspended" | "clock.extended" => {
                    clock.pass(at);
                    if !clock.is_live() {
                        return;
                    }
                    if kind == "clock.extended" {
                        clock.amount += told.amount.unwrap_or(0).max(0);
                    } else {
                        held.pauses.push(ClockPause {
                            id: 0,
                            clock_id: clock.id,
                            from_at: at,
                            until_at: told.until,
                            reason: reason.to_owned(),
                            interrupts: told.interrupts,
                        });
                    }
                    if let Some(calendar) = book.calendar(clock.calendar_id, at) {
                        clock.compute(&calendar, &held.pauses, at);
                    }
                }
                _ => {}
            }
        });
        if let Some(clock) = told_move {
            store::forget_move(tx, clock, (told.old, told.new)).await?;
        }
        Ok(())
    }

    pub(super) fn pause_waiting(&mut self, ticket: i64, at: Instant) {
        let book = self.book;
        self.each(ticket, |held| {
            if held.clock.waits {
                held.wait("citizen", book, at);
            } else {
                held.clock.pass(at);
            }
        });
    }

    /// Ends, or sets the end of, the pauses of these reasons that hold at `at`.
    pub(super) fn end_pauses(
        &mut self,
        ticket: i64,
        only: Option<&Named>,
        reasons: &[&str],
        at: Instant,
        until: Instant,
    ) {
        let book = self.book;
        self.each(ticket, |held| {
            if only.is_some_and(|named| *named != Named::of(&held.clock)) {
                return;
            }
            held.go_on(reasons, book, at, until);
        });
    }

    pub(super) fn revive(&mut self, ticket: i64, at: Instant) {
        let book = self.book;
        self.each(ticket, |held| {
            if held.clock.reason == "merged"
                && let Some(calendar) = book.calendar(held.clock.calendar_id, at)
            {
                held.clock.revive(&calendar, &held.pauses, at);
            }
        });
    }
}
