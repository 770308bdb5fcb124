//! The part of a document's text that answers, and the words in it that do.

use std::collections::{HashMap, HashSet};
use std::ops::Range;

use crate::analysis::{fold, stem};
use crate::ranking::Ranking;
use crate::{Hit, Lang};

/// A document that answers a query, and what of the query it answers.
#[derive(Debug, Clone)]
pub struct Answer {
    /// The document.
    pub hit: Hit,
    /// What the words of the passage that it answers best add to its score, by stem.
    words: HashMap<String, f32>,
}

/// Where a text answers a query. Ranges are bytes of the text, at the borders of characters.
#[derive(Debug, Clone, PartialEq)]
pub struct Passage {
    /// One or more sentences, or a part of a long one.
    pub range: Range<usize>,
    /// The words within it that answer, ascending.
    pub marks: Vec<Range<usize>>,
    /// How much of the query it answers: texts of one document can be compared by it.
    pub weight: f32,
}

impl Answer {
    pub(crate) fn new(hit: Hit, ranking: &Ranking<'_>, document: u32) -> Self {
        let mut words = HashMap::new();
        if let Some(parts) = ranking.parts(document) {
            for word in ranking.passage(parts.passage) {
                for (stem, weight) in &word.stems {
                    words.insert(stem.clone(), weight * word.idf);
                }
                if word.stems.is_empty() && !word.anywhere.entries.is_empty() {
                    words.insert(word.text.clone(), word.idf);
                }
            }
        }
        Self { hit, words }
    }

    /// The part of `text`, of about `most` bytes at most, that answers best; `None` when no word of it does.
    ///
    /// The text is the caller's, so that nobody is shown what they may not read.
    pub fn passage(&self, text: &str, most: usize) -> Option<Passage> {
        let words: Vec<Found> = runs(text).filter_map(|range| self.find(text, range)).collect();
        let parts = parts(text, most.max(1));
        let mut best: Option<Passage> = None;
        for (first, begin) in parts.iter().enumerate() {
            let mut seen = HashSet::new();
            let mut weight = 0.0;
            for (count, end) in parts[first..].iter().enumerate() {
                if count > 0 && end.end - begin.start > most {
                    break;
                }
                let within = words.iter().filter(|word| end.start <= word.range.start && word.range.end <= end.end);
                weight += within.filter(|word| seen.insert(&word.term)).map(|word| word.weight).sum::<f32>();
                if weight <= 0.0 {
                    // A passage begins with what answers.
                    break;
                }
                // What answers no more is not shown, and the first of equals is.
                if weight > best.as_ref().map_or(0.0, |best| best.weight) {
                    best = Some(Passage { range: begin.start..end.end, marks: Vec::new(), weight });
                }
            }
        }
        let best = best?;
        let marks = words.into_iter().map(|word| word.range);
        let marks = marks.filter(|mark| best.range.start <= mark.start && mark.end <= best.range.end).collect();
        Some(Passage { marks, ..best })
    }

    /// Whether a word of a text is one of those that answer.
    fn find(&self, text: &str, range: Range<usize>) -> Option<Found> {
        if self.hit.lang == Lang::It && is_elided(&text[range.end..]) {
            return None;
        }
        let folded = fold(&text[range.clone()]);
        let stemmed = stem(&folded, self.hit.lang);
        let known = |term: String| self.words.get(&term).map(|weight| (term, *weight));
        let (term, weight) = known(stemmed).or_else(|| known(folded))?;
        Some(Found { range, term, weight })
    }
}

/// Whether a word is joined by its apostrophe to what follows, and says nothing by itself then.
fn is_elided(rest: &str) -> bool {
    rest.strip_prefix(['\'', '\u{2019}']).is_some_and(|next| next.starts_with(char::is_alphanumeric))
}

struct Found {
    range: Range<usize>,
    term: String,
    weight: f32,
}

/// Runs of letters and digits with the marks combined with them.
fn runs(text: &str) -> impl Iterator<Item = Range<usize>> {
    let mut at = 0;
    std::iter::from_fn(move || {
        let start = at + text[at..].find(char::is_alphanumeric)?;
        let ends = |c: char| !c.is_alphanumeric() && !unicode_normalization::char::is_combining_mark(c);
        at = text[start..].find(ends).map_or(text.len(), |length| start + length);
        Some(start..at)
    })
}

/// Sentences and lines without the space around them, those longer than `most` bytes cut between words.
fn parts(text: &str, most: usize) -> Vec<Range<usize>> {
    let mut parts = Vec::new();
    let mut start = 0;
    let mut before = ' ';
    for (at, c) in text.char_indices() {
        let sentence = c.is_whitespace() && matches!(before, '.' | '!' | '?' | ';');
        if c == '\n' || sentence {
            cut(text, start..at, most, &mut parts);
            start = at;
        }
        before = c;
    }
    cut(text, start..text.len(), most, &mut parts);
    parts
}

fn cut(text: &str, range: Range<usize>, most: usize, parts: &mut Vec<Range<usize>>) {
    let mut rest = trimmed(text, range);
    while rest.len() > most {
        let limit = text.floor_char_boundary(rest.start + most);
        let space = text[rest.start..limit].rfind(char::is_whitespace).filter(|space| *space > 0);
        // A run without a space is longer than a passage: it is cut within.
        let first = text[rest.start..].chars().next().map_or(1, char::len_utf8);
        let at = space.map_or(limit.max(rest.start + first), |space| rest.start + space);
        parts.push(trimmed(text, rest.start..at));
        rest = trimmed(text, at..rest.end);
    }
    if !rest.is_empty() {
        parts.push(rest);
    }
}

fn trimmed(text: &str, range: Range<usize>) -> Range<usize> {
    let part = &text[range.clone()];
    let start = range.start + part.len() - part.trim_start().len();
    start..start + part.trim().len()
}

/// How a query's text is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reading {
    /// A whole message, as [`Index::suggest`](crate::Index::suggest) reads it.
    Message,
    /// Words, as [`Index::search`](crate::Index::search) does.
    Words,
    /// Words of which the last may be half-typed, as [`Index::typeahead`](crate::Index::typeahead) does.
    HalfTyped,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(words: &[(&str, f32)]) -> Answer {
        let words = words.iter().map(|(word, weight)| (stem(word, Lang::It), *weight)).collect();
        Answer { hit: Hit { id: 1, lang: Lang::It, score: 1.0 }, words }
    }

    fn shown(answer: &Answer, text: &str, most: usize) -> Option<(String, Vec<String>)> {
        let found = answer.passage(text, most)?;
        Some((text[found.range].to_owned(), found.marks.into_iter().map(|mark| text[mark].to_owned()).collect()))
    }

    #[test]
    fn the_sentence_that_answers_is_shown_and_its_words_are_marked() {
        let text = "L'ufficio è aperto. La CARTA d'identità si rinnova ogni dieci anni. Costa 22 euro.";
        let (passage, marks) = shown(&answer(&[("identita", 4.0), ("rinnovare", 3.0)]), text, 60).unwrap();
        assert_eq!(passage, "La CARTA d'identità si rinnova ogni dieci anni.");
        assert_eq!(marks, ["identità", "rinnova"]);
    }

    #[test]
    fn neighbouring_sentences_are_shown_together_when_both_answer_and_both_fit() {
        let text = "Serve una marca. La marca costa sedici euro. Altro.";
        let (passage, _) = shown(&answer(&[("serve", 2.0), ("euro", 2.0)]), text, 60).unwrap();
        assert_eq!(passage, "Serve una marca. La marca costa sedici euro.");
        let (passage, _) = shown(&answer(&[("serve", 2.0), ("euro", 3.0)]), text, 30).unwrap();
        assert_eq!(passage, "La marca costa sedici euro.");
    }

    #[test]
    fn a_passage_begins_with_what_answers_and_elided_letters_are_no_answer() {
        let text = "Prima vieni qui. Poi la carta d'identità costa 22 euro.";
        let (passage, marks) = shown(&answer(&[("carta", 2.0), ("d", 1.0)]), text, 90).unwrap();
        assert_eq!(
            (passage.as_str(), marks.as_slice()),
            ("Poi la carta d'identità costa 22 euro.", &["carta".to_owned()][..])
        );
    }

    #[test]
    fn a_text_without_the_words_has_no_passage() {
        assert_eq!(shown(&answer(&[("patente", 1.0)]), "La carta.", 60), None);
        assert_eq!(shown(&answer(&[]), "", 60), None);
    }

    proptest::proptest! {
        #[test]
        fn any_text_can_be_cut(text: String, most in 0..40_usize) {
            let words: Vec<(String, f32)> = runs(&text).map(|range| (fold(&text[range]), 1.0)).collect();
            let words: Vec<(&str, f32)> = words.iter().map(|(word, weight)| (word.as_str(), *weight)).collect();
            if let Some(found) = answer(&words).passage(&text, most) {
                proptest::prop_assert!(found.marks.iter().all(|m| !text[m.clone()].is_empty()));
                proptest::prop_assert!(!text[found.range].is_empty());
            }
        }
    }
}
