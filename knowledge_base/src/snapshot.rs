//! What a search reads: one commit of the index, with small tables kept in memory.

use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::sync::Arc;

use tantivy::Searcher;
use tantivy::postings::TermInfo;
use tantivy::schema::IndexRecordOption;

use crate::Result;
use crate::bm25::Statistics;
use crate::schema::{Fields, Kind, Shelf};
use crate::segment::{FieldReader, Row, Segment};
use crate::vocabulary::{Correction, Vocabulary, corrections};

/// The most words that a half-typed one is completed to.
const MOST_COMPLETIONS: usize = 32;

/// One commit, as every search that begins after it sees it.
pub(crate) struct Snapshot {
    pub position: Option<String>,
    searcher: Searcher,
    segments: Vec<Segment>,
    statistics: Vec<Statistics>,
    documents: usize,
}

/// The documents that have a term, with its weight in each.
#[derive(Debug, Default)]
pub(crate) struct Postings {
    /// Inverse document frequency.
    pub idf: f32,
    /// Ascending by document.
    pub entries: Vec<(u32, f32)>,
}

/// Where the documents of a term, or of several that stand for one word, are read.
pub(crate) struct Term {
    field: usize,
    /// Documents that have it, those of several terms counted for each.
    pub frequency: usize,
    several: bool,
    /// Number of the segment, place in it, weight.
    infos: Vec<(usize, TermInfo, f32)>,
}

impl Postings {
    pub fn weight_in(&self, document: u32) -> Option<f32> {
        let at = self.entries.binary_search_by_key(&document, |entry| entry.0).ok()?;
        Some(self.entries[at].1)
    }
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
        Ok(Self { position, searcher, segments, statistics, documents: offset as usize })
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
    pub fn rarest(&self, shelf: Shelf, kind: Kind) -> f32 {
        self.statistics[shelf.field(kind)].idf(1.0)
    }

    pub fn has(&self, shelf: Shelf, kind: Kind, term: &str) -> Result<bool> {
        for segment in &self.segments {
            if segment.terms(shelf, kind).get(term)?.is_some() {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Looks up terms that stand for one word, each with its own weight; they share one frequency.
    pub fn term(&self, shelf: Shelf, kind: Kind, terms: &[(String, f32)]) -> Result<Term> {
        let mut found = Term { field: shelf.field(kind), frequency: 0, several: terms.len() > 1, infos: Vec::new() };
        for (n, segment) in self.segments.iter().enumerate() {
            for (term, weight) in terms {
                if let Some(info) = segment.terms(shelf, kind).get(term)? {
                    found.frequency += info.doc_freq as usize;
                    found.infos.push((n, info, *weight));
                }
            }
        }
        Ok(found)
    }

    /// The documents that have any of `terms`.
    pub fn postings(&self, shelf: Shelf, kind: Kind, terms: &[(String, f32)]) -> Result<Postings> {
        self.read(&self.term(shelf, kind, terms)?, None)
    }

    /// The documents that have a term, of those `wanted`. Where several stand for one word only the best counts.
    pub fn read(&self, term: &Term, wanted: Option<&[bool]>) -> Result<Postings> {
        if term.infos.is_empty() {
            return Ok(Postings::default());
        }
        let statistics = &self.statistics[term.field];
        let idf = statistics.idf(term.frequency as f32);
        let mut entries = Vec::with_capacity(if wanted.is_none() { term.frequency } else { 0 });
        for (segment, info, weight) in &term.infos {
            let alive = self.searcher.segment_readers()[*segment].alive_bitset();
            let Segment { offset, fields, .. } = &self.segments[*segment];
            let FieldReader { terms, lengths } = &fields[term.field];
            let scale = idf * weight;
            let mut block = terms.read_block_postings_from_terminfo(info, IndexRecordOption::WithFreqs)?;
            while block.block_len() > 0 {
                for (document, count) in block.docs().iter().zip(block.freqs()) {
                    let number = offset + document;
                    if wanted.is_none_or(|wanted| wanted[number as usize])
                        && alive.is_none_or(|alive| alive.is_alive(*document))
                    {
                        let length = lengths.fieldnorm_id(*document);
                        entries.push((number, scale * statistics.saturation(*count, length)));
                    }
                }
                block.advance();
            }
        }
        if term.several {
            entries.sort_unstable_by(|a, b| a.0.cmp(&b.0).then(b.1.total_cmp(&a.1)));
            entries.dedup_by_key(|entry| entry.0);
        }
        Ok(Postings { idf, entries })
    }

    /// Known words that begin with `prefix`, the most frequent first.
    pub fn completions(&self, shelf: Shelf, prefix: &str) -> Result<Vec<String>> {
        let mut found: BTreeMap<String, u32> = BTreeMap::new();
        for segment in &self.segments {
            let mut stream = segment.terms(shelf, Kind::Whole).range().ge(prefix).into_stream()?;
            while stream.advance() && stream.key().starts_with(prefix.as_bytes()) {
                if let Ok(word) = std::str::from_utf8(stream.key()) {
                    *found.entry(word.to_owned()).or_default() += stream.value().doc_freq;
                }
            }
        }
        let mut words: Vec<(String, u32)> = found.into_iter().collect();
        words.sort_by_key(|(_, frequency)| Reverse(*frequency));
        words.truncate(MOST_COMPLETIONS);
        Ok(words.into_iter().map(|(word, _)| word).collect())
    }

    /// Known words near an unknown one.
    pub fn corrections(&self, shelf: Shelf, word: &str) -> Vec<Correction> {
        let vocabularies: Vec<&Vocabulary> =
            self.segments.iter().map(|segment| &segment.catalogue.vocabularies[shelf.ordinal()]).collect();
        corrections(word, &vocabularies)
    }
}
