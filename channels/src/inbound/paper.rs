//! What is found on pages.

use serde::{Deserialize, Serialize};

use super::named;

named! {
    /// How a tracking code was found on paper.
    CodeEvidence {
        /// In a code that we print on letters and cover pages.
        Symbol = "symbol",
        /// In printed words: a letter may have been misread.
        Words = "words",
    }
}

/// Something in a subject that has the shape of a tracking code. Only its shape was checked.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct SubjectCode {
    /// Nine symbols of Crockford base 32, upper case, without separators.
    pub code: String,
    /// Number of the referral, when written `code/n`.
    pub leg: Option<u32>,
}

/// A tracking code found on a page. We print it on what we send, so who holds the page knows the ticket.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct PaperCode {
    /// The code.
    pub code: SubjectCode,
    /// How it was found.
    pub evidence: CodeEvidence,
    /// Number of the page, from 1.
    pub page: usize,
}

/// What was read on one page.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PaperPage {
    /// Its text; `None` when no program could read it.
    pub text: Option<String>,
    /// How sure the program was, in percent.
    pub confidence: Option<u8>,
    /// Where in the text doubtful words are, in bytes.
    pub doubtful: Vec<(usize, usize)>,
}

/// What was found on the pages of a fax or a scanned letter.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Paper {
    /// Pages, zero when they could not be counted.
    pub pages: usize,
    /// How sure the program was of the text, in percent, by letters; `None` when it read none.
    pub confidence: Option<u8>,
    /// Tracking codes, those in symbols first.
    pub codes: Vec<PaperCode>,
    /// What other bar codes say: numbers of registered letters, for one.
    pub barcodes: Vec<String>,
    /// What was read, page by page; shorter than `pages` when not all were read.
    pub read: Vec<PaperPage>,
}
