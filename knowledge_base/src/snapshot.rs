//! What a search reads: one commit of the index, with small tables kept in memory.

use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::sync::Arc;

use tantivy::fieldnorm::FieldNormReader;
use tantivy::index::SegmentId;
use tantivy::postings::TermInfo;
use tantivy::schema::IndexRecordOption;
use tantivy::{InvertedIndexReader, Searcher, SegmentReader};

use crate::schema::{CATEGORY, Fields, ID, Kind, LANG, PUBLIC, Shelf};
use crate::vocabulary::{Correction, Vocabulary, corrections};
use crate::{Lang, Result, Visibility};

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

struct Segment {
    /// Number of the segment's first document among those of the snapshot.
    offset: u32,
    catalogue: Arc<Catalogue>,
    fields: Vec<FieldReader>,
}

struct FieldReader {
    terms: Arc<InvertedIndexReader>,
    lengths: FieldNormReader,
}

/// What does not change in a segment, whatever is later deleted from it.
struct Catalogue {
    segment: SegmentId,
    rows: Vec<Row>,
    vocabularies: Vec<Vocabulary>,
}

/// What is known of a document besides its terms.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Row {
    pub id: i64,
    pub lang: Lang,
    pub visibility: Visibility,
    pub category: Option<u64>,
}

/// What BM25 needs of a field.
struct Statistics {
    documents: f32,
    /// The length part of BM25 for each of tantivy's one-byte lengths.
    penalties: Vec<f32>,
}

/// The documents that have a term, with its weight in each.
#[derive(Debug, Default)]
pub(crate) struct Postings {
    /// Inverse document frequency.
    pub idf: f32,
    /// Ascending by document.
    pub entries: Vec<(u32, f32)>,
}

impl Postings {
    pub fn weight_in(&self, document: u32) -> Option<f32> {
        let at = self
            .entries
            .binary_search_by_key(&document, |entry| entry.0)
            .ok()?;
        Some(self.entries[at].1)
    }
}

impl Snapshot {
    /// Reads the small tables of `searcher`, those of known segments from `before`.
    pub fn new(
        searcher: Searcher,
        fields: &Fields,
        position: Option<String>,
        before: Option<&Self>,
    ) -> Result<Self> {
        let mut segments = Vec::new();
        let mut offset = 0;
        for reader in searcher.segment_readers() {
            let known = before.and_then(|before| {
                before
                    .segments
                    .iter()
                    .find(|segment| segment.catalogue.segment == reader.segment_id())
            });
            let opened = open_fields(reader, fields)?;
            let catalogue = match known {
                Some(segment) => Arc::clone(&segment.catalogue),
                None => Arc::new(Catalogue::read(reader, &opened)?),
            };
            segments.push(Segment {
                offset,
                catalogue,
                fields: opened,
            });
            offset += reader.max_doc();
        }
        let statistics = statistics(&segments);
        Ok(Self {
            position,
            searcher,
            segments,
            statistics,
            documents: offset as usize,
        })
    }

    /// How many numbers documents have, deleted ones included.
    pub fn documents(&self) -> usize {
        self.documents
    }

    pub fn live_documents(&self) -> u64 {
        self.searcher.num_docs()
    }

    pub fn row(&self, document: u32) -> Row {
        let at = self
            .segments
            .partition_point(|segment| segment.offset <= document)
            - 1;
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
        idf(self.statistics[field_number(shelf, kind)].documents, 1.0)
    }

    pub fn has(&self, shelf: Shelf, kind: Kind, term: &str) -> Result<bool> {
        for segment in &self.segments {
            if segment
                .field(shelf, kind)
                .terms
                .terms()
                .get(term)?
                .is_some()
            {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// The documents that have any of `terms`, each with its own weight. The terms
    /// stand for one word, so they share one frequency and only the best counts.
    pub fn postings(&self, shelf: Shelf, kind: Kind, terms: &[(String, f32)]) -> Result<Postings> {
        let number = field_number(shelf, kind);
        let statistics = &self.statistics[number];
        let mut infos: Vec<(usize, TermInfo, f32)> = Vec::new();
        let mut frequency = 0.0;
        for (n, segment) in self.segments.iter().enumerate() {
            for (term, weight) in terms {
                if let Some(info) = segment.fields[number].terms.terms().get(term)? {
                    frequency += info.doc_freq as f32;
                    infos.push((n, info, *weight));
                }
            }
        }
        if infos.is_empty() {
            return Ok(Postings::default());
        }
        let idf = idf(statistics.documents, frequency.min(statistics.documents));
        let mut entries = Vec::with_capacity(frequency as usize);
        for (n, info, weight) in &infos {
            self.read(
                *n,
                number,
                info,
                statistics,
                idf * weight * (shape(kind).k1 + 1.0),
                &mut entries,
            )?;
        }
        if terms.len() > 1 {
            entries.sort_unstable_by(|a, b| a.0.cmp(&b.0).then(b.1.total_cmp(&a.1)));
            entries.dedup_by_key(|entry| entry.0);
        }
        Ok(Postings { idf, entries })
    }

    fn read(
        &self,
        segment: usize,
        field: usize,
        info: &TermInfo,
        statistics: &Statistics,
        scale: f32,
        entries: &mut Vec<(u32, f32)>,
    ) -> Result<()> {
        let alive = self.searcher.segment_readers()[segment].alive_bitset();
        let Segment { offset, fields, .. } = &self.segments[segment];
        let FieldReader { terms, lengths } = &fields[field];
        let mut block =
            terms.read_block_postings_from_terminfo(info, IndexRecordOption::WithFreqs)?;
        while block.block_len() > 0 {
            for (document, count) in block.docs().iter().zip(block.freqs()) {
                if alive.is_none_or(|alive| alive.is_alive(*document)) {
                    let count = *count as f32;
                    let penalty =
                        statistics.penalties[usize::from(lengths.fieldnorm_id(*document))];
                    entries.push((offset + document, scale * count / (count + penalty)));
                }
            }
            block.advance();
        }
        Ok(())
    }

    /// Known words that begin with `prefix`, the most frequent first.
    pub fn completions(&self, shelf: Shelf, prefix: &str) -> Result<Vec<String>> {
        let mut found: BTreeMap<String, u32> = BTreeMap::new();
        for segment in &self.segments {
            let mut stream = segment
                .field(shelf, Kind::Whole)
                .terms
                .terms()
                .range()
                .ge(prefix)
                .into_stream()?;
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
        let vocabularies: Vec<&Vocabulary> = self
            .segments
            .iter()
            .map(|segment| &segment.catalogue.vocabularies[shelf.ordinal()])
            .collect();
        corrections(word, &vocabularies)
    }
}

impl Segment {
    fn field(&self, shelf: Shelf, kind: Kind) -> &FieldReader {
        &self.fields[field_number(shelf, kind)]
    }
}

impl Catalogue {
    fn read(reader: &SegmentReader, fields: &[FieldReader]) -> Result<Self> {
        let columns = reader.fast_fields();
        let (id, lang, public) = (columns.i64(ID)?, columns.u64(LANG)?, columns.bool(PUBLIC)?);
        let category = columns.column_opt::<u64>(CATEGORY)?;
        let rows = (0..reader.max_doc())
            .map(|document| Row {
                id: id.first(document).unwrap_or_default(),
                lang: if lang.first(document) == Some(Lang::En as u64) {
                    Lang::En
                } else {
                    Lang::It
                },
                visibility: if public.first(document) == Some(true) {
                    Visibility::Public
                } else {
                    Visibility::Internal
                },
                category: category.as_ref().and_then(|column| column.first(document)),
            })
            .collect();
        let mut vocabularies = Vec::new();
        for shelf in Shelf::ALL {
            let mut words = Vec::new();
            let mut stream = fields[field_number(shelf, Kind::Whole)]
                .terms
                .terms()
                .stream()?;
            while stream.advance() {
                if let Ok(word) = std::str::from_utf8(stream.key()) {
                    words.push((word.to_owned(), stream.value().doc_freq));
                }
            }
            vocabularies.push(Vocabulary::new(
                words.iter().map(|(word, count)| (word.as_str(), *count)),
            ));
        }
        Ok(Self {
            segment: reader.segment_id(),
            rows,
            vocabularies,
        })
    }
}

fn field_number(shelf: Shelf, kind: Kind) -> usize {
    shelf.ordinal() * Kind::ALL.len() + kind as usize
}

fn open_fields(reader: &SegmentReader, fields: &Fields) -> Result<Vec<FieldReader>> {
    let mut opened = Vec::new();
    for shelf in Shelf::ALL {
        for kind in Kind::ALL {
            let field = fields.terms(shelf, kind);
            // A segment without a single document on the shelf has no lengths for it.
            let lengths = reader
                .fieldnorms_readers()
                .get_field(field)?
                .unwrap_or_else(|| FieldNormReader::constant(reader.max_doc(), 1));
            opened.push(FieldReader {
                terms: reader.inverted_index(field)?,
                lengths,
            });
        }
    }
    Ok(opened)
}

fn statistics(segments: &[Segment]) -> Vec<Statistics> {
    let mut statistics = Vec::new();
    for shelf in Shelf::ALL {
        let documents = segments
            .iter()
            .flat_map(|segment| &segment.catalogue.rows)
            .filter(|row| shelf.holds(row.lang, row.visibility));
        let documents = documents.count() as f32;
        for kind in Kind::ALL {
            let tokens: u64 = segments
                .iter()
                .map(|segment| segment.field(shelf, kind).terms.total_num_tokens())
                .sum();
            let average = (tokens as f32 / documents.max(1.0)).max(1.0);
            let Shape { k1, b } = shape(kind);
            let penalties = (0..=u8::MAX)
                .map(|id| {
                    k1 * (1.0 - b + b * FieldNormReader::id_to_fieldnorm(id) as f32 / average)
                })
                .collect();
            statistics.push(Statistics {
                documents,
                penalties,
            });
        }
    }
    statistics
}

/// The two constants of BM25: how fast repetition stops to count, how much length does.
struct Shape {
    k1: f32,
    b: f32,
}

fn shape(kind: Kind) -> Shape {
    match kind {
        Kind::Stem | Kind::Title | Kind::Pair | Kind::Whole => Shape { k1: 0.9, b: 0.75 },
        Kind::Gram => Shape { k1: 0.9, b: 0.6 },
    }
}

fn idf(documents: f32, frequency: f32) -> f32 {
    (1.0 + (documents - frequency + 0.5) / (frequency + 0.5))
        .ln()
        .max(0.0)
}
