//! How well each document answers the best passage of a text.

use std::collections::HashMap;

use crate::Result;
use crate::analysis::{grams, is_stop_word, stem};
use crate::passages::{LastWord, Passage, Passages};
use crate::schema::{Kind, Shelf, pair};
use crate::snapshot::{Postings, Snapshot, Term, Wanted};

/// Weight of a title against the whole text.
const TITLE: f32 = 0.75;
/// Weight of two words in a row.
const PAIR: f32 = 0.25;
/// Weight of the pieces of words beside the words, both out of their best.
const GRAM: f32 = 0.7;
/// What a passage counts for when it asks something or is the subject.
const ASKING: f32 = 2.0;
/// Best score by words at which a passage counts half: a rare word in common with
/// something, as greetings and signatures have, is little.
const EVIDENCE: f32 = 40.0;
/// Power of the share of a passage that its best document answers.
const FIT: f32 = 0.25;
/// Weight of a known word in place of an unknown one, after one edit and after two.
const CORRECTED: [f32; 2] = [0.8, 0.5];
/// Unknown words of a text that are corrected.
const MOST_CORRECTED: usize = 24;
/// Passages that are looked at letter by letter.
const MOST_PASSAGES: usize = 3;
/// Documents of a passage that are compared in full: the best by words and the best by rare pieces.
const CANDIDATES: usize = 300;
/// Among more documents than that, those with less of the best score are no candidates. Beside the best by
/// words, which has all of one part, they could not come first with all of the other.
const FAINT: f32 = 1.0 - GRAM;
/// Pieces in more than this share of the documents say nothing; in a few documents every piece counts.
const COMMON_PIECE: f32 = 0.3;
const FEW: usize = 10;
/// Documents of rare pieces that are looked at beyond the candidates by words.
const RARE_PIECES: usize = 10_000;

/// The words of a text as the index of one shelf knows them.
pub(crate) struct Ranking<'a> {
    snapshot: &'a Snapshot,
    shelf: Shelf,
    pub words: Vec<RankedWord>,
    passages: Vec<WeighedPassage>,
    pairs: HashMap<(usize, usize), Postings>,
    grams: HashMap<String, Postings>,
    /// Score of each document that was compared.
    best: Vec<(u32, f32)>,
}

/// A word of the text with the documents it leads to.
pub(crate) struct RankedWord {
    pub text: String,
    /// Stems it was looked up by, each with its weight.
    pub stems: Vec<(String, f32)>,
    pub anywhere: Postings,
    pub title: Postings,
    /// What both add to a document.
    together: Vec<(u32, f32)>,
    /// How much of a passage's meaning it is.
    mass: f32,
    grams: Vec<String>,
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
    pub pairs: f32,
    pub grams: f32,
}

impl Parts {
    pub fn score(&self) -> f32 {
        self.weight * (self.words + self.titles + self.pairs + self.grams)
    }
}

impl<'a> Ranking<'a> {
    pub fn new(snapshot: &'a Snapshot, shelf: Shelf, subject: &str, text: &str, last: LastWord) -> Result<Self> {
        let text = Passages::of(subject, text, shelf.lang, last);
        let mut words = Vec::with_capacity(text.words.len());
        let mut corrected = 0;
        for (number, word) in text.words.iter().enumerate() {
            let half_typed = text.half_typed == Some(number);
            words.push(RankedWord::look_up(snapshot, shelf, word, text.only_stop_words, half_typed, &mut corrected)?);
        }
        let mut ranking = Self {
            snapshot,
            shelf,
            words,
            passages: Vec::new(),
            pairs: HashMap::new(),
            grams: HashMap::new(),
            best: Vec::new(),
        };
        ranking.read_pairs(&text.list)?;
        ranking.weigh(&text.list);
        let mut scores = vec![0.0; snapshot.documents()];
        let candidates = ranking.candidates(&mut scores)?;
        ranking.score(&candidates, &mut scores);
        Ok(ranking)
    }

    fn read_pairs(&mut self, passages: &[Passage]) -> Result<()> {
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
                let postings = self.snapshot.postings(self.shelf, Kind::Pair, &[term])?;
                self.pairs.insert((first, second), postings);
            }
        }
        Ok(())
    }

    /// Keeps the passages that some document answers best. The best document of the weightiest passage has at
    /// least the part of its weight that words give, so a passage below that cannot have the best answer.
    fn weigh(&mut self, passages: &[Passage]) {
        let mut window = Window::new(self.snapshot.documents());
        for passage in passages {
            window.move_to(self, &passage.words);
            let best = window.highest();
            let mass: f32 = distinct(&passage.words).iter().map(|number| self.words[*number].mass).sum();
            if best > 0.0 && mass > 0.0 {
                let asking = if passage.asks { ASKING } else { 1.0 };
                let weight = asking * (best / mass).powf(FIT) * best / (best + EVIDENCE);
                self.passages.push(WeighedPassage { words: passage.words.clone(), weight, best: (best, 0.0) });
            }
        }
        self.passages.sort_by(|a, b| b.weight.total_cmp(&a.weight));
        self.passages.truncate(MOST_PASSAGES);
        let enough = self.passages.first().map_or(0.0, |passage| passage.weight / (1.0 + GRAM));
        self.passages.retain(|passage| passage.weight >= enough);
    }

    /// The documents worth comparing in full, ascending. Reads the pieces of the words: rare ones whole, so that
    /// they lead to documents that no word does, the others only for those documents.
    fn candidates(&mut self, scores: &mut [f32]) -> Result<Vec<u32>> {
        let mut terms: HashMap<String, Term> = HashMap::new();
        let mut grams: HashMap<String, Postings> = HashMap::new();
        let mut chosen = Vec::new();
        let common = FEW.max((COMMON_PIECE * scores.len() as f32) as usize);
        for passage in &self.passages {
            self.add_words(&passage.words, scores);
            take_best(scores, &mut chosen);
            let mut pieces = self.pieces(&passage.words);
            for piece in &pieces {
                if !terms.contains_key(*piece) {
                    let term = self.snapshot.term(self.shelf, Kind::Gram, &[((*piece).clone(), 1.0)])?;
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
                    grams.insert((*piece).clone(), self.snapshot.read(&terms[*piece], None)?);
                }
                add(&grams[*piece].entries, 1.0, scores);
            }
            take_best(scores, &mut chosen);
        }
        let wanted = Wanted::new(chosen, scores.len());
        for (piece, term) in terms {
            if term.frequency <= common && !grams.contains_key(&piece) {
                grams.insert(piece, self.snapshot.read(&term, Some(&wanted))?);
            }
        }
        self.grams = grams;
        Ok(wanted.into_list())
    }

    /// Scores the candidates by the passages, words and pieces together.
    fn score(&mut self, candidates: &[u32], scores: &mut [f32]) {
        let mut best = vec![0.0_f32; candidates.len()];
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
            self.passages[n].best.1 = by_grams.iter().copied().fold(0.0, f32::max);
            let (words, grams) = self.passages[n].scales();
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
            add(&postings.entries, PAIR, scores);
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
            let together = anywhere.entries.clone();
            return Ok(Self { text, stems, anywhere, title: Postings::default(), together, mass, grams: Vec::new() });
        }
        let whole = stem(word, lang);
        if snapshot.has(shelf, Kind::Stem, &whole)? {
            stems.push((whole, 1.0));
        }
        if half_typed {
            for completion in snapshot.completions(shelf, word) {
                push_stem(&mut stems, stem(completion, lang), 1.0);
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
        let mass = if anywhere.entries.is_empty() { snapshot.rarest(shelf) } else { anywhere.idf };
        // The end of a half-typed word is not an end.
        let mut pieces = grams(word);
        if half_typed && pieces.len() > 1 {
            pieces.pop();
        }
        let together = anywhere.with(&title, TITLE);
        Ok(Self { text, stems, anywhere, title, together, mass, grams: pieces })
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

fn add(entries: &[(u32, f32)], weight: f32, scores: &mut [f32]) {
    for (document, score) in entries {
        scores[*document as usize] += weight * score;
    }
}

/// Appends the documents with the best `scores`, which are all made zero.
fn take_best(scores: &mut [f32], chosen: &mut Vec<u32>) {
    let highest_of: Vec<f32> = scores.chunks(CHUNK).map(highest).collect();
    let best = highest(&highest_of);
    let faint = if scores.len() <= CANDIDATES { 0.0 } else { best * FAINT };
    // So many chunks have a score as high as this that no lower one can be among the best.
    let mut enough = 0.0;
    if highest_of.len() > CANDIDATES {
        let mut ordered = highest_of.clone();
        enough = *ordered.select_nth_unstable_by(CANDIDATES - 1, |a, b| b.total_cmp(a)).1;
    }
    let mut found: Vec<(u32, f32)> = Vec::new();
    for (at, chunk) in scores.chunks(CHUNK).enumerate().filter(|(at, _)| highest_of[*at] > faint) {
        let documents = ((at * CHUNK) as u32..).zip(chunk.iter().copied());
        found.extend(documents.filter(|(_, score)| *score > faint && *score >= enough));
    }
    if found.len() > CANDIDATES {
        found.select_nth_unstable_by(CANDIDATES, |a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
        found.truncate(CANDIDATES);
    }
    chosen.extend(found.into_iter().map(|(document, _)| document));
    scores.fill(0.0);
}

/// Scores that are looked at together: a chunk without a high one is passed over.
const CHUNK: usize = 64;

/// The highest of scores that are not negative. In lanes, so that the processor compares several at once.
fn highest(scores: &[f32]) -> f32 {
    let mut lanes = [0.0_f32; 8];
    let mut chunks = scores.chunks_exact(lanes.len());
    for chunk in &mut chunks {
        for (lane, score) in lanes.iter_mut().zip(chunk) {
            *lane = if score > lane { *score } else { *lane };
        }
    }
    chunks.remainder().iter().chain(&lanes).fold(0.0, |a, b| if *b > a { *b } else { a })
}

/// Scores by the words of one passage after another. Passages overlap, so only what differs is added and taken
/// away, in whole numbers that come out the same whatever was there before.
struct Window {
    scores: Vec<i32>,
    /// Words as `(word, word)` and pairs of different words, ascending.
    held: Vec<(usize, usize)>,
}

/// One in fixed point.
const ONE: f32 = 1024.0;

impl Window {
    fn new(documents: usize) -> Self {
        Self { scores: vec![0; documents], held: Vec::new() }
    }

    fn move_to(&mut self, ranking: &Ranking<'_>, words: &[usize]) {
        let pairs = words.windows(2).map(|two| (two[0], two[1])).filter(|(first, second)| first != second);
        let mut wanted: Vec<(usize, usize)> = words.iter().map(|word| (*word, *word)).chain(pairs).collect();
        wanted.sort_unstable();
        wanted.dedup();
        for gone in self.held.iter().filter(|item| wanted.binary_search(item).is_err()) {
            add_item(ranking, *gone, -1.0, &mut self.scores);
        }
        for new in wanted.iter().filter(|item| self.held.binary_search(item).is_err()) {
            add_item(ranking, *new, 1.0, &mut self.scores);
        }
        self.held = wanted;
    }

    fn highest(&self) -> f32 {
        self.scores.iter().copied().max().unwrap_or(0) as f32 / ONE
    }
}

fn add_item(ranking: &Ranking<'_>, (first, second): (usize, usize), sign: f32, scores: &mut [i32]) {
    let mut add = |entries: &[(u32, f32)], weight: f32| {
        let scale = sign * weight * ONE;
        for (document, score) in entries {
            scores[*document as usize] += (scale * score) as i32;
        }
    };
    if first == second {
        add(&ranking.words[first].together, 1.0);
    } else if let Some(postings) = ranking.pairs.get(&(first, second)) {
        add(&postings.entries, PAIR);
    }
}
