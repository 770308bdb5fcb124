//! The days and limits of legs that an administrator sets: how long a unit may refuse, when it must answer, when it is
//! reminded and who is told next, and for which categories a competent unit speaks with the citizen itself.
use std::collections::BTreeMap;

use serde_json::json;

use super::{LegError, store};
use crate::kernel::Kernel;
use crate::kernel::database::{Conn, StoreError};
use crate::kernel::events::{self, NewEvent};
use crate::kernel::names::stored_enum;
use crate::kernel::permissions::{Permission, Principal};

stored_enum! {
    /// A number that an administrator may change.
    Rule {
        /// Days in which a unit may say that a leg is not of its competence (004-22).
        RefuseDays = "refuse_days",
        /// 1 if these are working days.
        RefuseWorking = "refuse_working",
        /// Days in which a unit answers (004-23).
        AnswerDays = "answer_days",
        /// 1 if these are working days.
        AnswerWorking = "answer_working",
        /// Working days before the term at which operative referents are reminded.
        RemindBefore = "remind_before",
        /// Working days after the term at which the executive is told.
        ExecutiveAfter = "executive_after",
        /// Working days after the term at which the director is told.
        DirectorAfter = "director_after",
        /// Hours after which a ticket that nobody took is stuck.
        IdleNew = "idle_new",
        /// Hours after which a ticket in work that nobody touched is stuck.
        IdleOpen = "idle_open",
        /// Hours after which a ticket that waits for the citizen is stuck.
        IdleWaiting = "idle_waiting_citizen",
        /// Hours after which a ticket that waits for a unit is stuck.
        IdleReferred = "idle_referred",
        /// Hours after which a leg that nobody took in charge is stuck.
        IdleLeg = "idle_leg",
        /// Hours in which a unit answers a proposal to hand a ticket over.
        HandOver = "hand_over",
    }
}

/// What a number counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Measure {
    Days,
    Hours,
    /// 0 or 1.
    Choice,
}

impl Rule {
    /// What its number counts.
    pub const fn measure(self) -> Measure {
        match self {
            Self::RefuseDays | Self::AnswerDays | Self::RemindBefore | Self::ExecutiveAfter | Self::DirectorAfter => {
                Measure::Days
            }
            Self::RefuseWorking | Self::AnswerWorking => Measure::Choice,
            Self::IdleNew
            | Self::IdleOpen
            | Self::IdleWaiting
            | Self::IdleReferred
            | Self::IdleLeg
            | Self::HandOver => Measure::Hours,
        }
    }

    /// The value that the program brings: two working days to refuse, fifteen days to answer.
    pub const fn built_in(self) -> i64 {
        match self {
            Self::RefuseDays | Self::RemindBefore | Self::ExecutiveAfter => 2,
            Self::RefuseWorking => 1,
            Self::AnswerWorking => 0,
            Self::AnswerDays => 15,
            Self::DirectorAfter => 5,
            Self::IdleNew => 24,
            Self::IdleOpen => 72,
            Self::IdleWaiting => 24 * 30,
            Self::IdleReferred => 24 * 30,
            Self::IdleLeg => 72,
            Self::HandOver => 48,
        }
    }

    /// Smallest and largest value.
    pub const fn range(self) -> (i64, i64) {
        match self.measure() {
            Measure::Days => (if matches!(self, Self::RemindBefore) { 0 } else { 1 }, 180),
            Measure::Hours => (1, 24 * 365),
            Measure::Choice => (0, 1),
        }
    }
}

/// The rules as they are now.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Rules {
    changed: BTreeMap<Rule, i64>,
}

impl Rules {
    /// From what was changed; a value out of its range counts as not changed.
    pub fn of(changed: impl IntoIterator<Item = (Rule, i64)>) -> Self {
        let fits = |(rule, value): &(Rule, i64)| (rule.range().0..=rule.range().1).contains(value);
        Self { changed: changed.into_iter().filter(fits).collect() }
    }

    /// The value of a rule.
    pub fn get(&self, rule: Rule) -> i64 {
        self.changed.get(&rule).copied().unwrap_or_else(|| rule.built_in())
    }

    /// The value of a rule that counts days.
    pub fn days(&self, rule: Rule) -> i32 {
        i32::try_from(self.get(rule)).unwrap_or(i32::MAX)
    }
}

/// The rules as stored.
///
/// # Errors
/// When the database cannot be read.
pub async fn read(conn: &mut Conn) -> Result<Rules, StoreError> {
    let rows = store::rules(conn).await?;
    Ok(Rules::of(rows.into_iter().filter_map(|(name, value)| Some((Rule::from_text(&name)?, value)))))
}

/// Whether a competent unit speaks with citizens itself.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, sqlx::FromRow)]
pub struct DirectWords {
    /// It may answer them.
    pub answers: bool,
    /// It may ask them.
    pub asks: bool,
}

/// Changes rules, and what competent units may do for categories, named by slug. What was due already stays due when
/// it was; what is sent from now on follows the new numbers.
///
/// # Errors
/// [`LegError::Invalid`] with the rule that is out of its range; only administrators may.
pub async fn change(
    kernel: &Kernel,
    who: &Principal,
    numbers: Vec<(Rule, i64)>,
    words: Vec<(String, DirectWords)>,
) -> Result<(), LegError> {
    who.require(Permission::Administer)?;
    for (rule, value) in &numbers {
        if *value < rule.range().0 || *value > rule.range().1 {
            return Err(LegError::Invalid { field: rule.as_str(), wrong: "range" });
        }
    }
    let (now, who) = (kernel.now(), who.clone());
    kernel
        .db
        .write(move |tx| {
            Box::pin(async move {
                for (rule, value) in &numbers {
                    store::set_rule(tx, rule.as_str(), *value, who.user_id, now).await?;
                }
                for (category, words) in &words {
                    if !store::set_direct_words(tx, category, *words).await? {
                        return Err(LegError::Invalid { field: "category", wrong: "unknown" });
                    }
                }
                let data = json!({
                    "rules": numbers.iter().map(|(r, v)| json!({ "rule": r, "value": v })).collect::<Vec<_>>(),
                    "categories": words.len(),
                });
                let event = NewEvent { kind: "leg_rules.changed", ticket: None, actor: who.actor, data };
                events::append(tx, now, &[event]).await?;
                Ok(())
            })
        })
        .await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_program_brings_is_in_range_and_what_is_not_counts_as_unchanged() {
        for &rule in Rule::ALL {
            let (least, most) = rule.range();
            assert!((least..=most).contains(&rule.built_in()), "{rule:?}");
            assert_eq!(Rules::of([(rule, most + 1)]).get(rule), rule.built_in(), "{rule:?}");
            assert_eq!(Rules::of([(rule, most)]).get(rule), most, "{rule:?}");
        }
    }
}
