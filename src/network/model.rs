//! Types and rules of the network, without I/O.
use sqlx::FromRow;

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
        Answered = "answered",
        /// The unit is not competent.
        Returned = "returned",
        /// The front office took it back.
        Withdrawn = "withdrawn",
    }
}

read_stored!(LegKind, LegState);

impl LegKind {
    /// Whether the front office waits for its answer: such legs count for the front-office closure rate.
    pub const fn is_decisive(self) -> bool {
        matches!(self, Self::Competence | Self::Inquiry)
    }

    /// Whether the unit may reach the citizen, and so is told who it is: only who is competent.
    pub const fn shows_citizen(self) -> bool {
        matches!(self, Self::Competence)
    }

    /// Whether the unit sees the files of the request: whoever works on it does.
    pub const fn shows_files(self) -> bool {
        self.is_decisive()
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
}

impl Leg {
    /// Whether the front office waits for its answer now.
    pub fn is_awaited(&self) -> bool {
        self.state == LegState::Sent && self.kind.is_decisive()
    }
}

/// The code of a leg as people write it: `ABC-DEF-GHJ/1`.
pub fn leg_code(ticket_code: &str, number: i64) -> String {
    format!("{}/{number}", codes::grouped(ticket_code))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_competent_unit_learns_who_the_citizen_is() {
        assert_eq!(LegKind::ALL.iter().map(|k| k.shows_citizen()).collect::<Vec<_>>(), [true, false, false]);
        assert_eq!(LegKind::ALL.iter().map(|k| k.shows_files()).collect::<Vec<_>>(), [true, true, false]);
    }
}
