//! The SQL of categories and sheets.
use sqlx::FromRow;

use super::forward::Forward;
use super::model::{Audience, Category, Maturity, Sheet, SheetText, lines};
use super::sections::Sections;
use crate::kernel::database::{Conn, StoreError, Tx};
use crate::kernel::events::Position;
use crate::kernel::language::Language;
use crate::kernel::time::Instant;
use crate::on;

#[derive(FromRow)]
struct CategoryRow {
    id: i64,
    slug: String,
    parent_id: Option<i64>,
    name: String,
    name_en: String,
    unit_id: Option<i64>,
    position: i64,
    not_competent: bool,
    forward: String,
    retired_at: Option<Instant>,
}

impl From<CategoryRow> for Category {
    fn from(row: CategoryRow) -> Self {
        Self {
            id: row.id,
            slug: row.slug,
            parent: row.parent_id,
            name: row.name,
            name_en: row.name_en,
            unit: row.unit_id,
            position: row.position,
            not_competent: row.not_competent,
            forward: Forward::from_text(&row.forward).unwrap_or_default(),
            retired_at: row.retired_at,
        }
    }
}

/// All categories, areas before topics, each in its order.
///
/// # Errors
/// When the database cannot be read.
pub async fn categories(conn: &mut Conn) -> Result<Vec<Category>, StoreError> {
    let rows = on!(conn, c => sqlx::query_as::<_, CategoryRow>(
        "SELECT id, slug, parent_id, name, name_en, unit_id, position, not_competent, forward, retired_at
         FROM categories
         ORDER BY CASE WHEN parent_id IS NULL THEN 0 ELSE 1 END, position, slug")
        .fetch_all(c).await)?;
    Ok(rows.into_iter().map(Category::from).collect())
}

/// The row id of a category.
///
/// # Errors
/// When the database cannot be read.
pub async fn category_id(conn: &mut Conn, slug: &str) -> Result<Option<i64>, StoreError> {
    Ok(on!(conn, c => sqlx::query_scalar::<_, i64>("SELECT id FROM categories WHERE slug = $1")
        .bind(slug).fetch_optional(c).await)?)
}

/// The row id of a unit.
///
/// # Errors
/// When the database cannot be read.
pub async fn unit_id(conn: &mut Conn, slug: &str) -> Result<Option<i64>, StoreError> {
    Ok(on!(conn, c => sqlx::query_scalar::<_, i64>("SELECT id FROM units WHERE slug = $1")
        .bind(slug).fetch_optional(c).await)?)
}

/// The row id of a unit that is there at an instant; of one that closed, of the unit that goes on with its work.
///
/// # Errors
/// When the database cannot be read.
pub async fn unit_in_being(conn: &mut Conn, slug: &str, at: Instant) -> Result<Option<i64>, StoreError> {
    Ok(on!(conn, c => sqlx::query_scalar::<_, i64>(
        "WITH RECURSIVE goes_on (id, successor_id, valid_to) AS (
            SELECT id, successor_id, valid_to FROM units WHERE slug = $1
            UNION
            SELECT u.id, u.successor_id, u.valid_to FROM units u JOIN goes_on g ON u.id = g.successor_id
            WHERE g.valid_to <= $2)
         SELECT id FROM goes_on WHERE valid_to IS NULL OR valid_to > $2 LIMIT 1")
        .bind(slug).bind(at).fetch_optional(c).await)?)
}

/// The slug of a unit.
///
/// # Errors
/// When the database cannot be read.
pub async fn unit_slug(conn: &mut Conn, id: i64) -> Result<Option<String>, StoreError> {
    Ok(on!(conn, c => sqlx::query_scalar::<_, String>("SELECT slug FROM units WHERE id = $1")
        .bind(id).fetch_optional(c).await)?)
}

/// A unit, as lists to choose from show it.
#[derive(Debug, Clone, FromRow)]
pub struct UnitName {
    pub id: i64,
    pub slug: String,
    pub name: String,
}

/// The units in force at an instant, by name.
///
/// # Errors
/// When the database cannot be read.
pub async fn units(conn: &mut Conn, now: Instant) -> Result<Vec<UnitName>, StoreError> {
    Ok(on!(conn, c => sqlx::query_as::<_, UnitName>(
        "SELECT id, slug, name FROM units
         WHERE valid_from <= $1 AND (valid_to IS NULL OR valid_to > $1) ORDER BY name, id LIMIT 2000")
        .bind(now).fetch_all(c).await)?)
}

/// The name of a unit.
///
/// # Errors
/// When the database cannot be read.
pub async fn unit_name(conn: &mut Conn, id: i64, language: Language) -> Result<Option<String>, StoreError> {
    let names = on!(conn, c => sqlx::query_as::<_, (String, String)>("SELECT name, name_en FROM units WHERE id = $1")
        .bind(id).fetch_optional(c).await)?;
    Ok(names.map(|(name, name_en)| if language == Language::English && !name_en.is_empty() { name_en } else { name }))
}

/// Writes a category by its slug; answers its row id.
///
/// # Errors
/// When the database refuses.
pub async fn put_category(
    tx: &mut Tx,
    category: &super::categories::CategoryDraft,
    parent: Option<i64>,
    unit: Option<i64>,
    retired_at: Option<Instant>,
) -> Result<i64, StoreError> {
    Ok(on!(tx, c => sqlx::query_scalar::<_, i64>(
        "INSERT INTO categories (slug, parent_id, name, name_en, unit_id, position, not_competent, retired_at, forward)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
         ON CONFLICT (slug) DO UPDATE SET parent_id = excluded.parent_id, name = excluded.name,
            name_en = excluded.name_en, unit_id = excluded.unit_id, position = excluded.position,
            not_competent = excluded.not_competent, retired_at = excluded.retired_at, forward = excluded.forward
         RETURNING id")
        .bind(&category.slug).bind(parent).bind(&category.name).bind(&category.name_en).bind(unit)
        .bind(category.position).bind(category.not_competent).bind(retired_at).bind(category.forward.as_str())
        .fetch_one(c).await)?)
}

/// The competent unit of a category and what it forwards.
///
/// # Errors
/// When the database cannot be read.
pub async fn forwarding(conn: &mut Conn, category: i64) -> Result<Option<(Option<i64>, String)>, StoreError> {
    Ok(
        on!(conn, c => sqlx::query_as::<_, (Option<i64>, String)>("SELECT unit_id, forward FROM categories WHERE id = $1")
        .bind(category).fetch_optional(c).await)?,
    )
}

/// The unit that a sheet sends requests to, as long as it is in force and of this category: a request that turned out
/// to be about something else no longer goes by it.
///
/// # Errors
/// When the database cannot be read.
pub async fn route_of(conn: &mut Conn, sheet: i64, category: i64) -> Result<Option<i64>, StoreError> {
    let route = on!(conn, c => sqlx::query_scalar::<_, Option<i64>>(
        "SELECT route_id FROM sheets WHERE id = $1 AND category_id = $2 AND retired_at IS NULL")
        .bind(sheet).bind(category).fetch_optional(c).await)?;
    Ok(route.flatten())
}

/// The units that the public sheets of a category send requests to.
///
/// # Errors
/// When the database cannot be read.
pub async fn routes(conn: &mut Conn, category: i64) -> Result<Vec<i64>, StoreError> {
    Ok(on!(conn, c => sqlx::query_scalar::<_, i64>(
        "SELECT DISTINCT route_id FROM sheets
         WHERE category_id = $1 AND route_id IS NOT NULL AND audience = 'public' AND retired_at IS NULL AND version > 0
         ORDER BY route_id")
        .bind(category).fetch_all(c).await)?)
}

/// Says what a category forwards.
///
/// # Errors
/// When the database refuses.
pub async fn set_forward(tx: &mut Tx, category: i64, forward: Forward) -> Result<(), StoreError> {
    on!(tx, c => sqlx::query("UPDATE categories SET forward = $2 WHERE id = $1")
        .bind(category).bind(forward.as_str()).execute(c).await.map(drop))?;
    Ok(())
}

#[derive(FromRow)]
struct SheetRow {
    id: i64,
    code: String,
    category_id: Option<i64>,
    unit_id: Option<i64>,
    audience: String,
    maturity: String,
    version: i64,
    updated_at: Instant,
    retired_at: Option<Instant>,
    number: i64,
    details: String,
}

impl SheetRow {
    fn into_sheet(self) -> Result<Sheet, StoreError> {
        Ok(Sheet {
            id: self.id,
            code: self.code,
            category: self.category_id,
            unit: self.unit_id,
            audience: Audience::from_text(&self.audience)
                .ok_or(StoreError::Inconsistent { table: "sheets", column: "audience" })?,
            maturity: Maturity::from_text(&self.maturity)
                .ok_or(StoreError::Inconsistent { table: "sheets", column: "maturity" })?,
            version: self.version,
            updated_at: self.updated_at,
            retired_at: self.retired_at,
            number: self.number,
            details: serde_json::from_str(&self.details)
                .map_err(|_| StoreError::Inconsistent { table: "sheets", column: "details" })?,
            texts: Vec::new(),
        })
    }
}

#[derive(FromRow)]
struct TextRow {
    sheet_id: i64,
    lang: String,
    title: String,
    question: String,
    summary: String,
    public_text: String,
    reply: String,
    internal_text: String,
    keywords: String,
    requirements: String,
    fee: String,
    phone_text: String,
    addressed_to: String,
    obtained: String,
    deadlines: String,
    further: String,
    conditions: String,
    as_of: i64,
}

impl TextRow {
    fn into_text(self) -> Result<SheetText, StoreError> {
        Ok(SheetText {
            language: Language::from_tag(&self.lang)
                .ok_or(StoreError::Inconsistent { table: "sheet_texts", column: "lang" })?,
            title: self.title,
            question: self.question,
            summary: self.summary,
            public_text: self.public_text,
            reply: self.reply,
            internal_text: self.internal_text,
            keywords: lines(&self.keywords),
            requirements: lines(&self.requirements),
            fee: self.fee,
            phone_text: self.phone_text,
            sections: Sections {
                addressed_to: self.addressed_to,
                obtained: self.obtained,
                deadlines: self.deadlines,
                further: self.further,
                conditions: self.conditions,
            },
            as_of: self.as_of,
        })
    }
}

/// A sheet by its code, retired or not.
///
/// # Errors
/// When the database cannot be read.
pub async fn sheet(conn: &mut Conn, code: &str) -> Result<Option<Sheet>, StoreError> {
    let id = on!(conn, c => sqlx::query_scalar::<_, i64>("SELECT id FROM sheets WHERE code = $1")
        .bind(code).fetch_optional(c).await)?;
    let Some(id) = id else { return Ok(None) };
    Ok(sheets(conn, &[id]).await?.pop())
}

/// The code of the sheet with this number.
///
/// # Errors
/// When the database cannot be read.
pub async fn code_of_number(conn: &mut Conn, number: i64) -> Result<Option<String>, StoreError> {
    Ok(on!(conn, c => sqlx::query_scalar::<_, String>("SELECT code FROM sheets WHERE number = $1")
        .bind(number).fetch_optional(c).await)?)
}

/// The sheets with these row ids, with their texts, in no particular order; missing ones are left out.
///
/// # Errors
/// When the database cannot be read.
pub async fn sheets(conn: &mut Conn, ids: &[i64]) -> Result<Vec<Sheet>, StoreError> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let list = json_list(ids);
    let sql = conn.pick(
        "SELECT id, code, category_id, unit_id, audience, maturity, version, updated_at, retired_at,
                COALESCE(number, 0) AS number, details
         FROM sheets WHERE id IN (SELECT value FROM json_each($1))",
        "SELECT id, code, category_id, unit_id, audience, maturity, version, updated_at, retired_at,
                COALESCE(number, 0) AS number, details
         FROM sheets WHERE id IN (SELECT value::bigint FROM json_array_elements_text($1::json))",
    );
    let rows = on!(conn, c => sqlx::query_as::<_, SheetRow>(sql).bind(&list).fetch_all(c).await)?;
    let mut sheets = rows.into_iter().map(SheetRow::into_sheet).collect::<Result<Vec<_>, _>>()?;
    sheets.sort_unstable_by_key(|s| s.id);
    for row in texts(conn, &list).await? {
        if let Ok(at) = sheets.binary_search_by_key(&row.sheet_id, |s| s.id) {
            sheets[at].texts.push(row.into_text()?);
        }
    }
    Ok(sheets)
}

async fn texts(conn: &mut Conn, ids: &str) -> Result<Vec<TextRow>, StoreError> {
    // Italian first: it is the text shown when the wanted language is missing.
    let sql = conn.pick(
        "SELECT sheet_id, lang, title, question, summary, public_text, reply, internal_text, keywords, requirements,
                fee, phone_text, addressed_to, obtained, deadlines, further, conditions, as_of
         FROM sheet_texts WHERE sheet_id IN (SELECT value FROM json_each($1)) ORDER BY sheet_id, lang DESC",
        "SELECT sheet_id, lang, title, question, summary, public_text, reply, internal_text, keywords, requirements,
                fee, phone_text, addressed_to, obtained, deadlines, further, conditions, as_of
         FROM sheet_texts WHERE sheet_id IN (SELECT value::bigint FROM json_array_elements_text($1::json))
         ORDER BY sheet_id, lang DESC",
    );
    Ok(on!(conn, c => sqlx::query_as::<_, TextRow>(sql).bind(ids).fetch_all(c).await)?)
}

fn json_list(ids: &[i64]) -> String {
    let ids: Vec<String> = ids.iter().map(i64::to_string).collect();
    format!("[{}]", ids.join(","))
}

/// Row ids of the sheets in use after `after`, ascending, for reading all of them in pieces.
///
/// # Errors
/// When the database cannot be read.
pub async fn ids_after(conn: &mut Conn, after: i64, limit: i64) -> Result<Vec<i64>, StoreError> {
    Ok(on!(conn, c => sqlx::query_scalar::<_, i64>(
        "SELECT id FROM sheets WHERE id > $1 AND retired_at IS NULL AND version > 0 ORDER BY id LIMIT $2")
        .bind(after).bind(limit).fetch_all(c).await)?)
}

/// Which sheets a list shows.
#[derive(Debug, Clone, Default)]
pub struct ListOf {
    /// Sheets of this category and those below it; all when `None`.
    pub area: Option<i64>,
    /// `Some` leaves out sheets of other audiences.
    pub audience: Option<Audience>,
    /// Only codes after this one, which ended the page before.
    pub after: String,
    /// At most so many.
    pub limit: i64,
}

/// Row ids of sheets in use, by code.
///
/// # Errors
/// When the database cannot be read.
pub async fn list(conn: &mut Conn, of: &ListOf) -> Result<Vec<i64>, StoreError> {
    Ok(on!(conn, c => sqlx::query_scalar::<_, i64>(
        "SELECT s.id FROM sheets s LEFT JOIN categories k ON k.id = s.category_id
         WHERE s.retired_at IS NULL AND s.version > 0 AND s.code > $1
           AND ($2 IS NULL OR k.id = $2 OR k.parent_id = $2)
           AND ($3 IS NULL OR s.audience = $3)
         ORDER BY s.code LIMIT $4")
        .bind(&of.after).bind(of.area).bind(of.audience.map(Audience::as_str)).bind(of.limit)
        .fetch_all(c).await)?)
}

/// Whether the feed still has the event at `position`: an index that stands elsewhere belongs to another
/// database, or to a later state of one that was restored.
///
/// # Errors
/// When the database cannot be read.
pub async fn has_event(conn: &mut Conn, position: Position) -> Result<bool, StoreError> {
    let found = on!(conn, c => sqlx::query_scalar::<_, i64>("SELECT id FROM events WHERE txid = $1 AND id = $2")
        .bind(position.txid).bind(position.id).fetch_optional(c).await)?;
    Ok(found.is_some())
}

/// A person, as lists to choose from show them.
#[derive(Debug, Clone, FromRow)]
pub struct PersonName {
    pub login: String,
    pub name: String,
}

/// The people who may look after a sheet, by name.
///
/// # Errors
/// When the database cannot be read.
pub async fn people(conn: &mut Conn) -> Result<Vec<PersonName>, StoreError> {
    Ok(on!(conn, c => sqlx::query_as::<_, PersonName>(
        "SELECT login, name FROM users WHERE disabled_at IS NULL AND role <> 'integration' ORDER BY name, id LIMIT 1000")
        .fetch_all(c).await)?)
}

/// Whether categories or sheets still name a unit.
pub async fn names_unit(conn: &mut Conn, unit: i64) -> Result<bool, StoreError> {
    let found = on!(conn, c => sqlx::query_scalar::<_, i64>(
        "SELECT id FROM categories WHERE unit_id = $1 UNION ALL SELECT id FROM sheets WHERE unit_id = $1 OR route_id = $1
         LIMIT 1").bind(unit).fetch_optional(c).await)?;
    Ok(found.is_some())
}

/// Gives the categories and sheets of a unit to another one.
pub async fn move_unit(tx: &mut Tx, from: i64, to: i64) -> Result<(), StoreError> {
    on!(tx, c => sqlx::query("UPDATE categories SET unit_id = $2 WHERE unit_id = $1").bind(from).bind(to).execute(c).await.map(drop))?;
    on!(tx, c => sqlx::query("UPDATE sheets SET unit_id = $2 WHERE unit_id = $1").bind(from).bind(to).execute(c).await.map(drop))?;
    on!(tx, c => sqlx::query("UPDATE sheets SET route_id = $2 WHERE route_id = $1").bind(from).bind(to).execute(c).await.map(drop))?;
    Ok(())
}

/// Makes a unit competent for a category, and for its sheets as far as they are of units that close.
pub async fn give_category(tx: &mut Tx, category: i64, unit: i64, closing: &[i64]) -> Result<(), StoreError> {
    on!(tx, c => sqlx::query("UPDATE categories SET unit_id = $2 WHERE id = $1").bind(category).bind(unit).execute(c).await.map(drop))?;
    for from in closing {
        on!(tx, c => sqlx::query("UPDATE sheets SET unit_id = $2 WHERE category_id = $1 AND unit_id = $3")
            .bind(category).bind(unit).bind(from).execute(c).await.map(drop))?;
        on!(tx, c => sqlx::query("UPDATE sheets SET route_id = $2 WHERE category_id = $1 AND route_id = $3")
            .bind(category).bind(unit).bind(from).execute(c).await.map(drop))?;
    }
    Ok(())
}
