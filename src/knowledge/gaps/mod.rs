//! What the knowledge base lacks (D15): what became of each sheet, what is searched for in vain, and what to write next
//! so that more is closed at the front office.
//!
//! Use cases: [`rank::todos`], [`usage::usage`], [`from_ticket::draft`], [`proposed`]. [`Outcomes`] keeps what follows
//! from the feed, [`Observed`] what does not.
mod answers;
pub mod api;
mod clusters;
mod estimate;
pub mod from_ticket;
pub mod observed;
mod outcomes;
mod pages;
pub mod rank;
mod store;
pub mod usage;
pub mod words;

use jiff::ToSpan;
use jiff::civil::Date;

pub use observed::{Observed, Side, follow};
pub use outcomes::Outcomes;
pub(super) use pages::routes;
pub use store::ProposedRow;

use crate::kernel::Kernel;
use crate::kernel::database::{StoreError, Tx};
use crate::kernel::language::Language;
use crate::kernel::time::Instant;
use crate::knowledge::KnowledgeIndex;

/// A period: so many days up to today, 1 to 366.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Days(u16);

impl Days {
    /// What is looked at unless somebody asks otherwise.
    pub const USUAL: Self = Self(90);

    /// Reads a number of days; `None` when it is out of range.
    pub const fn new(days: u16) -> Option<Self> {
        if days >= 1 && days <= 366 { Some(Self(days)) } else { None }
    }

    /// How many.
    pub fn count(self) -> i64 {
        i64::from(self.0)
    }

    /// The first local day, `YYYY-MM-DD`.
    pub fn from(self, kernel: &Kernel) -> String {
        self.first(kernel).to_string()
    }

    /// The instant it begins at.
    pub fn since(self, kernel: &Kernel) -> Instant {
        let midnight = self.first(kernel).to_zoned(kernel.config.zone());
        midnight.map_or_else(|_| kernel.now(), |at| at.timestamp().into())
    }

    fn first(self, kernel: &Kernel) -> Date {
        let today = kernel.now().zoned(&kernel.config.zone()).date();
        today.saturating_sub((self.count() - 1).days())
    }
}

/// The sheets of a ticket's answers, then those that were read for it: what a closing probably names.
///
/// # Errors
/// When the database cannot be read.
pub async fn proposed(
    kernel: &Kernel,
    index: &KnowledgeIndex,
    ticket: i64,
    language: Language,
) -> Result<Vec<ProposedRow>, StoreError> {
    // What was opened a moment ago may not be written yet.
    observed::write(kernel, index, false).await?;
    seen(kernel, ticket, language).await
}

/// The same as far as it is written.
///
/// # Errors
/// When the database cannot be read.
pub async fn seen(kernel: &Kernel, ticket: i64, language: Language) -> Result<Vec<ProposedRow>, StoreError> {
    let mut conn = kernel.db.read().await?;
    store::proposed(&mut conn, ticket, language).await
}

/// Forgets what is derived from the feed; its reader then counts again from the beginning.
///
/// # Errors
/// When the database refuses.
pub async fn rebuild(tx: &mut Tx) -> Result<(), StoreError> {
    store::clear(tx).await
}
