//! SQL of the flows between units. A number and its list have the same condition.
use sqlx::{AssertSqlSafe, FromRow};

use super::{Between, Which};
use crate::kernel::database::{Conn, StoreError};
use crate::kernel::time::Instant;
use crate::network::{LegKind, LegState};
use crate::on;

/// What one unit sent to another.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, FromRow)]
pub struct Flow {
    /// Row id; 0 when nobody knows.
    pub sender: i64,
    /// Row id.
    pub unit: i64,
    pub sent: i64,
    pub answered: i64,
    pub late: i64,
    pub waiting: i64,
    pub overdue: i64,
    pub returned: i64,
    /// Microseconds from sending to the answer, of those that were answered.
    #[sqlx(skip)]
    pub median: Option<i64>,
}

/// A leg of a list.
#[derive(Debug, Clone, FromRow)]
pub struct Sent {
    pub id: i64,
    /// Of its ticket.
    pub code: String,
    pub number: i64,
    pub subject: String,
    pub sender: i64,
    pub unit: i64,
    #[sqlx(try_from = "String")]
    pub kind: LegKind,
    #[sqlx(try_from = "String")]
    pub state: LegState,
    pub sent_at: Instant,
    pub due_at: Option<Instant>,
    pub answered_at: Option<Instant>,
}

const WAITING: &str = "l.state IN ('sent', 'accepted', 'asked') AND l.kind <> 'knowledge'";
const ANSWERED: &str = "l.state = 'answered' AND l.answered_at IS NOT NULL";

/// The condition of a number; `$3` is now.
fn condition(which: Which) -> String {
    match which {
        Which::Sent => "1 = 1".to_owned(),
        Which::Answered => ANSWERED.to_owned(),
        Which::Late => format!("{ANSWERED} AND l.answered_at > l.due_at"),
        Which::Waiting => WAITING.to_owned(),
        Which::Overdue => format!("{WAITING} AND l.due_at <= $3"),
        Which::Returned => "l.state = 'returned'".to_owned(),
    }
}

/// Legs sent from `$1` to `$2`, whoever sent or received them being `$4` unless that is 0.
const SENT: &str = "l.sent_at >= $1 AND l.sent_at <= $2 AND ($4 = 0 OR l.sender_unit_id = $4 OR l.unit_id = $4)";

pub(super) async fn flows(
    conn: &mut Conn,
    (from, to): (Instant, Instant),
    about: i64,
    now: Instant,
) -> Result<Vec<Flow>, StoreError> {
    let counts: Vec<String> = Which::ALL
        .iter()
        .map(|&which| format!("COUNT(CASE WHEN {} THEN 1 END) AS {}", condition(which), which.as_str()))
        .collect();
    let sql = format!(
        "SELECT COALESCE(l.sender_unit_id, 0) AS sender, l.unit_id AS unit, {} FROM legs l WHERE {SENT}
         GROUP BY COALESCE(l.sender_unit_id, 0), l.unit_id",
        counts.join(", ")
    );
    Ok(on!(conn, c => sqlx::query_as::<_, Flow>(AssertSqlSafe(sql.clone()))
        .bind(from).bind(to).bind(now).bind(about).fetch_all(c).await)?)
}

/// The middle of the times until the answer, by sender and receiver: of two in the middle their mean.
pub(super) async fn medians(
    conn: &mut Conn,
    (from, to): (Instant, Instant),
    about: i64,
) -> Result<Vec<(i64, i64, i64)>, StoreError> {
    let sql = format!(
        "SELECT sender, unit, CAST(AVG(wait) AS BIGINT) FROM (
            SELECT COALESCE(l.sender_unit_id, 0) AS sender, l.unit_id AS unit, l.answered_at - l.sent_at AS wait,
                   ROW_NUMBER() OVER (PARTITION BY COALESCE(l.sender_unit_id, 0), l.unit_id
                                      ORDER BY l.answered_at - l.sent_at) AS place,
                   COUNT(*) OVER (PARTITION BY COALESCE(l.sender_unit_id, 0), l.unit_id) AS n
            FROM legs l WHERE {SENT} AND $3 = $3 AND {ANSWERED}) AS waits
         WHERE place IN ((n + 1) / 2, (n + 2) / 2) GROUP BY sender, unit"
    );
    Ok(on!(conn, c => sqlx::query_as::<_, (i64, i64, i64)>(AssertSqlSafe(sql.clone()))
        .bind(from).bind(to).bind(0_i64).bind(about).fetch_all(c).await)?)
}

/// The same of all together; `None` when nothing was answered.
pub(super) async fn median(
    conn: &mut Conn,
    (from, to): (Instant, Instant),
    about: i64,
) -> Result<Option<i64>, StoreError> {
    let sql = format!(
        "SELECT CAST(AVG(wait) AS BIGINT) FROM (
            SELECT l.answered_at - l.sent_at AS wait, ROW_NUMBER() OVER (ORDER BY l.answered_at - l.sent_at) AS place,
                   COUNT(*) OVER () AS n
            FROM legs l WHERE {SENT} AND $3 = $3 AND {ANSWERED}) AS waits
         WHERE place IN ((n + 1) / 2, (n + 2) / 2)"
    );
    Ok(on!(conn, c => sqlx::query_scalar::<_, Option<i64>>(AssertSqlSafe(sql.clone()))
        .bind(from).bind(to).bind(0_i64).bind(about).fetch_one(c).await)?)
}

pub(super) async fn behind(
    conn: &mut Conn,
    (from, to): (Instant, Instant),
    between: Between,
    which: Which,
    now: Instant,
    before: (Instant, i64),
    limit: i64,
) -> Result<Vec<Sent>, StoreError> {
    let sql = format!(
        "SELECT l.id, t.code, l.number, t.subject, COALESCE(l.sender_unit_id, 0) AS sender, l.unit_id AS unit, l.kind,
                l.state, l.sent_at, l.due_at, l.answered_at
         FROM legs l JOIN tickets t ON t.id = l.ticket_id
         WHERE l.sent_at >= $1 AND l.sent_at <= $2 AND $3 = $3 AND {}
           AND ($4 = 0 OR l.sender_unit_id = $4) AND ($5 = 0 OR l.unit_id = $5)
           AND ($6 = 0 OR l.sender_unit_id = $6 OR l.unit_id = $6) AND (l.sent_at, l.id) < ($7, $8)
         ORDER BY l.sent_at DESC, l.id DESC LIMIT $9",
        condition(which)
    );
    Ok(on!(conn, c => sqlx::query_as::<_, Sent>(AssertSqlSafe(sql.clone()))
        .bind(from).bind(to).bind(now).bind(between.sender).bind(between.unit).bind(between.about).bind(before.0).bind(before.1).bind(limit)
        .fetch_all(c).await)?)
}
