use std::cmp::Ordering;
use std::collections::HashSet;

use crate::index::Index;
use crate::passages::LastWord;
use crate::ranking::Ranking;
use crate::schema::{Shelf, category_number};
use crate::snapshot::Snapshot;
use crate::{Answer, Hit, Lang, Means, Query, Reading, Result};

/// What a document of the preferred category is multiplied by.
const CATEGORY: f32 = 1.1;

impl Index {
    /// Documents for words that a person typed, the best first.
    ///
    /// # Errors
    /// When the index files cannot be read.
    pub fn search(&self, query: &Query) -> Result<Vec<Hit>> {
        self.find(query, &query.text, LastWord::Whole)
    }

    /// Documents while a person types: unless a space follows it, the last word is taken as the beginning of one.
    ///
    /// # Errors
    /// When the index files cannot be read.
    pub fn typeahead(&self, query: &Query) -> Result<Vec<Hit>> {
        self.find(query, &query.text, LastWord::HalfTyped)
    }

    /// Documents that answer a whole message. Its quoted lines and what follows a signature mark are left out.
    ///
    /// # Errors
    /// When the index files cannot be read.
    pub fn suggest(&self, query: &Query) -> Result<Vec<Hit>> {
        let text = own_words(&query.text);
        self.find(query, &text, LastWord::Whole)
    }

    /// The same documents in the same order as the search of this reading, each with the words it answers, so that
    /// [`Answer::passage`] can show where its text does.
    ///
    /// # Errors
    /// When the index files cannot be read.
    pub fn answers(&self, query: &Query, reading: Reading) -> Result<Vec<Answer>> {
        let (text, last) = match reading {
            Reading::Message => (own_words(&query.text), LastWord::Whole),
            Reading::Words => (query.text.clone(), LastWord::Whole),
            Reading::HalfTyped => (query.text.clone(), LastWord::HalfTyped),
        };
        find_with(&self.snapshot(), self.means(), query, &text, last, Answer::new)
    }

    fn find(&self, query: &Query, text: &str, last: LastWord) -> Result<Vec<Hit>> {
        find_with(&self.snapshot(), self.means(), query, text, last, |hit, _, _| hit)
    }
}

/// What `describe` makes of each hit, the best first.
fn find_with<T>(
    snapshot: &Snapshot,
    means: &Means,
    query: &Query,
    text: &str,
    last: LastWord,
    describe: impl Fn(Hit, &Ranking<'_>, u32) -> T,
) -> Result<Vec<T>> {
    let category = query.category_boost.as_deref().map(category_number);
    let mut found = Vec::new();
    for lang in Lang::ALL.into_iter().filter(|lang| query.lang.is_none_or(|wanted| wanted == *lang)) {
        let shelf = Shelf { audience: query.audience, lang };
        let ranking = Ranking::new(snapshot, means, shelf, &query.subject, text, last)?;
        let hits = ranking.scores().map(|(document, score)| {
            let row = snapshot.row(document);
            let preferred = category.is_some() && row.category == category;
            (Hit { id: row.id, lang, score: if preferred { score * CATEGORY } else { score } }, document)
        });
        // The best translation of a text that is kept is among the first of its own language.
        let hits = first(hits.collect(), query.limit).into_iter();
        found.extend(hits.map(|(hit, document)| (hit, describe(hit, &ranking, document))));
    }
    found.sort_by(|a, b| by_score(&a.0, &b.0));
    let mut seen = HashSet::new();
    found.retain(|(hit, _)| seen.insert(hit.id));
    found.truncate(query.limit);
    Ok(found.into_iter().map(|(_, described)| described).collect())
}

/// The first `limit` hits, in no order.
fn first(mut hits: Vec<(Hit, u32)>, limit: usize) -> Vec<(Hit, u32)> {
    if limit < hits.len() {
        hits.select_nth_unstable_by(limit, |a, b| by_score(&a.0, &b.0));
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
