//! The words an index knows, to correct the ones it does not.

/// The most frequent of equally near words come first; further ones are left.
const MOST_CORRECTIONS: usize = 3;
/// Words of this many letters may be two edits away.
const LONG_WORD: usize = 8;
/// Shorter words have too many neighbours for any to be the right one.
const SHORTEST_CORRECTED: usize = 4;

/// The distinct words of one segment and shelf, by length.
#[derive(Debug, Default)]
pub(crate) struct Vocabulary {
    words: Vec<Entry>,
    letters: String,
    /// Where the words of each length begin in `words`.
    by_length: Vec<usize>,
}

#[derive(Debug, Clone, Copy)]
struct Entry {
    start: u32,
    bytes: u32,
    length: u32,
    mask: u32,
    frequency: u32,
}

/// A known word near an unknown one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Correction {
    pub word: String,
    /// Edits between the two: insertions, deletions, changes, swaps of neighbours.
    pub edits: usize,
    frequency: u32,
}

impl Vocabulary {
    /// From words with the number of documents that have each.
    pub fn new<'a>(words: impl IntoIterator<Item = (&'a str, u32)>) -> Self {
        let mut vocabulary = Self::default();
        for (word, frequency) in words {
            let length = word.chars().count();
            if length + 1 < SHORTEST_CORRECTED || word.chars().any(|c| c.is_ascii_digit()) {
                continue;
            }
            let (Ok(start), Ok(bytes), Ok(length)) =
                (u32::try_from(vocabulary.letters.len()), u32::try_from(word.len()), u32::try_from(length))
            else {
                break;
            };
            vocabulary.words.push(Entry { start, bytes, length, mask: mask(word), frequency });
            vocabulary.letters.push_str(word);
        }
        vocabulary.words.sort_by_key(|entry| entry.length);
        let longest = vocabulary.words.last().map_or(0, |entry| entry.length as usize);
        vocabulary.by_length = (0..=longest + 1)
            .map(|length| vocabulary.words.partition_point(|entry| (entry.length as usize) < length))
            .collect();
        vocabulary
    }

    fn text(&self, entry: Entry) -> &str {
        &self.letters[entry.start as usize..(entry.start + entry.bytes) as usize]
    }

    fn of_lengths(&self, from: usize, to: usize) -> &[Entry] {
        let bound = |length: usize| self.by_length.get(length).copied().unwrap_or(self.words.len());
        &self.words[bound(from)..bound(to + 1)]
    }

    fn near(&self, word: &[char], wanted: u32, edits: usize, found: &mut Vec<Correction>) {
        let mut other = Vec::new();
        // An edit changes at most two of the letters that a word has.
        let most = 2 * u32::try_from(edits).unwrap_or(u32::MAX);
        for entry in self.of_lengths(word.len().saturating_sub(edits), word.len() + edits) {
            if (entry.mask ^ wanted).count_ones() > most {
                continue;
            }
            let text = self.text(*entry);
            other.clear();
            other.extend(text.chars());
            let Some(edits) = distance(word, &other, edits) else {
                continue;
            };
            match found.iter_mut().find(|correction| correction.word == text) {
                Some(same) => same.frequency += entry.frequency,
                None => found.push(Correction { word: text.to_owned(), edits, frequency: entry.frequency }),
            }
        }
    }
}

/// The known words nearest to one that none of `vocabularies` has.
pub(crate) fn corrections(word: &str, vocabularies: &[&Vocabulary]) -> Vec<Correction> {
    let letters: Vec<char> = word.chars().collect();
    if letters.len() < SHORTEST_CORRECTED || letters.iter().any(char::is_ascii_digit) {
        return Vec::new();
    }
    let edits = if letters.len() >= LONG_WORD { 2 } else { 1 };
    let mut found = Vec::new();
    for vocabulary in vocabularies {
        vocabulary.near(&letters, mask(word), edits, &mut found);
    }
    found.sort_by(|a, b| a.edits.cmp(&b.edits).then(b.frequency.cmp(&a.frequency)).then_with(|| a.word.cmp(&b.word)));
    found.truncate(MOST_CORRECTIONS);
    found
}

/// One bit for each letter that occurs.
fn mask(word: &str) -> u32 {
    word.chars().fold(0, |mask, c| mask | 1 << (u32::from(c) % 32))
}

/// Damerau distance (optimal string alignment), or `None` beyond `most`.
fn distance(a: &[char], b: &[char], most: usize) -> Option<usize> {
    let mut before: Vec<usize> = Vec::new();
    let mut last: Vec<usize> = (0..=b.len()).collect();
    for i in 1..=a.len() {
        let mut row = Vec::with_capacity(b.len() + 1);
        row.push(i);
        for j in 1..=b.len() {
            let change = last[j - 1] + usize::from(a[i - 1] != b[j - 1]);
            let mut best = change.min(last[j] + 1).min(row[j - 1] + 1);
            if i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                best = best.min(before[j - 2] + 1);
            }
            row.push(best);
        }
        if row.iter().min().is_some_and(|least| *least > most) {
            return None;
        }
        before = std::mem::replace(&mut last, row);
    }
    last.last().copied().filter(|edits| *edits <= most)
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
        let vocabulary = Vocabulary::new([("carta", 9), ("carte", 2), ("cartella", 5), ("porta", 7), ("2024", 1)]);
        let words: Vec<_> = corrections("cart", &[&vocabulary]).into_iter().map(|c| c.word).collect();
        assert_eq!(words, ["carta", "carte"]);
        assert_eq!(corrections("cartalle", &[&vocabulary])[0].word, "cartella");
        assert!(corrections("2025", &[&vocabulary]).is_empty());
        assert!(corrections("ab", &[&vocabulary]).is_empty());
    }

    #[test]
    fn several_vocabularies_count_as_one() {
        let (one, two) = (Vocabulary::new([("multa", 1), ("molta", 2)]), Vocabulary::new([("multa", 3)]));
        let words: Vec<_> = corrections("multta", &[&one, &two]).into_iter().map(|c| c.word).collect();
        assert_eq!(words, ["multa"]);
        let words: Vec<_> = corrections("mulla", &[&one, &two]).into_iter().map(|c| c.word).collect();
        assert_eq!(words[0], "multa");
    }
}
