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
    /// Stored name of the reason, from the closed list of the source; may be empty.
    pub reason: &'static str,
    /// What was added in words; of citizens already without addresses and numbers. May be empty.
    pub comment: String,
    /// Row id of the agent; `None` from citizens.
    pub user: Option<i64>,
    /// Row id of the ticket that was being answered; `None` from citizens.
    pub ticket: Option<i64>,
    pub at: Instant,
}
