//! SQL of the names that tickets point to.

use sqlx::FromRow;

use super::super::model::{State, Ticket};
use crate::kernel::database::{Conn, StoreError, Tx};
use crate::kernel::events::Actor;
use crate::kernel::language::Language;
use crate::knowledge::model::{SheetCode, dictated_number};
use crate::on;

/// Who made the last change of a ticket, by name, and the kind of its event: told to whoever lost a race.
pub async fn last_change(conn: &mut Conn, ticket: i64) -> Result<(String, String), StoreError> {
    let last = on!(conn, c => sqlx::query_as::<_, (String, String)>(
        "SELECT actor, kind FROM events WHERE ticket_id = $1 ORDER BY id DESC LIMIT 1")
        .bind(ticket).fetch_optional(c).await)?;
    let Some((actor, kind)) = last else { return Ok((String::new(), String::new())) };
    let name = match Actor::from_text(&actor) {
        Actor::User(user) => user_name(conn, user).await?,
        Actor::Rule(run) => rule_name(conn, run).await?,
        Actor::System | Actor::Citizen | Actor::Leg(_) | Actor::Token(_) => {
            actor.split(':').next().unwrap_or_default().to_owned()
        }
    };
    Ok((name, kind))
}

/// The name of the rule of a run of automation; empty when there is none.
pub async fn rule_name(conn: &mut Conn, run: i64) -> Result<String, StoreError> {
    let name = on!(conn, c => sqlx::query_scalar::<_, String>("SELECT rule FROM automation_runs WHERE id = $1")
        .bind(run).fetch_optional(c).await)?;
    Ok(name.unwrap_or_default())
}

/// The name of a user; empty when there is none.
pub async fn user_name(conn: &mut Conn, user: i64) -> Result<String, StoreError> {
    let name = on!(conn, c => sqlx::query_scalar::<_, String>("SELECT name FROM users WHERE id = $1")
        .bind(user).fetch_optional(c).await)?;
    Ok(name.unwrap_or_default())
}

/// Row id of a unit by slug; of one that closed, the unit that goes on with its work: mailboxes and forms
/// may still name the old one.
pub async fn unit_by_slug(conn: &mut Conn, slug: &str) -> Result<Option<i64>, StoreError> {
    Ok(on!(conn, c => sqlx::query_scalar::<_, i64>(
        "WITH RECURSIVE goes_on (id, successor_id, valid_to) AS (
            SELECT id, successor_id, valid_to FROM units WHERE slug = $1
            UNION
            SELECT u.id, u.successor_id, u.valid_to FROM units u JOIN goes_on g ON u.id = g.successor_id
            WHERE g.valid_to IS NOT NULL)
         SELECT id FROM goes_on WHERE valid_to IS NULL LIMIT 1")
        .bind(slug).fetch_optional(c).await)?)
}

/// The name of a unit in a language.
pub async fn unit_name(conn: &mut Conn, id: i64, language: Language) -> Result<String, StoreError> {
    let names = on!(conn, c => sqlx::query_as::<_, (String, String)>("SELECT name, name_en FROM units WHERE id = $1")
        .bind(id).fetch_optional(c).await)?;
    let (italian, english) = names.unwrap_or_default();
    Ok(if language == Language::English && !english.is_empty() { english } else { italian })
}

/// Slug of a unit by row id.
pub async fn unit_slug(conn: &mut Conn, unit: i64) -> Result<Option<String>, StoreError> {
    Ok(on!(conn, c => sqlx::query_scalar::<_, String>("SELECT slug FROM units WHERE id = $1")
        .bind(unit).fetch_optional(c).await)?)
}

/// Row id of an active category by slug.
pub async fn category_by_slug(conn: &mut Conn, slug: &str) -> Result<Option<i64>, StoreError> {
    Ok(on!(conn, c => sqlx::query_scalar::<_, i64>("SELECT id FROM categories WHERE slug = $1 AND retired_at IS NULL")
        .bind(slug).fetch_optional(c).await)?)
}

/// A sheet somebody answers with, as it is in force.
#[derive(Debug, Clone, Copy, PartialEq, Eq, FromRow)]
pub struct UsedSheet {
    pub id: i64,
    pub version: i64,
}

/// A published sheet by its code or by its number.
pub async fn used_sheet(conn: &mut Conn, text: &str) -> Result<Option<UsedSheet>, StoreError> {
    let code = SheetCode::parse(text).map(|c| c.as_str().to_owned());
    Ok(on!(conn, c => sqlx::query_as::<_, UsedSheet>(
        "SELECT id, version FROM sheets WHERE (code = $1 OR number = $2) AND version > 0 ORDER BY id LIMIT 1")
        .bind(code).bind(dictated_number(text)).fetch_optional(c).await)?)
}

/// Remembers which version of a sheet a contact was written with.
pub async fn keep_sheet_version(tx: &mut Tx, contact: i64, version: i64) -> Result<(), StoreError> {
    on!(tx, c => sqlx::query("UPDATE contacts SET sheet_version = $2 WHERE id = $1")
        .bind(contact).bind(version).execute(c).await.map(drop))?;
    Ok(())
}

/// Remembers from which sheet a request was written.
pub async fn put_requested_sheet(tx: &mut Tx, ticket: i64, sheet: UsedSheet) -> Result<(), StoreError> {
    on!(tx, c => sqlx::query("INSERT INTO requested_sheets (ticket_id, sheet_id, version) VALUES ($1, $2, $3)")
        .bind(ticket).bind(sheet.id).bind(sheet.version).execute(c).await.map(drop))?;
    Ok(())
}

/// The sheet from which a request was written, as it was in force then.
pub async fn requested_sheet(conn: &mut Conn, ticket: i64) -> Result<Option<UsedSheet>, StoreError> {
    Ok(on!(conn, c => sqlx::query_as::<_, UsedSheet>(
        "SELECT sheet_id AS id, version FROM requested_sheets WHERE ticket_id = $1")
        .bind(ticket).fetch_optional(c).await)?)
}

/// Names of what a ticket points to.
#[derive(Debug, Clone, FromRow)]
pub struct TicketNames {
    /// Slug of the category.
    pub category: Option<String>,
    /// Slug of the owner unit.
    pub owner_unit: String,
    /// Name of the assignee.
    pub assignee: Option<String>,
}

/// Reads the names of what a ticket points to.
pub async fn names_of(conn: &mut Conn, ticket: &Ticket) -> Result<TicketNames, StoreError> {
    Ok(on!(conn, c => sqlx::query_as::<_, TicketNames>(
        "SELECT g.slug AS category, w.slug AS owner_unit, u.name AS assignee
         FROM units w
         LEFT JOIN categories g ON g.id = $2
         LEFT JOIN users u ON u.id = $3
         WHERE w.id = $1")
        .bind(ticket.owner_unit_id).bind(ticket.category_id).bind(ticket.assignee_id).fetch_one(c).await)?)
}

/// Code of a sheet by row id.
pub async fn sheet_code(conn: &mut Conn, id: i64) -> Result<Option<String>, StoreError> {
    Ok(on!(conn, c => sqlx::query_scalar::<_, String>("SELECT code FROM sheets WHERE id = $1")
        .bind(id).fetch_optional(c).await)?)
}

/// Tickets of a unit that are not closed, oldest first of each state: row id and category (0: none).
pub async fn open_of_unit(conn: &mut Conn, unit: i64, limit: i64) -> Result<Vec<(i64, i64)>, StoreError> {
    let mut found = Vec::new();
    // A state at a time: each is one range of the queues' index.
    for state in State::ALL.iter().filter(|state| **state != State::Closed) {
        found.extend(on!(conn, c => sqlx::query_as::<_, (i64, i64)>(
            "SELECT id, COALESCE(category_id, 0) FROM tickets WHERE state = $1 AND owner_unit_id = $2
             ORDER BY touched_at, id LIMIT $3")
            .bind(state.as_str()).bind(unit).bind(limit).fetch_all(c).await)?);
    }
    Ok(found)
}
