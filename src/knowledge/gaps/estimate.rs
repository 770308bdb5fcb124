//! How much the closure rate would gain from a piece of writing. No I/O; the formula is explained to readers in
//! `docs/knowledge-gaps.md`, and its parts are named alike.

/// Weight of what is expected before anything was seen: so many closings.
const PRIOR: f64 = 10.0;
/// Share closed at the front office with a sheet, and without one, where nothing was seen yet.
const EXPECTED_WITH: f64 = 0.9;
const EXPECTED_WITHOUT: f64 = 0.5;
/// Of the citizens who search in vain, those who then write or call. An assumption, not a measure.
pub const ASKS: f64 = 0.25;
/// Of the answers in another language, those that a translation out of date spoils. An assumption.
pub const OUTDATED: f64 = 0.5;
/// Of the answers with a sheet past its review day, those that it spoils. An assumption.
pub const OVERDUE: f64 = 0.1;
/// Days of a month.
pub const MONTH: f64 = 30.44;

/// Tickets that were closed, and those of them at the front office.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Closed {
    pub all: i64,
    pub front: i64,
}

impl Closed {
    /// Both together.
    #[must_use]
    pub const fn and(self, other: Self) -> Self {
        Self { all: self.all + other.all, front: self.front + other.front }
    }

    /// What is left without a part of it.
    #[must_use]
    pub const fn without(self, part: Self) -> Self {
        Self { all: self.all - part.all, front: self.front - part.front }
    }

    /// Share closed at the front office, drawn towards `expected` while little was seen.
    pub fn share(self, expected: f64) -> f64 {
        (real(self.front) + PRIOR * expected) / (real(self.all) + PRIOR)
    }

    /// Those that went to an office.
    pub const fn escalated(self) -> i64 {
        self.all - self.front
    }
}

// Counts stay far below 2^53, where f64 is exact.
#[expect(clippy::cast_precision_loss, reason = "counts of tickets")]
pub(super) const fn real(count: i64) -> f64 {
    count as f64
}

/// What the whole agency shows.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Agency {
    /// Share closed at the front office of the tickets answered with a sheet.
    pub with: f64,
    /// The same without one; never above `with`.
    pub without: f64,
    /// Days that were looked at.
    pub days: f64,
    /// All tickets closed in them.
    pub closed: i64,
}

impl Agency {
    /// From the tickets answered with a sheet, those answered without one, and all that were closed.
    pub fn of(with: Closed, without: Closed, closed: i64, days: i64) -> Self {
        let with = with.share(EXPECTED_WITH);
        Self { with, without: without.share(EXPECTED_WITHOUT).min(with), days: real(days.max(1)), closed }
    }

    /// A count of the period as so many a month.
    pub fn monthly(&self, count: i64) -> f64 {
        self.monthly_part(real(count))
    }

    fn monthly_part(&self, count: f64) -> f64 {
        count * MONTH / self.days
    }

    /// How many of a thousand closings a gain per month is.
    pub fn points(&self, gain: f64) -> f64 {
        let closed = self.monthly(self.closed);
        if closed > 0.0 { (gain / closed * 1000.0).min(1000.0) } else { 0.0 }
    }

    /// More tickets a month closed at the front office, were these closed as often as `target` of tickets is.
    pub fn gain_of_closed(&self, now: Closed, target: f64) -> f64 {
        self.monthly_part((real(now.all) * target - real(now.front)).max(0.0))
    }

    /// The same from tickets that get a sheet where they had none, or lose one: each gains what a sheet is worth.
    pub fn gain_of_sheet(&self, tickets: f64) -> f64 {
        self.monthly_part(tickets * (self.with - self.without).max(0.0))
    }
}

/// How often tickets of a category are closed at the front office when a sheet answers them: what was seen in the
/// category, drawn towards the whole agency.
pub fn target_of_category(with_sheet: Closed, agency: &Agency) -> f64 {
    with_sheet.share(agency.with)
}

/// How often a sheet should close: as the others of its level do.
pub fn target_of_sheet(others_of_its_level: Closed, agency: &Agency) -> f64 {
    others_of_its_level.share(agency.with)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn agency() -> Agency {
        Agency::of(Closed { all: 90, front: 81 }, Closed { all: 10, front: 3 }, 100, 30)
    }

    #[test]
    fn shares_begin_at_what_is_expected_and_follow_what_is_seen() {
        assert!((Closed::default().share(0.9) - 0.9).abs() < 1e-9);
        assert!((Closed { all: 990, front: 0 }.share(0.9) - 0.009).abs() < 1e-9);
        let agency = agency();
        assert!((agency.with - 0.9).abs() < 1e-9 && (agency.without - 0.4).abs() < 1e-9);
    }

    #[test]
    fn what_is_closed_as_often_as_it_could_be_gains_nothing() {
        let agency = agency();
        assert!(agency.gain_of_closed(Closed { all: 10, front: 10 }, 0.9).abs() < 1e-9);
        let gain = agency.gain_of_closed(Closed { all: 10, front: 2 }, 0.9);
        assert!((gain - 7.0 * MONTH / 30.0).abs() < 1e-9, "{gain}");
        // Of a hundred closings a month, seven more are seventy of a thousand.
        assert!((agency.points(gain) - 70.0).abs() < 1e-6, "{}", agency.points(gain));
    }

    #[test]
    fn a_sheet_is_never_worth_less_than_none() {
        let odd = Agency::of(Closed { all: 100, front: 10 }, Closed { all: 100, front: 100 }, 200, 30);
        assert!(odd.gain_of_sheet(10.0).abs() < 1e-9);
        assert!(Agency::of(Closed::default(), Closed::default(), 0, 0).points(1.0).abs() < 1e-9);
    }
}
