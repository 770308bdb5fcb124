//! A lane: one way by which messages leave, with its own workers, so that a slow provider holds up no other.
use async_trait::async_trait;

use super::store::OutboxRow;

/// What became of one attempt to send.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Attempt {
    /// The provider took charge of it; its own words.
    Sent {
        note: String,
        /// The id under which the provider's reports will name it, if they do.
        provider_id: Option<String>,
    },
    /// It is finished, and people have yet to print and post it.
    Queued {
        note: String,
        provider_id: Option<String>,
        /// Its pages in the blob store, and how many.
        blob: String,
        sheets: i64,
        /// Whether it was handed to somebody who prints it.
        handed_over: bool,
    },
    /// It may go later.
    Later {
        words: String,
        /// Whether the provider spoke at all: a silent provider is tried more often, and never given up on.
        answered: bool,
    },
    /// It will never go as it is; the provider's words.
    Never { words: String },
}

impl Attempt {
    /// Name of the result, for metrics.
    pub const fn result(&self) -> &'static str {
        match self {
            Self::Sent { .. } => "sent",
            Self::Queued { .. } => "queued",
            Self::Later { .. } => "transient",
            Self::Never { .. } => "permanent",
        }
    }
}

/// Sends the rows of one lane.
#[async_trait]
pub trait Lane: Send + Sync + 'static {
    /// The name rows carry in `outbox.lane`.
    fn name(&self) -> &str;

    /// How many rows it sends at the same time.
    fn width(&self) -> usize {
        8
    }

    /// Sends one row to its one recipient.
    async fn send(&self, row: &OutboxRow) -> Attempt;

    /// Tries the provider without sending; `Ok` says what answered.
    ///
    /// # Errors
    /// One sentence for an operator on what is wrong.
    async fn check(&self) -> Result<String, String>;
}
