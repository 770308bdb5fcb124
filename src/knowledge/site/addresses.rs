//! The addresses that a public page names in its head: its own, its twins in other languages, the feed.
use crate::kernel::Kernel;
use crate::kernel::language::Language;
use crate::kernel::page::Page;
use crate::knowledge::links;

/// What a public page is called outside.
#[derive(Debug, Clone)]
pub struct Addresses {
    /// Under which it is to be known, in the language of its text.
    pub canonical: String,
    /// Language and address of each text there is.
    pub languages: Vec<(&'static str, String)>,
    /// Where the reader's browser chooses the language.
    pub any: String,
    /// The feed of new and changed sheets, in the page's language.
    pub feed: String,
}

/// The address of this installation without a slash at its end.
pub(super) fn base(kernel: &Kernel) -> &str {
    kernel.config.server.public_url.trim_end_matches('/')
}

/// A whole address in a language.
pub(super) fn in_language(base: &str, path: &str, query: &[(&str, &str)], language: Language) -> String {
    let query: Vec<_> = query.iter().copied().chain([("lang", language.as_str())]).collect();
    format!("{base}{}", links::with_query(path, &query))
}

impl Addresses {
    /// Of a page at a path, whose text there is in these languages.
    pub fn of(kernel: &Kernel, page: &Page, path: &str, query: &[(&str, &str)], texts: &[Language]) -> Self {
        let base = base(kernel);
        let shown = texts.iter().find(|l| **l == page.language).or(texts.first()).copied().unwrap_or(page.language);
        Self {
            canonical: in_language(base, path, query, shown),
            languages: texts.iter().map(|l| (l.as_str(), in_language(base, path, query, *l))).collect(),
            any: format!("{base}{}", links::with_query(path, query)),
            feed: format!("{base}{}", links::feed(page.language)),
        }
    }
}
