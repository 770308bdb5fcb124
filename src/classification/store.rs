//! SQL of classifications: their versions, mappings, and the answers to what categories ask.
use std::collections::BTreeSet;

use sqlx::FromRow;

use super::fields::{Answers, Field};
use super::mapping::Step;
use super::model::{Node, Taxonomy, VersionState};
use crate::kernel::blobs::digest;
use crate::kernel::database::{Conn, StoreError, Tx};
use crate::kernel::time::Instant;
use crate::knowledge::forward::Forward;
use crate::on;

fn broken(column: &'static str) -> StoreError {
    StoreError::Inconsistent { table: "categories", column }
}

#[derive(FromRow)]
struct NodeRow {
    slug: String,
    name: String,
    name_en: String,
    unit: Option<String>,
    forward: String,
    not_competent: bool,
    citizen: bool,
    details: String,
}

impl NodeRow {
    fn node(self) -> Result<Node, StoreError> {
        Ok(Node {
            slug: self.slug,
            name: self.name,
            name_en: self.name_en,
            unit: self.unit,
            forward: Forward::from_text(&self.forward).ok_or(broken("forward"))?,
            not_competent: self.not_competent,
            citizen: self.citizen,
            details: serde_json::from_str(&self.details).map_err(|_| broken("details"))?,
        })
    }
}

/// The classification in force, without mappings.
pub async fn in_force(conn: &mut Conn) -> Result<Taxonomy, StoreError> {
    let rows = on!(conn, c => sqlx::query_as::<_, NodeRow>(
        "SELECT k.slug, k.name, k.name_en, u.slug AS unit, k.forward, k.not_competent, k.citizen, k.details
         FROM categories k LEFT JOIN units u ON u.id = k.unit_id
         WHERE k.retired_at IS NULL ORDER BY k.position, k.slug")
        .fetch_all(c).await)?;
    let categories = rows.into_iter().map(NodeRow::node).collect::<Result<_, _>>()?;
    Ok(Taxonomy { categories, mappings: Vec::new() })
}

/// A category and those above it, whether in use or not, with its slug.
pub async fn chain(conn: &mut Conn, category: i64) -> Result<(String, Taxonomy), StoreError> {
    let rows = on!(conn, c => sqlx::query_as::<_, NodeRow>(
        "SELECT k.slug, k.name, k.name_en, NULL AS unit, k.forward, k.not_competent, k.citizen, k.details
         FROM categories one JOIN categories k ON k.slug = one.slug OR one.slug LIKE k.slug || '/%'
         WHERE one.id = $1 ORDER BY k.slug")
        .bind(category).fetch_all(c).await)?;
    let categories = rows.into_iter().map(NodeRow::node).collect::<Result<Vec<_>, _>>()?;
    let slug = categories.last().map(|node| node.slug.clone()).unwrap_or_default();
    Ok((slug, Taxonomy { categories, mappings: Vec::new() }))
}

/// The body that is competent for a category, if it is not ourselves: names of its agency and unit, and an address.
pub async fn other_body(conn: &mut Conn, category: i64) -> Result<Option<(String, String, String)>, StoreError> {
    Ok(on!(conn, c => sqlx::query_as::<_, (String, String, String)>(
        "SELECT a.name, u.name, CASE WHEN u.email <> '' THEN u.email ELSE a.email END
         FROM categories k JOIN units u ON u.id = k.unit_id JOIN agencies a ON a.id = u.agency_id
         WHERE k.id = $1 AND a.kind <> 'own'").bind(category).fetch_optional(c).await)?)
}

/// Row id of a category by slug, in use or not.
pub async fn category(conn: &mut Conn, slug: &str) -> Result<Option<i64>, StoreError> {
    Ok(on!(conn, c => sqlx::query_scalar::<_, i64>("SELECT id FROM categories WHERE slug = $1")
        .bind(slug).fetch_optional(c).await)?)
}

/// Slugs of all units.
pub async fn units(conn: &mut Conn) -> Result<BTreeSet<String>, StoreError> {
    let slugs = on!(conn, c => sqlx::query_scalar::<_, String>("SELECT slug FROM units").fetch_all(c).await)?;
    Ok(slugs.into_iter().collect())
}

/// Writes a category into force; answers its row id.
pub async fn put(tx: &mut Tx, node: &Node, parent: Option<i64>, position: i64) -> Result<i64, StoreError> {
    let details = serde_json::to_string(&node.details).map_err(|_| broken("details"))?;
    Ok(on!(tx, c => sqlx::query_scalar::<_, i64>(
        "INSERT INTO categories (slug, parent_id, name, name_en, unit_id, position, not_competent, forward, citizen, details)
         VALUES ($1, $2, $3, $4, (SELECT id FROM units WHERE slug = $5), $6, $7, $8, $9, $10)
         ON CONFLICT (slug) DO UPDATE SET parent_id = excluded.parent_id, name = excluded.name,
            name_en = excluded.name_en, unit_id = excluded.unit_id, position = excluded.position,
            not_competent = excluded.not_competent, forward = excluded.forward, citizen = excluded.citizen,
            details = excluded.details, retired_at = NULL
         RETURNING id")
        .bind(&node.slug).bind(parent).bind(&node.name).bind(&node.name_en).bind(&node.unit).bind(position)
        .bind(node.not_competent).bind(node.forward.as_str()).bind(node.citizen).bind(details)
        .fetch_one(c).await)?)
}

/// Takes a category out of use.
pub async fn retire(tx: &mut Tx, slug: &str, now: Instant) -> Result<(), StoreError> {
    on!(tx, c => sqlx::query("UPDATE categories SET retired_at = $2 WHERE slug = $1 AND retired_at IS NULL")
        .bind(slug).bind(now).execute(c).await.map(drop))?;
    Ok(())
}

/// Hangs the sheets of one category on another; answers their row ids.
pub async fn move_sheets(tx: &mut Tx, from: i64, to: i64) -> Result<Vec<i64>, StoreError> {
    Ok(on!(tx, c => sqlx::query_scalar::<_, i64>(
        "UPDATE sheets SET category_id = $2 WHERE category_id = $1 RETURNING id")
        .bind(from).bind(to).fetch_all(c).await)?)
}

/// A version as stored.
#[derive(Debug, Clone, FromRow)]
pub struct VersionRow {
    pub id: i64,
    pub taxonomy_id: i64,
    /// Slug and names of its classification.
    pub taxonomy: String,
    pub name: String,
    pub name_en: String,
    pub number: i64,
    pub state: String,
    pub content: String,
    /// Grows with each change.
    pub edition: i64,
    pub note: String,
    /// Who, as events name them.
    pub created_by: String,
    pub created_at: Instant,
    /// `YYYY-MM-DD`.
    pub planned_on: Option<String>,
    pub planned_by: Option<String>,
    pub activated_at: Option<Instant>,
    pub activated_by: Option<String>,
    pub replaced_at: Option<Instant>,
}

impl VersionRow {
    /// Where it stands.
    ///
    /// # Errors
    /// When the stored name is unknown.
    pub fn state(&self) -> Result<VersionState, StoreError> {
        VersionState::from_text(&self.state)
            .ok_or(StoreError::Inconsistent { table: "taxonomy_versions", column: "state" })
    }

    /// The document.
    ///
    /// # Errors
    /// When what is stored is none.
    pub fn taxonomy(&self) -> Result<Taxonomy, StoreError> {
        let broken = StoreError::Inconsistent { table: "taxonomy_versions", column: "content" };
        serde_json::from_str(&self.content).map_err(|_| broken)
    }
}

macro_rules! version_sql {
    ($rest:literal) => {
        concat!(
            "SELECT v.id, v.taxonomy_id, x.slug AS taxonomy, x.name, x.name_en, v.number, v.state, v.content, v.edition,
                    v.note, v.created_by, v.created_at, v.planned_on, v.planned_by, v.activated_at, v.activated_by,
                    v.replaced_at
             FROM taxonomy_versions v JOIN taxonomies x ON x.id = v.taxonomy_id ", $rest)
    };
}

/// All versions, the latest first.
pub async fn versions(conn: &mut Conn) -> Result<Vec<VersionRow>, StoreError> {
    Ok(
        on!(conn, c => sqlx::query_as::<_, VersionRow>(version_sql!("ORDER BY v.id DESC LIMIT 500")).fetch_all(c).await)?,
    )
}

/// A version by row id.
pub async fn version(conn: &mut Conn, id: i64) -> Result<Option<VersionRow>, StoreError> {
    Ok(
        on!(conn, c => sqlx::query_as::<_, VersionRow>(version_sql!("WHERE v.id = $1")).bind(id).fetch_optional(c).await)?,
    )
}

/// A version by row id, locked until the end of the transaction.
pub async fn lock_version(tx: &mut Tx, id: i64) -> Result<Option<VersionRow>, StoreError> {
    let sql = tx.pick(version_sql!("WHERE v.id = $1"), version_sql!("WHERE v.id = $1 FOR UPDATE OF v"));
    Ok(on!(tx, c => sqlx::query_as::<_, VersionRow>(sql).bind(id).fetch_optional(c).await)?)
}

/// The version in force, locked; none until the first activation.
pub async fn lock_active(tx: &mut Tx) -> Result<Option<VersionRow>, StoreError> {
    let sql =
        tx.pick(version_sql!("WHERE v.state = 'active'"), version_sql!("WHERE v.state = 'active' FOR UPDATE OF v"));
    Ok(on!(tx, c => sqlx::query_as::<_, VersionRow>(sql).fetch_optional(c).await)?)
}

/// Versions planned for a day that has come, `YYYY-MM-DD`: row ids, the first first.
pub async fn due(conn: &mut Conn, today: &str) -> Result<Vec<i64>, StoreError> {
    Ok(on!(conn, c => sqlx::query_scalar::<_, i64>(
        "SELECT id FROM taxonomy_versions WHERE state = 'planned' AND planned_on <= $1 ORDER BY planned_on, id")
        .bind(today).fetch_all(c).await)?)
}

/// Row ids of the categories in use.
pub async fn in_use(conn: &mut Conn) -> Result<BTreeSet<i64>, StoreError> {
    let ids = on!(conn, c => sqlx::query_scalar::<_, i64>("SELECT id FROM categories WHERE retired_at IS NULL")
        .fetch_all(c).await)?;
    Ok(ids.into_iter().collect())
}

/// Row ids of a category and of all below it.
pub async fn below(conn: &mut Conn, slug: &str) -> Result<Vec<i64>, StoreError> {
    Ok(on!(conn, c => sqlx::query_scalar::<_, i64>("SELECT id FROM categories WHERE slug = $1 OR slug LIKE $1 || '/%'")
        .bind(slug).fetch_all(c).await)?)
}

/// The version that was in force at an instant, if it was kept.
pub async fn version_at(conn: &mut Conn, at: Instant) -> Result<Option<VersionRow>, StoreError> {
    Ok(on!(conn, c => sqlx::query_as::<_, VersionRow>(version_sql!(
        "WHERE v.state IN ('active', 'replaced') AND (v.replaced_at IS NULL OR v.replaced_at > $1)
         ORDER BY v.activated_at, v.id LIMIT 1")).bind(at).fetch_optional(c).await)?)
}

/// Row id of a classification by slug, made if there is none.
pub async fn taxonomy(tx: &mut Tx, slug: &str, name: &str, name_en: &str, now: Instant) -> Result<i64, StoreError> {
    Ok(on!(tx, c => sqlx::query_scalar::<_, i64>(
        "INSERT INTO taxonomies (slug, name, name_en, created_at) VALUES ($1, $2, $3, $4)
         ON CONFLICT (slug) DO UPDATE SET slug = excluded.slug RETURNING id")
        .bind(slug).bind(name).bind(name_en).bind(now).fetch_one(c).await)?)
}

/// A version about to be stored.
#[derive(Debug, Clone)]
pub struct NewVersion<'a> {
    pub taxonomy_id: i64,
    pub state: VersionState,
    pub content: &'a Taxonomy,
    pub note: &'a str,
    pub by: &'a str,
    pub now: Instant,
}

/// Stores the next version of a classification; answers its row id.
pub async fn insert_version(tx: &mut Tx, new: &NewVersion<'_>) -> Result<i64, StoreError> {
    let content = json(new.content)?;
    let at = (new.state != VersionState::Draft).then_some(new.now);
    Ok(on!(tx, c => sqlx::query_scalar::<_, i64>(
        "INSERT INTO taxonomy_versions (taxonomy_id, number, state, content, note, created_by, created_at, activated_at, replaced_at)
         VALUES ($1, (SELECT COALESCE(MAX(number), 0) + 1 FROM taxonomy_versions WHERE taxonomy_id = $1), $2, $3, $4, $5, $6,
            $7, CASE WHEN $2 = 'replaced' THEN $7 ELSE NULL END)
         RETURNING id")
        .bind(new.taxonomy_id).bind(new.state.as_str()).bind(content).bind(new.note).bind(new.by).bind(new.now).bind(at)
        .fetch_one(c).await)?)
}

fn json(taxonomy: &Taxonomy) -> Result<String, StoreError> {
    let broken = StoreError::Inconsistent { table: "taxonomy_versions", column: "content" };
    serde_json::to_string(taxonomy).map_err(|_| broken)
}

/// Saves a draft with its next edition.
pub async fn save_draft(tx: &mut Tx, id: i64, content: &Taxonomy, note: &str) -> Result<(), StoreError> {
    on!(tx, c => sqlx::query(
        "UPDATE taxonomy_versions SET content = $2, note = $3, edition = edition + 1, state = 'draft', planned_on = NULL
         WHERE id = $1")
        .bind(id).bind(json(content)?).bind(note).execute(c).await.map(drop))?;
    Ok(())
}

/// Forgets a draft.
pub async fn drop_draft(tx: &mut Tx, id: i64) -> Result<(), StoreError> {
    on!(tx, c => sqlx::query("DELETE FROM taxonomy_versions WHERE id = $1 AND state IN ('draft', 'planned')")
        .bind(id).execute(c).await.map(drop))?;
    Ok(())
}

/// Plans the activation of a draft on a day.
pub async fn plan(tx: &mut Tx, id: i64, day: &str, by: &str) -> Result<(), StoreError> {
    on!(tx, c => sqlx::query(
        "UPDATE taxonomy_versions SET state = 'planned', planned_on = $2, planned_by = $3, edition = edition + 1 WHERE id = $1")
        .bind(id).bind(day).bind(by).execute(c).await.map(drop))?;
    Ok(())
}

/// Says that a version is no more in force.
pub async fn replaced(tx: &mut Tx, id: i64, now: Instant) -> Result<(), StoreError> {
    on!(tx, c => sqlx::query("UPDATE taxonomy_versions SET state = 'replaced', replaced_at = $2 WHERE id = $1")
        .bind(id).bind(now).execute(c).await.map(drop))?;
    Ok(())
}

/// Says that a version is in force.
pub async fn activated(tx: &mut Tx, id: i64, by: &str, now: Instant) -> Result<(), StoreError> {
    on!(tx, c => sqlx::query(
        "UPDATE taxonomy_versions SET state = 'active', activated_at = $2, activated_by = $3, replaced_at = NULL,
            edition = edition + 1 WHERE id = $1")
        .bind(id).bind(now).bind(by).execute(c).await.map(drop))?;
    Ok(())
}

/// Keeps what one class became.
pub async fn insert_mapping(tx: &mut Tx, version: i64, step: Step, main: bool, now: Instant) -> Result<(), StoreError> {
    on!(tx, c => sqlx::query(
        "INSERT INTO category_mappings (version_id, old_id, new_id, weight, main, at) VALUES ($1, $2, $3, $4, $5, $6)")
        .bind(version).bind(step.old).bind(step.new).bind(step.weight).bind(main).bind(now).execute(c).await.map(drop))?;
    Ok(())
}

/// The steps of all activations, the first first: version, old class, new class, weight.
pub async fn steps(conn: &mut Conn) -> Result<Vec<(i64, Step)>, StoreError> {
    let rows = on!(conn, c => sqlx::query_as::<_, (i64, i64, i64, i64)>(
        "SELECT version_id, old_id, new_id, weight FROM category_mappings ORDER BY at, id").fetch_all(c).await)?;
    Ok(rows.into_iter().map(|(version, old, new, weight)| (version, Step { old, new, weight })).collect())
}

/// Open tickets of retired classes that open requests move out of: ticket and new class.
pub async fn to_move(conn: &mut Conn, most: i64) -> Result<Vec<(i64, i64)>, StoreError> {
    Ok(on!(conn, c => sqlx::query_as::<_, (i64, i64)>(
        "SELECT t.id, m.new_id
         FROM categories k
         JOIN category_mappings m ON m.old_id = k.id AND m.main
            AND m.at = (SELECT MAX(l.at) FROM category_mappings l WHERE l.old_id = k.id)
         JOIN tickets t ON t.category_id = k.id AND t.state <> 'closed'
         WHERE k.retired_at IS NOT NULL ORDER BY t.id LIMIT $1")
        .bind(most).fetch_all(c).await)?)
}

/// An open ticket whose class is retired and that nothing moves.
#[derive(Debug, Clone, FromRow)]
pub struct LeftBehind {
    pub code: String,
    pub subject: String,
    pub category: String,
}

/// Open tickets of retired classes that wait for somebody to reclassify them, the oldest first.
pub async fn left_behind(conn: &mut Conn, most: i64) -> Result<Vec<LeftBehind>, StoreError> {
    Ok(on!(conn, c => sqlx::query_as::<_, LeftBehind>(
        "SELECT t.code, t.subject, k.name AS category
         FROM categories k JOIN tickets t ON t.category_id = k.id AND t.state <> 'closed'
         WHERE k.retired_at IS NOT NULL AND NOT EXISTS (
            SELECT 1 FROM category_mappings m WHERE m.old_id = k.id AND m.main
              AND m.at = (SELECT MAX(l.at) FROM category_mappings l WHERE l.old_id = k.id))
         ORDER BY t.id LIMIT $1")
        .bind(most).fetch_all(c).await)?)
}

/// Row ids of a set of fields, stored if it is new.
async fn field_set(tx: &mut Tx, fields: &[Field]) -> Result<i64, StoreError> {
    let content = serde_json::to_string(fields)
        .map_err(|_| StoreError::Inconsistent { table: "field_sets", column: "content" })?;
    Ok(on!(tx, c => sqlx::query_scalar::<_, i64>(
        "INSERT INTO field_sets (digest, content) VALUES ($1, $2)
         ON CONFLICT (digest) DO UPDATE SET digest = excluded.digest RETURNING id")
        .bind(digest(content.as_bytes())).bind(&content).fetch_one(c).await)?)
}

/// What a ticket was asked, and what was answered.
#[derive(Debug, Clone)]
pub struct Answered {
    pub category: i64,
    pub fields: Vec<Field>,
    pub answers: Answers,
}

/// Keeps the answers of a ticket, in place of those it had.
pub async fn put_answers(tx: &mut Tx, ticket: i64, new: &Answered, now: Instant) -> Result<(), StoreError> {
    let set = field_set(tx, &new.fields).await?;
    let answers = serde_json::to_string(&new.answers)
        .map_err(|_| StoreError::Inconsistent { table: "ticket_answers", column: "answers" })?;
    on!(tx, c => sqlx::query(
        "INSERT INTO ticket_answers (ticket_id, category_id, field_set_id, answers, updated_at) VALUES ($1, $2, $3, $4, $5)
         ON CONFLICT (ticket_id) DO UPDATE SET category_id = excluded.category_id, field_set_id = excluded.field_set_id,
            answers = excluded.answers, updated_at = excluded.updated_at")
        .bind(ticket).bind(new.category).bind(set).bind(answers).bind(now).execute(c).await.map(drop))?;
    Ok(())
}

/// The answers of a ticket.
pub async fn answers(conn: &mut Conn, ticket: i64) -> Result<Option<Answered>, StoreError> {
    let row = on!(conn, c => sqlx::query_as::<_, (i64, String, String)>(
        "SELECT a.category_id, f.content, a.answers
         FROM ticket_answers a JOIN field_sets f ON f.id = a.field_set_id WHERE a.ticket_id = $1")
        .bind(ticket).fetch_optional(c).await)?;
    let Some((category, fields, answers)) = row else { return Ok(None) };
    let broken = |column| StoreError::Inconsistent { table: "ticket_answers", column };
    Ok(Some(Answered {
        category,
        fields: serde_json::from_str(&fields).map_err(|_| broken("field_set_id"))?,
        answers: serde_json::from_str(&answers).map_err(|_| broken("answers"))?,
    }))
}
