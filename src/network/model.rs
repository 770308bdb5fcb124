//! Types and rules of the network, without I/O.
use sqlx::FromRow;

use super::purposes::{self, Act, Grant};
use crate::kernel::codes;
use crate::kernel::names::{read_stored, stored_enum};
use crate::kernel::time::Instant;

stored_enum! {
    /// Why a ticket is referred (004-14).
    LegKind {
        /// The unit is competent and deals with it.
        Competence = "competence",
        /// The unit supplies what the front office needs to answer.
        Inquiry = "inquiry",
        /// The unit is only informed.
        Knowledge = "knowledge",
    }
}

stored_enum! {
    /// Where a leg stands.
    LegState {
        Sent = "sent",
        /// Its unit took it in charge.
        Accepted = "accepted",
        /// Its unit waits for something it asked; meanwhile its time stands still.
        Asked = "asked",
        Answered = "answered",
        /// The unit is not competent.
        Returned = "returned",
        /// The front office took it back.
        Withdrawn = "withdrawn",
    }
}

stored_enum! {
    /// Of whom a unit asked more.
    Asked {
        /// The front office.
        Office = "office",
        /// The citizen; the front office approves it, unless the category lets the unit ask by itself.
        Citizen = "citizen",
    }
}

/// Something that is done with a leg.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LegAct {
    /// The unit takes it in charge (000-33).
    Accept,
    /// The unit is not competent (004-22).
    Refuse,
    /// The unit needs to know more before it can go on.
    Ask,
    /// The unit is told what it asked.
    Inform,
    /// The unit answers, or adds to its answer.
    Answer,
    /// The unit says when works will be done.
    PlanWorks,
    /// The unit says that works are done (004-24).
    FinishWorks,
    /// The unit gives it to one of its referents.
    Reassign,
    /// The front office takes it back.
    Recall,
}

read_stored!(LegKind, LegState);

impl LegAct {
    /// Every act.
    pub const ALL: &'static [Self] = &[
        Self::Accept,
        Self::Refuse,
        Self::Ask,
        Self::Inform,
        Self::Answer,
        Self::PlanWorks,
        Self::FinishWorks,
        Self::Reassign,
        Self::Recall,
    ];
}

impl LegState {
    /// Whether something is still to come from its unit.
    pub const fn is_open(self) -> bool {
        matches!(self, Self::Sent | Self::Accepted | Self::Asked)
    }

    /// Where a leg stands after an act; `None` when the act is not possible. A leg that was informed is where it
    /// was before its unit asked, which `accepted` tells.
    pub const fn after(self, act: LegAct, accepted: Acceptance) -> Option<Self> {
        use LegAct as A;
        use LegState as S;
        match (self, act) {
            (S::Sent, A::Accept) => Some(S::Accepted),
            (S::Sent | S::Accepted | S::Asked, A::Refuse) => Some(S::Returned),
            (S::Sent | S::Accepted | S::Asked, A::Ask) => Some(S::Asked),
            (S::Asked, A::Inform) => Some(match accepted {
                Acceptance::Taken => S::Accepted,
                Acceptance::NotYet => S::Sent,
            }),
            // Who announces works has taken charge.
            (S::Sent | S::Accepted, A::PlanWorks) => Some(S::Accepted),
            (S::Asked | S::Answered, A::PlanWorks) => Some(self),
            (S::Sent | S::Accepted | S::Asked | S::Answered, A::Answer | A::FinishWorks) => Some(S::Answered),
            (S::Sent | S::Accepted | S::Asked, A::Reassign) => Some(self),
            (S::Sent | S::Accepted | S::Asked, A::Recall) => Some(S::Withdrawn),
            (S::Sent | S::Accepted | S::Asked | S::Answered | S::Returned | S::Withdrawn, _) => None,
        }
    }
}

/// Whether a unit took a leg in charge.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Acceptance {
    NotYet,
    Taken,
}

impl LegKind {
    /// Whether the front office waits for its answer: such legs count for the front-office closure rate.
    pub const fn is_decisive(self) -> bool {
        matches!(self, Self::Competence | Self::Inquiry)
    }

    /// Whether the unit may reach the citizen, and so is told who it is: only who is competent.
    pub fn shows_citizen(self) -> bool {
        purposes::may(self.into(), Act::SeeCitizen) != Grant::No
    }

    /// Whether the unit sees the files of the request: whoever works on it does.
    pub fn shows_files(self) -> bool {
        purposes::may(self.into(), Act::SeeFiles) != Grant::No
    }
}

/// A leg as stored.
#[derive(Debug, Clone, PartialEq, Eq, FromRow)]
pub struct Leg {
    pub id: i64,
    pub ticket_id: i64,
    pub number: i64,
    pub unit_id: i64,
    #[sqlx(try_from = "String")]
    pub kind: LegKind,
    /// Sent to another agency.
    pub external: bool,
    pub question: String,
    #[sqlx(try_from = "String")]
    pub state: LegState,
    pub version: i64,
    pub sent_by: Option<i64>,
    pub sent_at: Instant,
    pub answered_at: Option<Instant>,
    pub answer: String,
    /// Why the unit is not competent.
    pub reason: String,
    /// The other body's own code for it.
    pub external_code: String,
    /// When its unit first opened its page.
    pub seen_at: Option<Instant>,
    /// When its unit took it in charge, and the name of whoever did; empty when only a link is known.
    pub accepted_at: Option<Instant>,
    pub accepted_by: String,
    /// The referent it was given to within its unit, by row id.
    pub referent_id: Option<i64>,
    /// Since when its unit waits for something it asked.
    pub asked_at: Option<Instant>,
    /// Of whom it asked, as stored; empty when it waits for nothing.
    pub asks: String,
    /// The contact that asks.
    pub asking_id: Option<i64>,
    /// The day works are announced for.
    pub works_planned_at: Option<Instant>,
    pub works_done_at: Option<Instant>,
    /// The unit that a refusal suggests.
    pub suggested_unit_id: Option<i64>,
    /// The refused leg that this one follows.
    pub follows_id: Option<i64>,
    /// Whether the unit reads what the citizen writes after its answer, too.
    pub keeps_informed: bool,
    /// Until when its unit may refuse it by itself.
    pub refuse_until: Option<Instant>,
    /// When its answer is due; moves by the time for which it waited.
    pub due_at: Option<Instant>,
    /// How many reminders were sent.
    pub reminders: i64,
    /// When the next reminder is; `None` while nobody is to be reminded.
    pub remind_at: Option<Instant>,
}

impl Leg {
    /// Whether the front office waits for its answer now.
    pub fn is_awaited(&self) -> bool {
        self.state.is_open() && self.kind.is_decisive()
    }

    /// Where it stands after an act; `None` when the act is not possible now.
    pub fn after(&self, act: LegAct) -> Option<LegState> {
        let accepted = if self.accepted_at.is_some() { Acceptance::Taken } else { Acceptance::NotYet };
        self.state.after(act, accepted)
    }

    /// Of whom its unit asked something it waits for.
    pub fn asked_of(&self) -> Option<Asked> {
        Asked::from_text(&self.asks)
    }

    /// Whether its unit may still refuse it by itself (004-22).
    pub fn may_refuse(&self, now: Instant) -> bool {
        purposes::may(self.kind.into(), Act::Refuse) != Grant::No
            && self.after(LegAct::Refuse).is_some()
            && self.refuse_until.is_none_or(|until| now < until)
    }
}

/// The code of a leg as people write it: `ABC-DEF-GHJ/1`.
pub fn leg_code(ticket_code: &str, number: i64) -> String {
    format!("{}/{number}", codes::grouped(ticket_code))
}

#[cfg(test)]
mod tests {
    use super::*;

    use proptest::prelude::*;

    #[test]
    fn only_the_competent_unit_learns_who_the_citizen_is() {
        assert_eq!(LegKind::ALL.iter().map(|k| k.shows_citizen()).collect::<Vec<_>>(), [true, false, false]);
        assert_eq!(LegKind::ALL.iter().map(|k| k.shows_files()).collect::<Vec<_>>(), [true, true, false]);
    }

    proptest! {
        #[test]
        fn no_history_leads_out_of_an_end_nor_loses_a_leg(acts in prop::collection::vec(prop::sample::select(LegAct::ALL), 0..40)) {
            let (mut state, mut accepted) = (LegState::Sent, Acceptance::NotYet);
            for act in acts {
                let Some(next) = state.after(act, accepted) else { continue };
                prop_assert!(!matches!(state, LegState::Returned | LegState::Withdrawn), "{state:?} is an end, {act:?}");
                prop_assert!(state.is_open() || next == LegState::Answered, "an answered leg stays answered: {act:?}");
                if state != next && !next.is_open() {
                    let ends = matches!(act, LegAct::Refuse | LegAct::Answer | LegAct::FinishWorks | LegAct::Recall);
                    prop_assert!(ends, "{act:?} ends a leg");
                }
                prop_assert_eq!(next == LegState::Asked, act == LegAct::Ask
                    || (state == LegState::Asked && matches!(act, LegAct::PlanWorks | LegAct::Reassign)));
                if matches!(next, LegState::Accepted) {
                    accepted = Acceptance::Taken;
                }
                state = next;
            }
            if state.is_open() {
                // Whoever has it can always end it, and the front office can always have it back.
                for act in [LegAct::Answer, LegAct::Refuse, LegAct::Recall] {
                    prop_assert!(state.after(act, accepted).is_some_and(|s| !s.is_open()));
                }
            }
        }
    }
}
