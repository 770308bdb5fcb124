//! Categories and sheets: what they are and which of them are acceptable. No I/O.
use super::forward::Forward;
use crate::kernel::language::Language;
use crate::kernel::time::Instant;

/// A node of the classification: an area (`anagrafe`) or a topic of one (`anagrafe/carta-identita`).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Category {
    pub id: i64,
    /// `area` or `area/topic`.
    pub slug: String,
    /// The area a topic belongs to; `None` for areas.
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
    /// The name in a language, in Italian when it has no other.
    pub fn name_in(&self, language: Language) -> &str {
        match language {
            Language::English if !self.name_en.is_empty() => &self.name_en,
            Language::English | Language::Italian => &self.name,
        }
    }
}

/// Whether a text is `area` or `area/topic`, each of lower-case letters, digits and hyphens.
pub fn is_slug(text: &str) -> bool {
    let part = |p: &str| {
        !p.is_empty() && p.len() <= 60 && p.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
    };
    match text.split_once('/') {
        Some((area, topic)) => part(area) && part(topic),
        None => part(text),
    }
}

/// Who may read a sheet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Audience {
    /// Citizens, and so everybody.
    Public,
    /// Agents only.
    Internal,
}

impl Audience {
    /// The stored name.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Public => "public",
            Self::Internal => "internal",
        }
    }

    /// Reads the stored name.
    pub fn from_text(text: &str) -> Option<Self> {
        [Self::Public, Self::Internal].into_iter().find(|a| a.as_str() == text)
    }
}

/// How far a sheet goes towards solving the citizen's need.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Maturity {
    /// It tells how the thing is done.
    Information,
    /// With it the front office can start the thing.
    Start,
    /// With it the front office can do the whole thing.
    Whole,
}

impl Maturity {
    /// From least to most.
    pub const ALL: [Self; 3] = [Self::Information, Self::Start, Self::Whole];

    /// The stored name.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Information => "information",
            Self::Start => "start",
            Self::Whole => "whole",
        }
    }

    /// Reads the stored name.
    pub fn from_text(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|m| m.as_str() == text)
    }
}

/// The short name of a sheet that can be dictated: letters, a hyphen, a number (`ANA-01`).
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct SheetCode(String);

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
    pub category: Option<i64>,
    /// The unit that answers for its content.
    pub unit: Option<i64>,
    pub audience: Audience,
    pub maturity: Maturity,
    /// Counts up at each save.
    pub version: i64,
    pub updated_at: Instant,
    pub retired_at: Option<Instant>,
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
        self.audience == Audience::Public && self.retired_at.is_none()
    }
}

/// A sheet in one language.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SheetText {
    pub language: Language,
    pub title: String,
    /// How a citizen asks it.
    pub question: String,
    /// One or two sentences that answer.
    pub summary: String,
    /// Markdown, for everybody.
    pub public_text: String,
    /// Ready to send, without greeting and signature.
    pub reply: String,
    /// Markdown, for agents only.
    pub internal_text: String,
    /// Other words people use for it.
    pub keywords: Vec<String>,
    /// What the citizen must have or bring.
    pub requirements: Vec<String>,
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
        }
    }
}

/// The lines of a text that say something, trimmed.
pub fn lines(text: &str) -> Vec<String> {
    text.lines().map(str::trim).filter(|l| !l.is_empty()).map(str::to_owned).collect()
}

/// A sheet about to be saved.
#[derive(Debug, Clone)]
pub struct SheetDraft {
    pub code: SheetCode,
    /// Slug of its category.
    pub category: Option<String>,
    /// Slug of the unit that answers for its content.
    pub unit: Option<String>,
    pub audience: Audience,
    pub maturity: Maturity,
    pub texts: Vec<SheetText>,
}

/// Characters that a title, a question or a summary may have, and a longer text.
const SHORT: usize = 300;
const LONG: usize = 40_000;

impl SheetDraft {
    /// What is wrong with it: the field (`it_title`) and a code (`required`, `too_long`, `twice`).
    pub fn faults(&self) -> Vec<(String, String)> {
        let mut faults = Vec::new();
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
                Audience::Internal => {
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
            ];
            for (name, value, limit) in limits {
                if value.chars().count() > limit {
                    faults.push((format!("{lang}_{name}"), "too_long".to_owned()));
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
    fn a_slug_has_one_or_two_levels() {
        assert!(is_slug("anagrafe") && is_slug("anagrafe/carta-identita"));
        assert!(!is_slug("") && !is_slug("a/b/c") && !is_slug("Anagrafe") && !is_slug("anagrafe/"));
    }

    #[test]
    fn a_draft_without_a_title_says_which_field_is_at_fault() {
        let draft = SheetDraft {
            code: SheetCode::parse("ANA-01").unwrap(),
            category: None,
            unit: None,
            audience: Audience::Public,
            maturity: Maturity::Information,
            texts: vec![SheetText {
                summary: "s".to_owned(),
                public_text: "p".to_owned(),
                ..SheetText::empty(Language::English)
            }],
        };
        assert_eq!(draft.faults(), [("en_title".to_owned(), "required".to_owned())]);
    }
}
