//! Texts that were dealt with before, to find those like a new one and to guess from them what it is about.
//!
//! Everything is in memory and learnt one text at a time; what is here can be learnt again from its source.

use std::collections::{HashMap, VecDeque};
use std::hash::Hash;

use crate::Lang;
use crate::analysis::tokens;

/// Bytes of a text that are read.
const MOST_BYTES: usize = 16 * 1024;
/// Power of the likeness of a text in what it says about a new one.
const LIKENESS: i32 = 2;
/// The lengths of texts are reckoned anew when there are so many times as many: rarity has changed by then.
const GROWN: f32 = 1.25;

/// Texts by their words and two words in a row, weighed by rarity. A text is a direction among them, so length does
/// not count.
#[derive(Debug)]
pub struct Precedents {
    most: usize,
    /// Numbers of the texts that have a term, and how much each has of it.
    terms: HashMap<u64, Vec<(u32, f32)>>,
    texts: HashMap<u32, Text>,
    numbers: HashMap<i64, u32>,
    /// From the text learnt first to the last.
    order: VecDeque<u32>,
    next: u32,
    /// How many texts there were when lengths were last reckoned.
    reckoned: usize,
}

#[derive(Debug)]
struct Text {
    id: i64,
    terms: Vec<(u64, f32)>,
    length: f32,
}

/// A text like another.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Similar {
    /// The caller's identifier.
    pub id: i64,
    /// From 0, nothing in common, to 1, the same words.
    pub likeness: f32,
}

/// What texts like a new one were about.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Guess<L> {
    /// The label that was guessed.
    pub label: L,
    /// Its share of what the texts say, from 0 to 1.
    pub confidence: f32,
}

impl Precedents {
    /// Knows nothing yet, and at most the last `most` texts later.
    pub fn new(most: usize) -> Self {
        Self {
            most: most.max(1),
            terms: HashMap::new(),
            texts: HashMap::new(),
            numbers: HashMap::new(),
            order: VecDeque::new(),
            next: 0,
            reckoned: 0,
        }
    }

    /// How many texts are known.
    pub fn len(&self) -> usize {
        self.texts.len()
    }

    /// Whether no text is known.
    pub fn is_empty(&self) -> bool {
        self.texts.is_empty()
    }

    /// Learns a text, in place of the one with its identifier.
    pub fn learn(&mut self, id: i64, text: &str, lang: Lang) {
        self.forget(id);
        while self.texts.len() >= self.most {
            let Some(oldest) = self.order.pop_front() else { break };
            self.remove(oldest);
        }
        let number = self.next;
        self.next = self.next.wrapping_add(1);
        let terms = terms(text, lang);
        for (term, count) in &terms {
            self.terms.entry(*term).or_default().push((number, *count));
        }
        let length = self.length(&terms);
        self.texts.insert(number, Text { id, terms, length });
        self.numbers.insert(id, number);
        self.order.push_back(number);
        if self.texts.len() as f32 > self.reckoned as f32 * GROWN {
            self.reckon();
        }
    }

    /// Forgets a text.
    pub fn forget(&mut self, id: i64) {
        if let Some(number) = self.numbers.get(&id).copied() {
            self.order.retain(|other| *other != number);
            self.remove(number);
        }
    }

    fn remove(&mut self, number: u32) {
        let Some(text) = self.texts.remove(&number) else { return };
        self.numbers.remove(&text.id);
        for (term, _) in text.terms {
            if let Some(list) = self.terms.get_mut(&term) {
                list.retain(|(other, _)| *other != number);
                if list.is_empty() {
                    self.terms.remove(&term);
                }
            }
        }
    }

    /// The texts most like a new one, the most like it first.
    pub fn similar(&self, text: &str, lang: Lang, limit: usize) -> Vec<Similar> {
        let terms = terms(text, lang);
        let length = self.length(&terms);
        let mut sums: HashMap<u32, f32> = HashMap::new();
        for (term, count) in &terms {
            let rarity = self.rarity(*term);
            for (number, other) in self.terms.get(term).into_iter().flatten() {
                *sums.entry(*number).or_default() += count * other * rarity * rarity;
            }
        }
        let like = |(number, sum): (u32, f32)| {
            let text = self.texts.get(&number)?;
            Some(Similar { id: text.id, likeness: (sum / (length * text.length)).min(1.0) })
        };
        let mut found: Vec<Similar> = sums.into_iter().filter_map(like).filter(|s| s.likeness > 0.0).collect();
        found.sort_unstable_by(|a, b| b.likeness.total_cmp(&a.likeness).then(b.id.cmp(&a.id)));
        found.truncate(limit);
        found
    }

    fn rarity(&self, term: u64) -> f32 {
        let having = self.terms.get(&term).map_or(0, Vec::len);
        ((1.0 + self.texts.len() as f32) / (1.0 + having as f32)).ln() + 1.0
    }

    fn length(&self, terms: &[(u64, f32)]) -> f32 {
        let squares = terms.iter().map(|(term, count)| (count * self.rarity(*term)).powi(2));
        squares.sum::<f32>().sqrt().max(f32::MIN_POSITIVE)
    }

    fn reckon(&mut self) {
        let lengths: Vec<(u32, f32)> = self.texts.iter().map(|(n, text)| (*n, self.length(&text.terms))).collect();
        for (number, length) in lengths {
            if let Some(text) = self.texts.get_mut(&number) {
                text.length = length;
            }
        }
        self.reckoned = self.texts.len();
    }
}

/// What a text is about, from the labels of texts like it; the most probable first. Some twenty are enough.
pub fn guess<L: Copy + Eq + Hash + Ord>(like: impl IntoIterator<Item = (L, f32)>) -> Vec<Guess<L>> {
    let mut sums: HashMap<L, f32> = HashMap::new();
    for (label, likeness) in like {
        *sums.entry(label).or_default() += likeness.powi(LIKENESS);
    }
    let all: f32 = sums.values().sum();
    let share = |(label, sum): (L, f32)| Guess { label, confidence: if all > 0.0 { sum / all } else { 0.0 } };
    let mut guesses: Vec<Guess<L>> = sums.into_iter().map(share).collect();
    guesses.sort_unstable_by(|a, b| b.confidence.total_cmp(&a.confidence).then(a.label.cmp(&b.label)));
    guesses
}

/// The terms of a text with how much it has of each: once is 1, and repetition counts less and less.
fn terms(text: &str, lang: Lang) -> Vec<(u64, f32)> {
    let stems = tokens(&text[..text.floor_char_boundary(MOST_BYTES)], lang);
    let mut counts: HashMap<u64, u32> = HashMap::new();
    for stem in &stems {
        *counts.entry(number(&[stem])).or_default() += 1;
    }
    for two in stems.windows(2) {
        *counts.entry(number(&[&two[0], &two[1]])).or_default() += 1;
    }
    let mut terms: Vec<(u64, f32)> = counts.into_iter().map(|(term, n)| (term, 1.0 + (n as f32).ln())).collect();
    // Sums come out the same in every run.
    terms.sort_unstable_by_key(|(term, _)| *term);
    terms
}

/// A number for words in a row (FNV-1a).
fn number(words: &[&str]) -> u64 {
    let bytes = words.iter().flat_map(|word| word.bytes().chain([0]));
    bytes.fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn known(texts: &[(i64, &str)]) -> Precedents {
        let mut known = Precedents::new(100);
        texts.iter().for_each(|(id, text)| known.learn(*id, text, Lang::It));
        known
    }

    fn ids(known: &Precedents, text: &str) -> Vec<i64> {
        known.similar(text, Lang::It, 10).into_iter().map(|s| s.id).collect()
    }

    const TEXTS: [(i64, &str); 4] = [
        (1, "Il lampione di via Roma è spento"),
        (2, "Lampione spento in piazza"),
        (3, "La multa per divieto di sosta"),
        (4, "Come si paga la multa"),
    ];

    #[test]
    fn the_same_words_are_most_like_and_none_in_common_is_not_like() {
        let known = known(&TEXTS);
        assert_eq!(ids(&known, "lampioni spenti in piazza"), [2, 1]);
        let same = known.similar("Come si paga la multa", Lang::It, 1)[0];
        assert!(same.id == 4 && same.likeness > 0.99);
        assert!(ids(&known, "asilo nido").is_empty());
        assert!(ids(&known, "").is_empty());
    }

    #[test]
    fn what_is_forgotten_replaced_or_too_old_is_not_found() {
        let mut known = known(&TEXTS);
        known.forget(2);
        known.learn(4, "Iscrizione al nido", Lang::It);
        assert_eq!(ids(&known, "lampione spento"), [1]);
        assert_eq!(ids(&known, "multa"), [3]);
        let mut few = Precedents::new(2);
        TEXTS.iter().for_each(|(id, text)| few.learn(*id, text, Lang::It));
        assert_eq!((few.len(), ids(&few, "lampione spento")), (2, Vec::new()));
        (1..=4).for_each(|id| known.forget(id));
        assert!(known.is_empty() && known.terms.is_empty() && known.order.is_empty());
    }

    #[test]
    fn the_label_of_the_likest_texts_is_guessed_with_its_share() {
        let guesses = guess([("luce", 0.5), ("multe", 0.1), ("luce", 0.4)]);
        assert_eq!(guesses[0].label, "luce");
        assert!((guesses[0].confidence - 0.41 / 0.42).abs() < 1e-6);
        assert!(guess::<i64>([]).is_empty());
    }
}
