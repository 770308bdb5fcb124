//! The index of this node: a folder of files that only repeats what the database says. When it is missing,
//! damaged or of another make, it is made anew.
use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::{Arc, PoisonError, RwLock};

use knowledge_base::analysis::{self, FOLDED, ITALIAN};
use tantivy::directory::MmapDirectory;
use tantivy::merge_policy::{LogMergePolicy, MergePolicy};
use tantivy::schema::{
    FAST, Field, INDEXED, IndexRecordOption, STORED, STRING, Schema, TextFieldIndexing, TextOptions,
};
use tantivy::{Index, IndexReader, IndexSettings, IndexSortByField, IndexWriter, Order, ReloadPolicy, TantivyDocument};

use super::excerpt::Piece;
use super::{SearchError, query};
use crate::kernel::Kernel;

/// Where the index is, under the data directory.
const FOLDER: &str = "index/tickets";
/// Memory in which changes are gathered, in bytes.
const WRITER_MEMORY: usize = 20_000_000;

/// Segments of about one size that become one: each word is looked up in every segment, so fewer are kept than usual.
const SEGMENTS: usize = 4;

/// The field by which documents are ordered.
pub(super) const ID: &str = "id";
/// Letters from which the beginning of a name finds it, and from which more letters say no more.
const SHORTEST: usize = 3;
const LONGEST: usize = 20;

/// The fields of a ticket's document.
#[derive(Debug, Clone, Copy)]
pub(super) struct Fields {
    /// Row id.
    pub id: Field,
    /// Stems of its subject and of the texts of its contacts.
    pub text: Field,
    /// Every word of subject, texts and names as written, accents folded: also what analysis leaves out, such as
    /// «perché».
    pub words: Field,
    /// The beginnings of each word of the names and addresses of its person and of who wrote.
    pub beginnings: Field,
    /// Texts of its contacts, to cite from.
    pub body: Field,
    /// Names that other systems gave to it, in lower case.
    pub names: Field,
}

/// The part of a folded word by which it is looked for as the beginning of a name, if it is long enough.
pub(super) fn beginning(word: &str) -> Option<&str> {
    let mut ends = word.char_indices().map(|(at, c)| at + c.len_utf8());
    let enough = ends.nth(SHORTEST - 1)?;
    Some(&word[..ends.take(LONGEST - SHORTEST).last().unwrap_or(enough)])
}

/// The beginnings of the words of a text.
pub(super) fn beginnings(text: &str) -> BTreeSet<String> {
    let folded = analysis::fold(text);
    let words = folded.split(|c: char| !c.is_alphanumeric());
    let ends = |word: &str| word.char_indices().map(|(at, c)| at + c.len_utf8()).collect::<Vec<_>>();
    words
        .flat_map(|word| ends(word).into_iter().take(LONGEST).skip(SHORTEST - 1).map(|end| word[..end].to_owned()))
        .collect()
}

/// An open index.
pub(super) struct Open {
    pub index: Index,
    pub reader: IndexReader,
    pub fields: Fields,
}

/// Searching in the texts of tickets; one a process, behind an `Arc`.
pub struct TicketIndex {
    folder: PathBuf,
    open: RwLock<Option<Arc<Open>>>,
}

fn schema() -> (Schema, Fields) {
    let mut schema = Schema::builder();
    // Results are in the order of the tickets: how often and how near words are makes no difference.
    let looked_up = |tokenizer: &str| {
        let indexing = TextFieldIndexing::default().set_index_option(IndexRecordOption::Basic).set_fieldnorms(false);
        TextOptions::default().set_indexing_options(indexing.set_tokenizer(tokenizer))
    };
    let fields = Fields {
        id: schema.add_i64_field(ID, INDEXED | FAST),
        text: schema.add_text_field("text", looked_up(ITALIAN)),
        words: schema.add_text_field("words", looked_up(FOLDED)),
        beginnings: schema.add_text_field("beginnings", STRING),
        body: schema.add_text_field("body", STORED),
        names: schema.add_text_field("names", STRING),
    };
    (schema.build(), fields)
}

/// The newest ticket is the first document of every segment.
fn settings() -> IndexSettings {
    let newest_first = IndexSortByField { field: ID.to_owned(), order: Order::Desc };
    IndexSettings { sort_by_field: Some(newest_first), ..IndexSettings::default() }
}

/// Joins segments of about one size, by and by.
pub(super) fn by_size() -> Box<dyn MergePolicy> {
    let mut policy = LogMergePolicy::default();
    policy.set_min_num_segments(SEGMENTS);
    Box::new(policy)
}

impl Open {
    fn of(index: Index, fields: Fields) -> Result<Self, SearchError> {
        analysis::register(index.tokenizers());
        let reader = index.reader_builder().reload_policy(ReloadPolicy::Manual).try_into()?;
        Ok(Self { index, reader, fields })
    }

    fn in_memory() -> Result<Self, SearchError> {
        let (schema, fields) = schema();
        Self::of(Index::builder().schema(schema).settings(settings()).create_in_ram()?, fields)
    }

    /// Row id of the newest ticket that it holds.
    pub(super) fn newest(&self) -> tantivy::Result<i64> {
        let mut newest = 0;
        for segment in self.reader.searcher().segment_readers() {
            newest = newest.max(segment.fast_fields().i64(ID)?.max_value());
        }
        Ok(newest)
    }

    pub(super) fn writer(&self) -> Result<IndexWriter<TantivyDocument>, tantivy::TantivyError> {
        let writer = self.index.writer_with_num_threads(1, WRITER_MEMORY)?;
        writer.set_merge_policy(by_size());
        Ok(writer)
    }
}

impl TicketIndex {
    /// The index in the data directory of this process; opened when first needed.
    pub fn new(kernel: &Kernel) -> Arc<Self> {
        Arc::new(Self { folder: kernel.config.path(FOLDER), open: RwLock::new(None) })
    }

    /// How many tickets can be found by their texts on this node.
    ///
    /// # Errors
    /// When the index cannot be opened.
    pub fn len(&self) -> Result<u64, SearchError> {
        Ok(self.open()?.reader.searcher().num_docs())
    }

    /// Whether no ticket can be found by its texts yet.
    ///
    /// # Errors
    /// When the index cannot be opened.
    pub fn is_empty(&self) -> Result<bool, SearchError> {
        Ok(self.len()? == 0)
    }

    pub(super) fn open(&self) -> Result<Arc<Open>, SearchError> {
        if let Some(open) = &*self.open.read().unwrap_or_else(PoisonError::into_inner) {
            return Ok(open.clone());
        }
        let mut slot = self.open.write().unwrap_or_else(PoisonError::into_inner);
        if let Some(open) = &*slot {
            return Ok(open.clone());
        }
        let open = Arc::new(self.open_folder()?);
        *slot = Some(open.clone());
        Ok(open)
    }

    /// Opens the folder; what it holds is thrown away when it cannot be read as an index of this make.
    fn open_folder(&self) -> Result<Open, SearchError> {
        let (schema, fields) = schema();
        let try_open = || -> Result<Open, SearchError> {
            std::fs::create_dir_all(&self.folder)?;
            let directory = MmapDirectory::open(&self.folder).map_err(tantivy::TantivyError::from)?;
            let index = Index::builder().schema(schema.clone()).settings(settings()).open_or_create(directory)?;
            Open::of(index, fields)
        };
        match try_open() {
            Ok(open) => Ok(open),
            Err(e) => {
                tracing::warn!("the ticket index is made anew: {e}");
                std::fs::remove_dir_all(&self.folder)?;
                try_open()
            }
        }
    }

    /// Goes on in memory, when another process has the folder.
    pub(super) fn borrow_memory(&self) -> Result<Arc<Open>, SearchError> {
        let open = Arc::new(Open::in_memory()?);
        *self.open.write().unwrap_or_else(PoisonError::into_inner) = Some(open.clone());
        Ok(open)
    }

    /// Forgets a damaged index with its files; the next use makes a new one.
    pub(super) fn discard(&self) -> Result<(), SearchError> {
        let mut slot = self.open.write().unwrap_or_else(PoisonError::into_inner);
        *slot = None;
        match std::fs::remove_dir_all(&self.folder) {
            Err(e) if e.kind() != std::io::ErrorKind::NotFound => Err(e.into()),
            Ok(()) | Err(_) => Ok(()),
        }
    }

    /// Tickets before a row id whose texts have the words of `q`, newest first, with where they say it.
    pub(super) async fn find(&self, q: &str, before: i64, limit: usize) -> Result<Vec<(i64, Vec<Piece>)>, SearchError> {
        let (open, q) = (self.open()?, q.to_owned());
        let done = tokio::task::spawn_blocking(move || query::run(&open, &q, before, limit)).await;
        Ok(done.map_err(|_| SearchError::Interrupted)??)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_found_by_its_beginnings() {
        let all = beginnings("Niccolò D'Ag");
        assert_eq!(all.iter().map(String::as_str).collect::<Vec<_>>(), ["nic", "nicc", "nicco", "niccol", "niccolo"]);
        assert_eq!(beginning("ni"), None);
        assert_eq!(beginning("nic"), Some("nic"));
        assert_eq!(beginning("niccolò"), Some("niccolò"));
    }

    #[test]
    fn a_long_name_is_found_by_as_many_letters_as_are_kept() {
        let word = "precipitevolissimevolmente";
        let asked = beginning(word).unwrap();
        assert_eq!(asked.chars().count(), LONGEST);
        assert!(beginnings(word).contains(asked));
    }
}
