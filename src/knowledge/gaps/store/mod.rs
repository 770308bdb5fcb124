//! SQL of what became of sheets. Reading what is kept is in a file of its own.
mod read;

use sqlx::{FromRow, QueryBuilder};

pub use read::{
    AnsweredSum, MissRow, ProposedRow, SaidSum, SheetSum, answered_sums, codes, drafted_from, foreign_closings,
    keep_values, misses, proposed, said_sums, sheet_sums, sheet_titles, unanswered,
};

use super::observed::Side;
use crate::kernel::database::{Conn, StoreError, Tx, pieces};
use crate::kernel::time::Instant;
use crate::on;

/// In place of a sheet: answered without one.
pub const NO_SHEET: i64 = 0;
/// In place of a sheet: closed without an answer.
pub const NO_ANSWER: i64 = -1;

/// A ticket that is closed, with what answered it.
#[derive(Debug, Clone, PartialEq, Eq, FromRow)]
pub struct Answered {
    pub ticket_id: i64,
    /// Local day.
    pub day: String,
    /// 0 for none.
    pub category_id: i64,
    /// Row id, [`NO_SHEET`] or [`NO_ANSWER`].
    pub sheet_id: i64,
    /// Closed at the front office, strict.
    pub front: bool,
}

/// How far an agent got with a sheet before the ticket went to an office.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Seen {
    /// Read, or used in an answer.
    Read,
    /// Only proposed.
    Proposed,
}

/// Notes that a sheet was proposed for a ticket, or opened; `true` the first time that it was seen there at all.
///
/// # Errors
/// When the database refuses.
pub async fn touch(
    tx: &mut Tx,
    ticket: i64,
    sheet: i64,
    shown: Instant,
    opened: Option<Instant>,
) -> Result<bool, StoreError> {
    let inserted = on!(tx, c => sqlx::query(
        "INSERT INTO sheet_touches (ticket_id, sheet_id, shown_at, opened_at) VALUES ($1, $2, $3, $4)
         ON CONFLICT DO NOTHING")
        .bind(ticket).bind(sheet).bind(shown).bind(opened).execute(c).await?.rows_affected());
    if inserted == 0
        && let Some(opened) = opened
    {
        on!(tx, c => sqlx::query(
            "UPDATE sheet_touches SET opened_at = $3 WHERE ticket_id = $1 AND sheet_id = $2 AND opened_at IS NULL")
            .bind(ticket).bind(sheet).bind(opened).execute(c).await.map(drop))?;
    }
    Ok(inserted == 1)
}

/// Counts showings and openings of a sheet on a local day.
///
/// # Errors
/// When the database refuses.
pub async fn add_views(
    tx: &mut Tx,
    day: &str,
    sheet: i64,
    side: Side,
    (shown, opened): (i64, i64),
) -> Result<(), StoreError> {
    on!(tx, c => sqlx::query(
        "INSERT INTO sheet_views (day, sheet_id, side, shown, opened) VALUES ($1, $2, $3, $4, $5)
         ON CONFLICT (day, sheet_id, side) DO UPDATE SET
            shown = sheet_views.shown + excluded.shown, opened = sheet_views.opened + excluded.opened")
        .bind(day).bind(sheet).bind(side.as_str()).bind(shown).bind(opened).execute(c).await.map(drop))?;
    Ok(())
}

/// Counts searches without a hit on a local day.
///
/// # Errors
/// When the database refuses.
pub async fn add_misses(tx: &mut Tx, day: &str, side: Side, words: &str, n: i64) -> Result<(), StoreError> {
    on!(tx, c => sqlx::query(
        "INSERT INTO search_misses (day, side, words, n) VALUES ($1, $2, $3, $4)
         ON CONFLICT (day, side, words) DO UPDATE SET n = search_misses.n + excluded.n")
        .bind(day).bind(side.as_str()).bind(words).bind(n).execute(c).await.map(drop))?;
    Ok(())
}

/// Removes the closings of tickets; answers what they were.
///
/// # Errors
/// When the database refuses.
pub async fn remove_answered(tx: &mut Tx, tickets: &[i64]) -> Result<Vec<Answered>, StoreError> {
    let mut removed = Vec::new();
    for piece in pieces(tickets) {
        removed.extend(on!(tx, c => QueryBuilder::new("DELETE FROM answered WHERE ticket_id IN (")
            .push_values(piece, |mut row, ticket| {
                row.push_bind(ticket);
            })
            .push(") RETURNING ticket_id, day, category_id, sheet_id, front")
            .build_query_as::<Answered>().fetch_all(c).await)?);
    }
    Ok(removed)
}

/// Records closings.
///
/// # Errors
/// When the database refuses.
pub async fn insert_answered<'a>(tx: &mut Tx, all: impl Iterator<Item = &'a Answered>) -> Result<(), StoreError> {
    let all: Vec<&Answered> = all.collect();
    for piece in pieces(&all) {
        on!(tx, c => QueryBuilder::new("INSERT INTO answered (ticket_id, day, category_id, sheet_id, front) ")
            .push_values(piece, |mut row, one| {
                row.push_bind(one.ticket_id).push_bind(&one.day).push_bind(one.category_id).push_bind(one.sheet_id)
                    .push_bind(one.front);
            })
            .build().execute(c).await.map(drop))?;
    }
    Ok(())
}

/// Moves the sums of a day.
///
/// # Errors
/// When the database refuses.
pub async fn add_answered(
    tx: &mut Tx,
    day: &str,
    category: i64,
    sheet: i64,
    (closed, front): (i64, i64),
) -> Result<(), StoreError> {
    on!(tx, c => sqlx::query(
        "INSERT INTO answered_daily (day, category_id, sheet_id, closed, front) VALUES ($1, $2, $3, $4, $5)
         ON CONFLICT (day, category_id, sheet_id) DO UPDATE SET
            closed = answered_daily.closed + excluded.closed, front = answered_daily.front + excluded.front")
        .bind(day).bind(category).bind(sheet).bind(closed).bind(front).execute(c).await.map(drop))?;
    Ok(())
}

/// Notes that a sheet was used in a ticket; `true` the first time.
///
/// # Errors
/// When the database refuses.
pub async fn use_sheet(tx: &mut Tx, ticket: i64, sheet: i64, day: &str) -> Result<bool, StoreError> {
    let rows = on!(tx, c => sqlx::query(
        "INSERT INTO sheet_uses (ticket_id, sheet_id, used_on) VALUES ($1, $2, $3)
         ON CONFLICT (ticket_id, sheet_id) DO UPDATE SET used_on = excluded.used_on WHERE sheet_uses.used_on = ''")
        .bind(ticket).bind(sheet).bind(day).execute(c).await?.rows_affected());
    Ok(rows == 1)
}

/// Notes that a ticket went to an office: answers the sheets that were seen in it before and for which it is the first
/// time.
///
/// # Errors
/// When the database refuses.
pub async fn escalate(tx: &mut Tx, ticket: i64, at: Instant, day: &str) -> Result<Vec<(i64, Seen)>, StoreError> {
    let seen = on!(tx, c => sqlx::query_as::<_, (i64, bool)>(
        "SELECT sheet_id, TRUE FROM sheet_uses WHERE ticket_id = $1 AND used_on <> '' AND escalated_on = ''
         UNION
         SELECT t.sheet_id, (t.opened_at IS NOT NULL AND t.opened_at <= $2) FROM sheet_touches t
         WHERE t.ticket_id = $1 AND t.sheet_id > 0 AND t.shown_at <= $2 AND NOT EXISTS (
            SELECT 1 FROM sheet_uses u WHERE u.ticket_id = t.ticket_id AND u.sheet_id = t.sheet_id)
         ORDER BY 1")
        .bind(ticket).bind(at).fetch_all(c).await)?;
    for (sheet, _) in &seen {
        on!(tx, c => sqlx::query(
            "INSERT INTO sheet_uses (ticket_id, sheet_id, escalated_on) VALUES ($1, $2, $3)
             ON CONFLICT (ticket_id, sheet_id) DO UPDATE SET escalated_on = excluded.escalated_on")
            .bind(ticket).bind(sheet).bind(day).execute(c).await.map(drop))?;
    }
    Ok(seen.into_iter().map(|(sheet, read)| (sheet, if read { Seen::Read } else { Seen::Proposed })).collect())
}

/// Moves the sums of a sheet's day.
///
/// # Errors
/// When the database refuses.
pub async fn add_sheet_day(
    tx: &mut Tx,
    day: &str,
    sheet: i64,
    (used, escalated, passed): (i64, i64, i64),
) -> Result<(), StoreError> {
    on!(tx, c => sqlx::query(
        "INSERT INTO sheet_daily (day, sheet_id, used, escalated, passed) VALUES ($1, $2, $3, $4, $5)
         ON CONFLICT (day, sheet_id) DO UPDATE SET used = sheet_daily.used + excluded.used,
            escalated = sheet_daily.escalated + excluded.escalated, passed = sheet_daily.passed + excluded.passed")
        .bind(day).bind(sheet).bind(used).bind(escalated).bind(passed).execute(c).await.map(drop))?;
    Ok(())
}

/// Forgets what is derived from the feed, and the reader's position.
///
/// # Errors
/// When the database refuses.
pub async fn clear(tx: &mut Tx) -> Result<(), StoreError> {
    on!(tx, c => sqlx::query("DELETE FROM answered").execute(c).await.map(drop))?;
    on!(tx, c => sqlx::query("DELETE FROM answered_daily").execute(c).await.map(drop))?;
    on!(tx, c => sqlx::query("DELETE FROM sheet_uses").execute(c).await.map(drop))?;
    on!(tx, c => sqlx::query("DELETE FROM sheet_daily").execute(c).await.map(drop))?;
    on!(tx, c => sqlx::query("DELETE FROM feed_positions WHERE reader = 'sheet-outcomes'").execute(c).await.map(drop))?;
    Ok(())
}

/// The code of the sheet that was drafted from a ticket, if it is still there.
///
/// # Errors
/// When the database cannot be read.
pub async fn drafted(conn: &mut Conn, ticket: i64) -> Result<Option<String>, StoreError> {
    Ok(on!(conn, c => sqlx::query_scalar::<_, String>(
        "SELECT s.code FROM sheet_origins o JOIN sheets s ON s.id = o.sheet_id WHERE o.ticket_id = $1")
        .bind(ticket).fetch_optional(c).await)?)
}

/// Remembers the ticket that a sheet was drafted from.
///
/// # Errors
/// When the database refuses.
pub async fn remember_origin(tx: &mut Tx, sheet: i64, ticket: i64, now: Instant) -> Result<(), StoreError> {
    on!(tx, c => sqlx::query("DELETE FROM sheet_origins WHERE ticket_id = $1 OR sheet_id = $2")
        .bind(ticket).bind(sheet).execute(c).await.map(drop))?;
    on!(tx, c => sqlx::query("INSERT INTO sheet_origins (sheet_id, ticket_id, created_at) VALUES ($1, $2, $3)")
        .bind(sheet).bind(ticket).bind(now).execute(c).await.map(drop))?;
    Ok(())
}
