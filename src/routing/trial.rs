//! What rules would have done with the requests of a period: read, compared with what was, and nothing written.
use std::collections::BTreeMap;

use serde_json::Value;

use super::book::{Book, Looked, Request};
use super::model::{Rule, Segment};
use super::store::{self, PastRow};
use crate::kernel::Kernel;
use crate::kernel::database::StoreError;
use crate::kernel::time::Instant;
use crate::tickets::{Channel, RequestKind};

/// Requests looked at in one trial at most, the latest of the period.
pub const MOST: usize = 20_000;
const BATCH: i64 = 500;

/// A request of a trial.
#[derive(Debug, Clone)]
pub struct Tried {
    pub code: String,
    pub subject: String,
}

/// Requests that a rule sends one way, and went another or the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Group {
    /// Place of the rule, from 0; `None` where no rule holds.
    pub rule: Option<usize>,
    /// Row id of the unit they were opened with.
    pub was: i64,
    /// Row id of the unit they would have been opened with.
    pub would: i64,
}

/// What a trial found.
#[derive(Debug, Clone, Default)]
pub struct Trial {
    pub groups: BTreeMap<Group, Vec<Tried>>,
    /// Requests looked at.
    pub all: usize,
    /// Of these, those that would have gone elsewhere.
    pub elsewhere: usize,
    /// Legs that would have been sent at once.
    pub legs: usize,
    /// Whether the period has more than were looked at.
    pub cut: bool,
}

/// Tries rules on the requests opened from one instant until before another. Loads of the past are not known: rules
/// that ask for them hold for nothing.
///
/// # Errors
/// When the database cannot be read.
pub async fn run(kernel: &Kernel, rules: Vec<Rule>, from: Instant, until: Instant) -> Result<Trial, StoreError> {
    let mut conn = kernel.db.read().await?;
    let book = Book::read(&mut conn, kernel, 0, rules).await?;
    let mut trial = Trial::default();
    let mut before = i64::MAX;
    loop {
        let batch = store::past(&mut conn, before, BATCH).await?;
        let Some(last) = batch.last() else { return Ok(trial) };
        before = last.id;
        let over = last.opened_at < from;
        for row in batch.into_iter().filter(|row| from <= row.opened_at && row.opened_at < until) {
            if trial.all == MOST {
                trial.cut = true;
                return Ok(trial);
            }
            trial.add(&book, row);
        }
        if over {
            return Ok(trial);
        }
    }
}

impl Trial {
    fn add(&mut self, book: &Book, row: PastRow) {
        let read = |data: &Option<String>| -> Value {
            data.as_deref().and_then(|data| serde_json::from_str(data).ok()).unwrap_or_default()
        };
        let (opened, routed) = (read(&row.opened), read(&row.routed));
        let was = opened["to"]["unit"].as_i64().unwrap_or(row.unit_id);
        // Where a rule sent it then, the unit that it would have had without that rule.
        let owner = routed["unit_before"].as_i64().unwrap_or(was);
        let category = opened["category"].as_i64().or(row.category_id);
        let (Some(channel), Some(kind)) = (Channel::from_text(&row.channel), RequestKind::from_text(&row.kind)) else {
            return;
        };
        let text = format!("{}\n{}\n{}", row.subject, row.text.unwrap_or_default(), row.answers.unwrap_or_default());
        let request =
            Request { category, channel, kind, language: &row.language, text: &text, owner, at: row.opened_at };
        let looked = Looked { segment: row.segment.as_deref().and_then(Segment::from_text), load: BTreeMap::new() };
        let decision = book.decide(&request, &looked);
        let would = decision.as_ref().map_or(owner, |d| d.unit);
        self.all += 1;
        self.elsewhere += usize::from(would != was);
        self.legs += decision.as_ref().map_or(0, |d| d.legs.len());
        let group = Group { rule: decision.map(|d| d.place), was, would };
        self.groups.entry(group).or_default().push(Tried { code: row.code, subject: row.subject });
    }
}
