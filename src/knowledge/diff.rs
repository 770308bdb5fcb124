//! What two contents of a sheet say differently, field by field and word by word. No I/O.
use similar::{ChangeTag, TextDiff};

use super::details::Office;
use super::model::SheetDraft;
use crate::kernel::language::Language;

/// Whether a piece is in both texts or in one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, utoipa::ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum Tag {
    Same,
    Added,
    Removed,
}

/// A run of words.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, utoipa::ToSchema)]
pub struct Piece {
    pub tag: Tag,
    pub text: String,
}

/// A field that changed.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, utoipa::ToSchema)]
pub struct FieldDiff {
    /// Name of the field, such as `title` or `term_days`.
    pub field: &'static str,
    /// Language of the text; absent for what is the same in every language.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    pub lang: Option<Language>,
    pub pieces: Vec<Piece>,
}

/// A field of a content: name, language, what it says.
type Field = (&'static str, Option<Language>, String);

/// What `new` says that `old` did not, and the other way round; fields that say the same are left out.
pub fn compare(old: &SheetDraft, new: &SheetDraft) -> Vec<FieldDiff> {
    let (old, new) = (fields(old), fields(new));
    let mut keys: Vec<(&'static str, Option<Language>)> = Vec::new();
    for (field, lang, _) in new.iter().chain(&old) {
        if !keys.contains(&(field, *lang)) {
            keys.push((field, *lang));
        }
    }
    let says = |fields: &[Field], key: &(&str, Option<Language>)| {
        fields.iter().find(|f| (f.0, f.1) == *key).map(|f| f.2.clone()).unwrap_or_default()
    };
    let changed = |key: (&'static str, Option<Language>)| {
        let (before, after) = (says(&old, &key), says(&new, &key));
        (before != after).then(|| FieldDiff { field: key.0, lang: key.1, pieces: pieces(&before, &after) })
    };
    keys.into_iter().filter_map(changed).collect()
}

fn fields(content: &SheetDraft) -> Vec<Field> {
    let details = &content.details;
    let text = |value: &Option<String>| value.clone().unwrap_or_default();
    let day = |value: Option<jiff::civil::Date>| value.map(|d| d.to_string()).unwrap_or_default();
    let forms = details.forms.iter().map(|f| format!("{} ({})", f.name, &f.blob.get(..8).unwrap_or(&f.blob)));
    let mut fields: Vec<Field> = vec![
        ("category", None, text(&content.category)),
        ("unit", None, text(&content.unit)),
        ("route", None, text(&details.route)),
        ("referent", None, text(&details.referent)),
        ("audience", None, content.audience.as_str().to_owned()),
        ("maturity", None, content.maturity.as_str().to_owned()),
        ("term_days", None, details.term_days.map(|n| n.to_string()).unwrap_or_default()),
        ("review_on", None, day(details.review_on)),
        ("until", None, day(details.until)),
        ("offices", None, details.offices.iter().map(office).collect::<Vec<_>>().join("\n")),
        ("forms", None, forms.collect::<Vec<_>>().join("\n")),
    ];
    for t in &content.texts {
        let lang = Some(t.language);
        fields.extend([
            ("title", lang, t.title.trim().to_owned()),
            ("question", lang, t.question.trim().to_owned()),
            ("summary", lang, t.summary.trim().to_owned()),
            ("public_text", lang, t.public_text.trim().to_owned()),
            ("requirements", lang, t.requirements.join("\n")),
            ("fee", lang, t.fee.trim().to_owned()),
            ("reply", lang, t.reply.trim().to_owned()),
            ("phone_text", lang, t.phone_text.trim().to_owned()),
            ("internal_text", lang, t.internal_text.trim().to_owned()),
            ("keywords", lang, t.keywords.join("\n")),
        ]);
        fields.extend(t.sections.named().map(|(name, value)| (name, lang, value.trim().to_owned())));
    }
    fields
}

/// An office as one line.
pub(super) fn office(office: &Office) -> String {
    let opening = office.opening.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
    let parts = [&office.name, &office.address, &office.phone, &office.email, &opening];
    parts.into_iter().filter(|p| !p.is_empty()).cloned().collect::<Vec<_>>().join(" · ")
}

/// Characters kept around a change of a long text.
const AROUND: usize = 160;

/// Runs of words that are in both texts, added or removed; long runs that are in both are cut in the middle.
pub fn pieces(old: &str, new: &str) -> Vec<Piece> {
    let diff = TextDiff::from_words(old, new);
    let mut pieces: Vec<Piece> = Vec::new();
    for change in diff.iter_all_changes() {
        let tag = match change.tag() {
            ChangeTag::Equal => Tag::Same,
            ChangeTag::Insert => Tag::Added,
            ChangeTag::Delete => Tag::Removed,
        };
        match pieces.last_mut().filter(|last| last.tag == tag) {
            Some(last) => last.text.push_str(change.value()),
            None => pieces.push(Piece { tag, text: change.value().to_owned() }),
        }
    }
    let last = pieces.len().saturating_sub(1);
    for (place, piece) in pieces.iter_mut().enumerate().filter(|(_, p)| p.tag == Tag::Same) {
        piece.text = cut(&piece.text, place == 0, place == last);
    }
    pieces
}

/// A text without its middle; without its beginning or end too where no change touches them.
fn cut(text: &str, at_start: bool, at_end: bool) -> String {
    let count = text.chars().count();
    let head = if at_start { 0 } else { AROUND };
    let tail = if at_end { 0 } else { AROUND };
    if count <= head + tail + AROUND {
        return text.to_owned();
    }
    let begin: String = text.chars().take(head).collect();
    let end: String = text.chars().skip(count - tail).collect();
    [begin.as_str(), " … ", &end].concat()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::knowledge::model::{Audience, Maturity, SheetCode, SheetText};

    fn content(title: &str, body: &str) -> SheetDraft {
        let text =
            SheetText { title: title.to_owned(), public_text: body.to_owned(), ..SheetText::empty(Language::Italian) };
        SheetDraft::new(SheetCode::parse("ANA-01").unwrap(), Audience::Public, Maturity::Whole, vec![text])
    }

    #[test]
    fn only_what_changed_is_shown_word_by_word() {
        let mut new = content("Carta", "Costa 22 euro e arriva in sei giorni.");
        new.details.term_days = Some(6);
        let diffs = compare(&content("Carta", "Costa 16 euro e arriva in sei giorni."), &new);
        assert_eq!(diffs.iter().map(|d| d.field).collect::<Vec<_>>(), ["term_days", "public_text"]);
        let shown: Vec<(Tag, &str)> = diffs[1].pieces.iter().map(|p| (p.tag, p.text.as_str())).collect();
        assert_eq!(
            shown,
            [
                (Tag::Same, "Costa "),
                (Tag::Removed, "16"),
                (Tag::Added, "22"),
                (Tag::Same, " euro e arriva in sei giorni.")
            ]
        );
        assert!(compare(&new, &new).is_empty());
    }

    #[test]
    fn a_long_text_is_shown_around_its_changes() {
        let long = "parola ".repeat(400);
        let diffs = compare(&content("T", &format!("{long}uno {long}")), &content("T", &format!("{long}due {long}")));
        let shown: usize = diffs[0].pieces.iter().map(|p| p.text.chars().count()).sum();
        assert!(shown < 400, "{shown}");
        assert!(diffs[0].pieces.iter().any(|p| p.text.starts_with(" … ")));
    }

    proptest! {
        #[test]
        fn the_pieces_make_both_texts(old in ".{0,80}", new in ".{0,80}") {
            let pieces = pieces(&old, &new);
            let side = |other: Tag| pieces.iter().filter(|p| p.tag != other).map(|p| p.text.as_str()).collect::<String>();
            prop_assert_eq!(side(Tag::Added), old);
            prop_assert_eq!(side(Tag::Removed), new);
        }
    }
}
