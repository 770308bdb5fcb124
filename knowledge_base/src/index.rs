use std::fs::{self, File, TryLockError};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};
use std::time::Duration;

use tantivy::merge_policy::{LogMergePolicy, NoMergePolicy};
use tantivy::{IndexReader, IndexWriter, ReloadPolicy, TantivyDocument, Term};

use crate::analysis::fold;
use crate::schema::{Fields, key};
use crate::snapshot::Snapshot;
use crate::{Document, Error, Lang, Means, Result};

/// Folder of the files, named by the form of their content. A program that
/// analyses or stores texts in another way must count on, so that it starts anew.
const FORM: &str = "form-4";

/// Memory that documents not yet committed may take, in bytes; each time it is full a segment more is made.
const WRITER_MEMORY: usize = 192 << 20;
/// While background work holds segments, how often and how long joining them waits.
const TRIES: usize = 600;
const BETWEEN_TRIES: Duration = Duration::from_millis(50);

/// Texts that can be searched, in a folder or in memory.
///
/// Shared between threads by reference. Writes are seen by searches once [`Index::commit`] returns.
/// Every call blocks; none needs a runtime.
pub struct Index {
    fields: Fields,
    reader: IndexReader,
    /// `None` when it was opened to be read alone.
    writer: Option<Mutex<IndexWriter>>,
    snapshot: RwLock<Arc<Snapshot>>,
    means: Means,
    /// Held for as long as the index is open in its folder.
    _lock: Option<File>,
}

/// An index that was opened.
pub struct Opened {
    /// The index.
    pub index: Index,
    /// The index is new or had to be made anew, and is empty: the caller feeds it from the beginning.
    pub rebuilt: bool,
}

impl Index {
    /// Opens the index kept under `dir`, which is made if missing.
    ///
    /// An index of another form, or a damaged one, is replaced by an empty one. Only files of an
    /// index are removed from `dir`.
    ///
    /// # Errors
    /// [`Error::InUse`] when another writer has it open, [`Error::Folder`] when the folder cannot be written.
    pub fn open(dir: &Path) -> Result<Opened> {
        fs::create_dir_all(dir)?;
        // Before anything is judged damaged, nobody else may be writing it.
        let lock = lock(dir)?;
        let home = dir.join(FORM);
        remove_other_forms(dir)?;
        match reopen(&home) {
            Ok(Some(index)) => {
                return Ok(Opened { index: Self { _lock: Some(lock), ..index }, rebuilt: false });
            }
            Ok(None) => {}
            Err(error) => {
                tracing::warn!(error = &error as &dyn std::error::Error, "knowledge index is damaged and starts anew")
            }
        }
        if home.exists() {
            fs::remove_dir_all(&home)?;
        }
        fs::create_dir_all(&home)?;
        let fields = Fields::new();
        let files = tantivy::Index::create_in_dir(&home, fields.schema.clone())?;
        let index = Self { _lock: Some(lock), ..Self::written(&files, fields)? };
        Ok(Opened { index, rebuilt: true })
    }

    /// Opens the index kept under `dir` for searches alone, as several programs may at once; `None` when there is none
    /// that this program can read. Waits for a writer to finish.
    ///
    /// # Errors
    /// [`Error::Folder`] when the folder cannot be read, [`Error::Engine`] when the index is damaged.
    pub fn open_to_read(dir: &Path) -> Result<Option<Self>> {
        let home = dir.join(FORM);
        if !home.join("meta.json").exists() {
            return Ok(None);
        }
        let lock = File::open(dir.join("lock"))?;
        lock.lock_shared()?;
        let Some((files, fields)) = files_of(&home)? else { return Ok(None) };
        Ok(Some(Self { _lock: Some(lock), ..Self::over(&files, fields, None)? }))
    }

    /// An empty index that lives as long as the value.
    ///
    /// # Errors
    /// When the engine cannot start its writing thread.
    pub fn in_memory() -> Result<Self> {
        let fields = Fields::new();
        Self::written(&tantivy::Index::create_in_ram(fields.schema.clone()), fields)
    }

    fn written(index: &tantivy::Index, fields: Fields) -> Result<Self> {
        // One thread: documents are short, and each commit then makes a single segment.
        let writer = index.writer_with_num_threads(1, WRITER_MEMORY)?;
        Self::over(index, fields, Some(Mutex::new(writer)))
    }

    fn over(index: &tantivy::Index, fields: Fields, writer: Option<Mutex<IndexWriter>>) -> Result<Self> {
        let reader = index.reader_builder().reload_policy(ReloadPolicy::Manual).try_into()?;
        let position = index.load_metas()?.payload;
        let snapshot = Arc::new(Snapshot::new(reader.searcher(), &fields, position, None)?);
        let means = Means::default();
        Ok(Self { fields, reader, writer, snapshot: RwLock::new(snapshot), means, _lock: None })
    }

    /// The same index with searches that go by other means, to measure what each part is worth.
    #[must_use]
    pub fn by(self, means: Means) -> Self {
        Self { means, ..self }
    }

    pub(crate) const fn means(&self) -> &Means {
        &self.means
    }

    /// Adds documents, each in place of the one with the same id and language.
    ///
    /// # Errors
    /// When the engine cannot write.
    pub fn upsert(&self, documents: &[Document]) -> Result<()> {
        let writer = self.writer()?;
        for document in documents {
            writer.delete_term(Term::from_field_text(self.fields.key, &key(document.id, document.lang)));
            writer.add_document(self.fields.document(document))?;
        }
        Ok(())
    }

    /// Removes the documents with these ids, in every language.
    ///
    /// # Errors
    /// [`Error::ReadOnly`] when the index was opened to be read alone.
    pub fn delete(&self, ids: &[i64]) -> Result<()> {
        let writer = self.writer()?;
        for id in ids {
            writer.delete_term(Term::from_field_i64(self.fields.id, *id));
        }
        Ok(())
    }

    /// Removes every document.
    ///
    /// # Errors
    /// When the engine cannot write.
    pub fn clear(&self) -> Result<()> {
        self.writer()?.delete_all_documents()?;
        Ok(())
    }

    /// Makes the writes since the last commit durable and searchable, together with the
    /// caller's `position` in what it feeds from.
    ///
    /// # Errors
    /// When the files cannot be written; the writes then stay uncommitted.
    pub fn commit(&self, position: &str) -> Result<()> {
        let mut writer = self.writer()?;
        let mut prepared = writer.prepare_commit()?;
        prepared.set_payload(position);
        prepared.commit()?;
        self.show(Some(position.to_owned()))
    }

    /// Joins the parts that many writes have left, so that searches look in one place. Worth its time after the
    /// index was filled; what single changes leave is joined by and by without it.
    ///
    /// # Errors
    /// When the files cannot be read or written.
    pub fn join(&self) -> Result<()> {
        let mut writer = self.writer()?;
        writer.set_merge_policy(Box::new(NoMergePolicy));
        for _ in 0..TRIES {
            let parts = self.reader.searcher().index().searchable_segment_ids()?;
            // A part that is being joined by the policy cannot be joined here.
            if parts.len() < 2 || writer.merge(&parts).wait().is_ok() {
                break;
            }
            std::thread::sleep(BETWEEN_TRIES);
        }
        writer.set_merge_policy(Box::new(LogMergePolicy::default()));
        self.show(self.position())
    }

    /// Lets searches see the last commit.
    fn show(&self, position: Option<String>) -> Result<()> {
        self.reader.reload()?;
        let snapshot = Snapshot::new(self.reader.searcher(), &self.fields, position, Some(&self.snapshot()))?;
        *self.snapshot.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(snapshot);
        Ok(())
    }

    /// The position given with the last commit, also after the index was opened again.
    pub fn position(&self) -> Option<String> {
        self.snapshot().position.clone()
    }

    /// How many documents can be found, counting each translation.
    pub fn len(&self) -> u64 {
        self.snapshot().live_documents()
    }

    /// Whether nothing can be found.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Whether a text that citizens read has a word, in any of its forms.
    ///
    /// # Errors
    /// When the index files cannot be read.
    pub fn has_word(&self, word: &str, lang: Lang) -> Result<bool> {
        self.snapshot().has_public(lang, &fold(word))
    }

    pub(crate) fn snapshot(&self) -> Arc<Snapshot> {
        Arc::clone(&self.snapshot.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// A thread that panicked while it held the writer leaves uncommitted writes, not broken ones.
    fn writer(&self) -> Result<MutexGuard<'_, IndexWriter<TantivyDocument>>> {
        let writer = self.writer.as_ref().ok_or(Error::ReadOnly)?;
        Ok(writer.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// Takes the folder for this index alone; the system gives it back when the process ends.
fn lock(dir: &Path) -> Result<File> {
    let file = File::create(dir.join("lock"))?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(Error::InUse),
        Err(TryLockError::Error(error)) => Err(Error::Folder(error)),
    }
}

/// The index of a folder, or `None` when there is none yet.
fn reopen(home: &Path) -> Result<Option<Index>> {
    files_of(home)?.map(|(files, fields)| Index::written(&files, fields)).transpose()
}

fn files_of(home: &Path) -> Result<Option<(tantivy::Index, Fields)>> {
    if !home.join("meta.json").exists() {
        return Ok(None);
    }
    let fields = Fields::new();
    let index = tantivy::Index::open_in_dir(home)?;
    if index.schema() != fields.schema || !index.validate_checksum()?.is_empty() {
        let damage = tantivy::TantivyError::SchemaError("files do not fit this program".to_owned());
        return Err(Error::Engine(damage));
    }
    Ok(Some((index, fields)))
}

/// Folders that another version of the program filled.
fn remove_other_forms(dir: &Path) -> Result<()> {
    for entry in fs::read_dir(dir)? {
        let path: PathBuf = entry?.path();
        let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        if name.starts_with("form-") && name != FORM && path.join("meta.json").exists() {
            fs::remove_dir_all(&path)?;
        }
    }
    Ok(())
}
