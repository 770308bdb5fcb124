//! SQL of the closures and of the names that figures are shown with.
use std::collections::HashMap;

use jiff::civil::Date;
use sqlx::{FromRow, QueryBuilder};

use super::figures::{Dimension, Period, Sum, Which};
use crate::kernel::database::{Conn, StoreError, Tx, pieces};
use crate::kernel::time::Instant;
use crate::on;
use crate::organisation::History;

/// A ticket that is closed, with the facts of its closing.
#[derive(Debug, Clone, PartialEq, Eq, FromRow)]
pub struct Closure {
    pub ticket_id: i64,
    pub closed_at: Instant,
    pub day: String,
    pub channel: String,
    pub category_id: i64,
    pub unit_id: i64,
    pub strict: bool,
    pub wide: bool,
}

/// Records closures.
pub async fn insert<'a>(tx: &mut Tx, closures: impl Iterator<Item = &'a Closure>) -> Result<(), StoreError> {
    let closures: Vec<&Closure> = closures.collect();
    for piece in pieces(&closures) {
        on!(tx, c => QueryBuilder::new(
            "INSERT INTO closures (ticket_id, closed_at, day, channel, category_id, unit_id, strict, wide) ")
            .push_values(piece, |mut row, closure| {
                row.push_bind(closure.ticket_id).push_bind(closure.closed_at).push_bind(&closure.day)
                    .push_bind(&closure.channel).push_bind(closure.category_id).push_bind(closure.unit_id)
                    .push_bind(closure.strict).push_bind(closure.wide);
            })
            .build().execute(c).await.map(drop))?;
    }
    Ok(())
}

/// Removes the closures of tickets; answers what they were.
pub async fn remove(tx: &mut Tx, tickets: &[i64]) -> Result<Vec<Closure>, StoreError> {
    let mut removed = Vec::new();
    for piece in pieces(tickets) {
        removed.extend(on!(tx, c => QueryBuilder::new("DELETE FROM closures WHERE ticket_id IN (")
            .push_values(piece, |mut row, ticket| {
                row.push_bind(ticket);
            })
            .push(") RETURNING ticket_id, closed_at, day, channel, category_id, unit_id, strict, wide")
            .build_query_as::<Closure>().fetch_all(c).await)?);
    }
    Ok(removed)
}

/// Moves the sums of a day.
pub async fn add_daily(
    tx: &mut Tx,
    day: &str,
    channel: &str,
    category: i64,
    unit: i64,
    (closed, strict, wide): (i64, i64, i64),
) -> Result<(), StoreError> {
    on!(tx, c => sqlx::query(
        "INSERT INTO closure_daily (day, channel, category_id, unit_id, closed, strict, wide)
         VALUES ($1, $2, $3, $4, $5, $6, $7)
         ON CONFLICT (day, channel, category_id, unit_id) DO UPDATE SET
            closed = closure_daily.closed + excluded.closed, strict = closure_daily.strict + excluded.strict,
            wide = closure_daily.wide + excluded.wide")
        .bind(day).bind(channel).bind(category).bind(unit).bind(closed).bind(strict).bind(wide)
        .execute(c).await.map(drop))?;
    Ok(())
}

/// Forgets all closures and the reader's position.
pub async fn clear(tx: &mut Tx) -> Result<(), StoreError> {
    on!(tx, c => sqlx::query("DELETE FROM closures").execute(c).await.map(drop))?;
    on!(tx, c => sqlx::query("DELETE FROM closure_daily").execute(c).await.map(drop))?;
    on!(tx, c => sqlx::query("DELETE FROM feed_positions WHERE reader = 'closures'").execute(c).await.map(drop))?;
    Ok(())
}

/// The kept sums of a period, of one unit (by slug) or of all.
pub async fn daily_sums(conn: &mut Conn, period: Period, unit: Option<&str>) -> Result<Vec<Sum>, StoreError> {
    Ok(on!(conn, c => sqlx::query_as::<_, Sum>(
        "SELECT d.day, d.channel, d.category_id, d.unit_id, d.closed, d.strict, d.wide
         FROM closure_daily d LEFT JOIN units u ON u.id = d.unit_id
         WHERE d.day BETWEEN $1 AND $2 AND ($3 = '' OR u.slug = $3)")
        .bind(period.from.to_string()).bind(period.to.to_string()).bind(unit.unwrap_or_default())
        .fetch_all(c).await)?)
}

/// A ticket behind a figure.
#[derive(Debug, Clone, FromRow)]
pub struct BehindRow {
    pub ticket_id: i64,
    pub code: String,
    pub subject: String,
    pub channel: String,
    pub category: Option<String>,
    pub unit_id: i64,
    pub closed_at: Instant,
    pub strict: bool,
    pub wide: bool,
}

/// Which closures a list shows; empty texts do not restrict.
#[derive(Debug, Clone)]
pub struct Behind {
    pub period: Period,
    pub which: Which,
    pub unit: String,
    pub channel: String,
    /// Slug of a category, or of an area for all of its categories.
    pub category: String,
}

/// The tickets behind a figure, the latest closed first, before a key.
pub async fn behind(
    conn: &mut Conn,
    of: &Behind,
    before: (String, i64),
    limit: i64,
) -> Result<Vec<BehindRow>, StoreError> {
    let (strict, wide) = match of.which {
        Which::Closed => (-1, -1),
        Which::Strict => (1, -1),
        Which::NotStrict => (0, -1),
        Which::Wide => (-1, 1),
        Which::NotWide => (-1, 0),
    };
    Ok(on!(conn, c => sqlx::query_as::<_, BehindRow>(
        "SELECT k.ticket_id, t.code, t.subject, k.channel, g.name AS category, k.unit_id, k.closed_at, k.strict, k.wide
         FROM closures k
         JOIN tickets t ON t.id = k.ticket_id
         LEFT JOIN categories g ON g.id = k.category_id
         LEFT JOIN categories a ON a.id = g.parent_id
         LEFT JOIN units u ON u.id = k.unit_id
         WHERE k.day BETWEEN $1 AND $2 AND (k.day, k.ticket_id) < ($3, $4)
           AND ($5 = '' OR u.slug = $5)
           AND ($6 = '' OR k.channel = $6)
           AND ($7 = '' OR g.slug = $7 OR a.slug = $7 OR ($7 = 'none' AND g.id IS NULL))
           AND ($8 < 0 OR k.strict = ($8 = 1))
           AND ($9 < 0 OR k.wide = ($9 = 1))
         ORDER BY k.day DESC, k.ticket_id DESC LIMIT $10")
        .bind(of.period.from.to_string()).bind(of.period.to.to_string()).bind(before.0).bind(before.1)
        .bind(&of.unit).bind(&of.channel).bind(&of.category).bind(strict).bind(wide).bind(limit)
        .fetch_all(c).await)?)
}

/// Our units that existed in a period, which own tickets: slug and name, as they were at its end.
pub async fn units(conn: &mut Conn, (from, to): (Instant, Instant)) -> Result<Vec<(String, String)>, StoreError> {
    let history = History::load(conn).await?;
    let ours = history.overlapping(from, to).into_iter().filter(|unit| history.is_ours(unit));
    Ok(ours.map(|unit| (unit.slug, unit.name)).collect())
}

/// Names of categories and units by row id.
#[derive(Debug, Clone, Default)]
pub struct Names {
    /// Slug, name, slug of the area, name of the area.
    categories: HashMap<i64, (String, String, String, String)>,
    units: HashMap<i64, (String, String)>,
}

/// Reads the names; units as they were at an instant.
pub async fn names(conn: &mut Conn, at: Instant) -> Result<Names, StoreError> {
    let categories = on!(conn, c => sqlx::query_as::<_, (i64, String, String, String, String)>(
        "SELECT g.id, g.slug, g.name, COALESCE(a.slug, g.slug), COALESCE(a.name, g.name)
         FROM categories g LEFT JOIN categories a ON a.id = g.parent_id").fetch_all(c).await)?;
    let units = History::load(conn).await?.all_named(at);
    Ok(Names {
        categories: categories.into_iter().map(|(id, a, b, c, d)| (id, (a, b, c, d))).collect(),
        units: units.into_iter().map(|unit| (unit.id, (unit.slug, unit.name))).collect(),
    })
}

impl Names {
    /// Key and label of a sum by a dimension; labels of channels come from the message catalogues.
    pub fn key(&self, by: Dimension, sum: &Sum) -> (String, String) {
        let same = |text: String| (text.clone(), text);
        let day = || sum.day.parse::<Date>().ok();
        match by {
            Dimension::Channel => same(sum.channel.clone()),
            Dimension::Day => same(sum.day.clone()),
            Dimension::Month => same(sum.day.get(..7).unwrap_or_default().to_owned()),
            Dimension::Week => same(day().map_or_else(String::new, |d| {
                let week = d.iso_week_date();
                format!("{}-W{:02}", week.year(), week.week())
            })),
            Dimension::Area => self
                .categories
                .get(&sum.category_id)
                .map_or_else(|| ("none".to_owned(), String::new()), |c| (c.2.clone(), c.3.clone())),
            Dimension::Category => self
                .categories
                .get(&sum.category_id)
                .map_or_else(|| ("none".to_owned(), String::new()), |c| (c.0.clone(), c.1.clone())),
            Dimension::Unit => self
                .units
                .get(&sum.unit_id)
                .map_or_else(|| ("none".to_owned(), String::new()), |u| (u.0.clone(), u.1.clone())),
        }
    }

    /// Name of a unit; empty when there is none.
    pub fn unit(&self, id: i64) -> &str {
        self.units.get(&id).map_or("", |u| u.1.as_str())
    }

    /// Slug of a unit.
    pub fn unit_slug(&self, id: i64) -> &str {
        self.units.get(&id).map_or("", |u| u.0.as_str())
    }
}
