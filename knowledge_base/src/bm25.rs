//! BM25: a term weighs by its rarity, by how often a document has it and by how long that is.

use tantivy::fieldnorm::FieldNormReader;

use crate::Lang;
use crate::schema::{Kind, Layer, fields_of_terms};
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
    /// Saturation of small counts, by count and length.
    table: Vec<f32>,
}

/// Counts that the table has; higher ones are rare.
const TABLE: usize = 8;
const LENGTHS: usize = 256;

impl Statistics {
    /// Of every field of terms, by its number.
    pub fn of(segments: &[Segment]) -> Vec<Self> {
        let holders = |number: usize| segments.iter().map(|s| s.catalogue.holders[number]).sum::<u32>() as f32;
        let one = |(number, (layer, lang, kind)): (usize, (Layer, Lang, Kind))| {
            let tokens: u64 = segments.iter().map(|s| s.fields[number].terms.total_num_tokens()).sum();
            let titled = holders(layer.field(lang, Kind::Title)) / holders(layer.field(lang, Kind::Stem)).max(1.0);
            Self::new(kind, titled, holders(number), tokens as f32)
        };
        fields_of_terms().enumerate().map(one).collect()
    }

    /// Of a field that `documents` have, in an index where a part of them is `titled`.
    fn new(kind: Kind, titled: f32, documents: f32, tokens: f32) -> Self {
        let (k1, b) = constants(kind, titled);
        let average = (tokens / documents.max(1.0)).max(1.0);
        let penalty = |id| k1 * (1.0 - b + b * FieldNormReader::id_to_fieldnorm(id) as f32 / average);
        let penalties: Vec<f32> = (0..=u8::MAX).map(penalty).collect();
        let table =
            (0..TABLE * LENGTHS).map(|at| saturation(k1, (at / LENGTHS) as f32, penalties[at % LENGTHS])).collect();
        Self { k1, penalties, table }
    }

    /// What `count` occurrences in a document of the length `id` multiply the idf by.
    pub fn saturation(&self, count: u32, id: u8) -> f32 {
        match self.table.get(count as usize * LENGTHS + usize::from(id)) {
            Some(known) => *known,
            None => saturation(self.k1, count as f32, self.penalties[usize::from(id)]),
        }
    }
}

fn saturation(k1: f32, count: f32, penalty: f32) -> f32 {
    (k1 + 1.0) * count / (count + penalty)
}

/// How fast repetition stops to count (k1) and how much length does (b). A text without a title says all that it is
/// about itself, so its length counts less.
fn constants(kind: Kind, titled: f32) -> (f32, f32) {
    match kind {
        Kind::Stem | Kind::Pair | Kind::Whole => (0.9, 0.65 + 0.1 * titled.min(1.0)),
        Kind::Title | Kind::Asked => (0.9, 0.75),
        Kind::Gram => (0.9, 0.6),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rare_terms_repeated_in_short_texts_weigh_most() {
        let statistics = Statistics::new(Kind::Stem, 1.0, 100.0, 2000.0);
        assert!(idf(1, 100) > idf(50, 100));
        assert!(idf(500, 100) > 0.0);
        assert!(statistics.saturation(2, 10) > statistics.saturation(1, 10));
        assert!(statistics.saturation(1, 10) > statistics.saturation(1, 40));
    }
}
