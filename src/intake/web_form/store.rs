//! SQL of what the form and the home page offer: classification, a sheet's title, offices, and raw requests.
use sqlx::FromRow;

use super::form::Hand;
use crate::classification::model::{Node, Taxonomy};
use crate::classification::store::in_force;

use crate::kernel::database::{Conn, StoreError};
use crate::kernel::language::Language;
use crate::kernel::page::Page;
use crate::on;
use crate::tickets::store::UsedSheet;

/// One class that may be chosen.
#[derive(Debug, Clone)]
pub struct Choice {
    pub slug: String,
    pub label: String,
}

/// An area with its classes; without any, the area itself may be chosen.
#[derive(Debug, Clone)]
pub struct Area {
    pub own: Choice,
    pub topics: Vec<Choice>,
}

/// The classes that may be chosen today, in the reader's language: of those that an agent chooses with a citizen,
/// all in use.
pub async fn areas(conn: &mut Conn, page: &Page, hand: Hand) -> Result<Vec<Area>, StoreError> {
    let all = in_force(conn).await?;
    let today = page.now.zoned(&page.zone).date();
    let offered = |node: &&Node| hand == Hand::Assisted || (node.citizen && all.effective(&node.slug).offered(today));
    let mut areas = Vec::new();
    for area in all.categories.iter().filter(|node| node.depth() == 0) {
        let inside = format!("{}/", area.slug);
        let below = all.categories.iter().filter(|node| node.slug.starts_with(&inside)).filter(offered);
        let topics: Vec<Choice> = below.map(|node| choice(&all, node, page.language)).collect();
        if !topics.is_empty() || offered(&area) {
            areas.push(Area { own: choice(&all, area, page.language), topics });
        }
    }
    Ok(areas)
}

/// A class with the names between it and its area.
fn choice(all: &Taxonomy, node: &Node, language: Language) -> Choice {
    let mut names = vec![node.name_in(language)];
    let mut above = node.parent().and_then(|slug| all.get(slug));
    while let Some(next) = above.filter(|next| next.depth() > 0) {
        names.push(next.name_in(language));
        above = next.parent().and_then(|slug| all.get(slug));
    }
    names.reverse();
    Choice { slug: node.slug.clone(), label: names.join(" › ") }
}

fn in_language<'a>(language: Language, italian: &'a str, english: &'a str) -> &'a str {
    if language == Language::English && !english.is_empty() { english } else { italian }
}

/// A public sheet from which somebody writes.
#[derive(Debug, Clone, FromRow)]
pub struct SheetRef {
    pub id: i64,
    /// In force.
    pub version: i64,
    pub code: String,
    pub title: String,
    /// Slug of its class; empty without one.
    pub category: String,
}

impl SheetRef {
    /// As a ticket remembers it.
    pub const fn used(&self) -> UsedSheet {
        UsedSheet { id: self.id, version: self.version }
    }
}

/// A public sheet by code, in the reader's language or else in Italian.
pub async fn sheet(conn: &mut Conn, code: &str, language: Language) -> Result<Option<SheetRef>, StoreError> {
    Ok(on!(conn, c => sqlx::query_as::<_, SheetRef>(
        "SELECT s.id, s.version, s.code, t.title, COALESCE(k.slug, '') AS category
         FROM sheets s JOIN sheet_texts t ON t.sheet_id = s.id LEFT JOIN categories k ON k.id = s.category_id
         WHERE s.code = $1 AND s.audience = 'public' AND s.retired_at IS NULL AND s.version > 0 AND t.lang IN ($2, 'it')
         ORDER BY CASE WHEN t.lang = $2 THEN 0 ELSE 1 END LIMIT 1")
        .bind(code).bind(language.as_str()).fetch_optional(c).await)?)
}

#[derive(Debug, FromRow)]
struct TopicRow {
    code: String,
    title: String,
    summary: String,
    requirements: String,
    fee: String,
    lang: String,
}

/// What a sheet of a class tells whoever is about to write.
#[derive(Debug, Clone)]
pub struct TopicSheet {
    pub code: String,
    pub title: String,
    pub summary: String,
    pub requirements: Vec<String>,
    pub fee: String,
    /// Language of its texts.
    pub lang: String,
}

/// The public sheets of a class, in the reader's language or else in Italian.
pub async fn topic_sheets(conn: &mut Conn, category: &str, language: Language) -> Result<Vec<TopicSheet>, StoreError> {
    let rows = on!(conn, c => sqlx::query_as::<_, TopicRow>(
        "SELECT s.code, t.title, t.summary, t.requirements, t.fee, t.lang
         FROM sheets s JOIN categories k ON k.id = s.category_id JOIN sheet_texts t ON t.sheet_id = s.id
         WHERE k.slug = $1 AND s.audience = 'public' AND s.retired_at IS NULL AND s.version > 0
           AND t.lang = CASE WHEN EXISTS (SELECT 1 FROM sheet_texts e WHERE e.sheet_id = s.id AND e.lang = $2)
                        THEN $2 ELSE 'it' END
         ORDER BY s.code LIMIT 5")
        .bind(category).bind(language.as_str()).fetch_all(c).await)?;
    let sheet = |row: TopicRow| TopicSheet {
        code: row.code,
        title: row.title,
        summary: row.summary,
        requirements: row.requirements.lines().map(str::to_owned).collect(),
        fee: row.fee,
        lang: row.lang,
    };
    Ok(rows.into_iter().map(sheet).collect())
}

#[derive(Debug, FromRow)]
struct OfficeRow {
    id: i64,
    name: String,
    name_en: String,
    email: String,
}

/// An office that meets citizens.
#[derive(Debug, Clone)]
pub struct Office {
    /// Row id of the unit.
    pub unit: i64,
    pub name: String,
    /// Empty when it has none.
    pub email: String,
}

/// The own offices that meet citizens.
pub async fn offices(conn: &mut Conn, language: Language) -> Result<Vec<Office>, StoreError> {
    let rows = on!(conn, c => sqlx::query_as::<_, OfficeRow>(
        "SELECT u.id, u.name, u.name_en, u.email FROM units u JOIN agencies a ON a.id = u.agency_id
         WHERE a.kind = 'own' AND u.kind = 'collection_point' AND u.valid_to IS NULL ORDER BY u.id LIMIT 12")
        .fetch_all(c).await)?;
    Ok(rows
        .into_iter()
        .map(|row| Office {
            unit: row.id,
            name: in_language(language, &row.name, &row.name_en).to_owned(),
            email: row.email,
        })
        .collect())
}

/// The address of the own agency; empty when it has none.
pub async fn agency_email(conn: &mut Conn) -> Result<String, StoreError> {
    let email = on!(conn, c => sqlx::query_scalar::<_, String>("SELECT email FROM agencies WHERE kind = 'own' ORDER BY id LIMIT 1")
        .fetch_optional(c).await)?;
    Ok(email.unwrap_or_default())
}

/// The raw bytes of a request taken in before, or the name of their blob.
pub async fn raw_request(
    conn: &mut Conn,
    account: &str,
    external_id: &str,
) -> Result<Option<(Option<Vec<u8>>, Option<String>)>, StoreError> {
    Ok(on!(conn, c => sqlx::query_as::<_, (Option<Vec<u8>>, Option<String>)>(
        "SELECT body, blob FROM raw_items WHERE account = $1 AND external_id = $2")
        .bind(account).bind(external_id).fetch_optional(c).await)?)
}
