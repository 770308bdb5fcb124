//! SQL of ways, of what was sent along them, and of the hosts that may be called.
use sqlx::FromRow;

use super::model::{Way, WayKind, Whose};
use crate::kernel::database::{Conn, StoreError, Tx};
use crate::kernel::time::Instant;
use crate::on;

macro_rules! way_sql {
    ($rest:literal) => {
        concat!("SELECT id, unit_id, agency_id, kind, settings, version, changed_at FROM leg_ways ", $rest)
    };
}

/// The way in force for a unit: its own, else its agency's.
pub async fn in_force(conn: &mut Conn, unit: i64, agency: i64) -> Result<Option<Way>, StoreError> {
    Ok(on!(conn, c => sqlx::query_as::<_, Way>(
        way_sql!("WHERE (unit_id = $1 OR agency_id = $2) AND kind <> 'default'
                  ORDER BY CASE WHEN unit_id IS NULL THEN 1 ELSE 0 END LIMIT 1"))
        .bind(unit).bind(agency).fetch_optional(c).await)?)
}

/// A way by row id.
pub async fn by_id(conn: &mut Conn, id: i64) -> Result<Option<Way>, StoreError> {
    Ok(on!(conn, c => sqlx::query_as::<_, Way>(way_sql!("WHERE id = $1")).bind(id).fetch_optional(c).await)?)
}

/// The way that was chosen for a unit or an agency.
pub async fn of(conn: &mut Conn, whose: Whose) -> Result<Option<Way>, StoreError> {
    let (sql, id) = match whose {
        Whose::Unit(id) => (way_sql!("WHERE unit_id = $1"), id),
        Whose::Agency(id) => (way_sql!("WHERE agency_id = $1"), id),
    };
    Ok(on!(conn, c => sqlx::query_as::<_, Way>(sql).bind(id).fetch_optional(c).await)?)
}

/// All ways that were ever chosen: one for each unit or agency at most.
pub async fn all(conn: &mut Conn) -> Result<Vec<Way>, StoreError> {
    Ok(on!(conn, c => sqlx::query_as::<_, Way>(way_sql!("ORDER BY id")).fetch_all(c).await)?)
}

/// Row ids of the ways that lead to a called system, or once did and still have something to tell.
pub async fn called(conn: &mut Conn) -> Result<Vec<i64>, StoreError> {
    Ok(on!(conn, c => sqlx::query_scalar::<_, i64>(
        "SELECT w.id FROM leg_ways w WHERE w.kind IN ('webhook', 'open311') OR EXISTS (
            SELECT 1 FROM outbox o WHERE o.lane = 'way:' || CAST(w.id AS TEXT) AND o.state = 'pending')
         ORDER BY w.id").fetch_all(c).await)?)
}

/// A way about to be stored.
#[derive(Debug, Clone)]
pub struct NewWay {
    pub whose: Whose,
    pub kind: WayKind,
    pub settings: String,
    pub now: Instant,
}

/// Stores a way made on a version (0 for the first); `false` when another version is there.
pub async fn save(tx: &mut Tx, new: &NewWay, version: i64) -> Result<bool, StoreError> {
    let (unit, agency) = match new.whose {
        Whose::Unit(id) => (Some(id), None),
        Whose::Agency(id) => (None, Some(id)),
    };
    let rows = if version == 0 {
        on!(tx, c => sqlx::query(
            "INSERT INTO leg_ways (unit_id, agency_id, kind, settings, changed_at) VALUES ($1, $2, $3, $4, $5)
             ON CONFLICT DO NOTHING")
            .bind(unit).bind(agency).bind(new.kind.as_str()).bind(&new.settings).bind(new.now)
            .execute(c).await?.rows_affected())
    } else {
        on!(tx, c => sqlx::query(
            "UPDATE leg_ways SET kind = $3, settings = $4, changed_at = $5, version = version + 1
             WHERE (unit_id = $1 OR agency_id = $2) AND version = $6")
            .bind(unit).bind(agency).bind(new.kind.as_str()).bind(&new.settings).bind(new.now).bind(version)
            .execute(c).await?.rows_affected())
    };
    Ok(rows == 1)
}

/// How a leg was sent.
#[derive(Debug, Clone, FromRow)]
pub struct Dispatch {
    pub leg_id: i64,
    pub way_id: Option<i64>,
    #[sqlx(try_from = "String")]
    pub kind: WayKind,
    pub begun_at: Option<Instant>,
    pub remote_id: Option<String>,
    pub remote_token: Option<String>,
    pub remote_state: String,
    pub remote_over_at: Option<Instant>,
}

macro_rules! dispatch_sql {
    ($rest:literal) => {
        concat!(
            "SELECT d.leg_id, d.way_id, d.kind, d.begun_at, d.remote_id, d.remote_token, d.remote_state, d.remote_over_at
             FROM leg_dispatches d ",
            $rest
        )
    };
}

/// How a leg was sent; `None` for legs older than ways.
pub async fn dispatch(conn: &mut Conn, leg: i64) -> Result<Option<Dispatch>, StoreError> {
    Ok(on!(conn, c => sqlx::query_as::<_, Dispatch>(dispatch_sql!("WHERE d.leg_id = $1"))
        .bind(leg).fetch_optional(c).await)?)
}

/// Writes down how a leg is sent.
pub async fn insert_dispatch(tx: &mut Tx, leg: i64, way: Option<i64>, kind: WayKind) -> Result<(), StoreError> {
    on!(tx, c => sqlx::query(
        "INSERT INTO leg_dispatches (leg_id, way_id, kind) VALUES ($1, $2, $3) ON CONFLICT (leg_id) DO NOTHING")
        .bind(leg).bind(way).bind(kind.as_str()).execute(c).await.map(drop))?;
    Ok(())
}

/// Notes that the leg's request is being made; answers whether it was noted before.
pub async fn begin(tx: &mut Tx, leg: i64, now: Instant) -> Result<bool, StoreError> {
    let rows = on!(tx, c => sqlx::query("UPDATE leg_dispatches SET begun_at = $2 WHERE leg_id = $1 AND begun_at IS NULL")
        .bind(leg).bind(now).execute(c).await?.rows_affected());
    Ok(rows == 0)
}

/// Keeps the number, or the token, that the other system gave a leg.
pub async fn set_remote(tx: &mut Tx, leg: i64, id: Option<&str>, token: Option<&str>) -> Result<(), StoreError> {
    on!(tx, c => sqlx::query(
        "UPDATE leg_dispatches SET remote_id = COALESCE($2, remote_id), remote_token = COALESCE($3, remote_token)
         WHERE leg_id = $1").bind(leg).bind(id).bind(token).execute(c).await.map(drop))?;
    Ok(())
}

/// Keeps what was last heard of a leg.
pub async fn set_heard(tx: &mut Tx, leg: i64, state: &str, over: Option<Instant>) -> Result<(), StoreError> {
    on!(tx, c => sqlx::query(
        "UPDATE leg_dispatches SET remote_state = $2, remote_over_at = COALESCE($3, remote_over_at) WHERE leg_id = $1")
        .bind(leg).bind(state).bind(over).execute(c).await.map(drop))?;
    Ok(())
}

/// The leg that an endpoint knows under a number.
pub async fn by_remote(conn: &mut Conn, way: i64, remote: &str) -> Result<Option<Dispatch>, StoreError> {
    Ok(on!(conn, c => sqlx::query_as::<_, Dispatch>(dispatch_sql!("WHERE d.way_id = $1 AND d.remote_id = $2"))
        .bind(way).bind(remote).fetch_optional(c).await)?)
}

/// The legs of a way that are not over on either side, in the order they were sent.
pub async fn asked(conn: &mut Conn, way: i64) -> Result<Vec<Dispatch>, StoreError> {
    Ok(on!(conn, c => sqlx::query_as::<_, Dispatch>(
        dispatch_sql!("JOIN legs l ON l.id = d.leg_id
            WHERE d.way_id = $1 AND d.remote_over_at IS NULL AND d.begun_at IS NOT NULL AND l.state = 'sent'
            ORDER BY d.leg_id LIMIT 1000"))
        .bind(way).fetch_all(c).await)?)
}

/// How far the updates of an endpoint were read.
#[derive(Debug, Clone, FromRow)]
pub struct CursorRow {
    pub read_until: Instant,
    pub next_at: Instant,
    pub last_error: String,
}

/// The place of an endpoint.
pub async fn cursor(conn: &mut Conn, way: i64) -> Result<Option<CursorRow>, StoreError> {
    Ok(on!(conn, c => sqlx::query_as::<_, CursorRow>(
        "SELECT read_until, next_at, last_error FROM leg_way_cursors WHERE way_id = $1")
        .bind(way).fetch_optional(c).await)?)
}

/// Moves the place of an endpoint.
pub async fn set_cursor(tx: &mut Tx, way: i64, place: &CursorRow) -> Result<(), StoreError> {
    on!(tx, c => sqlx::query(
        "INSERT INTO leg_way_cursors (way_id, read_until, next_at, last_error) VALUES ($1, $2, $3, $4)
         ON CONFLICT (way_id) DO UPDATE SET read_until = excluded.read_until, next_at = excluded.next_at,
            last_error = excluded.last_error")
        .bind(way).bind(place.read_until).bind(place.next_at).bind(&place.last_error).execute(c).await.map(drop))?;
    Ok(())
}

/// A call as logged.
#[derive(Debug, Clone, FromRow)]
pub struct CallRow {
    pub id: i64,
    pub outbox_id: i64,
    pub at: Instant,
    pub event: String,
    /// 0 when nothing answered.
    pub status: i64,
    pub millis: i64,
    pub words: String,
    pub code: String,
    pub number: i64,
}

/// Logs a call.
pub async fn insert_call(tx: &mut Tx, way: i64, call: &CallRow) -> Result<(), StoreError> {
    on!(tx, c => sqlx::query(
        "INSERT INTO leg_way_calls (way_id, outbox_id, at, event, status, millis, words) VALUES ($1, $2, $3, $4, $5, $6, $7)")
        .bind(way).bind(call.outbox_id).bind(call.at).bind(&call.event).bind(call.status).bind(call.millis)
        .bind(&call.words).execute(c).await.map(drop))?;
    Ok(())
}

/// The latest calls of a way, newest first.
pub async fn calls(conn: &mut Conn, way: i64, limit: i64) -> Result<Vec<CallRow>, StoreError> {
    Ok(on!(conn, c => sqlx::query_as::<_, CallRow>(
        "SELECT k.id, k.outbox_id, k.at, k.event, k.status, k.millis, k.words, t.code, l.number
         FROM leg_way_calls k JOIN outbox o ON o.id = k.outbox_id JOIN tickets t ON t.id = o.ticket_id
         JOIN legs l ON l.id = o.leg_id
         WHERE k.way_id = $1 ORDER BY k.id DESC LIMIT $2").bind(way).bind(limit).fetch_all(c).await)?)
}

/// The hosts in private networks that may be called, by name.
pub async fn hosts(conn: &mut Conn) -> Result<Vec<String>, StoreError> {
    Ok(on!(conn, c => sqlx::query_scalar::<_, String>("SELECT host FROM callable_hosts ORDER BY host")
        .fetch_all(c).await)?)
}

/// Puts a host on the list.
pub async fn insert_host(tx: &mut Tx, host: &str, user: Option<i64>, now: Instant) -> Result<(), StoreError> {
    on!(tx, c => sqlx::query(
        "INSERT INTO callable_hosts (host, added_by, added_at) VALUES ($1, $2, $3) ON CONFLICT (host) DO NOTHING")
        .bind(host).bind(user).bind(now).execute(c).await.map(drop))?;
    Ok(())
}

/// Takes a host off the list; `false` when it was not on it.
pub async fn delete_host(tx: &mut Tx, host: &str) -> Result<bool, StoreError> {
    let rows = on!(tx, c => sqlx::query("DELETE FROM callable_hosts WHERE host = $1")
        .bind(host).execute(c).await?.rows_affected());
    Ok(rows == 1)
}

/// Remembers a code under which a body knows a leg.
pub async fn insert_code(tx: &mut Tx, folded: &str, leg: i64) -> Result<(), StoreError> {
    on!(tx, c => sqlx::query("INSERT INTO leg_codes (folded, leg_id) VALUES ($1, $2) ON CONFLICT DO NOTHING")
        .bind(folded).bind(leg).execute(c).await.map(drop))?;
    Ok(())
}

/// Sets the body's code of a leg that has none.
pub async fn set_first_code(tx: &mut Tx, leg: i64, code: &str) -> Result<(), StoreError> {
    on!(tx, c => sqlx::query("UPDATE legs SET external_code = $2 WHERE id = $1 AND external_code = ''")
        .bind(leg).bind(code).execute(c).await.map(drop))?;
    Ok(())
}

/// The tickets with a leg that some body knows under a code, newest first.
pub async fn tickets_by_code(conn: &mut Conn, folded: &str) -> Result<Vec<i64>, StoreError> {
    Ok(on!(conn, c => sqlx::query_scalar::<_, i64>(
        "SELECT DISTINCT COALESCE(t.merged_into_id, t.id) AS live FROM leg_codes k JOIN legs l ON l.id = k.leg_id
         JOIN tickets t ON t.id = l.ticket_id WHERE k.folded = $1 ORDER BY live DESC LIMIT 20")
        .bind(folded).fetch_all(c).await)?)
}

/// A leg of a ticket with the addresses of its unit and agency, and the settings of their ways.
#[derive(Debug, Clone, FromRow)]
pub struct AddressedLeg {
    pub leg_id: i64,
    pub number: i64,
    pub unit_email: String,
    pub agency_email: String,
    /// Empty without a way.
    pub unit_way: String,
    pub agency_way: String,
}

/// The legs of a ticket, the latest first, with the addresses from which their bodies may write.
pub async fn addressed_legs(conn: &mut Conn, ticket: i64) -> Result<Vec<AddressedLeg>, StoreError> {
    Ok(on!(conn, c => sqlx::query_as::<_, AddressedLeg>(
        "SELECT l.id AS leg_id, l.number, u.email AS unit_email, a.email AS agency_email,
                COALESCE(wu.settings, '') AS unit_way, COALESCE(wa.settings, '') AS agency_way
         FROM legs l JOIN units u ON u.id = l.unit_id JOIN agencies a ON a.id = u.agency_id
         LEFT JOIN leg_ways wu ON wu.unit_id = u.id LEFT JOIN leg_ways wa ON wa.agency_id = a.id
         WHERE l.ticket_id = $1 ORDER BY CASE l.state WHEN 'sent' THEN 0 ELSE 1 END, l.number DESC")
        .bind(ticket).fetch_all(c).await)?)
}

/// Slug of a category.
pub async fn category_slug(conn: &mut Conn, category: i64) -> Result<Option<String>, StoreError> {
    Ok(on!(conn, c => sqlx::query_scalar::<_, String>("SELECT slug FROM categories WHERE id = $1")
        .bind(category).fetch_optional(c).await)?)
}

/// Tokens of a unit's system: row id, name, when made, when it ends.
#[derive(Debug, Clone, FromRow)]
pub struct BodyToken {
    pub id: i64,
    pub name: String,
    pub created_at: Instant,
    pub expires_at: Option<Instant>,
}

/// The tokens of a unit that still open something, newest first.
pub async fn tokens(conn: &mut Conn, unit: i64, now: Instant) -> Result<Vec<BodyToken>, StoreError> {
    Ok(on!(conn, c => sqlx::query_as::<_, BodyToken>(
        "SELECT id, name, created_at, expires_at FROM api_tokens
         WHERE unit_id = $1 AND revoked_at IS NULL AND (expires_at IS NULL OR expires_at > $2) ORDER BY id DESC LIMIT 50")
        .bind(unit).bind(now).fetch_all(c).await)?)
}

/// The place of a contact among those of its ticket: names it to others, who learn no row ids.
pub async fn place_of(conn: &mut Conn, ticket: i64, contact: i64) -> Result<i64, StoreError> {
    Ok(on!(conn, c => sqlx::query_scalar::<_, i64>("SELECT COUNT(*) FROM contacts WHERE ticket_id = $1 AND id <= $2")
        .bind(ticket).bind(contact).fetch_one(c).await)?)
}
