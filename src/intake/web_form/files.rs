//! Which files a form may bring, and what is said of the others.
use super::sniff::{self, Content};
use crate::kernel::config::Citizen;
use crate::kernel::language::Language;
use crate::tickets::tracking::forms::size_text;

/// Why a file was not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    TooLarge,
    TooMany,
    Empty,
    Executable,
    Type,
}

impl Fault {
    /// What the citizen reads about the file `name`.
    pub fn message(self, name: &str, limits: &Citizen, language: Language) -> String {
        let key = match self {
            Self::TooLarge => "request-file-too-large",
            Self::TooMany => "request-file-too-many",
            Self::Empty => "request-file-empty",
            Self::Executable => "request-file-executable",
            Self::Type => "request-file-type",
        };
        let size = size_text(i64::try_from(limits.attachment_bytes).unwrap_or(i64::MAX), language);
        language.text_with(key, &[("name", name.to_owned()), ("size", size), ("count", limits.attachments.to_string())])
    }
}

/// The media type of a file that may come in.
///
/// # Errors
/// Says why it may not.
pub fn admit(name: &str, bytes: &[u8], limits: &Citizen) -> Result<&'static str, Fault> {
    if bytes.is_empty() {
        return Err(Fault::Empty);
    }
    match sniff::content(name, bytes) {
        Content::Known(media_type) if limits.attachment_types.iter().any(|t| t == media_type) => Ok(media_type),
        Content::Executable => Err(Fault::Executable),
        Content::Known(_) | Content::Unknown => Err(Fault::Type),
    }
}
