//! An operating protocol: the times agreed between who asks and who answers (004-15, D7). Each version holds from a
//! day; a ticket keeps the one it began with.
use serde::{Deserialize, Serialize};

use super::arithmetic::Term;
use crate::kernel::names::stored_enum;

stored_enum! {
    /// What a term is counted in.
    TermUnit {
        CalendarDays = "calendar_days",
        /// Days on which the office of the calendar works.
        WorkingDays = "working_days",
        /// Hours in which the office of the calendar works.
        WorkingHours = "working_hours",
        WorkingMinutes = "working_minutes",
    }
}

impl TermUnit {
    /// Whether it counts whole days.
    pub const fn is_days(self) -> bool {
        matches!(self, Self::CalendarDays | Self::WorkingDays)
    }
}

stored_enum! {
    /// What the last day of a term does.
    Roll {
        /// It stays where it falls.
        Stays = "stays",
        /// From a Sunday or holiday it moves to the next day that is none (art. 2963 c.c.).
        Festive = "festive",
        /// From any day on which the office is closed it moves to the next on which it works.
        Closed = "closed",
    }
}

stored_enum! {
    /// On what a term runs.
    Subject {
        Ticket = "ticket",
        /// A referral for competence or inquiry; one for knowledge has no terms (D4).
        Leg = "leg",
    }
}

stored_enum! {
    /// What must have happened by the end of a term.
    PhaseKind {
        /// The requester was told that the request arrived; of a leg: the unit has seen it (004-21).
        Receipt = "receipt",
        /// Somebody works on it.
        TakeCharge = "take_charge",
        /// The requester had a first answer by a person.
        FirstResponse = "first_response",
        /// Whoever is not competent has said so (004-22); silence means competence.
        NonAppropriateness = "non_appropriateness",
        /// The answer was sent (004-23).
        Answer = "answer",
        /// The procedure ended (L. 241/1990 art. 2): as an answer, with the acts of the law.
        Conclusion = "conclusion",
        /// It was told that works were carried out (004-24).
        Works = "works",
    }
}

impl PhaseKind {
    /// Whether it is what the citizen waits for: the expected day shown to them.
    pub const fn is_final(self) -> bool {
        matches!(self, Self::Answer | Self::Conclusion)
    }

    /// Whether reopening starts it again.
    pub const fn starts_again(self) -> bool {
        matches!(self, Self::Answer | Self::Conclusion | Self::Works)
    }
}

stored_enum! {
    /// What the notice before a refusal does to the term (L. 241/1990 art. 10-bis).
    NoticeEffect {
        /// What was left goes on afterwards: the law since D.L. 76/2020.
        Suspends = "suspends",
        /// The whole term begins again: the law before.
        Interrupts = "interrupts",
    }
}

/// A term of a protocol.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct PhaseRule {
    pub subject: Subject,
    pub kind: PhaseKind,
    pub amount: i64,
    pub unit: TermUnit,
    pub roll: Roll,
    /// Hundredths of the term after which somebody is warned; 0 for never.
    pub warn_percent: i64,
    /// Whether waiting for the citizen suspends it.
    pub waits: bool,
    /// Whether the owner unit is told of warnings and misses by mail.
    pub tells: bool,
}

impl PhaseRule {
    /// The term alone.
    pub const fn term(&self) -> Term {
        Term { amount: self.amount, unit: self.unit, roll: self.roll }
    }
}

/// A version of a protocol, as it is written and stored.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct ProtocolBody {
    pub name: String,
    /// Whether new tickets begin with it.
    pub enabled: bool,
    /// The rule of law or the agreement it comes from, as people cite it; may be empty.
    pub source: String,
    /// Row id of its calendar.
    pub calendar: i64,
    /// Row ids of categories, each with those below it; empty for all.
    pub categories: Vec<i64>,
    /// Row ids of units: the owner of the ticket, or the unit of the leg; empty for all.
    pub units: Vec<i64>,
    pub phases: Vec<PhaseRule>,
    /// Days for which missing documents may suspend a term, at most (L. 241/1990 art. 2 c. 7); 0 for never.
    pub documents_days: i64,
    /// Whether they may do so once only.
    pub documents_once: bool,
    /// Days that the citizen has for observations (art. 10-bis); 0 when there is no such notice.
    pub notice_days: i64,
    pub notice_effect: NoticeEffect,
    /// What silence means once the term is over, as people say it; may be empty.
    pub silence: String,
}

impl ProtocolBody {
    /// The terms of a subject.
    pub fn phases_of(&self, subject: Subject) -> impl Iterator<Item = &PhaseRule> {
        self.phases.iter().filter(move |p| p.subject == subject)
    }

    /// How well it fits, the greater the better; `None` when it is not for this. `line` is a category with those above
    /// it, itself first.
    pub fn fits(&self, line: &[i64], unit: i64) -> Option<usize> {
        let by_category = if self.categories.is_empty() {
            0
        } else {
            // The nearer, the better: no classification is a hundred levels deep.
            100 - line.iter().position(|id| self.categories.contains(id))?.min(99)
        };
        if !self.units.is_empty() && !self.units.contains(&unit) {
            return None;
        }
        Some(by_category * 2 + usize::from(!self.units.is_empty()))
    }
}
