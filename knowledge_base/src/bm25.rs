//! BM25: a term weighs by its rarity, by how often a document has it and by how long that is.

use tantivy::fieldnorm::FieldNormReader;

use crate::schema::{Kind, fields_of_terms};
use crate::segment::Segment;

/// Inverse document frequency of a term that `frequency` of `documents` have.
pub(crate) fn idf(frequency: usize, documents: usize) -> f32 {
    let (documents, frequency) = (documents as f32, frequency.min(documents) as f32);
    (1.0 + (documents - frequency + 0.5) / (frequency + 0.5)).ln()
}

/// What BM25 needs to know of a field.
pub(crate) struct Statistics {
    k1: f32,
    /// The part of the length, for each of tantivy's one-byte lengths.
    penalties: Vec<f32>,
}

impl Statistics {
    /// Of every field of terms, by its number.
    pub fn of(segments: &[Segment]) -> Vec<Self> {
        let one = |(number, (_, _, kind)): (usize, (_, _, Kind))| {
            let tokens: u64 = segments.iter().map(|s| s.fields[number].terms.total_num_tokens()).sum();
            let holders: u32 = segments.iter().map(|s| s.catalogue.holders[number]).sum();
            Self::new(kind, holders as f32, tokens as f32)
        };
        fields_of_terms().enumerate().map(one).collect()
    }

    fn new(kind: Kind, documents: f32, tokens: f32) -> Self {
        let (k1, b) = constants(kind);
        let average = (tokens / documents.max(1.0)).max(1.0);
        let penalty = |id| k1 * (1.0 - b + b * FieldNormReader::id_to_fieldnorm(id) as f32 / average);
        Self { k1, penalties: (0..=u8::MAX).map(penalty).collect() }
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
        assert!(idf(1, 100) > idf(50, 100));
        assert!(idf(500, 100) > 0.0);
        assert!(statistics.saturation(2, 10) > statistics.saturation(1, 10));
        assert!(statistics.saturation(1, 10) > statistics.saturation(1, 40));
    }
}
