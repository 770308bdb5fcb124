//! What each part of the ranking is worth, whether its weights fit collections they were not chosen on, and what is
//! learnt from questions that were answered. Prints Markdown tables of success@1.
//!
//! `ablation [--parts] [--left-out] [--learning] [--only=TEXT] [--variants=clean,email] COLLECTIONS`
//!
//! `COLLECTIONS` is a folder with a folder for each collection: `corpus.jsonl`, `queries.dev.VARIANT.jsonl`,
//! `qrels.dev.tsv` (TREC). Without an option all three are measured; `--only` leaves the parts whose name has a text, and
//! `--variants` the variants named; without it there are all ten. Half-typed queries (`prefix`) go to `typeahead`,
//! the others to `suggest`. A query counts when its first document is relevant.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::error::Error;
use std::fs;
use std::path::{Path, PathBuf};

use knowledge_base::lessons::{Lesson, Question};
use knowledge_base::{Audience, Document, Index, Lang, Means, Query, Visibility};
use serde_json::Value;

const VARIANTS: [&str; 10] = ["clean", "typo", "noacc", "caps", "ocr", "prefix", "pad", "email", "runon", "embed"];

/// Of five parts of the queries, four teach and one asks, each in its turn.
const PARTS: u64 = 5;

type Answer<T> = Result<T, Box<dyn Error>>;

struct Collection {
    name: String,
    documents: Vec<Document>,
    lang: Lang,
    /// By variant: name and text of each query.
    queries: BTreeMap<String, Vec<(String, String)>>,
    /// Documents that answer a query.
    relevant: HashMap<String, HashSet<i64>>,
}

fn main() -> Answer<()> {
    let (options, folders): (Vec<String>, Vec<String>) =
        std::env::args().skip(1).partition(|argument| argument.starts_with("--"));
    let [folder] = folders.as_slice() else { return Err("which folder of collections?".into()) };
    let mut variants: Vec<String> = VARIANTS.map(str::to_owned).to_vec();
    let (mut parts, mut left_out, mut learning, mut only) = (false, false, false, "");
    for option in &options {
        match option.split_once('=').unwrap_or((option, "")) {
            ("--parts", _) => parts = true,
            ("--left-out", _) => left_out = true,
            ("--learning", _) => learning = true,
            ("--only", text) => only = text,
            ("--variants", names) => variants = names.split(',').map(str::to_owned).collect(),
            _ => return Err(format!("unknown option {option}").into()),
        }
    }
    let all = !(parts || left_out || learning);
    let mut folders: Vec<PathBuf> = fs::read_dir(folder)?.map(|entry| Ok(entry?.path())).collect::<Answer<_>>()?;
    folders.retain(|folder| folder.join("corpus.jsonl").exists());
    folders.sort();
    let collections: Vec<Collection> =
        folders.iter().map(|folder| Collection::read(folder, &variants)).collect::<Answer<_>>()?;
    if parts || all {
        print_parts(&collections, &variants, only)?;
    }
    if left_out || all {
        print_left_out(&collections, &variants)?;
    }
    if learning || all {
        print_learning(&collections, &variants)?;
    }
    Ok(())
}

/// Each row is all means with one changed.
fn settings() -> Vec<(&'static str, Means)> {
    let all = Means::default();
    vec![
        ("all", all),
        ("without titles", Means { title: 0.0, ..all }),
        ("without two words in a row", Means { pair: 0.0, ..all }),
        ("without pieces of words", Means { pieces: 0.0, ..all }),
        ("common pieces kept", Means { common_piece: 1.0, ..all }),
        ("pieces in over 10% of documents left out", Means { common_piece: 0.1, ..all }),
        ("without correction of unknown words", Means { corrected: [0.0; 2], ..all }),
        ("corrected words weigh as known ones", Means { corrected: [1.0; 2], ..all }),
        ("without passages: the whole text is one", Means { passages: false, ..all }),
        ("questions count as other passages", Means { asking: 1.0, ..all }),
        ("weight without (best / mass)^¼", Means { fit: 0.0, ..all }),
        ("weight without best / (best + 40)", Means { evidence: 0.0, ..all }),
        ("passages weighed by (best / mass) alone", Means { evidence: 0.0, fit: 1.0, ..all }),
    ]
}

fn print_parts(collections: &[Collection], variants: &[String], only: &str) -> Answer<()> {
    println!("| | {} |\n|---|{}", variants.join(" | "), "---|".repeat(variants.len()));
    let mut indexes: Vec<Index> = collections.iter().map(|c| c.index(&[])).collect::<Answer<_>>()?;
    for (name, means) in settings().into_iter().filter(|(name, _)| name.contains(only)) {
        indexes = indexes.into_iter().map(|index| index.by(means)).collect();
        let mut row = Vec::new();
        for variant in variants {
            let of = |(collection, index): (&Collection, &Index)| collection.success(index, variant);
            row.push(mean(collections.iter().zip(&indexes).map(of))?);
        }
        println!("| {name} | {} |", shown(&row));
    }
    Ok(())
}

/// The best setting of the other collections, taken to each.
fn print_left_out(collections: &[Collection], variants: &[String]) -> Answer<()> {
    let mut grid = Vec::new();
    let all = Means::default();
    for title in [0.5, 0.75] {
        for pieces in [0.5, 0.7] {
            for (fit, evidence) in [(0.25, 40.0), (0.15, 40.0), (0.25, 80.0)] {
                grid.push(Means { title, pieces, fit, evidence, ..all });
            }
        }
    }
    let mut indexes: Vec<Index> = collections.iter().map(|c| c.index(&[])).collect::<Answer<_>>()?;
    // By setting and collection.
    let mut figures = Vec::new();
    for means in &grid {
        indexes = indexes.into_iter().map(|index| index.by(*means)).collect();
        let mut row = Vec::new();
        for (collection, index) in collections.iter().zip(&indexes) {
            row.push(mean(variants.iter().map(|variant| collection.success(index, variant)))?);
        }
        figures.push(row);
    }
    let best = |of: &dyn Fn(&[f64]) -> f64| {
        (0..grid.len()).max_by(|a, b| of(&figures[*a]).total_cmp(&of(&figures[*b]))).unwrap_or(0)
    };
    let ours = grid.iter().position(|means| *means == all).ok_or("the default is not in the grid")?;
    println!("\n| left out | chosen on the others | with it | as it is | best possible |\n|---|---|---|---|---|");
    for (n, collection) in collections.iter().enumerate() {
        let others = |row: &[f64]| row.iter().sum::<f64>() - row[n];
        let chosen = best(&others);
        let Means { title, pieces, fit, evidence, .. } = grid[chosen];
        let possible = figures[best(&|row: &[f64]| row[n])][n];
        let name = &collection.name;
        let setting = format!("title {title}, pieces {pieces}, power {fit}, half at {evidence}");
        println!("| {name} | {setting} | {:.4} | {:.4} | {possible:.4} |", figures[chosen][n], figures[ours][n]);
    }
    Ok(())
}

/// What the questions of all but one part of the queries, with the documents that answer them, are worth for that part.
fn print_learning(collections: &[Collection], variants: &[String]) -> Answer<()> {
    for (title, learnt, wrong) in [
        ("learnt from questions as they are", "clean", 0),
        ("learnt from whole mails", "email", 0),
        ("learnt from whole mails, one in ten with a wrong document", "email", 10),
    ] {
        println!("\n| {title} | | {} |\n|---|---|{}", variants.join(" | "), "---|".repeat(variants.len()));
        for collection in collections {
            let plain = collection.index(&[])?;
            let mut rows = vec![[(0, 0); 4]; variants.len()];
            for part in 0..PARTS {
                let lessons = collection.lessons(&plain, learnt, part, wrong)?;
                let taught_ids: HashSet<i64> = lessons.iter().map(|(id, _)| *id).collect();
                let taught = collection.index(&lessons)?;
                for (row, variant) in rows.iter_mut().zip(variants) {
                    for (place, index) in [&plain, &taught].into_iter().enumerate() {
                        for (of, has_learnt) in [true, false].into_iter().enumerate() {
                            let held_out = |query: &str| {
                                let mut answers = collection.relevant.get(query).into_iter().flatten();
                                hash(query) % PARTS == part && answers.any(|id| taught_ids.contains(id)) == has_learnt
                            };
                            let (right, all) = collection.count(index, variant, held_out)?;
                            let cell = &mut row[2 * of + place];
                            *cell = (cell.0 + right, cell.1 + all);
                        }
                    }
                }
            }
            let shares = |at: usize| shown(&rows.iter().map(|row| share(row[at])).collect::<Vec<f64>>());
            for (of, whose) in ["that learnt", "others"].into_iter().enumerate() {
                let number = rows.first().map_or(0, |row| row[2 * of].1);
                println!("| {}, documents {whose} ({number}) | before | {} |", collection.name, shares(2 * of));
                println!("| | after | {} |", shares(2 * of + 1));
            }
        }
    }
    Ok(())
}

impl Collection {
    fn read(folder: &Path, variants: &[String]) -> Answer<Self> {
        let corpus = lines(&folder.join("corpus.jsonl"))?;
        let lang = corpus.first().and_then(|line| Lang::from_code(text(line, "lang"))).unwrap_or(Lang::It);
        let numbers: HashMap<&str, i64> = corpus.iter().map(|line| text(line, "id")).zip(0..).collect();
        let mut relevant: HashMap<String, HashSet<i64>> = HashMap::new();
        for line in fs::read_to_string(folder.join("qrels.dev.tsv"))?.lines() {
            let parts: Vec<&str> = line.split_whitespace().collect();
            let [query, _, document, relevance] = parts.as_slice() else { return Err("no TREC qrels".into()) };
            if let Some(number) = numbers.get(document).filter(|_| *relevance != "0") {
                relevant.entry((*query).to_owned()).or_default().insert(*number);
            }
        }
        let mut queries = BTreeMap::new();
        for variant in variants.iter().map(String::as_str).chain(["clean", "email"]) {
            let found = lines(&folder.join(format!("queries.dev.{variant}.jsonl")))?;
            let pair = |line: &Value| (text(line, "id").to_owned(), text(line, "text").to_owned());
            queries.insert(variant.to_owned(), found.iter().map(pair).collect());
        }
        let document = |(id, line): (i64, &Value)| Document {
            id,
            lang,
            title: text(line, "title").to_owned(),
            public: text(line, "text").to_owned(),
            internal: String::new(),
            keywords: Vec::new(),
            asked: Vec::new(),
            category: None,
            visibility: Visibility::Public,
        };
        let documents = (0..).zip(&corpus).map(document).collect();
        let name = folder.file_name().unwrap_or_default().to_string_lossy().into_owned();
        Ok(Self { name, documents, lang, queries, relevant })
    }

    fn index(&self, lessons: &[(i64, String)]) -> Answer<Index> {
        let mut documents = self.documents.clone();
        for (id, lesson) in lessons {
            documents[usize::try_from(*id)?].asked.push(lesson.clone());
        }
        let index = Index::in_memory()?;
        index.upsert(&documents)?;
        index.commit("")?;
        index.join()?;
        Ok(index)
    }

    /// The share of the queries whose first document answers them.
    fn success(&self, index: &Index, variant: &str) -> Answer<f64> {
        Ok(share(self.count(index, variant, |_| true)?))
    }

    /// How many queries, of those asked about, have a first document that answers them, and how many there are.
    fn count(&self, index: &Index, variant: &str, asked_about: impl Fn(&str) -> bool) -> Answer<(u32, u32)> {
        let find = if variant == "prefix" { Index::typeahead } else { Index::suggest };
        let (mut right, mut all) = (0, 0);
        for (name, text) in self.queries[variant].iter().filter(|(name, _)| asked_about(name)) {
            let Some(relevant) = self.relevant.get(name) else { continue };
            let query = Query::new(text.as_str(), Audience::Citizen).in_lang(self.lang).limit(1);
            all += 1;
            right += u32::from(find(index, &query)?.first().is_some_and(|hit| relevant.contains(&hit.id)));
        }
        Ok((right, all))
    }

    /// What documents learn from the queries that are not of a part, where one in so many names a wrong document, if
    /// any does.
    fn lessons(&self, index: &Index, variant: &str, part: u64, wrong: u64) -> Answer<Vec<(i64, String)>> {
        let mut lessons: BTreeMap<i64, Lesson> = BTreeMap::new();
        let learnt = (0..).zip(&self.queries[variant]).filter(|(_, (name, _))| hash(name) % PARTS != part);
        for (person, (name, text)) in learnt {
            let Some(right) = self.relevant.get(name).and_then(|documents| documents.iter().min()) else { continue };
            let mislead = wrong > 0 && (hash(name) / PARTS).is_multiple_of(wrong);
            let other = (hash(name) / 7 % self.documents.len() as u64) as i64;
            let id = if mislead { other } else { *right };
            lessons.entry(id).or_insert_with(|| Lesson::new(self.lang)).add(&Question { person, names: "", text });
        }
        let own = |id: i64| {
            let document = &self.documents[id as usize];
            format!("{}\n{}", document.title, document.public)
        };
        let common = |word: &str| index.has_word(word, self.lang).unwrap_or(false);
        Ok(lessons.into_iter().map(|(id, lesson)| (id, lesson.words(&own(id), common))).collect())
    }
}

fn mean(values: impl Iterator<Item = Answer<f64>>) -> Answer<f64> {
    let values: Vec<f64> = values.collect::<Answer<_>>()?;
    Ok(values.iter().sum::<f64>() / values.len().max(1) as f64)
}

fn share((right, all): (u32, u32)) -> f64 {
    f64::from(right) / f64::from(all.max(1))
}

fn shown(row: &[f64]) -> String {
    row.iter().map(|value| format!("{value:.3}").trim_start_matches('0').to_owned()).collect::<Vec<_>>().join(" | ")
}

/// The same in every run (FNV-1a).
fn hash(name: &str) -> u64 {
    let hash = name
        .bytes()
        .fold(0xcbf2_9ce4_8422_2325, |hash: u64, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3));
    hash >> 20
}

fn lines(file: &Path) -> Answer<Vec<Value>> {
    fs::read_to_string(file)?.lines().map(|line| Ok(serde_json::from_str(line)?)).collect()
}

fn text<'a>(line: &'a Value, name: &str) -> &'a str {
    line[name].as_str().unwrap_or_default()
}
