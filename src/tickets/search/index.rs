//! The index of this node: a folder of files that only repeats what the database says. When it is missing,
//! damaged or of another make, it is made anew.
use std::path::PathBuf;
use std::sync::{Arc, PoisonError, RwLock};

use knowledge_base::analysis::{self, FOLDED, ITALIAN};
use tantivy::directory::MmapDirectory;
use tantivy::schema::{
    FAST, Field, INDEXED, IndexRecordOption, STORED, STRING, Schema, TextFieldIndexing, TextOptions,
};
use tantivy::{Index, IndexReader, IndexWriter, ReloadPolicy, TantivyDocument};

use super::excerpt::Piece;
use super::{SearchError, query};
use crate::kernel::Kernel;

/// Where the index is, under the data directory.
const FOLDER: &str = "index/tickets";
/// Memory in which changes are gathered, in bytes.
const WRITER_MEMORY: usize = 20_000_000;

/// The fields of a ticket's document.
#[derive(Debug, Clone, Copy)]
pub(super) struct Fields {
    /// Row id.
    pub id: Field,
    pub subject: Field,
    /// Names of its person and of who wrote.
    pub person: Field,
    /// Texts of its contacts.
    pub body: Field,
    /// Every word of subject and texts as written, accents folded: what analysis leaves out, such as «perché».
    pub words: Field,
    /// Names that other systems gave to it, in lower case.
    pub names: Field,
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
    let analysed = |tokenizer: &str| {
        let indexing =
            TextFieldIndexing::default().set_tokenizer(tokenizer).set_index_option(IndexRecordOption::WithFreqs);
        TextOptions::default().set_indexing_options(indexing)
    };
    let fields = Fields {
        id: schema.add_i64_field("id", INDEXED | FAST | STORED),
        subject: schema.add_text_field("subject", analysed(ITALIAN)),
        person: schema.add_text_field("person", analysed(FOLDED)),
        body: schema.add_text_field("body", analysed(ITALIAN) | STORED),
        words: schema.add_text_field("words", analysed(FOLDED)),
        names: schema.add_text_field("names", STRING),
    };
    (schema.build(), fields)
}

impl Open {
    fn of(index: Index, fields: Fields) -> Result<Self, SearchError> {
        analysis::register(index.tokenizers());
        let reader = index.reader_builder().reload_policy(ReloadPolicy::Manual).try_into()?;
        Ok(Self { index, reader, fields })
    }

    fn in_memory() -> Result<Self, SearchError> {
        let (schema, fields) = schema();
        Self::of(Index::create_in_ram(schema), fields)
    }

    pub(super) fn writer(&self) -> Result<IndexWriter<TantivyDocument>, tantivy::TantivyError> {
        self.index.writer_with_num_threads(1, WRITER_MEMORY)
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
            Open::of(Index::open_or_create(directory, schema.clone())?, fields)
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
