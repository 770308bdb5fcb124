//! The words an index knows, to correct the ones it does not and to complete half-typed ones.

use std::cmp::Reverse;

/// The most words that a half-typed one is completed to.
const MOST_COMPLETIONS: usize = 32;
/// The most frequent of equally near words come first; further ones are left.
const MOST_CORRECTIONS: usize = 3;
/// Words of this many letters may be two edits away.
const LONG_WORD: usize = 8;
/// Shorter words have too many neighbours for any to be the right one.
const SHORTEST_CORRECTED: usize = 4;
/// Longer words are not corrected: they are names of files and the like.
const LONGEST_CORRECTED: usize = 40;

/// Words in alphabetical order, each with a number of documents.
#[derive(Debug, Default)]
pub(crate) struct WordList {
    letters: String,
    /// Where each word ends in `letters`, and its documents.
    words: Vec<(u32, u32)>,
}

/// The distinct words of a shelf, to be found by how they begin and by how near they are.
#[derive(Debug, Default)]
pub(crate) struct Vocabulary {
    list: WordList,
    /// Words that another may stand for, by their number of letters.
    by_length: Vec<Vec<Known>>,
}

#[derive(Debug, Clone, Copy)]
struct Known {
    signature: u64,
    /// Number in the list.
    word: u32,
}

/// A known word near an unknown one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Correction {
    pub word: String,
    /// Edits between the two: insertions, deletions, changes, swaps of neighbours.
    pub edits: usize,
    frequency: u32,
}

impl WordList {
    /// Appends a word that comes after all others.
    pub fn push(&mut self, word: &str, documents: u32) {
        if let Ok(end) = u32::try_from(self.letters.len() + word.len()) {
            self.letters.push_str(word);
            self.words.push((end, documents));
        }
    }

    pub fn is_empty(&self) -> bool {
        self.words.is_empty()
    }

    fn text(&self, word: usize) -> &str {
        let start = if word == 0 { 0 } else { self.words[word - 1].0 as usize };
        &self.letters[start..self.words[word].0 as usize]
    }

    fn iter(&self) -> impl Iterator<Item = (&str, u32)> {
        (0..self.words.len()).map(|word| (self.text(word), self.words[word].1))
    }

    /// The first word from which on none comes before `text`.
    fn find(&self, text: &str) -> usize {
        let (mut from, mut to) = (0, self.words.len());
        while from < to {
            let middle = usize::midpoint(from, to);
            if self.text(middle) < text {
                from = middle + 1;
            } else {
                to = middle;
            }
        }
        from
    }
}

impl Vocabulary {
    /// The words of several lists, their documents added.
    pub fn new<'a>(lists: impl IntoIterator<Item = &'a WordList>) -> Self {
        let mut all: Vec<(&str, u32)> = lists.into_iter().flat_map(WordList::iter).collect();
        // Made of sorted runs, which the stable sort joins.
        all.sort_by_key(|(word, _)| *word);
        all.dedup_by(|later, first| {
            let same = later.0 == first.0;
            first.1 += if same { later.1 } else { 0 };
            same
        });
        let mut vocabulary = Self { list: WordList::default(), by_length: vec![Vec::new(); LONGEST_CORRECTED + 3] };
        for (number, (word, documents)) in (0..).zip(all) {
            vocabulary.list.push(word, documents);
            let length = word.chars().count();
            if length + 1 >= SHORTEST_CORRECTED
                && !word.bytes().any(|b| b.is_ascii_digit())
                && let Some(known) = vocabulary.by_length.get_mut(length)
            {
                known.push(Known { signature: signature(word), word: number });
            }
        }
        vocabulary
    }

    /// Words that begin with `prefix`, the most frequent first.
    pub fn completions(&self, prefix: &str) -> Vec<&str> {
        let from = self.list.find(prefix);
        let words = from..self.list.words.len();
        let mut found: Vec<usize> = words.take_while(|word| self.list.text(*word).starts_with(prefix)).collect();
        let order = |word: &usize| (Reverse(self.list.words[*word].1), *word);
        if found.len() > MOST_COMPLETIONS {
            found.select_nth_unstable_by_key(MOST_COMPLETIONS, order);
            found.truncate(MOST_COMPLETIONS);
        }
        found.sort_unstable_by_key(order);
        found.into_iter().map(|word| self.list.text(word)).collect()
    }

    /// The known words nearest to an unknown one.
    pub fn corrections(&self, word: &str) -> Vec<Correction> {
        let letters: Vec<char> = word.chars().collect();
        let lengths = SHORTEST_CORRECTED..=LONGEST_CORRECTED;
        if !lengths.contains(&letters.len()) || letters.iter().any(char::is_ascii_digit) {
            return Vec::new();
        }
        let most = if letters.len() >= LONG_WORD { 2 } else { 1 };
        let wanted = signature(word);
        let mut found = Vec::new();
        let mut other = Vec::new();
        for length in letters.len() - most..=letters.len() + most {
            for known in &self.by_length[length] {
                // An edit changes at most two marks of a signature.
                if (known.signature ^ wanted).count_ones() as usize > 2 * most {
                    continue;
                }
                let text = self.list.text(known.word as usize);
                other.clear();
                other.extend(text.chars());
                if let Some(edits) = distance(&letters, &other, most) {
                    let frequency = self.list.words[known.word as usize].1;
                    found.push(Correction { word: text.to_owned(), edits, frequency });
                }
            }
        }
        found.sort_by(|a, b| {
            a.edits.cmp(&b.edits).then(b.frequency.cmp(&a.frequency)).then_with(|| a.word.cmp(&b.word))
        });
        found.truncate(MOST_CORRECTIONS);
        found
    }
}

/// One mark for each letter that occurs and one more when it occurs again.
fn signature(word: &str) -> u64 {
    word.chars().fold(0, |marks, c| {
        let once = 1 << (u32::from(c) % 32);
        marks | if marks & once == 0 { once } else { once << 32 }
    })
}

/// Damerau distance (optimal string alignment) of words of at most `LONGEST_CORRECTED` + 2 letters,
/// or `None` beyond `most`.
fn distance(a: &[char], b: &[char], most: usize) -> Option<usize> {
    const WIDTH: usize = LONGEST_CORRECTED + 3;
    const FAR: u8 = u8::MAX / 2;
    let mut rows = [[FAR; WIDTH]; 3];
    for (cell, j) in rows[0].iter_mut().zip(0..).take(b.len() + 1) {
        *cell = j;
    }
    for i in 1..=a.len() {
        let (now, last, before) = (i % 3, (i + 2) % 3, (i + 1) % 3);
        // Cells further from the diagonal than `most` are beyond it.
        let (from, to) = (i.saturating_sub(most).max(1), b.len().min(i + most));
        rows[now] = [FAR; WIDTH];
        // The column before the first letter: as many deletions as letters so far.
        rows[now][0] = rows[last][0].saturating_add(1);
        let mut least = rows[now][0];
        for j in from..=to {
            let change = rows[last][j - 1] + u8::from(a[i - 1] != b[j - 1]);
            let mut best = change.min(rows[last][j] + 1).min(rows[now][j - 1] + 1);
            if i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                best = best.min(rows[before][j - 2] + 1);
            }
            rows[now][j] = best;
            least = least.min(best);
        }
        if usize::from(least) > most {
            return None;
        }
    }
    Some(usize::from(rows[a.len() % 3][b.len()])).filter(|edits| *edits <= most)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn edits(a: &str, b: &str) -> Option<usize> {
        distance(&a.chars().collect::<Vec<_>>(), &b.chars().collect::<Vec<_>>(), 2)
    }

    #[test]
    fn a_swap_is_one_edit() {
        assert_eq!(edits("residenza", "residenza"), Some(0));
        assert_eq!(edits("resdienza", "residenza"), Some(1));
        assert_eq!(edits("resideza", "residenza"), Some(1));
        assert_eq!(edits("rasidensa", "residenza"), Some(2));
        assert_eq!(edits("patente", "residenza"), None);
    }

    #[test]
    fn nearest_words_come_first_and_frequent_ones_before_rare() {
        let known = vocabulary(&[&[("2024", 1), ("carta", 9), ("carte", 2), ("cartella", 5), ("porta", 7)]]);
        let words: Vec<_> = known.corrections("cart").into_iter().map(|c| c.word).collect();
        assert_eq!(words, ["carta", "carte"]);
        assert_eq!(known.corrections("cartalle")[0].word, "cartella");
        assert!(known.corrections("2025").is_empty());
        assert!(known.corrections("ab").is_empty());
        assert!(known.corrections(&"a".repeat(LONGEST_CORRECTED)).is_empty());
    }

    #[test]
    fn several_lists_count_as_one() {
        let known = vocabulary(&[&[("molta", 2), ("multa", 1)], &[("multa", 3)]]);
        let words: Vec<_> = known.corrections("multta").into_iter().map(|c| c.word).collect();
        assert_eq!(words, ["multa"]);
        assert_eq!(known.corrections("mulla")[0].word, "multa");
        assert_eq!(known.completions("m"), ["multa", "molta"]);
        assert_eq!(known.completions("mol"), ["molta"]);
        assert!(known.completions("z").is_empty());
    }

    fn vocabulary(lists: &[&[(&str, u32)]]) -> Vocabulary {
        let list = |words: &&[(&str, u32)]| {
            let mut list = WordList::default();
            words.iter().for_each(|(word, documents)| list.push(word, *documents));
            list
        };
        let lists: Vec<WordList> = lists.iter().map(list).collect();
        Vocabulary::new(&lists)
    }
}
