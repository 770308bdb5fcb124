//! How a sheet changes (000-09): a draft is written, submitted, and published by the unit that answers for it,
//! at once or on a day, or sent back with a reason. Each publication is a version that is kept for ever.
//!
//! Use cases: [`draft::save`], [`draft::discard`], [`draft::restore`], [`decide::submit`], [`decide::approve`],
//! [`decide::send_back`], [`due::run`]; [`publish::put`] is the one place where a version comes into force.
pub mod decide;
pub mod draft;
pub mod due;
pub mod publish;
pub mod reminders;
pub mod rules;
pub mod store;

use crate::kernel::names::stored_enum;
use crate::kernel::time::Instant;
use crate::knowledge::model::SheetDraft;

stored_enum! {
    /// Where the next version of a sheet stands.
    DraftState {
        /// Being written.
        Draft = "draft",
        /// Waits for the unit that answers for it.
        Submitted = "submitted",
        /// Sent back with a reason.
        Returned = "returned",
        /// Validated; comes into force on its day.
        Scheduled = "scheduled",
    }
}

stored_enum! {
    /// What happened to a sheet.
    StepKind {
        Drafted = "drafted",
        Submitted = "submitted",
        Returned = "returned",
        Scheduled = "scheduled",
        Discarded = "discarded",
        Published = "published",
        Retired = "retired",
        Reminded = "reminded",
        /// An agent called it wrong or out of date.
        Reported = "reported",
        /// Reports were looked at, and it holds.
        Settled = "settled",
    }
}

/// The next version of a sheet, while it is worked on.
#[derive(Debug, Clone)]
pub struct Draft {
    pub sheet: i64,
    /// Counts up at each change of the draft.
    pub revision: i64,
    pub state: DraftState,
    pub content: SheetDraft,
    /// Who last wrote it, as events name them.
    pub author: String,
    /// What it changes and why.
    pub why: String,
    /// The version it was begun on; 0 for a sheet that never was published.
    pub based_on: i64,
    pub updated_at: Instant,
    /// Why it was sent back; empty otherwise.
    pub reason: String,
    /// When it comes into force, if that was settled.
    pub publish_at: Option<Instant>,
}

/// A version that was published.
#[derive(Debug, Clone)]
pub struct Version {
    pub version: i64,
    pub content: SheetDraft,
    /// Who wrote it and who published it, as events name them.
    pub author: String,
    pub validator: String,
    pub at: Instant,
    pub why: String,
}

/// A line of a sheet's history.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct Step {
    pub at: Instant,
    pub actor: String,
    #[sqlx(try_from = "String")]
    pub step: StepKind,
    /// The version it led to, if it did.
    pub version: Option<i64>,
    pub note: String,
}

impl TryFrom<String> for StepKind {
    type Error = UnknownStep;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        Self::from_text(&text).ok_or(UnknownStep(text))
    }
}

/// A stored step that this program does not know.
#[derive(Debug, thiserror::Error)]
#[error("unknown step {0:?}")]
pub struct UnknownStep(String);
