//! What a citizen's form shows again after it was refused.

/// What is wrong with one control; the summary links to it by `field`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FormError {
    /// Name and id of the control.
    pub field: &'static str,
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

/// A size in bytes as people of the language read it.
pub fn size_text(bytes: i64, language: crate::kernel::language::Language) -> String {
    let (value, unit) = match bytes {
        ..1_000 => (bytes.to_string(), "B"),
        1_000..1_000_000 => ((bytes / 1_000).to_string(), "kB"),
        _ => (tenths(bytes), "MB"),
    };
    let point = if language == crate::kernel::language::Language::Italian { "," } else { "." };
    format!("{} {unit}", value.replace('.', point))
}

fn tenths(bytes: i64) -> String {
    let tenths = bytes / 100_000;
    if tenths % 10 == 0 { (tenths / 10).to_string() } else { format!("{}.{}", tenths / 10, tenths % 10) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::language::Language;

    #[test]
    fn sizes_read_naturally() {
        assert_eq!(size_text(999, Language::Italian), "999 B");
        assert_eq!(size_text(1_850_000, Language::Italian), "1,8 MB");
        assert_eq!(size_text(10_000_000, Language::English), "10 MB");
    }
}
