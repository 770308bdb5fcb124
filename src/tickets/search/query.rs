//! From typed words to tickets, newest first.
use std::ops::Bound;

use knowledge_base::Lang;
use knowledge_base::analysis::{fold, tokens};
use tantivy::collector::TopDocs;
use tantivy::query::{BooleanQuery, FuzzyTermQuery, Query, RangeQuery, TermQuery};
use tantivy::schema::{IndexRecordOption, Value};
use tantivy::{Order, TantivyDocument, Term};

use super::excerpt::{self, Piece};
use super::index::{Fields, Open};

/// Words of a text that count.
const WORDS: usize = 12;
/// Letters from which the beginning of a name finds it.
const PREFIX: usize = 3;

/// Runs the query of a typed text.
pub fn run(open: &Open, q: &str, before: i64, limit: usize) -> tantivy::Result<Vec<(i64, Vec<Piece>)>> {
    let Some(meant) = meant(&open.fields, q) else { return Ok(Vec::new()) };
    let earlier = RangeQuery::new(Bound::Unbounded, Bound::Excluded(Term::from_field_i64(open.fields.id, before)));
    let query = BooleanQuery::intersection(vec![meant, Box::new(earlier)]);
    let searcher = open.reader.searcher();
    let found = searcher.search(&query, &TopDocs::with_limit(limit).order_by_fast_field::<i64>("id", Order::Desc))?;
    let stems = tokens(q, Lang::It);
    let mut results = Vec::with_capacity(found.len());
    for (id, address) in found {
        let Some(id) = id else { continue };
        let document: TantivyDocument = searcher.doc(address)?;
        let body = document.get_first(open.fields.body).and_then(|v| v.as_str()).unwrap_or_default();
        results.push((id, excerpt::of(body, &stems)));
    }
    Ok(results)
}

/// All words, each in some text or name of the ticket; or the whole as a name another system gave.
fn meant(fields: &Fields, q: &str) -> Option<Box<dyn Query>> {
    let name: Box<dyn Query> = term(Term::from_field_text(fields.names, &q.trim().to_lowercase()));
    let folded = fold(q);
    let typed: Vec<&str> = folded.split(|c: char| !c.is_alphanumeric()).filter(|w| !w.is_empty()).take(WORDS).collect();
    let mut words: Vec<Box<dyn Query>> = typed.iter().filter_map(|w| word(fields, w)).collect();
    if words.is_empty() {
        // Nothing but words that carry no meaning by themselves: then they are meant as they are.
        words = typed.iter().map(|w| term(Term::from_field_text(fields.words, w))).collect();
    }
    if words.is_empty() {
        return Some(name);
    }
    Some(Box::new(BooleanQuery::union(vec![name, Box::new(BooleanQuery::intersection(words))])))
}

/// One word, in a text or at the beginning of a name; `None` for one that carries no meaning.
fn word(fields: &Fields, word: &str) -> Option<Box<dyn Query>> {
    let stems = tokens(word, Lang::It);
    if stems.is_empty() {
        return None;
    }
    let in_person = Term::from_field_text(fields.person, word);
    let as_written = Term::from_field_text(fields.words, word);
    let mut anywhere: Vec<Box<dyn Query>> = vec![term(in_person.clone()), term(as_written)];
    if word.chars().count() >= PREFIX {
        anywhere.push(Box::new(FuzzyTermQuery::new_prefix(in_person, 0, false)));
    }
    for stem in &stems {
        anywhere.push(term(Term::from_field_text(fields.subject, stem)));
        anywhere.push(term(Term::from_field_text(fields.body, stem)));
    }
    Some(Box::new(BooleanQuery::union(anywhere)))
}

fn term(term: Term) -> Box<dyn Query> {
    Box::new(TermQuery::new(term, IndexRecordOption::Basic))
}
