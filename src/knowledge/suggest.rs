//! Proposing sheets for the whole text of a contact.
use knowledge_base::{Query, Reading};

use super::index::{IndexError, KnowledgeIndex};
pub use super::search::Suggestion;
use super::search::{Reader, describe};
use crate::kernel::Kernel;
use crate::kernel::language::Language;

/// A message to be answered.
#[derive(Debug, Clone, Copy, Default)]
pub struct Message<'a> {
    /// What it says it is about; weighs more than the text. May be empty.
    pub subject: &'a str,
    pub text: &'a str,
}

/// Sheets that answer a message, the best first, titles in `language` where they have it. Quoted lines and
/// signatures do not count. Sheets of `category`, a slug, come a little before equally good ones.
///
/// # Errors
/// When the index or the database cannot be read.
pub async fn suggest(
    kernel: &Kernel,
    index: &KnowledgeIndex,
    message: Message<'_>,
    language: Language,
    reader: Reader,
    limit: usize,
    category: Option<&str>,
) -> Result<Vec<Suggestion>, IndexError> {
    let asked = Query::new(message.text, reader).with_subject(message.subject).limit(limit);
    let query = Query { category_boost: category.map(str::to_owned), ..asked };
    let hits = index.answers(query, Reading::Message).await?;
    describe(kernel, index, &hits, language, reader).await
}
