//! SQL of what stands still. A figure and its list have the same condition.
use sqlx::{AssertSqlSafe, FromRow};

use super::Kind;
use crate::kernel::database::{Conn, StoreError};
use crate::kernel::time::Instant;
use crate::on;

/// How much stands still, and since when the oldest does.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, FromRow)]
pub struct Count {
    pub count: i64,
    pub oldest: Option<Instant>,
}

/// Something that stands still.
#[derive(Debug, Clone, FromRow)]
pub struct Still {
    /// Of its ticket.
    pub code: String,
    pub subject: String,
    /// Who owns the ticket, or to whom the leg was sent.
    pub unit: String,
    /// Who has the ticket; empty when nobody.
    pub holder: String,
    pub since: Instant,
}

/// Tables and condition of a kind; `$1` is the instant before which it was touched last, `$2` is now.
const fn from(kind: Kind) -> (&'static str, &'static str) {
    const TICKETS: &str =
        "FROM tickets t JOIN units u ON u.id = t.owner_unit_id LEFT JOIN users s ON s.id = t.assignee_id";
    match kind {
        Kind::New => (TICKETS, "t.state = 'new' AND t.touched_at < $1 AND $2 > 0"),
        Kind::Open => (TICKETS, "t.state = 'open' AND t.touched_at < $1 AND $2 > 0"),
        Kind::WaitingCitizen => (TICKETS, "t.state = 'waiting_citizen' AND t.touched_at < $1 AND $2 > 0"),
        Kind::Referred => (TICKETS, "t.state = 'referred' AND t.touched_at < $1 AND $2 > 0"),
        Kind::Ownerless => (
            TICKETS,
            "t.state IN ('new', 'open', 'waiting_citizen', 'referred') AND t.touched_at <= $1 AND u.valid_to <= $2",
        ),
        Kind::Left => (
            TICKETS,
            "t.state IN ('new', 'open', 'waiting_citizen', 'referred') AND t.touched_at <= $1 AND $2 > 0
             AND s.disabled_at IS NOT NULL",
        ),
        Kind::Absent => (
            TICKETS,
            "t.state IN ('new', 'open') AND t.touched_at <= $1 AND EXISTS (SELECT 1 FROM agent_absences a
                WHERE a.user_id = t.assignee_id AND a.from_at <= $2 AND a.to_at > $2)",
        ),
        Kind::Leg => (
            "FROM legs l JOIN tickets t ON t.id = l.ticket_id JOIN units u ON u.id = l.unit_id
             LEFT JOIN users s ON s.id = t.assignee_id",
            "l.state = 'sent' AND l.kind <> 'knowledge' AND l.sent_at < $1 AND $2 > 0
             AND t.state NOT IN ('resolved', 'closed')",
        ),
    }
}

const fn since(kind: Kind) -> &'static str {
    match kind {
        Kind::Leg => "l.sent_at",
        Kind::New
        | Kind::Open
        | Kind::WaitingCitizen
        | Kind::Referred
        | Kind::Ownerless
        | Kind::Left
        | Kind::Absent => "t.touched_at",
    }
}

/// Counts what stands still.
pub async fn count(conn: &mut Conn, kind: Kind, limit: Instant, now: Instant) -> Result<Count, StoreError> {
    let ((tables, condition), since) = (from(kind), since(kind));
    let sql = format!("SELECT COUNT(*) AS count, MIN({since}) AS oldest {tables} WHERE {condition}");
    Ok(on!(conn, c => sqlx::query_as::<_, Count>(AssertSqlSafe(sql.clone())).bind(limit).bind(now).fetch_one(c).await)?)
}

/// Lists what stands still, longest first.
pub async fn list(
    conn: &mut Conn,
    kind: Kind,
    limit: Instant,
    now: Instant,
    most: i64,
) -> Result<Vec<Still>, StoreError> {
    let ((tables, condition), since) = (from(kind), since(kind));
    let sql = format!(
        "SELECT t.code, t.subject, u.name AS unit, COALESCE(s.name, '') AS holder, {since} AS since
         {tables} WHERE {condition} ORDER BY {since}, t.id LIMIT $3"
    );
    Ok(on!(conn, c => sqlx::query_as::<_, Still>(AssertSqlSafe(sql.clone())).bind(limit).bind(now).bind(most)
        .fetch_all(c).await)?)
}

/// Open tickets whose holder no longer works here, with that holder.
pub async fn held_by_who_left(conn: &mut Conn, limit: i64) -> Result<Vec<(i64, i64)>, StoreError> {
    Ok(on!(conn, c => sqlx::query_as::<_, (i64, i64)>(
        "SELECT t.id, s.id FROM users s JOIN tickets t ON t.assignee_id = s.id
         WHERE s.disabled_at IS NOT NULL AND t.state IN ('new', 'open', 'waiting_citizen', 'referred')
         ORDER BY t.id LIMIT $1").bind(limit).fetch_all(c).await)?)
}
