//! SQL of what rules look at, now and in the past.
use sqlx::FromRow;

use crate::kernel::database::{Conn, StoreError};
use crate::kernel::events::Event;
use crate::kernel::time::Instant;
use crate::on;

/// What an event is about beside its ticket.
#[derive(Debug, Clone, Copy, Default)]
pub struct EventOf {
    pub contact: Option<i64>,
    pub leg: Option<i64>,
}

/// A ticket as rules look at it.
#[derive(Debug, Clone, FromRow)]
pub struct FactsRow {
    pub code: String,
    pub category: Option<String>,
    pub channel: String,
    pub kind: String,
    pub language: String,
    pub unit: String,
    pub segment: Option<String>,
    pub state: String,
    pub subject: String,
    pub assignee: Option<i64>,
    pub opened_at: Instant,
    pub answers: Option<String>,
    pub leg_unit: Option<String>,
    pub text: Option<String>,
    /// Of the event's message: why it looks automatic.
    pub automatic: Option<String>,
}

/// What rules look at of a ticket, as it is now.
pub async fn facts(conn: &mut Conn, ticket: i64, of: EventOf) -> Result<Option<FactsRow>, StoreError> {
    Ok(on!(conn, c => sqlx::query_as::<_, FactsRow>(
        "SELECT t.code, k.slug AS category, t.channel, t.kind, t.language, u.slug AS unit, p.segment, t.state, t.subject,
                t.assignee_id AS assignee, t.opened_at,
                (SELECT a.answers FROM ticket_answers a WHERE a.ticket_id = t.id) AS answers,
                (SELECT lu.slug FROM legs l JOIN units lu ON lu.id = l.unit_id WHERE l.id = $3) AS leg_unit,
                COALESCE((SELECT m.body FROM contacts m WHERE m.id = $2 AND m.direction = 'in'),
                    (SELECT m.body FROM contacts m WHERE m.ticket_id = t.id AND m.direction = 'in' ORDER BY m.id LIMIT 1)) AS text,
                (SELECT m.automatic FROM contacts m WHERE m.id = $2) AS automatic
         FROM tickets t JOIN units u ON u.id = t.owner_unit_id LEFT JOIN categories k ON k.id = t.category_id
         LEFT JOIN persons p ON p.id = t.person_id WHERE t.id = $1")
        .bind(ticket).bind(of.contact).bind(of.leg).fetch_optional(c).await)?)
}

/// Events of the past before a row id, the latest first.
pub async fn past(conn: &mut Conn, before: i64, limit: i64) -> Result<Vec<Event>, StoreError> {
    Ok(on!(conn, c => sqlx::query_as::<_, Event>(
        "SELECT id, txid, at, kind, ticket_id, actor, data FROM events WHERE id < $1 ORDER BY id DESC LIMIT $2")
        .bind(before).bind(limit).fetch_all(c).await)?)
}
