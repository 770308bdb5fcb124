//! All calendars and protocols with their versions, as they were known at any instant: so that a clock comes out the
//! same whenever it is computed.
use std::collections::HashMap;
use std::sync::Arc;

use jiff::civil::Date;
use jiff::tz::TimeZone;

use super::calendar::{Calendar, CalendarBody};
use super::model::{Beginning, Clock};
use super::protocol::{PhaseRule, ProtocolBody, Subject};
use super::store;
use crate::kernel::database::{Conn, StoreError};
use crate::kernel::hours::Hours;
use crate::kernel::time::Instant;

#[derive(Debug, Clone)]
struct CalendarVersion {
    calendar: i64,
    since: Date,
    saved_at: Instant,
    hours: Arc<Hours>,
}

/// A version of a protocol.
#[derive(Debug, Clone)]
pub struct ProtocolVersion {
    /// Row id of the version.
    pub id: i64,
    /// Row id of the protocol.
    pub protocol: i64,
    /// The first day it holds.
    pub since: Date,
    pub saved_at: Instant,
    pub body: ProtocolBody,
}

/// Calendars, protocols, and which category lies below which.
#[derive(Debug, Clone)]
pub struct Book {
    zone: TimeZone,
    calendars: Vec<CalendarVersion>,
    protocols: Vec<ProtocolVersion>,
    parents: HashMap<i64, Option<i64>>,
}

/// For what a protocol is sought.
#[derive(Debug, Clone, Copy)]
pub struct Case {
    pub subject: Subject,
    pub category: Option<i64>,
    /// The owner of the ticket, or the unit of the leg.
    pub unit: i64,
    /// When the ticket began: its version is the one of that day.
    pub began: Instant,
    /// What was saved later is not known.
    pub known: Instant,
}

impl Book {
    /// Reads all of it.
    ///
    /// # Errors
    /// When the database cannot be read, or holds what this program cannot read.
    pub async fn read(conn: &mut Conn, zone: &TimeZone) -> Result<Self, StoreError> {
        let mut calendars = Vec::new();
        for row in store::calendar_versions(conn, None).await? {
            let wrong = StoreError::Inconsistent { table: "calendar_versions", column: "body" };
            let Ok(body) = serde_json::from_str::<CalendarBody>(&row.body) else { return Err(wrong) };
            let Ok(hours) = body.hours(zone) else { return Err(wrong) };
            let since = day(&row.valid_from, "calendar_versions")?;
            calendars.push(CalendarVersion { calendar: row.of, since, saved_at: row.saved_at, hours: Arc::new(hours) });
        }
        let mut protocols = Vec::new();
        for row in store::protocol_versions(conn, None).await? {
            let wrong = StoreError::Inconsistent { table: "protocol_versions", column: "body" };
            let Ok(body) = serde_json::from_str::<ProtocolBody>(&row.body) else { return Err(wrong) };
            let since = day(&row.valid_from, "protocol_versions")?;
            protocols.push(ProtocolVersion { id: row.id, protocol: row.of, since, saved_at: row.saved_at, body });
        }
        let parents = store::category_parents(conn).await?.into_iter().collect();
        Ok(Self { zone: zone.clone(), calendars, protocols, parents })
    }

    /// Whether there is nothing that could start a clock.
    pub fn is_empty(&self) -> bool {
        self.protocols.is_empty()
    }

    /// Whether any protocol had been saved at an instant.
    pub fn knows_any(&self, at: Instant) -> bool {
        self.protocols.iter().any(|v| v.saved_at <= at)
    }

    /// The display zone, which is also the one of all calendars.
    pub const fn zone(&self) -> &TimeZone {
        &self.zone
    }

    /// A calendar by row id, as it was known at an instant; `None` when there was none yet.
    pub fn calendar(&self, id: i64, known: Instant) -> Option<Calendar> {
        let parts = self.calendars.iter().filter(|v| v.calendar == id && v.saved_at <= known);
        Calendar::of(parts.map(|v| (v.since, v.hours.clone())).collect(), self.zone.clone())
    }

    /// A version of a protocol by its row id.
    pub fn version(&self, id: i64) -> Option<&ProtocolVersion> {
        self.protocols.iter().find(|v| v.id == id)
    }

    /// The version of a protocol that holds on a day, of those known at an instant.
    fn in_force(&self, protocol: i64, day: Date, known: Instant) -> Option<&ProtocolVersion> {
        let known = self.protocols.iter().filter(|v| v.protocol == protocol && v.saved_at <= known && v.since <= day);
        // They come in the order of saving: of two for one day the later counts.
        known.max_by_key(|v| (v.since, v.saved_at, v.id))
    }

    /// The protocol for a case: the one that names the nearest category, then the one that names the unit, then the
    /// oldest.
    pub fn choose(&self, case: Case) -> Option<&ProtocolVersion> {
        let day = case.began.zoned(&self.zone).date();
        let line = self.line(case.category);
        let mut best: Option<(usize, &ProtocolVersion)> = None;
        let mut seen = Vec::new();
        for protocol in self.protocols.iter().map(|v| v.protocol) {
            if seen.contains(&protocol) {
                continue;
            }
            seen.push(protocol);
            let Some(version) = self.in_force(protocol, day, case.known) else { continue };
            if !version.body.enabled || version.body.phases_of(case.subject).next().is_none() {
                continue;
            }
            if let Some(fit) = version.body.fits(&line, case.unit)
                && best.is_none_or(|(other, _)| fit > other)
            {
                best = Some((fit, version));
            }
        }
        best.map(|(_, version)| version)
    }

    /// By when a request that comes now will be answered, as its protocol says: the same day that its clock will show.
    /// `None` when no protocol says anything of it.
    pub fn promise(&self, category: Option<i64>, unit: i64, at: Instant) -> Option<Instant> {
        let version = self.choose(Case { subject: Subject::Ticket, category, unit, began: at, known: at })?;
        let calendar = self.calendar(version.body.calendar, at)?;
        let due = |rule: &PhaseRule| {
            let of = Beginning {
                ticket: 0,
                leg: 0,
                round: 1,
                version: version.id,
                calendar: version.body.calendar,
                category: category.unwrap_or(0),
                unit,
                at,
            };
            let mut clock = Clock::begin(rule, of);
            clock.compute(&calendar, &[], at);
            clock.due_at
        };
        version.body.phases_of(Subject::Ticket).filter(|rule| rule.kind.is_final()).filter_map(due).min()
    }

    /// A category with those above it, itself first.
    fn line(&self, category: Option<i64>) -> Vec<i64> {
        let mut line = Vec::new();
        let mut next = category;
        while let Some(id) = next.filter(|id| !line.contains(id)) {
            line.push(id);
            next = self.parents.get(&id).copied().flatten();
        }
        line
    }
}

fn day(text: &str, table: &'static str) -> Result<Date, StoreError> {
    text.parse().map_err(|_| StoreError::Inconsistent { table, column: "valid_from" })
}
