//! The fields of the index and what goes into each.
//!
//! Every audience has its own fields, so a citizen's search cannot match, count
//! or correct words by a text that citizens may not read. Every language has its
//! own too, so that lengths and frequencies are those of one language.

use tantivy::TantivyDocument;
use tantivy::schema::{FAST, Field, INDEXED, IndexRecordOption, STRING, Schema, TextFieldIndexing, TextOptions};

use crate::analysis::{fold, grams, is_stop_word, split, stem};
use crate::{Audience, Document, Lang, Visibility};

/// What an indexed term is made of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) enum Kind {
    /// Stem of a word of any text.
    Stem,
    /// Stem of a word of the title or of the keywords.
    Title,
    /// Two stems in a row.
    Pair,
    /// Four letters of a word.
    Gram,
    /// A whole folded word: completes half-typed ones and corrects wrong ones.
    Whole,
}

impl Kind {
    pub const ALL: [Self; 5] = [Self::Stem, Self::Title, Self::Pair, Self::Gram, Self::Whole];

    const fn name(self) -> &'static str {
        match self {
            Self::Stem => "stem",
            Self::Title => "title",
            Self::Pair => "pair",
            Self::Gram => "gram",
            Self::Whole => "whole",
        }
    }
}

/// One language as one audience may see it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct Shelf {
    pub audience: Audience,
    pub lang: Lang,
}

impl Shelf {
    pub const ALL: [Self; 4] = [
        Self { audience: Audience::Citizen, lang: Lang::It },
        Self { audience: Audience::Citizen, lang: Lang::En },
        Self { audience: Audience::Agent, lang: Lang::It },
        Self { audience: Audience::Agent, lang: Lang::En },
    ];

    pub const fn ordinal(self) -> usize {
        self.audience as usize * Lang::ALL.len() + self.lang as usize
    }

    /// Number of its field of a kind among the fields of terms.
    pub const fn field(self, kind: Kind) -> usize {
        self.ordinal() * Kind::ALL.len() + kind as usize
    }

    /// Whether the document stands on this shelf.
    pub fn holds(self, lang: Lang, visibility: Visibility) -> bool {
        self.lang == lang && (self.audience == Audience::Agent || visibility == Visibility::Public)
    }
}

/// Handles of the index fields.
#[derive(Debug, Clone)]
pub(crate) struct Fields {
    pub schema: Schema,
    pub id: Field,
    pub key: Field,
    lang: Field,
    public: Field,
    category: Field,
    terms: Vec<Field>,
}

pub(crate) const ID: &str = "id";
pub(crate) const LANG: &str = "lang";
pub(crate) const PUBLIC: &str = "public";
pub(crate) const CATEGORY: &str = "category";

impl Fields {
    pub fn new() -> Self {
        let mut schema = Schema::builder();
        let id = schema.add_i64_field(ID, INDEXED | FAST);
        let key = schema.add_text_field("key", STRING);
        let lang = schema.add_u64_field(LANG, FAST);
        let public = schema.add_bool_field(PUBLIC, FAST);
        let category = schema.add_u64_field(CATEGORY, FAST);
        // Terms arrive already analysed, parted by spaces.
        let options = TextOptions::default().set_indexing_options(
            TextFieldIndexing::default().set_tokenizer("whitespace").set_index_option(IndexRecordOption::WithFreqs),
        );
        let mut terms = Vec::new();
        for shelf in Shelf::ALL {
            for kind in Kind::ALL {
                let name = format!("{}_{}_{}", shelf.audience.name(), shelf.lang.code(), kind.name());
                terms.push(schema.add_text_field(&name, options.clone()));
            }
        }
        Self { schema: schema.build(), id, key, lang, public, category, terms }
    }

    pub fn terms(&self, shelf: Shelf, kind: Kind) -> Field {
        self.terms[shelf.field(kind)]
    }

    /// The document as tantivy stores it, analysed for each audience that may see it.
    pub fn document(&self, document: &Document) -> TantivyDocument {
        let mut stored = TantivyDocument::default();
        stored.add_i64(self.id, document.id);
        stored.add_text(self.key, key(document.id, document.lang));
        stored.add_u64(self.lang, document.lang as u64);
        stored.add_bool(self.public, document.visibility == Visibility::Public);
        if let Some(category) = &document.category {
            stored.add_u64(self.category, category_number(category));
        }
        for shelf in Shelf::ALL.into_iter().filter(|shelf| shelf.holds(document.lang, document.visibility)) {
            let texts = Texts::of(document, shelf.audience);
            for kind in Kind::ALL {
                stored.add_text(self.terms(shelf, kind), texts.terms(kind));
            }
        }
        stored
    }
}

/// The key of a document: a sheet has one document for each language.
pub(crate) fn key(id: i64, lang: Lang) -> String {
    format!("{id}:{}", lang.code())
}

/// A number for a category name (FNV-1a), the same in every run.
pub(crate) fn category_number(name: &str) -> u64 {
    name.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3))
}

/// What one audience reads of a document, folded.
struct Texts {
    lang: Lang,
    heads: Vec<String>,
    bodies: Vec<String>,
}

impl Texts {
    fn of(document: &Document, audience: Audience) -> Self {
        let heads = std::iter::once(&document.title).chain(&document.keywords).map(|text| fold(text)).collect();
        let bodies = match audience {
            Audience::Citizen => vec![fold(&document.public)],
            Audience::Agent => vec![fold(&document.public), fold(&document.internal)],
        };
        Self { lang: document.lang, heads, bodies }
    }

    fn terms(&self, kind: Kind) -> String {
        let mut terms = Vec::new();
        let texts = match kind {
            Kind::Title => self.heads.iter().chain(&[]),
            Kind::Stem | Kind::Pair | Kind::Gram | Kind::Whole => self.heads.iter().chain(&self.bodies),
        };
        for text in texts {
            let words = split(text, Some(self.lang)).map(|word| word.text);
            let content =
                || split(text, Some(self.lang)).map(|word| word.text).filter(|word| !is_stop_word(word, self.lang));
            match kind {
                Kind::Stem | Kind::Title => terms.extend(content().map(|word| stem(word, self.lang))),
                Kind::Pair => {
                    let stems: Vec<String> = content().map(|word| stem(word, self.lang)).collect();
                    terms.extend(stems.windows(2).map(|two| pair(&two[0], &two[1])));
                }
                Kind::Gram => terms.extend(content().flat_map(grams)),
                Kind::Whole => terms.extend(words.map(str::to_owned)),
            }
        }
        terms.join(" ")
    }
}

/// The term of two stems in a row.
pub(crate) fn pair(first: &str, second: &str) -> String {
    format!("{first}_{second}")
}
