//! What a citizen's form shows again after it was refused.
use std::borrow::Cow;

use crate::kernel::language::Language;

/// What is wrong with one control; the summary links to it by `field`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FormError {
    /// Name and id of the control.
    pub field: Cow<'static, str>,
    /// In the reader's language.
    pub message: String,
}

/// A file that came with a refused form and need not be chosen again.
#[derive(Debug, Clone)]
pub struct KeptFile {
    /// Sealed reference to the stored bytes, the value of its checkbox.
    pub value: String,
    pub name: String,
    /// As read: `1,8 MB`.
    pub size: String,
}

/// The messages about one control, one after the other; empty when there is none.
pub fn messages(errors: &[FormError], field: &str) -> String {
    let found: Vec<&str> = errors.iter().filter(|e| e.field == field).map(|e| e.message.as_str()).collect();
    found.join(" ")
}

/// A size as people of the language read it; a megabyte is 1024 × 1024 bytes, as limits are configured.
pub fn size_text(bytes: i64, language: Language) -> String {
    const KB: i64 = 1024;
    const MB: i64 = 1024 * KB;
    let (tenths, unit) = match bytes {
        ..KB => (bytes * 10, "B"),
        KB..MB => (bytes / KB * 10, "kB"),
        _ => (bytes / (MB / 10), "MB"),
    };
    let point = if language == Language::Italian { "," } else { "." };
    if tenths % 10 == 0 {
        format!("{} {unit}", tenths / 10)
    } else {
        format!("{}{point}{} {unit}", tenths / 10, tenths % 10)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_read_naturally() {
        assert_eq!(size_text(999, Language::Italian), "999 B");
        assert_eq!(size_text(2_050, Language::Italian), "2 kB");
        assert_eq!(size_text(1_900_000, Language::Italian), "1,8 MB");
        assert_eq!(size_text(10 * 1024 * 1024, Language::English), "10 MB");
    }
}
