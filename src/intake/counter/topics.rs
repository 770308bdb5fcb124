//! The numbered topics of a counter: those that were fixed keep their numbers, the others are what visitors asked
//! most. They are counted up to midnight, so that a number means the same the whole day.
use jiff::SignedDuration;
use jiff::civil::Date;

use super::VisitError;
use super::model::TOPICS;
use super::store::{self, Asked};
use crate::kernel::Kernel;
use crate::kernel::database::Conn;
use crate::kernel::language::Language;
use crate::kernel::permissions::{Permission, Principal};
use crate::kernel::time::Instant;
use crate::tickets;

/// Days of visits that are counted.
const DAYS: i64 = 90;

/// A topic and the key that picks it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Topic {
    pub number: usize,
    /// Slug.
    pub category: String,
    /// Code of the sheet that answers; empty without one.
    pub sheet: String,
    /// Title of the sheet, else name of the category.
    pub label: String,
    /// Name of the category where the label is a sheet's.
    pub about: String,
    pub pinned: bool,
}

/// The beginning of today and of tomorrow, in the display zone.
pub fn today(kernel: &Kernel) -> (Instant, Instant) {
    bounds(kernel, kernel.now().zoned(&kernel.config.zone()).date())
}

/// The beginning of a day and of the next, in the display zone.
pub fn bounds(kernel: &Kernel, day: Date) -> (Instant, Instant) {
    let zone = kernel.config.zone();
    // Only at the ends of the calendar a day has no beginning.
    let start = |day: Date| day.to_zoned(zone.clone()).map_or(Instant(i64::MAX), |z| z.timestamp().into());
    (start(day), start(day.tomorrow().unwrap_or(day)))
}

/// The topics of a counter, at most nine.
///
/// # Errors
/// When the database cannot be read.
pub async fn topics(kernel: &Kernel, counter: i64, language: Language) -> Result<Vec<Topic>, VisitError> {
    let (midnight, _) = today(kernel);
    let since = midnight.minus(SignedDuration::from_hours(24 * DAYS));
    let mut conn = kernel.db.read().await?;
    let pinned = store::pinned(&mut conn, counter).await?;
    let taken = |number: usize| pinned.iter().find(|(n, _)| usize::try_from(*n) == Ok(number)).map(|(_, asked)| *asked);
    let most = i64::try_from(2 * TOPICS).unwrap_or(18);
    let mut asked = store::asked_here(&mut conn, counter, since, midnight, most).await?;
    asked.extend(store::asked_anywhere(&mut conn, midnight, most).await?);
    let known: Vec<Asked> = pinned.iter().map(|(_, asked)| *asked).chain(asked.iter().copied()).collect();
    // What nobody asked yet fills the rest, once for each category.
    let first = store::first_categories(&mut conn, 4 * most).await?;
    asked.extend(first.into_iter().filter(|f| !known.iter().any(|k| k.category_id == f.category_id)));
    let mut free: Vec<Asked> = Vec::new();
    for one in asked {
        if !free.contains(&one) && !pinned.iter().any(|(_, p)| *p == one) {
            free.push(one);
        }
    }
    let mut free = free.into_iter();
    let mut topics = Vec::with_capacity(TOPICS);
    for number in 1..=TOPICS {
        let fixed = taken(number);
        let Some(asked) = fixed.or_else(|| free.next()) else { continue };
        topics.extend(topic(&mut conn, number, asked, fixed.is_some(), language).await?);
    }
    Ok(topics)
}

async fn topic(
    conn: &mut Conn,
    number: usize,
    asked: Asked,
    pinned: bool,
    language: Language,
) -> Result<Option<Topic>, VisitError> {
    let Some(category) = store::category(conn, asked.category_id).await? else { return Ok(None) };
    let english = language == Language::English && !category.name_en.is_empty();
    let name = if english { category.name_en } else { category.name };
    let sheet = match asked.sheet_id {
        Some(id) => store::sheet(conn, id, language).await?,
        None => None,
    };
    Ok(Some(match sheet {
        Some(sheet) => {
            Topic { number, category: category.slug, sheet: sheet.code, label: sheet.title, about: name, pinned }
        }
        None => {
            Topic { number, category: category.slug, sheet: String::new(), label: name, about: String::new(), pinned }
        }
    }))
}

/// Fixes topics of a counter: number, slug of a category and code of a sheet, either of which may be empty. Numbers
/// that are not named are free for what is asked most.
///
/// # Errors
/// When a number, category or sheet does not exist; nothing is changed then.
pub async fn pin(
    kernel: &Kernel,
    who: &Principal,
    counter: i64,
    wanted: Vec<(usize, String, String)>,
) -> Result<(), VisitError> {
    who.require(Permission::EditKnowledge)?;
    let write = kernel.db.write(move |tx| {
        Box::pin(async move {
            let mut rows = Vec::with_capacity(wanted.len());
            for (number, category, sheet) in wanted {
                if !(1..=TOPICS).contains(&number) {
                    return Err(VisitError::Invalid { field: "number", wrong: "unknown" });
                }
                let (category, sheet) = resolve(tx, &category, &sheet).await?;
                let Some(category_id) = category else { continue };
                rows.push((i64::try_from(number).unwrap_or(0), Asked { category_id, sheet_id: sheet }));
            }
            store::pin(tx, counter, &rows).await?;
            Ok(())
        })
    });
    write.await
}

/// Row ids of a category by slug and of a sheet by code; a sheet alone says its category.
///
/// # Errors
/// When either is named and does not exist.
pub(super) async fn resolve(
    conn: &mut Conn,
    category: &str,
    sheet: &str,
) -> Result<(Option<i64>, Option<i64>), VisitError> {
    let found = match sheet.trim() {
        "" => None,
        code => {
            let unknown = VisitError::Invalid { field: "sheet", wrong: "unknown" };
            let used = tickets::store::used_sheet(conn, code).await?;
            let sheet = match used {
                Some(used) => store::sheet(conn, used.id, Language::Italian).await?,
                None => None,
            };
            Some(sheet.ok_or(unknown)?)
        }
    };
    let category = match category.trim() {
        "" => found.as_ref().and_then(|s| s.category_id),
        slug => {
            let unknown = VisitError::Invalid { field: "category", wrong: "unknown" };
            Some(tickets::store::category_by_slug(conn, slug).await?.ok_or(unknown)?)
        }
    };
    Ok((category, found.map(|s| s.id)))
}
