//! Adding up what words give to documents, and finding the documents that got most.

use std::collections::HashMap;

use crate::passages::Passage;
use crate::ranked_word::RankedWord;
use crate::snapshot::Postings;

/// Scores that are looked at together: a chunk without a high one is passed over.
const CHUNK: usize = 64;

/// Adds the weights of `entries` to the scores of their documents.
pub(crate) fn add(entries: &[(u32, f32)], weight: f32, scores: &mut [f32]) {
    for (document, score) in entries {
        scores[*document as usize] += weight * score;
    }
}

/// Appends the `most` documents with the best `scores`, which are all made zero. Among more documents than that, those
/// with less than the part `faint` of the best score are left out.
pub(crate) fn take_best(scores: &mut [f32], most: usize, faint: f32, chosen: &mut Vec<u32>) {
    let highest_of: Vec<f32> = scores.chunks(CHUNK).map(highest).collect();
    let best = highest(&highest_of);
    let faint = if scores.len() <= most { 0.0 } else { best * faint };
    // So many chunks have a score as high as this that no lower one can be among the best.
    let mut enough = 0.0;
    if highest_of.len() > most {
        let mut ordered = highest_of.clone();
        enough = *ordered.select_nth_unstable_by(most - 1, |a, b| b.total_cmp(a)).1;
    }
    let mut found: Vec<(u32, f32)> = Vec::new();
    for (at, chunk) in scores.chunks(CHUNK).enumerate().filter(|(at, _)| highest_of[*at] > faint) {
        let documents = ((at * CHUNK) as u32..).zip(chunk.iter().copied());
        found.extend(documents.filter(|(_, score)| *score > faint && *score >= enough));
    }
    if found.len() > most {
        found.select_nth_unstable_by(most, |a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
        found.truncate(most);
    }
    chosen.extend(found.into_iter().map(|(document, _)| document));
    scores.fill(0.0);
}

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
pub(crate) struct Window<'a> {
    words: &'a [RankedWord],
    pairs: &'a HashMap<(usize, usize), Postings>,
    /// Weight of two words in a row.
    pair: f32,
    scores: Vec<i16>,
    /// One in their fixed point: as fine as lets no sum of a passage be too high.
    one: f32,
    /// Words as `(word, word)` and pairs of different words, ascending.
    held: Vec<(usize, usize)>,
}

impl<'a> Window<'a> {
    pub fn new(
        documents: usize,
        words: &'a [RankedWord],
        pairs: &'a HashMap<(usize, usize), Postings>,
        pair: f32,
        passages: &[Passage],
    ) -> Self {
        let best_of = |entries: &[(u32, f32)]| entries.iter().fold(0.0_f32, |a, (_, b)| a.max(*b));
        let words_at_best: Vec<f32> = words.iter().map(|word| best_of(&word.together)).collect();
        let pairs_at_best: HashMap<_, f32> = pairs.iter().map(|(two, pair)| (two, best_of(&pair.entries))).collect();
        let at_best = |passage: &Passage| {
            let words: f32 = passage.words.iter().map(|word| words_at_best[*word]).sum();
            let two = passage.words.windows(2).filter_map(|two| pairs_at_best.get(&(two[0], two[1])));
            words + pair * two.sum::<f32>()
        };
        let highest = passages.iter().map(at_best).fold(1.0, f32::max);
        // Half a one for each rounding at most.
        let one = (f32::from(i16::MAX) - 2000.0) / highest;
        Self { words, pairs, pair, scores: vec![0; documents], one, held: Vec::new() }
    }

    /// The best score of a document by these words.
    pub fn best(&mut self, words: &[usize]) -> f32 {
        let pairs = words.windows(2).map(|two| (two[0], two[1])).filter(|(first, second)| first != second);
        let mut wanted: Vec<(usize, usize)> = words.iter().map(|word| (*word, *word)).chain(pairs).collect();
        wanted.sort_unstable();
        wanted.dedup();
        let held = std::mem::take(&mut self.held);
        for gone in held.iter().filter(|item| wanted.binary_search(item).is_err()) {
            self.change(*gone, i16::wrapping_sub);
        }
        for new in wanted.iter().filter(|item| held.binary_search(item).is_err()) {
            self.change(*new, i16::wrapping_add);
        }
        self.held = wanted;
        f32::from(highest_whole(&self.scores)) / self.one
    }

    fn change(&mut self, (first, second): (usize, usize), by: impl Fn(i16, i16) -> i16) {
        let (entries, weight) = if first == second {
            (self.words[first].together.as_slice(), 1.0)
        } else {
            match self.pairs.get(&(first, second)) {
                Some(postings) => (postings.entries.as_slice(), self.pair),
                None => return,
            }
        };
        let scale = weight * self.one;
        for (document, score) in entries {
            let known = &mut self.scores[*document as usize];
            *known = by(*known, (scale * score + 0.5) as i16);
        }
    }
}

fn highest_whole(scores: &[i16]) -> i16 {
    let mut lanes = [0_i16; 32];
    let mut chunks = scores.chunks_exact(lanes.len());
    for chunk in &mut chunks {
        for (lane, score) in lanes.iter_mut().zip(chunk) {
            *lane = (*lane).max(*score);
        }
    }
    chunks.remainder().iter().chain(&lanes).copied().max().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_best_are_taken_and_nothing_stays() {
        let mut scores = vec![0.0; 1000];
        (0..50).for_each(|n| scores[n * 20] = n as f32);
        let mut chosen = Vec::new();
        take_best(&mut scores, 3, 0.3, &mut chosen);
        chosen.sort_unstable();
        assert_eq!(chosen, [940, 960, 980]);
        assert!(scores.iter().all(|score| *score == 0.0));
    }

    #[test]
    fn faint_scores_are_left_out_among_many_documents() {
        let mut chosen = Vec::new();
        take_best(&mut [1.0, 0.2, 0.0, 0.9], 3, 0.3, &mut chosen);
        assert_eq!(chosen, [0, 3]);
        take_best(&mut [1.0, 0.2, 0.0], 3, 0.3, &mut chosen);
        assert_eq!(chosen, [0, 3, 0, 1]);
    }
}
