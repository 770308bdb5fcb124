//! The fields of the index and what goes into each.
//!
//! What citizens may read and what only agents may are apart, so a citizen's search
//! cannot match, count or correct words by a text that citizens may not read. Every
//! language has its own fields too, so that lengths and frequencies are those of one language.

use tantivy::TantivyDocument;
use tantivy::schema::{FAST, Field, INDEXED, IndexRecordOption, STRING, Schema, TextFieldIndexing, TextOptions};

use crate::analysis::{Word, fold, grams, is_stop_word, split, stem};
use crate::{Audience, Document, Lang, Visibility};

/// What an indexed term is made of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) enum Kind {
    /// Stem of a word of any text.
    Stem,
    /// Stem of a word of the title or of the keywords.
    Title,
    /// Stem of a word of the questions that it answered.
    Asked,
    /// Two stems in a row.
    Pair,
    /// Four letters of a word.
    Gram,
    /// A whole folded word: completes half-typed ones and corrects wrong ones.
    Whole,
}

impl Kind {
    pub const ALL: [Self; 6] = [Self::Stem, Self::Title, Self::Asked, Self::Pair, Self::Gram, Self::Whole];

    const fn name(self) -> &'static str {
        match self {
            Self::Stem => "stem",
            Self::Title => "title",
            Self::Asked => "asked",
            Self::Pair => "pair",
            Self::Gram => "gram",
            Self::Whole => "whole",
        }
    }
}

/// Text by who may read it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Layer {
    /// Title, keywords and public text of public documents.
    Public,
    /// Title, keywords and public text of documents for partners.
    Partners,
    /// Internal texts, and all of internal documents.
    Internal,
}

impl Layer {
    pub const ALL: [Self; 3] = [Self::Public, Self::Partners, Self::Internal];

    /// Where title, keywords and public text of a document are.
    const fn of(visibility: Visibility) -> Self {
        match visibility {
            Visibility::Public => Self::Public,
            Visibility::Partners => Self::Partners,
            Visibility::Internal => Self::Internal,
        }
    }

    const fn name(self) -> &'static str {
        match self {
            Self::Public => "public",
            Self::Partners => "partners",
            Self::Internal => "internal",
        }
    }

    /// Number of a field among the fields of terms.
    pub const fn field(self, lang: Lang, kind: Kind) -> usize {
        (self as usize * Lang::ALL.len() + lang as usize) * Kind::ALL.len() + kind as usize
    }
}

/// Every field of terms, in the order of its number.
pub(crate) fn fields_of_terms() -> impl Iterator<Item = (Layer, Lang, Kind)> {
    Layer::ALL.into_iter().flat_map(|layer| {
        Lang::ALL.into_iter().flat_map(move |lang| Kind::ALL.into_iter().map(move |kind| (layer, lang, kind)))
    })
}

/// One language as one audience may see it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct Shelf {
    pub audience: Audience,
    pub lang: Lang,
}

impl Shelf {
    pub const ALL: [Self; 6] = [
        Self { audience: Audience::Citizen, lang: Lang::It },
        Self { audience: Audience::Citizen, lang: Lang::En },
        Self { audience: Audience::Partner, lang: Lang::It },
        Self { audience: Audience::Partner, lang: Lang::En },
        Self { audience: Audience::Agent, lang: Lang::It },
        Self { audience: Audience::Agent, lang: Lang::En },
    ];

    pub const fn ordinal(self) -> usize {
        self.audience as usize * Lang::ALL.len() + self.lang as usize
    }

    /// The layers of text that its audience may read.
    pub const fn layers(self) -> &'static [Layer] {
        match self.audience {
            Audience::Citizen => &[Layer::Public],
            Audience::Partner => &[Layer::Public, Layer::Partners],
            Audience::Agent => &Layer::ALL,
        }
    }

    /// Numbers of its fields of a kind among the fields of terms.
    pub fn fields(self, kind: Kind) -> impl Iterator<Item = usize> {
        self.layers().iter().map(move |layer| layer.field(self.lang, kind))
    }

    /// Whether the document stands on this shelf.
    pub fn holds(self, lang: Lang, visibility: Visibility) -> bool {
        self.lang == lang && self.layers().contains(&Layer::of(visibility))
    }
}

/// Handles of the index fields.
#[derive(Debug, Clone)]
pub(crate) struct Fields {
    pub schema: Schema,
    pub id: Field,
    pub key: Field,
    lang: Field,
    visibility: Field,
    category: Field,
    /// By number of the field.
    pub terms: Vec<Field>,
}

pub(crate) const ID: &str = "id";
pub(crate) const LANG: &str = "lang";
pub(crate) const VISIBILITY: &str = "visibility";
pub(crate) const CATEGORY: &str = "category";

impl Fields {
    pub fn new() -> Self {
        let mut schema = Schema::builder();
        let id = schema.add_i64_field(ID, INDEXED | FAST);
        let key = schema.add_text_field("key", STRING);
        let lang = schema.add_u64_field(LANG, FAST);
        let visibility = schema.add_u64_field(VISIBILITY, FAST);
        let category = schema.add_u64_field(CATEGORY, FAST);
        // Terms arrive already analysed, parted by spaces.
        let options = TextOptions::default().set_indexing_options(
            TextFieldIndexing::default().set_tokenizer("whitespace").set_index_option(IndexRecordOption::WithFreqs),
        );
        let terms = fields_of_terms()
            .map(|(layer, lang, kind)| {
                let name = format!("{}_{}_{}", layer.name(), lang.code(), kind.name());
                schema.add_text_field(&name, options.clone())
            })
            .collect();
        Self { schema: schema.build(), id, key, lang, visibility, category, terms }
    }

    /// The document as tantivy stores it, analysed by who may read what.
    pub fn document(&self, document: &Document) -> TantivyDocument {
        let mut stored = TantivyDocument::default();
        stored.add_i64(self.id, document.id);
        stored.add_text(self.key, key(document.id, document.lang));
        stored.add_u64(self.lang, document.lang as u64);
        stored.add_u64(self.visibility, document.visibility as u64);
        if let Some(category) = &document.category {
            stored.add_u64(self.category, category_number(category));
        }
        for layer in Layer::ALL {
            let texts = Texts::of(document, layer);
            for kind in Kind::ALL {
                let terms = texts.terms(kind);
                if !terms.is_empty() {
                    stored.add_text(self.terms[layer.field(document.lang, kind)], terms);
                }
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

/// One layer of a document, analysed.
struct Texts {
    /// Title and keywords, then the other texts.
    texts: Vec<Analysed>,
    heads: usize,
    asked: Vec<Analysed>,
}

/// The words of a text, each with its stem when it carries meaning.
struct Analysed(Vec<(String, Option<String>)>);

impl Analysed {
    fn of(text: &str, lang: Lang) -> Self {
        let folded = fold(text);
        let analysed = |word: Word<'_>| {
            let carries = !is_stop_word(word.text, lang);
            (word.text.to_owned(), carries.then(|| stem(word.text, lang)))
        };
        Self(split(&folded, Some(lang)).map(analysed).collect())
    }

    fn stems(&self) -> impl Iterator<Item = &str> {
        self.0.iter().filter_map(|(_, stem)| stem.as_deref())
    }
}

impl Texts {
    fn of(document: &Document, layer: Layer) -> Self {
        let analysed = |text: &String| Analysed::of(text, document.lang);
        let heads = || std::iter::once(&document.title).chain(&document.keywords).map(analysed);
        let (mut texts, mut asked) = (Vec::new(), Vec::new());
        let mut count = 0;
        if Layer::of(document.visibility) == layer {
            texts.extend(heads());
            count = texts.len();
            asked.extend(document.asked.iter().map(analysed));
            texts.push(analysed(&document.public));
        }
        if layer == Layer::Internal {
            texts.push(analysed(&document.internal));
        }
        Self { texts, heads: count, asked }
    }

    /// The terms of a kind, parted by spaces.
    fn terms(&self, kind: Kind) -> String {
        let mut terms = String::new();
        let mut push = |term: &str| {
            if !terms.is_empty() {
                terms.push(' ');
            }
            terms.push_str(term);
        };
        let texts = match kind {
            Kind::Title => &self.texts[..self.heads],
            Kind::Asked => &self.asked,
            Kind::Stem | Kind::Pair | Kind::Gram | Kind::Whole => &self.texts,
        };
        for text in texts {
            match kind {
                Kind::Stem | Kind::Title | Kind::Asked => text.stems().for_each(&mut push),
                Kind::Pair => {
                    text.stems().zip(text.stems().skip(1)).for_each(|(first, second)| push(&pair(first, second)));
                }
                Kind::Gram => {
                    let content = text.0.iter().filter(|(_, stem)| stem.is_some());
                    content.flat_map(|(word, _)| grams(word)).for_each(|gram| push(&gram));
                }
                Kind::Whole => text.0.iter().for_each(|(word, _)| push(word)),
            }
        }
        terms
    }
}

/// The term of two stems in a row.
pub(crate) fn pair(first: &str, second: &str) -> String {
    format!("{first}_{second}")
}
