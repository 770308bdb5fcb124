use std::cmp::Ordering;
use std::collections::HashSet;

use crate::index::Index;
use crate::passages::LastWord;
use crate::ranking::Ranking;
use crate::schema::{Shelf, category_number};
use crate::snapshot::Snapshot;
use crate::{Hit, Lang, Query, Result};

/// What a document of the preferred category is multiplied by.
const CATEGORY: f32 = 1.1;

impl Index {
    /// Documents for words that a person typed, the best first.
    ///
    /// # Errors
    /// When the index files cannot be read.
    pub fn search(&self, query: &Query) -> Result<Vec<Hit>> {
        find(&self.snapshot(), query, &query.text, LastWord::Whole)
    }

    /// Documents while a person types: unless a space follows it, the last word is taken as the beginning of one.
    ///
    /// # Errors
    /// When the index files cannot be read.
    pub fn typeahead(&self, query: &Query) -> Result<Vec<Hit>> {
        find(&self.snapshot(), query, &query.text, LastWord::HalfTyped)
    }

    /// Documents that answer a whole message. Its quoted lines and what follows a signature mark are left out.
    ///
    /// # Errors
    /// When the index files cannot be read.
    pub fn suggest(&self, query: &Query) -> Result<Vec<Hit>> {
        let text = own_words(&query.text);
        find(&self.snapshot(), query, &text, LastWord::Whole)
    }
}

fn find(snapshot: &Snapshot, query: &Query, text: &str, last: LastWord) -> Result<Vec<Hit>> {
    let category = query.category_boost.as_deref().map(category_number);
    let mut found = Vec::new();
    for lang in Lang::ALL.into_iter().filter(|lang| query.lang.is_none_or(|wanted| wanted == *lang)) {
        let shelf = Shelf { audience: query.audience, lang };
        let ranking = Ranking::new(snapshot, shelf, &query.subject, text, last)?;
        let hits = ranking.scores().map(|(document, score)| {
            let row = snapshot.row(document);
            let preferred = category.is_some() && row.category == category;
            Hit { id: row.id, lang, score: if preferred { score * CATEGORY } else { score } }
        });
        // The best translation of a text that is kept is among the first of its own language.
        found.extend(first(hits.collect(), query.limit));
    }
    found.sort_unstable_by(by_score);
    let mut seen = HashSet::new();
    found.retain(|hit| seen.insert(hit.id));
    found.truncate(query.limit);
    Ok(found)
}

/// The first `limit` hits, in no order.
fn first(mut hits: Vec<Hit>, limit: usize) -> Vec<Hit> {
    if limit < hits.len() {
        hits.select_nth_unstable_by(limit, by_score);
        hits.truncate(limit);
    }
    hits
}

/// The better first; equals in the order of their identifiers, so that it is always the same.
fn by_score(a: &Hit, b: &Hit) -> Ordering {
    b.score.total_cmp(&a.score).then(a.id.cmp(&b.id)).then(a.lang.cmp(&b.lang))
}

/// The lines that the writer of a message wrote; all of them when that leaves nothing.
pub(crate) fn own_words(text: &str) -> String {
    let lines = text.lines().take_while(|line| !matches!(line.trim_end(), "--" | "__" | "___"));
    let own: Vec<&str> = lines.filter(|line| !line.trim_start().starts_with('>')).collect();
    let own = own.join("\n");
    if own.chars().any(char::is_alphanumeric) { own } else { text.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quotes_and_signatures_are_not_the_writers_words() {
        assert_eq!(own_words("Come pago?\n> prima riga\n-- \nMario"), "Come pago?");
        assert_eq!(own_words("> solo citato"), "> solo citato");
        assert_eq!(own_words(""), "");
    }
}
