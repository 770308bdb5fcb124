//! The closure rate of a period, whole and divided.
use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Span};
use serde::{Deserialize, Serialize};

use super::store;
use crate::kernel::database::{Conn, StoreError};
use crate::kernel::names::stored_enum;
use crate::kernel::problem::{Kind, Refusal};
use crate::kernel::time::Instant;

stored_enum! {
    /// By what a figure is divided.
    Dimension {
        Channel = "channel",
        /// The upper level of the classification.
        Area = "area",
        Category = "category",
        Unit = "unit",
        /// At which level the owner handles requests (004-19), 1 to 4.
        Level = "level",
        Day = "day",
        Week = "week",
        Month = "month",
    }
}

stored_enum! {
    /// By which classes a figure is read when it is divided by them.
    #[derive(Default)]
    Classes {
        /// Those the requests were closed with, as they were called at the end of the period.
        #[default]
        Then = "then",
        /// Those in force now: old ones are read through what they became. Where a class was split, the parts are
        /// an estimate by the weights of the split.
        Now = "now",
    }
}

stored_enum! {
    /// Which tickets of a figure a list shows.
    Which {
        Closed = "closed",
        Strict = "strict",
        NotStrict = "not_strict",
        Wide = "wide",
        NotWide = "not_wide",
    }
}

/// Days from `from` to `to`, both included, in the display zone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Period {
    pub from: Date,
    pub to: Date,
}

/// A period that cannot be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PeriodError {
    #[error("a day is written YYYY-MM-DD")]
    NotADay,
    #[error("the period ends before it begins")]
    Backwards,
}

impl Refusal for PeriodError {
    fn kind(&self) -> Kind {
        Kind::Invalid
    }
    fn code(&self) -> &'static str {
        match self {
            Self::NotADay => "not_a_day",
            Self::Backwards => "period_backwards",
        }
    }
}

impl Period {
    /// From texts; a missing end is `today`, a missing begin 89 days before the end: ninety days.
    ///
    /// # Errors
    /// When a text is not a day, or the end is before the begin.
    pub fn parse(from: Option<&str>, to: Option<&str>, today: Date) -> Result<Self, PeriodError> {
        let day = |text: Option<&str>| match text.filter(|t| !t.is_empty()) {
            Some(text) => text.parse::<Date>().map(Some).map_err(|_| PeriodError::NotADay),
            None => Ok(None),
        };
        let to = day(to)?.unwrap_or(today);
        let from = day(from)?.unwrap_or_else(|| to.saturating_sub(Span::new().days(89)));
        if from > to { Err(PeriodError::Backwards) } else { Ok(Self { from, to }) }
    }

    /// First and last instant in a zone: units are shown as they were at the last.
    pub fn span(&self, zone: &TimeZone) -> (Instant, Instant) {
        let start =
            |day: Date| -> Instant { day.to_zoned(zone.clone()).map(|z| z.timestamp().into()).unwrap_or_default() };
        let after = self.to.saturating_add(Span::new().days(1));
        (start(self.from), Instant::minus(start(after), SignedDuration::from_micros(1)))
    }
}

/// One line of a figure.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Row {
    /// Stable name: a channel, the slug of a category or unit, a day, an ISO week or a month.
    pub key: String,
    /// As people read it.
    pub label: String,
    pub closed: i64,
    pub strict: i64,
    pub wide: i64,
}

impl Row {
    /// Share closed at the front office, strict, in per mille; `None` without closures.
    pub fn strict_permille(&self) -> Option<i64> {
        permille(self.strict, self.closed)
    }

    /// Share closed at the front office, wide, in per mille; `None` without closures.
    pub fn wide_permille(&self) -> Option<i64> {
        permille(self.wide, self.closed)
    }
}

fn permille(part: i64, whole: i64) -> Option<i64> {
    (whole > 0).then(|| (part * 1000 + whole / 2) / whole)
}

/// A figure: the whole and its division.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Figures {
    pub period: Period,
    pub by: Dimension,
    pub total: Row,
    pub rows: Vec<Row>,
}

/// The closure rate of a period, divided by one dimension, for one unit or all. Units have the names that they
/// had at the end of the period, whatever became of them (D19).
///
/// # Errors
/// When the database cannot be read.
pub async fn closure_rate(
    conn: &mut Conn,
    zone: &TimeZone,
    period: Period,
    by: Dimension,
    unit: Option<&str>,
    classes: Classes,
) -> Result<Figures, StoreError> {
    let sums = store::daily_sums(conn, period, unit).await?;
    let names = store::names(conn, period, period.span(zone).1, classes).await?;
    Ok(divide(period, by, sums.iter(), &names))
}

/// Sums of one day, channel, category and unit, whatever counted them.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct Sum {
    pub day: String,
    pub channel: String,
    pub category_id: i64,
    pub unit_id: i64,
    pub closed: i64,
    pub strict: i64,
    pub wide: i64,
}

/// Adds sums up by a dimension: the same arithmetic for kept figures and for a recount.
pub fn divide<'a>(period: Period, by: Dimension, sums: impl Iterator<Item = &'a Sum>, names: &store::Names) -> Figures {
    let mut rows = std::collections::BTreeMap::<String, Row>::new();
    let mut total = Row { key: "total".to_owned(), ..Row::default() };
    let mapped = match by {
        Dimension::Area | Dimension::Category => names.mapped(sums),
        _ => sums.cloned().collect(),
    };
    for sum in &mapped {
        let (key, label) = names.key(by, sum);
        let row = rows.entry(key.clone()).or_insert_with(|| Row { key, label, ..Row::default() });
        for row in [row, &mut total] {
            row.closed += sum.closed;
            row.strict += sum.strict;
            row.wide += sum.wide;
        }
    }
    let mut rows: Vec<Row> = rows.into_values().filter(|r| r.closed != 0).collect();
    if !matches!(by, Dimension::Day | Dimension::Week | Dimension::Month) {
        rows.sort_by(|a, b| b.closed.cmp(&a.closed).then_with(|| a.key.cmp(&b.key)));
    }
    Figures { period, by, total, rows }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_period_defaults_to_ninety_days_and_never_runs_backwards() {
        let today = jiff::civil::date(2026, 11, 22);
        let period = Period::parse(None, None, today).unwrap();
        assert_eq!((period.from, period.to), (jiff::civil::date(2026, 8, 25), today));
        assert_eq!(Period::parse(Some("2026-02-01"), Some("2026-01-01"), today), Err(PeriodError::Backwards));
        assert_eq!(Period::parse(Some("ieri"), None, today), Err(PeriodError::NotADay));
    }

    #[test]
    fn a_rate_is_rounded_to_the_nearest_per_mille() {
        let row = Row { closed: 10_000, strict: 8_425, wide: 10_000, ..Row::default() };
        assert_eq!((row.strict_permille(), row.wide_permille()), (Some(843), Some(1000)));
        assert_eq!(Row::default().strict_permille(), None);
    }
}
