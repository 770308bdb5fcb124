//! How terms were kept: shares met, medians and ninth deciles of their lengths, and the terms behind each figure.
//! Page, export, API and lists are made of the same rows (C23, 000-39, 000-42).
use std::collections::{BTreeMap, HashMap};

use jiff::civil::Date;
use serde::Serialize;

use super::store::{self, TermRow};
use crate::clocks::store as clock_store;
use crate::clocks::{PhaseKind, ProtocolBody};
use crate::kernel::database::{Conn, StoreError};
use crate::kernel::language::Language;
use crate::kernel::names::stored_enum;
use crate::kernel::time::Instant;

stored_enum! {
    /// By what the figures are divided.
    By {
        Protocol = "protocol",
        Phase = "phase",
        Unit = "unit",
        /// Category and phase: the slowest first (000-42).
        Category = "category",
    }
}

stored_enum! {
    /// Which terms of a figure a list shows.
    Which {
        All = "all",
        Met = "met",
        Missed = "missed",
    }
}

/// Local days, both included.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Period {
    pub from: Date,
    pub to: Date,
}

impl Period {
    /// From texts; a missing end is `today`, a missing begin 89 days before the end. `None` when a text is no day or
    /// the period runs backwards.
    pub fn parse(from: &str, to: &str, today: Date) -> Option<Self> {
        let day = |text: &str, or: Date| if text.is_empty() { Some(or) } else { text.parse().ok() };
        let to = day(to, today)?;
        let from = day(from, to.saturating_sub(jiff::Span::new().days(89)))?;
        (from <= to).then_some(Self { from, to })
    }
}

/// One line of the figures.
#[derive(Debug, Clone, PartialEq, Serialize, utoipa::ToSchema)]
pub struct Line {
    /// Stable name: row ids, and for categories with the phase after a point.
    pub key: String,
    /// As people read it.
    pub label: String,
    /// Name of the phase; empty where lines are not divided by it.
    pub phase: String,
    pub met: i64,
    pub missed: i64,
    /// Hours from the beginning of the term to what it asks for, of those where it was done; null without any.
    pub median_hours: Option<f64>,
    /// Nine tenths were not longer.
    pub p90_hours: Option<f64>,
}

impl Line {
    /// Share met in per mille, rounded to the nearest.
    pub fn permille(&self) -> i64 {
        let whole = self.met + self.missed;
        if whole == 0 { 1000 } else { (self.met * 1000 + whole / 2) / whole }
    }
}

/// The figures of a period.
#[derive(Debug, Clone)]
pub struct Figures {
    pub total: Line,
    pub lines: Vec<Line>,
}

/// Names of what figures are divided by.
#[derive(Debug)]
struct Names {
    protocols: HashMap<i64, (i64, String)>,
    categories: HashMap<i64, String>,
    units: HashMap<i64, String>,
}

impl Names {
    async fn read(conn: &mut Conn) -> Result<Self, StoreError> {
        let mut protocols = HashMap::new();
        for row in clock_store::protocol_versions(conn, None).await? {
            let name = serde_json::from_str::<ProtocolBody>(&row.body).map(|b| b.name).unwrap_or_default();
            protocols.insert(row.id, (row.of, name));
        }
        Ok(Self {
            protocols,
            categories: store::categories(conn).await?.into_iter().collect(),
            units: store::units(conn).await?.into_iter().collect(),
        })
    }

    fn key(&self, by: By, row: &TermRow, language: Language) -> (String, String) {
        let phase = || phase_name(language, &row.phase);
        let named = |names: &HashMap<i64, String>, id: i64| {
            names.get(&id).cloned().unwrap_or_else(|| language.text("terms-without"))
        };
        match by {
            By::Protocol => {
                let (id, name) = self.protocols.get(&row.version_id).cloned().unwrap_or_default();
                (id.to_string(), name)
            }
            By::Phase => (row.phase.clone(), phase()),
            By::Unit => (row.unit_id.to_string(), named(&self.units, row.unit_id)),
            By::Category => (format!("{}.{}", row.category_id, row.phase), named(&self.categories, row.category_id)),
        }
    }
}

/// A phase as people read it.
pub fn phase_name(language: Language, phase: &str) -> String {
    match PhaseKind::from_text(phase) {
        Some(kind) => language.text(&format!("term-phase-{}", kind.as_str().replace('_', "-"))),
        None => phase.to_owned(),
    }
}

/// The figures of a period, divided.
///
/// # Errors
/// When the database cannot be read.
pub async fn figures(conn: &mut Conn, period: Period, by: By, language: Language) -> Result<Figures, StoreError> {
    let names = Names::read(conn).await?;
    let rows = store::terms(conn, period.from, period.to).await?;
    let mut groups: BTreeMap<String, (String, String, Vec<&TermRow>)> = BTreeMap::new();
    for row in &rows {
        let (key, label) = names.key(by, row, language);
        let phase = if by == By::Category { phase_name(language, &row.phase) } else { String::new() };
        groups.entry(key).or_insert_with(|| (label, phase, Vec::new())).2.push(row);
    }
    let mut lines: Vec<Line> =
        groups.into_iter().map(|(key, (label, phase, rows))| line(key, label, phase, &rows)).collect();
    if by == By::Category {
        lines.sort_by(|a, b| b.median_hours.unwrap_or(-1.0).total_cmp(&a.median_hours.unwrap_or(-1.0)));
    } else {
        lines.sort_by_key(|l| (l.permille(), l.label.clone()));
    }
    let total = line("total".to_owned(), String::new(), String::new(), &rows.iter().collect::<Vec<_>>());
    Ok(Figures { total, lines })
}

fn line(key: String, label: String, phase: String, rows: &[&TermRow]) -> Line {
    let missed = rows.iter().filter(|r| r.state == "missed").count();
    let mut lengths: Vec<i64> =
        rows.iter().filter_map(|r| r.ended_at.map(|end| end.since(r.started_at).as_secs())).collect();
    lengths.sort_unstable();
    Line {
        key,
        label,
        phase,
        met: i64::try_from(rows.len() - missed).unwrap_or(i64::MAX),
        missed: i64::try_from(missed).unwrap_or(i64::MAX),
        median_hours: rank(&lengths, 50),
        p90_hours: rank(&lengths, 90),
    }
}

/// The value that so many hundredths do not exceed (nearest rank), in hours.
fn rank(sorted: &[i64], percent: usize) -> Option<f64> {
    let place = (sorted.len() * percent).div_ceil(100).max(1) - 1;
    #[expect(clippy::cast_precision_loss, reason = "seconds of a procedure stay far below 2^53")]
    sorted.get(place).map(|seconds| *seconds as f64 / 3600.0)
}

/// A term behind a figure.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub struct Behind {
    /// Row id, by which the list goes on.
    pub id: i64,
    pub ticket_code: String,
    pub subject: String,
    pub phase: String,
    pub met: bool,
    #[schema(value_type = i64)]
    pub started_at: Instant,
    #[schema(value_type = Option<i64>)]
    pub due_at: Option<Instant>,
    #[schema(value_type = Option<i64>)]
    pub ended_at: Option<Instant>,
}

/// The terms behind a figure, the latest first, before a row id; an empty key is the total.
///
/// # Errors
/// When the database cannot be read.
pub async fn behind(
    conn: &mut Conn,
    period: Period,
    (by, key, which): (By, &str, Which),
    before: i64,
    limit: usize,
) -> Result<Vec<Behind>, StoreError> {
    let names = Names::read(conn).await?;
    let mut rows = store::terms(conn, period.from, period.to).await?;
    rows.retain(|row| {
        let wanted = match which {
            Which::All => true,
            Which::Met => row.state == "met",
            Which::Missed => row.state == "missed",
        };
        wanted && row.id < before && (key.is_empty() || names.key(by, row, Language::Italian).0 == key)
    });
    rows.sort_by_key(|row| std::cmp::Reverse(row.id));
    rows.truncate(limit);
    let mut found = Vec::with_capacity(rows.len());
    for row in rows {
        let (ticket_code, subject) = store::ticket_line(conn, row.ticket_id).await?.unwrap_or_default();
        found.push(Behind {
            id: row.id,
            ticket_code,
            subject,
            met: row.state == "met",
            phase: row.phase,
            started_at: row.started_at,
            due_at: row.due_at,
            ended_at: row.ended_at,
        });
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rank_is_a_length_that_was_measured() {
        let hours = |n: i64| n * 3600;
        let sorted: Vec<i64> = (1..=10).map(hours).collect();
        assert_eq!((rank(&sorted, 50), rank(&sorted, 90)), (Some(5.0), Some(9.0)));
        assert_eq!((rank(&[hours(7)], 90), rank(&[], 50)), (Some(7.0), None));
    }
}
