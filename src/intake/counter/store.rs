//! SQL of visits, counters and their topics.
use sqlx::FromRow;

use crate::kernel::database::{Conn, StoreError, Tx};
use crate::kernel::language::Language;
use crate::kernel::time::Instant;
use crate::on;

/// A unit of ours that meets citizens.
#[derive(Debug, Clone, FromRow)]
pub struct CounterRow {
    pub id: i64,
    pub slug: String,
    pub name: String,
    pub name_en: String,
    /// A counter, not the contact centre behind it.
    pub collects: bool,
}

impl CounterRow {
    /// In the reader's language.
    pub fn label(&self, language: Language) -> &str {
        if language == Language::English && !self.name_en.is_empty() { &self.name_en } else { &self.name }
    }
}

/// The units of ours that meet citizens, counters first.
pub async fn counters(conn: &mut Conn) -> Result<Vec<CounterRow>, StoreError> {
    Ok(on!(conn, c => sqlx::query_as::<_, CounterRow>(
        "SELECT u.id, u.slug, u.name, u.name_en, u.kind = 'collection_point' AS collects
         FROM units u JOIN agencies a ON a.id = u.agency_id
         WHERE a.kind = 'own' AND u.kind IN ('collection_point', 'entry_point') AND u.valid_to IS NULL
         ORDER BY u.kind, u.name, u.id")
        .fetch_all(c).await)?)
}

/// Row id of the counter that somebody chose.
pub async fn chosen_counter(conn: &mut Conn, user: i64) -> Result<Option<i64>, StoreError> {
    Ok(on!(conn, c => sqlx::query_scalar::<_, i64>("SELECT counter_id FROM user_counters WHERE user_id = $1")
        .bind(user).fetch_optional(c).await)?)
}

/// Remembers the counter of somebody.
pub async fn choose_counter(tx: &mut Tx, user: i64, counter: i64) -> Result<(), StoreError> {
    on!(tx, c => sqlx::query(
        "INSERT INTO user_counters (user_id, counter_id) VALUES ($1, $2)
         ON CONFLICT (user_id) DO UPDATE SET counter_id = excluded.counter_id")
        .bind(user).bind(counter).execute(c).await.map(drop))?;
    Ok(())
}

/// A category, perhaps with the sheet that answers, by row ids.
#[derive(Debug, Clone, Copy, PartialEq, Eq, FromRow)]
pub struct Asked {
    pub category_id: i64,
    pub sheet_id: Option<i64>,
}

/// What a counter fixed, by number.
pub async fn pinned(conn: &mut Conn, counter: i64) -> Result<Vec<(i64, Asked)>, StoreError> {
    let rows = on!(conn, c => sqlx::query_as::<_, (i64, i64, Option<i64>)>(
        "SELECT p.number, p.category_id, s.id FROM counter_topics p
         JOIN categories k ON k.id = p.category_id AND k.retired_at IS NULL
         LEFT JOIN sheets s ON s.id = p.sheet_id AND s.retired_at IS NULL
         WHERE p.counter_id = $1 ORDER BY p.number")
        .bind(counter).fetch_all(c).await)?;
    Ok(rows.into_iter().map(|(number, category_id, sheet_id)| (number, Asked { category_id, sheet_id })).collect())
}

/// Fixes the topics of a counter anew.
pub async fn pin(tx: &mut Tx, counter: i64, topics: &[(i64, Asked)]) -> Result<(), StoreError> {
    on!(tx, c => sqlx::query("DELETE FROM counter_topics WHERE counter_id = $1")
        .bind(counter).execute(c).await.map(drop))?;
    for (number, asked) in topics {
        on!(tx, c => sqlx::query(
            "INSERT INTO counter_topics (counter_id, number, category_id, sheet_id) VALUES ($1, $2, $3, $4)")
            .bind(counter).bind(number).bind(asked.category_id).bind(asked.sheet_id).execute(c).await.map(drop))?;
    }
    Ok(())
}

/// What visitors of a counter asked most between two instants.
pub async fn asked_here(
    conn: &mut Conn,
    counter: i64,
    from: Instant,
    to: Instant,
    limit: i64,
) -> Result<Vec<Asked>, StoreError> {
    Ok(on!(conn, c => sqlx::query_as::<_, Asked>(
        "SELECT v.category_id, v.sheet_id FROM visits v
         JOIN categories k ON k.id = v.category_id AND k.retired_at IS NULL
         LEFT JOIN sheets s ON s.id = v.sheet_id
         WHERE v.counter_id = $1 AND v.registered_at >= $2 AND v.registered_at < $3 AND v.undone_at IS NULL
           AND s.retired_at IS NULL
         GROUP BY v.category_id, v.sheet_id ORDER BY COUNT(*) DESC, v.category_id, v.sheet_id LIMIT $4")
        .bind(counter).bind(from).bind(to).bind(limit).fetch_all(c).await)?)
}

/// What closed most of the latest tickets of the agency that were closed before an instant with a sheet.
pub async fn asked_anywhere(conn: &mut Conn, before: Instant, limit: i64) -> Result<Vec<Asked>, StoreError> {
    Ok(on!(conn, c => sqlx::query_as::<_, Asked>(
        "SELECT t.category_id, t.closing_sheet_id AS sheet_id
         FROM (SELECT category_id, closing_sheet_id FROM tickets
               WHERE state = 'closed' AND closing_sheet_id IS NOT NULL AND category_id IS NOT NULL AND closed_at < $1
               ORDER BY id DESC LIMIT 2000) t
         JOIN categories k ON k.id = t.category_id AND k.retired_at IS NULL
         JOIN sheets s ON s.id = t.closing_sheet_id AND s.retired_at IS NULL
         GROUP BY t.category_id, t.closing_sheet_id ORDER BY COUNT(*) DESC, t.category_id, t.closing_sheet_id LIMIT $2")
        .bind(before).bind(limit).fetch_all(c).await)?)
}

/// The first categories of the classification that have none below them.
pub async fn first_categories(conn: &mut Conn, limit: i64) -> Result<Vec<Asked>, StoreError> {
    Ok(on!(conn, c => sqlx::query_as::<_, Asked>(
        "SELECT k.id AS category_id, NULL AS sheet_id FROM categories k
         LEFT JOIN categories area ON area.id = k.parent_id
         WHERE k.retired_at IS NULL AND NOT EXISTS (SELECT 1 FROM categories b WHERE b.parent_id = k.id AND b.retired_at IS NULL)
         ORDER BY COALESCE(area.position, k.position), k.position, k.id LIMIT $1")
        .bind(limit).fetch_all(c).await)?)
}

/// How a category is named and written.
#[derive(Debug, Clone, FromRow)]
pub struct CategoryName {
    pub slug: String,
    pub name: String,
    pub name_en: String,
}

/// A category by row id.
pub async fn category(conn: &mut Conn, id: i64) -> Result<Option<CategoryName>, StoreError> {
    Ok(on!(conn, c => sqlx::query_as::<_, CategoryName>("SELECT slug, name, name_en FROM categories WHERE id = $1")
        .bind(id).fetch_optional(c).await)?)
}

/// A sheet in use: row id, category, code and title in a language or else in Italian.
#[derive(Debug, Clone, FromRow)]
pub struct SheetName {
    pub id: i64,
    pub category_id: Option<i64>,
    pub code: String,
    pub title: String,
}

/// A published sheet by row id.
pub async fn sheet(conn: &mut Conn, id: i64, language: Language) -> Result<Option<SheetName>, StoreError> {
    Ok(on!(conn, c => sqlx::query_as::<_, SheetName>(
        "SELECT s.id, s.category_id, s.code, t.title FROM sheets s JOIN sheet_texts t ON t.sheet_id = s.id
         WHERE s.id = $1 AND s.version > 0 AND s.retired_at IS NULL AND t.lang IN ($2, 'it')
         ORDER BY CASE WHEN t.lang = $2 THEN 0 ELSE 1 END LIMIT 1")
        .bind(id).bind(language.as_str()).fetch_optional(c).await)?)
}

/// A visit as stored.
#[derive(Debug, Clone, FromRow)]
pub struct VisitRow {
    pub id: i64,
    pub contact_id: i64,
    pub ticket_id: i64,
    pub opened: bool,
    pub closed: bool,
    pub counter_id: i64,
    pub user_id: Option<i64>,
    pub category_id: Option<i64>,
    pub sheet_id: Option<i64>,
    /// Stored name of a [`VisitOutcome`](super::VisitOutcome).
    pub outcome: String,
    pub started_at: Option<Instant>,
    pub registered_at: Instant,
    pub undone_at: Option<Instant>,
}

impl VisitRow {
    /// Seconds from opening the form to registering, where that is known.
    pub fn seconds(&self) -> Option<i64> {
        self.started_at.map(|at| self.registered_at.since(at).as_secs())
    }
}

macro_rules! visit_sql {
    ($rest:literal) => {
        concat!(
            "SELECT id, contact_id, ticket_id, opened, closed, counter_id, user_id, category_id, sheet_id, outcome,
                    started_at, registered_at, undone_at FROM visits ",
            $rest
        )
    };
}

/// Stores a visit; answers its row id.
pub async fn insert(tx: &mut Tx, v: &VisitRow) -> Result<i64, StoreError> {
    Ok(on!(tx, c => sqlx::query_scalar::<_, i64>(
        "INSERT INTO visits (contact_id, ticket_id, opened, closed, counter_id, user_id, category_id, sheet_id,
                             outcome, started_at, registered_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) RETURNING id")
        .bind(v.contact_id).bind(v.ticket_id).bind(v.opened).bind(v.closed).bind(v.counter_id).bind(v.user_id)
        .bind(v.category_id).bind(v.sheet_id).bind(&v.outcome).bind(v.started_at).bind(v.registered_at)
        .fetch_one(c).await)?)
}

/// A visit by row id.
pub async fn visit(conn: &mut Conn, id: i64) -> Result<Option<VisitRow>, StoreError> {
    Ok(on!(conn, c => sqlx::query_as::<_, VisitRow>(visit_sql!("WHERE id = $1")).bind(id).fetch_optional(c).await)?)
}

/// The visit of a contact.
pub async fn of_contact(conn: &mut Conn, contact: i64) -> Result<Option<VisitRow>, StoreError> {
    Ok(on!(conn, c => sqlx::query_as::<_, VisitRow>(visit_sql!("WHERE contact_id = $1"))
        .bind(contact).fetch_optional(c).await)?)
}

/// The latest visits of a counter between two instants, the undone ones too.
pub async fn between(
    conn: &mut Conn,
    counter: i64,
    from: Instant,
    to: Instant,
    limit: i64,
) -> Result<Vec<VisitRow>, StoreError> {
    Ok(on!(conn, c => sqlx::query_as::<_, VisitRow>(
        visit_sql!("WHERE counter_id = $1 AND registered_at >= $2 AND registered_at < $3 ORDER BY id DESC LIMIT $4"))
        .bind(counter).bind(from).bind(to).bind(limit).fetch_all(c).await)?)
}

/// Marks a visit as undone; `false` when somebody did before.
pub async fn mark_undone(tx: &mut Tx, id: i64, now: Instant) -> Result<bool, StoreError> {
    let rows = on!(tx, c => sqlx::query("UPDATE visits SET undone_at = $2 WHERE id = $1 AND undone_at IS NULL")
        .bind(id).bind(now).execute(c).await?.rows_affected());
    Ok(rows == 1)
}

/// Turns the contact of a visit into an internal note: nobody came, and the citizen must not read of it.
pub async fn contact_to_note(tx: &mut Tx, contact: i64, body: &str) -> Result<(), StoreError> {
    on!(tx, c => sqlx::query(
        "UPDATE contacts SET direction = 'note', public = $2, body = $3, person_id = NULL WHERE id = $1")
        .bind(contact).bind(false).bind(body).execute(c).await.map(drop))?;
    Ok(())
}

/// What was asked at a counter, and how it ended.
#[derive(Debug, Clone, FromRow)]
pub struct TopicCount {
    pub category_id: Option<i64>,
    pub sheet_id: Option<i64>,
    pub visits: i64,
    pub answered: i64,
    /// Visits whose duration is known, and all their seconds together.
    pub timed: i64,
    pub seconds: i64,
}

/// Visits of a counter between two instants by topic, the most asked first.
pub async fn by_topic(
    conn: &mut Conn,
    counter: i64,
    from: Instant,
    to: Instant,
) -> Result<Vec<TopicCount>, StoreError> {
    Ok(on!(conn, c => sqlx::query_as::<_, TopicCount>(
        "SELECT category_id, sheet_id, COUNT(*) AS visits,
                COUNT(CASE WHEN outcome = 'answered' THEN 1 END) AS answered, COUNT(started_at) AS timed,
                CAST(COALESCE(SUM(registered_at - started_at), 0) / 1000000 AS BIGINT) AS seconds
         FROM visits WHERE counter_id = $1 AND registered_at >= $2 AND registered_at < $3 AND undone_at IS NULL
         GROUP BY category_id, sheet_id ORDER BY COUNT(*) DESC, category_id, sheet_id")
        .bind(counter).bind(from).bind(to).fetch_all(c).await)?)
}

/// Code, subject and state of the tickets of a person that are not over, the newest first.
pub async fn open_tickets(conn: &mut Conn, person: i64, limit: i64) -> Result<Vec<(String, String)>, StoreError> {
    Ok(on!(conn, c => sqlx::query_as::<_, (String, String)>(
        "SELECT code, subject FROM tickets WHERE person_id = $1 AND state <> 'closed' AND merged_into_id IS NULL
         ORDER BY opened_at DESC, id DESC LIMIT $2")
        .bind(person).bind(limit).fetch_all(c).await)?)
}

/// Persons of these tickets, each once.
pub async fn person_of(conn: &mut Conn, ticket: i64) -> Result<Option<i64>, StoreError> {
    let found = on!(conn, c => sqlx::query_scalar::<_, Option<i64>>("SELECT person_id FROM tickets WHERE id = $1")
        .bind(ticket).fetch_optional(c).await)?;
    Ok(found.flatten())
}
