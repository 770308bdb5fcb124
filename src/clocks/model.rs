//! A clock: one term on a ticket or a leg, and what may happen to it. No I/O.
use sqlx::FromRow;

use super::arithmetic::{Pause, Term, spent};
use super::calendar::Calendar;
use super::protocol::{PhaseKind, PhaseRule, Roll, TermUnit};
use crate::kernel::names::stored_enum;
use crate::kernel::time::Instant;

stored_enum! {
    /// How a clock stands.
    ClockState {
        Running = "running",
        Suspended = "suspended",
        Met = "met",
        /// Over before what it asks for was done; it stays so, unless somebody corrects it with a reason.
        Missed = "missed",
        Cancelled = "cancelled",
    }
}

/// A stored name that this program does not know.
#[derive(Debug, Clone, thiserror::Error)]
#[error("unknown stored name {0:?}")]
pub struct UnknownName(String);

macro_rules! read_stored {
    ($($name:ident),+) => {$(
        impl TryFrom<String> for $name {
            type Error = UnknownName;
            fn try_from(text: String) -> Result<Self, UnknownName> {
                Self::from_text(&text).ok_or(UnknownName(text))
            }
        }
    )+};
}
read_stored!(ClockState, PhaseKind, TermUnit, Roll);

/// A clock as stored. Instants are in UTC; `left` is in days or, for hours and minutes, in microseconds.
#[derive(Debug, Clone, PartialEq, Eq, FromRow)]
pub struct Clock {
    /// 0 before it is stored.
    pub id: i64,
    pub ticket_id: i64,
    /// 0: of the ticket itself.
    pub leg_id: i64,
    #[sqlx(try_from = "String")]
    pub phase: PhaseKind,
    /// 1, 2, 3 … of the same phase: reopening and another classification begin anew.
    pub round: i64,
    /// The version of the protocol it began with.
    pub version_id: i64,
    pub calendar_id: i64,
    /// Of the ticket when it began; 0 without one.
    pub category_id: i64,
    /// The owner when it began, or the leg's unit.
    pub unit_id: i64,
    pub started_at: Instant,
    pub amount: i64,
    #[sqlx(try_from = "String")]
    pub unit: TermUnit,
    #[sqlx(try_from = "String")]
    pub roll: Roll,
    pub warn_percent: i64,
    pub waits: bool,
    pub tells: bool,
    #[sqlx(try_from = "String")]
    pub state: ClockState,
    /// `None` while it is suspended for nobody knows how long.
    pub due_at: Option<Instant>,
    /// What is left while it is suspended.
    pub left_over: Option<i64>,
    pub warn_at: Option<Instant>,
    pub warned_at: Option<Instant>,
    /// When what it asks for was done or given up; `None` while it is owed, also after it was missed.
    pub ended_at: Option<Instant>,
    /// The due instant at which it was missed.
    pub missed_at: Option<Instant>,
    /// Whether the feed has told that it was missed.
    pub told: bool,
    /// Why it ended, where that is not plain: `silence`, `merged`, `mistaken`, `not_competent`, `withdrawn`,
    /// `duplicate`, `returned`, `recalled`, `reclassified`, `closed`, `corrected`.
    pub reason: String,
    /// Local day on which it is counted in figures: the one it ended or was missed on.
    pub day: Option<String>,
}

/// A pause with what it is for.
#[derive(Debug, Clone, PartialEq, Eq, FromRow)]
pub struct ClockPause {
    /// 0 before it is stored.
    pub id: i64,
    pub clock_id: i64,
    pub from_at: Instant,
    pub until_at: Option<Instant>,
    /// `citizen`, `asked` (a unit asked something), `documents`, `notice`, `merged` or `closed`.
    pub reason: String,
    /// The whole term begins again after it.
    pub interrupts: bool,
}

impl Clock {
    /// A clock that begins.
    pub fn begin(rule: &PhaseRule, of: Beginning) -> Self {
        Self {
            id: 0,
            ticket_id: of.ticket,
            leg_id: of.leg,
            phase: rule.kind,
            round: of.round,
            version_id: of.version,
            calendar_id: of.calendar,
            category_id: of.category,
            unit_id: of.unit,
            started_at: of.at,
            amount: rule.amount,
            unit: rule.unit,
            roll: rule.roll,
            warn_percent: rule.warn_percent,
            waits: rule.waits,
            tells: rule.tells,
            state: ClockState::Running,
            due_at: None,
            left_over: None,
            warn_at: None,
            warned_at: None,
            ended_at: None,
            missed_at: None,
            told: false,
            reason: String::new(),
            day: None,
        }
    }

    /// Its term.
    pub const fn term(&self) -> Term {
        Term { amount: self.amount, unit: self.unit, roll: self.roll }
    }

    /// Whether it counts, or waits to count again.
    pub const fn is_live(&self) -> bool {
        matches!(self.state, ClockState::Running | ClockState::Suspended)
    }

    /// Whether what it asks for is still to be done.
    pub const fn is_owed(&self) -> bool {
        self.ended_at.is_none()
    }

    /// From when on it counts, and which pauses count: all before an interruption is forgotten.
    fn counted(&self, pauses: &[ClockPause]) -> (Instant, Vec<Pause>) {
        let restart = pauses.iter().filter(|p| p.interrupts).filter_map(|p| p.until_at).max();
        let start = restart.map_or(self.started_at, |at| at.max(self.started_at));
        let counted = pauses
            .iter()
            .filter(|p| p.until_at.is_none_or(|until| until > start))
            .map(|p| Pause { from: p.from_at, until: p.until_at })
            .collect();
        (start, counted)
    }

    /// Computes due and warning instants and whether it is suspended, as of `at`. A clock that is over stays as it is.
    pub fn compute(&mut self, calendar: &Calendar, pauses: &[ClockPause], at: Instant) {
        if !self.is_live() {
            return;
        }
        let (start, counted) = self.counted(pauses);
        let term = self.term();
        self.due_at = term.due(calendar, start, &counted);
        self.warn_at = match self.warn_percent {
            1..=99 => {
                let warn = term.part(calendar, start, self.warn_percent, &counted);
                warn.filter(|warn| self.due_at.is_none_or(|due| *warn < due))
            }
            _ => None,
        };
        // An interruption holds too, though the term that begins after it knows nothing of it.
        let holds = |p: &&ClockPause| p.from_at <= at && p.until_at.is_none_or(|until| at < until);
        let since = pauses.iter().filter(holds).map(|p| p.from_at).min();
        self.state = if since.is_some() { ClockState::Suspended } else { ClockState::Running };
        self.left_over = since.map(|since| {
            let done = spent(calendar, self.unit, start, since, &counted);
            (term.whole() - done).clamp(0, term.whole())
        });
    }

    /// Lets time pass: what was due before `at` and is not done is missed at its due instant. Silence about competence
    /// is an answer: that term is then met.
    pub fn pass(&mut self, at: Instant) {
        let Some(due) = self.due_at.filter(|due| self.is_live() && *due < at) else { return };
        if self.phase == PhaseKind::NonAppropriateness {
            self.state = ClockState::Met;
            self.ended_at = Some(due);
            "silence".clone_into(&mut self.reason);
        } else {
            self.miss(due);
        }
    }

    /// Missed at its due instant.
    fn miss(&mut self, due: Instant) {
        self.state = ClockState::Missed;
        self.missed_at = Some(due);
        self.left_over = None;
    }

    /// What it asks for was done at an instant.
    pub fn meet(&mut self, at: Instant) {
        self.pass(at);
        if !self.is_owed() {
            return;
        }
        if self.state != ClockState::Missed {
            self.state = ClockState::Met;
        }
        self.left_over = None;
        self.ended_at = Some(at);
    }

    /// The unit said at an instant that it is not competent: in time, or after its silence had said the contrary.
    pub fn refuse(&mut self, at: Instant) {
        let due = self.due_at;
        self.meet(at);
        if let Some(due) = due.filter(|due| *due < at && self.reason == "silence") {
            self.miss(due);
            self.ended_at = Some(at);
            self.reason.clear();
        }
    }

    /// Nobody waits for it any more; what was missed before stays missed.
    pub fn cancel(&mut self, at: Instant, why: &str) {
        self.pass(at);
        if !self.is_owed() {
            return;
        }
        if self.state != ClockState::Missed {
            self.state = ClockState::Cancelled;
        }
        self.left_over = None;
        self.ended_at = Some(at);
        why.clone_into(&mut self.reason);
    }

    /// Takes a cancellation back: it counts again as if it had always counted.
    pub fn revive(&mut self, calendar: &Calendar, pauses: &[ClockPause], at: Instant) {
        self.ended_at = None;
        self.reason.clear();
        if self.state == ClockState::Cancelled {
            self.state = ClockState::Running;
            self.compute(calendar, pauses, at);
            self.pass(at);
        }
    }

    /// The explicit correction, the only way by which a missed clock is none any more.
    pub fn correct(&mut self, to: ClockState, at: Instant) {
        self.state = to;
        self.missed_at = None;
        self.left_over = None;
        self.ended_at = Some(at);
        "corrected".clone_into(&mut self.reason);
    }

    /// When something is to be done about it without anybody acting: a warning, a miss, the end of a pause, or the
    /// news of a miss.
    pub fn acts_at(&self, pauses: &[ClockPause]) -> Option<Instant> {
        match self.state {
            ClockState::Running | ClockState::Suspended => {
                let warn = self.warn_at.filter(|_| self.warned_at.is_none());
                let ends = pauses.iter().filter_map(|p| p.until_at).max();
                let ends = ends.filter(|_| self.state == ClockState::Suspended);
                [warn, self.due_at, ends].into_iter().flatten().min()
            }
            ClockState::Missed => self.missed_at.filter(|_| !self.told),
            ClockState::Met | ClockState::Cancelled => None,
        }
    }
}

/// On what a clock begins.
#[derive(Debug, Clone, Copy)]
pub struct Beginning {
    pub ticket: i64,
    /// 0 for the ticket itself.
    pub leg: i64,
    pub round: i64,
    pub version: i64,
    pub calendar: i64,
    /// 0 without one.
    pub category: i64,
    pub unit: i64,
    pub at: Instant,
}
