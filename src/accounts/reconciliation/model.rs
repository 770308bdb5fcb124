//! What a comparison says, without I/O.
use std::ops::Range;

use channels::{ChannelKind, Held};
use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp, ToSpan};
use sqlx::FromRow;

use crate::kernel::time::Instant;

/// A message that a source has and we have not is on its way for this long.
pub const ON_ITS_WAY: SignedDuration = SignedDuration::from_mins(10);
/// What is stored is read within this time.
pub const READ_WITHIN: SignedDuration = SignedDuration::from_hours(1);

/// One local day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Day {
    pub date: Date,
    pub from: Instant,
    /// Not included.
    pub to: Instant,
}

impl Day {
    /// A day of a zone; `None` at the ends of time.
    pub fn new(date: Date, zone: &TimeZone) -> Option<Self> {
        let start = |date: Date| date.to_zoned(zone.clone()).ok().map(|at| Instant::from(at.timestamp()));
        Some(Self { date, from: start(date)?, to: start(date.tomorrow().ok()?)? })
    }

    /// The day of an instant, and some before it, the latest first.
    pub fn up_to(now: Instant, zone: &TimeZone, days: i64) -> Vec<Self> {
        let today = now.zoned(zone).date();
        (0..days).filter_map(|back| Self::new(today.checked_sub(back.days()).ok()?, zone)).collect()
    }

    /// As it is stored.
    pub fn text(&self) -> String {
        self.date.to_string()
    }

    /// From its first instant to the last.
    pub fn span(&self) -> Range<Timestamp> {
        self.from.timestamp()..self.to.timestamp()
    }
}

/// How something differs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// The source has it, and it was never stored.
    Missing,
    /// It lies where things are picked up, and nothing can read it.
    Left,
    /// It was handed over and acknowledged, and its row is gone.
    Uncounted,
    /// It is stored, and nobody read it.
    Unread,
    /// It was sent, and what became of it was never told.
    Report,
    /// A call began, and nobody told of its end.
    Call,
    /// The peer received it, and did not hand it over yet.
    Waiting,
    /// The peer counts it as handed over, and nothing of it was stored.
    Lost,
    /// It was given to the peer, and is not among what the peer took.
    Untaken,
}

impl Kind {
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Missing => "missing",
            Self::Left => "left",
            Self::Uncounted => "uncounted",
            Self::Unread => "unread",
            Self::Report => "report",
            Self::Call => "call",
            Self::Waiting => "waiting",
            Self::Lost => "lost",
            Self::Untaken => "untaken",
        }
    }
}

/// One thing that differs.
#[derive(Debug, Clone, PartialEq, Eq, FromRow)]
pub struct Item {
    /// As [`Kind::as_str`] says.
    pub kind: String,
    /// Its name at the source, or ours.
    pub name: String,
    pub at: Option<Instant>,
    /// Code of its ticket; may be empty.
    pub ticket: String,
    /// Whether the peer gives it when asked.
    pub obtainable: bool,
}

impl Item {
    pub fn new(kind: Kind, name: impl Into<String>, at: Option<Instant>) -> Self {
        Self { kind: kind.as_str().to_owned(), name: name.into(), at, ticket: String::new(), obtainable: false }
    }
}

/// What an account and a day come to.
#[derive(Debug, Clone, Default, PartialEq, Eq, FromRow)]
pub struct Sheet {
    pub account: String,
    pub day: String,
    pub channel: String,
    pub checked_at: Instant,
    /// `source`, `door` or `none`: who says how much was handed over.
    pub asked: String,
    pub handed: i64,
    pub stored: i64,
    pub contacts: i64,
    pub duplicates: i64,
    pub reports: i64,
    pub quarantined: i64,
    pub discarded: i64,
    pub waiting: i64,
    pub sent: i64,
    pub unreported: i64,
    pub calls: i64,
    pub differences: i64,
    pub error: String,
    /// What a gateway itself counted as received and as given to the network; `None` when it was not asked.
    pub gateway_received: Option<i64>,
    pub gateway_sent: Option<i64>,
}

/// How long after the sending a channel has told what became of a message; `None` where it need not tell.
pub const fn told_within(kind: ChannelKind) -> Option<SignedDuration> {
    match kind {
        // A provider must have delivered or given up after 24 hours.
        ChannelKind::Pec | ChannelKind::Fax => Some(SignedDuration::from_hours(25)),
        // A telephone that is off is tried for three days.
        ChannelKind::Sms => Some(SignedDuration::from_hours(73)),
        ChannelKind::Email
        | ChannelKind::Letter
        | ChannelKind::Phone
        | ChannelKind::Voicemail
        | ChannelKind::WebForm
        | ChannelKind::Counter => None,
    }
}

/// What a source has and we have not: all but what may still be on its way.
pub fn missing(held: &[Held], known: &std::collections::HashSet<String>, now: Instant) -> Vec<Item> {
    let late = now.minus(ON_ITS_WAY);
    let unknown = held.iter().filter(|h| !known.contains(&h.external_ref));
    let unknown = unknown.filter(|h| h.received_at.is_none_or(|at| Instant::from(at) < late));
    let of = |h: &Held| Item {
        obtainable: h.obtainable,
        ..Item::new(
            if h.obtainable { Kind::Missing } else { Kind::Left },
            &h.external_ref,
            h.received_at.map(Instant::from),
        )
    };
    unknown.map(of).collect()
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    fn held(name: &str, at: &str) -> Held {
        Held { external_ref: name.to_owned(), received_at: Some(at.parse().unwrap()), obtainable: name != "note.doc" }
    }

    #[test]
    fn a_local_day_has_as_many_hours_as_the_clock_says() {
        let zone = TimeZone::get("Europe/Rome").unwrap();
        let hours = |date: &str| {
            let day = Day::new(date.parse().unwrap(), &zone).unwrap();
            day.to.since(day.from).as_hours()
        };
        assert_eq!((hours("2026-03-29"), hours("2026-10-25"), hours("2026-03-02")), (23, 25, 24));
        let days = Day::up_to(Instant::parse("2026-03-01T23:30:00Z").unwrap(), &zone, 2);
        assert_eq!(days.iter().map(Day::text).collect::<Vec<_>>(), ["2026-03-02", "2026-03-01"]);
    }

    #[test]
    fn what_just_came_is_not_missing_yet() {
        let now = Instant::parse("2026-03-02T12:00:00Z").unwrap();
        let there = [
            held("7.1", "2026-03-02T09:00:00Z"),
            held("7.2", "2026-03-02T11:55:00Z"),
            held("7.3", "2026-03-02T10:00:00Z"),
            held("note.doc", "2026-03-02T08:00:00Z"),
        ];
        let known = HashSet::from(["7.1".to_owned()]);
        let found: Vec<_> = missing(&there, &known, now).into_iter().map(|i| (i.kind, i.name, i.obtainable)).collect();
        let expected = [("missing", "7.3", true), ("left", "note.doc", false)];
        assert_eq!(found, expected.map(|(kind, name, there)| (kind.to_owned(), name.to_owned(), there)));
    }
}
