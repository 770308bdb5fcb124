//! A version comes into force: the one place where what citizens and agents read changes.
use jiff::civil::Date;
use jiff::tz::TimeZone;
use serde_json::json;

use super::store::{self, Ids, Locked, NewStep};
use super::{StepKind, Version};
use crate::kernel::database::Tx;
use crate::kernel::events::{self, Actor, NewEvent};
use crate::kernel::time::Instant;
use crate::knowledge::model::{SheetDraft, SheetText};
use crate::knowledge::sheets::{Saved, SheetError};
use crate::knowledge::store as sheet_store;
use crate::knowledge::verdicts;

/// A content about to come into force.
#[derive(Debug)]
pub struct Publication {
    pub content: SheetDraft,
    /// Who wrote it, as events name them.
    pub author: String,
    /// Who lets it be published.
    pub validator: Actor,
    pub why: String,
    pub now: Instant,
    /// Days begin and end in this zone.
    pub zone: TimeZone,
}

/// The first instant of a local day.
pub fn start_of(day: Date, zone: &TimeZone) -> Option<Instant> {
    Some(day.to_zoned(zone.clone()).ok()?.start_of_day().ok()?.timestamp().into())
}

/// Row ids of what a content names. Where a unit closed since it was written, another goes on.
///
/// # Errors
/// [`SheetError::Invalid`] with the field whose name leads nowhere.
pub async fn resolve(tx: &mut Tx, draft: &SheetDraft, now: Instant, zone: &TimeZone) -> Result<Ids, SheetError> {
    let unknown = |field: &str| SheetError::invalid(field, "unknown");
    let mut ids = Ids::default();
    if let Some(slug) = &draft.category {
        ids.category = Some(sheet_store::category_id(tx, slug).await?.ok_or_else(|| unknown("category"))?);
    }
    if let Some(slug) = &draft.unit {
        ids.unit = Some(sheet_store::unit_in_being(tx, slug, now).await?.ok_or_else(|| unknown("unit"))?);
    }
    if let Some(slug) = &draft.details.route {
        ids.route = Some(sheet_store::unit_in_being(tx, slug, now).await?.ok_or_else(|| unknown("route"))?);
    }
    if let Some(login) = &draft.details.referent {
        ids.referent = Some(store::user_id(tx, login).await?.ok_or_else(|| unknown("referent"))?);
    }
    ids.withdraw_at = draft.details.until.and_then(|day| start_of(day.tomorrow().ok()?, zone));
    Ok(ids)
}

/// The row of a sheet, made if there is none; its number never changes.
///
/// # Errors
/// [`SheetError::Invalid`] when the number is another sheet's, or not this one's.
pub async fn row_of(
    tx: &mut Tx,
    current: Option<Locked>,
    draft: &SheetDraft,
    ids: Ids,
    now: Instant,
) -> Result<Locked, SheetError> {
    if let Some(number) = draft.number {
        if current.as_ref().is_some_and(|row| row.number != number) {
            return Err(SheetError::invalid("number", "fixed"));
        }
        if store::number_is_taken(tx, number, draft.code.as_str()).await? {
            return Err(SheetError::invalid("number", "taken"));
        }
    }
    match current {
        Some(row) => Ok(row),
        None => Ok(store::insert(tx, draft, ids, now).await?),
    }
}

/// Puts a content into force as the next version of its sheet, and removes the draft it came from. Told by
/// `sheet.saved`.
///
/// # Errors
/// When it is incomplete or names what does not exist.
pub async fn put(tx: &mut Tx, publication: Publication) -> Result<Saved, SheetError> {
    let Publication { mut content, author, validator, why, now, zone } = publication;
    let faults = content.faults();
    if !faults.is_empty() {
        return Err(SheetError::Invalid(faults));
    }
    let ids = resolve(tx, &content, now, &zone).await?;
    let current = store::lock(tx, content.code.as_str()).await?;
    let row = row_of(tx, current, &content, ids, now).await?;
    keep_what_was(tx, &row).await?;
    let version = row.version + 1;
    let earlier = sheet_store::sheets(tx, &[row.id]).await?.pop().map(|s| s.texts).unwrap_or_default();
    mark(&mut content, &earlier, version);
    store::put_in_force(tx, row.id, version, &content, ids, now).await?;
    store::put_texts(tx, row.id, &content.texts).await?;
    content.number = Some(row.number);
    content.confirmed.clear();
    let validated_by = validator.to_text();
    let kept = Version { version, content, author, validator: validated_by.clone(), at: now, why };
    store::keep_version(tx, row.id, &kept).await?;
    store::delete_draft(tx, row.id).await?;
    // A new text answers what agents reported of the one before.
    let settled_by = match &validator {
        Actor::User(id) => Some(*id),
        Actor::System | Actor::Citizen | Actor::Leg(_) | Actor::Token(_) | Actor::Rule(_) => None,
    };
    verdicts::store::settle(tx, row.id, settled_by, now).await?;
    let step = NewStep { at: now, actor: &validated_by, version: Some(version), note: &kept.why };
    store::add_step(tx, row.id, StepKind::Published, &step).await?;
    let data = json!({ "sheet": row.id, "code": kept.content.code.as_str(), "version": version });
    events::append(tx, now, &[NewEvent { kind: "sheet.saved", ticket: None, actor: validator, data }]).await?;
    Ok(Saved { id: row.id, version })
}

/// A sheet from before versions were kept has its present content kept as its version first.
async fn keep_what_was(tx: &mut Tx, row: &Locked) -> Result<(), SheetError> {
    if row.version == 0 || store::has_version(tx, row.id, row.version).await? {
        return Ok(());
    }
    if let Some(sheet) = sheet_store::sheets(tx, &[row.id]).await?.pop() {
        let content = store::content(tx, &sheet).await?;
        let system = Actor::System.to_text();
        let kept = Version {
            version: row.version,
            content,
            author: system.clone(),
            validator: system,
            at: sheet.updated_at,
            why: String::new(),
        };
        store::keep_version(tx, row.id, &kept).await?;
    }
    Ok(())
}

/// Says of each text in which version it was last changed, or compared with the original. The original comes
/// first.
fn mark(content: &mut SheetDraft, earlier: &[SheetText], version: i64) {
    content.texts.sort_by_key(|t| t.language != crate::kernel::language::Language::Italian);
    let confirmed = content.confirmed.clone();
    for text in &mut content.texts {
        let same = earlier.iter().find(|e| e.says_as(text)).filter(|_| !confirmed.contains(&text.language));
        text.as_of = same.map_or(version, |e| e.as_of);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::language::Language;
    use crate::knowledge::model::{Audience, Maturity, SheetCode};

    fn text(language: Language, title: &str) -> SheetText {
        SheetText { title: title.to_owned(), ..SheetText::empty(language) }
    }

    fn marks(content: &SheetDraft) -> Vec<i64> {
        content.texts.iter().map(|t| t.as_of).collect()
    }

    #[test]
    fn a_translation_keeps_its_place_until_it_is_changed_or_confirmed() {
        let code = SheetCode::parse("ANA-01").unwrap();
        let texts = vec![text(Language::Italian, "uno"), text(Language::English, "one")];
        let mut content = SheetDraft::new(code, Audience::Public, Maturity::Whole, texts);
        mark(&mut content, &[], 1);
        assert_eq!(marks(&content), [1, 1]);

        let earlier = content.texts.clone();
        content.texts[0].title = "due".to_owned();
        mark(&mut content, &earlier, 2);
        assert_eq!(marks(&content), [2, 1]);

        let earlier = content.texts.clone();
        content.confirmed = vec![Language::English];
        mark(&mut content, &earlier, 3);
        assert_eq!(marks(&content), [2, 3]);
    }
}
