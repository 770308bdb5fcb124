//! Prints how long the queries of files take at a size, kind by kind, beside a reference workload in the same run.
//!
//! `latency [--documents=100000] [--keep=FOLDER] CORPUS.jsonl QUERIES.jsonl...`
//!
//! The index has documents that put the sentences and titles of the corpus together anew. Each query is asked three
//! times and the fastest counts, by the clock and by the time that the processor spent on it: where other programs keep
//! the machine busy, only the latter says what a query costs. Queries of a file whose name has `prefix` go to
//! `typeahead`, the others to `suggest`. The reference sorts the same million numbers before each file: where it is
//! slower, so was the machine. At the end single documents are changed, each until a search finds it.

use std::error::Error;
use std::fs;
use std::hint::black_box;
use std::path::Path;
use std::time::{Duration, Instant};

use knowledge_base::{Audience, Document, Index, Lang, Query, Visibility};
use rustix::time::{ClockId, clock_gettime};
use serde_json::Value;

const ROUNDS: usize = 3;
/// Documents that are changed.
const CHANGES: usize = 20;
/// Bytes of a document's text.
const LENGTH: usize = 600;

type Answer<T> = Result<T, Box<dyn Error>>;

fn main() -> Answer<()> {
    let (options, files): (Vec<String>, Vec<String>) =
        std::env::args().skip(1).partition(|argument| argument.starts_with("--"));
    let [corpus, queries @ ..] = files.as_slice() else {
        return Err("which corpus?".into());
    };
    let (mut documents, mut folder) = (100_000, None);
    for option in &options {
        match option.split_once('=') {
            Some(("--documents", number)) => documents = number.parse()?,
            Some(("--keep", path)) => folder = Some(Path::new(path)),
            _ => return Err(format!("unknown option {option}").into()),
        }
    }
    let index = index(&lines(Path::new(corpus))?, documents, folder)?;
    println!("| queries | number | p50 | p99 | processor p50 | p99 | reference |\n|---|---|---|---|---|---|---|");
    for file in queries {
        let name = Path::new(file).file_stem().unwrap_or_default().to_string_lossy().into_owned();
        let find = if name.contains("prefix") { Index::typeahead } else { Index::suggest };
        let reference = (0..ROUNDS).map(|_| reference()).min().unwrap_or_default();
        let (mut times, mut costs) = (Vec::new(), Vec::new());
        for line in lines(Path::new(file))? {
            let query = Query::new(text(&line, "text"), Audience::Citizen).in_lang(Lang::It);
            let (mut fastest, mut cheapest) = (Duration::MAX, Duration::MAX);
            for _ in 0..ROUNDS {
                let (started, before) = (Instant::now(), processor_time());
                black_box(find(&index, &query)?);
                cheapest = cheapest.min(processor_time().saturating_sub(before));
                fastest = fastest.min(started.elapsed());
            }
            times.push(fastest);
            costs.push(cheapest);
        }
        let number = times.len();
        let (times, costs) = (Spread::of(times), Spread::of(costs));
        println!("| {name} | {number} | {times} | {costs} | {:.1} ms |", ms(reference));
    }
    if folder.is_none() {
        changes(&index, documents)?;
    }
    Ok(())
}

/// What half and what 99 of 100 stay below.
struct Spread(Duration, Duration);

impl Spread {
    fn of(mut times: Vec<Duration>) -> Self {
        times.sort();
        let at = |share: usize| times.get(times.len() * share / 100).copied().unwrap_or_default();
        Self(at(50), at(99))
    }
}

impl std::fmt::Display for Spread {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:.2} ms | {:.2} ms", ms(self.0), ms(self.1))
    }
}

fn ms(time: Duration) -> f64 {
    time.as_secs_f64() * 1000.0
}

/// What the processor has spent on this thread.
fn processor_time() -> Duration {
    let time = clock_gettime(ClockId::ThreadCPUTime);
    Duration::new(u64::try_from(time.tv_sec).unwrap_or_default(), u32::try_from(time.tv_nsec).unwrap_or_default())
}

/// Changes documents one by one and prints how long it takes until a search finds each by its new words.
fn changes(index: &Index, documents: usize) -> Answer<()> {
    let mut times = Vec::new();
    for n in 0..CHANGES {
        let word = format!("parolanuova{}", "abcdefghijklmnopqrstuvwxyz".get(n..=n).unwrap_or_default().repeat(5));
        let id = i64::try_from(n * documents / CHANGES)?;
        let changed = document(id, format!("Scheda {word}"), "Quello che serve per chiederlo.".to_owned());
        let started = Instant::now();
        index.upsert(&[changed])?;
        index.commit("changed")?;
        let found = index.search(&Query::new(word, Audience::Citizen))?;
        times.push(started.elapsed());
        if found.first().map(|hit| hit.id) != Some(id) {
            return Err("a changed document is not found".into());
        }
    }
    let slowest = times.iter().max().copied().unwrap_or_default();
    let spread = Spread::of(times);
    eprintln!(
        "{CHANGES} documents changed; half found within {:.0} ms, all within {:.0} ms",
        ms(spread.0),
        ms(slowest)
    );
    Ok(())
}

fn document(id: i64, title: String, public: String) -> Document {
    Document {
        id,
        lang: Lang::It,
        title,
        public,
        internal: String::new(),
        keywords: Vec::new(),
        asked: Vec::new(),
        category: None,
        visibility: Visibility::Public,
    }
}

/// Numbers that look random and are the same in every run (SplitMix64).
struct Numbers(u64);

impl Numbers {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let z = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    fn choose<'a>(&mut self, from: &[&'a str]) -> &'a str {
        let len = from.len().max(1) as u64;
        from.get((self.next() % len) as usize).copied().unwrap_or_default()
    }
}

fn reference() -> Duration {
    let mut numbers = Numbers(7);
    let mut list: Vec<u64> = (0..1_000_000).map(|_| numbers.next()).collect();
    let started = Instant::now();
    list.sort_unstable();
    black_box(list);
    started.elapsed()
}

fn index(corpus: &[Value], count: usize, folder: Option<&Path>) -> Answer<Index> {
    let index = match folder.map(Index::open).transpose()? {
        None => Index::in_memory()?,
        Some(opened) if !opened.rebuilt => return Ok(opened.index),
        Some(opened) => opened.index,
    };
    let titles: Vec<&str> = corpus.iter().map(|line| text(line, "title")).filter(|title| !title.is_empty()).collect();
    let sentences: Vec<&str> = corpus
        .iter()
        .flat_map(|line| text(line, "text").split(". "))
        .filter(|s| (20..400).contains(&s.len()))
        .collect();
    let mut numbers = Numbers(1);
    let started = Instant::now();
    for id in 0..i64::try_from(count)? {
        let mut public = String::new();
        while public.len() < LENGTH && !sentences.is_empty() {
            public.push_str(numbers.choose(&sentences));
            public.push_str(". ");
        }
        index.upsert(&[document(id, numbers.choose(&titles).to_owned(), public)])?;
    }
    index.commit("made")?;
    index.join()?;
    eprintln!("{count} documents in {:.1} s", started.elapsed().as_secs_f64());
    Ok(index)
}

fn lines(file: &Path) -> Answer<Vec<Value>> {
    fs::read_to_string(file)?.lines().map(|line| Ok(serde_json::from_str(line)?)).collect()
}

fn text<'a>(line: &'a Value, name: &str) -> &'a str {
    line[name].as_str().unwrap_or_default()
}
