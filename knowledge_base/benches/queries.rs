//! How long queries take at a size, kind by kind, beside a reference workload in the same run:
//! `cargo bench -p knowledge_base --bench queries -- --documents=100000`.
//!
//! Texts are generated, so nothing is needed beside this file: words made of syllables, a few frequent and most rare as
//! in any language. Each query is asked three times and the cheapest counts, by the processor's time, which other
//! programs on the machine do not lengthen. The reference sorts the same million numbers before each kind: a ratio says
//! the same on a fast machine and on a slow one.

use std::error::Error;
use std::hint::black_box;
use std::time::{Duration, Instant};

use knowledge_base::{Audience, Document, Hit, Index, Lang, Query, Visibility};
use rustix::time::{ClockId, clock_gettime};

/// Documents, unless told otherwise.
const DOCUMENTS: usize = 20_000;
/// Different words, and how many each document has in its title and its text.
const WORDS: u64 = 30_000;
const TITLE: usize = 5;
const TEXT: usize = 80;
/// Queries of a kind, and how often each is asked.
const QUERIES: usize = 300;
const ROUNDS: usize = 3;

const SYLLABLES: [&str; 24] = [
    "ca", "ri", "to", "ne", "lu", "pa", "de", "si", "mo", "ta", "ve", "na", "co", "re", "li", "sa", "do", "mi", "fe",
    "ro", "ga", "bi", "tra", "sto",
];

/// Makes the text of a query.
type Text = fn(&mut Numbers) -> String;
type Find = fn(&Index, &Query) -> knowledge_base::Result<Vec<Hit>>;

/// Numbers that look random and are the same in every run (SplitMix64).
struct Numbers(u64);

impl Numbers {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let z = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    fn below(&mut self, end: u64) -> u64 {
        self.next() % end.max(1)
    }

    /// A word: the product of two draws makes low ranks far more frequent than high ones.
    fn word(&mut self) -> String {
        let rank = self.below(WORDS) * self.below(WORDS) / WORDS;
        let (mut rest, mut word) = (rank * 7 + 1000, String::new());
        while rest > 0 {
            word.push_str(SYLLABLES[(rest % 24) as usize]);
            rest /= 24;
        }
        word
    }

    fn words(&mut self, count: usize) -> String {
        (0..count).map(|_| self.word()).collect::<Vec<_>>().join(" ")
    }
}

fn document(id: i64, numbers: &mut Numbers) -> Document {
    Document {
        id,
        lang: Lang::It,
        title: numbers.words(TITLE),
        public: numbers.words(TEXT),
        internal: String::new(),
        keywords: Vec::new(),
        asked: Vec::new(),
        category: None,
        visibility: Visibility::Public,
    }
}

/// A word with two neighbouring letters swapped.
fn misspelt(word: &str) -> String {
    let mut letters: Vec<char> = word.chars().collect();
    let middle = letters.len() / 2;
    if middle > 0 {
        letters.swap(middle - 1, middle);
    }
    letters.into_iter().collect()
}

fn clean(numbers: &mut Numbers) -> String {
    numbers.words(4)
}

fn typos(numbers: &mut Numbers) -> String {
    (0..4).map(|_| misspelt(&numbers.word())).collect::<Vec<_>>().join(" ")
}

fn half_typed(numbers: &mut Numbers) -> String {
    let last = numbers.word();
    format!("{} {}", numbers.word(), last.get(..3).unwrap_or(&last))
}

fn message(numbers: &mut Numbers) -> String {
    format!("Buongiorno, {}.\n\nVorrei sapere {}?\n\nGrazie\n-- \nMaria", numbers.words(40), numbers.words(8))
}

/// What the processor has spent on this thread.
fn processor_time() -> Duration {
    let time = clock_gettime(ClockId::ThreadCPUTime);
    Duration::new(u64::try_from(time.tv_sec).unwrap_or_default(), u32::try_from(time.tv_nsec).unwrap_or_default())
}

/// What sorting a million numbers costs on this machine now.
fn reference() -> Duration {
    let once = || {
        let mut numbers = Numbers(7);
        let mut list: Vec<u64> = (0..1_000_000).map(|_| numbers.next()).collect();
        let before = processor_time();
        list.sort_unstable();
        black_box(list);
        processor_time().saturating_sub(before)
    };
    (0..ROUNDS).map(|_| once()).min().unwrap_or_default()
}

fn main() -> Result<(), Box<dyn Error>> {
    let mut documents = DOCUMENTS;
    for argument in std::env::args().skip(1) {
        if let Some(number) = argument.strip_prefix("--documents=") {
            documents = number.parse()?;
        }
    }
    let (index, mut numbers, started) = (Index::in_memory()?, Numbers(1), Instant::now());
    for id in 0..i64::try_from(documents)? {
        index.upsert(&[document(id, &mut numbers)])?;
    }
    index.commit("made")?;
    index.join()?;
    println!("{documents} documents in {:.1} s", started.elapsed().as_secs_f64());
    println!("| queries | p50 | p99 | reference | p99 in references |\n|---|---|---|---|---|");
    let kinds: [(&str, Text, Find); 4] = [
        ("search, words as they are", clean, Index::search),
        ("search, every word misspelt", typos, Index::search),
        ("typeahead", half_typed, Index::typeahead),
        ("suggest, a whole message", message, Index::suggest),
    ];
    for (name, text, find) in kinds {
        let reference = reference();
        let mut costs = Vec::with_capacity(QUERIES);
        for _ in 0..QUERIES {
            let query = Query::new(text(&mut numbers), Audience::Citizen).in_lang(Lang::It);
            let mut cheapest = Duration::MAX;
            for _ in 0..ROUNDS {
                let before = processor_time();
                black_box(find(&index, &query)?);
                cheapest = cheapest.min(processor_time().saturating_sub(before));
            }
            costs.push(cheapest);
        }
        costs.sort_unstable();
        let at = |share: usize| costs.get(costs.len() * share / 100).copied().unwrap_or_default();
        let ms = |time: Duration| time.as_secs_f64() * 1000.0;
        let ratio = at(99).as_secs_f64() / reference.as_secs_f64().max(f64::EPSILON);
        println!("| {name} | {:.2} ms | {:.2} ms | {:.1} ms | {ratio:.3} |", ms(at(50)), ms(at(99)), ms(reference));
    }
    Ok(())
}
