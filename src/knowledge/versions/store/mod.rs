//! The SQL of drafts, versions and steps, and of what is in force.
mod due;
mod lists;
mod people;

use sqlx::FromRow;

pub use due::{due_to_publish, due_to_review, due_to_withdraw, mark_reminded};
pub use lists::{WorkRow, Worklist, work};
pub use people::{Addresses, addresses, is_of_own_agency, login_of, names_of};

use super::{Draft, DraftState, Step, StepKind, Version};
use crate::kernel::database::{Conn, StoreError, Tx};
use crate::kernel::time::Instant;
use crate::knowledge::model::{Sheet, SheetDraft, SheetText};
use crate::on;

/// A sheet's row, locked until the transaction ends.
#[derive(Debug, Clone, FromRow)]
pub struct Locked {
    pub id: i64,
    /// 0 before the first publication.
    pub version: i64,
    pub number: i64,
    pub unit_id: Option<i64>,
    pub retired_at: Option<Instant>,
}

/// Locks a sheet by its code, retired or not.
///
/// # Errors
/// When the database refuses.
pub async fn lock(tx: &mut Tx, code: &str) -> Result<Option<Locked>, StoreError> {
    let sql = tx.pick(
        "SELECT id, version, COALESCE(number, 0) AS number, unit_id, retired_at FROM sheets WHERE code = $1",
        "SELECT id, version, COALESCE(number, 0) AS number, unit_id, retired_at FROM sheets WHERE code = $1 FOR UPDATE",
    );
    Ok(on!(tx, c => sqlx::query_as::<_, Locked>(sql).bind(code).fetch_optional(c).await)?)
}

/// Row ids of what a sheet names by slug, and what is derived of it.
#[derive(Debug, Clone, Copy, Default)]
pub struct Ids {
    pub category: Option<i64>,
    pub unit: Option<i64>,
    pub route: Option<i64>,
    pub referent: Option<i64>,
    pub withdraw_at: Option<Instant>,
}

/// The row id of an account in use.
///
/// # Errors
/// When the database cannot be read.
pub async fn user_id(conn: &mut Conn, login: &str) -> Result<Option<i64>, StoreError> {
    Ok(on!(conn, c => sqlx::query_scalar::<_, i64>("SELECT id FROM users WHERE login = $1 AND disabled_at IS NULL")
        .bind(login).fetch_optional(c).await)?)
}

/// Whether another sheet than this one has a number.
///
/// # Errors
/// When the database cannot be read.
pub async fn number_is_taken(conn: &mut Conn, number: i64, code: &str) -> Result<bool, StoreError> {
    let found = on!(conn, c => sqlx::query_scalar::<_, i64>("SELECT id FROM sheets WHERE number = $1 AND code <> $2")
        .bind(number).bind(code).fetch_optional(c).await)?;
    Ok(found.is_some())
}

/// Makes the row of a sheet that is not in force yet; answers it. Without a number it gets the next free one.
///
/// # Errors
/// When the database refuses.
pub async fn insert(tx: &mut Tx, draft: &SheetDraft, ids: Ids, now: Instant) -> Result<Locked, StoreError> {
    // Two sheets made at the same time must not get the same number.
    let alone = tx.pick("SELECT 1", "SELECT pg_advisory_xact_lock(7318002)");
    on!(tx, c => sqlx::query(alone).execute(c).await.map(drop))?;
    Ok(on!(tx, c => sqlx::query_as::<_, Locked>(
        "INSERT INTO sheets (code, number, category_id, unit_id, audience, maturity, version, updated_at)
         VALUES ($1, COALESCE($2, (SELECT COALESCE(MAX(number), 100) + 1 FROM sheets)), $3, $4, $5, $6, 0, $7)
         RETURNING id, version, number, unit_id, retired_at")
        .bind(draft.code.as_str()).bind(draft.number).bind(ids.category).bind(ids.unit)
        .bind(draft.audience.as_str()).bind(draft.maturity.as_str()).bind(now)
        .fetch_one(c).await)?)
}

/// Keeps the row of a sheet that never was published as its draft says.
///
/// # Errors
/// When the database refuses.
pub async fn follow_draft(tx: &mut Tx, sheet: i64, draft: &SheetDraft, ids: Ids) -> Result<(), StoreError> {
    on!(tx, c => sqlx::query(
        "UPDATE sheets SET category_id = $2, unit_id = $3, audience = $4, maturity = $5 WHERE id = $1 AND version = 0")
        .bind(sheet).bind(ids.category).bind(ids.unit).bind(draft.audience.as_str()).bind(draft.maturity.as_str())
        .execute(c).await.map(drop))?;
    Ok(())
}

/// Puts a version into force.
///
/// # Errors
/// When the database refuses.
pub async fn put_in_force(
    tx: &mut Tx,
    sheet: i64,
    version: i64,
    draft: &SheetDraft,
    ids: Ids,
    now: Instant,
) -> Result<(), StoreError> {
    let details = serde_json::to_string(&draft.details).unwrap_or_default();
    let review_on = draft.details.review_on.map(|day| day.to_string()).unwrap_or_default();
    on!(tx, c => sqlx::query(
        "UPDATE sheets SET category_id = $2, unit_id = $3, audience = $4, maturity = $5, version = $6,
            updated_at = $7, retired_at = NULL, details = $8, referent_id = $9, route_id = $10, review_on = $11,
            withdraw_at = $12
         WHERE id = $1")
        .bind(sheet).bind(ids.category).bind(ids.unit).bind(draft.audience.as_str()).bind(draft.maturity.as_str())
        .bind(version).bind(now).bind(&details).bind(ids.referent).bind(ids.route).bind(&review_on)
        .bind(ids.withdraw_at)
        .execute(c).await.map(drop))?;
    Ok(())
}

/// Replaces the texts in force.
///
/// # Errors
/// When the database refuses.
pub async fn put_texts(tx: &mut Tx, sheet: i64, texts: &[SheetText]) -> Result<(), StoreError> {
    on!(tx, c => sqlx::query("DELETE FROM sheet_texts WHERE sheet_id = $1").bind(sheet).execute(c).await.map(drop))?;
    for text in texts {
        on!(tx, c => sqlx::query(
            "INSERT INTO sheet_texts (sheet_id, lang, title, question, summary, public_text, reply, internal_text,
                keywords, requirements, fee, phone_text, as_of, addressed_to, obtained, deadlines, further, conditions)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18)")
            .bind(sheet).bind(text.language.as_str()).bind(text.title.trim()).bind(text.question.trim())
            .bind(text.summary.trim()).bind(&text.public_text).bind(&text.reply).bind(&text.internal_text)
            .bind(text.keywords.join("\n")).bind(text.requirements.join("\n")).bind(text.fee.trim())
            .bind(text.phone_text.trim()).bind(text.as_of)
            .bind(&text.sections.addressed_to).bind(&text.sections.obtained).bind(&text.sections.deadlines)
            .bind(&text.sections.further).bind(&text.sections.conditions)
            .execute(c).await.map(drop))?;
    }
    Ok(())
}

/// Takes a sheet out of use; `None` when no sheet in use has this code.
///
/// # Errors
/// When the database refuses.
pub async fn retire(tx: &mut Tx, code: &str, now: Instant) -> Result<Option<i64>, StoreError> {
    Ok(on!(tx, c => sqlx::query_scalar::<_, i64>(
        "UPDATE sheets SET retired_at = $2, updated_at = $2, withdraw_at = NULL
         WHERE code = $1 AND retired_at IS NULL AND version > 0 RETURNING id")
        .bind(code).bind(now).fetch_optional(c).await)?)
}

/// The content of the version in force, as a draft of it begins.
///
/// # Errors
/// When the database cannot be read, or the code in it is none.
pub async fn content(conn: &mut Conn, sheet: &Sheet) -> Result<SheetDraft, StoreError> {
    let code = crate::knowledge::model::SheetCode::parse(&sheet.code)
        .ok_or(StoreError::Inconsistent { table: "sheets", column: "code" })?;
    let names = on!(conn, c => sqlx::query_as::<_, (Option<String>, Option<String>)>(
        "SELECT k.slug, u.slug FROM sheets s LEFT JOIN categories k ON k.id = s.category_id
         LEFT JOIN units u ON u.id = s.unit_id WHERE s.id = $1")
        .bind(sheet.id).fetch_one(c).await)?;
    Ok(SheetDraft {
        code,
        number: Some(sheet.number).filter(|n| *n > 0),
        category: names.0,
        unit: names.1,
        audience: sheet.audience,
        maturity: sheet.maturity,
        details: sheet.details.clone(),
        confirmed: Vec::new(),
        texts: sheet.texts.iter().map(|t| SheetText { as_of: 0, ..t.clone() }).collect(),
    })
}

/// Keeps a version for ever; does nothing when it is kept already.
///
/// # Errors
/// When the database refuses.
pub async fn keep_version(tx: &mut Tx, sheet: i64, version: &Version) -> Result<(), StoreError> {
    let content = serde_json::to_string(&version.content).unwrap_or_default();
    on!(tx, c => sqlx::query(
        "INSERT INTO sheet_versions (sheet_id, version, content, author, validator, at, why)
         VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (sheet_id, version) DO NOTHING")
        .bind(sheet).bind(version.version).bind(&content).bind(&version.author).bind(&version.validator)
        .bind(version.at).bind(&version.why)
        .execute(c).await.map(drop))?;
    Ok(())
}

/// Whether a version is kept.
///
/// # Errors
/// When the database cannot be read.
pub async fn has_version(conn: &mut Conn, sheet: i64, version: i64) -> Result<bool, StoreError> {
    let found = on!(conn, c => sqlx::query_scalar::<_, i64>(
        "SELECT version FROM sheet_versions WHERE sheet_id = $1 AND version = $2")
        .bind(sheet).bind(version).fetch_optional(c).await)?;
    Ok(found.is_some())
}

#[derive(FromRow)]
struct VersionRow {
    version: i64,
    content: String,
    author: String,
    validator: String,
    at: Instant,
    why: String,
}

impl VersionRow {
    fn into_version(self) -> Result<Version, StoreError> {
        let content = serde_json::from_str(&self.content)
            .map_err(|_| StoreError::Inconsistent { table: "sheet_versions", column: "content" })?;
        let Self { version, author, validator, at, why, .. } = self;
        Ok(Version { version, content, author, validator, at, why })
    }
}

/// A version that is kept.
///
/// # Errors
/// When the database cannot be read.
pub async fn version(conn: &mut Conn, sheet: i64, version: i64) -> Result<Option<Version>, StoreError> {
    let row = on!(conn, c => sqlx::query_as::<_, VersionRow>(
        "SELECT version, content, author, validator, at, why FROM sheet_versions
         WHERE sheet_id = $1 AND version = $2")
        .bind(sheet).bind(version).fetch_optional(c).await)?;
    row.map(VersionRow::into_version).transpose()
}

/// A line of the list of versions.
#[derive(Debug, Clone, FromRow)]
pub struct VersionLine {
    pub version: i64,
    pub author: String,
    pub validator: String,
    pub at: Instant,
    pub why: String,
}

/// The versions of a sheet, the newest first.
///
/// # Errors
/// When the database cannot be read.
pub async fn versions(conn: &mut Conn, sheet: i64) -> Result<Vec<VersionLine>, StoreError> {
    Ok(on!(conn, c => sqlx::query_as::<_, VersionLine>(
        "SELECT version, author, validator, at, why FROM sheet_versions WHERE sheet_id = $1
         ORDER BY version DESC LIMIT 500")
        .bind(sheet).fetch_all(c).await)?)
}

#[derive(FromRow)]
struct DraftRow {
    sheet_id: i64,
    revision: i64,
    state: String,
    content: String,
    author: String,
    why: String,
    based_on: i64,
    updated_at: Instant,
    reason: String,
    publish_at: Option<Instant>,
}

/// The draft of a sheet.
///
/// # Errors
/// When the database cannot be read.
pub async fn draft(conn: &mut Conn, sheet: i64) -> Result<Option<Draft>, StoreError> {
    let row = on!(conn, c => sqlx::query_as::<_, DraftRow>(
        "SELECT sheet_id, revision, state, content, author, why, based_on, updated_at, reason, publish_at
         FROM sheet_drafts WHERE sheet_id = $1")
        .bind(sheet).fetch_optional(c).await)?;
    let Some(row) = row else { return Ok(None) };
    let inconsistent = |column| StoreError::Inconsistent { table: "sheet_drafts", column };
    Ok(Some(Draft {
        sheet: row.sheet_id,
        revision: row.revision,
        state: DraftState::from_text(&row.state).ok_or_else(|| inconsistent("state"))?,
        content: serde_json::from_str(&row.content).map_err(|_| inconsistent("content"))?,
        author: row.author,
        why: row.why,
        based_on: row.based_on,
        updated_at: row.updated_at,
        reason: row.reason,
        publish_at: row.publish_at,
    }))
}

/// Writes the draft of a sheet.
///
/// # Errors
/// When the database refuses.
pub async fn put_draft(tx: &mut Tx, draft: &Draft) -> Result<(), StoreError> {
    let content = serde_json::to_string(&draft.content).unwrap_or_default();
    on!(tx, c => sqlx::query(
        "INSERT INTO sheet_drafts (sheet_id, revision, state, content, author, why, based_on, updated_at, reason,
            publish_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
         ON CONFLICT (sheet_id) DO UPDATE SET revision = excluded.revision, state = excluded.state,
            content = excluded.content, author = excluded.author, why = excluded.why, based_on = excluded.based_on,
            updated_at = excluded.updated_at, reason = excluded.reason, publish_at = excluded.publish_at")
        .bind(draft.sheet).bind(draft.revision).bind(draft.state.as_str()).bind(&content).bind(&draft.author)
        .bind(&draft.why).bind(draft.based_on).bind(draft.updated_at).bind(&draft.reason).bind(draft.publish_at)
        .execute(c).await.map(drop))?;
    Ok(())
}

/// Remembers who settled that a draft is published on its day.
///
/// # Errors
/// When the database refuses.
pub async fn set_validator(tx: &mut Tx, sheet: i64, validator: &str) -> Result<(), StoreError> {
    on!(tx, c => sqlx::query("UPDATE sheet_drafts SET validator = $2 WHERE sheet_id = $1")
        .bind(sheet).bind(validator).execute(c).await.map(drop))?;
    Ok(())
}

/// Who settled that a draft is published on its day.
///
/// # Errors
/// When the database cannot be read.
pub async fn validator(conn: &mut Conn, sheet: i64) -> Result<String, StoreError> {
    let name = on!(conn, c => sqlx::query_scalar::<_, String>("SELECT validator FROM sheet_drafts WHERE sheet_id = $1")
        .bind(sheet).fetch_optional(c).await)?;
    Ok(name.unwrap_or_default())
}

/// Removes the draft of a sheet; `false` when there was none.
///
/// # Errors
/// When the database refuses.
pub async fn delete_draft(tx: &mut Tx, sheet: i64) -> Result<bool, StoreError> {
    let rows = on!(tx, c => sqlx::query("DELETE FROM sheet_drafts WHERE sheet_id = $1")
        .bind(sheet).execute(c).await?.rows_affected());
    Ok(rows > 0)
}

/// Removes a sheet that never was published, whose draft is gone.
///
/// # Errors
/// When the database refuses.
pub async fn forget_sheet(tx: &mut Tx, sheet: i64) -> Result<(), StoreError> {
    on!(tx, c => sqlx::query("DELETE FROM sheet_origins WHERE sheet_id = $1 AND EXISTS
        (SELECT 1 FROM sheets WHERE id = $1 AND version = 0)").bind(sheet).execute(c).await.map(drop))?;
    on!(tx, c => sqlx::query("DELETE FROM sheet_steps WHERE sheet_id = $1 AND EXISTS
        (SELECT 1 FROM sheets WHERE id = $1 AND version = 0)").bind(sheet).execute(c).await.map(drop))?;
    on!(tx, c => sqlx::query("DELETE FROM sheets WHERE id = $1 AND version = 0").bind(sheet).execute(c).await.map(drop))?;
    Ok(())
}

/// Adds a line to a sheet's history.
///
/// # Errors
/// When the database refuses.
pub async fn add_step(tx: &mut Tx, sheet: i64, kind: StepKind, step: &NewStep<'_>) -> Result<(), StoreError> {
    on!(tx, c => sqlx::query(
        "INSERT INTO sheet_steps (sheet_id, at, actor, step, version, note) VALUES ($1, $2, $3, $4, $5, $6)")
        .bind(sheet).bind(step.at).bind(step.actor).bind(kind.as_str()).bind(step.version).bind(step.note)
        .execute(c).await.map(drop))?;
    Ok(())
}

/// A line about to be added.
#[derive(Debug, Clone, Copy)]
pub struct NewStep<'a> {
    pub at: Instant,
    pub actor: &'a str,
    pub version: Option<i64>,
    pub note: &'a str,
}

/// The history of a sheet, the newest first.
///
/// # Errors
/// When the database cannot be read.
pub async fn steps(conn: &mut Conn, sheet: i64) -> Result<Vec<Step>, StoreError> {
    Ok(on!(conn, c => sqlx::query_as::<_, Step>(
        "SELECT at, actor, step, version, note FROM sheet_steps WHERE sheet_id = $1 ORDER BY id DESC LIMIT 300")
        .bind(sheet).fetch_all(c).await)?)
}
