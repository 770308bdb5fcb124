use std::collections::HashMap;

use jiff::tz::TimeZone;

use super::closures::{Meaning, meaning};
use super::figures::{Classes, Dimension, Figures, Period, Sum, divide};
use super::store;
use crate::kernel::database::{Conn, StoreError};
use crate::kernel::events::{self, Position};

const BATCH: i64 = 2000;

/// The closure rate counted again from the event log alone, without the kept figures: what anyone can check
/// them against.
///
/// # Errors
/// When the database cannot be read.
pub async fn recount(
    conn: &mut Conn,
    zone: &TimeZone,
    period: Period,
    by: Dimension,
    unit: Option<&str>,
    classes: Classes,
) -> Result<Figures, StoreError> {
    let mut closed = HashMap::new();
    let mut position = Position::default();
    loop {
        let events = events::after(conn, position, BATCH).await?;
        let Some(last) = events.last() else { break };
        position = last.position();
        for (ticket, meaning) in events.iter().filter_map(|e| meaning(e, zone)) {
            match meaning {
                Meaning::Closed(closure) => closed.insert(ticket, closure),
                Meaning::Left => closed.remove(&ticket),
            };
        }
    }
    let names = store::names(conn, period, period.span(zone).1, classes).await?;
    let (from, to) = (period.from.to_string(), period.to.to_string());
    let sums: Vec<Sum> = closed
        .into_values()
        .filter(|c| c.day >= from && c.day <= to)
        .filter(|c| unit.is_none_or(|slug| names.unit_slug(c.unit_id) == slug))
        .map(|c| Sum {
            day: c.day,
            channel: c.channel,
            category_id: c.category_id,
            unit_id: c.unit_id,
            closed: 1,
            strict: i64::from(c.strict),
            wide: i64::from(c.wide),
        })
        .collect();
    Ok(divide(period, by, sums.iter(), &names))
}
