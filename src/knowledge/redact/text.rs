//! A text cut into words, and its letters and digits without what lies between them.
use std::ops::Range;

use knowledge_base::analysis::fold;
use unicode_normalization::char::is_combining_mark;

/// Most characters between two letters of one number or code: `333 - 123`.
const GAP: usize = 3;

/// A run of letters and digits.
#[derive(Debug, Clone)]
pub(super) struct Word {
    pub range: Range<usize>,
    /// Lower case, without accents.
    pub folded: String,
    /// Whether it begins with a capital letter.
    pub capital: bool,
    /// Whether all its letters are capitals.
    pub upper: bool,
}

impl Word {
    pub fn is_number(&self) -> bool {
        self.folded.bytes().all(|b| b.is_ascii_digit())
    }

    pub fn has_digit(&self) -> bool {
        self.folded.bytes().any(|b| b.is_ascii_digit())
    }
}

/// A letter or digit with its place.
#[derive(Debug, Clone)]
struct Letter {
    folded: char,
    word: usize,
}

/// A text as the finders look at it.
#[derive(Debug)]
pub(super) struct Text<'a> {
    pub source: &'a str,
    pub words: Vec<Word>,
    letters: Vec<Letter>,
}

impl<'a> Text<'a> {
    pub fn read(source: &'a str) -> Self {
        let mut words = Vec::new();
        let mut at = 0;
        while let Some(begin) = source[at..].find(char::is_alphanumeric) {
            let start = at + begin;
            let ends = |c: char| !c.is_alphanumeric() && !is_combining_mark(c);
            at = source[start..].find(ends).map_or(source.len(), |length| start + length);
            let written = &source[start..at];
            words.push(Word {
                range: start..at,
                folded: fold(written),
                capital: written.chars().next().is_some_and(char::is_uppercase),
                upper: written.chars().all(|c| !c.is_lowercase()),
            });
        }
        let letters = words
            .iter()
            .enumerate()
            .flat_map(|(word, w)| w.folded.chars().map(move |folded| Letter { folded, word }))
            .filter(|l| l.folded.is_alphanumeric())
            .collect();
        Self { source, words, letters }
    }

    /// What stands between a word and the next.
    pub fn gap(&self, word: usize) -> &'a str {
        match (self.words.get(word), self.words.get(word + 1)) {
            (Some(this), Some(next)) => &self.source[this.range.end..next.range.start],
            (Some(this), None) => &self.source[this.range.end..],
            _ => "",
        }
    }

    /// Whether so little stands between a word and the next that they may be parts of one number or code.
    pub fn is_close(&self, word: usize) -> bool {
        word + 1 < self.words.len() && self.gap(word).chars().count() <= GAP
    }

    /// Bytes from the begin of a word to the end of another.
    pub fn range(&self, first: usize, last: usize) -> Range<usize> {
        self.words[first].range.start..self.words[last].range.end
    }

    /// The letters and digits of close words from one on, with the last word, for each number of words up to `most`.
    pub fn joined(&self, first: usize, most: usize) -> impl Iterator<Item = (usize, String)> + '_ {
        let mut joined = String::new();
        let mut ended = false;
        (first..self.words.len().min(first + most)).map_while(move |word| {
            if ended {
                return None;
            }
            joined.push_str(&self.words[word].folded);
            ended = !self.is_close(word);
            Some((word, joined.clone()))
        })
    }

    /// Where letters and digits in a row are, whatever stands between them, as whole words.
    pub fn find(&self, compact: &[char]) -> Vec<Range<usize>> {
        let mut found = Vec::new();
        if compact.is_empty() || self.letters.len() < compact.len() {
            return found;
        }
        for window in self.letters.windows(compact.len()) {
            let same = window.iter().zip(compact).all(|(letter, wanted)| letter.folded == *wanted);
            let together = || window.windows(2).all(|two| two[0].word == two[1].word || self.is_close(two[0].word));
            if same && together() {
                found.push(self.range(window[0].word, window[window.len() - 1].word));
            }
        }
        found
    }
}

/// Letters and digits of a text, folded.
pub(super) fn compact(text: &str) -> String {
    fold(text).chars().filter(|c| c.is_alphanumeric()).collect()
}
