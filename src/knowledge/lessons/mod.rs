//! What sheets learn from the tickets they closed: the words in which citizens asked, so that the next one who asks
//! so finds the sheet. The words are stored nowhere but in the index, and what only one person wrote is not even there.
//! Who writes a sheet sees them and may leave out a word or a whole ticket ([`unlearn::set`]).
pub mod api;
mod pages;
mod store;
pub mod unlearn;

use std::collections::{BTreeMap, HashMap};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::Arc;
use std::time::{Duration, Instant};

use knowledge_base::lessons::{Lesson, Question};
use knowledge_base::{Index, Lang};

use super::index::{IndexError, KnowledgeIndex, lang, on_index};
use super::model::{Sheet, SheetText};
use crate::kernel::Kernel;
use crate::kernel::database::{Conn, StoreError};
use crate::kernel::events::Event;
use crate::kernel::language::Language;

pub(super) use pages::routes;

/// Tickets that a sheet learns from, the latest.
const MOST_TICKETS: i64 = 200;
/// How long closings are gathered, so that a busy hour does not write the index for each.
const GATHERED: Duration = Duration::from_secs(3);

/// Says that somebody changed what a sheet learns.
pub const UNLEARNT: &str = "sheet.unlearnt";

/// What a sheet learnt, by its language.
#[derive(Debug, Default)]
pub struct Lessons(HashMap<i64, BTreeMap<Lang, Lesson>>);

/// Sheets that closed tickets since the index was last written.
#[derive(Debug, Default)]
pub struct Pending {
    sheets: BTreeMap<i64, Instant>,
    /// What the index has of sheets, as far as this process wrote it.
    taught: HashMap<i64, u64>,
}

/// Row ids of sheets that closed a ticket, after one, at most `limit`.
///
/// # Errors
/// When the database cannot be read.
pub async fn sheets_after(conn: &mut Conn, after: i64, limit: i64) -> Result<Vec<i64>, StoreError> {
    store::sheets_that_closed(conn, after.saturating_add(1), i64::MAX, limit).await
}

impl Lessons {
    /// What the sheets of these row ids learnt.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn of(conn: &mut Conn, sheets: &[i64]) -> Result<Self, StoreError> {
        let (Some(first), Some(last)) = (sheets.iter().min(), sheets.iter().max()) else {
            return Ok(Self::default());
        };
        let mut lessons: HashMap<i64, BTreeMap<Lang, Lesson>> = HashMap::new();
        for sheet in store::sheets_that_closed(conn, *first, *last, i64::MAX).await? {
            if !sheets.contains(&sheet) {
                continue;
            }
            for row in store::questions(conn, sheet, MOST_TICKETS).await? {
                let lang = Lang::from_code(&row.language).unwrap_or(Lang::It);
                let (names, text) = (row.names(), format!("{}\n{}", row.subject, row.body));
                let lesson = lessons.entry(sheet).or_default().entry(lang).or_insert_with(|| Lesson::new(lang));
                lesson.add(&Question { person: row.person, names: &names, text: &text });
            }
            for (language, word) in store::unlearnt_words(conn, sheet).await? {
                let lesson = lessons.get_mut(&sheet).zip(Lang::from_code(&language));
                if let Some(lesson) = lesson.and_then(|(of, lang)| of.get_mut(&lang)) {
                    lesson.forget(&word);
                }
            }
        }
        Ok(Self(lessons))
    }

    /// The words that a text of a sheet learnt; empty for most. A word of one person counts where the texts of the
    /// index have it.
    pub fn words(&self, index: &Index, sheet: &Sheet, text: &SheetText) -> String {
        let lang = lang(text.language);
        let Some(lesson) = self.0.get(&sheet.id).and_then(|of| of.get(&lang)) else { return String::new() };
        let keywords = text.keywords.join("\n");
        let sections = text.sections.joined();
        let own =
            [text.title.as_str(), &text.question, &keywords, &text.summary, &text.public_text, &sections].join("\n");
        lesson.words(&own, |word| index.has_word(word, lang).unwrap_or(false))
    }
}

/// A word that a sheet learnt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Word {
    pub language: Language,
    pub word: String,
    /// How many people used it; counted up to six.
    pub people: usize,
}

/// The words that a sheet learnt, those that most people used first, as this node's index has them.
///
/// # Errors
/// When the database or the index cannot be read.
pub async fn learnt(kernel: &Kernel, service: &KnowledgeIndex, sheet: &Sheet) -> Result<Vec<Word>, IndexError> {
    let Some(index) = service.index() else { return Ok(Vec::new()) };
    let mut conn = kernel.db.read().await?;
    let lessons = Lessons::of(&mut conn, &[sheet.id]).await?;
    drop(conn);
    let sheet = sheet.clone();
    on_index(Arc::clone(&index), move |index| {
        let mut words: Vec<Word> = Vec::new();
        for text in &sheet.texts {
            // Each word stands there as often as people used it.
            for word in lessons.words(index, &sheet, text).split(' ').filter(|word| !word.is_empty()) {
                match words.last_mut().filter(|last| last.word == word && last.language == text.language) {
                    Some(last) => last.people += 1,
                    None => words.push(Word { language: text.language, word: word.to_owned(), people: 1 }),
                }
            }
        }
        Ok(words)
    })
    .await
}

/// The sheet that a ticket is no longer closed with, if an event says so: its words are taken back at once.
pub fn taken_back(event: &Event) -> Option<i64> {
    event.data()["former_sheet"].as_i64()
}

impl Pending {
    /// Notes the sheet that an event says a ticket was dealt with by.
    pub fn note(&mut self, event: &Event) {
        let sheet = match event.kind.as_str() {
            "ticket.resolved" | "ticket.closed" => event.data()["sheet"].as_i64(),
            "ticket.unmerged" => event.data()["closure"]["data"]["sheet"].as_i64(),
            _ => None,
        };
        if let Some(sheet) = sheet {
            self.sheets.entry(sheet).or_insert_with(Instant::now);
        }
    }

    /// Whether what is to be learnt has waited long enough.
    pub fn is_due(&self) -> bool {
        self.sheets.values().any(|since| since.elapsed() >= GATHERED)
    }

    /// The sheets, which are then no longer pending.
    pub fn take(&mut self) -> Vec<i64> {
        std::mem::take(&mut self.sheets).into_keys().collect()
    }

    /// Makes sheets pending again that could not be written.
    pub fn put_back(&mut self, sheets: Vec<i64>) {
        for sheet in sheets {
            self.taught.remove(&sheet);
            self.sheets.insert(sheet, Instant::now());
        }
    }

    /// Whether the index has other words of a sheet than these; from now on it has these.
    pub fn teaches(&mut self, sheet: i64, words: &[String]) -> bool {
        let mut hasher = DefaultHasher::new();
        words.hash(&mut hasher);
        let hash = hasher.finish();
        self.taught.insert(sheet, hash) != Some(hash)
    }
}
