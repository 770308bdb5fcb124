//! How well each document answers the best passage of a text.

use std::collections::HashMap;

use crate::Result;
use crate::analysis::{grams, is_stop_word, stem};
use crate::passages::{LastWord, Passage, Passages};
use crate::schema::{Kind, Shelf, pair};
use crate::snapshot::{Postings, Snapshot};

/// Weight of a title against the whole text.
const TITLE: f32 = 0.5;
/// Weight of two words in a row.
const PAIR: f32 = 0.25;
/// Weight of the pieces of words beside the words, both out of their best.
const GRAM: f32 = 0.7;
/// What a passage counts for when it asks something.
const QUESTION: f32 = 2.0;
/// Sum of idf at which what a document covers of a passage counts half: one rare
/// word in common, as greetings and signatures have with something, is little.
const EVIDENCE: f32 = 20.0;
/// Weight of a known word in place of an unknown one, after one edit and after two.
const CORRECTED: [f32; 2] = [0.8, 0.5];
/// Unknown words of a text that are corrected.
const MOST_CORRECTED: usize = 24;
/// Passages that are looked at letter by letter.
const MOST_PASSAGES: usize = 8;

/// The words of a text as the index of one shelf knows them.
pub(crate) struct Ranking<'a> {
    snapshot: &'a Snapshot,
    pub words: Vec<RankedWord>,
    passages: Vec<WeighedPassage>,
    pairs: HashMap<(usize, usize), Postings>,
    grams: HashMap<String, Postings>,
    /// Score of each document.
    best: Vec<f32>,
}

/// A word of the text with the documents it leads to.
pub(crate) struct RankedWord {
    pub text: String,
    /// Stems it was looked up by, each with its weight.
    pub stems: Vec<(String, f32)>,
    pub anywhere: Postings,
    pub title: Postings,
    /// How much of a passage's meaning it is.
    mass: f32,
    grams: Vec<String>,
}

struct WeighedPassage {
    words: Vec<usize>,
    /// How much an answer to this passage counts, from 0 to `QUESTION`.
    weight: f32,
    /// Best score of a document by words, and by their pieces.
    best: (f32, f32),
}

/// Why a document has its score.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Parts {
    pub passage: usize,
    pub weight: f32,
    pub words: f32,
    pub titles: f32,
    pub pairs: f32,
    pub grams: f32,
}

impl Parts {
    pub fn score(&self) -> f32 {
        self.weight * (self.words + self.titles + self.pairs + self.grams)
    }
}

impl<'a> Ranking<'a> {
    pub fn new(snapshot: &'a Snapshot, shelf: Shelf, text: &str, last: LastWord) -> Result<Self> {
        let text = Passages::of(text, shelf.lang, last);
        let mut words = Vec::with_capacity(text.words.len());
        let mut corrected = 0;
        for (number, word) in text.words.iter().enumerate() {
            let half_typed = text.half_typed == Some(number);
            words.push(RankedWord::look_up(snapshot, shelf, word, text.only_stop_words, half_typed, &mut corrected)?);
        }
        let mut ranking = Self {
            snapshot,
            words,
            passages: Vec::new(),
            pairs: HashMap::new(),
            grams: HashMap::new(),
            best: Vec::new(),
        };
        ranking.read_pairs(shelf, &text.list)?;
        ranking.weigh(&text.list);
        ranking.score(shelf)?;
        Ok(ranking)
    }

    fn read_pairs(&mut self, shelf: Shelf, passages: &[Passage]) -> Result<()> {
        for passage in passages {
            for two in passage.words.windows(2) {
                let (first, second) = (two[0], two[1]);
                if self.pairs.contains_key(&(first, second)) {
                    continue;
                }
                let (Some(a), Some(b)) = (self.words[first].stems.first(), self.words[second].stems.first()) else {
                    continue;
                };
                let term = (pair(&a.0, &b.0), a.1 * b.1);
                let postings = self.snapshot.postings(shelf, Kind::Pair, &[term])?;
                self.pairs.insert((first, second), postings);
            }
        }
        Ok(())
    }

    /// Keeps the passages that some document covers best. The best document of the weightiest passage has at
    /// least the part of its weight that words give, so a passage below that cannot have the best answer.
    fn weigh(&mut self, passages: &[Passage]) {
        let mut scores = vec![0.0; self.snapshot.documents()];
        let mut covered = vec![0.0; self.snapshot.documents()];
        for passage in passages {
            self.add_words(&passage.words, &mut scores);
            let mut mass = 0.0;
            for number in distinct(&passage.words) {
                let word = &self.words[number];
                mass += word.mass;
                for (document, _) in &word.anywhere.entries {
                    covered[*document as usize] += word.anywhere.idf;
                }
            }
            let most = take_highest(&mut covered);
            let best = take_highest(&mut scores);
            if best > 0.0 && mass > 0.0 {
                let share = (most / mass).min(1.0);
                let asking = if passage.question { QUESTION } else { 1.0 };
                let weight = asking * share.sqrt() * most / (most + EVIDENCE);
                self.passages.push(WeighedPassage { words: passage.words.clone(), weight, best: (best, 0.0) });
            }
        }
        self.passages.sort_by(|a, b| b.weight.total_cmp(&a.weight));
        self.passages.truncate(MOST_PASSAGES);
        let enough = self.passages.first().map_or(0.0, |passage| passage.weight / (1.0 + GRAM));
        self.passages.retain(|passage| passage.weight >= enough);
    }

    /// Scores every document by the passages, words and pieces together.
    fn score(&mut self, shelf: Shelf) -> Result<()> {
        let mut by_words = vec![0.0_f32; self.snapshot.documents()];
        let mut by_grams = by_words.clone();
        self.best = by_words.clone();
        for n in 0..self.passages.len() {
            for number in distinct(&self.passages[n].words) {
                for gram in &self.words[number].grams {
                    if !self.grams.contains_key(gram) {
                        let postings = self.snapshot.postings(shelf, Kind::Gram, &[(gram.clone(), 1.0)])?;
                        self.grams.insert(gram.clone(), postings);
                    }
                }
            }
            self.add_words(&self.passages[n].words, &mut by_words);
            self.add_grams(&self.passages[n].words, &mut by_grams);
            self.passages[n].best.1 = by_grams.iter().copied().fold(0.0, f32::max);
            let (words, grams) = self.passages[n].scales();
            for ((best, by_words), by_grams) in self.best.iter_mut().zip(&mut by_words).zip(&mut by_grams) {
                *best = best.max(words * std::mem::take(by_words) + grams * std::mem::take(by_grams));
            }
        }
        Ok(())
    }

    fn add_words(&self, words: &[usize], scores: &mut [f32]) {
        for number in distinct(words) {
            add(&self.words[number].anywhere, 1.0, scores);
            add(&self.words[number].title, TITLE, scores);
        }
        for postings in self.pairs_of(words) {
            add(postings, PAIR, scores);
        }
    }

    fn add_grams(&self, words: &[usize], scores: &mut [f32]) {
        for postings in self.grams_of(words) {
            add(postings, 1.0, scores);
        }
    }

    fn pairs_of(&self, words: &[usize]) -> impl Iterator<Item = &Postings> {
        words.windows(2).filter_map(|two| self.pairs.get(&(two[0], two[1])))
    }

    fn grams_of(&self, words: &[usize]) -> impl Iterator<Item = &Postings> {
        let mut pieces: Vec<&String> =
            distinct(words).into_iter().flat_map(|number| &self.words[number].grams).collect();
        pieces.sort_unstable();
        pieces.dedup();
        pieces.into_iter().filter_map(|gram| self.grams.get(gram))
    }

    /// Score of each document that any passage leads to.
    pub fn scores(&self) -> impl Iterator<Item = (u32, f32)> {
        (0..).zip(self.best.iter().copied()).filter(|(_, score)| *score > 0.0)
    }

    /// The parts of one document's score, in the passage it answers best.
    pub fn parts(&self, document: u32) -> Option<Parts> {
        let of = |postings: &Postings| postings.weight_in(document).unwrap_or(0.0);
        let parts = self.passages.iter().enumerate().map(|(number, passage)| {
            let words = distinct(&passage.words);
            let by_words: f32 = words.iter().map(|n| of(&self.words[*n].anywhere)).sum();
            let by_titles: f32 = words.iter().map(|n| of(&self.words[*n].title)).sum();
            let by_pairs: f32 = self.pairs_of(&passage.words).map(of).sum();
            let by_grams: f32 = self.grams_of(&passage.words).map(of).sum();
            let (words, grams) = passage.scales();
            let scale = words / passage.weight;
            Parts {
                passage: number,
                weight: passage.weight,
                words: by_words * scale,
                titles: by_titles * TITLE * scale,
                pairs: by_pairs * PAIR * scale,
                grams: by_grams * grams / passage.weight,
            }
        });
        parts.max_by(|a, b| a.score().total_cmp(&b.score())).filter(|parts| parts.score() > 0.0)
    }

    /// The words of a passage that `Parts` names.
    pub fn passage(&self, number: usize) -> impl Iterator<Item = &RankedWord> {
        distinct(&self.passages[number].words).into_iter().map(|word| &self.words[word])
    }
}

impl WeighedPassage {
    /// What a document's sums by words and by pieces are multiplied by.
    fn scales(&self) -> (f32, f32) {
        let whole = self.weight / (1.0 + GRAM);
        let grams = if self.best.1 > 0.0 { whole * GRAM / self.best.1 } else { 0.0 };
        (whole / self.best.0, grams)
    }
}

impl RankedWord {
    fn look_up(
        snapshot: &Snapshot,
        shelf: Shelf,
        word: &str,
        only_stop_words: bool,
        half_typed: bool,
        corrected: &mut usize,
    ) -> Result<Self> {
        let lang = shelf.lang;
        let text = word.to_owned();
        let mut stems = Vec::new();
        if only_stop_words && !half_typed {
            let anywhere = snapshot.postings(shelf, Kind::Whole, &[(text.clone(), 1.0)])?;
            let mass = anywhere.idf;
            return Ok(Self { text, stems, anywhere, title: Postings::default(), mass, grams: Vec::new() });
        }
        let whole = stem(word, lang);
        if snapshot.has(shelf, Kind::Stem, &whole)? {
            stems.push((whole, 1.0));
        }
        if half_typed {
            for completion in snapshot.completions(shelf, word)? {
                push_stem(&mut stems, stem(&completion, lang), 1.0);
            }
        }
        if stems.is_empty() && *corrected < MOST_CORRECTED {
            *corrected += 1;
            for correction in snapshot.corrections(shelf, word) {
                if is_stop_word(&correction.word, lang) {
                    break;
                }
                push_stem(&mut stems, stem(&correction.word, lang), CORRECTED[usize::from(correction.edits > 1)]);
            }
        }
        let anywhere = snapshot.postings(shelf, Kind::Stem, &stems)?;
        let title = snapshot.postings(shelf, Kind::Title, &stems)?;
        let mass = if anywhere.entries.is_empty() { snapshot.rarest(shelf, Kind::Stem) } else { anywhere.idf };
        // The end of a half-typed word is not an end.
        let mut pieces = grams(word);
        if half_typed && pieces.len() > 1 {
            pieces.pop();
        }
        Ok(Self { text, stems, anywhere, title, mass, grams: pieces })
    }
}

fn push_stem(stems: &mut Vec<(String, f32)>, stem: String, weight: f32) {
    if !stems.iter().any(|(known, _)| *known == stem) {
        stems.push((stem, weight));
    }
}

fn distinct(words: &[usize]) -> Vec<usize> {
    let mut distinct = words.to_vec();
    distinct.sort_unstable();
    distinct.dedup();
    distinct
}

fn add(postings: &Postings, weight: f32, scores: &mut [f32]) {
    for (document, score) in &postings.entries {
        scores[*document as usize] += weight * score;
    }
}

/// The highest of `values`, which are all made zero.
fn take_highest(values: &mut [f32]) -> f32 {
    values.iter_mut().fold(0.0, |highest, value| highest.max(std::mem::take(value)))
}
