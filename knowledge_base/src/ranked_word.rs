//! A word of a text with the documents that it leads to.

use crate::analysis::{grams, is_stop_word, stem};
use crate::schema::{Kind, Shelf};
use crate::snapshot::{Postings, Snapshot, Term, Wanted, union};
use crate::{Means, Result};

/// Unknown words of a text that are corrected.
const MOST_CORRECTED: usize = 24;

/// A word of a text as an index knows it.
pub(crate) struct RankedWord {
    /// The folded word.
    pub text: String,
    /// Stems it was looked up by, each with its weight.
    pub stems: Vec<(String, f32)>,
    /// How rare it is; 0 for an unknown word.
    pub idf: f32,
    /// Where it is anywhere in a document, in its head, in the questions it answered.
    pub anywhere: Postings,
    pub title: Postings,
    pub asked: Postings,
    /// What it adds to a document by all three.
    pub together: Vec<(u32, f32)>,
    /// How much of a passage's meaning it is.
    pub mass: f32,
    pub grams: Vec<String>,
    /// Its terms, as far as they were not read for every document.
    terms: Option<[Term; 3]>,
}

/// Looks up the words of one text.
pub(crate) struct Reader<'a> {
    pub snapshot: &'a Snapshot,
    pub means: &'a Means,
    pub shelf: Shelf,
    /// Unknown words that were corrected so far.
    pub corrected: usize,
}

impl Reader<'_> {
    /// Finds the terms of a word; its documents are not read yet.
    pub fn find(&mut self, word: &str, only_stop_words: bool, half_typed: bool) -> Result<RankedWord> {
        let Self { snapshot, shelf, .. } = *self;
        let text = word.to_owned();
        if only_stop_words && !half_typed {
            let anywhere = snapshot.term(shelf, Kind::Whole, &[(text.clone(), 1.0)])?;
            return Ok(RankedWord::new(text, Vec::new(), Vec::new(), [anywhere, Term::none(), Term::none()]));
        }
        let whole = stem(word, shelf.lang);
        let mut stems = Vec::new();
        if snapshot.has(shelf, Kind::Stem, &whole)? {
            stems.push((whole.clone(), 1.0));
        }
        if half_typed {
            for completion in snapshot.completions(shelf, word) {
                push_stem(&mut stems, stem(completion, shelf.lang), 1.0);
            }
        }
        if stems.is_empty() && self.corrected < MOST_CORRECTED {
            self.corrected += 1;
            for correction in snapshot.corrections(shelf, word) {
                if is_stop_word(&correction.word, shelf.lang) {
                    break;
                }
                let weight = self.means.corrected[usize::from(correction.edits > 1)];
                if weight > 0.0 {
                    push_stem(&mut stems, stem(&correction.word, shelf.lang), weight);
                }
            }
        }
        let anywhere = snapshot.term(shelf, Kind::Stem, &stems)?;
        let title = snapshot.term(shelf, Kind::Title, &stems)?;
        // Citizens' words that no sheet has are found by the questions alone.
        let mut questions = stems.clone();
        push_stem(&mut questions, whole, 1.0);
        let asked = snapshot.term(shelf, Kind::Asked, &questions)?;
        // The end of a half-typed word is not an end.
        let mut pieces = grams(word);
        if half_typed && pieces.len() > 1 {
            pieces.pop();
        }
        let mut found = RankedWord::new(text, stems, pieces, [anywhere, title, asked]);
        if found.idf == 0.0 {
            found.mass = snapshot.rarest(shelf);
        }
        Ok(found)
    }

    /// Reads the documents of a word: all of them, or of those `wanted`, for a word that was not read yet.
    pub fn read(&self, word: &mut RankedWord, wanted: Option<&Wanted>) -> Result<()> {
        let Some([anywhere, title, asked]) = &word.terms else { return Ok(()) };
        let (snapshot, means) = (self.snapshot, self.means);
        let read = |term: &Term, idf: f32, used: bool| match used {
            true => snapshot.read(term, idf, wanted),
            false => Ok(Postings::default()),
        };
        word.anywhere = read(anywhere, word.idf, true)?;
        word.title = read(title, title.idf(), means.title > 0.0)?;
        // A word of all questions, such as a greeting, may be rare in the texts, and one of all texts in the questions.
        let rarity = asked.idf_among(snapshot.questioned(self.shelf));
        let rarity = if word.idf > 0.0 { rarity.min(word.idf) } else { rarity };
        word.asked = read(asked, rarity, means.asked > 0.0)?;
        word.together = union(&word.anywhere.entries, &word.title.entries, means.title, |text, title| text + title);
        if !word.asked.entries.is_empty() {
            // A document that has the word itself is not helped by questions that repeat it.
            word.together = union(&word.together, &word.asked.entries, means.asked, f32::max);
        }
        if wanted.is_none() {
            word.terms = None;
        }
        Ok(())
    }
}

impl RankedWord {
    fn new(text: String, stems: Vec<(String, f32)>, grams: Vec<String>, terms: [Term; 3]) -> Self {
        let idf = if terms[0].frequency > 0 { terms[0].idf() } else { 0.0 };
        let (anywhere, title, asked) = Default::default();
        let together = Vec::new();
        Self { text, stems, idf, anywhere, title, asked, together, mass: idf, grams, terms: Some(terms) }
    }

    /// Documents that have it, while it was not read for all.
    pub fn frequency(&self) -> usize {
        self.terms.as_ref().map_or(0, |terms| terms[0].frequency)
    }

    /// Whether its documents are still to be read, at least for some documents.
    pub fn is_unread(&self) -> bool {
        self.terms.is_some()
    }
}

fn push_stem(stems: &mut Vec<(String, f32)>, stem: String, weight: f32) {
    if !stems.iter().any(|(known, _)| *known == stem) {
        stems.push((stem, weight));
    }
}
