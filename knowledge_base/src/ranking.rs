//! How well each document answers the best passage of a text.

use std::collections::HashMap;

use crate::passages::{LastWord, Passage, Passages};
use crate::ranked_word::{RankedWord, Reader};
use crate::schema::{Kind, Shelf, pair};
use crate::snapshot::{Postings, Snapshot, Term, Wanted};
use crate::sums::{Window, add, take_best};
use crate::{Means, Result};

/// Passages that are looked at letter by letter.
const MOST_PASSAGES: usize = 3;
/// Documents of a passage that are compared in full: the best by words and the best by rare pieces.
const CANDIDATES: usize = 300;
/// Documents of a passage that its frequent words are read for, the best by the others.
const RUNNERS: usize = 1200;
/// The most of the best score that a document may have and be no candidate.
const FAINT: f32 = 0.3;
/// The part of a passage's meaning that is looked for in every document, at least. What is left are frequent words.
const READ_WHOLE: f32 = 0.85;
/// In so few documents every piece of a word counts.
const FEW: usize = 10;
/// Documents of rare pieces that are looked at beyond the candidates by words.
const RARE_PIECES: usize = 10_000;

/// The words of a text as the index of one shelf knows them.
pub(crate) struct Ranking<'a> {
    reader: Reader<'a>,
    words: Vec<RankedWord>,
    passages: Vec<WeighedPassage>,
    pairs: HashMap<(usize, usize), Postings>,
    grams: HashMap<String, Postings>,
    /// Score of each document that was compared.
    best: Vec<(u32, f32)>,
}

struct WeighedPassage {
    words: Vec<usize>,
    /// How much an answer to this passage counts.
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
    pub asked: f32,
    pub pairs: f32,
    pub grams: f32,
}

impl Parts {
    pub fn score(&self) -> f32 {
        self.weight * (self.words + self.titles + self.asked + self.pairs + self.grams)
    }
}

impl<'a> Ranking<'a> {
    pub fn new(
        snapshot: &'a Snapshot,
        means: &'a Means,
        shelf: Shelf,
        subject: &str,
        text: &str,
        last: LastWord,
    ) -> Result<Self> {
        let text = Passages::of(subject, text, shelf.lang, last, means.passages);
        let mut reader = Reader { snapshot, means, shelf, corrected: 0 };
        let mut words = Vec::with_capacity(text.words.len());
        for (number, word) in text.words.iter().enumerate() {
            words.push(reader.find(word, text.only_stop_words, text.half_typed == Some(number))?);
        }
        let (passages, pairs, grams, best) = Default::default();
        let mut ranking = Self { reader, words, passages, pairs, grams, best };
        ranking.read_words(&text.list)?;
        ranking.read_pairs(&text.list)?;
        ranking.weigh(&text.list);
        let mut scores = vec![0.0; snapshot.documents()];
        ranking.read_frequent(&mut scores)?;
        let candidates = ranking.candidates(&mut scores)?;
        ranking.score(&candidates, &mut scores);
        Ok(ranking)
    }

    /// Reads the documents of the words, frequent ones only where a passage has little else: they say little, and are
    /// read later for the documents that the others lead to.
    fn read_words(&mut self, passages: &[Passage]) -> Result<()> {
        let mut whole: Vec<bool> =
            self.words.iter().map(|word| !self.reader.snapshot.is_frequent(word.frequency())).collect();
        for passage in passages {
            let mut words = distinct(&passage.words);
            words.sort_by_key(|number| self.words[*number].frequency());
            let all: f32 = words.iter().map(|number| self.words[*number].idf).sum();
            let mut read = 0.0;
            for number in words {
                whole[number] |= read < all * READ_WHOLE;
                read += if whole[number] { self.words[number].idf } else { 0.0 };
            }
        }
        for (word, _) in self.words.iter_mut().zip(whole).filter(|(_, whole)| *whole) {
            self.reader.read(word, None)?;
        }
        Ok(())
    }

    fn read_pairs(&mut self, passages: &[Passage]) -> Result<()> {
        if self.reader.means.pair == 0.0 {
            return Ok(());
        }
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
                let term = self.reader.snapshot.term(self.reader.shelf, Kind::Pair, &[term])?;
                self.pairs.insert((first, second), self.reader.snapshot.read(&term, term.idf(), None)?);
            }
        }
        Ok(())
    }

    /// Keeps the passages that some document answers best. The best document of the weightiest passage has at
    /// least the part of its weight that words give, so a passage below that cannot have the best answer.
    fn weigh(&mut self, passages: &[Passage]) {
        let means = self.reader.means;
        let mut window = Window::new(self.reader.snapshot.documents(), &self.words, &self.pairs, means.pair, passages);
        for passage in passages {
            let best = window.best(&passage.words);
            let mass: f32 = distinct(&passage.words).iter().map(|number| self.mass(*number)).sum();
            if best > 0.0 && mass > 0.0 {
                let asking = if passage.asks { means.asking } else { 1.0 };
                let weight = asking * (best / mass).powf(means.fit) * best / (best + means.evidence);
                self.passages.push(WeighedPassage { words: passage.words.clone(), weight, best: (best, 0.0) });
            }
        }
        self.passages.sort_by(|a, b| b.weight.total_cmp(&a.weight));
        self.passages.truncate(MOST_PASSAGES);
        let enough = self.passages.first().map_or(0.0, |passage| passage.weight / (1.0 + means.pieces));
        self.passages.retain(|passage| passage.weight >= enough);
    }

    /// What a word is of its passage's meaning, as far as it decides what the passage weighs.
    fn mass(&self, number: usize) -> f32 {
        let word = &self.words[number];
        if word.is_unread() { 0.0 } else { word.mass }
    }

    /// Reads the frequent words of the passages for the documents that may be candidates.
    fn read_frequent(&mut self, scores: &mut [f32]) -> Result<()> {
        let mut runners = Vec::new();
        for passage in &self.passages {
            if passage.words.iter().any(|number| self.words[*number].is_unread()) {
                self.add_words(&passage.words, scores);
                take_best(scores, RUNNERS, self.faint(), &mut runners);
            }
        }
        self.read_for(&Wanted::new(runners, scores.len()))
    }

    fn read_for(&mut self, wanted: &Wanted) -> Result<()> {
        let numbers: Vec<usize> = self.passages.iter().flat_map(|passage| passage.words.iter().copied()).collect();
        for number in distinct(&numbers) {
            self.reader.read(&mut self.words[number], Some(wanted))?;
        }
        Ok(())
    }

    /// Among more documents than are compared, those with less of the best score are no candidates. Beside the best
    /// by words, which has all of one part, they could not come first with all of the other.
    fn faint(&self) -> f32 {
        FAINT.min(1.0 - self.reader.means.pieces).max(0.0)
    }

    /// The documents worth comparing in full, ascending. Reads the pieces of the words: rare ones whole, so that
    /// they lead to documents that no word does, the others only for those documents.
    fn candidates(&mut self, scores: &mut [f32]) -> Result<Vec<u32>> {
        let Reader { snapshot, means, shelf, .. } = self.reader;
        let mut terms: HashMap<String, Term> = HashMap::new();
        let mut grams: HashMap<String, Postings> = HashMap::new();
        let mut chosen = Vec::new();
        let common = FEW.max((means.common_piece * scores.len() as f32) as usize);
        for passage in &self.passages {
            self.add_words(&passage.words, scores);
            take_best(scores, CANDIDATES, self.faint(), &mut chosen);
            if means.pieces == 0.0 {
                continue;
            }
            let mut pieces = self.pieces(&passage.words);
            for piece in &pieces {
                if !terms.contains_key(*piece) {
                    let term = snapshot.term(shelf, Kind::Gram, &[((*piece).clone(), 1.0)])?;
                    terms.insert((*piece).clone(), term);
                }
            }
            pieces.retain(|piece| terms[*piece].frequency <= common);
            let frequency = |piece: &String| terms.get(piece).map_or(0, |term| term.frequency);
            pieces.sort_by_key(|piece| frequency(piece));
            let mut read = 0;
            let rare = pieces.iter().take_while(|piece| {
                read += frequency(piece);
                read <= RARE_PIECES
            });
            for piece in rare {
                if !grams.contains_key(*piece) {
                    let term = &terms[*piece];
                    grams.insert((*piece).clone(), snapshot.read(term, term.idf(), None)?);
                }
                add(&grams[*piece].entries, 1.0, scores);
            }
            take_best(scores, CANDIDATES, self.faint(), &mut chosen);
        }
        let wanted = Wanted::new(chosen, scores.len());
        for (piece, term) in terms {
            if term.frequency <= common && !grams.contains_key(&piece) {
                grams.insert(piece, snapshot.read(&term, term.idf(), Some(&wanted))?);
            }
        }
        self.grams = grams;
        self.read_for(&wanted)?;
        Ok(wanted.into_list())
    }

    /// Scores the candidates by the passages, words and pieces together.
    fn score(&mut self, candidates: &[u32], scores: &mut [f32]) {
        let mut best = vec![0.0_f32; candidates.len()];
        let highest = |found: &[f32]| found.iter().copied().fold(0.0, f32::max);
        for n in 0..self.passages.len() {
            let passage = &self.passages[n];
            self.add_words(&passage.words, scores);
            let by_words: Vec<f32> = candidates.iter().map(|document| scores[*document as usize]).collect();
            scores.fill(0.0);
            for postings in self.grams_of(&passage.words) {
                add(&postings.entries, 1.0, scores);
            }
            let by_grams: Vec<f32> = candidates.iter().map(|document| scores[*document as usize]).collect();
            scores.fill(0.0);
            self.passages[n].best = (highest(&by_words), highest(&by_grams));
            let (words, grams) = self.passages[n].scales(self.reader.means);
            for ((best, by_words), by_grams) in best.iter_mut().zip(by_words).zip(by_grams) {
                *best = best.max(words * by_words + grams * by_grams);
            }
        }
        self.best = candidates.iter().copied().zip(best).collect();
    }

    fn add_words(&self, words: &[usize], scores: &mut [f32]) {
        for number in distinct(words) {
            add(&self.words[number].together, 1.0, scores);
        }
        for postings in self.pairs_of(words) {
            add(&postings.entries, self.reader.means.pair, scores);
        }
    }

    fn pairs_of(&self, words: &[usize]) -> impl Iterator<Item = &Postings> {
        words.windows(2).filter_map(|two| self.pairs.get(&(two[0], two[1])))
    }

    fn pieces(&self, words: &[usize]) -> Vec<&String> {
        let mut pieces: Vec<&String> =
            distinct(words).into_iter().flat_map(|number| &self.words[number].grams).collect();
        pieces.sort_unstable();
        pieces.dedup();
        pieces
    }

    fn grams_of(&self, words: &[usize]) -> impl Iterator<Item = &Postings> {
        self.pieces(words).into_iter().filter_map(|gram| self.grams.get(gram))
    }

    /// Score of each document that any passage leads to.
    pub fn scores(&self) -> impl Iterator<Item = (u32, f32)> {
        self.best.iter().copied().filter(|(_, score)| *score > 0.0)
    }

    /// The parts of one document's score, in the passage it answers best.
    pub fn parts(&self, document: u32) -> Option<Parts> {
        let of = |postings: &Postings| postings.weight_in(document).unwrap_or(0.0);
        let means = self.reader.means;
        let asked = |word: &&RankedWord| {
            (of(&word.asked) * means.asked - of(&word.anywhere) - of(&word.title) * means.title).max(0.0)
        };
        let parts = self.passages.iter().enumerate().map(|(number, passage)| {
            let words: Vec<&RankedWord> = self.passage(number).collect();
            let by_grams: f32 = self.grams_of(&passage.words).map(of).sum();
            let (scale, grams) = passage.scales(means);
            let scale = scale / passage.weight;
            Parts {
                passage: number,
                weight: passage.weight,
                words: words.iter().map(|word| of(&word.anywhere)).sum::<f32>() * scale,
                titles: words.iter().map(|word| of(&word.title)).sum::<f32>() * means.title * scale,
                asked: words.iter().map(asked).sum::<f32>() * scale,
                pairs: self.pairs_of(&passage.words).map(of).sum::<f32>() * means.pair * scale,
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
    fn scales(&self, means: &Means) -> (f32, f32) {
        let whole = self.weight / (1.0 + means.pieces);
        let part = |of: f32, best: f32| if best > 0.0 { of / best } else { 0.0 };
        (part(whole, self.best.0), part(whole * means.pieces, self.best.1))
    }
}

fn distinct(words: &[usize]) -> Vec<usize> {
    let mut distinct = words.to_vec();
    distinct.sort_unstable();
    distinct.dedup();
    distinct
}
