//! The feed reader that keeps the closures.
use std::collections::{BTreeMap, BTreeSet};

use async_trait::async_trait;
use jiff::tz::TimeZone;

use super::store::{self, Closure};
use crate::kernel::database::{StoreError, Tx};
use crate::kernel::events::{Event, Reader};
use crate::tickets::ending::{Ending, ending};

/// Keeps the tables behind the closure rate.
#[derive(Debug)]
pub struct Closures {
    zone: TimeZone,
}

impl Closures {
    /// Days are those of `zone`.
    pub const fn new(zone: TimeZone) -> Self {
        Self { zone }
    }
}

/// What an event means for the closure rate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Meaning {
    Closed(Closure),
    /// It was reopened, goes on in another ticket, or was opened by mistake.
    Left,
}

/// Reads what one event means for the closure rate.
pub fn meaning(event: &Event, zone: &TimeZone) -> Option<(i64, Meaning)> {
    let (ticket_id, ending) = ending(event)?;
    let meaning = match ending {
        Ending::Closed(at, closing) => Meaning::Closed(Closure {
            ticket_id,
            closed_at: at,
            day: at.day(zone),
            channel: closing.channel,
            category_id: closing.category.unwrap_or(0),
            unit_id: closing.to.unit,
            strict: closing.strict,
            wide: closing.wide,
        }),
        Ending::Left => Meaning::Left,
    };
    Some((ticket_id, meaning))
}

#[async_trait]
impl Reader for Closures {
    fn name(&self) -> &'static str {
        "closures"
    }

    async fn apply(&self, tx: &mut Tx, events: &[Event]) -> Result<(), StoreError> {
        let mut days: BTreeMap<(String, String, i64, i64), (i64, i64, i64)> = BTreeMap::new();
        let mut count = |closure: &Closure, by: i64| {
            let key = (closure.day.clone(), closure.channel.clone(), closure.category_id, closure.unit_id);
            let sums = days.entry(key).or_default();
            sums.0 += by;
            sums.1 += by * i64::from(closure.strict);
            sums.2 += by * i64::from(closure.wide);
        };
        let meanings: Vec<(i64, Meaning)> = events.iter().filter_map(|e| meaning(e, &self.zone)).collect();
        let tickets: BTreeSet<i64> = meanings.iter().map(|(ticket, _)| *ticket).collect();
        let tickets: Vec<i64> = tickets.into_iter().collect();
        let before = store::remove(tx, &tickets).await?;
        let mut closed: BTreeMap<i64, Closure> = before.into_iter().map(|c| (c.ticket_id, c)).collect();
        for (ticket, meaning) in meanings {
            // A second closing without a reopening between cannot happen; were it in the log, the last counts.
            if let Some(before) = closed.remove(&ticket) {
                count(&before, -1);
            }
            if let Meaning::Closed(closure) = meaning {
                count(&closure, 1);
                closed.insert(ticket, closure);
            }
        }
        store::insert(tx, closed.values()).await?;
        for ((day, channel, category, unit), sums) in days {
            store::add_daily(tx, &day, &channel, category, unit, sums).await?;
        }
        Ok(())
    }
}
