//! From typed words to tickets, newest first. In every segment the newest ticket is the first document, and so a
//! walk ends with the page: words that a third of all tickets have cost no more than words of a few.
use knowledge_base::Lang;
use knowledge_base::analysis::{fold, tokens};
use tantivy::columnar::Column;
use tantivy::query::{BooleanQuery, EnableScoring, Query, TermQuery, Weight};
use tantivy::schema::{IndexRecordOption, Value};
use tantivy::{DocAddress, DocId, DocSet, SegmentOrdinal, SegmentReader, TERMINATED, TantivyDocument, Term};

use super::excerpt::{self, Piece};
use super::index::{self, Fields, Open};

/// Words of a text that count.
const WORDS: usize = 12;

/// Runs the query of a typed text.
pub fn run(open: &Open, q: &str, before: i64, limit: usize) -> tantivy::Result<Vec<(i64, Vec<Piece>)>> {
    let Some(meant) = meant(&open.fields, q) else { return Ok(Vec::new()) };
    let searcher = open.reader.searcher();
    let weight = meant.weight(EnableScoring::disabled_from_searcher(&searcher))?;
    let mut segments = Vec::with_capacity(searcher.segment_readers().len());
    for (place, reader) in (0..).zip(searcher.segment_readers()) {
        segments.push(Segment { place, reader, ids: reader.fast_fields().i64(index::ID)? });
    }
    segments.sort_unstable_by_key(|segment| std::cmp::Reverse(segment.ids.max_value()));
    let mut found: Vec<(i64, DocAddress)> = Vec::with_capacity(limit);
    for segment in segments {
        // Segments overlap where old tickets were changed: what they hold may still be newer than the last found.
        let newer_than = if found.len() < limit { None } else { found.last().map(|(id, _)| *id) };
        if newer_than.is_some_and(|id| segment.ids.max_value() <= id) {
            break;
        }
        found.extend(segment.newest(&*weight, before, newer_than, limit)?);
        found.sort_unstable_by_key(|(id, _)| std::cmp::Reverse(*id));
        found.truncate(limit);
    }
    let stems = tokens(q, Lang::It);
    let mut results = Vec::with_capacity(found.len());
    for (id, address) in found {
        let document: TantivyDocument = searcher.doc(address)?;
        let body = document.get_first(open.fields.body).and_then(|v| v.as_str()).unwrap_or_default();
        results.push((id, excerpt::of(body, &stems)));
    }
    Ok(results)
}

/// A segment, its documents ordered from the newest ticket to the oldest.
struct Segment<'a> {
    place: SegmentOrdinal,
    reader: &'a SegmentReader,
    ids: Column<i64>,
}

impl Segment<'_> {
    /// Its newest tickets with these words: those before one, and newer than another.
    fn newest(
        &self,
        weight: &dyn Weight,
        before: i64,
        newer_than: Option<i64>,
        limit: usize,
    ) -> tantivy::Result<Vec<(i64, DocAddress)>> {
        let mut newest = Vec::new();
        let start = self.first_before(before);
        if start == self.reader.max_doc() {
            return Ok(newest);
        }
        let mut scorer = weight.scorer(self.reader, 1.0)?;
        let mut doc = if scorer.doc() < start { scorer.seek(start) } else { scorer.doc() };
        while doc != TERMINATED && newest.len() < limit {
            if !self.reader.is_deleted(doc)
                && let Some(id) = self.ids.first(doc)
            {
                if newer_than.is_some_and(|last| id <= last) {
                    break;
                }
                newest.push((id, DocAddress::new(self.place, doc)));
            }
            doc = scorer.advance();
        }
        Ok(newest)
    }

    /// The first document whose ticket is before this one.
    fn first_before(&self, before: i64) -> DocId {
        let (mut from, mut to) = (0, self.reader.max_doc());
        while from < to {
            let middle = from + (to - from) / 2;
            if self.ids.first(middle).is_some_and(|id| id >= before) { from = middle + 1 } else { to = middle }
        }
        from
    }
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
    let mut anywhere: Vec<Box<dyn Query>> = vec![term(Term::from_field_text(fields.words, word))];
    anywhere.extend(index::beginning(word).map(|start| term(Term::from_field_text(fields.beginnings, start))));
    anywhere.extend(stems.iter().map(|stem| term(Term::from_field_text(fields.text, stem))));
    Some(Box::new(BooleanQuery::union(anywhere)))
}

fn term(term: Term) -> Box<dyn Query> {
    Box::new(TermQuery::new(term, IndexRecordOption::Basic))
}
