/// What a search goes by. The default is what the figures of the documentation were reached with and what every index
/// uses; others show what each part is worth, see the example `ablation`.
///
/// ```
/// use knowledge_base::{Index, Means};
/// # fn main() -> knowledge_base::Result<()> {
/// let without_titles = Index::in_memory()?.by(Means { title: 0.0, ..Means::default() });
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Means {
    /// Weight of a word of title or keywords, beside its weight in the whole text.
    pub title: f32,
    /// Weight of two words in a row.
    pub pair: f32,
    /// Weight of a word of the questions that a document answered.
    pub asked: f32,
    /// Weight of the pieces of words beside the words, both out of their best.
    pub pieces: f32,
    /// Pieces in more than this share of the documents say nothing.
    pub common_piece: f32,
    /// Weight of a known word in place of an unknown one, after one edit and after two.
    pub corrected: [f32; 2],
    /// What a passage counts for when it asks something or is the subject.
    pub asking: f32,
    /// Best score by words at which a passage counts half: a rare word in common with something, as greetings and
    /// signatures have, is little.
    pub evidence: f32,
    /// Power of the share of a passage that its best document answers.
    pub fit: f32,
    /// Whether a text is cut into passages; else all of it is one.
    pub passages: bool,
}

impl Default for Means {
    fn default() -> Self {
        Self {
            title: 0.75,
            pair: 0.25,
            asked: 0.5,
            pieces: 0.7,
            common_piece: 0.3,
            corrected: [0.8, 0.5],
            asking: 2.0,
            evidence: 40.0,
            fit: 0.25,
            passages: true,
        }
    }
}
