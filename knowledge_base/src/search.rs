use std::collections::HashMap;

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
        find(&self.snapshot(), query, LastWord::Whole)
    }

    /// Documents while a person types: unless a space follows it, the last word is taken as the beginning of one.
    ///
    /// # Errors
    /// When the index files cannot be read.
    pub fn typeahead(&self, query: &Query) -> Result<Vec<Hit>> {
        find(&self.snapshot(), query, LastWord::HalfTyped)
    }

    /// Documents that answer a whole message. Its quoted lines and what follows a signature mark are left out.
    ///
    /// # Errors
    /// When the index files cannot be read.
    pub fn suggest(&self, query: &Query) -> Result<Vec<Hit>> {
        let own = own_words(&query.text);
        if own.len() == query.text.len() {
            return find(&self.snapshot(), query, LastWord::Whole);
        }
        find(&self.snapshot(), &Query { text: own, ..query.clone() }, LastWord::Whole)
    }
}

fn find(snapshot: &Snapshot, query: &Query, last: LastWord) -> Result<Vec<Hit>> {
    let category = query.category_boost.as_deref().map(category_number);
    let mut best: HashMap<i64, Hit> = HashMap::new();
    for lang in Lang::ALL.into_iter().filter(|lang| query.lang.is_none_or(|wanted| wanted == *lang)) {
        let shelf = Shelf { audience: query.audience, lang };
        for (document, mut score) in Ranking::new(snapshot, shelf, &query.text, last)?.scores() {
            let row = snapshot.row(document);
            if category.is_some() && row.category == category {
                score *= CATEGORY;
            }
            let hit = Hit { id: row.id, lang, score };
            let known = best.entry(row.id).or_insert(hit);
            if hit.score > known.score {
                *known = hit;
            }
        }
    }
    let mut hits: Vec<Hit> = best.into_values().collect();
    let order = |a: &Hit, b: &Hit| b.score.total_cmp(&a.score).then(a.id.cmp(&b.id));
    if query.limit < hits.len() {
        hits.select_nth_unstable_by(query.limit, order);
        hits.truncate(query.limit);
    }
    hits.sort_unstable_by(order);
    Ok(hits)
}

/// The lines that the writer of a message wrote; all of them when that leaves nothing.
fn own_words(text: &str) -> String {
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
