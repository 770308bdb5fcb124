use std::sync::Arc;

use jiff::SignedDuration;
use jiff::tz::TimeZone;
use proptest::prelude::*;

use super::*;
use crate::clocks::{CalendarBody, Closure};

const MINUTE_US: i64 = 60_000_000;

fn rome() -> TimeZone {
    TimeZone::get("Europe/Rome").unwrap()
}

fn at(text: &str) -> Instant {
    text.parse::<jiff::civil::DateTime>().unwrap().in_tz("Europe/Rome").unwrap().timestamp().into()
}

fn office() -> CalendarBody {
    let day = "8:15-13:30, 14:30-17:00".to_owned();
    let short = "8:15-13:30".to_owned();
    CalendarBody {
        name: "Uffici".to_owned(),
        week: [day.clone(), day.clone(), short.clone(), day, short, String::new(), String::new()],
        holidays: true,
        patron: "06-24".to_owned(),
        closures: Vec::new(),
        desk: false,
    }
}

fn calendar(body: &CalendarBody) -> Calendar {
    let hours = body.hours(&rome()).unwrap();
    Calendar::of(vec![(jiff::civil::date(2020, 1, 1), Arc::new(hours))], rome()).unwrap()
}

const fn term(amount: i64, unit: TermUnit, roll: Roll) -> Term {
    Term { amount, unit, roll }
}

fn due(term: Term, start: &str, pauses: &[Pause]) -> Instant {
    term.due(&calendar(&office()), at(start), pauses).unwrap()
}

/// The last instant of a day.
fn end(day: &str) -> Instant {
    Instant(at(&format!("{day}T00:00")).plus(SignedDuration::ZERO).0 - 1)
}

#[test]
fn terms_end_where_the_calendar_says() {
    use Roll::{Closed, Festive, Stays};
    use TermUnit::{CalendarDays, WorkingDays, WorkingHours, WorkingMinutes};
    // The day after the last one, so that its midnight is the end.
    let days = [
        (term(30, CalendarDays, Stays), "2026-03-02T10:20", "2026-04-02"),
        (term(30, CalendarDays, Stays), "2026-03-02T23:59", "2026-04-02"),
        (term(15, CalendarDays, Stays), "2024-02-14T00:00", "2024-03-01"),
        (term(15, CalendarDays, Stays), "2026-02-14T12:00", "2026-03-02"),
        // Easter Sunday and Monday 2026 are 5 and 6 April.
        (term(3, CalendarDays, Festive), "2026-04-02T09:00", "2026-04-08"),
        (term(3, CalendarDays, Stays), "2026-04-02T09:00", "2026-04-06"),
        (term(2, WorkingDays, Stays), "2026-04-03T18:00", "2026-04-09"),
        // 24 June 2026, the patron saint, is a Wednesday.
        (term(1, WorkingDays, Stays), "2026-06-23T09:00", "2026-06-26"),
        (term(1, CalendarDays, Festive), "2026-06-23T09:00", "2026-06-26"),
        // A Saturday is not festive, and the office is closed.
        (term(1, CalendarDays, Festive), "2026-03-06T09:00", "2026-03-08"),
        (term(1, CalendarDays, Closed), "2026-03-06T09:00", "2026-03-10"),
        // Both days on which clocks change are whole days.
        (term(1, CalendarDays, Stays), "2026-03-28T12:00", "2026-03-30"),
        (term(1, CalendarDays, Stays), "2026-10-24T12:00", "2026-10-26"),
        // Saint Francis is a holiday since 2026; in 2027 it is a Monday.
        (term(1, CalendarDays, Festive), "2027-10-03T12:00", "2027-10-06"),
        (term(1, CalendarDays, Stays), "2028-02-28T12:00", "2028-03-01"),
        (term(1, WorkingDays, Stays), "2026-12-24T12:00", "2026-12-29"),
    ];
    for (term, start, after) in days {
        assert_eq!(due(term, start, &[]), end(after), "{term:?} from {start}");
    }
    let hours = [
        (term(4, WorkingHours, Stays), "2026-03-02T10:00", "2026-03-02T15:00"),
        (term(4, WorkingHours, Stays), "2026-03-02T10:20", "2026-03-02T15:20"),
        (term(1, WorkingMinutes, Stays), "2026-03-02T23:59", "2026-03-03T08:16"),
        (term(315, WorkingMinutes, Stays), "2026-03-04T08:15", "2026-03-04T13:30"),
        (term(316, WorkingMinutes, Stays), "2026-03-04T08:15", "2026-03-05T08:16"),
        (term(1, WorkingHours, Stays), "2026-06-23T16:30", "2026-06-25T08:45"),
        (term(1, WorkingHours, Stays), "2026-03-27T13:00", "2026-03-30T08:45"),
    ];
    for (term, start, expected) in hours {
        assert_eq!(due(term, start, &[]), at(expected), "{term:?} from {start}");
    }
}

#[test]
fn an_hour_that_the_change_of_clocks_skips_or_repeats_counts_as_it_passes() {
    let always = calendar(&CalendarBody::always("H24"));
    let day = term(24, TermUnit::WorkingHours, Roll::Stays);
    assert_eq!(day.due(&always, at("2026-03-28T12:00"), &[]), Some(at("2026-03-29T13:00")));
    assert_eq!(day.due(&always, at("2026-10-24T12:00"), &[]), Some(at("2026-10-25T11:00")));
}

#[test]
fn a_suspension_keeps_what_was_left_and_an_open_one_has_no_end() {
    let thirty = term(30, TermUnit::CalendarDays, Roll::Stays);
    let pause = |from: &str, until: Option<&str>| Pause { from: at(from), until: until.map(at) };
    // Ten days gone by 12 March, resumed on 1 April: twenty days from then.
    let ended = [pause("2026-03-12T09:00", Some("2026-04-01T11:00"))];
    assert_eq!(due(thirty, "2026-03-02T10:00", &ended), end("2026-04-22"));
    let open = [pause("2026-03-12T09:00", None)];
    let calendar = calendar(&office());
    assert_eq!(thirty.due(&calendar, at("2026-03-02T10:00"), &open), None);
    let later = at("2026-05-02T10:00");
    assert_eq!(spent(&calendar, TermUnit::CalendarDays, at("2026-03-02T10:00"), later, &open), 10);
    // A pause that begins after the end changes nothing.
    let late = [pause("2026-04-10T09:00", None)];
    assert_eq!(thirty.due(&calendar, at("2026-03-02T10:00"), &late), Some(end("2026-04-02")));
}

#[test]
fn a_closure_moves_a_term_and_a_new_week_holds_from_its_day() {
    let mut closed = office();
    let day = |text: &str| text.parse().unwrap();
    closed.closures.push(Closure { from: day("2026-03-03"), to: day("2026-03-05") });
    let two = term(2, TermUnit::WorkingDays, Roll::Stays);
    assert_eq!(two.due(&calendar(&closed), at("2026-03-02T10:00"), &[]), Some(end("2026-03-10")));
    let week_of_six = CalendarBody {
        week: std::array::from_fn(|d| if d < 6 { "9:00-12:00".into() } else { String::new() }),
        ..office()
    };
    let parts = [(jiff::civil::date(2026, 3, 5), &week_of_six), (jiff::civil::date(2020, 1, 1), &office())]
        .map(|(since, body)| (since, Arc::new(body.hours(&rome()).unwrap())));
    let both = Calendar::of(parts.into(), rome()).unwrap();
    // Thursday to Friday, then the Saturday that counts since the fifth.
    assert_eq!(
        term(3, TermUnit::WorkingDays, Roll::Stays).due(&both, at("2026-03-04T10:00"), &[]),
        Some(end("2026-03-08"))
    );
}

#[test]
fn what_cannot_be_read_is_named() {
    let wrong = |change: fn(&mut CalendarBody)| {
        let mut body = office();
        change(&mut body);
        body.hours(&rome()).unwrap_err().field
    };
    assert_eq!(wrong(|b| b.name.clear()), "name");
    assert_eq!(wrong(|b| b.week[2] = "mattina".into()), "wed");
    assert_eq!(wrong(|b| b.week = Default::default()), "week");
    assert_eq!(wrong(|b| b.patron = "31-02".into()), "patron");
    let far = |b: &mut CalendarBody| {
        b.closures = vec![Closure { from: "2026-01-01".parse().unwrap(), to: "2036-01-01".parse().unwrap() }];
    };
    assert_eq!(wrong(far), "closures");
}

fn any_unit() -> impl Strategy<Value = TermUnit> {
    proptest::sample::select(TermUnit::ALL.to_vec())
}

/// A minute of the years 2026 and 2027, both changes of clocks, Easter and a patron saint among them.
fn minutes() -> impl Strategy<Value = Instant> {
    (0_i64..60 * 24 * 730).prop_map(|m| Instant((1_767_225_600 + m * 60) * 1_000_000))
}

fn pauses_after(start: Instant, raw: &[(i64, i64)]) -> Vec<Pause> {
    let minute = |m: i64| Instant(start.0 + m * MINUTE_US);
    raw.iter().map(|(from, length)| Pause { from: minute(*from), until: Some(minute(from + length)) }).collect()
}

proptest! {
    #[test]
    fn adding_and_measuring_agree(start in minutes(), unit in any_unit(), amount in 1_i64..60) {
        let calendar = calendar(&office());
        let term = term(amount, unit, Roll::Stays);
        let due = term.due(&calendar, start, &[]).unwrap();
        prop_assert_eq!(spent(&calendar, unit, start, due, &[]), term.whole());
        prop_assert!(spent(&calendar, unit, start, Instant(due.0 - MINUTE_US), &[]) <= term.whole());
    }

    #[test]
    fn a_longer_or_later_term_never_ends_earlier(start in minutes(), unit in any_unit(), amount in 1_i64..60, more in 0_i64..10, later in 0_i64..5000) {
        let calendar = calendar(&office());
        for &roll in Roll::ALL {
            let due = |amount, start| term(amount, unit, roll).due(&calendar, start, &[]).unwrap();
            prop_assert!(due(amount + more, start) >= due(amount, start));
            prop_assert!(due(amount, Instant(start.0 + later * MINUTE_US)) >= due(amount, start));
        }
    }

    #[test]
    fn pauses_keep_what_is_left_in_any_order(start in minutes(), unit in any_unit(), amount in 1_i64..40,
        raw in proptest::collection::vec((0_i64..40_000, 1_i64..20_000), 0..4), probe in 0_i64..40_000) {
        let calendar = calendar(&office());
        let term = term(amount, unit, Roll::Stays);
        let pauses = pauses_after(start, &raw);
        let mut turned = pauses.clone();
        turned.reverse();
        let due = term.due(&calendar, start, &pauses).unwrap();
        prop_assert_eq!(Some(due), term.due(&calendar, start, &turned));
        prop_assert!(due >= term.due(&calendar, start, &[]).unwrap(), "a pause never shortens");
        prop_assert_eq!(spent(&calendar, unit, start, due, &pauses), term.whole());
        // While it is paused nothing is spent.
        if let Some(pause) = pauses.first() {
            let until = pause.until.unwrap();
            let inside = Instant(pause.from.0 + (until.0 - pause.from.0) * probe / 40_000);
            let before = spent(&calendar, unit, start, pause.from, &pauses);
            prop_assert_eq!(spent(&calendar, unit, start, inside, &pauses), before);
        }
    }

    #[test]
    fn hours_agree_with_counting_minute_by_minute(start in minutes(), amount in 1_i64..900, raw in proptest::collection::vec((0_i64..3_000, 1_i64..1_000), 0..3)) {
        let body = office();
        let (calendar, hours) = (calendar(&body), body.hours(&rome()).unwrap());
        let pauses = pauses_after(start, &raw);
        let mut left = amount;
        let mut minute = start;
        while left > 0 {
            left -= i64::from(hours.is_open(minute) && !pauses.iter().any(|p| p.holds(minute)));
            minute = Instant(minute.0 + MINUTE_US);
        }
        prop_assert_eq!(term(amount, TermUnit::WorkingMinutes, Roll::Stays).due(&calendar, start, &pauses), Some(minute));
    }

    #[test]
    fn days_agree_with_counting_day_by_day(start in minutes(), amount in 1_i64..40, working: bool) {
        let body = office();
        let (calendar, hours) = (calendar(&body), body.hours(&rome()).unwrap());
        let unit = if working { TermUnit::WorkingDays } else { TermUnit::CalendarDays };
        let mut day = start.zoned(&rome()).date();
        let mut left = amount;
        while left > 0 {
            day = day.tomorrow().unwrap();
            left -= i64::from(!working || hours.works_on(day));
        }
        prop_assert_eq!(term(amount, unit, Roll::Stays).due(&calendar, start, &[]), Some(calendar.end_of(day)));
    }
}
