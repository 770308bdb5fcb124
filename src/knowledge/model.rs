//! Categories and sheets: what they are and which of them are acceptable. No I/O.
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::details::Details;
use super::forward::Forward;
use super::redact;
use super::sections::Sections;
use crate::kernel::language::Language;
use crate::kernel::names::stored_enum;
use crate::kernel::time::Instant;

/// A node of the classification: an area (`anagrafe`) or a topic of one (`anagrafe/carta-identita`).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Category {
    pub id: i64,
    /// `area`, `area/topic` and so on.
    pub slug: String,
    /// The category above it; `None` for areas.
    pub parent: Option<i64>,
    pub name: String,
    /// English name; empty when there is none.
    pub name_en: String,
    /// The unit that is competent for it.
    pub unit: Option<i64>,
    /// Order among its siblings.
    pub position: i64,
    /// Tickets of this class end as not competent.
    pub not_competent: bool,
    /// Which requests of the web form go to the unit at once.
    pub forward: Forward,
    pub retired_at: Option<Instant>,
}

impl Category {
    /// Whether it stands somewhere below another one.
    pub fn is_below(&self, above: &Self) -> bool {
        self.slug.strip_prefix(&above.slug).is_some_and(|rest| rest.starts_with('/'))
    }

    /// The name in a language, in Italian when it has no other.
    pub fn name_in(&self, language: Language) -> &str {
        match language {
            Language::English if !self.name_en.is_empty() => &self.name_en,
            Language::English | Language::Italian => &self.name,
        }
    }
}

/// Deepest level of the classification, areas being the first.
pub const LEVELS: usize = 6;

/// Whether a text is `area`, `area/topic` and so on, each part of lower-case letters, digits and hyphens.
pub fn is_slug(text: &str) -> bool {
    let part = |p: &str| {
        !p.is_empty() && p.len() <= 60 && p.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
    };
    text.split('/').count() <= LEVELS && text.split('/').all(part)
}

stored_enum! {
    /// Who may read a sheet, from the widest circle to the narrowest.
    Audience {
        /// Citizens, and so everybody.
        Public = "public",
        /// Agents, and referents of every agency.
        Partners = "partners",
        /// Agents, and referents of the own agency.
        Internal = "internal",
    }
}

stored_enum! {
    /// How far a sheet goes towards solving the citizen's need, from least to most.
    Maturity {
        /// It tells how the thing is done.
        Information = "information",
        /// With it the front office can start the thing.
        Start = "start",
        /// With it the front office can do the whole thing.
        Whole = "whole",
    }
}

/// The short name of a sheet that can be dictated: letters, a hyphen, a number (`ANA-01`).
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(try_from = "String")]
pub struct SheetCode(String);

impl TryFrom<String> for SheetCode {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        Self::parse(&text).ok_or("a code is letters and a number, such as ANA-01")
    }
}

/// The first number that sheets are given: three digits are told from a house number or a floor.
const FIRST_NUMBER: i64 = 101;

/// The number of a sheet as somebody says it on the telephone: `214`, `scheda 214`, `n. 214`.
pub fn dictated_number(text: &str) -> Option<i64> {
    let text = text.trim().to_lowercase();
    let words = ["scheda", "sheet", "numero", "number", "n.", "no.", "n°", "#"];
    let rest = words.iter().fold(text.as_str(), |rest, word| rest.strip_prefix(word).unwrap_or(rest).trim_start());
    let digits: String = rest.chars().filter(|c| !matches!(c, ' ' | '.' | '-')).collect();
    let plausible = (3..=6).contains(&digits.len()) && digits.bytes().all(|b| b.is_ascii_digit());
    digits.parse().ok().filter(|n| plausible && *n >= FIRST_NUMBER)
}

impl SheetCode {
    /// Reads a code in any case, with or without the hyphen; `None` when it is none.
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim().to_ascii_uppercase();
        let letters = text.bytes().take_while(u8::is_ascii_uppercase).count();
        let (prefix, rest) = text.split_at(letters);
        let number = rest.trim_start_matches(['-', ' ']);
        let plausible = (2..=8).contains(&prefix.len())
            && (1..=4).contains(&number.len())
            && number.bytes().all(|b| b.is_ascii_digit());
        plausible.then(|| Self(format!("{prefix}-{number:0>2}")))
    }

    /// The code as stored.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// A knowledge sheet with its texts.
#[derive(Debug, Clone)]
pub struct Sheet {
    pub id: i64,
    pub code: String,
    /// Short and never given to another sheet, to be dictated.
    pub number: i64,
    pub category: Option<i64>,
    /// The unit that answers for its content.
    pub unit: Option<i64>,
    pub audience: Audience,
    pub maturity: Maturity,
    /// Counts up at each publication; 0 before the first.
    pub version: i64,
    pub updated_at: Instant,
    pub retired_at: Option<Instant>,
    pub details: Details,
    /// One a language, at least one.
    pub texts: Vec<SheetText>,
}

impl Sheet {
    /// The text in a language, or the first there is.
    pub fn text_in(&self, language: Language) -> Option<&SheetText> {
        self.texts.iter().find(|t| t.language == language).or_else(|| self.texts.first())
    }

    /// Whether citizens may read it now.
    pub fn is_public(&self) -> bool {
        self.audience == Audience::Public && self.is_in_use()
    }

    /// Whether it was published and not retired since.
    pub const fn is_in_use(&self) -> bool {
        self.retired_at.is_none() && self.version > 0
    }

    /// The text the others are translations of.
    pub fn original(&self) -> Option<&SheetText> {
        self.texts.first()
    }

    /// The translations that nobody compared with the original since it last changed.
    pub fn outdated(&self) -> Vec<Language> {
        let changed = self.original().map_or(0, |t| t.as_of);
        self.texts.iter().skip(1).filter(|t| t.as_of < changed).map(|t| t.language).collect()
    }
}

/// A sheet in one language.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct SheetText {
    #[serde(rename = "lang")]
    #[schema(value_type = String)]
    pub language: Language,
    pub title: String,
    /// How a citizen asks it.
    #[serde(default)]
    pub question: String,
    /// One or two sentences that answer.
    #[serde(default)]
    pub summary: String,
    /// Markdown, for everybody.
    #[serde(default)]
    pub public_text: String,
    /// Ready to send, without greeting and signature.
    #[serde(default)]
    pub reply: String,
    /// Markdown, for agents only.
    #[serde(default)]
    pub internal_text: String,
    /// Other words people use for it.
    #[serde(default)]
    pub keywords: Vec<String>,
    /// What the citizen must have or bring.
    #[serde(default)]
    pub requirements: Vec<String>,
    /// What it costs, in words.
    #[serde(default)]
    pub fee: String,
    /// What a voice says, short.
    #[serde(default)]
    pub phone_text: String,
    #[serde(flatten)]
    pub sections: Sections,
    /// The version in which it was last changed, or compared with the original; 0 in drafts.
    #[serde(skip)]
    pub as_of: i64,
}

impl SheetText {
    /// An empty text in a language.
    pub fn empty(language: Language) -> Self {
        Self {
            language,
            title: String::new(),
            question: String::new(),
            summary: String::new(),
            public_text: String::new(),
            reply: String::new(),
            internal_text: String::new(),
            keywords: Vec::new(),
            requirements: Vec::new(),
            fee: String::new(),
            phone_text: String::new(),
            sections: Sections::default(),
            as_of: 0,
        }
    }

    /// Whether it says the same as another, whenever either was written.
    pub fn says_as(&self, other: &Self) -> bool {
        Self { as_of: 0, ..self.clone() } == Self { as_of: 0, ..other.clone() }
    }
}

/// The lines of a text that say something, trimmed.
pub fn lines(text: &str) -> Vec<String> {
    text.lines().map(str::trim).filter(|l| !l.is_empty()).map(str::to_owned).collect()
}

/// The whole content of a sheet: what is drafted, kept as a version, imported and exported.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct SheetDraft {
    #[schema(value_type = String)]
    pub code: SheetCode,
    /// The number to dictate; the next free one when a new sheet has none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub number: Option<i64>,
    /// Slug of its category.
    #[serde(default)]
    pub category: Option<String>,
    /// Slug of the unit that answers for its content.
    #[serde(default)]
    pub unit: Option<String>,
    pub audience: Audience,
    pub maturity: Maturity,
    #[serde(flatten)]
    pub details: Details,
    /// Languages whose unchanged text was compared with the changed original and still holds.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schema(value_type = Vec<String>)]
    pub confirmed: Vec<Language>,
    pub texts: Vec<SheetText>,
}

/// Characters that a title, a question or a summary may have, and a longer text.
const SHORT: usize = 300;
const LONG: usize = 40_000;
/// What is said aloud is short: a minute and a half.
const SPOKEN: usize = 1_200;
/// The fault of a text that still has a placeholder of personal data: a draft may keep it, a version may not.
pub const PLACEHOLDER: &str = "placeholder";

impl SheetDraft {
    /// A draft without facts beside its texts.
    pub fn new(code: SheetCode, audience: Audience, maturity: Maturity, texts: Vec<SheetText>) -> Self {
        Self {
            code,
            number: None,
            category: None,
            unit: None,
            audience,
            maturity,
            details: Details::default(),
            confirmed: Vec::new(),
            texts,
        }
    }

    /// What keeps it from being published: the field (`it_title`) and a code (`required`, `too_long`, `twice`).
    pub fn faults(&self) -> Vec<(String, String)> {
        let mut faults = self.details.faults();
        if self.number.is_some_and(|n| !(FIRST_NUMBER..=999_999).contains(&n)) {
            faults.push(("number".to_owned(), "out_of_range".to_owned()));
        }
        if self.texts.is_empty() {
            faults.push(("it_title".to_owned(), "required".to_owned()));
        }
        for (place, text) in self.texts.iter().enumerate() {
            let lang = text.language.as_str();
            if self.texts[..place].iter().any(|t| t.language == text.language) {
                faults.push((format!("{lang}_title"), "twice".to_owned()));
            }
            // An internal sheet may say nothing to citizens, but not nothing at all.
            let body = match self.audience {
                Audience::Public => ("public_text", text.public_text.trim().is_empty()),
                Audience::Partners | Audience::Internal => {
                    ("internal_text", text.internal_text.trim().is_empty() && text.public_text.trim().is_empty())
                }
            };
            let missing = [("title", text.title.trim().is_empty()), ("summary", text.summary.trim().is_empty()), body];
            for (name, _) in missing.into_iter().filter(|(_, is_missing)| *is_missing) {
                faults.push((format!("{lang}_{name}"), "required".to_owned()));
            }
            let (keywords, requirements) = (text.keywords.join("\n"), text.requirements.join("\n"));
            let limits = [
                ("title", &text.title, SHORT),
                ("question", &text.question, SHORT),
                ("summary", &text.summary, SHORT * 2),
                ("public_text", &text.public_text, LONG),
                ("reply", &text.reply, LONG),
                ("internal_text", &text.internal_text, LONG),
                ("keywords", &keywords, LONG),
                ("requirements", &requirements, LONG),
                ("fee", &text.fee, SHORT),
                ("phone_text", &text.phone_text, SPOKEN),
            ];
            let sections = text.sections.named().map(|(name, value)| (name, value, LONG));
            for (name, value, limit) in limits.into_iter().chain(sections) {
                if value.chars().count() > limit {
                    faults.push((format!("{lang}_{name}"), "too_long".to_owned()));
                }
                // What was removed from a ticket is still to be dealt with.
                if redact::has_placeholder(value) {
                    faults.push((format!("{lang}_{name}"), PLACEHOLDER.to_owned()));
                }
            }
        }
        faults
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sheet_code_reads_as_it_is_dictated() {
        let code = |text| SheetCode::parse(text).map(|c| c.as_str().to_owned());
        assert_eq!(code("ANA-01").as_deref(), Some("ANA-01"));
        assert_eq!(code(" ana 1 ").as_deref(), Some("ANA-01"));
        assert_eq!(code("ana12").as_deref(), Some("ANA-12"));
        assert_eq!(code("ANA"), None);
        assert_eq!(code("12"), None);
        assert_eq!(code("carta d'identità 2"), None);
    }

    #[test]
    fn a_number_reads_as_it_is_dictated() {
        for text in ["214", "scheda 214", "Scheda n. 214", "#214", "numero 2 1 4", " sheet 214 "] {
            assert_eq!(dictated_number(text), Some(214), "{text}");
        }
        for text in ["", "12", "ANA-214", "via Roma 214", "800 000 123", "99", "scheda"] {
            assert_eq!(dictated_number(text), None, "{text}");
        }
    }

    #[test]
    fn a_translation_older_than_its_original_is_out_of_date() {
        let text = |language, as_of| SheetText { as_of, ..SheetText::empty(language) };
        let sheet = |original, translation| Sheet {
            id: 1,
            code: String::new(),
            number: 101,
            category: None,
            unit: None,
            audience: Audience::Public,
            maturity: Maturity::Whole,
            version: 9,
            updated_at: Instant(0),
            retired_at: None,
            details: Details::default(),
            texts: vec![text(Language::Italian, original), text(Language::English, translation)],
        };
        assert_eq!(sheet(3, 2).outdated(), [Language::English]);
        assert_eq!(sheet(3, 3).outdated(), []);
        assert_eq!(sheet(3, 4).outdated(), []);
    }

    #[test]
    fn a_slug_has_one_or_two_levels() {
        assert!(is_slug("anagrafe") && is_slug("anagrafe/carta-identita"));
        assert!(is_slug("a/b/c") && !is_slug("a/b/c/d/e/f/g"));
        assert!(!is_slug("") && !is_slug("a//b") && !is_slug("Anagrafe") && !is_slug("anagrafe/"));
    }

    #[test]
    fn a_draft_without_a_title_says_which_field_is_at_fault() {
        let text =
            SheetText { summary: "s".to_owned(), public_text: "p".to_owned(), ..SheetText::empty(Language::English) };
        let code = SheetCode::parse("ANA-01").unwrap();
        let draft = SheetDraft::new(code, Audience::Public, Maturity::Information, vec![text]);
        assert_eq!(draft.faults(), [("en_title".to_owned(), "required".to_owned())]);
    }
}
