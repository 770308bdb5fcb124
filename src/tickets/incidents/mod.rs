//! One thing that many report: their tickets are gathered below one, which is worked in their place, and one
//! answer goes to all, to each by their own channel. Every ticket stays its citizen's own, with its code, its
//! conversation and its place in the figures; what was gathered is let go again.
//!
//! There is one level: what is gathered below a ticket gathers nothing itself. A ticket closed below another that
//! a back office worked on was not closed at the front office, so the legs above count for it too.
mod answer_all;
mod attach;
mod deliver;
mod detach;
mod open_below;
mod store;

pub use answer_all::{Next, SharedAnswer, answer_all};
pub use attach::{Gathering, attach};
pub use deliver::{deliver, follow};
pub use detach::detach;
pub use open_below::{Below, open_below};
pub use store::{
    AnswerRow, ChildRow, ParentRow, UnsentRow, answers, child_count, children, legs_above, parent, unsent,
};

/// Why tickets were not gathered, let go or answered together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum IncidentRefusal {
    #[error("the two are the same")]
    Same,
    #[error("there is none with that code")]
    Unknown,
    #[error("the ticket above is closed")]
    ParentOver,
    /// What is gathered gathers nothing itself.
    #[error("the ticket above is itself below another")]
    ParentIsChild,
    #[error("other tickets are below it")]
    HasChildren,
    #[error("it is below another ticket already")]
    Elsewhere,
    #[error("it is below no ticket")]
    NotBelow,
    #[error("no ticket is below it")]
    NothingBelow,
}

impl IncidentRefusal {
    /// The stable name, for programs and for the message catalogues.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Same => "incident_same",
            Self::Unknown => "incident_unknown",
            Self::ParentOver => "incident_closed",
            Self::ParentIsChild => "incident_is_below",
            Self::HasChildren => "incident_has_below",
            Self::Elsewhere => "incident_elsewhere",
            Self::NotBelow => "incident_not_below",
            Self::NothingBelow => "incident_nothing_below",
        }
    }

    /// Whether what was asked makes no sense, rather than coming at the wrong moment.
    pub const fn is_invalid(self) -> bool {
        matches!(self, Self::Same | Self::Unknown)
    }
}
