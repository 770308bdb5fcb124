//! Answers the queries of a relevance collection and prints a TREC run, with the time taken on standard error.
//!
//! `score [--typeahead | --search] [--times] [--keep=FOLDER] CORPUS.jsonl QUERIES.jsonl... > RUN`
//!
//! With `--times` each query is asked five times and the fastest counts, so that other work of the machine does
//! not. With `--keep` the index stays in a folder and the next call finds it there.
//!
//! A line of the corpus has `id`, `title` (optional), `text` and `lang` (optional, Italian); a line of queries
//! `id` and `text`. Without an option the queries are whole messages. With several query files, each run is
//! written beside the others in the working directory as the query file's name with `.run` in place of `.jsonl`.

use std::error::Error;
use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use knowledge_base::{Audience, Document, Hit, Index, Lang, Query, Visibility};
use serde_json::Value;

const DEPTH: usize = 10;

type Answer<T> = Result<T, Box<dyn Error>>;

fn main() -> Answer<()> {
    let (options, files): (Vec<String>, Vec<String>) =
        std::env::args().skip(1).partition(|argument| argument.starts_with("--"));
    let [corpus, queries @ ..] = files.as_slice() else {
        return Err("which corpus?".into());
    };
    let mut find: fn(&Index, &Query) -> knowledge_base::Result<Vec<Hit>> = Index::suggest;
    let (mut rounds, mut folder) = (1, None);
    for option in &options {
        match option.split_once('=').unwrap_or((option, "")) {
            ("--search", _) => find = Index::search,
            ("--typeahead", _) => find = Index::typeahead,
            ("--times", _) => rounds = 5,
            ("--keep", path) => folder = Some(Path::new(path)),
            _ => return Err(format!("unknown option {option}").into()),
        }
    }
    let corpus = lines(Path::new(corpus))?;
    let lang = Lang::from_code(text(&corpus[0], "lang")).unwrap_or(Lang::It);
    let started = Instant::now();
    let index = index(&corpus, lang, folder)?;
    eprintln!("{} documents indexed in {} ms", corpus.len(), started.elapsed().as_millis());
    for file in queries {
        let file = PathBuf::from(file);
        let mut run: Box<dyn Write> = if queries.len() == 1 {
            Box::new(io::stdout().lock())
        } else {
            let name = file.with_extension("run");
            Box::new(io::BufWriter::new(fs::File::create(name.file_name().ok_or("not a file")?)?))
        };
        let mut times = Vec::new();
        for query in lines(&file)? {
            let asked = Query::new(text(&query, "text"), Audience::Citizen)
                .with_subject(text(&query, "subject"))
                .in_lang(lang)
                .limit(DEPTH);
            let mut hits = Vec::new();
            let mut fastest = Duration::MAX;
            for _ in 0..rounds {
                let started = Instant::now();
                hits = find(&index, &asked)?;
                fastest = fastest.min(started.elapsed());
            }
            times.push(fastest);
            for (rank, hit) in (1..).zip(hits) {
                let document = text(&corpus[usize::try_from(hit.id)?], "id");
                writeln!(run, "{} Q0 {document} {rank} {} knowledge_base", text(&query, "id"), hit.score)?;
            }
        }
        report(&file, times);
    }
    Ok(())
}

fn index(corpus: &[Value], lang: Lang, folder: Option<&Path>) -> Answer<Index> {
    let documents: Vec<Document> = (0..)
        .zip(corpus)
        .map(|(id, line)| Document {
            id,
            lang,
            title: text(line, "title").to_owned(),
            public: text(line, "text").to_owned(),
            internal: String::new(),
            keywords: Vec::new(),
            asked: Vec::new(),
            category: None,
            visibility: Visibility::Public,
        })
        .collect();
    let index = match folder.map(Index::open).transpose()? {
        None => Index::in_memory()?,
        Some(opened) if !opened.rebuilt => return Ok(opened.index),
        Some(opened) => opened.index,
    };
    index.upsert(&documents)?;
    index.commit("")?;
    index.join()?;
    Ok(index)
}

fn lines(file: &Path) -> Answer<Vec<Value>> {
    fs::read_to_string(file)?.lines().map(|line| Ok(serde_json::from_str(line)?)).collect()
}

fn text<'a>(line: &'a Value, name: &str) -> &'a str {
    line[name].as_str().unwrap_or_default()
}

fn report(file: &Path, mut times: Vec<Duration>) {
    times.sort();
    let at = |share: usize| times.get(times.len() * share / 100).map_or(0, Duration::as_micros);
    eprintln!("{}: {} queries, p50 {} us, p99 {} us", file.display(), times.len(), at(50), at(99));
}
