use serde::{Deserialize, Serialize};

use crate::Lang;

/// Who is looking, which decides what may be found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Audience {
    /// Public documents by their title, keywords and public text.
    Citizen,
    /// The same, and documents for partners, by title, keywords and public text too.
    Partner,
    /// Every document by every text.
    Agent,
}

/// What to look for, for whom.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Query {
    /// Subject of a message, empty when it has none. It counts as a question does: beside a text it says what is asked.
    pub subject: String,
    /// Words, half-typed words or a whole message. Only its first 64 KiB and 600 words are read.
    pub text: String,
    /// Only documents in this language; `None` looks in each and keeps the best of a document's translations.
    pub lang: Option<Lang>,
    /// Who is looking.
    pub audience: Audience,
    /// The most hits to return.
    pub limit: usize,
    /// Documents of this category come a little before equally good ones.
    pub category_boost: Option<String>,
}

impl Query {
    /// Ten hits in any language, without a preferred category.
    pub fn new(text: impl Into<String>, audience: Audience) -> Self {
        Self { subject: String::new(), text: text.into(), lang: None, audience, limit: 10, category_boost: None }
    }

    /// The same query for a message with a subject, such as a mail's or the title of a ticket.
    #[must_use]
    pub fn with_subject(self, subject: impl Into<String>) -> Self {
        Self { subject: subject.into(), ..self }
    }

    /// The same query for documents in one language.
    #[must_use]
    pub fn in_lang(self, lang: Lang) -> Self {
        Self { lang: Some(lang), ..self }
    }

    /// The same query with another number of hits.
    #[must_use]
    pub fn limit(self, limit: usize) -> Self {
        Self { limit, ..self }
    }
}

/// A document that answers a query.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Hit {
    /// The caller's identifier.
    pub id: i64,
    /// Language of the document that was found.
    pub lang: Lang,
    /// Above 0, seldom above 2. It grows with how well the document covers the best passage,
    /// and is comparable between queries only roughly.
    pub score: f32,
}
