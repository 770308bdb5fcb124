//! Writing bulletins, and what they said before.
use super::super::model::{BulletinStep, Content, roles_text};
use crate::kernel::database::{Conn, StoreError, Tx};
use crate::kernel::time::Instant;
use crate::on;

/// What a bulletin refers to, by row ids.
#[derive(Debug, Clone, Default)]
pub struct Ids {
    pub units: Vec<i64>,
    pub sheet: Option<i64>,
    pub category: Option<i64>,
}

/// The row id of a unit.
///
/// # Errors
/// When the database cannot be read.
pub async fn unit_id(conn: &mut Conn, slug: &str) -> Result<Option<i64>, StoreError> {
    Ok(on!(conn, c => sqlx::query_scalar::<_, i64>("SELECT id FROM units WHERE slug = $1")
        .bind(slug).fetch_optional(c).await)?)
}

/// The row id of a sheet in use.
///
/// # Errors
/// When the database cannot be read.
pub async fn sheet_id(conn: &mut Conn, code: &str) -> Result<Option<i64>, StoreError> {
    Ok(on!(conn, c => sqlx::query_scalar::<_, i64>(
        "SELECT id FROM sheets WHERE code = $1 AND retired_at IS NULL AND version > 0")
        .bind(code).fetch_optional(c).await)?)
}

/// A bulletin about to be written.
#[derive(Debug)]
pub struct Writing<'a> {
    pub content: &'a Content,
    pub ids: &'a Ids,
    pub search: &'a str,
    pub author: &'a str,
    pub now: Instant,
    /// Whether it is in force already, so that nobody need tell that it began.
    pub begun: bool,
}

/// Writes a new bulletin; answers its row id.
///
/// # Errors
/// When the database refuses.
pub async fn insert(tx: &mut Tx, new: &Writing<'_>) -> Result<i64, StoreError> {
    let content = new.content;
    let id = on!(tx, c => sqlx::query_scalar::<_, i64>(
        "INSERT INTO bulletins (revision, asked_revision, kind, title, text, search, roles, pinned, valid_from,
            valid_until, sheet_id, category_id, author, created_at, updated_at, begun_at)
         VALUES (1, 1, $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $12, $13) RETURNING id")
        .bind(content.kind.as_str()).bind(content.title.trim()).bind(content.text.trim()).bind(new.search)
        .bind(roles_text(&content.roles)).bind(content.pinned).bind(content.from).bind(content.until)
        .bind(new.ids.sheet).bind(new.ids.category).bind(new.author).bind(new.now)
        .bind(new.begun.then_some(new.now))
        .fetch_one(c).await)?;
    put_units(tx, id, &new.ids.units).await?;
    Ok(id)
}

/// Writes a bulletin over what it said; `ask` makes everybody read it again.
///
/// # Errors
/// When the database refuses.
pub async fn update(tx: &mut Tx, id: i64, revision: i64, ask: bool, new: &Writing<'_>) -> Result<(), StoreError> {
    let content = new.content;
    on!(tx, c => sqlx::query(
        "UPDATE bulletins SET revision = $2, asked_revision = CASE WHEN $3 THEN $2 ELSE asked_revision END,
            kind = $4, title = $5, text = $6, search = $7, roles = $8, pinned = $9, valid_from = $10,
            valid_until = $11, sheet_id = $12, category_id = $13, updated_at = $14, begun_at = $15, over_at = NULL
         WHERE id = $1")
        .bind(id).bind(revision).bind(ask).bind(content.kind.as_str()).bind(content.title.trim())
        .bind(content.text.trim()).bind(new.search).bind(roles_text(&content.roles)).bind(content.pinned)
        .bind(content.from).bind(content.until).bind(new.ids.sheet).bind(new.ids.category).bind(new.now)
        .bind(new.begun.then_some(new.now))
        .execute(c).await.map(drop))?;
    on!(tx, c => sqlx::query("DELETE FROM bulletin_units WHERE bulletin_id = $1").bind(id).execute(c).await.map(drop))?;
    put_units(tx, id, &new.ids.units).await
}

async fn put_units(tx: &mut Tx, id: i64, units: &[i64]) -> Result<(), StoreError> {
    for unit in units {
        on!(tx, c => sqlx::query("INSERT INTO bulletin_units (bulletin_id, unit_id) VALUES ($1, $2)")
            .bind(id).bind(unit).execute(c).await.map(drop))?;
    }
    Ok(())
}

/// The revision of a bulletin and whether it was withdrawn, its row locked.
///
/// # Errors
/// When the database refuses.
pub async fn lock(tx: &mut Tx, id: i64) -> Result<Option<(i64, Option<Instant>)>, StoreError> {
    let sql = tx.pick(
        "SELECT revision, withdrawn_at FROM bulletins WHERE id = $1",
        "SELECT revision, withdrawn_at FROM bulletins WHERE id = $1 FOR UPDATE",
    );
    Ok(on!(tx, c => sqlx::query_as::<_, (i64, Option<Instant>)>(sql).bind(id).fetch_optional(c).await)?)
}

/// Marks a bulletin as withdrawn.
///
/// # Errors
/// When the database refuses.
pub async fn withdraw(tx: &mut Tx, id: i64, revision: i64, now: Instant) -> Result<(), StoreError> {
    on!(tx, c => sqlx::query(
        "UPDATE bulletins SET revision = $2, withdrawn_at = $3, updated_at = $3, over_at = $3 WHERE id = $1")
        .bind(id).bind(revision).bind(now).execute(c).await.map(drop))?;
    Ok(())
}

/// A revision, for ever.
#[derive(Debug, Clone)]
pub struct Version {
    pub revision: i64,
    pub at: Instant,
    /// As events name them.
    pub actor: String,
    pub step: BulletinStep,
    pub content: Content,
}

/// Keeps a revision.
///
/// # Errors
/// When the database refuses.
pub async fn keep(tx: &mut Tx, id: i64, version: &Version) -> Result<(), StoreError> {
    let content = serde_json::to_string(&version.content)
        .map_err(|_| StoreError::Inconsistent { table: "bulletin_versions", column: "content" })?;
    on!(tx, c => sqlx::query(
        "INSERT INTO bulletin_versions (bulletin_id, revision, at, actor, step, content) VALUES ($1, $2, $3, $4, $5, $6)")
        .bind(id).bind(version.revision).bind(version.at).bind(&version.actor).bind(version.step.as_str())
        .bind(content).execute(c).await.map(drop))?;
    Ok(())
}

/// The revisions of a bulletin, the first first.
///
/// # Errors
/// When the database cannot be read.
pub async fn versions(conn: &mut Conn, id: i64) -> Result<Vec<Version>, StoreError> {
    let rows = on!(conn, c => sqlx::query_as::<_, (i64, Instant, String, String, String)>(
        "SELECT revision, at, actor, step, content FROM bulletin_versions WHERE bulletin_id = $1 ORDER BY revision")
        .bind(id).fetch_all(c).await)?;
    let strange = |column| StoreError::Inconsistent { table: "bulletin_versions", column };
    let version = |(revision, at, actor, step, content): (i64, Instant, String, String, String)| {
        Ok(Version {
            revision,
            at,
            actor,
            step: BulletinStep::from_text(&step).ok_or_else(|| strange("step"))?,
            content: serde_json::from_str(&content).map_err(|_| strange("content"))?,
        })
    };
    rows.into_iter().map(version).collect()
}

/// Row ids of the bulletins that began, and of those that are over, without the feed having told it.
///
/// # Errors
/// When the database cannot be read.
pub async fn untold(conn: &mut Conn, now: Instant) -> Result<(Vec<i64>, Vec<i64>), StoreError> {
    let begun = on!(conn, c => sqlx::query_scalar::<_, i64>(
        "SELECT id FROM bulletins WHERE begun_at IS NULL AND withdrawn_at IS NULL AND valid_from <= $1 ORDER BY id LIMIT 100")
        .bind(now).fetch_all(c).await)?;
    let over = on!(conn, c => sqlx::query_scalar::<_, i64>(
        "SELECT id FROM bulletins WHERE over_at IS NULL AND withdrawn_at IS NULL AND valid_until <= $1 ORDER BY id LIMIT 100")
        .bind(now).fetch_all(c).await)?;
    Ok((begun, over))
}

/// Notes that the feed tells the beginning of a bulletin; `false` when another node did.
///
/// # Errors
/// When the database refuses.
pub async fn tell_begun(tx: &mut Tx, id: i64, now: Instant) -> Result<bool, StoreError> {
    let rows = on!(tx, c => sqlx::query(
        "UPDATE bulletins SET begun_at = $2 WHERE id = $1 AND begun_at IS NULL AND valid_from <= $2")
        .bind(id).bind(now).execute(c).await?.rows_affected());
    Ok(rows == 1)
}

/// Notes that the feed tells the end of a bulletin; `false` when another node did.
///
/// # Errors
/// When the database refuses.
pub async fn tell_over(tx: &mut Tx, id: i64, now: Instant) -> Result<bool, StoreError> {
    let rows = on!(tx, c => sqlx::query(
        "UPDATE bulletins SET over_at = $2 WHERE id = $1 AND over_at IS NULL AND valid_until <= $2")
        .bind(id).bind(now).execute(c).await?.rows_affected());
    Ok(rows == 1)
}
