//! When a message that did not go is tried again.
use jiff::SignedDuration;
use rand::RngExt;

use super::store::OutboxRow;
use crate::kernel::time::Instant;

/// Attempts, and time since the message was written, after which a provider that keeps saying "not now" is
/// taken for one that says no. Both must have passed.
const ATTEMPTS: i64 = 25;
const PATIENCE: SignedDuration = SignedDuration::from_hours(72);

const FIRST: SignedDuration = SignedDuration::from_mins(1);
const LONGEST: SignedDuration = SignedDuration::from_hours(4);
/// A provider that does not answer at all may be back any minute, for all that waits.
const LONGEST_SILENT: SignedDuration = SignedDuration::from_mins(10);

/// When to try again after the attempt that `row` counts as its last; `None` when it is given up.
pub fn next(row: &OutboxRow, answered: bool, now: Instant) -> Option<Instant> {
    if answered && row.attempts >= ATTEMPTS && now.since(row.created_at) > PATIENCE {
        return None;
    }
    let longest = if answered { LONGEST } else { LONGEST_SILENT };
    let doublings = u32::try_from(row.attempts.clamp(1, 16) - 1).unwrap_or(0);
    let pause = FIRST.saturating_mul(1 << doublings).min(longest);
    // Jitter of a fifth either way, so that what failed together does not come back together.
    let permille = rand::rng().random_range(800..1200);
    Some(now.plus(SignedDuration::from_millis(i64::try_from(pause.as_millis() * permille / 1000).unwrap_or(i64::MAX))))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(attempts: i64) -> OutboxRow {
        OutboxRow { attempts, ..OutboxRow::default() }
    }

    fn minutes(attempts: i64, answered: bool) -> i64 {
        next(&row(attempts), answered, Instant(0)).unwrap().since(Instant(0)).as_mins()
    }

    #[test]
    fn pauses_double_up_to_four_hours() {
        assert!(minutes(1, true) <= 1);
        assert!((6..=9).contains(&minutes(4, true)));
        assert!((192..=288).contains(&minutes(12, true)));
    }

    #[test]
    fn a_silent_provider_is_tried_every_ten_minutes_for_ever() {
        assert!((8..=12).contains(&minutes(40, false)));
        let late = Instant(0).plus(SignedDuration::from_hours(1000));
        assert!(next(&row(400), false, late).is_some());
    }

    #[test]
    fn a_provider_that_says_not_now_for_three_days_is_given_up() {
        let late = Instant(0).plus(SignedDuration::from_hours(73));
        assert!(next(&row(24), true, late).is_some(), "not before enough attempts");
        assert!(next(&row(25), true, Instant(0)).is_some(), "not before enough time");
        assert!(next(&row(25), true, late).is_none());
    }
}
