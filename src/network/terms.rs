//! By when a unit may refuse a leg, by when it answers, and when somebody is reminded. Terms end with a day; one that
//! would end on a day without work ends with the next working day.
use std::sync::Arc;

use jiff::ToSpan;

use super::rules::{Rule, Rules};
use crate::kernel::Kernel;
use crate::kernel::hours::Hours;
use crate::kernel::names::stored_enum;
use crate::kernel::time::Instant;

stored_enum! {
    /// Who is told that a leg waits, one after the other.
    Step {
        /// The operative referents, before the term.
        Before = "before",
        /// The operative referents, on the last day.
        Term = "term",
        /// The executive, after the term.
        Executive = "executive",
        /// The director, later.
        Director = "director",
    }
}

impl Step {
    /// The step after so many reminders; `None` when all were sent.
    pub fn after(reminders: i64) -> Option<Self> {
        usize::try_from(reminders).ok().and_then(|n| Self::ALL.get(n)).copied()
    }
}

/// The calendar of this installation, and its rules.
#[derive(Debug, Clone)]
pub struct Terms {
    hours: Arc<Hours>,
    rules: Rules,
}

impl Terms {
    /// By the hours of the desk.
    pub fn new(kernel: &Kernel, rules: Rules) -> Self {
        Self { hours: kernel.office.ordinary(), rules }
    }

    fn end(&self, from: Instant, days: Rule, working: Rule) -> Instant {
        let (day, days) = (self.hours.day_of(from), self.rules.days(days));
        let last = if self.rules.get(working) == 1 {
            self.hours.working_day(day, days)
        } else {
            self.hours.working_day(day.saturating_add(days.days()), 0)
        };
        self.hours.end_of(last)
    }

    /// Until when a unit may refuse a leg by itself (004-22).
    pub fn refuse_until(&self, sent: Instant) -> Instant {
        self.end(sent, Rule::RefuseDays, Rule::RefuseWorking)
    }

    /// When the answer to a leg is due (004-23).
    pub fn due(&self, sent: Instant) -> Instant {
        self.end(sent, Rule::AnswerDays, Rule::AnswerWorking)
    }

    /// A term moved by the time for which nobody could work on it; it ends with a working day again.
    pub fn moved(&self, due: Instant, asked: Instant, now: Instant) -> Instant {
        // A term ends at midnight: the instant before lies in its last day.
        let last = Instant(due.plus(now.since(asked)).0 - 1);
        self.hours.end_of(self.hours.working_day(self.hours.day_of(last), 0))
    }

    /// When the reminder after so many others is sent; `None` after the last.
    pub fn remind_at(&self, due: Instant, reminders: i64) -> Option<Instant> {
        let last = self.hours.day_of(Instant(due.0 - 1));
        let offset = match Step::after(reminders)? {
            Step::Before => -self.rules.days(Rule::RemindBefore),
            Step::Term => 0,
            Step::Executive => self.rules.days(Rule::ExecutiveAfter),
            Step::Director => self.rules.days(Rule::ExecutiveAfter) + self.rules.days(Rule::DirectorAfter),
        };
        Some(self.hours.morning_of(self.hours.working_day(last, offset)))
    }
}

#[cfg(test)]
mod tests {
    use jiff::tz::TimeZone;
    use proptest::prelude::*;

    use super::*;
    use crate::kernel::config::Phone;

    fn terms(rules: Rules) -> Terms {
        let zone = TimeZone::get("Europe/Rome").unwrap();
        Terms { hours: Arc::new(Hours::of(&Phone::default(), zone).unwrap()), rules }
    }

    fn rome(text: &str) -> Instant {
        text.parse::<jiff::civil::DateTime>().unwrap().in_tz("Europe/Rome").unwrap().timestamp().into()
    }

    #[test]
    fn a_unit_refuses_within_two_working_days_and_answers_within_fifteen_days() {
        let terms = terms(Rules::default());
        // Thursday before Easter: Friday is a working day, Monday is not.
        assert_eq!(terms.refuse_until(rome("2026-04-02T10:00")), rome("2026-04-08T00:00"));
        assert_eq!(terms.due(rome("2026-03-02T09:00")), rome("2026-03-18T00:00"));
        assert_eq!(
            terms.due(rome("2026-04-10T09:00")),
            rome("2026-04-28T00:00"),
            "the 25th is a holiday on a Saturday"
        );
    }

    #[test]
    fn reminders_come_in_the_morning_before_the_term_on_it_and_after_it() {
        let terms = terms(Rules::default());
        let due = rome("2026-03-18T00:00");
        let at: Vec<_> = (0..5).map(|n| terms.remind_at(due, n)).collect();
        let morning = |day: &str| Some(rome(&format!("{day}T08:00")));
        assert_eq!(
            at,
            [morning("2026-03-13"), morning("2026-03-17"), morning("2026-03-19"), morning("2026-03-26"), None]
        );
    }

    proptest! {
        #[test]
        fn a_term_never_moves_back_and_reminders_keep_their_order(sent in 0_i64..4_000_000_000_000_000, waited in 0_i64..8_000_000_000_000) {
            let terms = terms(Rules::default());
            let due = terms.due(Instant(sent));
            let moved = terms.moved(due, Instant(sent), Instant(sent + waited));
            prop_assert!(moved >= due && moved.0 - due.0 >= waited - 86_400_000_000);
            let at: Vec<_> = (0..4).filter_map(|n| terms.remind_at(moved, n)).collect();
            prop_assert!(at.windows(2).all(|pair| pair[0] <= pair[1]), "{at:?}");
        }
    }
}
