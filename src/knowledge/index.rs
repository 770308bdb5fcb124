//! The search index of this node: a folder of files that only repeats what the database says. A follower
//! keeps it up to date; when it is lost or damaged it is made anew.
use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use knowledge_base::{Answer, Document, Index, Lang, Opened, Query, Reading, Visibility};

use super::categories::{self, CategoryTree};
use super::follower;
use super::gaps::Observed;
use super::held::Held;
use super::lessons::Lessons;
use super::model::{Audience, Sheet};
use super::site::{self, Overview};
use crate::kernel::Kernel;
use crate::kernel::database::StoreError;
use crate::kernel::language::Language;
use crate::kernel::problem::{Kind, Refusal};

/// Where the index is, under the data directory.
pub(super) const FOLDER: &str = "index/knowledge";

/// Searching in the sheets, and what this process keeps of them in memory. One a process, behind an `Arc`.
pub struct KnowledgeIndex {
    folder: PathBuf,
    /// `None` until the follower opened it.
    current: RwLock<Option<Arc<Index>>>,
    tree: Held<CategoryTree>,
    overview: Held<Overview>,
    latest: Held<Vec<Sheet>>,
    /// What happens to sheets in this process and is not written yet: whoever shows sheets tells it.
    pub observed: Observed,
}

/// Why the index did not answer.
#[derive(Debug, thiserror::Error)]
pub enum IndexError {
    #[error("knowledge index: {0}")]
    Index(#[from] knowledge_base::Error),
    /// The process is stopping.
    #[error("the search was interrupted")]
    Interrupted,
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Refusal for IndexError {
    fn kind(&self) -> Kind {
        match self {
            Self::Index(_) => Kind::Internal,
            Self::Interrupted => Kind::Unavailable,
            Self::Store(e) => e.kind(),
        }
    }

    fn code(&self) -> &'static str {
        match self {
            Self::Index(_) => "internal",
            Self::Interrupted => "stopping",
            Self::Store(e) => e.code(),
        }
    }
}

impl KnowledgeIndex {
    /// The index of a kernel's data directory. [`follow`](super::follow) opens it and keeps it up to date;
    /// until then searches find nothing.
    pub fn new(kernel: &Kernel) -> Arc<Self> {
        Arc::new(Self {
            folder: kernel.config.path(FOLDER),
            current: RwLock::new(None),
            tree: Held::default(),
            overview: Held::default(),
            latest: Held::default(),
            observed: Observed::default(),
        })
    }

    /// The classification, at most a few seconds old.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn categories(&self, kernel: &Kernel) -> Result<Arc<CategoryTree>, StoreError> {
        self.tree.get(kernel.now(), categories::tree(kernel)).await
    }

    /// The most used public sheets of each area. What sheets there are is at most a few seconds old.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub(super) async fn overview(&self, kernel: &Kernel) -> Result<Arc<Overview>, StoreError> {
        self.overview.get(kernel.now(), site::overview(kernel)).await
    }

    /// The public sheets that changed last, at most a few seconds old.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub(super) async fn latest(&self, kernel: &Kernel) -> Result<Arc<Vec<Sheet>>, StoreError> {
        self.latest.get(kernel.now(), site::latest(kernel)).await
    }

    /// How many texts can be found on this node, counting each language.
    pub fn documents(&self) -> u64 {
        self.index().map_or(0, |index| index.len())
    }

    pub(super) fn forget(&self) {
        self.tree.forget();
        self.overview.forget();
        self.latest.forget();
    }

    /// The index, once the follower opened it.
    pub(super) fn index(&self) -> Option<Arc<Index>> {
        self.current.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// What a search finds, off the threads that serve requests.
    pub(super) async fn answers(&self, query: Query, reading: Reading) -> Result<Vec<Answer>, IndexError> {
        match self.index() {
            Some(index) => on_index(index, move |index| index.answers(&query, reading)).await,
            None => Ok(Vec::new()),
        }
    }

    /// Opens the index of the folder. While a damaged one was in use, searches go on in a copy in memory:
    /// the folder opens again only when nobody holds the damaged one.
    pub(super) async fn open(&self, kernel: &Kernel) -> Result<Arc<Index>, IndexError> {
        if self.index().is_some() {
            let stand_in = Arc::new(Index::in_memory()?);
            follower::fill(kernel, &stand_in).await?;
            self.put(stand_in);
        }
        let index = Arc::new(open_or_borrow_memory(&self.folder).await?);
        if index.position().is_none() {
            follower::fill(kernel, &index).await?;
            tracing::info!(index.documents = index.len(), "made the knowledge index anew with {} texts", index.len());
        }
        self.put(index.clone());
        Ok(index)
    }

    fn put(&self, index: Arc<Index>) {
        *self.current.write().unwrap_or_else(PoisonError::into_inner) = Some(index);
    }
}

/// Runs blocking work on an index.
pub(super) async fn on_index<T: Send + 'static>(
    index: Arc<Index>,
    work: impl FnOnce(&Index) -> knowledge_base::Result<T> + Send + 'static,
) -> Result<T, IndexError> {
    let done = tokio::task::spawn_blocking(move || work(&index)).await;
    Ok(done.map_err(|_| IndexError::Interrupted)??)
}

/// Opens the index in a folder; [`knowledge_base::Error::InUse`] when another process has it.
pub(super) async fn open(folder: &Path) -> Result<Index, IndexError> {
    let folder = folder.to_owned();
    let opened = tokio::task::spawn_blocking(move || Index::open(&folder)).await;
    let Opened { index, .. } = opened.map_err(|_| IndexError::Interrupted)??;
    Ok(index)
}

/// A process that just stopped may hold the folder for a moment; one that goes on running keeps it, and
/// this one then searches in memory.
async fn open_or_borrow_memory(folder: &Path) -> Result<Index, IndexError> {
    for _ in 0..10 {
        match open(folder).await {
            Err(IndexError::Index(knowledge_base::Error::InUse)) => {
                tokio::time::sleep(Duration::from_millis(300)).await
            }
            opened => return opened,
        }
    }
    tracing::warn!("another process uses the knowledge index of this data directory; this one keeps its own in memory");
    Ok(Index::in_memory()?)
}

/// What the index holds of a sheet: a document for each language, with what it learnt from tickets.
pub(super) fn documents(sheet: &Sheet, tree: &CategoryTree, lessons: &Lessons, index: &Index) -> Vec<Document> {
    let category = sheet.category.and_then(|id| tree.get(id)).map(|c| c.slug.clone());
    let visibility = match sheet.audience {
        Audience::Public => Visibility::Public,
        Audience::Partners => Visibility::Partners,
        Audience::Internal => Visibility::Internal,
    };
    let document = |text: &super::model::SheetText| Document {
        id: sheet.id,
        lang: lang(text.language),
        title: text.title.clone(),
        public: [text.summary.as_str(), &text.public_text, &text.requirements.join("\n"), &text.sections.joined()]
            .join("\n"),
        internal: [text.internal_text.as_str(), &text.reply].join("\n"),
        keywords: text.keywords.iter().chain(Some(&text.question)).filter(|k| !k.is_empty()).cloned().collect(),
        asked: Some(lessons.words(index, sheet, text)).filter(|words| !words.is_empty()).into_iter().collect(),
        category: category.clone(),
        visibility,
    };
    sheet.texts.iter().map(document).collect()
}

/// The index's name for a language.
pub(super) const fn lang(language: Language) -> Lang {
    match language {
        Language::Italian => Lang::It,
        Language::English => Lang::En,
    }
}
