//! Who says what of a sheet. No I/O.
use crate::kernel::language::Language;
use crate::kernel::names::stored_enum;
use crate::kernel::time::Instant;

stored_enum! {
    /// Whose feedback it is.
    Source {
        /// Somebody who read the public page; never named.
        Citizen = "citizen",
        /// An agent who answered with the sheet, or could not.
        Agent = "agent",
    }
}

stored_enum! {
    /// What a citizen names as the reason of a rating; the answers of the national feedback component, in its order.
    Reason {
        Clear = "clear",
        Complete = "complete",
        /// One always knew to be on the right way.
        Guided = "guided",
        Smooth = "smooth",
        Unclear = "unclear",
        Incomplete = "incomplete",
        /// One did not know whether one was on the right way.
        Lost = "lost",
        Technical = "technical",
        Other = "other",
    }
}

/// Most stars of a rating.
pub const STARS: i64 = 5;
/// The most stars that count as a bad rating; above, it is a good one.
pub const LOW: i64 = 3;
/// Characters that a citizen may add.
pub const COMMENT: usize = 200;

impl Reason {
    /// The reasons that go with so many stars.
    pub const fn of(rate: i64) -> &'static [Self] {
        if rate > LOW {
            &[Self::Clear, Self::Complete, Self::Guided, Self::Smooth, Self::Other]
        } else {
            &[Self::Unclear, Self::Incomplete, Self::Lost, Self::Technical, Self::Other]
        }
    }
}

/// Feedback about to be kept.
#[derive(Debug, Clone)]
pub struct NewFeedback {
    /// Row id of the sheet.
    pub sheet: i64,
    /// The version that was read.
    pub version: i64,
    /// The language that was read.
    pub language: Language,
    pub source: Source,
    /// Stars, 1 to 5; `None` from agents.
    pub rate: Option<i64>,
    /// Stored name of the reason, from the closed list of the source; may be empty. The catalogues name it as
    /// `rating-reason-<name>`.
    pub reason: &'static str,
    /// What was added in words; of citizens already without addresses and numbers. May be empty.
    pub comment: String,
    /// Row id of the agent; `None` from citizens.
    pub user: Option<i64>,
    /// Row id of the ticket that was being answered; `None` from citizens.
    pub ticket: Option<i64>,
    pub at: Instant,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn three_stars_ask_for_difficulties_and_four_for_what_was_liked() {
        assert!(Reason::of(LOW).contains(&Reason::Unclear) && !Reason::of(LOW).contains(&Reason::Clear));
        assert!(Reason::of(LOW + 1).contains(&Reason::Clear) && !Reason::of(LOW + 1).contains(&Reason::Unclear));
        assert!((1..=STARS).all(|rate| Reason::of(rate).len() == 5 && Reason::of(rate).ends_with(&[Reason::Other])));
    }
}
