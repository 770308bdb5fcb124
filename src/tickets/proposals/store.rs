//! SQL of proposals to hand over.
use std::collections::BTreeSet;

use sqlx::{AssertSqlSafe, FromRow};

use super::ProposalState;
use crate::kernel::database::{Conn, StoreError, Tx};
use crate::kernel::names::read_stored;
use crate::kernel::time::Instant;
use crate::on;

read_stored!(ProposalState);

/// A proposal about to be written down.
#[derive(Debug, Clone)]
pub struct New {
    pub ticket_id: i64,
    pub from_unit_id: i64,
    pub to_unit_id: i64,
    pub proposed_by: Option<i64>,
    pub reason_id: Option<i64>,
    pub due_at: Instant,
}

/// A proposal.
#[derive(Debug, Clone, FromRow)]
pub struct Row {
    pub id: i64,
    pub ticket_id: i64,
    pub from_unit_id: i64,
    pub to_unit_id: i64,
    pub reason_id: Option<i64>,
    pub due_at: Instant,
    #[sqlx(try_from = "String")]
    pub state: ProposalState,
}

macro_rules! row_sql {
    ($rest:literal) => {
        concat!(
            "SELECT id, ticket_id, from_unit_id, to_unit_id, reason_id, due_at, state FROM hand_over_proposals ",
            $rest
        )
    };
}

/// Writes a proposal down; `None` when one waits already.
pub async fn insert(tx: &mut Tx, n: &New, now: Instant) -> Result<Option<i64>, StoreError> {
    Ok(on!(tx, c => sqlx::query_scalar::<_, i64>(
        "INSERT INTO hand_over_proposals (ticket_id, from_unit_id, to_unit_id, proposed_by, reason_id, proposed_at, due_at, state)
         VALUES ($1, $2, $3, $4, $5, $6, $7, 'open') ON CONFLICT DO NOTHING RETURNING id")
        .bind(n.ticket_id).bind(n.from_unit_id).bind(n.to_unit_id).bind(n.proposed_by).bind(n.reason_id).bind(now)
        .bind(n.due_at).fetch_optional(c).await)?)
}

/// Ends what waits of a ticket although its owner is another one by now.
pub async fn drop_stale(tx: &mut Tx, ticket: i64, now: Instant) -> Result<(), StoreError> {
    on!(tx, c => sqlx::query(
        "UPDATE hand_over_proposals SET state = 'withdrawn', settled_at = $2 WHERE ticket_id = $1 AND state = 'open'
         AND from_unit_id <> (SELECT owner_unit_id FROM tickets WHERE id = $1)")
        .bind(ticket).bind(now).execute(c).await.map(drop))?;
    Ok(())
}

/// The ticket of a proposal.
pub async fn ticket_of(conn: &mut Conn, id: i64) -> Result<Option<i64>, StoreError> {
    Ok(on!(conn, c => sqlx::query_scalar::<_, i64>("SELECT ticket_id FROM hand_over_proposals WHERE id = $1")
        .bind(id).fetch_optional(c).await)?)
}

/// A proposal, locked until the end of the transaction.
pub async fn lock(tx: &mut Tx, id: i64) -> Result<Option<Row>, StoreError> {
    let sql = tx.pick(row_sql!("WHERE id = $1"), row_sql!("WHERE id = $1 FOR UPDATE"));
    Ok(on!(tx, c => sqlx::query_as::<_, Row>(sql).bind(id).fetch_optional(c).await)?)
}

/// Settles a proposal.
pub async fn settle(
    tx: &mut Tx,
    id: i64,
    state: ProposalState,
    by: Option<i64>,
    answer: Option<i64>,
    now: Instant,
) -> Result<(), StoreError> {
    on!(tx, c => sqlx::query(
        "UPDATE hand_over_proposals SET state = $2, settled_by = $3, settled_at = $4, answer_id = $5 WHERE id = $1")
        .bind(id).bind(state.as_str()).bind(by).bind(now).bind(answer).execute(c).await.map(drop))?;
    Ok(())
}

/// Row ids of what nobody answered in time, the longest due first.
pub async fn due(conn: &mut Conn, now: Instant, limit: i64) -> Result<Vec<i64>, StoreError> {
    Ok(on!(conn, c => sqlx::query_scalar::<_, i64>(
        "SELECT id FROM hand_over_proposals WHERE state = 'open' AND due_at <= $1 ORDER BY due_at, id LIMIT $2")
        .bind(now).bind(limit).fetch_all(c).await)?)
}

/// A proposal that waits, as lists show it.
#[derive(Debug, Clone, FromRow)]
pub struct Listed {
    pub id: i64,
    pub code: String,
    pub subject: String,
    pub from_unit_id: i64,
    pub to_unit_id: i64,
    /// Empty when a program proposed it.
    pub proposed_by: String,
    pub proposed_at: Instant,
    pub due_at: Instant,
    pub reason: String,
}

/// Which proposals are asked for.
#[derive(Debug, Clone, Copy)]
pub enum Of<'a> {
    Ticket(i64),
    /// Those that these units are to answer.
    To(&'a BTreeSet<i64>),
    /// Those that these units wait for.
    From(&'a BTreeSet<i64>),
}

/// The proposals that wait at an instant, the first due first.
pub async fn open(conn: &mut Conn, of: Of<'_>, now: Instant, limit: i64) -> Result<Vec<Listed>, StoreError> {
    let list = |units: &BTreeSet<i64>| units.iter().map(i64::to_string).collect::<Vec<_>>().join(", ");
    let condition = match of {
        Of::Ticket(id) => format!("p.ticket_id = {id}"),
        Of::To(units) | Of::From(units) if units.is_empty() => return Ok(Vec::new()),
        Of::To(units) => format!("p.to_unit_id IN ({})", list(units)),
        Of::From(units) => format!("p.from_unit_id IN ({})", list(units)),
    };
    let sql = format!(
        "SELECT p.id, t.code, t.subject, p.from_unit_id, p.to_unit_id, COALESCE(s.name, '') AS proposed_by, p.proposed_at,
                p.due_at, COALESCE(k.body, '') AS reason
         FROM hand_over_proposals p JOIN tickets t ON t.id = p.ticket_id
         LEFT JOIN users s ON s.id = p.proposed_by LEFT JOIN contacts k ON k.id = p.reason_id
         WHERE p.state = 'open' AND p.due_at > $1 AND t.owner_unit_id = p.from_unit_id AND t.merged_into_id IS NULL
           AND t.state NOT IN ('resolved', 'closed') AND {condition}
         ORDER BY p.due_at, p.id LIMIT $2"
    );
    Ok(
        on!(conn, c => sqlx::query_as::<_, Listed>(AssertSqlSafe(sql.clone())).bind(now).bind(limit).fetch_all(c).await)?,
    )
}
