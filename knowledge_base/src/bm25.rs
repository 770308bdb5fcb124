//! BM25: a term weighs by its rarity, by how often a document has it and by how long that is.

use tantivy::fieldnorm::FieldNormReader;

use crate::schema::{Kind, Shelf};
use crate::segment::Segment;

/// What BM25 needs to know of a field.
pub(crate) struct Statistics {
    documents: f32,
    k1: f32,
    /// The part of the length, for each of tantivy's one-byte lengths.
    penalties: Vec<f32>,
}

impl Statistics {
    /// Of every field of terms, by its number.
    pub fn of(segments: &[Segment]) -> Vec<Self> {
        let mut all = Vec::new();
        for shelf in Shelf::ALL {
            let rows = segments.iter().flat_map(|segment| &segment.catalogue.rows);
            let documents = rows.filter(|row| shelf.holds(row.lang, row.visibility)).count();
            for kind in Kind::ALL {
                let fields = segments.iter().map(|segment| &segment.fields[shelf.field(kind)]);
                let tokens: u64 = fields.map(|field| field.terms.total_num_tokens()).sum();
                all.push(Self::new(kind, documents as f32, tokens as f32));
            }
        }
        all
    }

    fn new(kind: Kind, documents: f32, tokens: f32) -> Self {
        let (k1, b) = constants(kind);
        let average = (tokens / documents.max(1.0)).max(1.0);
        let penalty = |id| k1 * (1.0 - b + b * FieldNormReader::id_to_fieldnorm(id) as f32 / average);
        Self { documents, k1, penalties: (0..=u8::MAX).map(penalty).collect() }
    }

    /// Inverse document frequency of a term that `frequency` documents have.
    pub fn idf(&self, frequency: f32) -> f32 {
        let frequency = frequency.min(self.documents);
        (1.0 + (self.documents - frequency + 0.5) / (frequency + 0.5)).ln()
    }

    /// What `count` occurrences in a document of the length `id` multiply the idf by.
    pub fn saturation(&self, count: u32, id: u8) -> f32 {
        let count = count as f32;
        (self.k1 + 1.0) * count / (count + self.penalties[usize::from(id)])
    }
}

/// How fast repetition stops to count (k1) and how much length does (b).
const fn constants(kind: Kind) -> (f32, f32) {
    match kind {
        Kind::Stem | Kind::Title | Kind::Pair | Kind::Whole => (0.9, 0.75),
        Kind::Gram => (0.9, 0.6),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rare_terms_repeated_in_short_texts_weigh_most() {
        let statistics = Statistics::new(Kind::Stem, 100.0, 2000.0);
        assert!(statistics.idf(1.0) > statistics.idf(50.0));
        assert!(statistics.idf(500.0) > 0.0);
        assert!(statistics.saturation(2, 10) > statistics.saturation(1, 10));
        assert!(statistics.saturation(1, 10) > statistics.saturation(1, 40));
    }
}
