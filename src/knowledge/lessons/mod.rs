//! What sheets learn from the tickets they closed: the words in which citizens asked, so that the next one who asks
//! so finds the sheet. Nothing is stored but in the index, and what only one person wrote is not even there.
mod store;

use std::collections::{BTreeMap, HashMap};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::time::{Duration, Instant};

use knowledge_base::lessons::{Lesson, Question};
use knowledge_base::{Index, Lang};

use super::index::lang;
use super::model::{Sheet, SheetText};
use crate::kernel::database::{Conn, StoreError};
use crate::kernel::events::Event;

/// Tickets that a sheet learns from, the latest.
const MOST_TICKETS: i64 = 200;
/// How long closings are gathered, so that a busy hour does not write the index for each.
const GATHERED: Duration = Duration::from_secs(3);

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
        }
        Ok(Self(lessons))
    }

    /// The words that a text of a sheet learnt; empty for most. A word of one person counts where the texts of the
    /// index have it.
    pub fn words(&self, index: &Index, sheet: &Sheet, text: &SheetText) -> String {
        let lang = lang(text.language);
        let Some(lesson) = self.0.get(&sheet.id).and_then(|of| of.get(&lang)) else { return String::new() };
        let keywords = text.keywords.join("\n");
        let own = [text.title.as_str(), &text.question, &keywords, &text.summary, &text.public_text].join("\n");
        lesson.words(&own, |word| index.has_word(word, lang).unwrap_or(false))
    }
}

impl Pending {
    /// Notes the sheet that an event says a ticket was dealt with by.
    pub fn note(&mut self, event: &Event) {
        if matches!(event.kind.as_str(), "ticket.resolved" | "ticket.closed")
            && let Some(sheet) = event.data()["sheet"].as_i64()
        {
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
