//! SQL of what terms need to know of tickets and legs, and of the figures.
use jiff::civil::Date;
use sqlx::FromRow;

use crate::kernel::database::{Conn, StoreError, Tx};
use crate::kernel::time::Instant;
use crate::on;

/// What happened to a ticket, as far as terms depend on it.
#[derive(Debug, Clone, PartialEq, Eq, FromRow)]
pub struct CaseRow {
    pub ticket_id: i64,
    pub opened_at: Instant,
    pub category_id: Option<i64>,
    pub unit_id: i64,
    pub channel: String,
    pub waiting: bool,
    pub taken_at: Option<Instant>,
    pub answered_at: Option<Instant>,
    pub over_at: Option<Instant>,
}

/// What is known of a ticket; `None` when it began before there was any protocol.
pub async fn case(conn: &mut Conn, ticket: i64) -> Result<Option<CaseRow>, StoreError> {
    Ok(on!(conn, c => sqlx::query_as::<_, CaseRow>(
        "SELECT ticket_id, opened_at, category_id, unit_id, channel, waiting, taken_at, answered_at, over_at
         FROM clock_cases WHERE ticket_id = $1").bind(ticket).fetch_optional(c).await)?)
}

/// Stores what is known of a ticket.
pub async fn save_case(tx: &mut Tx, k: &CaseRow) -> Result<(), StoreError> {
    on!(tx, c => sqlx::query(
        "INSERT INTO clock_cases (ticket_id, opened_at, category_id, unit_id, channel, waiting, taken_at, answered_at, over_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
         ON CONFLICT (ticket_id) DO UPDATE SET category_id = excluded.category_id, unit_id = excluded.unit_id,
            waiting = excluded.waiting, taken_at = excluded.taken_at, answered_at = excluded.answered_at,
            over_at = excluded.over_at")
        .bind(k.ticket_id).bind(k.opened_at).bind(k.category_id).bind(k.unit_id).bind(&k.channel).bind(k.waiting)
        .bind(k.taken_at).bind(k.answered_at).bind(k.over_at).execute(c).await.map(drop))?;
    Ok(())
}

/// Whether a new ticket was acknowledged by a message.
pub async fn was_acknowledged(conn: &mut Conn, ticket: i64) -> Result<bool, StoreError> {
    Ok(on!(conn, c => sqlx::query_scalar::<_, i64>(
        "SELECT id FROM outbox WHERE ticket_id = $1 AND purpose = 'acknowledgement' LIMIT 1")
        .bind(ticket).fetch_optional(c).await)?
    .is_some())
}

/// Writes the nearest term of a ticket, and the day its citizen may expect if one follows from a term. No version
/// moves: nobody's change becomes stale by it.
pub async fn set_due(
    tx: &mut Tx,
    ticket: i64,
    due: Option<Instant>,
    expected: Option<Instant>,
) -> Result<(), StoreError> {
    on!(tx, c => sqlx::query("UPDATE tickets SET due_at = $2, expected_at = COALESCE($3, expected_at) WHERE id = $1")
        .bind(ticket).bind(due).bind(expected).execute(c).await.map(drop))?;
    Ok(())
}

/// Locks the reader's place, so that no batch is applied meanwhile; `None` before it ever read.
pub async fn lock_place(tx: &mut Tx) -> Result<Option<(i64, i64)>, StoreError> {
    let sql = tx.pick(
        "SELECT txid, id FROM feed_positions WHERE reader = 'clocks'",
        "SELECT txid, id FROM feed_positions WHERE reader = 'clocks' FOR UPDATE",
    );
    Ok(on!(tx, c => sqlx::query_as::<_, (i64, i64)>(sql).fetch_optional(c).await)?)
}

/// A due instant that a calendar moved, not yet told.
#[derive(Debug, Clone, FromRow)]
pub struct MoveRow {
    pub id: i64,
    pub calendar_id: i64,
    pub ticket_id: i64,
    pub leg_id: i64,
    pub phase: String,
    pub round: i64,
    pub old_due_at: Option<Instant>,
    pub new_due_at: Option<Instant>,
}

/// Due instants that were moved and not yet told, oldest first.
pub async fn moves(conn: &mut Conn, limit: i64) -> Result<Vec<MoveRow>, StoreError> {
    Ok(on!(conn, c => sqlx::query_as::<_, MoveRow>(
        "SELECT m.id, m.calendar_id, k.ticket_id, k.leg_id, k.phase, k.round, m.old_due_at, m.new_due_at
         FROM clock_moves m JOIN clocks k ON k.id = m.clock_id ORDER BY m.id LIMIT $1")
        .bind(limit).fetch_all(c).await)?)
}

/// Notes a moved due instant, to be told.
pub async fn insert_move(
    tx: &mut Tx,
    (clock, calendar): (i64, i64),
    at: Instant,
    (old, new): (Option<Instant>, Option<Instant>),
) -> Result<(), StoreError> {
    on!(tx, c => sqlx::query(
        "INSERT INTO clock_moves (clock_id, calendar_id, at, old_due_at, new_due_at) VALUES ($1, $2, $3, $4, $5)")
        .bind(clock).bind(calendar).bind(at).bind(old).bind(new).execute(c).await.map(drop))?;
    Ok(())
}

/// Forgets a move of a clock that the feed has told, when clocks are read from the feed again.
pub async fn forget_move(
    tx: &mut Tx,
    clock: i64,
    (old, new): (Option<Instant>, Option<Instant>),
) -> Result<(), StoreError> {
    on!(tx, c => sqlx::query(
        "DELETE FROM clock_moves WHERE clock_id = $1 AND COALESCE(old_due_at, 0) = $2 AND COALESCE(new_due_at, 0) = $3")
        .bind(clock).bind(old.map_or(0, |at| at.0)).bind(new.map_or(0, |at| at.0)).execute(c).await.map(drop))?;
    Ok(())
}

/// Forgets a move that was told.
pub async fn forget_told(tx: &mut Tx, id: i64) -> Result<(), StoreError> {
    on!(tx, c => sqlx::query("DELETE FROM clock_moves WHERE id = $1").bind(id).execute(c).await.map(drop))?;
    Ok(())
}

/// The ticket of a notice: its code, and its owner's address.
pub async fn notice(conn: &mut Conn, ticket: i64) -> Result<Option<(String, String)>, StoreError> {
    Ok(on!(conn, c => sqlx::query_as::<_, (String, String)>(
        "SELECT t.code, u.email FROM tickets t JOIN units u ON u.id = t.owner_unit_id WHERE t.id = $1")
        .bind(ticket).fetch_optional(c).await)?)
}

/// Categories and units that a protocol may name: row id and name, areas before their topics.
pub async fn categories(conn: &mut Conn) -> Result<Vec<(i64, String)>, StoreError> {
    Ok(on!(conn, c => sqlx::query_as::<_, (i64, String)>(
        "SELECT g.id, CASE WHEN a.id IS NULL THEN g.name ELSE a.name || ' › ' || g.name END
         FROM categories g LEFT JOIN categories a ON a.id = g.parent_id
         WHERE g.retired_at IS NULL ORDER BY COALESCE(a.position, g.position), COALESCE(a.id, g.id), a.id IS NOT NULL, g.position, g.id")
        .fetch_all(c).await)?)
}

/// Units by name.
pub async fn units(conn: &mut Conn) -> Result<Vec<(i64, String)>, StoreError> {
    Ok(on!(conn, c => sqlx::query_as::<_, (i64, String)>(
        "SELECT id, name FROM units WHERE valid_to IS NULL ORDER BY name, id").fetch_all(c).await)?)
}

/// A term that counts in figures.
#[derive(Debug, Clone, FromRow)]
pub struct TermRow {
    pub id: i64,
    pub ticket_id: i64,
    pub version_id: i64,
    pub phase: String,
    pub category_id: i64,
    pub unit_id: i64,
    pub state: String,
    pub started_at: Instant,
    pub due_at: Option<Instant>,
    pub ended_at: Option<Instant>,
}

/// The terms counted on the days of a period: met, or missed.
pub async fn terms(conn: &mut Conn, from: Date, to: Date) -> Result<Vec<TermRow>, StoreError> {
    Ok(on!(conn, c => sqlx::query_as::<_, TermRow>(
        "SELECT id, ticket_id, version_id, phase, category_id, unit_id, state, started_at, due_at, ended_at
         FROM clocks WHERE day IS NOT NULL AND day BETWEEN $1 AND $2")
        .bind(from.to_string()).bind(to.to_string()).fetch_all(c).await)?)
}

/// Code and subject of a ticket.
pub async fn ticket_line(conn: &mut Conn, ticket: i64) -> Result<Option<(String, String)>, StoreError> {
    Ok(on!(conn, c => sqlx::query_as::<_, (String, String)>("SELECT code, subject FROM tickets WHERE id = $1")
        .bind(ticket).fetch_optional(c).await)?)
}
