//! A segment of the index: readers of its fields and a small table of its documents and words.

use std::sync::Arc;

use tantivy::fieldnorm::FieldNormReader;
use tantivy::index::SegmentId;
use tantivy::termdict::TermDictionary;
use tantivy::{InvertedIndexReader, SegmentReader};

use crate::schema::{CATEGORY, Fields, ID, Kind, LANG, Layer, PUBLIC, fields_of_terms};
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
        for (number, (layer, lang, kind)) in fields_of_terms().enumerate() {
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
        Ok(Self { segment: reader.segment_id(), rows: rows(reader)?, words, holders })
    }
}

fn rows(reader: &SegmentReader) -> Result<Vec<Row>> {
    let columns = reader.fast_fields();
    let (id, lang, public) = (columns.i64(ID)?, columns.u64(LANG)?, columns.bool(PUBLIC)?);
    let category = columns.column_opt::<u64>(CATEGORY)?;
    let row = |document| {
        let english = lang.first(document) == Some(Lang::En as u64);
        let public = public.first(document) == Some(true);
        Row {
            id: id.first(document).unwrap_or_default(),
            lang: if english { Lang::En } else { Lang::It },
            visibility: if public { Visibility::Public } else { Visibility::Internal },
            category: category.as_ref().and_then(|column| column.first(document)),
        }
    };
    Ok((0..reader.max_doc()).map(row).collect())
}
