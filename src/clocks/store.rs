//! SQL of calendars, protocols and clocks.
use sqlx::FromRow;

use super::model::{Clock, ClockPause};
use crate::kernel::database::{Conn, StoreError, Tx};
use crate::kernel::time::Instant;
use crate::on;

/// A version of a calendar or a protocol.
#[derive(Debug, Clone, FromRow)]
pub struct VersionRow {
    pub id: i64,
    /// Row id of the calendar or protocol.
    pub of: i64,
    pub slug: String,
    pub number: i64,
    /// `YYYY-MM-DD`
    pub valid_from: String,
    /// JSON
    pub body: String,
    pub saved_at: Instant,
    /// As the feed names actors.
    pub saved_by: String,
    /// Name of the user who saved it; none for a program.
    pub author: Option<String>,
}

macro_rules! versions_sql {
    ($table:literal, $of:literal, $parent:literal) => {
        concat!(
            "SELECT v.id, v.",
            $of,
            " AS of, p.slug, v.number, v.valid_from, v.body, v.saved_at, v.saved_by,
                    u.name AS author
             FROM ",
            $table,
            " v JOIN ",
            $parent,
            " p ON p.id = v.",
            $of,
            "
             LEFT JOIN users u ON v.saved_by = 'user:' || u.id
             WHERE ($1 = 0 OR v.",
            $of,
            " = $1) ORDER BY v.",
            $of,
            ", v.number"
        )
    };
}

/// Versions of calendars in the order of saving: of one, or of all.
pub async fn calendar_versions(conn: &mut Conn, of: Option<i64>) -> Result<Vec<VersionRow>, StoreError> {
    Ok(on!(conn, c => sqlx::query_as::<_, VersionRow>(versions_sql!("calendar_versions", "calendar_id", "calendars"))
        .bind(of.unwrap_or(0)).fetch_all(c).await)?)
}

/// Versions of protocols in the order of saving: of one, or of all.
pub async fn protocol_versions(conn: &mut Conn, of: Option<i64>) -> Result<Vec<VersionRow>, StoreError> {
    Ok(on!(conn, c => sqlx::query_as::<_, VersionRow>(versions_sql!("protocol_versions", "protocol_id", "protocols"))
        .bind(of.unwrap_or(0)).fetch_all(c).await)?)
}

/// A version about to be stored.
#[derive(Debug, Clone)]
pub struct NewVersion {
    pub slug: String,
    /// The last number that its author saw; 0 for a new one.
    pub expected: i64,
    pub valid_from: String,
    pub body: String,
    pub saved_at: Instant,
    pub saved_by: String,
}

/// Stores the next version of a calendar; answers the calendar's row id and the number, or `None` when somebody else
/// saved one meanwhile.
pub async fn insert_calendar(tx: &mut Tx, new: &NewVersion) -> Result<Option<(i64, i64)>, StoreError> {
    on!(tx, c => sqlx::query("INSERT INTO calendars (slug) VALUES ($1) ON CONFLICT (slug) DO NOTHING")
        .bind(&new.slug).execute(c).await.map(drop))?;
    let id = on!(tx, c => sqlx::query_scalar::<_, i64>("SELECT id FROM calendars WHERE slug = $1")
        .bind(&new.slug).fetch_one(c).await)?;
    let done = on!(tx, c => sqlx::query(
        "INSERT INTO calendar_versions (calendar_id, number, valid_from, body, saved_at, saved_by)
         SELECT $1, $2, $3, $4, $5, $6
         WHERE $2 - 1 = (SELECT COALESCE(MAX(number), 0) FROM calendar_versions WHERE calendar_id = $1)")
        .bind(id).bind(new.expected + 1).bind(&new.valid_from).bind(&new.body).bind(new.saved_at).bind(&new.saved_by)
        .execute(c).await?.rows_affected());
    Ok((done == 1).then_some((id, new.expected + 1)))
}

/// Stores the next version of a protocol; as [`insert_calendar`].
pub async fn insert_protocol(tx: &mut Tx, new: &NewVersion) -> Result<Option<(i64, i64)>, StoreError> {
    on!(tx, c => sqlx::query("INSERT INTO protocols (slug) VALUES ($1) ON CONFLICT (slug) DO NOTHING")
        .bind(&new.slug).execute(c).await.map(drop))?;
    let id = on!(tx, c => sqlx::query_scalar::<_, i64>("SELECT id FROM protocols WHERE slug = $1")
        .bind(&new.slug).fetch_one(c).await)?;
    let done = on!(tx, c => sqlx::query(
        "INSERT INTO protocol_versions (protocol_id, number, valid_from, body, saved_at, saved_by)
         SELECT $1, $2, $3, $4, $5, $6
         WHERE $2 - 1 = (SELECT COALESCE(MAX(number), 0) FROM protocol_versions WHERE protocol_id = $1)")
        .bind(id).bind(new.expected + 1).bind(&new.valid_from).bind(&new.body).bind(new.saved_at).bind(&new.saved_by)
        .execute(c).await?.rows_affected());
    Ok((done == 1).then_some((id, new.expected + 1)))
}

/// Which category lies below which: row id and that of its parent.
pub async fn category_parents(conn: &mut Conn) -> Result<Vec<(i64, Option<i64>)>, StoreError> {
    Ok(
        on!(conn, c => sqlx::query_as::<_, (i64, Option<i64>)>("SELECT id, parent_id FROM categories").fetch_all(c).await)?,
    )
}

macro_rules! clock_sql {
    ($rest:literal) => {
        concat!(
            "SELECT id, ticket_id, leg_id, phase, round, version_id, calendar_id, category_id, unit_id, started_at,
                    amount, unit, roll, warn_percent, waits, tells, state, due_at, left_over, warn_at, warned_at,
                    ended_at, missed_at, told, reason, day FROM clocks ",
            $rest
        )
    };
}

/// The clocks of a ticket and its legs, in the order in which they began.
pub async fn of_ticket(conn: &mut Conn, ticket: i64) -> Result<Vec<Clock>, StoreError> {
    Ok(on!(conn, c => sqlx::query_as::<_, Clock>(clock_sql!("WHERE ticket_id = $1 ORDER BY id"))
        .bind(ticket).fetch_all(c).await)?)
}

/// A clock by row id.
pub async fn clock(conn: &mut Conn, id: i64) -> Result<Option<Clock>, StoreError> {
    Ok(on!(conn, c => sqlx::query_as::<_, Clock>(clock_sql!("WHERE id = $1")).bind(id).fetch_optional(c).await)?)
}

/// Clocks that are owed by a calendar, after one, in the order of row ids.
pub async fn of_calendar(conn: &mut Conn, calendar: i64, after: i64, limit: i64) -> Result<Vec<Clock>, StoreError> {
    Ok(on!(conn, c => sqlx::query_as::<_, Clock>(clock_sql!(
            "WHERE calendar_id = $1 AND ended_at IS NULL AND id > $2 ORDER BY id LIMIT $3"))
        .bind(calendar).bind(after).bind(limit).fetch_all(c).await)?)
}

/// Clocks about which something is to be done since an instant, the earliest first.
pub async fn to_act(conn: &mut Conn, until: Instant, limit: i64) -> Result<Vec<Clock>, StoreError> {
    Ok(on!(conn, c => sqlx::query_as::<_, Clock>(clock_sql!(
            "WHERE acts_at IS NOT NULL AND acts_at <= $1 ORDER BY acts_at LIMIT $2"))
        .bind(until).bind(limit).fetch_all(c).await)?)
}

/// The pauses of a clock, in the order in which they began.
pub async fn pauses(conn: &mut Conn, clock: i64) -> Result<Vec<ClockPause>, StoreError> {
    Ok(on!(conn, c => sqlx::query_as::<_, ClockPause>(
        "SELECT id, clock_id, from_at, until_at, reason, interrupts FROM clock_pauses
         WHERE clock_id = $1 ORDER BY from_at, id")
        .bind(clock).fetch_all(c).await)?)
}

/// Stores a clock that began; answers its row id.
pub async fn insert_clock(tx: &mut Tx, k: &Clock, acts_at: Option<Instant>) -> Result<i64, StoreError> {
    Ok(on!(tx, c => sqlx::query_scalar::<_, i64>(
        "INSERT INTO clocks (ticket_id, leg_id, phase, round, version_id, calendar_id, category_id, unit_id, started_at,
            amount, unit, roll, warn_percent, waits, tells, state, due_at, left_over, warn_at, warned_at, ended_at,
            missed_at, told, reason, day, acts_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22,
            $23, $24, $25, $26) RETURNING id")
        .bind(k.ticket_id).bind(k.leg_id).bind(k.phase.as_str()).bind(k.round).bind(k.version_id).bind(k.calendar_id)
        .bind(k.category_id).bind(k.unit_id).bind(k.started_at).bind(k.amount).bind(k.unit.as_str())
        .bind(k.roll.as_str()).bind(k.warn_percent).bind(k.waits).bind(k.tells).bind(k.state.as_str()).bind(k.due_at)
        .bind(k.left_over).bind(k.warn_at).bind(k.warned_at).bind(k.ended_at).bind(k.missed_at).bind(k.told)
        .bind(&k.reason).bind(k.day.as_deref()).bind(acts_at)
        .fetch_one(c).await)?)
}

/// Stores what became of a clock.
pub async fn update_clock(tx: &mut Tx, k: &Clock, acts_at: Option<Instant>) -> Result<(), StoreError> {
    on!(tx, c => sqlx::query(
        "UPDATE clocks SET amount = $2, state = $3, due_at = $4, left_over = $5, warn_at = $6, warned_at = $7,
            ended_at = $8, missed_at = $9, told = $10, reason = $11, day = $12, acts_at = $13 WHERE id = $1")
        .bind(k.id).bind(k.amount).bind(k.state.as_str()).bind(k.due_at).bind(k.left_over).bind(k.warn_at)
        .bind(k.warned_at).bind(k.ended_at).bind(k.missed_at).bind(k.told).bind(&k.reason).bind(k.day.as_deref())
        .bind(acts_at).execute(c).await.map(drop))?;
    Ok(())
}

/// Stores a pause that began.
pub async fn insert_pause(tx: &mut Tx, pause: &ClockPause) -> Result<(), StoreError> {
    on!(tx, c => sqlx::query(
        "INSERT INTO clock_pauses (clock_id, from_at, until_at, reason, interrupts) VALUES ($1, $2, $3, $4, $5)")
        .bind(pause.clock_id).bind(pause.from_at).bind(pause.until_at).bind(&pause.reason).bind(pause.interrupts)
        .execute(c).await.map(drop))?;
    Ok(())
}

/// Stores when a pause ends.
pub async fn end_pause(tx: &mut Tx, pause: i64, until: Instant) -> Result<(), StoreError> {
    on!(tx, c => sqlx::query("UPDATE clock_pauses SET until_at = $2 WHERE id = $1")
        .bind(pause).bind(until).execute(c).await.map(drop))?;
    Ok(())
}

/// Forgets all clocks and the place of their reader, which then begins with the first event.
pub async fn clear(tx: &mut Tx) -> Result<(), StoreError> {
    for sql in [
        "DELETE FROM clock_moves",
        "DELETE FROM clock_pauses",
        "DELETE FROM clocks",
        "DELETE FROM clock_cases",
        "DELETE FROM feed_positions WHERE reader = 'clocks'",
        "UPDATE tickets SET due_at = NULL WHERE due_at IS NOT NULL",
    ] {
        on!(tx, c => sqlx::query(sql).execute(c).await.map(drop))?;
    }
    Ok(())
}

/// Terms that were missed and are still owed: how many, and when the oldest was due.
pub async fn overdue(conn: &mut Conn) -> Result<(i64, Option<Instant>), StoreError> {
    Ok(on!(conn, c => sqlx::query_as::<_, (i64, Option<Instant>)>(
        "SELECT COUNT(*), MIN(missed_at) FROM clocks WHERE missed_at IS NOT NULL AND ended_at IS NULL")
        .fetch_one(c).await)?)
}
