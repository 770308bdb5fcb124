//! Collections of texts from files, to measure how well searches find what they should: the engine and its
//! parameters are those of the sheets, the texts are not. Each is a folder of its own below the data directory and
//! needs no database.
use std::collections::{HashMap, HashSet};
use std::fs::{self, File};
use std::io::{self, BufRead, BufReader, BufWriter, Write};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use knowledge_base::{Audience, Document, Hit, Index, Lang, Query, Visibility};
use serde::Deserialize;
use serde::de::DeserializeOwned;

/// Where collections are, under the data directory.
const FOLDER: &str = "collections";
/// Names of the documents, one JSON string a line, empty for a deleted one; the number of the line is the number in
/// the index.
const NAMES: &str = "names.jsonl";
/// What runs are signed with.
const TAG: &str = "sportello";

/// A named collection, which need not exist yet.
#[derive(Debug, Clone)]
pub struct Collection {
    folder: PathBuf,
    name: String,
}

/// How queries are read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Mode {
    /// Whole messages, as sheets are suggested for a contact.
    Suggest,
    /// Words that a person typed.
    Search,
    /// Words of which the last may be half-typed.
    Typeahead,
}

/// What an import did.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Imported {
    pub added: usize,
    pub replaced: usize,
    pub deleted: usize,
    /// Documents in the collection now.
    pub documents: u64,
}

/// How long the queries of a run took, each from its text to its hits.
#[derive(Debug, Clone, Copy, Default)]
pub struct Times {
    pub queries: usize,
    pub median: Duration,
    /// 99 of 100 took no longer.
    pub slowest: Duration,
}

/// What is wrong with a collection or its files.
#[derive(Debug, thiserror::Error)]
pub enum CollectionError {
    #[error("a collection is named by at most 64 letters, digits, dots, dashes and underscores, not by «{0}»")]
    Name(String),
    #[error("there is no collection «{0}» here, or another version made it: import it first")]
    Missing(String),
    #[error("{file}, line {line}: {wrong}")]
    Line { file: String, line: usize, wrong: String },
    #[error("cannot read {file}: {source}")]
    Read { file: String, source: io::Error },
    #[error("another program writes the collection «{0}»; try again when it is done")]
    InUse(String),
    #[error("cannot write the collection: {0}")]
    Write(io::Error),
    #[error("cannot write the run: {0}")]
    Output(io::Error),
    #[error(transparent)]
    Index(knowledge_base::Error),
}

#[derive(Deserialize)]
struct DocumentLine {
    id: Name,
    #[serde(default)]
    title: Option<String>,
    text: String,
    #[serde(default)]
    lang: Option<String>,
}

#[derive(Deserialize)]
struct QueryLine {
    id: Name,
    text: String,
    #[serde(default)]
    subject: Option<String>,
    #[serde(default)]
    lang: Option<String>,
}

/// An identifier, written as a string or a number.
#[derive(Deserialize)]
#[serde(untagged)]
enum Name {
    Text(String),
    Number(serde_json::Number),
}

impl Name {
    /// The identifier as runs write it, between spaces.
    fn checked(self) -> Result<String, String> {
        let name = match self {
            Self::Text(text) => text,
            Self::Number(number) => number.to_string(),
        };
        if name.is_empty() || name.contains(char::is_whitespace) {
            return Err(format!("the id «{name}» is empty or has a space, so a run cannot name it"));
        }
        Ok(name)
    }
}

impl Collection {
    /// The collection `name` of a data directory.
    ///
    /// # Errors
    /// When the name could not be that of a folder.
    pub fn new(data: &Path, name: &str) -> Result<Self, CollectionError> {
        let fits = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_');
        if name.is_empty() || name.len() > 64 || name.starts_with('.') || !name.chars().all(fits) {
            return Err(CollectionError::Name(name.to_owned()));
        }
        Ok(Self { folder: data.join(FOLDER).join(name), name: name.to_owned() })
    }

    /// Adds the documents of a file of JSON lines (`id`, `text`, `title` and `lang` where known), each in place of the
    /// one with its id; with `delete_absent` those that the file does not have are deleted. Either all of the file is
    /// taken or nothing.
    ///
    /// # Errors
    /// Names the line that is wrong.
    pub fn import(&self, file: &Path, delete_absent: bool) -> Result<Imported, CollectionError> {
        let lines = Lines::<DocumentLine>::open(file)?;
        fs::create_dir_all(&self.folder).map_err(CollectionError::Write)?;
        let opened = Index::open(&self.folder).map_err(|e| self.index_error(e))?;
        let index = opened.index;
        // An index that had to start anew has nothing of what the names were for.
        let mut names = if opened.rebuilt { Vec::new() } else { self.names()? };
        let named = names.iter().cloned().zip(0..).filter(|(name, _)| !name.is_empty());
        let mut numbers: HashMap<String, usize> = named.collect();
        let known = names.len();
        let mut seen = HashSet::new();
        let mut done = Imported::default();
        for line in lines {
            let (at, line) = line?;
            let wrong = |wrong: String| CollectionError::Line { file: file.display().to_string(), line: at, wrong };
            let name = line.id.checked().map_err(wrong)?;
            let lang = language(line.lang.as_deref()).map_err(wrong)?.unwrap_or(Lang::It);
            let number = *numbers.entry(name).or_insert_with_key(|name| {
                names.push(name.clone());
                names.len() - 1
            });
            let id = number as i64;
            let again = !seen.insert(number);
            if number < known || again {
                // Its language may have changed, and with it the key it had.
                index.delete(&[id]).map_err(|e| self.index_error(e))?;
            }
            let document = Document {
                id,
                lang,
                title: line.title.unwrap_or_default(),
                public: line.text,
                internal: String::new(),
                keywords: Vec::new(),
                asked: Vec::new(),
                category: None,
                visibility: Visibility::Public,
            };
            index.upsert(&[document]).map_err(|e| self.index_error(e))?;
        }
        if delete_absent {
            let absent: Vec<usize> = (0..known).filter(|n| !seen.contains(n) && !names[*n].is_empty()).collect();
            absent.iter().for_each(|n| names[*n].clear());
            done.deleted = absent.len();
            let absent: Vec<i64> = absent.into_iter().map(|n| n as i64).collect();
            index.delete(&absent).map_err(|e| self.index_error(e))?;
        }
        // The names come first: one too many names nothing, one too few would.
        self.write_names(&names)?;
        index.commit("imported").and_then(|()| index.join()).map_err(|e| self.index_error(e))?;
        done.documents = index.len();
        done.added = names.len() - known;
        done.replaced = seen.len() - done.added;
        Ok(done)
    }

    /// Answers the queries of a file of JSON lines (`id`, `text`, `subject` and `lang` where known), and writes a line
    /// `query Q0 document rank score tag` for each of the first `depth` documents.
    ///
    /// # Errors
    /// Names the line that is wrong.
    pub fn run(
        &self,
        queries: &Path,
        depth: usize,
        mode: Mode,
        output: &mut dyn Write,
    ) -> Result<Times, CollectionError> {
        let find: fn(&Index, &Query) -> knowledge_base::Result<Vec<Hit>> = match mode {
            Mode::Suggest => Index::suggest,
            Mode::Search => Index::search,
            Mode::Typeahead => Index::typeahead,
        };
        let opened = Index::open_to_read(&self.folder).map_err(|e| self.index_error(e))?;
        let index = opened.ok_or_else(|| CollectionError::Missing(self.name.clone()))?;
        let names = self.names()?;
        let mut times = Vec::new();
        for line in Lines::<QueryLine>::open(queries)? {
            let (at, line) = line?;
            let wrong = |wrong: String| CollectionError::Line { file: queries.display().to_string(), line: at, wrong };
            let name = line.id.checked().map_err(wrong)?;
            let query = Query {
                lang: language(line.lang.as_deref()).map_err(wrong)?,
                ..Query::new(line.text, Audience::Citizen).with_subject(line.subject.unwrap_or_default()).limit(depth)
            };
            let started = Instant::now();
            let hits = find(&index, &query).map_err(|e| self.index_error(e))?;
            times.push(started.elapsed());
            for (rank, hit) in (1..).zip(hits) {
                let found = usize::try_from(hit.id).ok().and_then(|n| names.get(n)).filter(|name| !name.is_empty());
                let found = found.ok_or_else(|| CollectionError::Missing(self.name.clone()))?;
                writeln!(output, "{name} Q0 {found} {rank} {} {TAG}", hit.score).map_err(CollectionError::Output)?;
            }
        }
        output.flush().map_err(CollectionError::Output)?;
        times.sort_unstable();
        let at = |share: usize| times.get(times.len() * share / 100).copied().unwrap_or_default();
        Ok(Times { queries: times.len(), median: at(50), slowest: at(99) })
    }

    fn names(&self) -> Result<Vec<String>, CollectionError> {
        let file = self.folder.join(NAMES);
        match file.exists() {
            true => Lines::open(&file)?.map(|line| line.map(|(_, name)| name)).collect(),
            false => Ok(Vec::new()),
        }
    }

    fn write_names(&self, names: &[String]) -> Result<(), CollectionError> {
        let write = || -> io::Result<()> {
            let beside = self.folder.join(format!("{NAMES}.new"));
            let mut file = BufWriter::new(File::create(&beside)?);
            for name in names {
                serde_json::to_writer(&mut file, name)?;
                file.write_all(b"\n")?;
            }
            file.into_inner()?.sync_all()?;
            fs::rename(&beside, self.folder.join(NAMES))
        };
        write().map_err(CollectionError::Write)
    }

    fn index_error(&self, error: knowledge_base::Error) -> CollectionError {
        match error {
            knowledge_base::Error::InUse => CollectionError::InUse(self.name.clone()),
            other => CollectionError::Index(other),
        }
    }
}

fn language(code: Option<&str>) -> Result<Option<Lang>, String> {
    match code {
        None | Some("") => Ok(None),
        Some(code) => match Lang::from_code(code) {
            None => Err(format!("«{code}» is no language the engine knows: it, en")),
            known => Ok(known),
        },
    }
}

/// The values of a file of JSON lines, each with the number of its line; empty lines are passed over.
pub struct Lines<T> {
    name: String,
    lines: io::Lines<BufReader<File>>,
    at: usize,
    of: std::marker::PhantomData<T>,
}

impl<T> Lines<T> {
    /// # Errors
    /// When the file cannot be opened.
    pub fn open(file: &Path) -> Result<Self, CollectionError> {
        let name = file.display().to_string();
        match File::open(file) {
            Ok(file) => Ok(Self { name, lines: BufReader::new(file).lines(), at: 0, of: std::marker::PhantomData }),
            Err(source) => Err(CollectionError::Read { file: name, source }),
        }
    }
}

impl<T: DeserializeOwned> Iterator for Lines<T> {
    type Item = Result<(usize, T), CollectionError>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            let line = self.lines.next()?;
            self.at += 1;
            let file = || self.name.clone();
            let line = match line {
                Err(e) if e.kind() == io::ErrorKind::InvalidData => {
                    return Some(Err(self.wrong("it is not UTF-8 text".to_owned())));
                }
                Err(source) => return Some(Err(CollectionError::Read { file: file(), source })),
                Ok(line) => line,
            };
            let text = if self.at == 1 { line.trim_start_matches('\u{feff}') } else { &line };
            if text.trim().is_empty() {
                continue;
            }
            return Some(match serde_json::from_str(text) {
                Ok(value) => Ok((self.at, value)),
                // The line within the text is always the first; the column says where.
                Err(e) => Err(self.wrong(e.to_string().replace(" at line 1 column", " at column"))),
            });
        }
    }
}

impl<T> Lines<T> {
    fn wrong(&self, wrong: String) -> CollectionError {
        CollectionError::Line { file: self.name.clone(), line: self.at, wrong }
    }
}
