//! What events say of how tickets ended: the one reading of it, for the closure rate and for what became of sheets.
use serde::Deserialize;

use super::model::{Facets, State};
use crate::kernel::events::Event;
use crate::kernel::time::Instant;

/// What an event means for the ending of a ticket.
#[derive(Debug)]
pub enum Ending {
    /// It is closed, since this instant.
    Closed(Instant, Closing),
    /// It was reopened, goes on in another ticket, or was opened by mistake.
    Left,
}

/// How a ticket was closed, as its event keeps it.
#[derive(Debug, Deserialize)]
pub struct Closing {
    /// Stored name of the outcome.
    #[serde(default)]
    pub outcome: String,
    pub channel: String,
    /// Row id; `None` without one.
    pub category: Option<i64>,
    /// Row id of the sheet it was closed with.
    pub sheet: Option<i64>,
    /// Without a competence or inquiry leg.
    pub strict: bool,
    /// Without a leg to another agency.
    pub wide: bool,
    pub to: Facets,
}

/// A ticket that was parted from another, with how it had been closed before they were merged.
#[derive(Deserialize)]
struct Parted {
    closure: Option<Before>,
}

#[derive(Deserialize)]
struct Before {
    at: Instant,
    data: Closing,
}

#[derive(Deserialize)]
struct Moved {
    from: Option<Facets>,
    to: Facets,
}

/// Reads what an event says of the ending of its ticket; `None` for nothing.
pub fn ending(event: &Event) -> Option<(i64, Ending)> {
    let ticket = event.ticket?;
    let ending = match event.kind.as_str() {
        "ticket.closed" => Ending::Closed(event.at, event.payload()?),
        "ticket.merged" | "visit.undone" => Ending::Left,
        "ticket.unmerged" => match event.payload::<Parted>()?.closure {
            Some(before) => Ending::Closed(before.at, before.data),
            None => Ending::Left,
        },
        _ => {
            let moved: Moved = event.payload()?;
            let was_closed = moved.from.is_some_and(|f| f.state == State::Closed);
            if !was_closed || moved.to.state == State::Closed {
                return None;
            }
            Ending::Left
        }
    };
    Some((ticket, ending))
}
