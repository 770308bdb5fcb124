//! SQL of the closures and of the names that figures are shown with.
use std::collections::{BTreeMap, HashMap};

use jiff::civil::Date;
use sqlx::{FromRow, QueryBuilder};

use super::figures::{Classes, Dimension, Period, Sum, Which};
use crate::classification::mapping::Shares;
use crate::classification::view;
use crate::kernel::database::{Conn, StoreError, Tx, pieces};
use crate::kernel::time::Instant;
use crate::on;
use crate::organisation::History;
use crate::tickets::assignment;

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
    /// Level of the owner, 1 to 4.
    pub level: String,
    /// Slug of a category, for all below it too.
    pub category: String,
    /// By which classes the category is meant.
    pub classes: Classes,
}

macro_rules! behind_sql {
    ($sources:literal) => { concat!(
        "SELECT k.ticket_id, t.code, t.subject, k.channel, g.name AS category, k.unit_id, k.closed_at, k.strict, k.wide
         FROM closures k
         JOIN tickets t ON t.id = k.ticket_id
         LEFT JOIN categories g ON g.id = k.category_id
         LEFT JOIN units u ON u.id = k.unit_id
         WHERE k.day BETWEEN $1 AND $2 AND (k.day, k.ticket_id) < ($3, $4)
           AND ($5 = '' OR u.slug = $5)
           AND ($6 = '' OR k.channel = $6)
           AND ($7 = '' OR ($12 AND g.id IN (", $sources, "))
             OR (NOT $12 AND (g.slug = $7 OR g.slug LIKE $7 || '/%' OR ($7 = 'none' AND g.id IS NULL))))
           AND ($8 < 0 OR k.strict = ($8 = 1))
           AND ($9 < 0 OR k.wide = ($9 = 1))
           AND ($13 = 0 OR $13 = COALESCE((SELECT p.level FROM unit_policies p WHERE p.unit_id = u.id),
                CASE u.kind WHEN 'back_office' THEN 3 ELSE 1 END))
         ORDER BY k.day DESC, k.ticket_id DESC LIMIT $10")
    };
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
    // Classes of which something became the one that is meant.
    let sources = match of.classes {
        Classes::Now if !of.category.is_empty() => view::sources(conn, &of.category).await?,
        Classes::Now | Classes::Then => Vec::new(),
    };
    let sources = serde_json::to_string(&sources).unwrap_or_default();
    let mapped = of.classes == Classes::Now && !of.category.is_empty() && of.category != "none";
    let sql = conn.pick(
        behind_sql!("SELECT value FROM json_each($11)"),
        behind_sql!("SELECT value::bigint FROM json_array_elements_text($11::json)"),
    );
    Ok(on!(conn, c => sqlx::query_as::<_, BehindRow>(sql)
        .bind(of.period.from.to_string()).bind(of.period.to.to_string()).bind(before.0).bind(before.1)
        .bind(&of.unit).bind(&of.channel).bind(&of.category).bind(strict).bind(wide).bind(limit)
        .bind(&sources).bind(mapped).bind(of.level.parse::<i64>().unwrap_or(0))
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
    levels: BTreeMap<i64, i64>,
    /// What old classes became; nothing when they are read as they were.
    shares: Shares,
}

/// Reads the names; those of classes as they were at the end of a period, or as they are now; of units as they were at
/// an instant.
pub async fn names(conn: &mut Conn, period: Period, at: Instant, classes: Classes) -> Result<Names, StoreError> {
    let rows = on!(conn, c => sqlx::query_as::<_, (i64, String, String)>("SELECT id, slug, name FROM categories")
        .fetch_all(c).await)?;
    let mut called: HashMap<String, String> = rows.iter().map(|(_, slug, name)| (slug.clone(), name.clone())).collect();
    if classes == Classes::Then {
        called.extend(view::names_on(conn, period.to).await?);
    }
    let shares = if classes == Classes::Now { view::shares(conn).await? } else { Shares::default() };
    let name = |slug: &str| called.get(slug).cloned().unwrap_or_default();
    let categories = rows.into_iter().map(|(id, slug, _)| {
        let area = slug.split('/').next().unwrap_or_default().to_owned();
        (id, name(&slug), name(&area), area, slug)
    });
    let units = History::load(conn).await?.all_named(at);
    let levels = assignment::store::levels(conn).await?;
    Ok(Names {
        levels,
        categories: categories.map(|(id, name, in_area, area, slug)| (id, (slug, name, area, in_area))).collect(),
        shares,
        units: units.into_iter().map(|unit| (unit.id, (unit.slug, unit.name))).collect(),
    })
}

impl Names {
    /// Sums by class, each read by the classes that are asked for.
    pub fn mapped<'a>(&self, sums: impl Iterator<Item = &'a Sum>) -> Vec<Sum> {
        if self.shares == Shares::default() {
            return sums.cloned().collect();
        }
        // Whole classes are divided, and not days, so that parts are rounded once.
        let mut whole: BTreeMap<i64, Sum> = BTreeMap::new();
        for sum in sums {
            let empty = || Sum { closed: 0, strict: 0, wide: 0, ..sum.clone() };
            let of = whole.entry(sum.category_id).or_insert_with(empty);
            of.closed += sum.closed;
            of.strict += sum.strict;
            of.wide += sum.wide;
        }
        let divide = |sum: Sum| {
            let parts = |count| self.shares.divide(sum.category_id, count);
            let (closed, strict, wide) = (parts(sum.closed), parts(sum.strict), parts(sum.wide));
            let all = closed.into_iter().zip(strict).zip(wide);
            all.map(|(((category_id, closed), (_, strict)), (_, wide))| Sum {
                category_id,
                closed,
                strict: strict.min(closed),
                wide: wide.min(closed),
                ..sum.clone()
            })
            .collect::<Vec<_>>()
        };
        whole.into_values().flat_map(divide).collect()
    }

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
            Dimension::Level => self
                .levels
                .get(&sum.unit_id)
                .map_or_else(|| ("none".to_owned(), String::new()), |l| same(l.to_string())),
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
