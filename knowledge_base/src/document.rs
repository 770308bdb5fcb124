use serde::{Deserialize, Serialize};

/// The language a text is written in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Lang {
    /// Italian.
    It,
    /// English.
    En,
}

impl Lang {
    /// Every language the crate analyses.
    pub const ALL: [Self; 2] = [Self::It, Self::En];

    /// ISO 639-1 code, also the name of its tantivy tokenizer.
    pub const fn code(self) -> &'static str {
        match self {
            Self::It => "it",
            Self::En => "en",
        }
    }

    /// The language of an ISO 639-1 code or BCP 47 tag such as `it-IT`.
    pub fn from_code(code: &str) -> Option<Self> {
        let primary = code.split(['-', '_']).next()?;
        Self::ALL.into_iter().find(|lang| primary.eq_ignore_ascii_case(lang.code()))
    }
}

/// Who may find a document.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Visibility {
    /// Agents only.
    Internal,
    /// Agents, and partners by what citizens could read of it.
    Partners,
    /// Agents, partners and citizens.
    Public,
}

/// A text to be found, in one language. `(id, lang)` is its key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Document {
    /// The caller's identifier, shared by the translations of one text.
    pub id: i64,
    /// Language of every text below.
    pub lang: Lang,
    /// Short heading, often a question; weighs more than the rest.
    pub title: String,
    /// What citizens read.
    pub public: String,
    /// What only agents read: the search of a citizen or a partner never looks here.
    pub internal: String,
    /// Other words people use for it; they weigh as the title does.
    pub keywords: Vec<String>,
    /// Questions that it answered, in the words of those who asked. They lead to it as its texts do, for everyone who
    /// may find it, and are never shown.
    pub asked: Vec<String>,
    /// Opaque name of its category, compared whole.
    pub category: Option<String>,
    /// Who may find it.
    pub visibility: Visibility,
}
