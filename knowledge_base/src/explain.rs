use std::fmt;

use crate::index::Index;
use crate::passages::LastWord;
use crate::ranked_word::RankedWord;
use crate::ranking::{Parts, Ranking};
use crate::schema::Shelf;
use crate::search::own_words;
use crate::{Lang, Query, Result};

/// Why a document has its score for a query. Printed, it is a few lines for a person.
#[derive(Debug, Clone, PartialEq)]
pub struct Explanation {
    /// Language of the translation that answers best.
    pub lang: Lang,
    /// The score before any category boost.
    pub score: f32,
    /// How much the passage counts: how well the best document covers it, more for a question.
    pub passage_weight: f32,
    /// Part of the score that words give, anywhere in the document.
    pub words: f32,
    /// Part that the words of title and keywords add.
    pub title: f32,
    /// Part that the questions it answered add.
    pub asked: f32,
    /// Part that words in a row add.
    pub pairs: f32,
    /// Part that pieces of words add.
    pub pieces: f32,
    /// The words of the passage.
    pub passage: Vec<ExplainedWord>,
}

/// A word of the passage that decided the score.
#[derive(Debug, Clone, PartialEq)]
pub struct ExplainedWord {
    /// The folded word.
    pub word: String,
    /// Stems it was looked up by: its own, or those of known words near it.
    pub stems: Vec<String>,
    /// What it adds wherever it is in the document, before scaling; 0 when it is not there.
    pub weight: f32,
}

impl Index {
    /// Why the document `id` has its score for `query` in [`Index::suggest`], and so in [`Index::search`] when no line
    /// is a quote; `None` when it does not match.
    ///
    /// # Errors
    /// When the index files cannot be read.
    pub fn explain(&self, query: &Query, id: i64) -> Result<Option<Explanation>> {
        let snapshot = self.snapshot();
        let text = own_words(&query.text);
        let mut best: Option<Explanation> = None;
        for (document, row) in snapshot.find(id) {
            let shelf = Shelf { audience: query.audience, lang: row.lang };
            if query.lang.is_some_and(|lang| lang != row.lang) || !shelf.holds(row.lang, row.visibility) {
                continue;
            }
            let ranking = Ranking::new(&snapshot, self.means(), shelf, &query.subject, &text, LastWord::Whole)?;
            let Some(parts) = ranking.parts(document) else {
                continue;
            };
            if best.as_ref().is_none_or(|best| parts.score() > best.score) {
                best = Some(explanation(&ranking, &parts, document, row.lang));
            }
        }
        Ok(best)
    }
}

fn explanation(ranking: &Ranking<'_>, parts: &Parts, document: u32, lang: Lang) -> Explanation {
    let explained = |word: &RankedWord| ExplainedWord {
        word: word.text.clone(),
        stems: word.stems.iter().map(|(stem, _)| stem.clone()).collect(),
        weight: word.anywhere.weight_in(document).unwrap_or(0.0),
    };
    Explanation {
        lang,
        score: parts.score(),
        passage_weight: parts.weight,
        words: parts.weight * parts.words,
        title: parts.weight * parts.titles,
        asked: parts.weight * parts.asked,
        pairs: parts.weight * parts.pairs,
        pieces: parts.weight * parts.grams,
        passage: ranking.passage(parts.passage).map(explained).collect(),
    }
}

impl fmt::Display for Explanation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { lang, score, passage_weight, words, title, asked, pairs, pieces, passage } = self;
        writeln!(f, "{score:.3} in {}, passage counts {passage_weight:.2}", lang.code())?;
        writeln!(f, "words {words:.3}, title {title:.3}, asked {asked:.3}, pairs {pairs:.3}, pieces {pieces:.3}")?;
        for word in passage {
            writeln!(f, "  {} ({}) {:.2}", word.word, word.stems.join(", "), word.weight)?;
        }
        Ok(())
    }
}
