//! The feed reader that keeps the clocks.
use async_trait::async_trait;
use jiff::tz::TimeZone;

use super::apply::Desk;
use crate::clocks::Book;
use crate::kernel::database::{StoreError, Tx};
use crate::kernel::events::{Event, Reader};

/// Keeps clocks, their pauses, and the nearest term of each ticket.
#[derive(Debug)]
pub struct Follower {
    zone: TimeZone,
}

impl Follower {
    /// Calendars are those of `zone`.
    pub const fn new(zone: TimeZone) -> Self {
        Self { zone }
    }
}

/// Whether an event may mean something for a clock.
fn matters(kind: &str) -> bool {
    ["ticket.", "leg.", "contact.", "visit.", "clock.", "calendar."].iter().any(|start| kind.starts_with(start))
}

#[async_trait]
impl Reader for Follower {
    fn name(&self) -> &'static str {
        "clocks"
    }

    async fn apply(&self, tx: &mut Tx, events: &[Event]) -> Result<(), StoreError> {
        if !events.iter().any(|e| matters(&e.kind)) {
            return Ok(());
        }
        let book = Book::read(tx, &self.zone).await?;
        if book.is_empty() {
            return Ok(());
        }
        let mut desk = Desk::new(&book);
        for event in events.iter().filter(|e| matters(&e.kind)) {
            desk.event(tx, event).await?;
        }
        desk.save(tx).await
    }
}
