//! What a search reads: one commit of the index, with small tables kept in memory.

use std::ops::Range;
use std::sync::Arc;

use tantivy::Searcher;
use tantivy::postings::TermInfo;
use tantivy::schema::IndexRecordOption;

use crate::analysis::stem;
use crate::bm25::{Statistics, idf};
use crate::schema::{Fields, Kind, Shelf};
use crate::segment::{FieldReader, LARGE, Row, Segment, VERY_FREQUENT};
use crate::vocabulary::{Correction, Vocabulary};
use crate::{Audience, Lang, Result};

/// One commit, as every search that begins after it sees it.
pub(crate) struct Snapshot {
    pub position: Option<String>,
    searcher: Searcher,
    segments: Vec<Segment>,
    statistics: Vec<Statistics>,
    /// Documents of each shelf and the words it knows, by number of the shelf.
    shelves: Vec<(usize, Arc<Vocabulary>)>,
    documents: usize,
}

/// The documents that have a term, with its weight in each.
#[derive(Debug, Default)]
pub(crate) struct Postings {
    /// Ascending by document.
    pub entries: Vec<(u32, f32)>,
}

/// Where the documents of a term, or of several that stand for one word, are read.
pub(crate) struct Term {
    /// Documents of the shelf.
    documents: usize,
    /// Documents that have it, counted once for each place.
    pub frequency: usize,
    places: Vec<Place>,
}

struct Place {
    segment: usize,
    field: usize,
    info: TermInfo,
    weight: f32,
}

/// Some of the documents.
pub(crate) struct Wanted {
    /// Ascending.
    list: Vec<u32>,
    /// For each document whether it is one.
    flags: Vec<bool>,
}

impl Wanted {
    /// The documents of `list`, of a snapshot that has `documents`.
    pub fn new(mut list: Vec<u32>, documents: usize) -> Self {
        list.sort_unstable();
        list.dedup();
        let mut flags = vec![false; documents];
        for document in &list {
            flags[*document as usize] = true;
        }
        Self { list, flags }
    }

    pub fn into_list(self) -> Vec<u32> {
        self.list
    }

    fn within(&self, range: Range<u32>) -> &[u32] {
        let at = |number: u32| self.list.partition_point(|document| *document < number);
        &self.list[at(range.start)..at(range.end)]
    }
}

impl Term {
    /// A term that no document has.
    pub const fn none() -> Self {
        Self { documents: 0, frequency: 0, places: Vec::new() }
    }

    /// Inverse document frequency.
    pub fn idf(&self) -> f32 {
        idf(self.frequency, self.documents)
    }

    /// The same, among fewer documents.
    pub fn idf_among(&self, documents: usize) -> f32 {
        idf(self.frequency, documents.min(self.documents))
    }
}

/// What `join` makes of the weights of some entries and of others, both ascending by document, and so is the result.
pub(crate) fn union(
    some: &[(u32, f32)],
    others: &[(u32, f32)],
    factor: f32,
    join: impl Fn(f32, f32) -> f32,
) -> Vec<(u32, f32)> {
    let mut all = Vec::with_capacity(some.len() + others.len());
    let mut others = others.iter().map(|(document, weight)| (*document, factor * weight)).peekable();
    for (document, weight) in some {
        while let Some(other) = others.next_if(|(other, _)| other < document) {
            all.push(other);
        }
        let other = others.next_if(|(other, _)| other == document);
        all.push((*document, other.map_or(*weight, |(_, other)| join(*weight, other))));
    }
    all.extend(others);
    all
}

impl Postings {
    pub fn weight_in(&self, document: u32) -> Option<f32> {
        let at = self.entries.binary_search_by_key(&document, |entry| entry.0).ok()?;
        Some(self.entries[at].1)
    }
}

/// Documents of each shelf and the words it knows. Who may read more, but where there is no more, shares the words of
/// who may read less.
fn shelves(segments: &[Segment]) -> Vec<(usize, Arc<Vocabulary>)> {
    let mut shelves: Vec<(usize, Arc<Vocabulary>)> = Vec::with_capacity(Shelf::ALL.len());
    for shelf in Shelf::ALL {
        let rows = segments.iter().flat_map(|segment| &segment.catalogue.rows);
        let documents = rows.filter(|row| shelf.holds(row.lang, row.visibility)).count();
        let lists = || segments.iter().flat_map(|s| &s.catalogue.words).filter(|(_, lang, _)| *lang == shelf.lang);
        let seen_by = |shelf: Shelf| lists().filter(move |(layer, _, _)| shelf.layers().contains(layer));
        let has_more_than = |less: Shelf| {
            lists().any(|(layer, _, list)| {
                shelf.layers().contains(layer) && !less.layers().contains(layer) && !list.is_empty()
            })
        };
        let mut less = Shelf::ALL.into_iter().take(shelves.len()).filter(|less| less.lang == shelf.lang);
        let same = less.find(|less| !has_more_than(*less)).map(|less| Arc::clone(&shelves[less.ordinal()].1));
        let words = same.unwrap_or_else(|| Arc::new(Vocabulary::new(seen_by(shelf).map(|(_, _, list)| list))));
        shelves.push((documents, words));
    }
    shelves
}

impl Snapshot {
    /// Reads the small tables of `searcher`, those of known segments from `before`.
    pub fn new(searcher: Searcher, fields: &Fields, position: Option<String>, before: Option<&Self>) -> Result<Self> {
        let mut segments = Vec::new();
        let mut offset = 0;
        for reader in searcher.segment_readers() {
            let known = before
                .iter()
                .flat_map(|before| &before.segments)
                .find(|segment| segment.catalogue.segment == reader.segment_id())
                .map(|segment| Arc::clone(&segment.catalogue));
            segments.push(Segment::open(reader, fields, offset, known)?);
            offset += reader.max_doc();
        }
        let statistics = Statistics::of(&segments);
        let shelves = shelves(&segments);
        Ok(Self { position, searcher, segments, statistics, shelves, documents: offset as usize })
    }

    /// How many numbers documents have, deleted ones included.
    pub fn documents(&self) -> usize {
        self.documents
    }

    pub fn live_documents(&self) -> u64 {
        self.searcher.num_docs()
    }

    pub fn row(&self, document: u32) -> Row {
        let at = self.segments.partition_point(|segment| segment.offset <= document) - 1;
        let segment = &self.segments[at];
        segment.catalogue.rows[(document - segment.offset) as usize]
    }

    /// The numbers of a document's translations that are not deleted.
    pub fn find(&self, id: i64) -> Vec<(u32, Row)> {
        let mut found = Vec::new();
        for (segment, reader) in self.segments.iter().zip(self.searcher.segment_readers()) {
            for (document, row) in (0..).zip(&segment.catalogue.rows) {
                if row.id == id && !reader.is_deleted(document) {
                    found.push((segment.offset + document, *row));
                }
            }
        }
        found
    }

    /// The idf of a term that occurs once: what an unknown word would weigh.
    pub fn rarest(&self, shelf: Shelf) -> f32 {
        idf(1, self.shelves[shelf.ordinal()].0)
    }

    pub fn has(&self, shelf: Shelf, kind: Kind, term: &str) -> Result<bool> {
        for segment in &self.segments {
            for field in shelf.fields(kind) {
                if segment.terms(field).get(term)?.is_some() {
                    return Ok(true);
                }
            }
        }
        Ok(false)
    }

    /// Looks up terms that stand for one word, each with its own weight; they share one frequency.
    pub fn term(&self, shelf: Shelf, kind: Kind, terms: &[(String, f32)]) -> Result<Term> {
        let mut found = Term { documents: self.shelves[shelf.ordinal()].0, frequency: 0, places: Vec::new() };
        for (n, segment) in self.segments.iter().enumerate() {
            for field in shelf.fields(kind) {
                for (term, weight) in terms {
                    if let Some(info) = segment.terms(field).get(term)? {
                        found.frequency += info.doc_freq as usize;
                        found.places.push(Place { segment: n, field, info, weight: *weight });
                    }
                }
            }
        }
        Ok(found)
    }

    /// Whether a text that citizens read has a word of the same stem.
    pub fn has_public(&self, lang: Lang, word: &str) -> Result<bool> {
        self.has(Shelf { audience: Audience::Citizen, lang }, Kind::Stem, &stem(word, lang))
    }

    /// How many documents have questions that they answered.
    pub fn questioned(&self, shelf: Shelf) -> usize {
        let holders = |field: usize| self.segments.iter().map(|s| s.catalogue.holders[field] as usize).sum::<usize>();
        shelf.fields(Kind::Asked).map(holders).sum()
    }

    /// Whether so many documents have a term that reading all of them takes long.
    pub fn is_frequent(&self, documents: usize) -> bool {
        self.documents >= LARGE as usize && documents > self.documents / VERY_FREQUENT as usize
    }

    /// The documents that have a term of this rarity, of those `wanted`. Where several stand for one word only the
    /// best counts.
    pub fn read(&self, term: &Term, idf: f32, wanted: Option<&Wanted>) -> Result<Postings> {
        if term.places.is_empty() || wanted.is_some_and(|wanted| wanted.list.is_empty()) {
            return Ok(Postings::default());
        }
        let mut entries = Vec::with_capacity(wanted.map_or(term.frequency, |wanted| wanted.list.len()));
        for place in &term.places {
            self.read_place(place, idf * place.weight, wanted, &mut entries)?;
        }
        if term.places.windows(2).any(|two| two[0].segment == two[1].segment) {
            entries = self.best_of_each(entries);
        }
        Ok(Postings { entries })
    }

    fn read_place(
        &self,
        place: &Place,
        scale: f32,
        wanted: Option<&Wanted>,
        entries: &mut Vec<(u32, f32)>,
    ) -> Result<()> {
        let segment = &self.segments[place.segment];
        let alive = self.searcher.segment_readers()[place.segment].alive_bitset();
        let statistics = &self.statistics[place.field];
        let FieldReader { terms, lengths } = &segment.fields[place.field];
        let entry = |document: u32, count: u32| {
            (segment.offset + document, scale * statistics.saturation(count, lengths.fieldnorm_id(document)))
        };
        let lives = |document: u32| alive.is_none_or(|alive| alive.is_alive(document));
        if let Some(wanted) = wanted
            && let Some(counts) = segment.counts(place.field, &place.info)
        {
            for document in wanted.within(segment.documents()).iter().map(|number| number - segment.offset) {
                let count = counts.of(document);
                if count > 0 && lives(document) {
                    entries.push(entry(document, count));
                }
            }
            return Ok(());
        }
        let mut block = terms.read_block_postings_from_terminfo(&place.info, IndexRecordOption::WithFreqs)?;
        while block.block_len() > 0 {
            let found = block.docs().iter().zip(block.freqs()).map(|(document, count)| (*document, *count));
            match wanted {
                None if alive.is_none() => entries.extend(found.map(|(document, count)| entry(document, count))),
                None => entries.extend(found.filter(|(d, _)| lives(*d)).map(|(d, count)| entry(d, count))),
                Some(wanted) => {
                    let found = found.filter(|(d, _)| wanted.flags[(segment.offset + d) as usize] && lives(*d));
                    entries.extend(found.map(|(document, count)| entry(document, count)));
                }
            }
            block.advance();
        }
        Ok(())
    }

    /// One entry for each document, the best of its.
    fn best_of_each(&self, mut entries: Vec<(u32, f32)>) -> Vec<(u32, f32)> {
        if entries.len() < self.documents / 16 {
            entries.sort_unstable_by(|a, b| a.0.cmp(&b.0).then(b.1.total_cmp(&a.1)));
            entries.dedup_by_key(|entry| entry.0);
            return entries;
        }
        let mut best = vec![0.0_f32; self.documents];
        for (document, weight) in entries {
            let known = &mut best[document as usize];
            *known = known.max(weight);
        }
        (0..).zip(best).filter(|(_, weight)| *weight > 0.0).collect()
    }

    /// Known words that begin with `prefix`, the most frequent first.
    pub fn completions(&self, shelf: Shelf, prefix: &str) -> Vec<&str> {
        self.shelves[shelf.ordinal()].1.completions(prefix)
    }

    /// Known words near an unknown one.
    pub fn corrections(&self, shelf: Shelf, word: &str) -> Vec<Correction> {
        self.shelves[shelf.ordinal()].1.corrections(word)
    }
}
