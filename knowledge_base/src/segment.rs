//! A segment of the index: readers of its fields and a small table of its documents and words.

use std::collections::HashMap;
use std::ops::Range;
use std::sync::Arc;

use tantivy::fieldnorm::FieldNormReader;
use tantivy::index::SegmentId;
use tantivy::postings::TermInfo;
use tantivy::schema::IndexRecordOption;
use tantivy::termdict::TermDictionary;
use tantivy::{InvertedIndexReader, SegmentReader};

use crate::schema::{CATEGORY, Fields, ID, Kind, LANG, Layer, VISIBILITY, fields_of_terms};
use crate::vocabulary::WordList;
use crate::{Lang, Result, Visibility};

pub(crate) struct Segment {
    /// Number of the segment's first document among those of the snapshot.
    pub offset: u32,
    pub catalogue: Arc<Catalogue>,
    /// By number of the field.
    pub fields: Vec<FieldReader>,
}

pub(crate) struct FieldReader {
    pub terms: Arc<InvertedIndexReader>,
    pub lengths: FieldNormReader,
}

/// What does not change in a segment, whatever is later deleted from it.
pub(crate) struct Catalogue {
    pub segment: SegmentId,
    pub rows: Vec<Row>,
    /// Whole words of each layer and language with the number of documents that have each, in their order.
    pub words: Vec<(Layer, Lang, WordList)>,
    /// How many documents have any term of a field, by its number.
    pub holders: Vec<u32>,
    /// Of words and pieces that many documents have, how often each document has them: looked up for a few documents,
    /// where reading the list would take long. By number of the field and place of the list.
    counts: HashMap<(usize, usize), Counts>,
}

/// How often a term is in each document of a segment, at most 15 times, in half a byte each.
pub(crate) struct Counts(Box<[u8]>);

/// Among fewer documents no list takes long.
pub(crate) const LARGE: u32 = 4096;
/// Lists with more than one document of so many are kept as counts.
const FREQUENT: u32 = 32;
/// Words that more than one document of so many have are not looked for in every document.
pub(crate) const VERY_FREQUENT: u32 = 12;

impl Counts {
    fn read(field: &FieldReader, info: &TermInfo, documents: u32) -> Result<Self> {
        let mut counts = vec![0; documents as usize / 2 + 1];
        let mut block = field.terms.read_block_postings_from_terminfo(info, IndexRecordOption::WithFreqs)?;
        while block.block_len() > 0 {
            for (document, count) in block.docs().iter().zip(block.freqs()) {
                let few = (*count).min(15) as u8;
                counts[*document as usize / 2] |= few << (document % 2 * 4);
            }
            block.advance();
        }
        Ok(Self(counts.into_boxed_slice()))
    }

    pub fn of(&self, document: u32) -> u32 {
        u32::from(self.0[document as usize / 2] >> (document % 2 * 4) & 15)
    }
}

/// What is known of a document besides its terms.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Row {
    pub id: i64,
    pub lang: Lang,
    pub visibility: Visibility,
    pub category: Option<u64>,
}

impl Segment {
    /// Opens a segment; `known` is its catalogue where an earlier snapshot has it.
    pub fn open(reader: &SegmentReader, fields: &Fields, offset: u32, known: Option<Arc<Catalogue>>) -> Result<Self> {
        let fields = open_fields(reader, fields)?;
        let catalogue = match known {
            Some(catalogue) => catalogue,
            None => Arc::new(Catalogue::read(reader, &fields)?),
        };
        Ok(Self { offset, catalogue, fields })
    }

    /// The numbers that its documents have in the snapshot.
    pub fn documents(&self) -> Range<u32> {
        self.offset..self.offset + self.catalogue.rows.len() as u32
    }

    /// The counts of a term, where they are kept.
    pub fn counts(&self, field: usize, info: &TermInfo) -> Option<&Counts> {
        self.catalogue.counts.get(&(field, info.postings_range.start))
    }

    pub fn terms(&self, field: usize) -> &TermDictionary {
        self.fields[field].terms.terms()
    }
}

fn open_fields(reader: &SegmentReader, fields: &Fields) -> Result<Vec<FieldReader>> {
    let mut opened = Vec::new();
    for field in &fields.terms {
        // A segment without a single document in the field has no lengths for it.
        let lengths = reader
            .fieldnorms_readers()
            .get_field(*field)?
            .unwrap_or_else(|| FieldNormReader::constant(reader.max_doc(), 0));
        opened.push(FieldReader { terms: reader.inverted_index(*field)?, lengths });
    }
    Ok(opened)
}

impl Catalogue {
    fn read(reader: &SegmentReader, fields: &[FieldReader]) -> Result<Self> {
        let mut words = Vec::new();
        let mut counts = HashMap::new();
        let documents = reader.max_doc();
        for (number, (layer, lang, kind)) in fields_of_terms().enumerate() {
            if matches!(kind, Kind::Stem | Kind::Title | Kind::Gram) && documents >= LARGE {
                let mut stream = fields[number].terms.terms().stream()?;
                while stream.advance() {
                    let info = stream.value();
                    if info.doc_freq > documents / FREQUENT {
                        let read = Counts::read(&fields[number], info, documents)?;
                        counts.insert((number, info.postings_range.start), read);
                    }
                }
            }
            if kind == Kind::Whole {
                let mut list = WordList::default();
                let mut stream = fields[number].terms.terms().stream()?;
                while stream.advance() {
                    if let Ok(word) = std::str::from_utf8(stream.key()) {
                        list.push(word, stream.value().doc_freq);
                    }
                }
                words.push((layer, lang, list));
            }
        }
        let holds = |field: &FieldReader| (0..reader.max_doc()).filter(|n| field.lengths.fieldnorm_id(*n) > 0).count();
        let holders = fields.iter().map(|field| u32::try_from(holds(field)).unwrap_or(u32::MAX)).collect();
        Ok(Self { segment: reader.segment_id(), rows: rows(reader)?, words, holders, counts })
    }
}

fn rows(reader: &SegmentReader) -> Result<Vec<Row>> {
    let columns = reader.fast_fields();
    let (id, lang, visibility) = (columns.i64(ID)?, columns.u64(LANG)?, columns.u64(VISIBILITY)?);
    let category = columns.column_opt::<u64>(CATEGORY)?;
    let row = |document| {
        let english = lang.first(document) == Some(Lang::En as u64);
        let number = visibility.first(document);
        let visible = [Visibility::Public, Visibility::Partners].into_iter().find(|v| number == Some(*v as u64));
        Row {
            id: id.first(document).unwrap_or_default(),
            lang: if english { Lang::En } else { Lang::It },
            visibility: visible.unwrap_or(Visibility::Internal),
            category: category.as_ref().and_then(|column| column.first(document)),
        }
    };
    Ok((0..reader.max_doc()).map(row).collect())
}
