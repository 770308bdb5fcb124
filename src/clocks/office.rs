//! The calendar by which the desk answers, read into `kernel.office` of each node.
use std::sync::Arc;
use std::time::Duration;

use jiff::civil::Date;

use super::calendar::CalendarBody;
use super::store::{self, VersionRow};
use crate::kernel::Kernel;
use crate::kernel::database::StoreError;

/// How often it is looked at: another node may have saved one, and a version begins with a day.
const EVERY: Duration = Duration::from_secs(10);

/// Of all versions, the one by which the desk answers on a day: of each calendar the one in force, of those that say so
/// the one saved last. `None` when none says so.
pub fn chosen(versions: &[VersionRow], day: Date) -> Option<(&VersionRow, CalendarBody)> {
    let today = day.to_string();
    let mut in_force: Vec<&VersionRow> = Vec::new();
    for row in versions.iter().filter(|row| row.valid_from <= today) {
        match in_force.iter_mut().find(|other| other.of == row.of) {
            // Of two from one day the later saved holds.
            Some(other) if other.valid_from <= row.valid_from => *other = row,
            Some(_) => {}
            None => in_force.push(row),
        }
    }
    let bodies = in_force.into_iter().filter_map(|row| Some((row, serde_json::from_str(&row.body).ok()?)));
    bodies.filter(|(_, body): &(_, CalendarBody)| body.desk).max_by_key(|(row, _)| (row.saved_at, row.id))
}

/// Reads which calendar holds now.
///
/// # Errors
/// When the database cannot be read.
pub async fn refresh(kernel: &Kernel) -> Result<(), StoreError> {
    let mut conn = kernel.db.read().await?;
    let versions = store::calendar_versions(&mut conn, None).await?;
    drop(conn);
    let zone = kernel.config.zone();
    let hours = chosen(&versions, kernel.now().zoned(&zone).date()).and_then(|(_, body)| body.hours(&zone).ok());
    kernel.office.choose(hours.map(Arc::new));
    Ok(())
}

/// Looks now and then, until the process stops.
pub async fn follow(kernel: Kernel) {
    while !kernel.stop.is_cancelled() {
        if let Err(e) = refresh(&kernel).await {
            tracing::warn!("the hours of the desk were not looked at: {e}");
        }
        tokio::select! {
            () = kernel.stop.cancelled() => {}
            () = tokio::time::sleep(EVERY) => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;
    use crate::kernel::time::Instant;

    fn version(of: i64, number: i64, valid_from: &str, desk: bool) -> VersionRow {
        let body = CalendarBody { desk, ..CalendarBody::always("Orari") };
        VersionRow {
            id: of * 10 + number,
            of,
            slug: format!("calendario-{of}"),
            number,
            valid_from: valid_from.to_owned(),
            body: serde_json::to_string(&body).unwrap(),
            saved_at: Instant(number),
            saved_by: "user:1".to_owned(),
            author: None,
        }
    }

    #[test]
    fn the_desk_answers_by_the_calendar_in_force_that_says_so_and_was_saved_last() {
        let none: Vec<VersionRow> = vec![version(1, 1, "2026-01-01", false)];
        assert!(chosen(&none, date(2026, 6, 1)).is_none());
        let summer = [
            version(1, 1, "2026-01-01", true),
            version(1, 2, "2026-07-01", true),
            version(1, 3, "2026-09-01", false),
            version(2, 4, "2026-08-01", true),
        ];
        let on = |day| chosen(&summer, day).map(|(row, _)| (row.of, row.number));
        assert_eq!(on(date(2025, 12, 31)), None);
        assert_eq!(on(date(2026, 6, 30)), Some((1, 1)));
        assert_eq!(on(date(2026, 7, 1)), Some((1, 2)));
        assert_eq!(on(date(2026, 8, 1)), Some((2, 4)), "of two the one saved last");
    }
}
