//! The SQL of bulletins: looking for them here, writing them and who read them in files of their own.
mod people;
mod write;

use std::collections::BTreeSet;

use sqlx::FromRow;

pub use self::people::{Addressee, addressees, name_of, put_read};
pub use self::write::{
    Ids, Version, Writing, insert, keep, lock, sheet_id, tell_begun, tell_over, unit_id, untold, update, versions,
    withdraw,
};
use super::model::{Bulletin, BulletinKind, Content, List, roles_of};
use crate::kernel::database::{Conn, StoreError};
use crate::kernel::permissions::Role;
use crate::kernel::time::Instant;
use crate::on;

#[derive(FromRow)]
struct Row {
    id: i64,
    revision: i64,
    asked_revision: i64,
    kind: String,
    title: String,
    text: String,
    roles: String,
    pinned: bool,
    valid_from: Instant,
    valid_until: Option<Instant>,
    author: String,
    created_at: Instant,
    updated_at: Instant,
    withdrawn_at: Option<Instant>,
    sheet: Option<String>,
    sheet_title: String,
    category: Option<String>,
    category_name: String,
    category_name_en: String,
    read_at: Option<Instant>,
    place: i64,
}

/// Where a page of a list ends: the next begins after it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Key {
    place: i64,
    from: Instant,
    id: i64,
}

impl Key {
    /// As pages and programs carry it.
    pub fn to_text(self) -> String {
        format!("{}-{}-{}", self.place, self.from.0, self.id)
    }

    /// Reads the carried form.
    pub fn from_text(text: &str) -> Option<Self> {
        let mut parts = text.split('-').map(|part| part.parse::<i64>().ok());
        let (place, from, id) = (parts.next()??, parts.next()??, parts.next()??);
        parts.next().is_none().then_some(Self { place, from: Instant(from), id })
    }
}

/// Through whose eyes bulletins are looked for.
#[derive(Debug, Clone)]
pub struct Eyes {
    /// Whose reading counts; `None` for programs.
    pub user: Option<i64>,
    pub role: Role,
    /// Units whose bulletins reach them.
    pub units: BTreeSet<i64>,
    /// Whether they see what is for others, too.
    pub all: bool,
}

/// Which bulletins are looked for.
#[derive(Debug, Clone)]
pub struct Wanted {
    /// `None`: wherever they stand.
    pub list: Option<List>,
    pub id: Option<i64>,
    pub kind: Option<BulletinKind>,
    /// Folded words that title and text must have; three count.
    pub words: Vec<String>,
    pub after: Option<Key>,
    pub limit: i64,
}

macro_rules! select {
    ($units:literal) => {
        concat!(
            "SELECT * FROM (
                SELECT b.id, b.revision, b.asked_revision, b.kind, b.title, b.text, b.roles, b.pinned, b.valid_from,
                    b.valid_until, b.author, b.created_at, b.updated_at, b.withdrawn_at, s.code AS sheet,
                    COALESCE((SELECT t.title FROM sheet_texts t WHERE t.sheet_id = s.id ORDER BY t.lang DESC LIMIT 1), '')
                        AS sheet_title,
                    k.slug AS category, COALESCE(k.name, '') AS category_name,
                    COALESCE(k.name_en, '') AS category_name_en, r.at AS read_at,
                    CAST(CASE WHEN $3 NOT IN ('current', 'unread') THEN 2
                         WHEN b.kind = 'emergency' THEN 0 WHEN b.pinned THEN 1 ELSE 2 END AS BIGINT) AS place
                FROM bulletins b
                LEFT JOIN sheets s ON s.id = b.sheet_id AND s.retired_at IS NULL AND s.version > 0
                LEFT JOIN categories k ON k.id = b.category_id
                LEFT JOIN bulletin_reads r ON r.bulletin_id = b.id AND r.user_id = $1 AND r.revision >= b.asked_revision
                WHERE ($4 = 0 OR b.id = $4)
                  AND ($3 = ''
                    OR ($3 IN ('current', 'unread') AND b.withdrawn_at IS NULL AND b.valid_from <= $2
                        AND (b.valid_until IS NULL OR b.valid_until > $2) AND ($3 = 'current' OR r.at IS NULL))
                    OR ($3 = 'planned' AND b.withdrawn_at IS NULL AND b.valid_from > $2)
                    OR ($3 = 'archive' AND (b.withdrawn_at IS NOT NULL OR b.valid_until <= $2)))
                  AND ($5 = '' OR b.kind = $5)
                  AND b.search LIKE $6 ESCAPE '\\' AND b.search LIKE $7 ESCAPE '\\' AND b.search LIKE $8 ESCAPE '\\'
                  AND ($9 OR ((b.roles LIKE $10 OR (b.roles = '' AND $11))
                    AND (NOT EXISTS (SELECT 1 FROM bulletin_units x WHERE x.bulletin_id = b.id)
                      OR EXISTS (SELECT 1 FROM bulletin_units x WHERE x.bulletin_id = b.id AND x.unit_id IN (",
            $units,
            "))))) ) AS found
             WHERE place > $13 OR (place = $13 AND (valid_from < $14 OR (valid_from = $14 AND id < $15)))
             ORDER BY place, valid_from DESC, id DESC LIMIT $16"
        )
    };
}

fn pattern(word: Option<&String>) -> String {
    let word = word.map(String::as_str).unwrap_or_default();
    format!("%{}%", word.replace('\\', "\\\\").replace('%', "\\%").replace('_', "\\_"))
}

/// The bulletins wanted, emergencies and pinned ones first among those in force, then the latest; each with the key
/// of a page that ends with it.
///
/// # Errors
/// When the database cannot be read.
pub async fn find(
    conn: &mut Conn,
    eyes: &Eyes,
    wanted: &Wanted,
    now: Instant,
) -> Result<Vec<(Bulletin, Key)>, StoreError> {
    let sql = conn.pick(
        select!("SELECT value FROM json_each($12)"),
        select!("SELECT value::bigint FROM json_array_elements_text($12::json)"),
    );
    let role = format!("% {} %", eyes.role.as_str());
    let addressed = super::model::is_for(&[], eyes.role);
    let after = wanted.after.unwrap_or(Key { place: -1, from: Instant(0), id: 0 });
    let rows = on!(conn, c => sqlx::query_as::<_, Row>(sql)
        .bind(eyes.user).bind(now).bind(wanted.list.map_or("", List::as_str)).bind(wanted.id.unwrap_or(0))
        .bind(wanted.kind.map_or("", BulletinKind::as_str))
        .bind(pattern(wanted.words.first())).bind(pattern(wanted.words.get(1))).bind(pattern(wanted.words.get(2)))
        .bind(eyes.all).bind(&role).bind(addressed).bind(json_list(&eyes.units))
        .bind(after.place).bind(after.from).bind(after.id).bind(wanted.limit)
        .fetch_all(c).await)?;
    let mut found = Vec::with_capacity(rows.len());
    for row in rows {
        let units = units(conn, row.id).await?;
        found.push(assemble(row, units)?);
    }
    Ok(found)
}

fn assemble(row: Row, units: Vec<(String, String)>) -> Result<(Bulletin, Key), StoreError> {
    let key = Key { place: row.place, from: row.valid_from, id: row.id };
    let (slugs, unit_names) = units.into_iter().unzip();
    let content = Content {
        kind: BulletinKind::from_text(&row.kind)
            .ok_or(StoreError::Inconsistent { table: "bulletins", column: "kind" })?,
        title: row.title,
        text: row.text,
        roles: roles_of(&row.roles),
        units: slugs,
        pinned: row.pinned,
        from: row.valid_from,
        until: row.valid_until,
        sheet: row.sheet,
        category: row.category,
    };
    let bulletin = Bulletin {
        id: row.id,
        revision: row.revision,
        asked_revision: row.asked_revision,
        content,
        sheet_title: row.sheet_title,
        category_names: (row.category_name, row.category_name_en),
        unit_names,
        author: row.author,
        created_at: row.created_at,
        updated_at: row.updated_at,
        withdrawn_at: row.withdrawn_at,
        read_at: row.read_at,
    };
    Ok((bulletin, key))
}

fn json_list(ids: &BTreeSet<i64>) -> String {
    let ids: Vec<String> = ids.iter().map(i64::to_string).collect();
    format!("[{}]", ids.join(","))
}

/// Slugs and names of the units a bulletin is for.
async fn units(conn: &mut Conn, bulletin: i64) -> Result<Vec<(String, String)>, StoreError> {
    Ok(on!(conn, c => sqlx::query_as::<_, (String, String)>(
        "SELECT u.slug, u.name FROM bulletin_units x JOIN units u ON u.id = x.unit_id
         WHERE x.bulletin_id = $1 ORDER BY u.slug")
        .bind(bulletin).fetch_all(c).await)?)
}

/// These units with all above them: what is for a unit is for the people below it.
///
/// # Errors
/// When the database cannot be read.
pub async fn with_above(conn: &mut Conn, units: &BTreeSet<i64>) -> Result<BTreeSet<i64>, StoreError> {
    let sql = conn.pick(
        "WITH RECURSIVE above (id, parent_id) AS (
            SELECT id, parent_id FROM units WHERE id IN (SELECT value FROM json_each($1))
            UNION
            SELECT u.id, u.parent_id FROM units u JOIN above a ON u.id = a.parent_id)
         SELECT id FROM above",
        "WITH RECURSIVE above (id, parent_id) AS (
            SELECT id, parent_id FROM units WHERE id IN (SELECT value::bigint FROM json_array_elements_text($1::json))
            UNION
            SELECT u.id, u.parent_id FROM units u JOIN above a ON u.id = a.parent_id)
         SELECT id FROM above",
    );
    let ids = on!(conn, c => sqlx::query_scalar::<_, i64>(sql).bind(json_list(units)).fetch_all(c).await)?;
    Ok(ids.into_iter().collect())
}
