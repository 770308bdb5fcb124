//! Proposing sheets for the whole text of a contact.
use knowledge_base::Query;

use super::index::{IndexError, KnowledgeIndex};
pub use super::search::Suggestion;
use super::search::{Reader, describe};
use crate::kernel::Kernel;
use crate::kernel::language::Language;

/// Sheets that answer a message, the best first, titles in `language` where they have it. Quoted lines and
/// signatures do not count. Sheets of `category`, a slug, come a little before equally good ones.
///
/// # Errors
/// When the index or the database cannot be read.
pub async fn suggest(
    kernel: &Kernel,
    index: &KnowledgeIndex,
    text: &str,
    language: Language,
    reader: Reader,
    limit: usize,
    category: Option<&str>,
) -> Result<Vec<Suggestion>, IndexError> {
    let query = Query { category_boost: category.map(str::to_owned), ..Query::new(text, reader).limit(limit) };
    let hits = index.hits(move |index| index.suggest(&query)).await?;
    describe(kernel, index, &hits, language, reader).await
}
