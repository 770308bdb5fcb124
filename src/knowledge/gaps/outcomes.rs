//! The feed reader that keeps what became of sheets: used, closed with, and sent to an office after all.
use std::collections::{BTreeMap, BTreeSet};

use async_trait::async_trait;
use jiff::tz::TimeZone;
use serde::Deserialize;

use super::store::{self, Answered, Seen};
use crate::kernel::database::{StoreError, Tx};
use crate::kernel::events::{Event, Reader};
use crate::kernel::time::Instant;
use crate::tickets::ending::{Closing, Ending, ending};

/// Keeps the tables behind the figures of sheets.
#[derive(Debug)]
pub struct Outcomes {
    zone: TimeZone,
}

impl Outcomes {
    /// Days are those of `zone`.
    pub const fn new(zone: TimeZone) -> Self {
        Self { zone }
    }
}

/// What an event means for sheets.
enum Meaning {
    /// An answer was written with this sheet.
    Used(i64),
    Closed(Answered),
    /// It was reopened, goes on in another ticket, or was opened by mistake.
    Left,
    /// It went to an office.
    Escalated,
}

#[derive(Deserialize)]
struct Sent {
    sheet: Option<i64>,
}

#[derive(Deserialize)]
struct Leg {
    leg_kind: String,
}

impl Outcomes {
    fn closed(&self, ticket_id: i64, at: Instant, closed: &Closing) -> Meaning {
        let was_answered = matches!(closed.outcome.as_str(), "answered" | "not_competent");
        Meaning::Closed(Answered {
            ticket_id,
            day: at.day(&self.zone),
            category_id: closed.category.unwrap_or(0),
            sheet_id: closed.sheet.unwrap_or(if was_answered { store::NO_SHEET } else { store::NO_ANSWER }),
            front: closed.strict,
        })
    }

    /// Reads the meaning of one event.
    fn meaning(&self, event: &Event) -> Option<(i64, Meaning)> {
        let ticket = event.ticket?;
        let meaning = match event.kind.as_str() {
            "contact.sent" => Meaning::Used(event.payload::<Sent>()?.sheet?),
            // A leg for knowledge asks; it sends nothing away.
            "leg.sent" if event.payload::<Leg>()?.leg_kind != "knowledge" => Meaning::Escalated,
            _ => match ending(event)?.1 {
                Ending::Closed(at, closing) => self.closed(ticket, at, &closing),
                Ending::Left => Meaning::Left,
            },
        };
        Some((ticket, meaning))
    }
}

/// Counts of a day that move together.
#[derive(Default)]
struct Sums {
    /// Day, category, sheet; closed, at the front office.
    answered: BTreeMap<(String, i64, i64), (i64, i64)>,
    /// Day, sheet; used, escalated, passed over.
    sheets: BTreeMap<(String, i64), (i64, i64, i64)>,
}

impl Sums {
    fn count(&mut self, answered: &Answered, by: i64) {
        let key = (answered.day.clone(), answered.category_id, answered.sheet_id);
        let sums = self.answered.entry(key).or_default();
        sums.0 += by;
        sums.1 += by * i64::from(answered.front);
    }
}

#[async_trait]
impl Reader for Outcomes {
    fn name(&self) -> &'static str {
        "sheet-outcomes"
    }

    async fn apply(&self, tx: &mut Tx, events: &[Event]) -> Result<(), StoreError> {
        let meanings: Vec<(&Event, i64, Meaning)> =
            events.iter().filter_map(|e| self.meaning(e).map(|(ticket, m)| (e, ticket, m))).collect();
        let closing = |m: &Meaning| matches!(m, Meaning::Closed(_) | Meaning::Left);
        let tickets: BTreeSet<i64> = meanings.iter().filter(|(_, _, m)| closing(m)).map(|(_, t, _)| *t).collect();
        let before = store::remove_answered(tx, &tickets.into_iter().collect::<Vec<_>>()).await?;
        let mut closed: BTreeMap<i64, Answered> = before.into_iter().map(|a| (a.ticket_id, a)).collect();
        let mut sums = Sums::default();
        for (event, ticket, meaning) in meanings {
            let day = event.at.day(&self.zone);
            if closing(&meaning)
                && let Some(before) = closed.remove(&ticket)
            {
                sums.count(&before, -1);
            }
            let used = match meaning {
                Meaning::Used(sheet) => Some(sheet),
                Meaning::Closed(answered) => {
                    let sheet = Some(answered.sheet_id).filter(|id| *id > 0);
                    sums.count(&answered, 1);
                    closed.insert(ticket, answered);
                    sheet
                }
                Meaning::Escalated => {
                    for (sheet, seen) in store::escalate(tx, ticket, event.at, &day).await? {
                        let sums = sums.sheets.entry((day.clone(), sheet)).or_default();
                        match seen {
                            Seen::Read => sums.1 += 1,
                            Seen::Proposed => sums.2 += 1,
                        }
                    }
                    None
                }
                Meaning::Left => None,
            };
            if let Some(sheet) = used
                && store::use_sheet(tx, ticket, sheet, &day).await?
            {
                sums.sheets.entry((day, sheet)).or_default().0 += 1;
            }
        }
        store::insert_answered(tx, closed.values()).await?;
        for ((day, category, sheet), counts) in sums.answered {
            store::add_answered(tx, &day, category, sheet, counts).await?;
        }
        for ((day, sheet), counts) in sums.sheets {
            store::add_sheet_day(tx, &day, sheet, counts).await?;
        }
        Ok(())
    }
}
