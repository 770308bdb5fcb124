//! Instants, and where they come from. Nothing else in the program asks the system for the time.
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp, Zoned};
use serde::{Deserialize, Serialize};

/// A point in time: microseconds since 1970-01-01 UTC, as stored in `BIGINT` columns.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, sqlx::Type, Serialize, Deserialize)]
#[sqlx(transparent)]
#[serde(transparent)]
pub struct Instant(pub i64);

impl Instant {
    /// This instant moved by a span; saturates at the ends of time.
    #[must_use]
    pub fn plus(self, span: SignedDuration) -> Self {
        Self(self.0.saturating_add(i64::try_from(span.as_micros()).unwrap_or(i64::MAX)))
    }

    /// This instant moved back by a span; saturates at the ends of time.
    #[must_use]
    pub fn minus(self, span: SignedDuration) -> Self {
        Self(self.0.saturating_sub(i64::try_from(span.as_micros()).unwrap_or(i64::MAX)))
    }

    /// Time from `earlier` to this instant; negative when it is later.
    pub fn since(self, earlier: Self) -> SignedDuration {
        SignedDuration::from_micros(self.0.saturating_sub(earlier.0))
    }

    /// As a `jiff` timestamp; the epoch when out of its range.
    pub fn timestamp(self) -> Timestamp {
        Timestamp::from_microsecond(self.0).unwrap_or_default()
    }

    /// In a display zone.
    pub fn zoned(self, zone: &TimeZone) -> Zoned {
        self.timestamp().to_zoned(zone.clone())
    }

    /// RFC 3339 in UTC, for the API.
    pub fn rfc3339(self) -> String {
        self.timestamp().to_string()
    }

    /// The local day, `YYYY-MM-DD`, for statistics.
    pub fn day(self, zone: &TimeZone) -> String {
        self.zoned(zone).date().to_string()
    }

    /// Parses RFC 3339.
    ///
    /// # Errors
    /// When the text is not an RFC 3339 timestamp.
    pub fn parse(text: &str) -> Result<Self, jiff::Error> {
        Ok(text.parse::<Timestamp>()?.into())
    }
}

impl From<Timestamp> for Instant {
    fn from(t: Timestamp) -> Self {
        Self(t.as_microsecond())
    }
}

/// The time source of the program: the system's, or one that a test or the demo loader moves by hand.
#[derive(Debug, Clone, Default)]
pub struct Clock {
    manual: Option<Arc<AtomicI64>>,
}

impl Clock {
    /// The system's clock.
    pub fn system() -> Self {
        Self::default()
    }

    /// A clock that stands still until it is moved.
    pub fn manual(start: Instant) -> Self {
        Self { manual: Some(Arc::new(AtomicI64::new(start.0))) }
    }

    /// The current instant.
    #[expect(clippy::disallowed_methods, reason = "the one place that asks the system")]
    pub fn now(&self) -> Instant {
        match &self.manual {
            Some(at) => Instant(at.load(Ordering::SeqCst)),
            None => Timestamp::now().into(),
        }
    }

    /// Moves a manual clock forward; no effect on the system's.
    pub fn advance(&self, span: SignedDuration) {
        if let Some(at) = &self.manual {
            at.fetch_add(i64::try_from(span.as_micros()).unwrap_or(0), Ordering::SeqCst);
        }
    }

    /// Sets a manual clock; no effect on the system's.
    pub fn set(&self, to: Instant) {
        if let Some(at) = &self.manual {
            at.store(to.0, Ordering::SeqCst);
        }
    }
}
