//! «La rete»: which unit sends to which, how much, how soon the answer comes and what is overdue (004-16, 004-19).
//! Every number opens into its legs, which the same condition finds.
pub mod api;
mod drawing;
pub mod pages;
mod store;

use std::collections::HashMap;

use super::Period;
use crate::kernel::database::{Conn, StoreError};
use crate::kernel::names::stored_enum;
use crate::kernel::time::Instant;
use crate::organisation::{AgencyKind, History, Unit};

pub use store::{Flow, Sent};

stored_enum! {
    /// Which legs a number counts.
    Which {
        /// All that were sent in the period.
        Sent = "sent",
        Answered = "answered",
        /// Answered after the term.
        Late = "late",
        /// Nobody answered yet.
        Waiting = "waiting",
        /// Waiting, and the term is over.
        Overdue = "overdue",
        /// The unit was not competent.
        Returned = "returned",
    }
}

/// Between which units; 0 stands for all.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Between {
    pub sender: i64,
    pub unit: i64,
    /// One that sent or received.
    pub about: i64,
}

/// The flows of a period, the largest first, and their sum.
#[derive(Debug, Clone, Default)]
pub struct Flows {
    pub rows: Vec<Flow>,
    pub total: Flow,
}

/// Counts the legs that were sent in a period, by sender and receiver; with a unit only those it sent or received.
///
/// # Errors
/// When the database cannot be read.
pub async fn flows(
    conn: &mut Conn,
    span: (Instant, Instant),
    about: Option<i64>,
    now: Instant,
) -> Result<Flows, StoreError> {
    let mut rows = store::flows(conn, span, about.unwrap_or(0), now).await?;
    let medians: HashMap<(i64, i64), i64> = store::medians(conn, span, about.unwrap_or(0))
        .await?
        .into_iter()
        .map(|(sender, unit, median)| ((sender, unit), median))
        .collect();
    let mut total = Flow { median: store::median(conn, span, about.unwrap_or(0)).await?, ..Flow::default() };
    for row in &mut rows {
        row.median = medians.get(&(row.sender, row.unit)).copied();
        total.sent += row.sent;
        total.answered += row.answered;
        total.late += row.late;
        total.waiting += row.waiting;
        total.overdue += row.overdue;
        total.returned += row.returned;
    }
    rows.sort_by_key(|row| (std::cmp::Reverse(row.sent), row.sender, row.unit));
    Ok(Flows { rows, total })
}

/// The legs behind a number, the latest first, before a place.
///
/// # Errors
/// When the database cannot be read.
pub async fn behind(
    conn: &mut Conn,
    span: (Instant, Instant),
    (between, which): (Between, Which),
    now: Instant,
    before: (Instant, i64),
    limit: i64,
) -> Result<Vec<Sent>, StoreError> {
    store::behind(conn, span, between, which, now, before, limit).await
}

/// The units as they were at the end of a period.
#[derive(Debug)]
pub(super) struct Names {
    units: HashMap<i64, Unit>,
    history: History,
}

impl Names {
    pub(super) async fn at(conn: &mut Conn, end: Instant) -> Result<Self, StoreError> {
        let history = History::load(conn).await?;
        let units = history.all_named(end).into_iter().map(|unit| (unit.id, unit)).collect();
        Ok(Self { units, history })
    }

    pub(super) fn unit(&self, id: i64) -> Option<&Unit> {
        self.units.get(&id)
    }

    /// The body of a unit that is not ours; empty for ours.
    pub(super) fn other_agency(&self, id: i64) -> String {
        let agency = self.unit(id).and_then(|unit| self.history.agency(unit.agency_id));
        agency.filter(|a| a.kind != AgencyKind::Own).map(|a| a.name.clone()).unwrap_or_default()
    }

    /// All of them, by name.
    pub(super) fn all(&self) -> Vec<&Unit> {
        let mut all: Vec<&Unit> = self.units.values().collect();
        all.sort_by(|a, b| (&a.name, a.id).cmp(&(&b.name, b.id)));
        all
    }
}
