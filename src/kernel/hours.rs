//! When an office works: bands of the week, holidays, single days. Local times, so an hour that the change
//! of clocks skips or repeats is where the office's own clock has it. Telephone hours come from the
//! configuration; calendars of terms (`clocks`) are made of the same days and bands.
use std::collections::BTreeSet;

use jiff::civil::{Date, Weekday};
use jiff::tz::TimeZone;
use jiff::{Span, Zoned};

use super::config::Phone;
use super::time::Instant;

/// Minutes of a local day: from, and to without it. 1440 is the end of the day.
pub type Band = (u16, u16);
const DAY: u16 = 24 * 60;
/// How far the next opening is looked for, in days.
const FAR: i32 = 400;

/// Days on which an office rests, whatever the week says.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Rest {
    /// National holidays of Italy (L. 260/1949), Easter Sunday and Easter Monday among them.
    pub holidays: bool,
    /// The patron saint: month and day.
    pub patron: Option<(i8, i8)>,
    /// Single days.
    pub closed: BTreeSet<Date>,
}

/// When an office works.
#[derive(Debug, Clone)]
pub struct Hours {
    /// Bands by weekday from Monday: in order, and none touching another.
    week: [Vec<Band>; 7],
    rest: Rest,
    zone: TimeZone,
}

impl Hours {
    /// The hours of a configuration.
    ///
    /// # Errors
    /// Names the text that cannot be read.
    pub fn of(phone: &Phone, zone: TimeZone) -> Result<Self, String> {
        let mut week: [Vec<Band>; 7] = Default::default();
        for text in &phone.opening {
            let (days, band) =
                parse_band(text).ok_or_else(|| format!("opening: {text:?} is not as \"mon-fri 09:00-13:00\""))?;
            for day in days {
                week[day].push(band);
            }
        }
        let wrong = |name: &str, text: &str| format!("{name}: {text:?} is no day");
        let patron = match phone.patron.as_str() {
            "" => None,
            text => Some(parse_patron(text).ok_or_else(|| wrong("patron", text))?),
        };
        let closed = phone.closed.iter().map(|text| text.parse().map_err(|_| wrong("closed", text)));
        let closed = closed.collect::<Result<_, _>>()?;
        Ok(Self::weekly(week, Rest { holidays: phone.holidays, patron, closed }, zone))
    }

    /// Bands by weekday from Monday, and the days on which nobody works. Bands that overlap count once.
    pub fn weekly(mut week: [Vec<Band>; 7], rest: Rest, zone: TimeZone) -> Self {
        for day in &mut week {
            day.sort_unstable();
            let mut apart: Vec<Band> = Vec::with_capacity(day.len());
            for &(from, to) in day.iter() {
                match apart.last_mut() {
                    Some(last) if from <= last.1 => last.1 = last.1.max(to),
                    _ => apart.push((from, to)),
                }
            }
            *day = apart;
        }
        Self { week, rest, zone }
    }

    /// An office that answers at every hour.
    pub fn always(zone: TimeZone) -> Self {
        Self { week: std::array::from_fn(|_| vec![(0, DAY)]), rest: Rest::default(), zone }
    }

    /// An office that never answers.
    pub fn never(zone: TimeZone) -> Self {
        Self { week: Default::default(), rest: Rest::default(), zone }
    }

    /// Whether the office answers at an instant.
    pub fn is_open(&self, at: Instant) -> bool {
        let day = at.zoned(&self.zone).date();
        self.bands(day).iter().any(|&band| self.span(day, band).is_some_and(|(from, to)| from <= at && at < to))
    }

    /// The first instant from `at` on at which the office answers; `None` when it never does.
    pub fn next_opening(&self, at: Instant) -> Option<Instant> {
        let today = at.zoned(&self.zone).date();
        for days in 0..FAR {
            let day = today.checked_add(Span::new().days(days)).ok()?;
            for &band in self.bands(day) {
                if let Some((from, to)) = self.span(day, band)
                    && to > at
                {
                    return Some(from.max(at));
                }
            }
        }
        None
    }

    /// Whether the office works on a day at all.
    pub fn works_on(&self, day: Date) -> bool {
        !self.bands(day).is_empty()
    }

    /// Whether a day is a festive one: a Sunday, a national holiday or the patron saint, as far as they count here.
    pub fn is_festive(&self, day: Date) -> bool {
        day.weekday() == Weekday::Sunday
            || self.rest.patron == Some((day.month(), day.day()))
            || (self.rest.holidays && is_holiday(day))
    }

    /// The opening of a day as instants, earliest first.
    pub fn spans(&self, day: Date) -> impl Iterator<Item = (Instant, Instant)> + '_ {
        self.bands(day).iter().filter_map(move |&band| self.span(day, band))
    }

    /// Whether offices work on a day: from Monday to Friday, but for holidays, the patron saint and days of closure.
    pub fn is_working_day(&self, day: Date) -> bool {
        !matches!(day.weekday(), Weekday::Saturday | Weekday::Sunday) && !self.rests(day)
    }

    /// The `n`-th working day after a day, or before it when `n` is negative; for 0 the day itself, or the next
    /// working day when it is none.
    pub fn working_day(&self, from: Date, n: i32) -> Date {
        let mut day = from;
        let mut left = n.abs();
        for _ in 0..FAR {
            if left == 0 && (n != 0 || self.is_working_day(day)) {
                break;
            }
            let next = if n < 0 { day.yesterday() } else { day.tomorrow() };
            let Ok(next) = next else { break };
            day = next;
            left -= i32::from(n != 0 && self.is_working_day(day));
        }
        day
    }

    /// The first instant after a local day: a term of days ends there.
    pub fn end_of(&self, day: Date) -> Instant {
        self.at(day, DAY).unwrap_or(Instant(i64::MAX))
    }

    /// Eight in the morning of a local day: when people are written to.
    pub fn morning_of(&self, day: Date) -> Instant {
        self.at(day, 8 * 60).unwrap_or(Instant(i64::MAX))
    }

    /// The local day of an instant.
    pub fn day_of(&self, at: Instant) -> Date {
        at.zoned(&self.zone).date()
    }

    fn rests(&self, day: Date) -> bool {
        self.rest.closed.contains(&day)
            || self.rest.patron == Some((day.month(), day.day()))
            || (self.rest.holidays && is_holiday(day))
    }

    fn bands(&self, day: Date) -> &[Band] {
        if self.rests(day) {
            &[]
        } else {
            &self.week[usize::try_from(day.weekday().to_monday_zero_offset()).unwrap_or(0)]
        }
    }

    /// A band of a day as instants; `None` when the change of clocks swallows it.
    fn span(&self, day: Date, (from, to): Band) -> Option<(Instant, Instant)> {
        let (from, to) = (self.at(day, from)?, self.at(day, to)?);
        (from < to).then_some((from, to))
    }

    fn at(&self, day: Date, minute: u16) -> Option<Instant> {
        let (day, minute) = if minute == DAY { (day.tomorrow().ok()?, 0) } else { (day, minute) };
        let time = day.at(i8::try_from(minute / 60).ok()?, i8::try_from(minute % 60).ok()?, 0, 0);
        let zoned: Zoned = time.to_zoned(self.zone.clone()).ok()?;
        Some(zoned.timestamp().into())
    }
}

const DAYS: [(&str, Weekday); 7] = [
    ("mon", Weekday::Monday),
    ("tue", Weekday::Tuesday),
    ("wed", Weekday::Wednesday),
    ("thu", Weekday::Thursday),
    ("fri", Weekday::Friday),
    ("sat", Weekday::Saturday),
    ("sun", Weekday::Sunday),
];

fn parse_band(text: &str) -> Option<(std::ops::RangeInclusive<usize>, Band)> {
    let (days, times) = text.trim().split_once(' ')?;
    let day = |name: &str| DAYS.iter().position(|(known, _)| name.trim().eq_ignore_ascii_case(known));
    let (first, last) = days.split_once('-').unwrap_or((days, days));
    let (first, last) = (day(first)?, day(last)?);
    let band = parse_times(times)?;
    (first <= last).then_some((first..=last, band))
}

/// Reads `09:00-13:00`; 24:00 is the end of the day.
pub fn parse_times(text: &str) -> Option<Band> {
    let minute = |text: &str| {
        let (hours, minutes) = text.trim().split_once(':')?;
        let (hours, minutes): (u16, u16) = (hours.parse().ok()?, minutes.parse().ok()?);
        (minutes < 60 && hours <= 24 && hours * 60 + minutes <= DAY).then_some(hours * 60 + minutes)
    };
    let (from, to) = text.trim().split_once('-')?;
    let (from, to) = (minute(from)?, minute(to)?);
    (from < to).then_some((from, to))
}

/// Reads month and day, as in `06-24`; 29 February is one.
pub fn parse_patron(text: &str) -> Option<(i8, i8)> {
    let day = format!("2024-{text}").parse::<Date>().ok()?;
    Some((day.month(), day.day()))
}

/// National holidays of Italy, Easter Monday among them.
fn is_holiday(day: Date) -> bool {
    let fixed = [(1, 1), (1, 6), (4, 25), (5, 1), (6, 2), (8, 15), (11, 1), (12, 8), (12, 25), (12, 26)];
    let easter = easter(day.year());
    fixed.contains(&(day.month(), day.day()))
        // Saint Francis, a holiday again since 2026.
        || ((day.month(), day.day()) == (10, 4) && day.year() >= 2026)
        || easter.is_some_and(|easter| day == easter || easter.tomorrow().is_ok_and(|monday| day == monday))
}

/// Easter Sunday of a year in the Gregorian calendar (the computus of Meeus, Jones and Butcher).
fn easter(year: i16) -> Option<Date> {
    let y = i32::from(year);
    let (golden, century, rest) = (y % 19, y / 100, y % 100);
    let correction = (century - century / 4 - (century - (century + 8) / 25 + 1) / 3 + 19 * golden + 15) % 30;
    let weekday = (32 + 2 * (century % 4) + 2 * (rest / 4) - correction - rest % 4) % 7;
    let shift = (golden + 11 * correction + 22 * weekday) / 451;
    let days = correction + weekday - 7 * shift + 114;
    Date::new(year, i8::try_from(days / 31).ok()?, i8::try_from(days % 31 + 1).ok()?).ok()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn hours(change: impl FnOnce(&mut Phone)) -> Hours {
        let mut phone =
            Phone { opening: vec!["mon-fri 09:00-13:00".into(), "mon-thu 14:30-18:00".into()], ..Phone::default() };
        change(&mut phone);
        Hours::of(&phone, TimeZone::get("Europe/Rome").unwrap()).unwrap()
    }

    fn rome(text: &str) -> Instant {
        text.parse::<jiff::civil::DateTime>().unwrap().in_tz("Europe/Rome").unwrap().timestamp().into()
    }

    #[test]
    fn a_call_on_saturday_night_is_due_on_monday_morning() {
        let next = |at: &str| hours(|_| {}).next_opening(rome(at)).unwrap();
        assert_eq!(next("2026-03-07T23:10"), rome("2026-03-09T09:00"));
        assert_eq!(next("2026-03-09T13:30"), rome("2026-03-09T14:30"));
        assert_eq!(next("2026-03-09T10:00"), rome("2026-03-09T10:00"), "open already");
        assert_eq!(next("2026-03-13T15:00"), rome("2026-03-16T09:00"), "no afternoon on Friday");
    }

    #[test]
    fn holidays_are_skipped() {
        let next = |at: &str| hours(|p| p.patron = "06-10".into()).next_opening(rome(at)).unwrap();
        assert_eq!(next("2026-04-04T23:10"), rome("2026-04-07T09:00"), "Easter Monday 2026");
        assert_eq!(next("2025-04-19T12:00"), rome("2025-04-22T09:00"), "Easter Monday 2025");
        assert_eq!(next("2026-06-09T20:00"), rome("2026-06-11T09:00"), "the patron saint");
        assert_eq!(next("2026-12-24T20:00"), rome("2026-12-28T09:00"), "Christmas before a weekend");
        let closed = hours(|p| p.closed = vec!["2026-03-09".into()]);
        assert_eq!(closed.next_opening(rome("2026-03-07T23:10")), Some(rome("2026-03-10T09:00")));
    }

    #[test]
    fn working_days_skip_weekends_and_holidays_both_ways() {
        let day = |text: &str| text.parse::<Date>().unwrap();
        let hours = hours(|p| p.patron = "06-10".into());
        assert_eq!(hours.working_day(day("2026-04-03"), 2), day("2026-04-08"), "over Easter Monday");
        assert_eq!(hours.working_day(day("2026-04-08"), -2), day("2026-04-03"));
        assert_eq!(hours.working_day(day("2026-06-09"), 1), day("2026-06-11"), "over the patron saint");
        assert_eq!(hours.working_day(day("2026-03-07"), 0), day("2026-03-09"), "a Saturday");
        assert_eq!(hours.working_day(day("2026-03-09"), 0), day("2026-03-09"), "a Monday");
        assert_eq!(hours.end_of(day("2026-03-28")), rome("2026-03-29T00:00"), "before clocks change");
        assert_eq!(hours.morning_of(day("2026-03-29")), rome("2026-03-29T08:00"), "after they did");
    }

    #[test]
    fn easter_falls_where_it_falls() {
        for day in ["1961-04-02", "2000-04-23", "2008-03-23", "2024-03-31", "2038-04-25", "2285-03-22"] {
            let day: Date = day.parse().unwrap();
            assert_eq!(easter(day.year()), Some(day));
        }
    }

    #[test]
    fn a_night_service_follows_the_office_clock_through_the_change_of_clocks() {
        let night = hours(|p| p.opening = vec!["mon-sun 01:00-04:00".into()]);
        // 29 March 2026: 02:00 becomes 03:00, and the band has two hours; 25 October it has four.
        for (day, seconds) in [("2026-03-28", 3 * 3600), ("2026-03-29", 2 * 3600), ("2026-10-25", 4 * 3600)] {
            let (from, to) = night.span(day.parse().unwrap(), (60, 240)).unwrap();
            assert_eq!(to.since(from).as_secs(), seconds, "{day}");
        }
    }

    #[test]
    fn what_cannot_be_read_is_named() {
        for text in ["monday 9-13", "mon-fri 13:00-09:00", "fri-mon 09:00-13:00", "mon 09:00-25:00", "mon", ""] {
            let phone = Phone { opening: vec![text.into()], ..Phone::default() };
            assert!(Hours::of(&phone, TimeZone::UTC).is_err_and(|e| e.contains("opening")), "{text}");
        }
        let never = Phone { opening: Vec::new(), ..Phone::default() };
        assert_eq!(Hours::of(&never, TimeZone::UTC).unwrap().next_opening(Instant(0)), None);
    }

    proptest! {
        #[test]
        fn the_next_opening_is_the_first(minute in 0_i64..60 * 24 * 365 * 4, probe in 0_i64..60 * 24 * 10, from in 0_u16..1439, length in 1_u16..600) {
            let to = (from + length).min(DAY);
            let band = format!("mon-sat {:02}:{:02}-{:02}:{:02}", from / 60, from % 60, to / 60, to % 60);
            let hours = hours(|p| p.opening = vec![band]);
            let at = Instant((1_767_225_600 + minute * 60) * 1_000_000);
            let next = hours.next_opening(at).unwrap();
            prop_assert!(next >= at);
            prop_assert!(hours.is_open(next));
            prop_assert_eq!(next == at, hours.is_open(at));
            let between = Instant(at.0 + probe * 60_000_000);
            prop_assert!(between >= next || !hours.is_open(between));
        }
    }
}
