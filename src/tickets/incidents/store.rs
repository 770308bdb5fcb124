//! SQL of tickets gathered below others, and of answers to all of them.
use sqlx::FromRow;

use super::answer_all::SharedAnswer;
use crate::kernel::database::{Conn, StoreError, Tx};
use crate::kernel::events::Actor;
use crate::kernel::time::Instant;
use crate::on;

/// The ticket above one.
#[derive(Debug, Clone, FromRow)]
pub struct ParentRow {
    /// Of the row that ties the two.
    pub id: i64,
    pub parent_id: i64,
    pub code: String,
    pub subject: String,
    pub state: String,
    pub attached_at: Instant,
    pub given_to: Option<i64>,
}

/// The ticket above one, if it is below one.
pub async fn parent(conn: &mut Conn, child: i64) -> Result<Option<ParentRow>, StoreError> {
    Ok(on!(conn, c => sqlx::query_as::<_, ParentRow>(
        "SELECT p.id, p.parent_id, t.code, t.subject, t.state, p.attached_at, p.given_to
         FROM ticket_parents p JOIN tickets t ON t.id = p.parent_id
         WHERE p.child_id = $1 AND p.detached_at IS NULL")
        .bind(child).fetch_optional(c).await)?)
}

/// Legs of the ticket above one that count for the front-office closure rate: to any unit, and to other agencies.
pub async fn legs_above(conn: &mut Conn, child: i64) -> Result<(i64, i64), StoreError> {
    let legs = on!(conn, c => sqlx::query_as::<_, (i64, i64)>(
        "SELECT t.decisive_legs, t.external_legs FROM ticket_parents p JOIN tickets t ON t.id = p.parent_id
         WHERE p.child_id = $1 AND p.detached_at IS NULL")
        .bind(child).fetch_optional(c).await)?;
    Ok(legs.unwrap_or_default())
}

/// A ticket below another.
#[derive(Debug, Clone, FromRow)]
pub struct ChildRow {
    pub id: i64,
    pub code: String,
    pub version: i64,
    pub subject: String,
    pub state: String,
    pub channel: String,
    pub opened_at: Instant,
}

/// The tickets below one after a place (row id of a ticket), oldest first.
pub async fn children(conn: &mut Conn, parent: i64, after: i64, limit: i64) -> Result<Vec<ChildRow>, StoreError> {
    Ok(on!(conn, c => sqlx::query_as::<_, ChildRow>(
        "SELECT t.id, t.code, t.version, t.subject, t.state, t.channel, t.opened_at
         FROM ticket_parents p JOIN tickets t ON t.id = p.child_id
         WHERE p.parent_id = $1 AND p.detached_at IS NULL AND t.merged_into_id IS NULL AND t.id > $2 ORDER BY t.id LIMIT $3")
        .bind(parent).bind(after).bind(limit).fetch_all(c).await)?)
}

/// How many tickets are below one, and how many of them are still in work.
pub async fn child_count(conn: &mut Conn, parent: i64) -> Result<(i64, i64), StoreError> {
    Ok(on!(conn, c => sqlx::query_as::<_, (i64, i64)>(
        "SELECT COUNT(*), COUNT(CASE WHEN t.state NOT IN ('resolved', 'closed') THEN 1 END)
         FROM ticket_parents p JOIN tickets t ON t.id = p.child_id
         WHERE p.parent_id = $1 AND p.detached_at IS NULL AND t.merged_into_id IS NULL")
        .bind(parent).fetch_one(c).await)?)
}

/// Ties a ticket below another.
pub(super) async fn insert_parent(
    tx: &mut Tx,
    child: i64,
    parent: i64,
    by: Option<i64>,
    given_to: Option<i64>,
    now: Instant,
) -> Result<(), StoreError> {
    on!(tx, c => sqlx::query(
        "INSERT INTO ticket_parents (child_id, parent_id, attached_by, attached_at, given_to) VALUES ($1, $2, $3, $4, $5)")
        .bind(child).bind(parent).bind(by).bind(now).bind(given_to).execute(c).await.map(drop))?;
    Ok(())
}

/// Unties a ticket, by the row that tied it.
pub(super) async fn end_parent(tx: &mut Tx, row: i64, now: Instant) -> Result<(), StoreError> {
    on!(tx, c => sqlx::query("UPDATE ticket_parents SET detached_at = $2 WHERE id = $1")
        .bind(row).bind(now).execute(c).await.map(drop))?;
    Ok(())
}

/// Keeps an answer to all tickets below one that are in work, and to itself; answers its row id and how many.
pub(super) async fn insert_answer(
    tx: &mut Tx,
    parent: i64,
    answer: &SharedAnswer,
    author: (&Actor, &str),
    now: Instant,
) -> Result<(i64, i64), StoreError> {
    let id = on!(tx, c => sqlx::query_scalar::<_, i64>(
        "INSERT INTO shared_answers (parent_id, text, next, outcome, sheet, author, author_name, written_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8) RETURNING id")
        .bind(parent).bind(&answer.text).bind(answer.next.as_str()).bind(answer.outcome.as_str()).bind(&answer.sheet)
        .bind(author.0.to_text()).bind(author.1).bind(now).fetch_one(c).await)?;
    let count = on!(tx, c => sqlx::query(
        "INSERT INTO shared_answer_tickets (answer_id, ticket_id, state)
         SELECT $1, t.id, 'waiting' FROM tickets t
         WHERE t.state NOT IN ('resolved', 'closed')
           AND (t.id = $2 OR t.id IN (SELECT child_id FROM ticket_parents WHERE parent_id = $2 AND detached_at IS NULL))")
        .bind(id).bind(parent).execute(c).await?.rows_affected());
    Ok((id, i64::try_from(count).unwrap_or(i64::MAX)))
}

/// An answer to many, as stored, with what became of it.
#[derive(Debug, Clone, FromRow)]
pub struct AnswerRow {
    pub id: i64,
    pub text: String,
    pub next: String,
    pub outcome: String,
    pub sheet: String,
    pub author: String,
    pub author_name: String,
    pub written_at: Instant,
    pub waiting: i64,
    pub sent: i64,
    /// Nothing leads to these citizens.
    pub unreached: i64,
    /// Closed, let go or merged meanwhile.
    pub refused: i64,
}

macro_rules! answer_sql {
    ($rest:literal) => {
        concat!(
            "SELECT a.id, a.text, a.next, a.outcome, a.sheet, a.author, a.author_name, a.written_at,
                    COUNT(CASE WHEN t.state = 'waiting' THEN 1 END) AS waiting,
                    COUNT(CASE WHEN t.state = 'sent' THEN 1 END) AS sent,
                    COUNT(CASE WHEN t.state = 'unreached' THEN 1 END) AS unreached,
                    COUNT(CASE WHEN t.state = 'refused' THEN 1 END) AS refused
             FROM shared_answers a LEFT JOIN shared_answer_tickets t ON t.answer_id = a.id ",
            $rest
        )
    };
}

/// The answers given to all below a ticket, newest first.
pub async fn answers(conn: &mut Conn, parent: i64, limit: i64) -> Result<Vec<AnswerRow>, StoreError> {
    Ok(on!(conn, c => sqlx::query_as::<_, AnswerRow>(
        answer_sql!("WHERE a.parent_id = $1 GROUP BY a.id ORDER BY a.id DESC LIMIT $2"))
        .bind(parent).bind(limit).fetch_all(c).await)?)
}

/// The oldest answer that some tickets wait for.
pub(super) async fn next_answer(conn: &mut Conn, after: i64) -> Result<Option<AnswerRow>, StoreError> {
    Ok(on!(conn, c => sqlx::query_as::<_, AnswerRow>(
        answer_sql!("WHERE a.done_at IS NULL AND a.id > $1 GROUP BY a.id ORDER BY a.id LIMIT 1"))
        .bind(after).fetch_optional(c).await)?)
}

/// Tickets that wait for an answer, after one: row id and code.
pub(super) async fn waiting(
    conn: &mut Conn,
    answer: i64,
    after: i64,
    limit: i64,
) -> Result<Vec<(i64, String)>, StoreError> {
    Ok(on!(conn, c => sqlx::query_as::<_, (i64, String)>(
        "SELECT w.ticket_id, t.code FROM shared_answer_tickets w JOIN tickets t ON t.id = w.ticket_id
         WHERE w.answer_id = $1 AND w.state = 'waiting' AND w.ticket_id > $2 ORDER BY w.ticket_id LIMIT $3")
        .bind(answer).bind(after).bind(limit).fetch_all(c).await)?)
}

/// Notes what became of an answer to one ticket; `false` when that was noted before.
pub(super) async fn settle(
    tx: &mut Tx,
    answer: i64,
    ticket: i64,
    (state, channel, reason): (&str, &str, &str),
    now: Instant,
) -> Result<bool, StoreError> {
    let rows = on!(tx, c => sqlx::query(
        "UPDATE shared_answer_tickets SET state = $3, channel = $4, reason = $5, settled_at = $6
         WHERE answer_id = $1 AND ticket_id = $2 AND state = 'waiting'")
        .bind(answer).bind(ticket).bind(state).bind(channel).bind(reason).bind(now).execute(c).await?.rows_affected());
    Ok(rows == 1)
}

/// Marks an answer as done once no ticket waits for it.
pub(super) async fn finish_answer(tx: &mut Tx, answer: i64, now: Instant) -> Result<bool, StoreError> {
    let rows = on!(tx, c => sqlx::query(
        "UPDATE shared_answers SET done_at = $2 WHERE id = $1 AND NOT EXISTS (
            SELECT 1 FROM shared_answer_tickets WHERE answer_id = $1 AND state = 'waiting')")
        .bind(answer).bind(now).execute(c).await?.rows_affected());
    Ok(rows == 1)
}

/// A ticket that an answer to all did not reach.
#[derive(Debug, Clone, FromRow)]
pub struct UnsentRow {
    pub code: String,
    pub subject: String,
    pub state: String,
    pub reason: String,
}

/// The tickets that an answer did not reach.
pub async fn unsent(conn: &mut Conn, answer: i64, limit: i64) -> Result<Vec<UnsentRow>, StoreError> {
    Ok(on!(conn, c => sqlx::query_as::<_, UnsentRow>(
        "SELECT t.code, t.subject, w.state, w.reason FROM shared_answer_tickets w JOIN tickets t ON t.id = w.ticket_id
         WHERE w.answer_id = $1 AND (w.state = 'unreached' OR w.state = 'refused') ORDER BY t.id LIMIT $2")
        .bind(answer).bind(limit).fetch_all(c).await)?)
}
